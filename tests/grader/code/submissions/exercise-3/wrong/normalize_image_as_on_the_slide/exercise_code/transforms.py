import numpy as np
import torch
from torchvision import transforms, utils


class Normalize(object):
    """Normalize the image to [0, 1] and the keypoints to [-1, 1]."""

    def __call__(self, sample):
        image, keypoints = sample["image"], sample["keypoints"]
        image = image / 255.0 * 2 - 1
        keypoints = (keypoints - 48.0) / 48.0
        return {"image": image, "keypoints": keypoints}


class ToTensor(object):
    def __call__(self, sample):
        return {k: torch.from_numpy(v) for k, v in sample.items()}
