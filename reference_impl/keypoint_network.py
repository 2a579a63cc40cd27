"""Facial keypoints: from a grey image to 15 places, by two roads.

    coordinates   convolutions - fully connected - 30 numbers. Every place is learned anew, by
                  weights of its own: many parameters, small images only.
    heatmaps      convolutions all the way - 15 heatmaps - soft-argmax. The same weights look for a
                  corner of an eye everywhere: shifting the image shifts the answer.

Keypoints are in the course's range: pixel column and row from [0, 96] to [-1, 1], x before y.
Trained with the mean squared error; the course's score is 1 / (2 MSE).

Sources: the course's third exercise; the heatmaps' expectation: Sun et al. (2018), arXiv:1711.08229.
"""

from __future__ import annotations

from torch import Tensor, nn

from reference_impl.heatmaps import soft_argmax
from reference_impl.keypoint_normalisation import IMAGE_SIDE, normalize_keypoints

POINTS = 15
WIDTHS = (16, 32, 64, 128)
CELL = 4  # pixels along a cell of the heatmaps


def convolution(inputs: int, outputs: int) -> nn.Sequential:
    """(N, inputs, H, W) to (N, outputs, H, W)."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


class CoordinateNetwork(nn.Module):
    """Images (N, 1, 96, 96), grey from 0 to 1, to keypoints (N, 30): x0, y0, x1, y1, ..."""

    def __init__(self, points: int = POINTS, dropout: float = 0.2) -> None:
        super().__init__()
        stages: list[nn.Module] = []
        inputs = 1
        for width in WIDTHS:
            stages += [convolution(inputs, width), nn.MaxPool2d(2)]
            inputs = width
        self.features = nn.Sequential(*stages)  # (N, 128, 6, 6)
        side = IMAGE_SIDE // 2 ** len(WIDTHS)
        self.regressor = nn.Sequential(
            nn.Flatten(),
            nn.Linear(inputs * side * side, 256),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(256, 2 * points),
        )

    def forward(self, x: Tensor) -> Tensor:
        """x (N, 1, 96, 96) to (N, 30)."""
        keypoints: Tensor = self.regressor(self.features(x))
        return keypoints


class HeatmapNetwork(nn.Module):
    """Images (N, 1, 96, 96), grey from 0 to 1, to keypoints (N, 30): x0, y0, x1, y1, ...

    Down to an eighth, so that a score sees much of the face, and up again to a quarter, with what
    was there on the way down added: cells small enough for the expectation to be exact.
    """

    def __init__(self, points: int = POINTS) -> None:
        super().__init__()
        self.fine = nn.Sequential(
            convolution(1, 16), nn.MaxPool2d(2), convolution(16, 32), nn.MaxPool2d(2)
        )  # (N, 32, 24, 24)
        self.coarse = nn.Sequential(
            convolution(32, 64),
            nn.MaxPool2d(2),
            convolution(64, 64),
            convolution(64, 64),
            nn.ConvTranspose2d(64, 32, 2, stride=2),
        )  # (N, 32, 24, 24)
        self.scores = nn.Sequential(convolution(32, 32), nn.Conv2d(32, points, 1))

    def heatmaps(self, x: Tensor) -> Tensor:
        """x (N, 1, 96, 96) to scores (N, 15, 24, 24)."""
        fine = self.fine(x)
        scores: Tensor = self.scores(fine + self.coarse(fine))
        return scores

    def forward(self, x: Tensor) -> Tensor:
        """x (N, 1, 96, 96) to (N, 30)."""
        pixels = cells_to_pixels(soft_argmax(self.heatmaps(x)))
        return normalize_keypoints(pixels).flatten(1)


def cells_to_pixels(places: Tensor) -> Tensor:
    """Places in cells to pixels of the image: the middle of a cell to the middle of its pixels.

    Cell 0 holds pixels 0 to 3, so its middle is 1.5.
    """
    return places * CELL + (CELL - 1) / 2
