"""What normalisation layers do to values, gradients and shapes, found by trying torch's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

# Torch refuses an epsilon of 0; this one is lost in rounding.
TINY = 1e-15


def torch_identity_batchnorm(mean: Any, variance: Any, epsilon: Any) -> list[float]:
    """[gamma, beta] that make torch's batch_norm in test mode the identity, from its values at 0 and 1."""
    import torch

    x = torch.tensor([[0.0], [1.0]], dtype=torch.float64)
    mu, var = (torch.tensor([float(v)], dtype=torch.float64) for v in (mean, variance))
    low, high = torch.nn.functional.batch_norm(x, mu, var, eps=float(epsilon))[:, 0].tolist()
    gamma = 1 / (high - low)
    return [gamma, -gamma * low]


def torch_superfluous_biases(filters: Any, late: Any, classes: int) -> list[float]:
    """[biases without any effect on a small network's output, entries of gamma and beta], by moving each bias."""
    import torch

    nn = torch.nn
    torch.manual_seed(0)
    stages: list[torch.nn.Module] = []
    before = 3
    for width, relu_first in zip(filters, late, strict=True):
        stages.append(nn.Conv2d(before, width, 3))
        norm, relu = nn.BatchNorm2d(width), nn.ReLU()
        stages += [relu, norm] if relu_first else [norm, relu]
        before = width
    stages += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes)]
    network = nn.Sequential(*stages).double()
    x = torch.randn(4, 3, 9, 9, dtype=torch.float64)
    silent = 0
    with torch.no_grad():
        plain = network(x)
        for stage in stages:
            if isinstance(stage, (nn.Conv2d, nn.Linear)) and stage.bias is not None:
                shift = torch.randn_like(stage.bias)
                stage.bias += shift
                if (network(x) - plain).abs().max() < 1e-7:
                    silent += stage.bias.numel()
                stage.bias -= shift
    norms = [stage for stage in stages if isinstance(stage, nn.BatchNorm2d)]
    return [float(silent), float(sum(p.numel() for norm in norms for p in norm.parameters()))]


def torch_running_mean_ported(momentum: Any, start: Any, means: Any) -> list[float]:
    """Running means of BatchNorm1d after batches with these means: converted momentum, the same number, its value."""
    import torch

    found = []
    for own in (1 - float(momentum), float(momentum)):
        layer = torch.nn.BatchNorm1d(1, momentum=own, dtype=torch.float64)
        state = layer.state_dict()["running_mean"]
        state.fill_(float(start))
        for mean in means:
            layer(torch.tensor([[-1.0], [1.0]], dtype=torch.float64) + float(mean))
        found.append(float(state))
    return [*found, 1 - float(momentum)]


def torch_layer_and_batch_row(batch: Any, chosen: int) -> list[list[float]]:
    """One row of torch's layer_norm and of its batch_norm in training mode."""
    import torch

    x = torch.tensor([[float(v) for v in row] for row in batch], dtype=torch.float64)
    functional = torch.nn.functional
    layer = functional.layer_norm(x, [x.shape[1]], eps=TINY)
    column = functional.batch_norm(x, None, None, training=True, eps=TINY)
    return [layer[chosen].tolist(), column[chosen].tolist()]


def torch_scaled_before_norm(scale: Any, gradient: Any, learning_rate: Any) -> list[float]:
    """[factor of the output, norm of the gradient, learning rate of an equal step] after scaling weights before a norm."""
    import torch

    torch.manual_seed(0)
    x, target = (torch.randn(6, 3, dtype=torch.float64) for _ in range(2))
    w = torch.randn(3, 3, dtype=torch.float64)
    c = float(scale)

    def run(weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        weights = weights.clone().requires_grad_()
        y = torch.nn.functional.batch_norm(x @ weights.T, None, None, training=True, eps=TINY)
        slope = torch.autograd.grad((y * target).sum() + (y * target).exp().mean(), weights)[0]
        return y.detach(), slope

    old, old_slope = run(w)
    new, new_slope = run(c * w)
    size = float(gradient) / float(old_slope.norm())
    rate = float(learning_rate)
    # the step that the new weights need is c times the old one
    wanted = c * rate * old_slope
    new_rate = float((wanted * new_slope).sum() / (new_slope * new_slope).sum())
    by_old, by_new = run(w - rate * old_slope)[0], run(c * w - new_rate * new_slope)[0]
    if not torch.allclose(by_old, by_new):
        raise ValueError("the two steps lead to different outputs")
    factor = float((new * old).sum() / (old * old).sum())
    return [factor, size * float(new_slope.norm()), new_rate]


def torch_swapped_axes(shape: Any) -> list[float]:
    """[means of BatchNorm2d on a tensor of this shape, values of each, values of each with the last axis second]."""
    import torch

    x = torch.randn(*shape, generator=torch.Generator().manual_seed(0)).double()

    def shared(t: torch.Tensor) -> tuple[int, int]:
        norm = torch.nn.BatchNorm2d(t.shape[1], dtype=torch.float64)
        moved = t.clone()
        moved[0, 0, 0, 0] += 1
        changed = (norm(moved) - norm(t)).abs() > 1e-12
        return norm.state_dict()["running_mean"].numel(), int(changed.sum())

    means, values = shared(x)
    return [float(means), float(values), float(shared(x.permute(0, 3, 1, 2))[1])]


def torch_raises(names: Any, arguments: Any, shapes: Any, modes: Any) -> list[bool]:
    """Whether a layer of torch.nn, made with the arguments and called with a random tensor, raises an exception."""
    return [
        _raises(str(name), tuple(given), tuple(int(n) for n in shape), str(mode))
        for name, given, shape, mode in zip(names, arguments, shapes, modes, strict=True)
    ]


@lru_cache(maxsize=512)
def _raises(name: str, given: tuple[Any, ...], shape: tuple[int, ...], mode: str) -> bool:
    import torch

    plain = [float(g) if name.startswith("Dropout") else int(g) for g in given]
    try:
        layer = getattr(torch.nn, name)(*plain).train(mode == "training")
        layer(torch.randn(*shape))
    except (ValueError, RuntimeError):
        return True
    return False


def torch_bias_is_lost(names: Any) -> list[bool]:
    """Whether other biases of a convolution leave the output of what follows as it was."""
    import torch

    functional = torch.nn.functional

    def batch(t: torch.Tensor) -> torch.Tensor:
        return functional.batch_norm(t, None, None, training=True)

    def dropped(t: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(5)
        return batch(functional.dropout(t, 0.5))

    continuations: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
        "batch": batch,
        "instance": functional.instance_norm,
        "layer": lambda t: functional.layer_norm(t, [*t.shape[1:]]),
        "group_two": lambda t: functional.group_norm(t, 2),
        "group_eight": lambda t: functional.group_norm(t, 8),
        "relu_batch": lambda t: batch(functional.relu(t)),
        "sigmoid_batch": lambda t: batch(t.sigmoid()),
        "max_batch": lambda t: batch(functional.max_pool2d(t, 2)),
        "average_batch": lambda t: batch(functional.avg_pool2d(t, 2)),
        "dropout_batch": dropped,
        "square_batch": lambda t: batch(t**2),
        "double_batch": lambda t: batch(2 * t),
    }
    torch.manual_seed(0)
    convolution = torch.nn.Conv2d(3, 8, 3).double()
    x = torch.randn(4, 3, 8, 8, dtype=torch.float64)
    with torch.no_grad():
        before = convolution(x)
        convolution.state_dict()["bias"].add_(torch.randn(8, dtype=torch.float64))
        after = convolution(x)
    follow = [continuations[name] for name in names]
    return [bool((f(before) - f(after)).abs().max() < 1e-9) for f in follow]


def torch_shared_cells(
    samples: int, channels: int, groups: int, place: Any, shaded: Any, claims: Any
) -> list[bool]:
    """Whether the shaded rectangle is where a change moves the marked cell, for the claimed kind of each picture.

    Claims: 0 batch, 1 layer, 2 instance, 3 group normalisation.
    """
    import torch

    functional = torch.nn.functional
    kinds: list[Callable[[torch.Tensor], torch.Tensor]] = [
        lambda t: functional.batch_norm(t, None, None, training=True),
        lambda t: functional.layer_norm(t, [*t.shape[1:]]),
        functional.instance_norm,
        lambda t: functional.group_norm(t, groups),
    ]
    row, column = place
    torch.manual_seed(0)
    x = torch.randn(samples, channels, 3, 3, dtype=torch.float64)
    found = []
    for (top, left, height, width), claim in zip(shaded, claims, strict=True):
        drawn = torch.zeros(samples, channels, dtype=torch.bool)
        drawn[top : top + height, left : left + width] = True
        moves = torch.zeros(samples, channels, dtype=torch.bool)
        for i in range(samples):
            for j in range(channels):
                moved = x.clone()
                # the pixel that is looked at is another one
                moved[i, j, 0, 0] += 1
                change = kinds[claim](moved) - kinds[claim](x)
                moves[i, j] = bool(change[row, column, 1, 1].abs() > 1e-12)
        found.append(bool((moves == drawn).all()))
    return found


def torch_batchnorm_passes(
    values: Any, upstream: Any, gamma: Any, running_variance: Any, what: str
) -> list[float]:
    """Of one feature, by autograd: "normed", gradients of gamma and beta ("parameters"), of x in "training" or "test" mode."""
    import torch

    layer = torch.nn.BatchNorm1d(1, eps=TINY, dtype=torch.float64)
    state = layer.state_dict()
    state["weight"].fill_(float(gamma))
    x, g = (
        torch.tensor([[float(v)] for v in column], dtype=torch.float64)
        for column in (values, upstream)
    )
    x.requires_grad_()
    if what == "test":
        state["running_var"].fill_(float(running_variance))
        layer.eval()
    y = layer(x)
    if what == "normed":
        return [float(v) / float(gamma) for v in y.detach()[:, 0]]
    leaves = [layer.weight, layer.bias] if what == "parameters" else [x]
    return [
        float(v)
        for found in torch.autograd.grad(y, leaves, grad_outputs=g)
        for v in found.flatten()
    ]
