"""SegmentationNN"""
import torch
import torch.nn as nn
from torchvision import models


class SegmentationNN(nn.Module):
    def __init__(self, num_classes=23):
        super(SegmentationNN, self).__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 12, 11, stride=4, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
            nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(inplace=True),
        )
        for parameter in self.features.parameters():
            parameter.requires_grad = False
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Conv2d(24, 32, 1), nn.ReLU(inplace=True), nn.Conv2d(32, num_classes, 1),
        )
        self.upsample = nn.Upsample(size=(240, 240), mode='bilinear', align_corners=False)

    def forward(self, x):
        return self.classifier(self.features(x))

    @property
    def is_cuda(self):
        return next(self.parameters()).is_cuda
