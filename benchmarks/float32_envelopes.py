"""How much right code in float32 loses, check by check: `python benchmarks/float32_envelopes.py [--seeds N] [--write]`.

Every right submission of the tests' bank is graded as it is and, where its task is NumPy, once more with
all its arrays in float32: loops, einsum, im2col and sums in other orders are among them. What is
recorded of each comparison with the reference (in float64) is the largest error, as a share of the
largest number of the array. --write puts the largest of each check into grader/code/envelopes.yaml; the
judge allows MARGIN times as much (grader/code/tolerances.py).
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from grader.archive import Submission, read_submission
from grader.code import compare, grade_code, load_assignment
from grader.code.judge import Workshop, all_tests
from grader.code.tolerances import ENVELOPES, EXACT, Tolerance

ROOT = Path(__file__).resolve().parent.parent
BANK = ROOT / "tests" / "grader" / "code" / "submissions"
ASSIGNMENTS = ("exercise-1", "exercise-2", "exercise-3", "layers")
ORIGINAL = compare.agree
# More than any right code was seen to lose (8e-5). Where a check allows several results, the next one is further off.
ROUNDING = Tolerance(1e-5, 1e-6, 1e-4)
# What follows a file of a submission: its functions, and its networks' loss, get float32 alone.
SINGLE = """

import numpy as _np


def _single(value):
    if isinstance(value, _np.ndarray) and value.dtype == _np.float64:
        return value.astype(_np.float32)
    if isinstance(value, dict):
        for key in value:
            value[key] = _single(value[key])
    return value


def _in_single(function):
    def called(*args, **kwargs):
        return function(*map(_single, args), **{k: _single(v) for k, v in kwargs.items()})

    return called


def _loss_in_single(loss):
    def called(self, X, *args, **kwargs):
        kept = self.params
        self.params = {name: _single(value) for name, value in kept.items()}
        try:
            return loss(self, _single(X), *args, **kwargs)
        finally:
            self.params = kept

    return called


for _name, _value in list(globals().items()):
    if isinstance(_value, type) and "loss" in vars(_value):
        _value.loss = _loss_in_single(_value.loss)
    elif _name in NAMES:
        globals()[_name] = _in_single(_value)
"""
NAMES = {
    "exercise_code/layers.py": [
        *(f"{name}_{way}" for name in ("affine", "relu", "dropout", "batchnorm", "spatial_batchnorm")
          for way in ("forward", "backward")),
        "batchnorm_backward_alt", "softmax_loss", "l2_loss", "conv_forward_naive",
        "conv_backward_naive", "max_pool_forward_naive", "max_pool_backward_naive",
    ],
    "exercise_code/optim.py": ["sgd", "sgd_momentum", "adam"],
    "exercise_code/classifiers/softmax.py": [
        "cross_entropy_loss_naive", "cross_entropy_loss_vectorized",
    ],
    "exercise_code/classifiers/neural_net.py": [],
    "exercise_code/classifiers/fc_net.py": [],
}  # fmt: skip


def in_single(submission: Submission) -> Submission | None:
    """The same submission with all arrays in float32; None where it has no NumPy task."""
    if not set(submission.files) & set(NAMES):
        return None
    files = dict(submission.files)
    for file, names in NAMES.items():
        if file in files:
            files[file] += (f"\n\nNAMES = {names!r}\n" + SINGLE).encode()
    return Submission(files, (), hashlib.sha256(b"".join(files.values())).hexdigest())


def right_submissions(assignment: str) -> Iterator[tuple[str, Submission]]:
    """The bank's right submissions and each of them in float32, with a name."""
    for folder in sorted((BANK / assignment / "right").iterdir()):
        submission = read_submission(folder)
        yield folder.name, submission
        single = in_single(submission)
        if single:
            yield f"{folder.name}, float32", single


class Recorder:
    """Stands in for the judge's comparison: what is no more than rounding agrees, and is noted."""

    def __init__(self) -> None:
        self.largest = 0.0

    def agree(self, found: Any, expected: Any, _tolerance: Tolerance) -> bool:
        """Note the largest error, as a share of the largest number."""
        if not ORIGINAL(found, expected, ROUNDING):
            return False
        size = float(np.abs(expected).max()) if expected.size else 0.0
        error = float(np.abs(found.astype(np.float64) - expected).max()) if expected.size else 0.0
        # What should be 0 has a bound of its own.
        if size > EXACT.absolute:
            self.largest = max(self.largest, error / size)
        return True


def listen(recorder: Recorder) -> None:
    """Put the recorder in the place of every module's comparison."""
    for name, module in list(sys.modules.items()):
        if name.startswith("grader.code") and hasattr(module, "agree"):
            module.agree = recorder.agree  # type: ignore[attr-defined]


def measured(seeds: int) -> dict[str, tuple[float, str]]:
    """For each check the largest error, and whose it was."""
    found: dict[str, tuple[float, str]] = defaultdict(lambda: (0.0, ""))
    shop = Workshop()
    all_tests()
    for name in ASSIGNMENTS:
        whole = load_assignment(name)
        for spec in whole.checks:
            alone = whole.model_copy(update={"checks": (spec.model_copy(update={"points": 1.0}),)})
            for words, submission in right_submissions(name):
                for seed in range(seeds):
                    recorder = Recorder()
                    listen(recorder)
                    check = grade_code(submission, alone, seed=seed, workshop=shop).checks[0]
                    if check.verdict == "not_answered":
                        break
                    if check.verdict != "right":
                        print(f"{words}, seed {seed}: {check.id} is {check.verdict}", flush=True)
                    if recorder.largest > found[spec.id][0]:
                        found[spec.id] = (recorder.largest, words)
            print(f"{spec.id:45} {found[spec.id][0]:.2e}  {found[spec.id][1]}", flush=True)
    shop.close()
    return found


def main() -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=25)
    parser.add_argument("--write", action="store_true", help="write grader/code/envelopes.yaml")
    options = parser.parse_args()
    found = measured(options.seeds)
    lines = [
        "# The largest error of right code in float32, as a share of the largest number: written by",
        f"# benchmarks/float32_envelopes.py --seeds {options.seeds} --write. The judge allows MARGIN times as much.",
        *(f"{name}: {value:.2e}" for name, (value, _) in sorted(found.items()) if value > 1e-9),
    ]
    if options.write:
        ENVELOPES.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
