import os
import torch
import numpy as np
import matplotlib.pyplot as plt
from PIL import Image
from torch.utils.data import Dataset, DataLoader
from torchvision import transforms, utils


class FacialKeypointsDataset(Dataset):
    def __init__(self, csv_file, transform=None):
        table = np.genfromtxt(csv_file, delimiter=',', dtype=np.str, skip_header=1)
        numbers = np.genfromtxt(csv_file, delimiter=',', dtype=np.float, skip_header=1,
                                usecols=range(30))
        good = ~np.isnan(numbers).any(axis=1)
        self.keypoints = numbers[good]
        self.images = table[good, 30]
        self.transform = transform

    def __len__(self):
        return np.int(self.keypoints.shape[0])

    def __getitem__(self, idx):
        if torch.is_tensor(idx):
            idx = idx.tolist()
        image = np.array([int(v) for v in self.images[idx].split(' ')]).reshape(96, 96)
        keypoints = self.keypoints[idx].astype(np.float).reshape(-1, 2)
        sample = {'image': np.expand_dims(image, axis=0), 'keypoints': keypoints}
        if self.transform:
            sample = self.transform(sample)
        return sample
