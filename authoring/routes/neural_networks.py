"""Lecture 3 by running torch's own layers and functions, and by numpy."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any


def torch_activation_flags(names: Any, asked: str) -> list[bool]:
    """Whether each activation has the asked property, by evaluating torch's functions and their slopes.

    asked: right (slope fades out for large x), left (slope fades out for very negative x), both_signs (takes
    values of both signs), kink (slopes on the two sides of 0 differ).
    """
    import torch

    functional = torch.nn.functional
    known: dict[str, Callable[[Any], Any]] = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "leaky_relu": lambda x: functional.leaky_relu(x, 0.2),
        "elu": functional.elu,
        "softplus": functional.softplus,
        "hard_tanh": functional.hardtanh,
    }

    def slope(f: Callable[[Any], Any], at: float) -> float:
        x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
        return float(torch.autograd.grad(f(x), x)[0])

    flags = []
    for name in names:
        f = known[name]
        values = f(torch.linspace(-30, 30, 601, dtype=torch.float64))
        properties = {
            "right": abs(slope(f, 40.0)) < 1e-6,
            "left": abs(slope(f, -40.0)) < 1e-6,
            "both_signs": bool(values.min() < -1e-6 and values.max() > 1e-6),
            "kink": abs(slope(f, 1e-7) - slope(f, -1e-7)) > 1e-3,
        }
        flags.append(properties[asked])
    return flags


def linear_stack_flags(inputs: int, hidden: int, outputs: int) -> list[bool]:
    """For two linear layers without bias: fits a random linear map; is one linear map; has fewer parameters
    than one layer; its softmax has a curved boundary. By ranks, products and counts of torch's layers.
    """
    import torch

    torch.manual_seed(0)
    layers = {"bias": False, "dtype": torch.float64}
    first = torch.nn.Linear(inputs, hidden, **layers)  # type: ignore[arg-type]
    second = torch.nn.Linear(hidden, outputs, **layers)  # type: ignore[arg-type]
    single = torch.nn.Linear(inputs, outputs, **layers)  # type: ignore[arg-type]
    product = second.weight @ first.weight
    x = torch.randn(8, inputs, dtype=torch.float64)
    rank, wanted = (int(torch.linalg.matrix_rank(m)) for m in (product, single.weight))
    count = first.weight.numel() + second.weight.numel()
    logits = second(first(x))
    # A straight boundary: the log-ratio of two classes at a midpoint is the mean of those at the ends.
    ratio = logits.log_softmax(1)[:, 0] - logits.log_softmax(1)[:, 1]
    middle = second(first((x[0] + x[1]) / 2)).log_softmax(0)
    straight = torch.isclose(middle[0] - middle[1], (ratio[0] + ratio[1]) / 2)
    return [
        rank >= wanted,
        bool(torch.allclose(logits, x @ product.T)),
        count < single.weight.numel(),
        not bool(straight),
    ]


def softmax_changes(logits: Any, added: Any, factor: Any, asked: str) -> list[bool]:
    """Whether adding, multiplying, squaring and negating logits keeps torch's softmax (or its argmax)."""
    import torch

    z = torch.tensor([float(v) for v in logits], dtype=torch.float64)
    changed = [z + float(added), z * float(factor), z**2, -z]
    if asked == "class":
        return [int(c.softmax(0).argmax()) == int(z.softmax(0).argmax()) for c in changed]
    return [bool(torch.allclose(c.softmax(0), z.softmax(0), rtol=1e-9)) for c in changed]


def torch_mlp_parameters(widths: Any) -> int:
    """Entries of all parameters of a stack of torch's Linear layers."""
    import torch

    layers = [torch.nn.Linear(a, b) for a, b in itertools.pairwise(widths)]
    return sum(p.numel() for p in torch.nn.Sequential(*layers).parameters())


def torch_softmax_entry(odds: Any, index: int) -> float:
    """One entry of torch's softmax of the logarithms."""
    import torch

    return float(
        torch.tensor([float(o) for o in odds], dtype=torch.float64).log().softmax(0)[index]
    )


def torch_two_layers(w: Any, b: Any, v: Any, c: Any, x: Any) -> list[float]:
    """v . relu(W x + b) + c for each row of x, by torch's Linear and ReLU."""
    import torch

    first, second = _linear(w, b), _linear([v], [c])
    outputs = second(torch.relu(first(torch.tensor(x, dtype=torch.float64))))
    return [float(o) for o in outputs[:, 0].tolist()]


def torch_two_layers_one(w: Any, b: Any, v: Any, c: Any, x: Any) -> float:
    """v . relu(W x + b) + c for one x."""
    return torch_two_layers(w, b, v, c, [x])[0]


def torch_relu_layer(w: Any, b: Any, x: Any) -> list[list[float]]:
    """relu(W x + b) for each row of x."""
    import torch

    rows: list[list[float]] = torch.relu(
        _linear(w, b)(torch.tensor(x, dtype=torch.float64))
    ).tolist()
    return rows


def numpy_output_weights(w: Any, b: Any, x: Any, targets: Any) -> list[float]:
    """Output weights and bias that fit the targets, by least squares on the hidden outputs."""
    import numpy as np

    hidden = np.maximum(np.array(x, float) @ np.array(w, float).T + np.array(b, float), 0)
    design = np.concatenate([hidden, np.ones((len(hidden), 1))], axis=1)
    solution, *_ = np.linalg.lstsq(design, np.array(targets, float), rcond=None)
    if not np.allclose(design @ solution, np.array(targets, float)):
        raise ValueError("the targets cannot be met")
    return [float(v) for v in solution]


def sigmoid_of_two_logits(a: int, b: int, c: int, d: int) -> list[float]:
    """[w, v] with softmax of (a x + b, c x + d) for class 1 equal to sigmoid(w x + v), read off torch's logit."""
    import torch

    x = torch.tensor([0.0, 1.0], dtype=torch.float64)
    p = torch.stack([a * x + b, c * x + d]).softmax(0)[0]
    at_0, at_1 = (float(v) for v in p.logit())
    return [round(at_1 - at_0, 6), round(at_0, 6)]


def torch_slope_from_output(function: str, output: Any) -> float:
    """The derivative of torch's sigmoid or tanh at the point where it has this output, by autograd."""
    import torch

    y = torch.tensor(float(output), dtype=torch.float64)
    at = y.logit() if function == "sigmoid" else y.atanh()
    x = at.clone().requires_grad_()
    value = torch.sigmoid(x) if function == "sigmoid" else torch.tanh(x)
    return float(torch.autograd.grad(value, x)[0])


def _linear(w: Any, b: Any) -> Any:
    import torch

    layer = torch.nn.Linear(len(w[0]), len(w), dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[float(v) for v in row] for row in w]))
        layer.bias.copy_(torch.tensor([float(v) for v in b]))
    return layer
