"""Small generative networks (lecture 12), run and differentiated by torch."""

from __future__ import annotations

import math
from typing import Any


def torch_linear_code(w: Any, v: Any, x: Any, wanted: str) -> Any:
    """A linear autoencoder 2 - 1 - 2 of torch layers with half the sum of squared errors.

    `wanted`: "forward" (code and outputs), "loss", "decoder" (gradient by v), or "encoder" (gradients by the code and
    by w).
    """
    import torch

    double = torch.float64
    encoder = torch.nn.Linear(2, 1, bias=False, dtype=double)
    decoder = torch.nn.Linear(1, 2, bias=False, dtype=double)
    with torch.no_grad():
        encoder.weight.copy_(torch.tensor([[float(e) for e in w]], dtype=double))
        decoder.weight.copy_(torch.tensor([[float(e)] for e in v], dtype=double))
    image = torch.tensor([float(e) for e in x], dtype=double)
    code = encoder(image)
    output = decoder(code)
    if wanted == "forward":
        return [float(e) for e in torch.cat([code, output]).detach()]
    loss = 0.5 * torch.nn.functional.mse_loss(output, image, reduction="sum")
    if wanted == "loss":
        return float(loss.detach())
    if wanted == "decoder":
        return torch.autograd.grad(loss, decoder.weight)[0].flatten().tolist()
    by_code, by_weight = torch.autograd.grad(loss, [code, encoder.weight])
    return [float(by_code), *by_weight.flatten().tolist()]


def torch_vae_network(
    colours: int, size: int, widths: Any, latent: int, kernel: int, wanted: str
) -> Any:
    """Two strided convolutions, two heads and a transposed convolution in torch.

    `wanted`: the "shape" of the last feature map, the number of parameters of the "heads", or the height "enlarged".
    """
    import torch

    nn = torch.nn
    with torch.device("meta"):
        features = nn.Sequential(
            nn.Conv2d(colours, widths[0], 3, 2, 1), nn.Conv2d(widths[0], widths[1], 3, 2, 1)
        )(torch.zeros(1, colours, size, size))
        flat = nn.Flatten()(features).shape[1]
        heads = nn.ModuleList([nn.Linear(flat, latent), nn.Linear(flat, latent)])
        raised = nn.ConvTranspose2d(widths[1], widths[0], kernel, 2, kernel // 2 - 1)(features)
    found: dict[str, Any] = {
        "shape": list(features.shape[1:]),
        "heads": sum(p.numel() for p in heads.parameters()),
        "enlarged": raised.shape[-1],
    }
    return found[wanted]


def torch_two_entry_divergence(means: Any, powers: Any, latent: int) -> float:
    """KL to N(0, I) of a Gaussian code whose first two entries have these means and deviations e^power."""
    import torch

    mean, scale = torch.zeros(latent, dtype=torch.float64), torch.ones(latent, dtype=torch.float64)
    for k in range(2):
        mean[k], scale[k] = float(means[k]), math.exp(powers[k])
    code = torch.distributions.MultivariateNormal(mean, torch.diag(scale**2))
    prior = torch.distributions.MultivariateNormal(
        torch.zeros_like(mean), torch.eye(latent, dtype=torch.float64)
    )
    return float(torch.distributions.kl_divergence(code, prior))


def autograd_sample_loss(mu: int, sigma: int, epsilon: int, target: int) -> list[float]:
    """Gradients of (mu + sigma epsilon - target)^2 by mu and sigma, by autograd."""
    import torch

    mean, scale = (
        torch.tensor(float(v), dtype=torch.float64, requires_grad=True) for v in (mu, sigma)
    )
    loss = (mean + scale * epsilon - target).square()
    return [float(g) for g in torch.autograd.grad(loss, [mean, scale])]


def torch_generator_shape(
    channels: Any, start: int, first: Any, second: Any, colours: int
) -> list[int]:
    """The output shape of two torch transposed convolutions with [kernel, stride, padding] each."""
    import torch

    with torch.device("meta"):
        image = torch.zeros(1, channels[0], start, start)
        for (kernel, stride, padding), width in zip(
            (first, second), (channels[1], colours), strict=True
        ):
            layer = torch.nn.ConvTranspose2d(image.shape[1], width, kernel, stride, padding)
            image = layer(image)
    return list(image.shape[1:])


def torch_curve_statements(order: Any, asked: Any, percent: int, pair: Any) -> list[bool]:
    """What each letter's curve is, told apart by values and slopes of torch's cross-entropies in D.

    Curve k shows loss number order[k]: 0 minimax generator, 1 non-saturating generator, 2 discriminator.
    """
    import torch

    bce = torch.nn.functional.binary_cross_entropy

    def loss(which: int, d: torch.Tensor) -> torch.Tensor:
        target = torch.ones_like(d) if which == 1 else torch.zeros_like(d)
        return -bce(d, target) if which == 0 else bce(d, target)

    def slope(letter: int, at: float) -> float:
        d = torch.tensor(at, dtype=torch.float64, requires_grad=True)
        return float(torch.autograd.grad(loss(order[letter], d), d)[0])

    # The generator wants D to rise, the discriminator wants it to fall; saturated means flat at D = 0.
    falls = [slope(k, 0.5) < 0 for k in range(3)]
    steep = [abs(slope(k, 0.01)) > 10 for k in range(3)]
    sizes = [abs(slope(k, percent / 100)) for k in pair]
    return [
        falls[asked[0]] and not steep[asked[0]],
        falls[asked[1]] and steep[asked[1]],
        not falls[asked[2]],
        sizes[0] > sizes[1] + 1e-9,
    ]
