"""The answers of an assignment that a person marks, or decides anew: question by question, equal ones together.

Answers are equal where their text is the same, but for outer blanks and line ends, and where they answer the same
thing: the question as their form prints it, and the student's earlier answers that it builds on.
"""

from __future__ import annotations

import difflib
import json
import re
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.answer_sheet import FILE_NAMES, astray, read_answer_sheet
from grader.archive import read_submission
from grader.kept_files import kept_file
from grader.persons_marks import as_machine_left
from grader.report import PENDING, Check, Report, report_of
from grader.review.code_lines import code_named
from grader.wording import VERDICTS, adds_to_verdict, earned
from leaderboard.marks import PersonsMark, standing_marks
from leaderboard.store import Graded, Store, content, graded_submissions, reports
from question_bank.answers import answer_type
from question_bank.diagnostics import InputError, bad_input, did_you_mean
from question_bank.key import FormKey, KeyPart, KeyQuestion, KeyRubricLine, loads, mark_question


@dataclass(frozen=True)
class Asked:
    """What a person marks against, as one form asks it. Markdown; `earns` of the rubric too.

    Exercises have a title alone. `question` is the same for all forms, and so is `name`, which names the part as
    well; `right` is the right answer, where there is one to show; `exactly` tells forms with other numbers apart.
    """

    name: str
    title: str
    points: float
    question: str = ""
    text: str = ""
    right: str = ""
    solution: str = ""
    rubric: tuple[KeyRubricLine, ...] = ()
    exactly: str = ""


@dataclass(frozen=True)
class Earlier:
    """An earlier answer of the same student that an answer builds on: its part, what was typed, what came of it."""

    part: str
    text: str
    outcome: str


@dataclass(frozen=True)
class Answer:
    """One check of one submission that a person marks.

    `text` is what was answered, `message` what the machine has to say, `follows` what follows from the student's
    earlier answers (Markdown); `mark` is the mark that stands, if any. `code`: lines of the files that the message
    names. `overrules` are the points that the machine gave, where it did not leave the check open.
    """

    submission: int
    user: str
    check: str
    text: str
    message: str
    form: str | None = None
    earlier: tuple[Earlier, ...] = ()
    follows: str = ""
    mark: PersonsMark | None = None
    code: tuple[str, ...] = ()
    overrules: float | None = None


@dataclass(frozen=True)
class Group:
    """Answers to the same thing that say the same."""

    asked: Asked
    answers: tuple[Answer, ...]

    @property
    def text(self) -> str:
        """The answer as the first of them wrote it."""
        return self.answers[0].text

    @property
    def overrules(self) -> bool:
        """Whether the machine decided these answers."""
        return any(answer.overrules is not None for answer in self.answers)

    @property
    def mark(self) -> PersonsMark | None:
        """The mark that stands for all of them alike; None where there is none, or not the same for all."""
        marks = [answer.mark for answer in self.answers]
        first = marks[0]
        same = first is not None and all(
            m is not None
            and (m.points, m.earned, m.note) == (first.points, first.earned, first.note)
            for m in marks
        )
        return first if same else None


def open_groups(store: Store, assignment: str) -> list[Group]:
    """All that waits for a person, question by question in the order of the paper."""
    return _groups(store, assignment, lambda check: check.verdict in PENDING)


def marked_groups(store: Store, assignment: str, question: str) -> list[Group]:
    """What people marked of one question (its id; of an exercise, a check's). InputError where there is nothing."""
    found = _groups(store, assignment, lambda check: check.by_person)
    chosen = [group for group in found if group.asked.question == question]
    if not chosen:
        known = sorted({group.asked.question for group in found})
        raise bad_input(
            "nothing-marked",
            f'no answer to "{question}" was marked by a person in "{assignment}"',
            hint=did_you_mean(question, known)
            or (f"there are marks for: {', '.join(known)}" if known else "nothing was marked yet"),
        )
    return chosen


def decided_groups(
    store: Store, assignment: str, question: str | None, user: str | None
) -> list[Group]:
    """What the machine decided of a question (its id, or of one user as it is printed), or of all that a user answered.

    What a user did not answer is shown where a question of theirs is named that has nothing else to show.
    InputError where there is nothing.
    """
    found = _groups(store, assignment, _is_decided, user)

    def asked_for(group: Group) -> bool:
        printed = user is not None and question == group.answers[0].check
        return question is None or printed or question == group.asked.question

    chosen = [group for group in found if asked_for(group)]
    if not chosen and question is not None and user is not None:
        blank = _groups(store, assignment, lambda check: _is_decided(check, blank=True), user)
        chosen = [group for group in blank if asked_for(group)]
    if not chosen:
        known = sorted({group.asked.question for group in found})
        of = f" of {user}" if user else ""
        what = f'to "{question}"' if question else "at all"
        raise bad_input(
            "nothing-decided",
            f'the machine decided no answer{of} {what} in "{assignment}"',
            hint=did_you_mean(question or "", known)
            or (
                f"it decided: {', '.join(known)}"
                if known
                else "see who handed in with leaderboard show"
            ),
        )
    return chosen


def _is_decided(check: Check, *, blank: bool = False) -> bool:
    decided = not check.by_person and check.verdict not in PENDING
    return decided and (check.verdict == "not_answered") == blank


def _groups(
    store: Store, assignment: str, wanted: Callable[[Check], bool], user: str | None = None
) -> list[Group]:
    keys = _Keys(store)
    marks = standing_marks(store, assignment)
    by_name: dict[str, list[tuple[Asked, Answer]]] = defaultdict(list)
    for graded in graded_submissions(store, assignment):
        if user is not None and graded.user != user:
            continue
        log = [report_of(data) for data in reports(store, graded.number)]
        checks = [check for check in log[-1].checks if wanted(check)]
        if not checks:
            continue
        key = keys.of(log[-1])
        files = _files(store, graded)
        typed = _typed(files, key) if key else {}
        for check in checks:
            asked, answer = _answer(graded, log, key, typed, check)
            code = () if answer.text else code_named(answer.message, files)
            answer = replace(answer, mark=marks.get((graded.number, check.id)), code=code)
            by_name[asked.name].append((asked, answer))
    order = {name: n for n, name in enumerate(keys.names_in_order())}
    names = sorted(by_name, key=lambda name: order.get(name, len(order)))
    return [group for name in names for group in grouped(by_name[name])]


class _Keys:
    """The keys that results were marked with, each read once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.known: dict[str, FormKey | None] = {}

    def of(self, report: Report) -> FormKey | None:
        name = report.versions.get("key")
        if name is None:
            return None
        if name not in self.known:
            try:
                self.known[name] = loads(content(self.store, name).decode(), f"the key {name[:12]}")
            except (LookupError, InputError):
                self.known[name] = None  # graded by a version that kept no keys: the titles must do
        return self.known[name]

    def names_in_order(self) -> Iterator[str]:
        """What is asked, in the order of the first form's paper, then of the next."""
        forms = sorted((key for key in self.known.values() if key), key=lambda key: key.form)
        seen: set[str] = set()
        for key in forms:
            for question, part in key.labels().values():
                name = _name(question, part)
                if name not in seen:
                    seen.add(name)
                    yield name


def _name(question: KeyQuestion, part: KeyPart) -> str:
    return f"{question.id}{f', part {part.label}' if part.label else ''}"


def grouped(answers: Iterable[tuple[Asked, Answer]]) -> list[Group]:
    """Equal answers together; each group is followed by the one that is most like it."""
    equal: dict[object, list[tuple[Asked, Answer]]] = defaultdict(list)
    for asked, answer in answers:
        # Of code, each finding is its own: only what a student wrote can be the same answer.
        words = essence(answer.text) if answer.text else (answer.submission, answer.check)
        before = tuple((e.part, essence(e.text)) for e in answer.earlier)
        equal[asked, words, before].append((asked, answer))
    groups = [Group(same[0][0], tuple(answer for _, answer in same)) for same in equal.values()]
    return _side_by_side(groups)


def essence(text: str) -> str:
    """An answer without what makes no difference: outer blanks, also those before all lines alike, and line ends."""
    lines = "\n".join(line.rstrip() for line in text.expandtabs().splitlines())
    return textwrap.dedent(lines).strip("\n")


# Beyond this, comparing all pairs would keep the person waiting.
MOST_COMPARED = 300


def _side_by_side(groups: list[Group]) -> list[Group]:
    """The groups in an order in which each is followed by the most similar one that is left."""
    if len(groups) > MOST_COMPARED:
        return sorted(groups, key=lambda group: group.text)
    bags = {id(group): frozenset(re.findall(r"\w+", group.text.casefold())) for group in groups}
    left = sorted(groups, key=lambda group: len(group.text), reverse=True)
    found: list[Group] = []
    while left:
        last = bags[id(found[-1])] if found else None
        chosen = (
            left[0] if last is None else max(left, key=lambda group: alike(last, bags[id(group)]))
        )
        left.remove(chosen)
        found.append(chosen)
    return found


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of words that two answers have in common (Jaccard index)."""
    together = one | other
    return len(one & other) / len(together) if together else 1.0


def close_to(one: str, other: str) -> bool:
    """Whether two answers differ so little that the same mark suggests itself."""
    return difflib.SequenceMatcher(None, essence(one), essence(other)).ratio() >= 0.8


def _files(store: Store, graded: Graded) -> Mapping[str, bytes]:
    with kept_file(store, graded) as path:
        try:
            return read_submission(path).files
        except InputError:
            return {}


def _typed(files: Mapping[str, bytes], key: FormKey) -> dict[str, str]:
    """What was answered by label; where a label has no answer, what may be meant for it."""
    names: Sequence[str] = [name for name in FILE_NAMES if name in files]
    if not names:
        return {}
    labels = key.labels()
    try:
        answers = read_answer_sheet(files[names[0]], names[0]).answers_to(labels)
    except InputError:
        return {}
    return answers | astray(answers, labels)


def _answer(
    graded: Graded,
    log: Sequence[Report],
    key: FormKey | None,
    typed: Mapping[str, str],
    check: Check,
) -> tuple[Asked, Answer]:
    # The machine's own words, which a person's mark has taken the place of.
    left = as_machine_left(check, log) if check.by_person else check
    text = typed.get(check.id, "")
    decided = left.verdict not in PENDING
    said = [f"{VERDICTS[left.verdict]}, {earned(left)} points"] if decided else []
    # Of free text nothing is read but the text itself.
    if left.read_as and left.read_as not in left.message and essence(left.read_as) != essence(text):
        said.append(f"read as {left.read_as}")
    said += [left.message] if adds_to_verdict(left) else []
    overrules = left.points if decided else None
    answer = Answer(
        graded.number,
        graded.user,
        check.id,
        text,
        "; ".join(said),
        log[-1].form,
        overrules=overrules,
    )
    found = key.labels().get(check.id) if key else None
    if found is None:
        return Asked(check.id, check.title, check.max_points, question=check.id), answer
    question, part = found
    if part.carry:
        earlier, follows = _earlier(question, part, typed, log[-1])
        answer = replace(answer, earlier=earlier, follows=follows)
    return _asked(question, part), answer


def _asked(question: KeyQuestion, part: KeyPart) -> Asked:
    data = question.model_dump(mode="json", include={"parameters", "let"})
    data["part"] = part.model_dump(mode="json")
    return Asked(
        _name(question, part),
        question.title,
        part.points,
        question.id,
        "\n\n".join(text for text in (question.text, part.text) if text),
        answer_type(part.key.type).render(part.key),
        part.solution or question.solution,
        part.rubric,
        json.dumps(data, sort_keys=True),
    )


def _earlier(
    question: KeyQuestion, part: KeyPart, typed: Mapping[str, str], report: Report
) -> tuple[tuple[Earlier, ...], str]:
    """The earlier answers that an answer to this part builds on, and what follows from them."""
    parts = {each.label: each for each in question.parts}
    labels: set[str] = set()
    left = [part]
    while left:
        for label in left.pop().carry.values():
            if label not in labels:
                labels.add(label)
                left.append(parts[label])
    checks = {check.id: check for check in report.checks}
    earlier = []
    for label in sorted(labels):
        name = f"{question.number}{label}"
        check = checks.get(name)
        outcome = "" if check is None else f"{VERDICTS[check.verdict]}, {earned(check)}"
        earlier.append(Earlier(label, typed.get(name, ""), outcome))
    marked = {each.part.label: each for each in mark_question(question, typed)}[part.label]
    follows = marked.follows
    return tuple(earlier), "" if follows is None else answer_type(follows.type).render(follows)
