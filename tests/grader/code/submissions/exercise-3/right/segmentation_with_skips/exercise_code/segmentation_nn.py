import torch
from torch import nn
from torch.nn import functional as F


class SegmentationNN(nn.Module):
    def __init__(self, num_classes=23):
        super().__init__()
        self.down1, self.down2 = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 16, 3, 2, 1)
        self.norm = nn.BatchNorm2d(16)
        self.up1, self.up2 = nn.ConvTranspose2d(16, 8, 2, 2), nn.ConvTranspose2d(16, 8, 2, 2)
        self.out = nn.Conv2d(8, num_classes, 1)

    def forward(self, x):
        a = F.relu(self.down1(x))
        b = F.relu(self.norm(self.down2(a)))
        y = torch.cat([F.relu(self.up1(b)), a], dim=1)
        return self.out(F.relu(self.up2(y)))
