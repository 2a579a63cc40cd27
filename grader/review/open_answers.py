"""What waits for a person in an assignment: open answers, equal ones together, similar ones side by
side; of code, the lines that the machine's message speaks of."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.answer_sheet import FILE_NAMES, read_answer_sheet
from grader.archive import read_submission
from grader.kept_files import kept_file
from grader.report import PENDING, Check, Report, report_of
from leaderboard.store import Graded, Store, content, graded_submissions, reports
from question_bank.diagnostics import InputError
from question_bank.key import FormKey, KeyRubricLine, loads

# As much as fits on a screen beside the rest, with the head of a usual function.
LINES_BEFORE, LINES_AFTER = 12, 4


@dataclass(frozen=True)
class Asked:
    """What a person marks against. Markdown; `earns` of the rubric too. Exercises have a title alone."""

    name: str
    title: str
    points: float
    text: str = ""
    solution: str = ""
    rubric: tuple[KeyRubricLine, ...] = ()


@dataclass(frozen=True)
class OpenAnswer:
    """One open check of one submission; `text` is what was answered, `message` why it is open.

    `code`: lines of the submission's files that the message names, with their numbers.
    """

    submission: int
    user: str
    check: str
    text: str
    message: str
    code: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Answers to the same question that say the same, but for blanks, case and punctuation."""

    asked: Asked
    answers: tuple[OpenAnswer, ...]

    @property
    def text(self) -> str:
        """The answer as the first of them wrote it."""
        return self.answers[0].text


def open_groups(store: Store, assignment: str) -> list[Group]:
    """All that waits, in the order of the paper."""
    keys: dict[str, FormKey | None] = {}
    waiting: dict[Asked, list[OpenAnswer]] = defaultdict(list)
    for graded in graded_submissions(store, assignment):
        report = report_of(reports(store, graded.number)[-1])
        still_open = [check for check in report.checks if check.verdict in PENDING]
        if not still_open:
            continue
        key = _key(store, report, keys)
        files = _files(store, graded)
        typed = _typed(files) if key else {}
        for check in still_open:
            text = typed.get(check.id, "")
            code = () if text else code_named(check.message, files)
            answer = OpenAnswer(graded.number, graded.user, check.id, text, check.message, code)
            waiting[_asked(check, key)].append(answer)
    return [group for asked, answers in waiting.items() for group in grouped(asked, answers)]


def grouped(asked: Asked, answers: Iterable[OpenAnswer]) -> list[Group]:
    """Equal answers together; each group is followed by the one that is most like it."""
    equal: dict[str, list[OpenAnswer]] = defaultdict(list)
    for answer in answers:
        # Of code, each finding is its own: only what a student wrote can be the same answer.
        essence = normal(answer.text) if answer.text else f"{answer.submission} {answer.check}"
        equal[essence].append(answer)
    return [Group(asked, tuple(equal[essence])) for essence in _side_by_side(list(equal))]


def normal(text: str) -> str:
    """An answer without what makes no difference: case, blanks, punctuation at the ends of words."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = (word.strip(".,;:!?\"'()[]") for word in plain.split())
    return " ".join(word for word in words if word)


# Beyond this, comparing all pairs would keep the person waiting.
MOST_COMPARED = 300


def _side_by_side(texts: list[str]) -> list[str]:
    """The texts in an order in which each is followed by the most similar one that is left."""
    if len(texts) > MOST_COMPARED:
        return sorted(texts)
    bags = {text: frozenset(re.findall(r"\w+", text)) for text in texts}
    left = sorted(texts, key=len, reverse=True)
    found: list[str] = []
    while left:
        last = found[-1] if found else None
        chosen = left[0] if last is None else max(left, key=lambda t: alike(bags[last], bags[t]))
        left.remove(chosen)
        found.append(chosen)
    return found


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of words that two answers have in common (Jaccard index)."""
    together = one | other
    return len(one & other) / len(together) if together else 1.0


def close_to(one: str, other: str) -> bool:
    """Whether two answers differ so little that the same mark suggests itself."""
    return difflib.SequenceMatcher(None, normal(one), normal(other)).ratio() >= 0.8


def _key(store: Store, report: Report, known: dict[str, FormKey | None]) -> FormKey | None:
    name = report.versions.get("key")
    if name is None:
        return None
    if name not in known:
        try:
            known[name] = loads(content(store, name).decode(), f"the key {name[:12]}")
        except (LookupError, InputError):
            known[name] = None  # graded by a version that kept no keys: the titles must do
    return known[name]


def _files(store: Store, graded: Graded) -> Mapping[str, bytes]:
    with kept_file(store, graded) as path:
        try:
            return read_submission(path).files
        except InputError:
            return {}


def _typed(files: Mapping[str, bytes]) -> dict[str, str]:
    names: Sequence[str] = [name for name in FILE_NAMES if name in files]
    try:
        return dict(read_answer_sheet(files[names[0]], names[0]).answers) if names else {}
    except InputError:
        return {}


def code_named(message: str, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Lines around the place "file:line" that a message names, numbered; none where it names none."""
    place = re.search(r"\(([\w./-]+\.py):(\d{1,7})\)", message)
    if not place or place[1] not in files:
        return ()
    named = int(place[2])
    lines = files[place[1]].decode(errors="replace").splitlines()
    first = max(named - LINES_BEFORE, 1)
    return tuple(
        f"{'>' if number == named else ' '} {number:4}  {line}"
        for number, line in enumerate(lines[first - 1 : named + LINES_AFTER], first)
    )


def _asked(check: Check, key: FormKey | None) -> Asked:
    found = key.labels().get(check.id) if key else None
    if found is None:
        return Asked(check.id, check.title, check.max_points)
    question, part = found
    return Asked(
        f"{question.id}{f', part {part.label}' if part.label else ''}",
        question.title,
        part.points,
        "\n\n".join(text for text in (question.text, part.text) if text),
        part.solution or question.solution,
        part.rubric,
    )
