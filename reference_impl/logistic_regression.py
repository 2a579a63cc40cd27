"""Logistic regression: a linear score, squashed to the probability of class 1.

Axes:  N  examples      D  features

    p        = sigmoid(X w)                                                        (N,)
    loss     = -1/N sum_n (y[n] log p[n] + (1-y[n]) log(1-p[n]))  +  reg/2 sum_d w[d]^2
    gradient = X^T (p - y) / N  +  reg w                                           (D,)
    hessian  = X^T diag(p (1-p)) X / N  +  reg I                                   (D, D)

The loss is the negative logarithm of the likelihood of labels y in {0, 1}. It is convex, but the
gradient's zero has no closed form: we take Newton steps, halved as long as they raise the loss.
The boundary p = 1/2 is the plane X w = 0. At the optimum of an unregularised model with a bias
(linear_regression.with_bias) the predicted probabilities sum to the number of examples of class 1.

If a plane separates the classes, longer w are always better and there is no optimum without
regularisation; `fit` says so.

Source: lecture 2.
"""

from __future__ import annotations

import torch
from torch import Tensor

from reference_impl.activations import sigmoid
from reference_impl.losses import (
    binary_cross_entropy_of_scores,
    binary_cross_entropy_of_scores_gradient,
)


def probability(w: Tensor, x: Tensor) -> Tensor:
    """Probabilities of class 1 (N,) for x (N, D) and w (D,)."""
    return sigmoid(x @ w)


def predict(w: Tensor, x: Tensor) -> Tensor:
    """1 where the probability is at least 1/2, else 0; (N,)."""
    return (x @ w >= 0).long()


def loss_and_gradient(w: Tensor, x: Tensor, y: Tensor, reg: float = 0.0) -> tuple[Tensor, Tensor]:
    """Regularised loss (a number) and its gradient (D,), for labels y (N,) of x's dtype."""
    loss = binary_cross_entropy_of_scores(x @ w, y) + reg / 2 * (w**2).sum()
    return loss, x.T @ binary_cross_entropy_of_scores_gradient(x @ w, y) + reg * w


def hessian(w: Tensor, x: Tensor, reg: float = 0.0) -> Tensor:
    """Second derivatives (D, D): no eigenvalue is negative, so every minimum is the global one."""
    score = x @ w
    weight = sigmoid(score) * sigmoid(-score)  # p (1 - p)
    identity = torch.eye(w.shape[0], dtype=w.dtype, device=w.device)
    return (x.T * weight) @ x / x.shape[0] + reg * identity


def fit(x: Tensor, y: Tensor, reg: float = 0.0, *, tolerance: float | None = None) -> Tensor:
    """The best w (D,) by Newton's method from 0, for x (N, D) and labels y (N,) of x's dtype.

    Ends when no entry of the gradient exceeds the tolerance (the root of the dtype's rounding, unless
    given) and the scores have settled. Raises ValueError where there is no single best w:
    classes that a plane separates, or dependent features, without regularisation.
    """
    limit = torch.finfo(x.dtype).eps ** 0.5 if tolerance is None else tolerance
    w = x.new_zeros(x.shape[1])
    loss, gradient = loss_and_gradient(w, x, y, reg)
    for _ in range(100):
        step, failed = torch.linalg.solve_ex(hessian(w, x, reg), gradient)
        if failed or not step.isfinite().all():
            break
        # Where w grows without end the gradient vanishes too, but each step adds about 1 to a score.
        settled = (x @ step).abs().max() <= 1e-3
        if settled and gradient.abs().max() <= limit:
            return w
        size = 1.0
        while size > 1e-10:
            next_loss, next_gradient = loss_and_gradient(w - size * step, x, y, reg)
            if next_loss <= loss:
                break
            size /= 2
        w, loss, gradient = w - size * step, next_loss, next_gradient
    raise ValueError(
        "no single best w was found: where a plane separates the classes, or features repeat one "
        "another, regularisation is needed"
    )
