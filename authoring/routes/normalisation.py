"""Normalisation layers, by torch's own in float64."""

from __future__ import annotations

from typing import Any

# Torch refuses an epsilon of 0; this one is lost in rounding.
TINY = 1e-15


def torch_batchnorm_column(values: Any, gamma: Any, beta: Any) -> list[float]:
    """Torch's batch_norm of one feature in training mode."""
    import torch

    x = torch.tensor([[float(v)] for v in values], dtype=torch.float64)
    scale, shift = (torch.tensor([float(v)], dtype=torch.float64) for v in (gamma, beta))
    y = torch.nn.functional.batch_norm(x, None, None, scale, shift, training=True, eps=TINY)
    return [float(v) for v in y[:, 0]]


def torch_batchnorm_parameter_gradients(values: Any, upstream: Any) -> list[float]:
    """[dL/dgamma, dL/dbeta] by autograd through torch's BatchNorm1d."""
    import torch

    layer = torch.nn.BatchNorm1d(1, eps=TINY, dtype=torch.float64)
    x, g = (
        torch.tensor([[float(v)] for v in column], dtype=torch.float64)
        for column in (values, upstream)
    )
    gradients = torch.autograd.grad(layer(x), [layer.weight, layer.bias], grad_outputs=g)
    return [float(gradient) for gradient in gradients]


def torch_batchnorm_test_mode(
    batch_mean: Any,
    batch_variance: Any,
    mean: Any,
    variance: Any,
    momentum: Any,
    query: Any,
    gamma: Any,
    beta: Any,
) -> list[float]:
    """[running mean, running variance, output for the query], the momentum weighting the old statistics.

    Torch sees a batch of two samples with this mean and biased variance. Its own running variance would be
    unbiased; it is updated here from the biased variance of that batch.
    """
    import torch

    layer = torch.nn.BatchNorm1d(1, eps=TINY, momentum=1 - float(momentum), dtype=torch.float64)
    state = layer.state_dict()
    state["weight"].fill_(float(gamma))
    state["bias"].fill_(float(beta))
    state["running_mean"].fill_(float(mean))
    old = torch.tensor([float(variance)], dtype=torch.float64)
    spread = float(batch_variance) ** 0.5
    x = torch.tensor([[-spread], [spread]], dtype=torch.float64) + float(batch_mean)
    layer(x)
    state["running_var"].copy_(torch.lerp(old, x.var(dim=0, correction=0), 1 - float(momentum)))
    y = layer.eval()(torch.tensor([[float(query)]], dtype=torch.float64))
    return [float(state["running_mean"]), float(state["running_var"]), y.item()]


def torch_map_means(maps: Any, channel: int, pixel: Any) -> list[float]:
    """Means by torch's BatchNorm2d of each channel, then that of BatchNorm1d on flattened maps at a pixel of one channel.

    `maps` is indexed by image, channel, row, column; `pixel` is [row, column].
    """
    import torch

    x = torch.tensor(maps, dtype=torch.float64)
    _, channels, height, width = x.shape
    spatial = torch.nn.BatchNorm2d(channels, momentum=1.0, dtype=torch.float64)
    flat = torch.nn.BatchNorm1d(channels * height * width, momentum=1.0, dtype=torch.float64)
    spatial(x)
    flat(x.flatten(1))
    row, column = pixel
    at = (channel * height + row) * width + column
    by_channel, by_entry = (layer.state_dict()["running_mean"] for layer in (spatial, flat))
    return [*(float(m) for m in by_channel), float(by_entry[at])]


def torch_folded_batchnorm(
    weights: Any, bias: Any, mean: Any, variance: Any, gamma: Any, beta: Any
) -> list[float]:
    """Slopes and intercept of torch's Linear and BatchNorm1d in test mode, by feeding unit vectors and zero."""
    import torch

    size = len(weights)
    linear = torch.nn.Linear(size, 1, dtype=torch.float64)
    norm = torch.nn.BatchNorm1d(1, eps=TINY, dtype=torch.float64).eval()
    linear.load_state_dict(
        {
            "weight": torch.tensor([[float(w) for w in weights]]),
            "bias": torch.tensor([float(bias)]),
        }
    )
    state = norm.state_dict()
    given = {"weight": gamma, "bias": beta, "running_mean": mean, "running_var": variance}
    for name, value in given.items():
        state[name].fill_(float(value))
    probes = torch.cat([torch.eye(size), torch.zeros(1, size)]).double()
    with torch.no_grad():
        out = norm(linear(probes))[:, 0]
    return [*(float(v - out[-1]) for v in out[:-1]), float(out[-1])]


def torch_normalisation_groups(
    batch: int, channels: int, height: int, width: int, groups: int, shown: Any
) -> list[bool]:
    """Whether batch, layer, instance and group normalisation share a mean among `shown` values.

    One entry of a random input is moved; the outputs that move are those that share its statistics.
    """
    import torch

    functional = torch.nn.functional
    x = torch.randn(
        batch, channels, height, width, generator=torch.Generator().manual_seed(0)
    ).double()
    moved = x.clone()
    moved[0, 0, 0, 0] += 1

    def outputs(t: torch.Tensor) -> list[torch.Tensor]:
        return [
            functional.batch_norm(t, None, None, training=True),
            functional.layer_norm(t, [channels, height, width]),
            functional.instance_norm(t),
            functional.group_norm(t, groups),
        ]

    pairs = zip(outputs(x), outputs(moved), strict=True)
    sizes = [int(((before - after).abs() > 1e-12).sum()) for before, after in pairs]
    return [size == value for size, value in zip(sizes, shown, strict=True)]
