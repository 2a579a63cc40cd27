"""Trained models: the score of each saved model on its hidden test set."""

from __future__ import annotations

from functools import partial

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.hidden.sets import HiddenSets, Task
from grader.code.models.judging import judge_model
from grader.code.models.naming import FOLDER, Kind

RECURRENT: tuple[Kind, ...] = ("lstm", "rnn")


def score(bench: Bench, kind: Kind) -> Finding:
    """The score of the model of one kind; it runs once, however many checks ask."""
    known = bench.trained.findings
    if kind not in known:
        try:
            known[kind] = judge_model(bench, kind)
        except FoundError as error:
            known[kind] = error
    found = known[kind]
    if isinstance(found, FoundError):
        raise found
    return found


def better_recurrent(bench: Bench) -> Finding:
    """The better one of the two recurrent classifiers, against the mark of the task."""
    findings, problems = [], []
    for kind in RECURRENT:
        try:
            findings.append(score(bench, kind))
        except FoundError as error:
            problems.append(error)
    if not findings:
        # What was handed in and fails says more than what was not.
        raise min(problems, key=lambda error: error.finding.verdict == "not_answered")
    best = max(findings, key=lambda finding: finding.score or 0.0)
    marks = bench.trained.hidden.marks("digits")
    value = best.score or 0.0
    above = value > marks.mark
    return Finding(
        "right" if above else "wrong",
        f"Of the recurrent classifiers the better one counts, with {value:.2f} %; the mark is "
        f"{marks.mark:g} % ({marks.origin}). {best.message}",
        None if above else best.mistake,
        value,
    )


def _mark(hidden: HiddenSets, task: Task, *, simple_rnn: bool = False) -> float:
    marks = hidden.marks(task)
    return marks.simple_rnn if simple_rnn else marks.mark


def _test(kind: Kind, task: Task) -> CodeTest:
    return CodeTest(
        partial(score, kind=kind), FOLDER, task=task,
        mark=partial(_mark, task=task, simple_rnn=kind == "rnn"),
    )  # fmt: skip


TESTS = {
    "segmentation_model.score": _test("segmentation", "segmentation"),
    "keypoint_model.score": _test("keypoints", "keypoints"),
    "rnn_classifier.score": _test("rnn", "digits"),
    "lstm_classifier.score": _test("lstm", "digits"),
    "recurrent_classifier.score": CodeTest(
        better_recurrent, FOLDER, task="digits", mark=partial(_mark, task="digits")
    ),
}
