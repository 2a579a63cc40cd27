"""Lecture 4 by torch's autograd and optimisers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any


def torch_graph_values(x: int, y: int, z: int, w: int) -> list[float]:
    """[p, q, m, f] of p = x y, q = p + z, m = max(z, w), f = q m."""
    return [float(v.detach()) for v in _graph(x, y, z, w)[1]]


def torch_graph_inner(x: int, y: int, z: int, w: int) -> list[float]:
    """df/dq, df/dm, df/dp of that graph, by autograd."""
    import torch

    _, (p, q, m, f) = _graph(x, y, z, w)
    return [float(g) for g in torch.autograd.grad(f, (q, m, p))]


def torch_graph_gradients(x: int, y: int, z: int, w: int) -> list[float]:
    """df/dx, df/dy, df/dz, df/dw of that graph, by autograd."""
    import torch

    leaves, (*_, f) = _graph(x, y, z, w)
    return [float(g) for g in torch.autograd.grad(f, leaves)]


def torch_graph_change(x: int, y: int, z: int, w: int, rate: Any) -> float:
    """Directional derivative of f along the step -rate * gradient, by forward-mode differentiation."""
    import torch

    start = torch.tensor([x, y, z, w], dtype=torch.float64)

    def f(v: Any) -> Any:
        return (v[0] * v[1] + v[2]) * torch.maximum(v[2], v[3])

    step = -float(rate) * torch.func.grad(f)(start)
    return float(torch.func.jvp(f, (start,), (step,))[1])


def torch_gate_claims(x: int, y: int, z: int, claims: Any) -> list[bool]:
    """Which claims on df/dx, df/dy, df/dz, df/du hold for f = max(x, y) + u x with u = ReLU(z)."""
    import torch

    a, b, c = (torch.tensor(float(v), dtype=torch.float64, requires_grad=True) for v in (x, y, z))
    u = torch.relu(c)
    gradients = torch.autograd.grad(torch.maximum(a, b) + u * a, (a, b, c, u))
    return [float(g) == float(claim) for g, claim in zip(gradients, claims, strict=True)]


def training_orders_that_learn() -> list[bool]:
    """Which orders of one training iteration give the weights of plain gradient descent after three iterations.

    The orders are the options of training_step_order, on a linear model with a squared error.
    """
    orders = ["zflbs", "flzbs", "flbzs", "flsbz"]
    # What gradient descent gives, by hand: w <- w - 0.1 * 2 (w x - t) x.
    w = 1.0
    for _ in range(3):
        w -= 0.1 * 2 * (w * 2.0 - 3.0) * 2.0
    return [abs(_weight_after(order) - w) < 1e-9 for order in orders]


def saved_by_operations() -> list[bool]:
    """What torch's backward nodes keep: sigmoid its output, a sum its operands, a product its operands, relu a
    tensor from which the sign of its input can be read.
    """
    import torch

    a, b = (torch.randn(4, dtype=torch.float64, requires_grad=True) for _ in range(2))

    def kept(result: Any) -> list[Any]:
        node = result.grad_fn
        names = [n for n in dir(node) if n.startswith("_saved_")]
        return [v for n in names if isinstance(v := getattr(node, n), torch.Tensor)]

    s, r = torch.sigmoid(a), torch.relu(a)
    return [
        any(torch.equal(t, s) for t in kept(s)) and not any(torch.equal(t, a) for t in kept(s)),
        any(torch.equal(t, a) for t in kept(a + b)),
        any(torch.equal(t, a) for t in kept(a * b)) and any(torch.equal(t, b) for t in kept(a * b)),
        not any(torch.equal(t > 0, a > 0) for t in kept(r)),
    ]


def torch_softmax_gradient(odds: Any, label: int, batch: int) -> list[float]:
    """Gradient of torch's mean cross-entropy in the logits ln(odds) of the first sample of a batch."""
    import torch

    logits = torch.zeros(batch, len(odds), dtype=torch.float64)
    logits[0] = torch.tensor([float(o) for o in odds], dtype=torch.float64).log()
    logits.requires_grad_()
    labels = torch.zeros(batch, dtype=torch.long)
    labels[0] = label
    (gradient,) = torch.autograd.grad(torch.nn.functional.cross_entropy(logits, labels), logits)
    return [float(g) for g in gradient[0]]


def torch_two_paths(a: int, b: int, c: int, x: int) -> float:
    """Derivative of (a x + b)(x^2 + c), by autograd."""
    return _slope(lambda t: (a * t + b) * (t * t + c), x)


def central_difference_by_values(a: int, b: int, x: int, h: int) -> float:
    """(f(x + h) - f(x - h)) / (2 h) of f = a x^3 + b x, in exact values of f."""

    def f(t: int) -> Fraction:
        return Fraction(a * t**3 + b * t)

    return float((f(x + h) - f(x - h)) / (2 * h))


def torch_without_zeroing(start: Any, gradients: Any, rate: Any) -> float:
    """The weight after torch's SGD steps with these gradients of the loss, never set to zero in between."""
    import torch

    w = torch.tensor(float(start), dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w], lr=float(rate))
    for g in gradients:
        (float(g) * w).backward()
        optimiser.step()
    return float(w.detach())


def torch_sigmoid_chain(layers: int, weight: int) -> float:
    """The derivative through the layers where each sigmoid is steepest (sum zero), by autograd."""
    import torch

    first = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    h = first
    for _ in range(layers):
        bias = -weight * h.detach()
        h = torch.sigmoid(weight * h + bias)
    return abs(float(torch.autograd.grad(h, first)[0]))


def torch_affine_output(x: Any, w: Any, b: Any) -> list[list[float]]:
    """X W + b by torch."""
    rows: list[list[float]] = _affine(x, w, b, None)[3].tolist()
    return rows


def torch_affine_gradient(x: Any, w: Any, b: Any, targets: Any, name: str) -> Any:
    """Gradient of half the sum of squared errors in Y, X, W or b, by autograd."""
    import torch

    tx, tw, tb, y = _affine(x, w, b, targets)
    loss = 0.5 * ((y - torch.tensor(targets, dtype=torch.float64)) ** 2).sum()
    wanted = {"Y": y, "X": tx, "W": tw, "b": tb}[name]
    return torch.autograd.grad(loss, wanted)[0].tolist()


def _affine(x: Any, w: Any, b: Any, targets: Any) -> tuple[Any, Any, Any, Any]:
    import torch

    tensors = [
        torch.tensor(v, dtype=torch.float64, requires_grad=targets is not None) for v in (x, w, b)
    ]
    tx, tw, tb = tensors
    return tx, tw, tb, tx @ tw + tb


def _graph(x: int, y: int, z: int, w: int) -> tuple[list[Any], tuple[Any, Any, Any, Any]]:
    import torch

    leaves = [torch.tensor(float(v), dtype=torch.float64, requires_grad=True) for v in (x, y, z, w)]
    p = leaves[0] * leaves[1]
    q = p + leaves[2]
    m = torch.maximum(leaves[2], leaves[3])
    values = (p, q, m, q * m)
    return leaves, values


def _slope(f: Callable[[Any], Any], at: int) -> float:
    import torch

    t = torch.tensor(float(at), dtype=torch.float64, requires_grad=True)
    return float(torch.autograd.grad(f(t), t)[0])


def _weight_after(order: str) -> float:
    """Three iterations of zero_grad (z), forward (f), loss (l), backward (b), step (s) in this order."""
    import torch

    w = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([w], lr=0.1)
    for _ in range(3):
        prediction, loss = w, w
        for call in order:
            if call == "z":
                optimiser.zero_grad()
            elif call == "f":
                prediction = w * 2.0
            elif call == "l":
                loss = (prediction - 3.0) ** 2
            elif call == "b":
                loss.backward()
            else:
                optimiser.step()
    return float(w.detach())
