import numpy as np
import torch
from torchvision import transforms, utils


class Normalize(object):
    """Normalizes the image to [0, 1] and the keypoints to [-1, 1]."""

    def __call__(self, sample):
        image, keypoints = sample['image'], sample['keypoints']

        image = np.array(image, dtype=np.float) / 255
        # 96 pixels: 0 -> -1, 48 -> 0, 96 -> 1
        keypoints = (np.array(keypoints, dtype=np.float) - 48) / 48

        return {'image': image, 'keypoints': keypoints}


class ToTensor(object):
    """Converts the arrays of a sample to tensors."""

    def __call__(self, sample):
        return {'image': torch.from_numpy(sample['image']).float(),
                'keypoints': torch.from_numpy(sample['keypoints']).float()}
