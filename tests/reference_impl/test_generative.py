"""Autoencoder, variational autoencoder, GAN losses, and pictures of filters."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close

from reference_impl import variational_autoencoder as vae
from reference_impl.autoencoder import Autoencoder, layers, reconstruction_loss
from reference_impl.filter_grid import filter_grid
from reference_impl.gan import (
    best_discriminator,
    discriminator_loss,
    generator_loss,
    saturating_generator_loss,
    train_round,
)

N, D, K = 5, 8, 2


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_a_linear_autoencoder_finds_the_principal_components() -> None:
    torch.manual_seed(0)
    x = drawn(40, K) @ drawn(K, D, seed=1) + 0.05 * drawn(40, D, seed=2)
    x = x - x.mean(dim=0)
    model = Autoencoder((D, K)).double()
    step = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(1500):
        step.zero_grad()
        reconstruction_loss(model(x), x).backward()
        step.step()
    rest = torch.linalg.svdvals(x)[K:]
    best = float((rest**2).sum() / len(x))
    assert best <= float(reconstruction_loss(model(x), x).detach()) < 1.05 * best


def test_autoencoder_mirrors_its_sizes() -> None:
    model = Autoencoder((D, 6, K))
    shapes = [tuple(m.weight.shape) for m in model.modules() if isinstance(m, nn.Linear)]
    assert shapes == [(6, D), (K, 6), (6, K), (D, 6)]
    assert not isinstance(model.encoder[-1], nn.ReLU), "a code may be negative"
    with pytest.raises(ValueError, match="input and an output"):
        layers([3])


def test_kl_divergence_equals_torch() -> None:
    code = vae.Code(drawn(N, K), drawn(N, K, seed=1))
    q = torch.distributions.Normal(code.mu, torch.exp(code.log_var / 2))
    p = torch.distributions.Normal(torch.zeros_like(code.mu), torch.ones_like(code.mu))
    expected = torch.distributions.kl_divergence(q, p).sum(dim=1)
    assert_close(vae.kl_to_standard_normal(code), expected)
    zero = vae.Code(torch.zeros(N, K), torch.zeros(N, K))
    assert not vae.kl_to_standard_normal(zero).any()


def test_reparametrisation_has_the_moments_and_the_gradient_that_it_says() -> None:
    mu, log_var = torch.tensor([[1.0, -2.0]]), torch.tensor([[0.5, -1.0]])
    z = vae.reparametrise(vae.Code(mu, log_var), drawn(200_000, 2).float())
    assert_close(z.mean(dim=0), mu[0], atol=0.02, rtol=0)
    assert_close(z.var(dim=0), log_var[0].exp(), atol=0.02, rtol=0)
    mu, log_var, eps = (drawn(N, K, seed=s) for s in (3, 4, 5))
    mu.requires_grad_()
    log_var.requires_grad_()
    vae.reparametrise(vae.Code(mu, log_var), eps).sum().backward()
    assert mu.grad is not None
    assert log_var.grad is not None
    assert_close(mu.grad, torch.ones_like(mu))
    assert_close(log_var.grad, eps * torch.exp(log_var / 2).detach() / 2)


def test_the_bound_is_below_the_likelihood() -> None:
    """log p(x) >= -loss: checked against log p(x) by averaging over many codes of the prior."""
    torch.manual_seed(0)
    model = vae.VariationalAutoencoder((4, 6), 1).double()
    x = torch.tensor([[1.0, 0.0, 1.0, 1.0]], dtype=torch.float64)
    with torch.no_grad():
        z = drawn(100_000, 1, seed=1)
        each = torch.distributions.Bernoulli(logits=model.decoder(z)).log_prob(x).sum(dim=1)
        log_likelihood = float(torch.logsumexp(each, 0)) - math.log(len(z))
        many = x.expand(20_000, 4)
        scores, code = model(many, drawn(20_000, 1, seed=2))
        assert -float(vae.loss(scores, code, many)) <= log_likelihood
        assert model.generate(z[:3]).shape == (3, 4)
        assert ((model.generate(z) > 0) & (model.generate(z) < 1)).all()


def test_vae_learns() -> None:
    torch.manual_seed(0)
    x = (drawn(N, D) > 0).float()
    model = vae.VariationalAutoencoder((D, 16), K)
    step = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for number in range(200):
        scores, code = model(x, drawn(N, K, seed=number).float())
        found = vae.loss(scores, code, x)
        step.zero_grad()
        found.backward()
        step.step()
        losses.append(float(found.detach()))
    assert sum(losses[-20:]) < 0.7 * sum(losses[:20])


def test_gan_losses_equal_torch() -> None:
    real, made = drawn(N, 1), drawn(N, 1, seed=1)
    bce = nn.BCEWithLogitsLoss()
    ones, zeros = torch.ones_like(real), torch.zeros_like(real)
    assert_close(discriminator_loss(real, made), bce(real, ones) + bce(made, zeros))
    assert_close(generator_loss(made), bce(made, ones))
    assert_close(saturating_generator_loss(made), torch.log(1 - torch.sigmoid(made)).mean())


def test_the_saturating_loss_is_flat_where_the_discriminator_is_sure() -> None:
    score = torch.tensor([-8.0], requires_grad=True)
    (flat,) = torch.autograd.grad(saturating_generator_loss(score), score)
    (steep,) = torch.autograd.grad(generator_loss(score), score)
    assert_close(flat, -torch.sigmoid(score.detach()))
    assert_close(steep, torch.sigmoid(score.detach()) - 1)


def test_at_the_fixed_point_the_discriminator_is_undecided() -> None:
    density = torch.rand(7)
    assert_close(best_discriminator(density, density), torch.full((7,), 0.5))
    undecided = torch.zeros(N)
    assert float(discriminator_loss(undecided, undecided)) == pytest.approx(2 * math.log(2))


def test_a_round_moves_each_network_by_its_own_loss_only() -> None:
    torch.manual_seed(0)
    generator, discriminator = nn.Linear(K, D), nn.Linear(D, 1)
    step_g = torch.optim.SGD(generator.parameters(), lr=0.1)
    step_d = torch.optim.SGD(discriminator.parameters(), lr=0.0)  # it is seen, and stays
    real, noise = drawn(N, D).float(), drawn(N, K).float()
    before = [p.clone() for p in (*generator.parameters(), *discriminator.parameters())]
    (expected,) = torch.autograd.grad(
        generator_loss(discriminator(generator(noise))), [generator.weight]
    )
    train_round(generator, discriminator, step_g, step_d, real, noise)
    assert_close(generator.weight, before[0] - 0.1 * expected)
    assert torch.equal(discriminator.weight, before[2])


def test_a_gan_learns_a_mean() -> None:
    torch.manual_seed(0)
    generator = nn.Linear(1, 1)
    discriminator = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1))
    step_g = torch.optim.Adam(generator.parameters(), lr=0.01)
    step_d = torch.optim.Adam(discriminator.parameters(), lr=0.02)
    for _ in range(600):
        real, noise = 4 + 0.5 * torch.randn(64, 1), torch.randn(64, 1)
        found = train_round(generator, discriminator, step_g, step_d, real, noise)
    assert math.isfinite(found.discriminator)
    assert math.isfinite(found.generator)
    assert abs(float(generator(torch.randn(2000, 1)).mean().detach()) - 4) < 1


def test_filters_lie_in_a_grid() -> None:
    weights = torch.arange(5 * 2 * 2, dtype=torch.float64).reshape(5, 1, 2, 2)
    grid = filter_grid(weights)
    assert grid.shape == (2 * 3 - 1, 3 * 3 - 1, 1)
    assert_close(grid[:2, :2, 0], torch.tensor([[0, 1], [2, 3]]).double() / 3)
    assert_close(grid[3:5, 3:5], grid[:2, :2])  # the fifth, below the second, stretched by itself
    assert not grid[2].any(), "margin"
    assert not grid[:, 2].any(), "margin"
    assert not grid[3:, 6:].any(), "no filter there"
    together = filter_grid(weights, together=True)
    assert float(together[0, 0]) == 0
    assert float(together[4, 4]) == 1


def test_equal_weights_are_grey_and_impossible_pictures_refused() -> None:
    assert (filter_grid(torch.ones(1, 3, 2, 2)) == 0.5).all()
    for shape in ((4, 2, 3, 3), (0, 1, 3, 3)):
        with pytest.raises(ValueError, match="no picture"):
            filter_grid(torch.zeros(shape))
    with pytest.raises(ValueError, match="negative"):
        filter_grid(torch.zeros(1, 1, 2, 2), margin=-1)
