"""The answers of an assignment that a person marks, or decides anew, out of the store: question by question."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from grader.answer_sheet import FILE_NAMES, astray, read_answer_sheet
from grader.archive import read_submission
from grader.kept_files import kept_file
from grader.persons_marks import as_machine_left
from grader.report import Check, Report, report_of
from grader.review.code_lines import code_named
from grader.review.groups import Answer, Asked, Earlier, Group, essence, grouped
from grader.scan_file import WHY, ScanFile, scan_file_in
from grader.wording import VERDICTS, adds_to_verdict, earned
from leaderboard.decisions import not_withdrawn
from leaderboard.marks import standing_marks
from leaderboard.report_sums import PENDING
from leaderboard.store import Graded, Store, content, reports
from question_bank.answers import answer_type
from question_bank.diagnostics import InputError, bad_input, did_you_mean
from question_bank.key import FormKey, KeyPart, KeyQuestion, loads, mark_question

NOTHING_SEEN = "nothing but print is to be seen in its space"


def open_groups(store: Store, assignment: str) -> list[Group]:
    """All that waits for a person, question by question in the order of the paper."""
    return groups_of(store, assignment, lambda check: check.verdict in PENDING)


def marked_groups(store: Store, assignment: str, question: str) -> list[Group]:
    """What people marked of one question (its id; of an exercise, a check's). InputError where there is nothing."""
    found = groups_of(store, assignment, lambda check: check.by_person)
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
    found = groups_of(store, assignment, _is_decided, user)

    def asked_for(group: Group) -> bool:
        printed = user is not None and question == group.answers[0].check
        return question is None or printed or question == group.asked.question

    chosen = [group for group in found if asked_for(group)]
    if not chosen and question is not None and user is not None:
        blank = groups_of(store, assignment, lambda check: _is_decided(check, blank=True), user)
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


def groups_of(
    store: Store,
    assignment: str,
    wanted: Callable[[Check], bool],
    user: str | None = None,
    shown: Callable[[Answer], Answer | None] = lambda answer: answer,
) -> list[Group]:
    """The answers of the wanted checks, in groups; `shown` is what a person sees of each, or None to leave it out."""
    keys = _Keys(store)
    marks = standing_marks(store, assignment)
    by_name: dict[str, list[tuple[Asked, Answer]]] = defaultdict(list)
    for graded in not_withdrawn(store, assignment):
        if user is not None and graded.user != user:
            continue
        log = [report_of(data) for data in reports(store, graded.number)]
        checks = [check for check in log[-1].checks if wanted(check)]
        if not checks:
            continue
        key = keys.of(log[-1])
        files = _files(store, graded)
        typed = _typed(files, key) if key else {}
        scan = scan_file_in(files)
        for check in checks:
            asked, answer = _answer(graded, log, key, typed, check)
            code = () if answer.text else code_named(answer.message, files)
            answer = replace(answer, mark=marks.get((graded.number, check.id)), code=code)
            if scan is not None:
                answer = _on_paper(answer, scan, files)
            seen = shown(answer)
            if seen is not None:
                by_name[asked.name].append((asked, seen))
    order = {name: n for n, name in enumerate(keys.names_in_order())}
    names = sorted(by_name, key=lambda name: order.get(name, len(order)))
    return [group for name in names for group in grouped(by_name[name])]


def _on_paper(answer: Answer, scan: ScanFile, files: Mapping[str, bytes]) -> Answer:
    names = tuple(name for name in scan.pictures.get(answer.check, ()) if name in files)
    bare = answer.check in scan.bare
    # That a person marks it needs no words beside its picture.
    message = "" if names and answer.message == WHY["paper"] else answer.message
    said = "; ".join(filter(None, [message, NOTHING_SEEN if bare else ""]))
    return replace(answer, pictures=names, bare=bare, message=said)


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
