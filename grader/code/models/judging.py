"""The score of a submission's saved model on the hidden set, and what is said about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.code.bench import Bench, Finding, FoundError
from grader.code.hidden.sets import HiddenSet
from grader.code.models import metrics
from grader.code.models.conversation import Opened, open_model, predictions
from grader.code.models.diagnosis import diagnosed
from grader.code.models.metrics import Score
from grader.code.models.naming import FOLDER, KINDS, SUFFIXES, Kind, ModelKind, candidates
from grader.code.sanitise import one_line

Numbers = np.ndarray[Any, Any]
# Images in one request; a few images again, in another order and other batches.
BATCH = {"segmentation": 4, "keypoints": 64, "digits": 250}
AGAIN = {"segmentation": (6, 1), "keypoints": (48, 7), "digits": (120, 11)}
# Sums in another order may tip a pixel whose two best classes are equal.
SAME_LABELS, SAME_NUMBERS = 0.995, 1e-3

METRIC = {
    "segmentation": ("pixel accuracy (label -1 not counted)", " %"),
    "keypoints": ("score 1/(2 MSE)", ""),
    "digits": ("accuracy", " %"),
}


@dataclass(frozen=True)
class _Run:
    opened: Opened
    hidden: HiddenSet
    found: Numbers
    score: Score
    told: str
    mistake: str | None


def judge_model(bench: Bench, kind_name: Kind) -> Finding:
    """Load the kind's model, run it on the hidden set, compare with the pass mark.

    Raises FoundError where no score comes out. Raises InputError where the hidden set is wrong.
    """
    kind = KINDS[kind_name]
    opened, others = _opened(bench, kind)
    run = _run(bench, opened)
    marks = bench.trained.hidden.marks(kind.task)
    mark = marks.simple_rnn if kind_name == "rnn" else marks.mark
    value = round(run.score.value, 4)
    name, unit = METRIC[kind.task]
    above = value > mark
    message = (
        f"{opened.file}: {name} {value:.2f}{unit} on {len(run.found)} hidden images, "
        f"{'above' if above else 'not above'} the pass mark {mark:g}{unit} ({marks.origin})."
    )
    mistake, advice = run.mistake, ""
    if not above:
        found_mistake, advice = diagnosed(bench, opened, run.hidden, run.found, mark)
        mistake = mistake or found_mistake
    pieces = [message, run.told, _sentence(run.score.worst), advice, _said(others)]
    return Finding(
        "right" if above else "wrong",
        " ".join(piece for piece in pieces if piece),
        None if above else mistake,
        value,
    )


def score_of(kind: ModelKind, found: Numbers, targets: Numbers) -> Score:
    """The course's metric for predictions of this kind."""
    measure = {
        "segmentation": metrics.segmentation,
        "keypoints": metrics.keypoints,
        "digits": metrics.digits,
    }[kind.task]
    return measure(found, targets)


def _opened(bench: Bench, kind: ModelKind) -> tuple[Opened, list[str]]:
    """The model that counts, and further files that would have fitted by name."""
    named, unnamed = candidates(bench.trained.files, kind.kind)
    if named:
        return open_model(bench, kind, named[0]), named[1:]
    first: FoundError | None = None
    for file in unnamed:
        try:
            opened = open_model(bench, kind, file)
        except FoundError as error:
            if error.finding.verdict == "needs_person":
                raise
            first = first or error
            continue
        if kind.task != "digits" or ("lstm" in opened.class_name.lower()) == (kind.kind == "lstm"):
            return opened, []
    if first is not None:
        raise FoundError(
            f"No file in {FOLDER} is named for the {kind.title} ({' or '.join(kind.words)} in its "
            f"name), and none of the others fits. {first.finding.message}"
        )
    raise FoundError(
        f"The submission has no saved {kind.title}: a file in {FOLDER} with "
        f"{' or '.join(kind.words)} in its name, ending in {', '.join(SUFFIXES)}.",
        verdict="not_answered",
    )


def _run(bench: Bench, opened: Opened) -> _Run:
    """All predictions, and again for a few images: they must not depend on their neighbours."""
    kind = opened.kind
    hidden = bench.trained.hidden.get(kind.task)
    inputs, count = hidden.inputs, len(hidden.inputs)
    found = predictions(bench, opened, inputs, range(count), BATCH[kind.task])
    score = score_of(kind, found, hidden.targets)
    some, batch = AGAIN[kind.task]
    order = bench.rng.permutation(count)[:some]
    again = predictions(bench, opened, inputs, order.tolist(), batch)
    if _same(kind, found[order], again):
        told = "Evaluation mode was set by the grader (model.eval())."
        return _Run(opened, hidden, found, score, told, None)
    # One at a time there is nothing to learn from the others.
    shuffled = bench.rng.permutation(count)
    alone = np.empty_like(found)
    alone[shuffled] = predictions(bench, opened, inputs, shuffled.tolist(), 1)
    lower = score_of(kind, alone, hidden.targets)
    if lower.value < score.value:
        found, score = alone, lower
    told = (
        "Its prediction for an image changes with the images around it or before it, although "
        "the grader has set evaluation mode (model.eval()): batch statistics or dropout are still at "
        "work, or it keeps something from call to call. Images were given again one at a time, and "
        "the lower score counts. Use self.training in functional dropout and batch norm."
    )
    return _Run(opened, hidden, found, score, told, "depends-on-the-batch")


def _same(kind: ModelKind, one: Numbers, other: Numbers) -> bool:
    if kind.axis is None:
        return bool(np.allclose(one, other, rtol=SAME_NUMBERS, atol=SAME_NUMBERS))
    return float(np.mean(one == other)) >= SAME_LABELS


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _said(others: list[str]) -> str:
    if not others:
        return ""
    named = ", ".join(one_line(name, 60) for name in others[:3])
    return f"Not used, as only the first by name counts: {named}."
