"""VGG-16: one kind of layer, often.

Every convolution is 3x3 with padding 1 and keeps the size; every pooling is 2x2 with stride 2 and
halves it; the channels double after each of the first poolings.

    224x224x64 (2 convolutions) - 112x112x128 (2) - 56x56x256 (3) - 28x28x512 (3) - 14x14x512 (3)
    - 7x7x512 - fully connected 4096 - 4096 - classes

Why 3x3: two of them see 5x5, three see 7x7, with fewer weights (27 C^2 against 49 C^2) and more
non-linearities between. 138,357,544 parameters for 1000 classes; the first fully connected layer
alone holds 102,764,544.

Source: Simonyan and Zisserman (2015), "Very deep convolutional networks for large-scale image
recognition", arXiv:1409.1556, configuration D. Lecture 10.
"""

from __future__ import annotations

from torch import Tensor, nn

# Output channels of each stage's convolutions; a pooling ends each stage.
VGG16_STAGES = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))


def vgg_stage(inputs: int, widths: tuple[int, ...]) -> list[nn.Module]:
    """Convolutions with ReLU, then a pooling: (N, inputs, H, W) to (N, widths[-1], H/2, W/2)."""
    layers: list[nn.Module] = []
    for outputs in widths:
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
        inputs = outputs
    return [*layers, nn.MaxPool2d(2)]


def vgg_features(stages: tuple[tuple[int, ...], ...] = VGG16_STAGES) -> nn.Sequential:
    """The convolutional part: (N, 3, 224, 224) to (N, 512, 7, 7)."""
    layers: list[nn.Module] = []
    inputs = 3
    for widths in stages:
        layers += vgg_stage(inputs, widths)
        inputs = widths[-1]
    return nn.Sequential(*layers)


class VGG16(nn.Module):
    """Images (N, 3, 224, 224) to class scores (N, classes); parameters are named as in torchvision."""

    def __init__(self, classes: int = 1000, dropout: float = 0.5) -> None:
        super().__init__()
        self.features = vgg_features()
        self.pool = nn.AdaptiveAvgPool2d(7)  # nothing to do for 224 x 224
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(4096, classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """x (N, 3, 224, 224) to (N, classes)."""
        maps = self.pool(self.features(x))  # (N, 512, 7, 7)
        scores: Tensor = self.classifier(maps.flatten(1))
        return scores
