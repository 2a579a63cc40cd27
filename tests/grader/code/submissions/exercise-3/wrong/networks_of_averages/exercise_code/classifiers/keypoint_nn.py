import torch.nn as nn


class KeypointModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(1, 30)

    def forward(self, x):
        return self.out(x.mean((2, 3)))
