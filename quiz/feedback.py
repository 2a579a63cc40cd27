"""What is said of an answer, in words that every face shows: the verdict, the slip, and what may be told already."""

from __future__ import annotations

from dataclasses import dataclass

from question_bank.answers import answer_type
from question_bank.answers.base import Reading, Unreadable
from question_bank.answers.multiple_choice import MultipleChoiceKey
from question_bank.answers.typed import bare
from question_bank.key import KeyPart, KeyQuestion
from quiz.events import Judgement

# What is said of a wrong answer of these types names the right one: it waits until the part is settled.
_TELLING = frozenset({"multiple_choice", "set", "ordering", "matching", "pseudo_code"})

_WORDS = {"needs_person": "Open", "undecided": "Open"}


@dataclass(frozen=True)
class Feedback:
    """Lines of Markdown; `verdict` in words, `slip` the names of recognised mistakes."""

    verdict: str
    read_as: str | None
    slip: str | None
    message: str | None


@dataclass(frozen=True)
class Box:
    """One option after the answer is in."""

    letter: str
    text: str
    correct: bool
    chosen: bool | None
    why: str


@dataclass(frozen=True)
class Worked:
    """A worked solution as Markdown; `name` says of what, as no other one of its question does."""

    name: str
    text: str


def feedback(part: KeyPart, mark: Judgement, *, settled: bool) -> Feedback:
    """What to say of an answer. Before the part is settled nothing is said that gives the right answer away."""
    told = mark.verdict not in ("right", "not_answered") or mark.message.startswith("follows")
    if part.key.type in _TELLING and not settled and mark.verdict in ("wrong", "partly_right"):
        told = False
    if part.key.type == "multiple_choice":
        told = told and mark.verdict == "unreadable"  # else the boxes say it, one by one
    return Feedback(
        verdict=_WORDS.get(mark.verdict, mark.verdict.replace("_", " ").capitalize()),
        read_as=mark.read_as,
        slip=mark.mistake and mark.mistake.replace("_", " ").replace("+", " and "),
        message=mark.message if told else None,
    )


def boxes(part: KeyPart, answer: str) -> list[Box]:
    """The options of a multiple-choice question with what was chosen; `chosen` is None without a readable answer."""
    key = part.key
    if not isinstance(key, MultipleChoiceKey):
        return []
    chosen = _chosen(key, answer)
    return [
        Box(letter, o.text, o.correct, None if chosen is None else letter in chosen, o.why or "")
        for letter, o in zip(key.letters, key.options, strict=True)
    ]


def _chosen(key: MultipleChoiceKey, answer: str) -> frozenset[str] | None:
    if not answer:
        return None
    try:
        readings: tuple[Reading, ...] = answer_type(key.type).parse(bare(answer), key)
    except Unreadable:
        return None
    found: frozenset[str] = readings[0].value
    return found


def right_answer(part: KeyPart) -> str | None:
    """The right answer as Markdown; None for options, which `boxes` shows, and for free text."""
    if part.key.type == "multiple_choice":
        return None
    return answer_type(part.key.type).render(part.key) or None


def solutions(question: KeyQuestion, part: KeyPart) -> list[Worked]:
    """The worked solution of a part; that of the whole question comes with its last part."""
    whole = question.solution if question.parts[-1].label == part.label else ""
    if not part.label:
        texts = [text for text in (part.solution, whole) if text]
        return [Worked("Solution", "\n\n".join(texts))] if texts else []
    own = Worked(f"Solution to {part.label}", part.solution)
    return [each for each in (own, Worked("Solution", whole)) if each.text]
