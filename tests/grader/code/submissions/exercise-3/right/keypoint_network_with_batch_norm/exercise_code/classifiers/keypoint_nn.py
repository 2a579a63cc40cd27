from torch import nn


def block(inputs, outputs):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(outputs), nn.LeakyReLU(0.1), nn.Dropout2d(0.1),
    )


class KeypointModel(nn.Module):
    def __init__(self, channels=(1, 8, 16, 32, 32)):
        super().__init__()
        self.blocks = nn.ModuleList(block(a, b) for a, b in zip(channels, channels[1:]))
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(32 * 6 * 6, 30), nn.Tanh())

    def forward(self, x):
        for layer in self.blocks:
            x = layer(x)
        return self.head(x)
