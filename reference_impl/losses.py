"""Loss functions and their gradients.

Axes:  N  examples      C  classes      "..."  any shape, of K numbers in all

    mean_squared_error     1/K sum (x - y)^2                             2/K (x - y)
    mean_absolute_error    1/K sum |x - y|                               1/K sign(x - y)
    l2_distance            sqrt(sum (x - y)^2)                           (x - y) / distance
    binary_cross_entropy   -1/K sum (y log p + (1-y) log(1-p))           1/K (p - y) / (p (1-p))
      ... of scores z      the same with p = sigmoid(z)                  1/K (p - y)
    cross_entropy          -1/N sum_n log softmax(s[n])[y[n]]            1/N (p[n,c] - [c = y[n]])
    hinge                  1/N sum_n sum_{c != y} max(0, s[n,c] - s[n,y] + margin)

Each loss is one number, a mean over the batch (l2_distance excepted: it is one norm over everything),
and `NAME_gradient` is its derivative with respect to its first argument, of that argument's shape.

The course's slides write the squared error per example, 1/N sum_n ||x[n] - y[n]||^2: that is D times
ours for vectors of D numbers. torch.nn.CrossEntropyLoss takes scores, not probabilities: a softmax
in front of it (as on the slide of LSTM_Classifier) is applied twice and flattens the gradient.
The slides' CrossEntropyLoss(size_average=True) is today's reduction="mean", the default.
torch.nn.BCELoss cuts logarithms at -100; here a certain and wrong probability costs infinity, and
the form with scores is the one to train with. torch.nn.MultiMarginLoss divides by C as well.

Source: lectures 3 and 7; hinge: Crammer and Singer (2001), JMLR 2, summed over the classes as in
Weston and Watkins (1999).
"""

from __future__ import annotations

import torch
from torch import Tensor

from reference_impl.activations import log_softmax, relu, sigmoid, softmax


def mean_squared_error(x: Tensor, y: Tensor) -> Tensor:
    """Mean over all numbers of (x - y)^2; x and y of one shape (...)."""
    return ((x - y) ** 2).mean()


def mean_squared_error_gradient(x: Tensor, y: Tensor) -> Tensor:
    """2 (x - y) / K."""
    return 2 * (x - y) / x.numel()


def mean_absolute_error(x: Tensor, y: Tensor) -> Tensor:
    """Mean over all numbers of |x - y|; far targets pull no harder than near ones."""
    return (x - y).abs().mean()


def mean_absolute_error_gradient(x: Tensor, y: Tensor) -> Tensor:
    """sign(x - y) / K, with 0 where x = y."""
    return torch.sign(x - y) / x.numel()


def l2_distance(x: Tensor, y: Tensor) -> Tensor:
    """The Euclidean distance sqrt(sum (x - y)^2) of x and y (...), read as two long vectors."""
    return ((x - y) ** 2).sum().sqrt()


def l2_distance_gradient(x: Tensor, y: Tensor) -> Tensor:
    """(x - y) / distance: a vector of length 1; 0 where x = y, the kink of the norm."""
    distance = l2_distance(x, y)
    return torch.where(distance > 0, (x - y) / distance, torch.zeros_like(x))


def binary_cross_entropy(p: Tensor, y: Tensor) -> Tensor:
    """p in [0, 1] and y in [0, 1], of one shape; infinite where p is certain and wrong."""
    return -(_times_log(y, p) + _times_log(1 - y, 1 - p)).mean()


def binary_cross_entropy_gradient(p: Tensor, y: Tensor) -> Tensor:
    """((1 - y)/(1 - p) - y/p) / K, where a term whose weight is 0 is 0, also at p = 0 and p = 1."""
    zero = torch.zeros_like(p)
    towards_one = torch.where(y == 0, zero, y / p)
    towards_zero = torch.where(y == 1, zero, (1 - y) / (1 - p))
    return (towards_zero - towards_one) / p.numel()


def binary_cross_entropy_of_scores(z: Tensor, y: Tensor) -> Tensor:
    """The same of scores z (...), p = sigmoid(z): max(z, 0) - y z + log(1 + e^-|z|), never infinite."""
    return (relu(z) - y * z + torch.log1p(torch.exp(-z.abs()))).mean()


def binary_cross_entropy_of_scores_gradient(z: Tensor, y: Tensor) -> Tensor:
    """(sigmoid(z) - y) / K: the sigmoid's flat ends have cancelled, no gradient is lost.

    Written as (1 - y) sigmoid(z) - y sigmoid(-z), so that it is not rounded to 0 where p is nearly y.
    """
    return ((1 - y) * sigmoid(z) - y * sigmoid(-z)) / z.numel()


def cross_entropy(scores: Tensor, y: Tensor) -> Tensor:
    """Softmax loss of scores (N, C) for the right classes y (N,), whole numbers in [0, C)."""
    return -log_softmax(scores).gather(1, y.unsqueeze(1)).mean()


def cross_entropy_gradient(scores: Tensor, y: Tensor) -> Tensor:
    """(softmax(scores) - one-hot y) / N, of shape (N, C); every row sums to 0."""
    return (softmax(scores) - one_hot(y, scores)) / scores.shape[0]


def hinge(scores: Tensor, y: Tensor, margin: float = 1.0) -> Tensor:
    """How far scores (N, C) fail to put class y (N,) ahead of each other class by the margin."""
    return relu(_violations(scores, y, margin)).sum(dim=1).mean()


def hinge_gradient(scores: Tensor, y: Tensor, margin: float = 1.0) -> Tensor:
    """1/N for each class that violates the margin, minus their number / N for class y; (N, C)."""
    violated = (_violations(scores, y, margin) > 0).to(scores.dtype)
    pull = one_hot(y, scores) * violated.sum(dim=1, keepdim=True)
    return (violated - pull) / scores.shape[0]


def one_hot(y: Tensor, like: Tensor) -> Tensor:
    """Classes y (N,) as rows with one 1, of the shape (N, C), dtype and device of `like`."""
    return torch.zeros_like(like).scatter(1, y.unsqueeze(1), 1.0)


def _violations(scores: Tensor, y: Tensor, margin: float) -> Tensor:
    right = scores.gather(1, y.unsqueeze(1))  # (N, 1)
    # The right class is not compared with itself: there the entry would be the margin.
    return (scores - right + margin).scatter(1, y.unsqueeze(1), 0.0)


def _times_log(weight: Tensor, p: Tensor) -> Tensor:
    # 0 log 0 = 0; the inner choice keeps 0 * infinity out of the gradient as well.
    safe = torch.where(weight == 0, torch.ones_like(p), p)
    return weight * torch.log(safe)
