import numpy as np


class Normalize:
    def __call__(self, sample):
        image = np.copy(sample['image']).astype(np.float32)
        key_pts = np.copy(sample['keypoints'])
        image *= 1 / 255
        key_pts = key_pts / 96 * 2 - 1
        sample['image'] = image
        sample['keypoints'] = key_pts
        return sample
