"""Segmentation on a pretrained AlexNet: transfer learning in one picture.

    (N, 3, 240, 240) - AlexNet's convolutions, trained on ImageNet - (N, 256, 6, 6)
        - 1x1 convolutions, new: a fully connected classifier at every place - (N, 23, 6, 6)
        - bilinear enlargement - (N, 23, 240, 240)
        - 3x3 convolution, new: smooths what the enlargement left
    (N, 23, 240, 240): a score per class and pixel

What the convolutions have learned from a million images (edges, textures, parts) is of use here too;
only the head begins at random. fine_tuning.py trains the head first, then everything.

A pixel's label -1 means unlabelled: it counts neither in the loss nor in the accuracy.

Sources: the course's third exercise; Long, Shelhamer and Darrell (2015), arXiv:1411.4038; Yosinski
et al. (2014), "How transferable are features in deep neural networks?", arXiv:1411.1792.
"""

from __future__ import annotations

from typing import Self

from torch import Tensor, nn

from reference_impl.alexnet import FEATURE_CHANNELS, AlexNet, alexnet_features

CLASSES = 23
UNLABELLED = -1


class SegmentationNetwork(nn.Module):
    """Images (N, 3, H, W), H and W from 63, to scores (N, classes, H, W)."""

    def __init__(self, classes: int = CLASSES, hidden: int = 256, dropout: float = 0.3) -> None:
        super().__init__()
        self.features = alexnet_features()
        self.head = nn.Sequential(
            nn.Conv2d(FEATURE_CHANNELS, hidden, 1),
            nn.ReLU(),
            nn.Dropout2d(dropout),  # whole channels: neighbouring pixels tell the same
            nn.Conv2d(hidden, classes, 1),
        )
        self.smooth = nn.Conv2d(classes, classes, 3, padding=1)

    @classmethod
    def from_classifier(cls, trained: AlexNet, classes: int = CLASSES) -> Self:
        """A network whose convolutions start with the trained ones; the classifier is left behind."""
        network = cls(classes)
        network.features.load_state_dict(trained.features.state_dict())
        return network

    def forward(self, x: Tensor) -> Tensor:
        """x (N, 3, H, W) to (N, classes, H, W)."""
        coarse = self.head(self.features(x))  # (N, classes, 6, 6) for 240 x 240
        full = nn.functional.interpolate(
            coarse, size=x.shape[2:], mode="bilinear", align_corners=False
        )
        scores: Tensor = self.smooth(full)
        return scores


def pixel_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy over the labelled pixels: scores (N, C, H, W), labels (N, H, W).

    Without any labelled pixel the mean is over nothing: 0, with a gradient of 0.
    """
    known = labels != UNLABELLED  # (N, H, W)
    log_p = scores.log_softmax(dim=1)  # (N, C, H, W)
    chosen = log_p.gather(1, labels.where(known, 0).unsqueeze(1)).squeeze(1)  # (N, H, W)
    return -(chosen * known).sum() / known.sum().clamp(min=1)


def pixel_accuracy(scores: Tensor, labels: Tensor) -> float:
    """The share of labelled pixels whose highest score is the label's; ValueError if none is labelled."""
    known = labels != UNLABELLED
    if not known.any():
        raise ValueError("no pixel is labelled")
    return float((scores.argmax(dim=1) == labels)[known].double().mean())
