import torch
import torch.nn as nn
import torch.nn.functional as F


class KeypointModel(nn.Module):
    def __init__(self):
        super(KeypointModel, self).__init__()
        self.conv1 = nn.Conv2d(1, 8, 5)
        self.conv2 = nn.Conv2d(8, 16, 3)
        self.pool = nn.MaxPool2d(4, 4)
        self.drop = nn.Dropout(0.3)
        self.fc1 = nn.Linear(16 * 5 * 5, 64)
        self.fc2 = nn.Linear(64, 30)
        self.unused = nn.Linear(3, 3)  # left over from a trial

    def forward(self, x):
        x = self.drop(self.pool(F.relu(self.conv1(x))))
        x = self.drop(self.pool(F.relu(self.conv2(x))))
        x = x.view(x.size(0), -1)
        x = self.drop(F.elu(self.fc1(x)))
        return self.fc2(torch.ones_like(x))

    def save(self, path):
        torch.save(self, path)
