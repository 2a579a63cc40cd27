"""Linear regression: the weights with the least squared error, in closed form and by gradient.

Axes:  N  examples      D  features

    prediction = X w                                     (N,)
    loss       = 1/N sum_n (prediction[n] - y[n])^2  +  reg sum_d w[d]^2
    gradient   = 2/N X^T (X w - y)  +  2 reg w           (D,)

Setting the gradient to 0 gives the normal equations

    (X^T X + N reg I) w = X^T y

so at the optimum without regularisation the residuals stand at right angles on every feature; with
a feature that is always 1 (`with_bias`) they sum to 0. If y = X w + noise with independent noise of one
normal distribution, the least squares are the maximum likelihood. The bias is regularised with the rest.

Source: lecture 2.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def with_bias(x: Tensor) -> Tensor:
    """x (N, D) with a last feature that is always 1: (N, D + 1)."""
    return torch.cat([x, torch.ones_like(x[:, :1])], dim=1)


def predict(x: Tensor, w: Tensor) -> Tensor:
    """X w (N,) for x (N, D) and w (D,)."""
    return x @ w


def loss_and_gradient(w: Tensor, x: Tensor, y: Tensor, reg: float = 0.0) -> tuple[Tensor, Tensor]:
    """Mean squared error with regularisation (a number), and its gradient (D,)."""
    error = predict(x, w) - y  # (N,)
    loss = (error**2).mean() + reg * (w**2).sum()
    return loss, 2 * x.T @ error / x.shape[0] + 2 * reg * w


def fit(x: Tensor, y: Tensor, reg: float = 0.0) -> Tensor:
    """The best w (D,) for x (N, D) and y (N,). Raises ValueError where more than one w is best.

    Regularisation is written as D more examples, sqrt(N reg) times the unit vectors with target 0;
    then one orthogonal decomposition solves it, which is more exact than the normal equations.
    """
    examples, features = x.shape
    if reg:
        extra = math.sqrt(examples * reg) * torch.eye(features, dtype=x.dtype, device=x.device)
        x, y = torch.cat([x, extra]), torch.cat([y, y.new_zeros(features)])
    if torch.linalg.matrix_rank(x) < features:
        raise ValueError(
            "the features depend on one another: regularise, or leave out those that repeat others"
        )
    solution: Tensor = torch.linalg.lstsq(x, y.unsqueeze(1)).solution
    return solution.squeeze(1)


def r_squared(prediction: Tensor, y: Tensor) -> Tensor:
    """Share of y's variance that the prediction explains: 1 is perfect, 0 as good as the mean of y."""
    return 1 - ((y - prediction) ** 2).sum() / ((y - y.mean()) ** 2).sum()
