"""Lecture 12 by torch's distributions, autograd and modules."""

from __future__ import annotations

import math
from typing import Any


def torch_vae_sample(
    x: Any, mean_weights: Any, scale_weights: Any, epsilon: Any, base: Any
) -> list[float]:
    """The latent sample of an encoder with ln sigma^2 = ln(base) * (scale_weights x), by torch's affine transform."""
    import torch

    mean, scale, noise = _encoded(x, mean_weights, scale_weights, epsilon, base)
    shift = torch.distributions.AffineTransform(mean, scale)
    return [float(v) for v in shift(noise)]


def torch_vae_kl(x: Any, mean_weights: Any, scale_weights: Any, base: Any) -> float:
    """The KL divergence from the encoder's Gaussian to the standard normal, by torch's distributions."""
    import torch

    mean, scale, _ = _encoded(x, mean_weights, scale_weights, [0, 0], base)
    code = torch.distributions.Normal(mean, scale)
    prior = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(scale))
    return float(torch.distributions.kl_divergence(code, prior).sum())


def torch_vae_gradients(mean: Any, scale: Any, epsilon: Any, decoder: Any, x: Any) -> list[float]:
    """Gradients of 1/2 |x - decoder z|^2 in mu and then in sigma, by autograd through z = mu + sigma * epsilon."""
    import torch

    mu, sigma, noise, target = (
        torch.tensor([float(v) for v in values], dtype=torch.float64)
        for values in (mean, scale, epsilon, x)
    )
    weights = torch.tensor([[float(w) for w in row] for row in decoder], dtype=torch.float64)
    mu.requires_grad_()
    sigma.requires_grad_()
    loss = 0.5 * (target - weights @ (mu + sigma * noise)).square().sum()
    return [float(v) for g in torch.autograd.grad(loss, [mu, sigma]) for v in g]


def kl_slope_in_sigma() -> str:
    """dKL/dsigma for one Gaussian: fitted to autograd through torch's divergence as a sum of powers of sigma."""
    import torch

    sigma = torch.linspace(0.4, 2.5, 8, dtype=torch.float64, requires_grad=True)
    one, zero = torch.ones_like(sigma), torch.full_like(sigma, 0.7)
    code = torch.distributions.Normal(zero, sigma)
    divergence = torch.distributions.kl_divergence(code, torch.distributions.Normal(0 * one, one))
    (slope,) = torch.autograd.grad(divergence.sum(), sigma)
    powers = range(-2, 3)
    design = torch.stack([sigma.detach() ** p for p in powers], dim=1)
    factors = torch.linalg.lstsq(design, slope[:, None]).solution[:, 0]
    if float((design @ factors - slope).abs().max()) > 1e-9:
        raise ValueError("the slope is no sum of these powers")
    return " + ".join(
        f"({round(float(f), 6)})*sigma^({p})" for f, p in zip(factors, powers, strict=True)
    )


def torch_discriminator_optimum(data: Any, generated: Any) -> list[float]:
    """The D that maximises sum p ln D + q ln(1 - D), by Newton's method on the logits with autograd."""
    import torch

    p, q = (
        torch.tensor([float(v) for v in values], dtype=torch.float64)
        for values in (data, generated)
    )
    logits = torch.zeros_like(p, requires_grad=True)
    for _ in range(60):
        value = (p * torch.nn.functional.logsigmoid(logits)).sum()
        value = value + (q * torch.nn.functional.logsigmoid(-logits)).sum()
        (slope,) = torch.autograd.grad(value, logits, create_graph=True)
        (curvature,) = torch.autograd.grad(slope.sum(), logits)
        step = (slope / curvature).detach().clamp(-1, 1)
        logits = (logits - step).detach().requires_grad_()
        if float(step.abs().max()) < 1e-12:
            break
    return [float(v) for v in torch.sigmoid(logits).detach()]


def torch_generator_slopes(score: Any) -> list[float]:
    """Slopes of ln(1 - sigmoid(a)) and -ln sigmoid(a) in the logit a, where sigmoid(a) is the score."""
    import torch

    logit = torch.logit(torch.tensor(float(score), dtype=torch.float64)).requires_grad_()
    losses = (torch.log(1 - torch.sigmoid(logit)), -torch.log(torch.sigmoid(logit)))
    return [float(torch.autograd.grad(loss, logit)[0]) for loss in losses]


def torch_code_and_decoder(channels: int, side: int, widths: Any, strides: Any) -> list[float]:
    """[entries of the code, input values per entry, doublings back to the input], by running torch's layers."""
    import torch

    image = torch.zeros(1, channels, side, side)
    code = image
    for width, stride in zip(widths, strides, strict=True):
        code = torch.nn.Conv2d(code.shape[1], width, kernel_size=3, stride=stride, padding=1)(code)
    doublings, back = 0, code
    while back.shape[-1] < side:
        back = torch.nn.ConvTranspose2d(back.shape[1], channels, 4, stride=2, padding=1)(back)
        doublings += 1
    return [code.numel(), image.numel() / code.numel(), doublings]


def gan_step_statements(detached: bool, target: int) -> list[bool]:
    """Four statements on one training step of a GAN, tried by running it with small torch networks."""
    import torch

    torch.manual_seed(1)
    generator = torch.nn.Sequential(
        torch.nn.Linear(3, 6), torch.nn.Tanh(), torch.nn.Linear(6, 2)
    ).double()
    judge = torch.nn.Sequential(
        torch.nn.Linear(2, 6), torch.nn.Tanh(), torch.nn.Linear(6, 1), torch.nn.Sigmoid()
    ).double()
    judge_step = torch.optim.SGD(judge.parameters(), lr=1e-3)
    generator_step = torch.optim.SGD(generator.parameters(), lr=1e-3)
    real, noise = torch.randn(8, 2).double(), torch.randn(8, 3).double()
    ones, loss = torch.ones(8, 1).double(), torch.nn.functional.binary_cross_entropy
    made = generator(noise)
    judged = made.detach() if detached else made
    judge_step.zero_grad()
    torch.autograd.backward(loss(judge(real), ones) + loss(judge(judged), 0 * ones))
    reached = any(p.grad is not None for p in generator.parameters())
    before = [p.detach().clone() for p in generator.parameters()]
    judge_step.step()
    moved = any(not torch.equal(p, b) for p, b in zip(generator.parameters(), before, strict=True))
    grads = [p.grad.clone() for p in judge.parameters() if p.grad is not None]
    generator_step.zero_grad()
    old_score = judge(generator(noise)).log().mean().item()
    torch.autograd.backward(loss(judge(generator(noise)), target * ones))
    pairs = zip(judge.parameters(), grads, strict=True)
    added = any(p.grad is not None and not torch.equal(p.grad, g) for p, g in pairs)
    generator_step.step()
    raised = judge(generator(noise)).log().mean().item() > old_score
    return [reached, moved, raised, added]


def torch_linear_autoencoder(variances: Any, code: int, shown: Any, wider: int) -> list[bool]:
    """Four statements on the linear autoencoder with the least loss, tried on data with these variances.

    The least loss is found by torch's PCA on a cloud whose covariance is exactly diagonal.
    """
    import torch

    size = len(variances)
    spread = torch.tensor([float(v) for v in variances], dtype=torch.float64).sqrt()
    points = torch.cat([torch.eye(size), -torch.eye(size)]).double() * spread * size**0.5
    _, _, directions = torch.linalg.svd(points, full_matrices=False)

    def loss(encoder: torch.Tensor, decoder: torch.Tensor) -> float:
        return float((points - points @ encoder.T @ decoder.T).square().sum(dim=1).mean())

    encoder, decoder = directions[:code], directions[:code].T
    least = loss(encoder, decoder)
    mixed = torch.tril(torch.ones(code, code)).double() * 2
    other_encoder, other_decoder = mixed @ encoder, decoder @ torch.linalg.inv(mixed)
    unmoved = abs(loss(other_encoder, other_decoder) - least) < 1e-9
    orthonormal = bool(torch.allclose(other_encoder @ other_encoder.T, torch.eye(code).double()))
    return [
        abs(least - float(shown)) < 1e-9,
        orthonormal or not unmoved,
        abs(loss(2 * encoder, decoder / 2) - least) < 1e-9,
        loss(directions[:wider], directions[:wider].T) < 1e-9,
    ]


def _encoded(x: Any, mean_weights: Any, scale_weights: Any, epsilon: Any, base: Any) -> Any:
    import torch

    inputs, noise = (
        torch.tensor([float(v) for v in values], dtype=torch.float64) for values in (x, epsilon)
    )
    to_mean, to_scale = (
        torch.tensor([[float(w) for w in row] for row in rows], dtype=torch.float64)
        for rows in (mean_weights, scale_weights)
    )
    log_variance = math.log(float(base)) * (to_scale @ inputs)
    return to_mean @ inputs, torch.exp(0.5 * log_variance), noise
