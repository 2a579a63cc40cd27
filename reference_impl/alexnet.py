"""AlexNet: the network that won ImageNet in 2012.

Two builds of the same idea: five convolutions, three overlapping max poolings (3x3, stride 2), three
fully connected layers with dropout, ReLU everywhere.

    alexnet_of_2012   the paper's: 96-256-384-384-256 filters on two GPUs, hence two groups in the
                      second, fourth and fifth convolution; local response normalisation.
                      60,965,224 parameters. 3x227x227 (the paper says 224, which does not add up).
    AlexNet           the one-GPU build of 2014 that torchvision ships and whose trained weights are
                      used for transfer learning: 64-192-384-256-256 filters, no groups, no
                      normalisation. 61,100,840 parameters. 3x224x224.

96 % of the parameters are in the fully connected layers, 9 of 10 multiplications in the convolutions.

Sources: Krizhevsky, Sutskever and Hinton (2012), "ImageNet classification with deep convolutional
neural networks", NeurIPS; Krizhevsky (2014), arXiv:1404.5997. Lecture 10.
"""

from __future__ import annotations

from torch import Tensor, nn

FEATURE_CHANNELS = 256


def alexnet_features() -> nn.Sequential:
    """The convolutional part: (N, 3, 224, 224) to (N, 256, 6, 6); of 240 x 240 as well (N, 256, 6, 6)."""
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, stride=4, padding=2),  # (N, 64, 55, 55)
        nn.ReLU(),
        nn.MaxPool2d(3, 2),  # (N, 64, 27, 27)
        nn.Conv2d(64, 192, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),  # (N, 192, 13, 13)
        nn.Conv2d(192, 384, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(384, FEATURE_CHANNELS, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(FEATURE_CHANNELS, FEATURE_CHANNELS, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),  # (N, 256, 6, 6)
    )


class AlexNet(nn.Module):
    """Images (N, 3, 224, 224) to class scores (N, classes).

    The names of the parameters are torchvision's, so its trained weights load as they are.
    """

    def __init__(self, classes: int = 1000, dropout: float = 0.5) -> None:
        super().__init__()
        self.features = alexnet_features()
        # Makes 6 x 6 of any other size, so that the fully connected layers fit.
        self.pool = nn.AdaptiveAvgPool2d(6)
        self.classifier = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(FEATURE_CHANNELS * 6 * 6, 4096),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Linear(4096, classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """x (N, 3, 224, 224) to (N, classes)."""
        maps = self.pool(self.features(x))  # (N, 256, 6, 6)
        scores: Tensor = self.classifier(maps.flatten(1))
        return scores


def alexnet_of_2012(classes: int = 1000, dropout: float = 0.5) -> nn.Sequential:
    """The paper's network: (N, 3, 227, 227) to (N, classes)."""

    def normalisation() -> nn.Module:
        return nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2)

    return nn.Sequential(
        nn.Conv2d(3, 96, 11, stride=4),  # (N, 96, 55, 55)
        nn.ReLU(),
        normalisation(),
        nn.MaxPool2d(3, 2),  # (N, 96, 27, 27)
        nn.Conv2d(96, 256, 5, padding=2, groups=2),
        nn.ReLU(),
        normalisation(),
        nn.MaxPool2d(3, 2),  # (N, 256, 13, 13)
        nn.Conv2d(256, 384, 3, padding=1),  # here the two GPUs talk to each other
        nn.ReLU(),
        nn.Conv2d(384, 384, 3, padding=1, groups=2),
        nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1, groups=2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),  # (N, 256, 6, 6)
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(256 * 6 * 6, 4096),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Linear(4096, classes),
    )
