"""The autoencoder: an encoder to a small code, a decoder back, trained to reproduce its input.

Axes:  N  images      D  pixels of an image, flattened      K  numbers of the code, K < D

    code           = encoder(x)                (N, K), the bottleneck
    reconstruction = decoder(code)             (N, D)
    loss           = mean over n of ||reconstruction[n] - x[n]||^2

No labels are needed: the input is the target. The bottleneck forces the code to keep what the images
share. With linear layers only, the best code spans the same space as the first K principal
components. Without a bottleneck (K >= D) the identity is a perfect and useless solution.

Source: Hinton and Salakhutdinov (2006), Science 313. Lecture 12.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn


def layers(sizes: Sequence[int]) -> nn.Sequential:
    """Linear layers from sizes[0] to sizes[-1] with relu between them. Raises ValueError below two sizes."""
    if len(sizes) < 2:
        raise ValueError(f"a network needs an input and an output size, not {list(sizes)}")
    found: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        found += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*found[:-1])


class Autoencoder(nn.Module):
    """sizes = (D, ..., K): the encoder goes down through them, the decoder the same way back."""

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        self.encoder = layers(sizes)
        self.decoder = layers(tuple(reversed(sizes)))

    def forward(self, x: Tensor) -> Tensor:
        """Reconstructions (N, D) of x (N, D)."""
        found: Tensor = self.decoder(self.encoder(x))
        return found


def reconstruction_loss(reconstruction: Tensor, x: Tensor) -> Tensor:
    """Squared distance of each example (N, D), mean over the batch: one number."""
    return ((reconstruction - x) ** 2).sum(dim=1).mean()
