"""What a session asks: by lecture and topic, what is due, the weakest topics first, or a mock exam."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from question_bank.diagnostics import bad_input, did_you_mean
from question_bank.draws import Source
from question_bank.loader import Bank
from question_bank.schema import Question
from quiz.engine import Plan
from quiz.events import Item, Mode, Terms
from quiz.material import Material, item_of
from quiz.schedule import Card, due_at

PRACTICE_BANK = (
    "name a bank whose questions say `use: practice` or `use: both`, or leave --bank out"
)


@dataclass(frozen=True)
class Wish:
    """What the student wants to practise."""

    lectures: tuple[int, ...] = ()
    topic: str | None = None
    count: int = 10
    seed: int = 0


def check_practice(bank: Bank) -> None:
    """Refuse a bank of which nothing may be practised. Raises InputError."""
    if not bank.questions:
        raise bad_input("no-questions", "the bank has no questions")
    if all(question.use == "exam" for question in bank.questions.values()):
        kept = _kept_for_exams(len(bank.questions), "the bank")
        raise bad_input("exam-only", f"there is nothing to practise: {kept}", hint=PRACTICE_BANK)


def by_lecture_and_topic(material: Material, wish: Wish) -> Plan:
    """Questions at random, one of each lecture in turn: the same bank, wish and seed give the same variants.

    Raises InputError when nothing fits.
    """
    return _plan("practice", material, wish, _mixed(_fitting(material, wish), wish))


def weakest_first(material: Material, wish: Wish, mastery: Callable[[str], float]) -> Plan:
    """Questions of the topics with the lowest mastery (from a topic to 0 to 1) first.

    Raises InputError when nothing fits.
    """
    queues: dict[str, list[Question]] = {}
    for question in _mixed(_fitting(material, wish), wish):
        queues.setdefault(question.topic, []).append(question)
    ordered = sorted(queues.values(), key=lambda queue: mastery(queue[0].topic))
    # Two questions of a topic in a row: one alone says little.
    turns = [
        (turn // 2, place, turn, question)
        for place, queue in enumerate(ordered)
        for turn, question in enumerate(queue)
    ]
    chosen = [question for *_, question in sorted(turns, key=lambda entry: entry[:3])]
    return _plan("weakest", material, wish, chosen)


def what_is_due(
    material: Material,
    wish: Wish,
    cards: Mapping[str, Card],
    now: datetime,
    exam: date | None = None,
) -> Plan:
    """What is due, the longest overdue first; where it is less than wanted, questions that are new.

    Raises InputError when nothing fits.
    """
    fitting = _fitting(material, wish)
    due = [q for q in fitting if q.id in cards and due_at(cards[q.id], exam) <= now]
    due.sort(key=lambda q: (due_at(cards[q.id], exam), q.id))
    new = [q for q in _mixed(fitting, wish) if q.id not in cards]
    return _plan("due", material, wish, [*due, *new])


def mock_exam(material: Material, seed: int, blueprint: str, lectures: Sequence[int] = ()) -> Plan:
    """A mock exam by a blueprint (a shipped name, or a file), in its parts. Questions kept for exams stay out.

    lectures: for a blueprint that is for one lecture at a time.
    Raises InputError: no such blueprint, or no exam meets it.
    """
    from generator.make import make_exam
    from quiz.blueprints import practice_blueprint

    check_practice(material.bank)
    source = practice_blueprint(blueprint, lectures)
    exam = make_exam(source, material.bank, seed=seed)
    (form,) = exam.forms
    items = tuple(
        item_of(question.number, question.variant, section.title, question.ends_after)
        for section in form.sections
        for question in section.questions
    )
    kept = [item.question for item in items if item.question not in material.questions]
    if kept:
        raise AssertionError(f"kept for exams: {', '.join(kept)}")
    terms = Terms(
        title=form.title, minutes=form.minutes, points=form.total_points, pass_mark=form.pass_mark
    )
    return Plan("exam", seed, material.bank.version, items, terms)


def _plan(mode: Mode, material: Material, wish: Wish, questions: Sequence[Question]) -> Plan:
    items: list[Item] = []
    for number, question in enumerate(questions[: wish.count], start=1):
        seed = Source("quiz", wish.seed, question.id).below(2**32)
        items.append(item_of(number, material.variant(question.id, seed)))
    if not items:
        raise bad_input(
            "nothing-due",
            "nothing is due now, and nothing is new",
            hint="`quiz --stats` says when the next questions are due; `quiz --weakest` goes on at once",
        )
    return Plan(mode, wish.seed, material.bank.version, tuple(items))


def _fitting(material: Material, wish: Wish) -> list[Question]:
    check_practice(material.bank)
    return _of_topic(material, wish, _of_lectures(material, wish.lectures))


def _of_lectures(material: Material, lectures: Sequence[int]) -> list[Question]:
    practice = list(material.questions.values())
    known = sorted({q.lecture for q in practice})
    for lecture in lectures:
        if lecture not in known:
            kept = sum(q.lecture == lecture for q in material.bank.questions.values())
            raise bad_input(
                "no-questions",
                f"there are no practice questions for lecture {lecture}"
                + (f": {_kept_for_exams(kept, 'that lecture')}" if kept else ""),
                hint="lectures with questions: " + ", ".join(map(str, known)),
            )
    return [q for q in practice if not lectures or q.lecture in lectures]


def _of_topic(material: Material, wish: Wish, questions: list[Question]) -> list[Question]:
    topic = wish.topic
    if topic is None:
        return questions
    found = _with_topic(questions, topic)
    if not found:
        everything = list(material.bank.questions.values())
        kept = sum(q.use == "exam" for q in _with_topic(everything, topic))
        topics = sorted({q.topic for q in questions})
        elsewhere = sorted(
            {q.lecture for q in _with_topic(list(material.questions.values()), topic)}
        )
        if elsewhere:
            told = " and ".join(map(str, wish.lectures))
            raise bad_input(
                "no-questions",
                f'no topic of lecture {told} holds "{topic}"',
                hint=f"it belongs to lecture {' and '.join(map(str, elsewhere))}",
            )
        raise bad_input(
            "no-questions",
            f'no topic holds "{topic}"'
            + (f" for practice: {_kept_for_exams(kept, 'such topics')}" if kept else ""),
            hint=did_you_mean(topic, topics) or "topics: " + "; ".join(topics),
        )
    return found


def _with_topic(questions: list[Question], topic: str) -> list[Question]:
    return [q for q in questions if topic.casefold() in q.topic.casefold()]


def _kept_for_exams(count: int, of: str) -> str:
    if count == 1:
        return f"the one question of {of} is kept for exams (`use: exam`)"
    return f"all {count} questions of {of} are kept for exams (`use: exam`)"


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
