"""LeNet-5: the first convolutional network at work, reading digits on cheques.

    1x32x32 - conv 5x5 -> 6x28x28 - pool 2x2 -> 6x14x14 - conv 5x5 -> 16x10x10 - pool 2x2 -> 16x5x5
            - fully connected 400 -> 120 -> 84 -> classes

The pattern of all that follows: width and height shrink, the number of channels grows, then come
fully connected layers. 61,706 parameters for 10 classes, 48,120 of them (78 %) in the first
fully connected layer.

The paper differs in detail: its pooling has a learned factor and bias, its second convolution
connects each map to some of the six only, and its output compares with fixed patterns.

Source: LeCun, Bottou, Bengio and Haffner (1998), Proceedings of the IEEE 86(11), section II.B.
"""

from __future__ import annotations

from torch import Tensor, nn

SIDE = 32  # MNIST's 28 pixels with a frame of 2


class LeNet5(nn.Module):
    """Images (N, 1, 32, 32) to class scores (N, classes)."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 5),  # (N, 6, 28, 28)
            nn.Tanh(),
            nn.AvgPool2d(2),  # (N, 6, 14, 14)
            nn.Conv2d(6, 16, 5),  # (N, 16, 10, 10)
            nn.Tanh(),
            nn.AvgPool2d(2),  # (N, 16, 5, 5)
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),  # (N, 400)
            nn.Linear(16 * 5 * 5, 120),
            nn.Tanh(),
            nn.Linear(120, 84),
            nn.Tanh(),
            nn.Linear(84, classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """x (N, 1, 32, 32) to (N, classes)."""
        scores: Tensor = self.classifier(self.features(x))
        return scores
