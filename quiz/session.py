"""A practice session: a pure function of the bank, what was asked for, and the answers.

The engine knows nothing of terminals or clocks: a face asks for the next prompt, hands in an answer, and shows
the feedback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from question_bank.answers.marking import Mark
from question_bank.diagnostics import bad_input, did_you_mean
from question_bank.draws import Source
from question_bank.key import KeyPart, KeyQuestion, key_question, mark_question
from question_bank.loader import Bank
from question_bank.schema import Question
from question_bank.variant import FigureCall, Variant, instantiate


@dataclass(frozen=True)
class Wish:
    """What the student wants to practise."""

    lectures: tuple[int, ...] = ()
    topic: str | None = None
    count: int = 10
    seed: int = 0


@dataclass(frozen=True)
class Prompt:
    """One answer that is asked for: part `part` of question `number`."""

    number: int
    variant: Variant
    question: KeyQuestion
    part: KeyPart
    first: bool
    figure: FigureCall | None

    @property
    def label(self) -> str:
        """As printed: "3", "4a"."""
        return f"{self.number}{self.part.label}"


@dataclass(frozen=True)
class Outcome:
    """An answered (or skipped) prompt. `points` of free text are the student's own marks."""

    prompt: Prompt
    answer: str
    mark: Mark
    points: float
    self_marked: bool = False


@dataclass(frozen=True)
class Session:
    """The prompts in order, and the outcomes so far."""

    prompts: tuple[Prompt, ...]
    outcomes: tuple[Outcome, ...] = field(default=())

    @property
    def prompt(self) -> Prompt | None:
        """What is asked now; None at the end."""
        return self.prompts[len(self.outcomes)] if len(self.outcomes) < len(self.prompts) else None


def start(bank: Bank, wish: Wish) -> Session:
    """A session for a wish: the same bank, wish and seed give the same questions and variants.

    Questions that are kept for exams (`use: exam`) are never drawn. Raises InputError when nothing fits.
    """
    fitting = _of_topic(_of_lectures(bank, wish.lectures), wish.topic)
    chosen = _mixed(fitting, wish)[: wish.count]
    prompts: list[Prompt] = []
    for number, question in enumerate(chosen, start=1):
        seed = Source("quiz", wish.seed, question.id).below(2**32)
        prompts += _prompts(number, instantiate(question, seed))
    return Session(tuple(prompts))


def _of_lectures(bank: Bank, lectures: Sequence[int]) -> list[Question]:
    practice = [q for q in bank.questions.values() if q.use != "exam"]
    known = sorted({q.lecture for q in practice})
    for lecture in lectures:
        if lecture not in known:
            raise bad_input(
                "no-questions",
                f"there are no practice questions for lecture {lecture}",
                hint="lectures with questions: " + ", ".join(map(str, known)),
            )
    return [q for q in practice if not lectures or q.lecture in lectures]


def _of_topic(questions: list[Question], topic: str | None) -> list[Question]:
    if topic is None:
        return questions
    found = [q for q in questions if topic.casefold() in q.topic.casefold()]
    if not found:
        topics = sorted({q.topic for q in questions})
        raise bad_input(
            "no-questions",
            f'no topic holds "{topic}"',
            hint=did_you_mean(topic, topics) or "topics: " + "; ".join(topics),
        )
    return found


def _mixed(questions: list[Question], wish: Wish) -> list[Question]:
    """Shuffled, one question of each lecture in turn, so that a short session is not all of one lecture."""
    queues: dict[int, list[Question]] = {}
    for question in Source("quiz", wish.seed, "order").shuffled(questions):
        queues.setdefault(question.lecture, []).append(question)
    turns = [
        (turn, place, question)
        for place, queue in enumerate(queues.values())
        for turn, question in enumerate(queue)
    ]
    return [question for *_, question in sorted(turns, key=lambda entry: entry[:2])]


def _prompts(number: int, variant: Variant) -> list[Prompt]:
    question = key_question(number, variant)
    return [
        Prompt(number, variant, question, part, place == 0, drawn.figure)
        for place, (part, drawn) in enumerate(zip(question.parts, variant.parts, strict=True))
    ]


def judge(session: Session, answer: str) -> Mark:
    """The mark of an answer to the current prompt; earlier answers of the question are carried forward."""
    prompt = _current(session)
    answers = {
        o.prompt.label: o.answer for o in session.outcomes if o.prompt.number == prompt.number
    }
    answers[prompt.label] = answer
    place = prompt.question.parts.index(prompt.part)
    return mark_question(prompt.question, answers)[place].mark


def advance(session: Session, answer: str, mark: Mark, own_points: float | None = None) -> Session:
    """The session after an answer. `own_points` are the student's marks for free text."""
    prompt = _current(session)
    points = float(Fraction(prompt.part.points) * mark.fraction)
    if own_points is not None:
        points = min(max(own_points, 0.0), prompt.part.points)
    outcome = Outcome(prompt, answer, mark, points, own_points is not None)
    return replace(session, outcomes=(*session.outcomes, outcome))


def _current(session: Session) -> Prompt:
    prompt = session.prompt
    if prompt is None:
        raise ValueError("the session is over")
    return prompt


@dataclass(frozen=True)
class Tally:
    """Points earned and possible, over what was asked so far."""

    earned: float
    possible: float


def tally(outcomes: Sequence[Outcome]) -> Tally:
    """The sum over outcomes; free text that nobody marked does not count."""
    counted = [o for o in outcomes if o.self_marked or o.mark.verdict != "needs_person"]
    return Tally(
        round(sum(o.points for o in counted), 4), sum(o.prompt.part.points for o in counted)
    )


def by_lecture(outcomes: Sequence[Outcome]) -> dict[int, Tally]:
    """The sums for each lecture that was asked about."""
    lectures = sorted({o.prompt.question.lecture for o in outcomes})
    return {n: tally([o for o in outcomes if o.prompt.question.lecture == n]) for n in lectures}
