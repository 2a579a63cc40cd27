"""Wrong softmax and L2 losses of layers.py and their gradients, each by name.

Scores or outputs x (N, C); y holds classes (N,) or targets (N, C).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from math import log

import torch
from torch import Tensor

from grader.code.compare import Mistake
from reference_impl.losses import cross_entropy, l2_distance, one_hot

Slip = tuple[str, str, Tensor]


def _mistakes(slips: Iterable[Slip]) -> Iterator[Mistake]:
    for name, sentence, value in slips:
        yield Mistake(name, sentence, partial(_same, value))


def _same(value: Tensor) -> Tensor:
    return value


def softmax_loss_mistakes(x: Tensor, y: Tensor) -> Iterator[Mistake]:
    """What wrong softmax losses give."""
    count, classes = x.shape
    right = cross_entropy(x, y)
    p = x.softmax(1)
    chosen = p.gather(1, y[:, None])
    no_logarithm = "The logarithm is missing: the loss is -log of the right class's probability."
    base = "The natural logarithm is meant (np.log)."
    return _mistakes([
        ("loss-not-averaged", "The loss is the sum over the examples; divide by N.", count * right),
        ("loss-averaged-over-the-classes",
         "The loss is divided by the number of classes; divide by the number of examples, N.",
         count * right / classes),
        ("loss-averaged-over-all-numbers",
         ("The loss is divided by N * C (np.mean over all numbers does that); divide by N, the "
          "number of examples."), right / classes),
        ("loss-divided-twice", "The loss is divided by N twice.", right / count),
        ("sign-of-the-loss", "The sign is the other way round: the loss is minus the logarithm.",
         -right),
        ("logarithm-of-another-base", f"The logarithm is of base 2. {base}", right / log(2)),
        ("logarithm-of-another-base", f"The logarithm is of base 10. {base}", right / log(10)),
        ("logarithm-missing", no_logarithm, -chosen.mean()),
        ("logarithm-missing", no_logarithm, (1 - chosen).mean()),
        ("logarithm-missing", no_logarithm, chosen.mean()),
        ("softmax-missing", "The score of the right class is taken without the softmax.",
         -x.gather(1, y[:, None]).mean()),
        ("softmax-over-the-examples",
         ("The softmax is taken over the examples (axis 0); each example's probabilities sum to 1 "
          "over the classes (axis 1)."),
         -x.softmax(0).gather(1, y[:, None]).log().mean()),
        ("softmax-over-everything",
         "The probabilities of the whole batch sum to 1; each example's do by themselves.",
         -x.flatten().softmax(0).reshape(x.shape).gather(1, y[:, None]).log().mean()),
        ("all-classes-counted",
         "The logarithms of all classes are summed; only the right class's counts.",
         -p.log().sum() / count),
        ("logarithm-of-the-mean",
         "This is -log of the mean probability; the loss is the mean of -log.",
         -chosen.mean().log()),
        ("softmax-twice", "The softmax is applied twice.", cross_entropy(p, y)),
    ])  # fmt: skip


def softmax_gradient_mistakes(x: Tensor, y: Tensor) -> Iterator[Mistake]:
    """What wrong gradients of the softmax loss give."""
    count, classes = x.shape
    p, target = x.softmax(1), one_hot(y, x)
    right = (p - target) / count
    after = (
        "one-hot-subtracted-after-the-mean",
        (
            "The probabilities are divided by N, the 1 of the right class is not (or the other way "
            "round): divide the difference."
        ),
    )
    return _mistakes([
        ("gradient-not-averaged",
         "dx is not divided by N: the loss is a mean over the examples.", p - target),
        ("gradient-divided-twice", "dx is divided by N twice.", right / count),
        ("gradient-averaged-over-the-classes",
         "dx is divided by the number of classes; divide by the number of examples, N.",
         (p - target) / classes),
        ("gradient-averaged-over-all-numbers",
         "dx is divided by N * C; divide by the number of examples, N.", right / classes),
        ("gradient-sign", "dx has the other sign: it is (probabilities - one-hot) / N.", -right),
        ("one-hot-forgotten",
         ("The 1 of the right class is not subtracted: dx is the probabilities less the one-hot row "
          "of y, divided by N."), p / count),
        ("one-hot-forgotten",
         ("The 1 of the right class is not subtracted: dx is the probabilities less the one-hot row "
          "of y, divided by N."), p),
        ("one-hot-only",
         ("dx comes from the right class alone; every class gets its probability, too: dx is "
          "(probabilities - one-hot) / N."), -target / count),
        ("one-hot-added", "The one-hot row of y is added to the probabilities; it is subtracted.",
         (p + target) / count),
        (*after, p / count - target),
        (*after, p - target / count),
        ("one-hot-subtracted-everywhere",
         ("1 is subtracted in the columns y of every row (probs[:, y] -= 1); example n has its 1 in "
          "column y[n] alone: probs[np.arange(N), y] -= 1."),
         (p - (target.sum(0) > 0).to(x.dtype)) / count),
        ("softmax-over-the-examples",
         "The softmax is taken over the examples (axis 0); it is taken over the classes (axis 1).",
         (x.softmax(0) - target) / count),
        ("scores-instead-of-probabilities",
         ("The 1 of the right class is subtracted from the scores; it is subtracted from their "
          "softmax."), (x - target) / count),
        ("gradient-transposed", "dx is transposed: it has the shape of x, (N, C).", right.T),
    ])  # fmt: skip


def l2_loss_mistakes(x: Tensor, y: Tensor) -> Iterator[Mistake]:
    """What wrong L2 losses give."""
    count = len(x)
    right = l2_distance(x, y)
    squares = ((x - y) ** 2).sum()
    root = "The root is missing: the loss is sqrt(sum((x - y)^2))."
    mean = "This is a mean; the loss is the root of the sum of all squares, sqrt(sum((x - y)^2))."
    return _mistakes([
        ("root-missing", root, squares),
        ("root-missing", f"{root} Nor is there a factor 1/2.", squares / 2),
        ("mean-squared-error", mean, ((x - y) ** 2).mean()),
        ("mean-squared-error", mean, squares / count),
        ("mean-squared-error", mean, squares / count / 2),
        ("root-of-the-mean", mean, ((x - y) ** 2).mean().sqrt()),
        ("root-of-the-mean", mean, (squares / count).sqrt()),
        ("loss-averaged", "The loss is divided by N; it is one distance, not a mean.",
         right / count),
        ("loss-halved", "The loss is halved; it is sqrt(sum((x - y)^2)).", right / 2),
        ("distance-of-each-example",
         "The distances of the examples are summed; the root is taken once, of the sum of all.",
         (x - y).norm(dim=1).sum()),
        ("distance-of-each-example",
         ("The distances of the examples are averaged; the root is taken once, of the sum of all "
          "squares."), (x - y).norm(dim=1).mean()),
        ("absolute-values", "Absolute values are summed (L1); the loss is sqrt(sum((x - y)^2)).",
         (x - y).abs().sum()),
        ("absolute-values", "Absolute values are averaged (L1); the loss is sqrt(sum((x - y)^2)).",
         (x - y).abs().mean()),
        ("largest-singular-value",
         ("This is the matrix norm (the largest singular value; np.linalg.norm with ord=2); the "
          "root of the sum of all squares is meant."), torch.linalg.matrix_norm(x - y, 2)),
        ("x-alone", "y is not subtracted from x.", (x**2).sum().sqrt()),
    ])  # fmt: skip


def l2_gradient_mistakes(x: Tensor, y: Tensor) -> Iterator[Mistake]:
    """What wrong gradients of the L2 loss give."""
    count = len(x)
    right = (x - y) / l2_distance(x, y)
    square = (
        "This is the gradient of the squared distance; the root's derivative 1 / (2 loss) is "
        "missing: dx = (x - y) / loss."
    )
    return _mistakes([
        ("root-missing", square, 2 * (x - y)),
        ("root-missing", square, x - y),
        ("root-missing", square, 2 * (x - y) / count),
        ("root-missing", square, (x - y) / count),
        ("gradient-sign", "dx has the other sign: it is (x - y) / loss.", -right),
        ("gradient-sign", "dx has the other sign, and the division by the loss is missing.", y - x),
        ("gradient-doubled",
         "dx is twice as large: the 2 of the square cancels with the 1/2 of the root.", 2 * right),
        ("gradient-halved",
         "dx is half as large: the 1/2 of the root cancels with the 2 of the square.", right / 2),
        ("gradient-averaged", "dx is divided by N; the loss is no mean: dx = (x - y) / loss.",
         right / count),
        ("distance-of-each-example",
         "Each example's difference is divided by its own distance; divide by the loss.",
         (x - y) / (x - y).norm(dim=1, keepdim=True)),
        ("divided-by-the-square",
         "x - y is divided by the square of the loss; divide by the loss itself.",
         (x - y) / l2_distance(x, y) ** 2),
        ("absolute-values", "This is the gradient of a sum of absolute values (L1).",
         torch.sign(x - y)),
    ])  # fmt: skip
