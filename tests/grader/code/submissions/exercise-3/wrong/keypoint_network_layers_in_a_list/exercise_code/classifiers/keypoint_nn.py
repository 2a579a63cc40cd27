import torch
import torch.nn as nn
import torch.nn.functional as F


class KeypointModel(nn.Module):
    def __init__(self):
        super(KeypointModel, self).__init__()
        self.convs = [nn.Conv2d(1, 8, 5), nn.Conv2d(8, 16, 3)]
        self.pool = nn.MaxPool2d(4, 4)
        self.drop = nn.Dropout(0.3)
        self.fcs = [nn.Linear(16 * 5 * 5, 64), nn.Linear(64, 30)]
        self.unused = nn.Linear(3, 3)  # left over from a trial

    def forward(self, x):
        x = self.drop(self.pool(F.relu(self.convs[0](x))))
        x = self.drop(self.pool(F.relu(self.convs[1](x))))
        x = x.view(x.size(0), -1)
        x = self.drop(F.elu(self.fcs[0](x)))
        return self.fcs[1](x)

    def save(self, path):
        torch.save(self, path)
