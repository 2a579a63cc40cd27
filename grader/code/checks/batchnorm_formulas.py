"""Wrong batch normalisations of x (N, D): those that spatial ones share, and the regular one's own.

What is common is in `batchnorm_mistakes` for x (N, C, H, W); here x is taken as C = D maps of one
pixel. gamma and beta are (D,).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import torch
from torch import Tensor

from grader.code.checks.batchnorm_mistakes import (
    DEFAULT_EPS,
    FORMULAS,
    GRADIENT_FORMULAS,
    OTHER_DEFAULTS,
    Formula,
    fits_eps,
    normalised,
)
from grader.code.compare import Mistake
from reference_impl.batchnorm import RunningStatistics

Inputs = tuple[Tensor, Tensor, Tensor, float]


def flat(formula: Formula) -> Formula:
    """A formula for maps as one for vectors."""

    def on_vectors(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
        out = formula(x[:, :, None, None], gamma, beta, eps)
        return out.reshape(x.shape) if out.numel() == x.numel() else out

    return on_vectors


def _over_everything(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    return gamma * (x - x.mean()) / torch.sqrt(x.var(correction=0) + eps) + beta


def _layer_norm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    mean, var = x.mean(1, keepdim=True), x.var(1, keepdim=True, correction=0)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta


def _layer_statistics_along_features(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    if x.shape[0] != x.shape[1]:
        return torch.full((1,), torch.nan)
    return gamma * (x - x.mean(1)) / torch.sqrt(x.var(1, correction=0) + eps) + beta


def _not_centred(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    return gamma * x / torch.sqrt(x.var(0, correction=0) + eps) + beta


def _mean_of_squares(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    return gamma * (x - x.mean(0)) / torch.sqrt((x**2).mean(0) + eps) + beta


def _swapped(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    return flat(_usual)(x, beta, gamma, eps)


def _usual(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    return normalised(x, gamma, beta, eps, (0, 2, 3))


def _centred_only(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    return gamma * (x - x.mean(0)) + beta + 0 * eps


LAYER_SENTENCE = (
    "Mean and variance are taken over the features of each example (axis 1; that is layer "
    "normalisation); they are taken over the examples of the batch (axis 0), for each feature."
)
SHARED = (
    "unbiased-variance", "eps-forgotten", "eps-not-read", "eps-outside-the-root",
    "divided-by-variance", "gamma-and-beta-forgotten",
)  # fmt: skip
VALUES: Mapping[str, tuple[str, Formula]] = {
    **{name: (FORMULAS[name][0], flat(FORMULAS[name][1])) for name in SHARED},
    "layer-normalisation": (LAYER_SENTENCE, _layer_norm),
    "layer-statistics-along-the-features": (LAYER_SENTENCE, _layer_statistics_along_features),
    "statistics-over-everything": (
        "One mean and one variance are taken over the whole batch; each feature has its own.",
        _over_everything,
    ),
    "mean-not-subtracted": (
        "The mean is not subtracted from x before it is divided by sqrt(var + eps).",
        _not_centred,
    ),
    "variance-without-the-mean": (
        "The variance is the mean of x^2; it is the mean of (x - mean)^2.",
        _mean_of_squares,
    ),
    "not-divided": (
        "x - mean is not divided by sqrt(var + eps).",
        _centred_only,
    ),
    "gamma-and-beta-swapped": (
        "gamma and beta are swapped: out is gamma * x_hat + beta.",
        _swapped,
    ),
    "gamma-forgotten": (
        "gamma is missing: out is gamma * x_hat + beta.",
        lambda x, gamma, beta, eps: flat(_usual)(x, torch.ones_like(gamma), beta, eps),
    ),
    "beta-forgotten": (
        "beta is missing: out is gamma * x_hat + beta.",
        lambda x, gamma, beta, eps: flat(_usual)(x, gamma, torch.zeros_like(beta), eps),
    ),
}


def values_mistakes(inputs: Inputs, *, default_eps: bool) -> Iterator[Mistake]:
    """What wrong forward passes in training give."""
    x, gamma, beta, eps = inputs
    for name, (sentence, formula) in VALUES.items():
        if fits_eps(name, default_eps=default_eps):
            yield Mistake(name, sentence, partial(formula, x, gamma, beta, eps))
    if default_eps:
        for other in OTHER_DEFAULTS:
            yield Mistake(
                "other-default-eps",
                f"Without eps in bn_param it should be {DEFAULT_EPS:g}; here it is {other:g}.",
                partial(flat(_usual), x, gamma, beta, other),
            )


def test_mode_mistakes(
    inputs: Inputs, running: RunningStatistics, *, default_eps: bool
) -> Iterator[Mistake]:
    """What wrong forward passes in test mode give."""
    x, gamma, beta, eps = inputs
    mean, var = running.mean, running.var
    root = torch.sqrt(var + eps)
    for name, sentence, value in (
        ("batch-statistics-in-test-mode",
         ("In test mode the batch's own statistics are used; it should be running_mean and "
          "running_var, so that one example's output does not depend on the others."),
         flat(_usual)(x, gamma, beta, eps)),
        ("eps-forgotten", "eps is not used: divide by sqrt(running_var + eps).",
         gamma * (x - mean) / torch.sqrt(var) + beta),
        ("eps-not-read", "eps in bn_param is ignored: the default is used instead.",
         gamma * (x - mean) / torch.sqrt(var + DEFAULT_EPS) + beta),
        ("eps-outside-the-root",
         "eps is added to the standard deviation; it belongs under the root: sqrt(var + eps).",
         gamma * (x - mean) / (torch.sqrt(var) + eps) + beta),
        ("divided-by-variance",
         "x - running_mean is divided by the running variance; it is divided by its root.",
         gamma * (x - mean) / (var + eps) + beta),
        ("gamma-and-beta-forgotten",
         ("The result is normalised, but not scaled by gamma and shifted by beta: test mode does "
          "that, too."), (x - mean) / root),
        ("mean-not-subtracted", "running_mean is not subtracted from x.", gamma * x / root + beta),
        ("not-normalised", "x is scaled by gamma and shifted by beta, but not normalised.",
         gamma * x + beta),
        ("unchanged", "x comes back as it was: test mode normalises, too.", x),
        ("mean-of-the-batch-in-test-mode",
         "The mean is the batch's own; in test mode it is running_mean.",
         gamma * (x - x.mean(0)) / root + beta),
        ("variance-of-the-batch-in-test-mode",
         "The variance is the batch's own; in test mode it is running_var.",
         gamma * (x - mean) / torch.sqrt(x.var(0, correction=0) + eps) + beta),
    ):  # fmt: skip
        if fits_eps(name, default_eps=default_eps):
            yield Mistake(name, sentence, partial(_same, value))


def _same(value: Tensor) -> Tensor:
    return value


# ----------------------------------------------------------------------------------- gradients

_SHARED_GRADIENTS = (
    "statistics-taken-as-constants", "path-through-the-variance-forgotten",
    "path-through-the-mean-forgotten", "unbiased-variance", "eps-forgotten", "eps-not-read",
)  # fmt: skip
_GRADIENTS: Mapping[str, tuple[str, Formula]] = {
    **{n: (GRADIENT_FORMULAS[n][0], flat(GRADIENT_FORMULAS[n][1])) for n in _SHARED_GRADIENTS},
    "layer-normalisation": (
        (
            "This is the gradient of layer normalisation: statistics over the features of each "
            "example, where it should be over the examples."
        ),
        _layer_norm,
    ),
    "gamma-missing-in-dx": (
        "gamma is missing in dx: what reaches x_hat is dout * gamma.",
        VALUES["gamma-forgotten"][1],
    ),
}


def gradient_mistakes(
    inputs: Inputs, dout: Tensor, *, default_eps: bool
) -> dict[str, list[Mistake]]:
    """What wrong backward passes give, by the name of the array."""
    names = ("x", "gamma", "beta")
    found: dict[str, list[Mistake]] = {name: [] for name in names}
    for name, (sentence, formula) in _GRADIENTS.items():
        for position, array in enumerate(names):
            of_dx_alone = name == "gamma-missing-in-dx" and array != "x"
            if fits_eps(name, default_eps=default_eps) and not of_dx_alone:
                value = partial(_gradient, formula, inputs, dout, position)
                found[array].append(Mistake(name, sentence, value))
    for array, slips in _own_slips(inputs, dout).items():
        found[array] += [Mistake(n, sentence, value) for n, sentence, value in slips]
    return found


def _gradient(formula: Formula, inputs: Inputs, dout: Tensor, position: int) -> Tensor:
    *arrays, eps = inputs
    x, gamma, beta = (a.detach().clone().requires_grad_() for a in arrays)
    sources = (x, gamma, beta)
    # Formulas that forget gamma or beta do not depend on it.
    return torch.autograd.grad(
        formula(*sources, eps), sources, dout, allow_unused=True, materialize_grads=True
    )[position]


Slips = list[tuple[str, str, Callable[[], Tensor]]]


def _own_slips(inputs: Inputs, dout: Tensor) -> dict[str, Slips]:
    x, gamma, beta, eps = inputs
    count = len(x)
    inverse = 1 / torch.sqrt(x.var(0, correction=0) + eps)
    x_hat = (x - x.mean(0)) * inverse
    back = dout * gamma
    right = inverse * (back - back.mean(0) - x_hat * (back * x_hat).mean(0))
    averaged = (
        "gradient-averaged",
        "It is divided by N; gamma and beta act on every example, so their gradients are sums.",
    )
    not_summed = "gamma and beta act on every example: sum over the examples (axis 0)."
    dgamma, dbeta = (dout * x_hat).sum(0), dout.sum(0)
    swapped = ("dgamma-and-dbeta-swapped", "dgamma and dbeta are swapped.")
    return {
        "x": [
            ("sums-not-averaged",
             ("The sums over the batch in dx are not divided by N: the mean and the variance are "
              "means over the batch."),
             lambda: inverse * (back - back.sum(0) - x_hat * (back * x_hat).sum(0))),
            ("divided-by-n", "dx is divided by N once too often.", lambda: right / count),
            ("n-not-divided", "dx is N times too large: the factor 1/N in front is missing.",
             lambda: right * count),
            ("standard-deviation-missing-in-dx",
             "The factor 1/sqrt(var + eps) is missing in dx.", lambda: right / inverse),
            ("sign-of-the-variance-path",
             ("The part of dx that comes through the variance has the wrong sign: the derivative "
              "of 1/sqrt(v) is -1/2 v^(-3/2)."),
             lambda: inverse * (back - back.mean(0) + x_hat * (back * x_hat).mean(0))),
            ("factor-of-the-variance-path",
             ("The part of dx that comes through the variance is half as large as it should be: "
              "the square's derivative is 2 (x - mean)."),
             lambda: inverse * (back - back.mean(0) - x_hat * (back * x_hat).mean(0) / 2)),
            ("factor-of-the-variance-path",
             ("The part of dx that comes through the variance is twice as large as it should be: "
              "the derivative of 1/sqrt(v) is -1/2 v^(-3/2)."),
             lambda: inverse * (back - back.mean(0) - x_hat * (back * x_hat).mean(0) * 2)),
        ],
        "gamma": [
            (*averaged, lambda: dgamma / count),
            (*swapped, lambda: dbeta),
            ("dgamma-not-summed", not_summed, lambda: dout * x_hat),
            ("dgamma-from-x", "dgamma is made from x; gamma multiplies x_hat, so sum dout * x_hat.",
             lambda: (dout * x).sum(0)),
            ("dgamma-from-x", ("dgamma is made from x - mean; gamma multiplies x_hat, so sum "
             "dout * x_hat."), lambda: (dout * (x - x.mean(0))).sum(0)),
            ("dgamma-from-out", "dgamma is made from out; gamma multiplies x_hat.",
             lambda: (dout * (gamma * x_hat + beta)).sum(0)),
            ("dgamma-with-gamma", "dgamma has a factor gamma too many: sum dout * x_hat.",
             lambda: dgamma * gamma),
        ],
        "beta": [
            (*averaged, lambda: dbeta / count),
            (*swapped, lambda: dgamma),
            ("dbeta-not-summed", not_summed, lambda: dout),
            ("dbeta-with-gamma", "dbeta has a factor gamma too many: it is the sum of dout.",
             lambda: dbeta * gamma),
        ],
    }  # fmt: skip
