"""Generative adversarial networks: their losses, and one round of training.

Axes:  N  examples      K  numbers of the noise      "..."  an example's shape

The discriminator D gives each example one score s, D(x) = sigmoid(s): its belief that x is real.

    discriminator      -1/N sum log D(x)  -  1/N sum log(1 - D(G(z)))          real to 1, made to 0
    generator          +1/N sum log(1 - D(G(z)))                               saturating: the minimax game
    generator          -1/N sum log D(G(z))                                    non-saturating: used in practice

At the beginning D tells made examples easily, D(G(z)) is near 0, and the saturating loss is flat
there: its derivative with respect to the score is -sigmoid(s), nearly 0. The non-saturating loss has
the same fixed point and the derivative sigmoid(s) - 1, nearly -1.

For a fixed generator the best discriminator is D*(x) = p_data(x) / (p_data(x) + p_made(x)); where
both distributions are equal it is 1/2 everywhere, and the discriminator's loss is 2 log 2.

Source: Goodfellow et al. (2014), arXiv:1406.2661. Lecture 12.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from reference_impl.losses import binary_cross_entropy_of_scores


def discriminator_loss(of_real: Tensor, of_made: Tensor) -> Tensor:
    """From the scores of real and of made examples, (N,) or (N, 1) each."""
    real = binary_cross_entropy_of_scores(of_real, torch.ones_like(of_real))
    return real + binary_cross_entropy_of_scores(of_made, torch.zeros_like(of_made))


def generator_loss(of_made: Tensor) -> Tensor:
    """The non-saturating loss, from the scores of made examples."""
    return binary_cross_entropy_of_scores(of_made, torch.ones_like(of_made))


def saturating_generator_loss(of_made: Tensor) -> Tensor:
    """The minimax loss, from the scores of made examples."""
    return -binary_cross_entropy_of_scores(of_made, torch.zeros_like(of_made))


def best_discriminator(density_of_data: Tensor, density_of_made: Tensor) -> Tensor:
    """D*(x) from both densities at x (any shape); NaN where both are 0, where it does not matter."""
    return density_of_data / (density_of_data + density_of_made)


@dataclass(frozen=True)
class Round:
    """The losses of one round of training, before its steps."""

    discriminator: float
    generator: float


def train_round(
    generator: nn.Module,
    discriminator: nn.Module,
    step_generator: Optimizer,
    step_discriminator: Optimizer,
    real: Tensor,
    noise: Tensor,
) -> Round:
    """One step of each network: real (N, ...), noise (N, K).

    Made examples are detached for the discriminator's step, so that it does not move the generator;
    for the generator's step the gradient passes through the discriminator, which does not move.
    """
    made = generator(noise)
    loss_of_d = discriminator_loss(discriminator(real), discriminator(made.detach()))
    step_discriminator.zero_grad()
    loss_of_d.backward()
    step_discriminator.step()

    loss_of_g = generator_loss(discriminator(made))
    step_generator.zero_grad()
    loss_of_g.backward()
    step_generator.step()
    return Round(float(loss_of_d.detach()), float(loss_of_g.detach()))
