"""Which exercise a submission belongs to: told where its files leave no doubt, asked where they do."""

from __future__ import annotations

import pytest

from grader.archive import Submission
from grader.code.assignment import infer_assignment, list_assignments

LAYERS = "exercise_code/layers.py"
SOFTMAX = "exercise_code/classifiers/softmax.py"
NEURAL_NET = "exercise_code/classifiers/neural_net.py"
RECURRENT = "exercise_code/rnn/rnn_nn.py"
CONVOLUTION = "def conv_forward_naive(x, w, b, conv_param):\n    ...\n"
POOLING = "class Other: ...\n\n\ndef max_pool_backward_naive(dout, cache):\n    ...\n"
AFFINE = "def affine_forward(x, w, b):\n    ...\n"
SPATIAL = "def spatial_batchnorm_forward(x, gamma, beta, bn_param):\n    ...\n"

CASES = {
    "softmax alone": ({SOFTMAX: ""}, "exercise-1"),
    "both files of exercise 1": ({SOFTMAX: "", NEURAL_NET: ""}, "exercise-1"),
    "convolution alone": ({LAYERS: CONVOLUTION}, "layers"),
    "pooling alone": ({LAYERS: POOLING}, "layers"),
    "a call is no definition": ({LAYERS: "x = conv_forward_naive(1)\n"}, None),
    "a method is no definition": ({LAYERS: "class A:\n    def conv_forward_naive(self): ...\n"}, None),
    "spatial batch norm": ({LAYERS: SPATIAL}, "exercise-3"),
    "recurrent networks": ({RECURRENT: ""}, "exercise-3"),
    "the data set of faces": ({"exercise_code/dataloader.py": ""}, "exercise-3"),
    # An earlier year's layers.py held several exercises' functions: nobody can know which is meant.
    "convolution and spatial batch norm": ({LAYERS: CONVOLUTION + SPATIAL}, None),
    "exercises 1 and 3": ({SOFTMAX: "", RECURRENT: ""}, None),
    "only a notebook": ({"exercise.ipynb": "{}"}, None),
    "helpers that every exercise has": (
        {"exercise_code/data_utils.py": "", "exercise_code/solver.py": ""}, None,
    ),
}  # fmt: skip
WITH_EXERCISE_2 = {
    "affine alone": ({LAYERS: AFFINE}, "exercise-2"),
    "affine and convolution": ({LAYERS: AFFINE + CONVOLUTION}, None),
    "affine and spatial batch norm": ({LAYERS: AFFINE + SPATIAL}, None),
}
if "exercise-2" in list_assignments():
    CASES |= WITH_EXERCISE_2


@pytest.mark.parametrize("name", CASES)
def test_a_submission_is_recognised_or_in_doubt(name: str) -> None:
    files, expected = CASES[name]
    submission = Submission({path: text.encode() for path, text in files.items()}, (), "")
    assert infer_assignment(submission) == expected
