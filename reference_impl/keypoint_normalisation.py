"""Bringing face images and their keypoints to the ranges a network likes.

    image      [0, 255] -> [0, 1]      image / 255
    keypoints  [0, 96]  -> [-1, 1]     (keypoints - 48) / 48

The task says [0, 1] for the image; the course's slide maps it to [-1, 1] all the same
(x / 255 * 2 - 1), which is what the keypoints need, not the image.
"""

from __future__ import annotations

from torch import Tensor

IMAGE_MAXIMUM = 255
IMAGE_SIDE = 96


def normalize_image(image: Tensor) -> Tensor:
    """Grey values of any shape from [0, 255] to [0, 1]."""
    return image / IMAGE_MAXIMUM


def normalize_keypoints(keypoints: Tensor) -> Tensor:
    """Pixel coordinates of any shape from [0, 96] to [-1, 1]."""
    half = IMAGE_SIDE / 2
    return (keypoints - half) / half
