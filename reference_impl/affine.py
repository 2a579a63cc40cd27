"""The affine layer: every output is a weighted sum of all inputs, plus a bias.

Axes:  N  examples      D = d1 * ... * dk  numbers of one example      M  outputs

    out[n,m] = sum_d x[n,d] w[d,m] + b[m]

x may come in any shape (N, d1, ..., dk): each example is read row by row as a vector of D numbers.
With dout[n,m] = dL/dout[n,m] the chain rule gives

    dx[n,d] = sum_m dout[n,m] w[d,m]          dout w^T
    dw[d,m] = sum_n x[n,d] dout[n,m]          x^T dout
    db[m]   = sum_n dout[n,m]

Every example adds its part to dw and db, because all share w and b.
torch.nn.Linear stores the transposed matrix: its weight is (M, D).
"""

from __future__ import annotations

from torch import Tensor


def affine(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """x (N, d1, ..., dk), w (D, M), b (M,) to (N, M). RuntimeError where d1*...*dk is not D."""
    return as_vectors(x, w) @ w + b


def affine_backward(dout: Tensor, x: Tensor, w: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients dx (N, d1, ..., dk), dw (D, M), db (M,) from dout (N, M)."""
    dx = (dout @ w.T).reshape(x.shape)
    dw = as_vectors(x, w).T @ dout
    return dx, dw, dout.sum(dim=0)


def as_vectors(x: Tensor, w: Tensor) -> Tensor:
    """x (N, d1, ..., dk) as (N, D), where w is (D, M)."""
    return x.reshape(x.shape[0], w.shape[0])
