"""Games, divergences and codes of generative models (lecture 12), by torch's losses and distributions, or counted."""

from __future__ import annotations

from typing import Any


def torch_discriminator_loss(real: Any, fake: Any) -> float:
    """Twice torch's binary cross-entropy, real and generated: D = 2^-k on real images, 1 - 2^-k on generated ones."""
    import torch

    bce = torch.nn.functional.binary_cross_entropy
    scores = torch.tensor([2.0**-k for k in real], dtype=torch.float64)
    alarms = torch.tensor([1 - 2.0**-k for k in fake], dtype=torch.float64)
    return float(bce(scores, torch.ones_like(scores)) + bce(alarms, torch.zeros_like(alarms)))


def torch_discrete_divergence(p: Any, q: Any) -> float:
    """KL between two categorical distributions with the probabilities 2^-k, by torch's distributions."""
    import torch

    first, second = (
        torch.distributions.Categorical(torch.tensor([2.0**-k for k in ks], dtype=torch.float64))
        for ks in (p, q)
    )
    return float(torch.distributions.kl_divergence(first, second))


def torch_sample(mu: Any, variances: Any, epsilon: Any) -> list[float]:
    """The draw of the Gaussian with these variances that belongs to the standard normal draw epsilon.

    By a Cholesky factor of the covariance matrix.
    """
    import torch

    mean, variance, noise = (
        torch.tensor([float(v) for v in values], dtype=torch.float64)
        for values in (mu, variances, epsilon)
    )
    factor = torch.linalg.cholesky(torch.diag(variance))
    return [float(v) for v in mean + factor @ noise]


def torch_autoencoder_params(inputs: int, hidden: int, code: int) -> int:
    """Entries of the parameters of torch's Linear layers inputs - hidden - code - hidden - inputs."""
    import torch

    linear = torch.nn.Linear
    with torch.device("meta"):
        layers = [
            linear(inputs, hidden),
            linear(hidden, code),
            linear(code, hidden),
            linear(hidden, inputs),
        ]
    return sum(p.numel() for layer in layers for p in layer.parameters())


def torch_generator_layers(widest: int, start: int, side: int) -> list[int]:
    """[number of transposed convolutions up to this size, channels that the last one reads], by adding layers."""
    import torch

    with torch.device("meta"):
        image = torch.zeros(1, widest, start, start)
        layers, entering = 0, 0
        while image.shape[-1] < side:
            entering = image.shape[1]
            layer = torch.nn.ConvTranspose2d(entering, entering // 2, 4, stride=2, padding=1)
            image, layers = layer(image), layers + 1
    return [layers, entering]


def counted_digit_statements(twentieths: Any, asked: int, other: int) -> list[bool]:
    """The statements on a generator with these shares of four digits, by counting 20 real and 20 generated images."""
    pile = [(digit, "real") for digit in range(4) for _ in range(5)]
    pile += [(digit, "made") for digit, n in enumerate(twentieths) for _ in range(n)]

    def share_real(digit: int) -> float:
        sources = [source for d, source in pile if d == digit]
        return sources.count("real") / len(sources)

    made = {digit for digit, source in pile if source == "made"}
    best_hits = sum(
        max(pile.count((digit, "real")), pile.count((digit, "made"))) for digit in range(4)
    )
    return [
        made != {0, 1, 2, 3},
        share_real(asked) <= 0.5,
        share_real(other) == 0.5,
        best_hits * 2 <= len(pile),
    ]


def divergence_statements(first: Any, second: Any, base: int) -> list[bool]:
    """Whether KL(p|q), KL(q|p) and KL to the mixture are finite, and whether KL(p|q) is 0, by torch's kl_div."""
    import torch

    p, q = (torch.tensor([float(v) for v in m], dtype=torch.float64) for m in (first, second))

    def divergence(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.kl_div(b.log(), a, reduction="none").nan_to_num(0.0).sum()

    mixed = divergence(q if base else p, (p + q) / 2)
    large = 1e300
    return [
        bool(divergence(p, q) < large),
        bool(divergence(q, p) < large),
        bool(mixed < large),
        bool(divergence(p, q).abs() < 1e-12),
    ]


def torch_encoder_divergences(means: Any, powers: Any, bound: int) -> list[bool]:
    """Whether KL(N(mean, e^(2 power)) | N(0, 1)) is above the bound, by torch's distributions."""
    import torch

    mean, power = (
        torch.tensor([float(v) for v in values], dtype=torch.float64) for values in (means, powers)
    )
    code = torch.distributions.Normal(mean, power.exp())
    prior = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
    return [bool(d > bound) for d in torch.distributions.kl_divergence(code, prior)]


def torch_gan_value(data: Any, made: Any, scores: Any) -> float:
    """The GAN's objective, as minus torch's weighted binary cross-entropies."""
    import torch

    p, q, d = (
        torch.tensor([float(v) for v in values], dtype=torch.float64)
        for values in (data, made, scores)
    )
    bce = torch.nn.functional.binary_cross_entropy
    real = bce(d, torch.ones_like(d), weight=p, reduction="sum")
    fake = bce(d, torch.zeros_like(d), weight=q, reduction="sum")
    return float(-(real + fake))


def torch_equilibrium_value(data: Any) -> float:
    """The GAN's objective where the generator equals the data and the discriminator is the best one, found by search."""
    import torch

    p = torch.tensor([float(v) for v in data], dtype=torch.float64)[:, None]
    grid = torch.linspace(0.001, 0.999, 999, dtype=torch.float64)[None]
    return float((p * grid.log() + p * (1 - grid).log()).max(dim=1).values.sum())


def autograd_gan_slope(data: Any, share: Any, scores: Any) -> float:
    """dV/dq for two images, with a fixed discriminator, by autograd."""
    import torch

    p, d = (
        torch.tensor([float(v) for v in values], dtype=torch.float64) for values in (data, scores)
    )
    q = torch.tensor(float(share), dtype=torch.float64, requires_grad=True)
    made = torch.stack([q, 1 - q])
    value = (p * d.log()).sum() + (made * (1 - d).log()).sum()
    return float(torch.autograd.grad(value, q)[0])
