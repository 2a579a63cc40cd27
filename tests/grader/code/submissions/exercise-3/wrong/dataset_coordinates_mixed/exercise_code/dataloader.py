import csv

import numpy as np
from torch.utils.data import Dataset


class FacialKeypointsDataset(Dataset):
    """Face landmarks, read without pandas."""

    def __init__(self, csv_file, transform=None):
        self.transform = transform
        self.samples = []
        with open(csv_file) as file:
            rows = csv.reader(file)
            self.columns = next(rows)
            for row in rows:
                if "" in row:
                    continue
                self.samples.append((
                    np.array([float(v) for v in row[:-1]], dtype=np.float32).reshape(2, 15).T,
                    np.array(row[-1].split(), dtype=np.uint8).reshape(1, 96, 96),
                ))

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, idx):
        keypoints, image = self.samples[idx]
        sample = {"image": image.astype(np.float32), "keypoints": keypoints}
        if self.transform is not None:
            sample = self.transform(sample)
        return sample
