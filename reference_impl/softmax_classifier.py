"""The softmax classifier: one affine map from numbers to class scores, trained by cross entropy.

Axes:  N  examples      D  features      C  classes

    scores = X W                                              (N, C)
    loss   = 1/N sum_n -log softmax(scores[n])[y[n]]  +  factor * reg * sum W^2
    dW     = X^T (softmax(scores) - one-hot y) / N    +  2 * factor * reg * W

There is no bias: the course appends a feature that is always 1, so a row of W plays that part (and
is regularised with the rest). The exercise accepts factor 1 and factor 1/2, if the loss and the
gradient use the same.

Source: lecture 2 and exercise 1. With W = 0 every class has probability 1/C and the loss is log C.
"""

from __future__ import annotations

from torch import Tensor

from reference_impl.losses import cross_entropy, cross_entropy_gradient


def scores(w: Tensor, x: Tensor) -> Tensor:
    """Class scores (N, C) of x (N, D) under w (D, C)."""
    return x @ w


def predict(w: Tensor, x: Tensor) -> Tensor:
    """The class (N,) with the highest score; the first of equals."""
    return scores(w, x).argmax(dim=1)


def loss_and_gradient(
    w: Tensor, x: Tensor, y: Tensor, reg: float, *, factor: float = 1.0
) -> tuple[Tensor, Tensor]:
    """Regularised loss (a number) and its gradient (D, C) for w (D, C), x (N, D), y (N,)."""
    s = scores(w, x)
    loss = cross_entropy(s, y) + factor * reg * (w**2).sum()
    gradient = x.T @ cross_entropy_gradient(s, y) + 2 * factor * reg * w
    return loss, gradient
