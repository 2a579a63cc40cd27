"""Activation functions and their derivatives.

Element by element, for x of any shape:

    sigmoid(x)    = 1 / (1 + e^-x)                      derivative  s (1 - s),  at most 1/4
    tanh(x)       = (e^x - e^-x) / (e^x + e^-x)         1 - t^2,  at most 1
    relu(x)       = max(0, x)                           1 where x > 0, else 0
    leaky_relu(x) = x where x > 0, else a x             1 where x > 0, else a
    elu(x)        = x where x > 0, else a (e^x - 1)     1 where x > 0, else a e^x
    gelu(x)       = x Phi(x)                            Phi(x) + x phi(x), phi = Phi' the normal density

Over several numbers at once:

    maxout(z)[m]  = max_k z[k,m]                        1 for the piece that is the largest, else 0
    softmax(x)[c] = e^x[c] / sum_j e^x[j]               dp[c]/dx[j] = p[c] (delta[c,j] - p[j])

`NAME_backward(dout, x)` is dL/dx from dout = dL/dNAME(x): the derivative at x times dout.
Kinks at 0: like torch we take the left derivative, so relu'(0) = 0 (torch.clamp(x, min=0) would
take 1). Nothing overflows: e is only ever raised to a power that is not positive.
Where sigmoid or tanh saturate, their derivative is nearly 0 and no gradient passes; relu saturates
on one side only, leaky_relu on none.

Sources: Clevert et al. (2016), arXiv:1511.07289 (ELU); Hendrycks and Gimpel (2016),
arXiv:1606.08415 (GELU); Goodfellow et al. (2013), arXiv:1302.4389 (maxout). Lectures 3 and 7.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def sigmoid(x: Tensor) -> Tensor:
    """Logistic function of x (any shape), in (0, 1)."""
    z = torch.exp(-_magnitude(x))  # in (0, 1]
    return torch.where(x >= 0, 1 / (1 + z), z / (1 + z))


def sigmoid_backward(dout: Tensor, x: Tensor) -> Tensor:
    """dL/dx; sigmoid(-x) stands for 1 - sigmoid(x), which would round to 0 for large x."""
    return dout * sigmoid(x) * sigmoid(-x)


def tanh(x: Tensor) -> Tensor:
    """Hyperbolic tangent of x (any shape), in (-1, 1); tanh(x) = 2 sigmoid(2x) - 1."""
    z = torch.expm1(-2 * _magnitude(x))  # e^(-2|x|) - 1, exact near 0 where the difference is not
    t = -z / (2 + z)
    return torch.where(x >= 0, t, -t)


def tanh_backward(dout: Tensor, x: Tensor) -> Tensor:
    """dL/dx; 1 - tanh(x)^2 = 4 sigmoid(2x) sigmoid(-2x), again without a difference near 0."""
    return dout * 4 * sigmoid(2 * x) * sigmoid(-2 * x)


def relu(x: Tensor) -> Tensor:
    """max(0, x) for x of any shape; a NaN stays a NaN."""
    return torch.where(x <= 0, torch.zeros_like(x), x)


def relu_backward(dout: Tensor, x: Tensor) -> Tensor:
    """dL/dx: dout where x > 0, else 0."""
    return torch.where(x > 0, dout, torch.zeros_like(dout))


def leaky_relu(x: Tensor, slope: float = 0.01) -> Tensor:
    """x where x > 0, slope * x elsewhere, so that no unit is dead for good."""
    return torch.where(x > 0, x, slope * x)


def leaky_relu_backward(dout: Tensor, x: Tensor, slope: float = 0.01) -> Tensor:
    """dL/dx: dout where x > 0, slope * dout elsewhere."""
    return torch.where(x > 0, dout, slope * dout)


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """x where x > 0, alpha (e^x - 1) elsewhere: smooth at 0 for alpha = 1."""
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))


def elu_backward(dout: Tensor, x: Tensor, alpha: float = 1.0) -> Tensor:
    """dL/dx: dout where x > 0, alpha e^x dout elsewhere."""
    return torch.where(x > 0, dout, dout * alpha * torch.exp(x.clamp(max=0)))


def gelu(x: Tensor) -> Tensor:
    """x times the probability that a standard normal number is at most x."""
    return x * _normal_probability(x)


def gelu_backward(dout: Tensor, x: Tensor) -> Tensor:
    """dL/dx = dout (Phi(x) + x phi(x))."""
    density = torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    return dout * (_normal_probability(x) + x * density)


def maxout(pieces: Tensor) -> Tensor:
    """The largest of K affine pieces (K, ...), entry by entry, to (...); ties go to the first piece.

    maxout(w_1^T x + b_1, w_2^T x + b_2) holds relu (w_1 = 0, b_1 = 0) and |.| (w_2 = -w_1).
    """
    return pieces.gather(0, pieces.argmax(dim=0, keepdim=True)).squeeze(0)


def maxout_backward(dout: Tensor, pieces: Tensor) -> Tensor:
    """dL/dpieces (K, ...): dout at the largest piece, 0 at the others."""
    largest = pieces.argmax(dim=0, keepdim=True)
    return torch.zeros_like(pieces).scatter(0, largest, dout.unsqueeze(0))


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Positive numbers along dim that sum to 1; the largest is taken off first, which cancels."""
    e = torch.exp(x - _largest(x, dim))
    return e / e.sum(dim=dim, keepdim=True)


def softmax_backward(dout: Tensor, x: Tensor, dim: int = -1) -> Tensor:
    """dL/dx = p (dout - sum_j p[j] dout[j]): a dout that is the same everywhere gives 0."""
    p = softmax(x, dim)
    return p * (dout - (p * dout).sum(dim=dim, keepdim=True))


def log_softmax(x: Tensor, dim: int = -1) -> Tensor:
    """log(softmax(x)) without the logarithm of a 0: x - largest - log sum_j e^(x[j] - largest)."""
    shifted = x - _largest(x, dim)
    return shifted - torch.log(torch.exp(shifted).sum(dim=dim, keepdim=True))


def log_softmax_backward(dout: Tensor, x: Tensor, dim: int = -1) -> Tensor:
    """dL/dx = dout - p sum_j dout[j]."""
    return dout - softmax(x, dim) * dout.sum(dim=dim, keepdim=True)


def _magnitude(x: Tensor) -> Tensor:
    # Not x.abs(): torch says that its derivative at 0 is 0, which would make sigmoid'(0) = 0.
    return torch.where(x >= 0, x, -x)


def _largest(x: Tensor, dim: int) -> Tensor:
    # Any constant may be taken off, so no gradient belongs to it.
    return x.detach().amax(dim=dim, keepdim=True)


def _normal_probability(x: Tensor) -> Tensor:
    # Not (1 + erf(x / sqrt(2))) / 2, which for negative x is a difference of nearly equal numbers.
    return torch.erfc(-x / math.sqrt(2)) / 2
