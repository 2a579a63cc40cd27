"""The variational autoencoder: the code of an image is a distribution, so that new images can be drawn.

Axes:  N  images      D  pixels      K  numbers of the code

    mu, log_var = encoder(x)                    q(z|x) = Normal(mu, diag(exp(log_var))), (N, K) each
    z           = mu + exp(log_var / 2) * eps   eps ~ Normal(0, 1): the reparametrisation
    scores      = decoder(z)                    p(x|z), a Bernoulli for each pixel

    loss = -log p(x|z) + KL(q(z|x) || Normal(0, 1)),       both summed over an example, mean over N
    KL   = 1/2 sum_k (mu_k^2 + exp(log_var_k) - 1 - log_var_k)

A sample has no derivative with respect to mu and log_var; written as a function of a noise eps that
depends on neither, it has. The KL term pulls every code towards the distribution from which codes
are drawn when new images are wanted; it is 0 where mu = 0 and log_var = 0.

Source: Kingma and Welling (2014), arXiv:1312.6114, section 3 and appendix B. Lecture 12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from reference_impl.autoencoder import layers
from reference_impl.losses import binary_cross_entropy_of_scores


@dataclass(frozen=True)
class Code:
    """The distribution of a code: mean and logarithm of the variance, (N, K) each."""

    mu: Tensor
    log_var: Tensor


def reparametrise(code: Code, eps: Tensor) -> Tensor:
    """z (N, K) of the noise eps (N, K): mu + sigma eps, with sigma = exp(log_var / 2)."""
    return code.mu + torch.exp(code.log_var / 2) * eps


def kl_to_standard_normal(code: Code) -> Tensor:
    """KL(Normal(mu, sigma^2) || Normal(0, 1)) of each example: (N,)."""
    return 0.5 * (code.mu**2 + code.log_var.exp() - 1 - code.log_var).sum(dim=1)


def negative_log_likelihood(scores: Tensor, x: Tensor) -> Tensor:
    """-log p(x|z) of pixels x in [0, 1] under Bernoulli scores, (N, D) both: summed over D, mean over N."""
    return binary_cross_entropy_of_scores(scores, x) * x.shape[1]


class VariationalAutoencoder(nn.Module):
    """sizes = (D, ..., H), and K numbers of the code."""

    def __init__(self, sizes: Sequence[int], code_size: int) -> None:
        super().__init__()
        self.body = nn.Sequential(layers(sizes), nn.ReLU())
        self.to_mu = nn.Linear(sizes[-1], code_size)
        self.to_log_var = nn.Linear(sizes[-1], code_size)
        self.decoder = layers((code_size, *reversed(sizes)))

    def encode(self, x: Tensor) -> Code:
        """The distribution of the code of x (N, D)."""
        features = self.body(x)
        return Code(self.to_mu(features), self.to_log_var(features))

    def forward(self, x: Tensor, eps: Tensor) -> tuple[Tensor, Code]:
        """Scores (N, D) of the reconstruction with noise eps (N, K), and the code's distribution."""
        code = self.encode(x)
        return self.decoder(reparametrise(code, eps)), code

    def generate(self, z: Tensor) -> Tensor:
        """Images (N, D) in (0, 1) from codes z (N, K) drawn from Normal(0, 1)."""
        return torch.sigmoid(self.decoder(z))


def loss(scores: Tensor, code: Code, x: Tensor) -> Tensor:
    """The negative lower bound on log p(x): reconstruction and KL, mean over the batch."""
    return negative_log_likelihood(scores, x) + kl_to_standard_normal(code).mean()
