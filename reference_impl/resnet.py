"""ResNet-18, -34 and -50: networks that learn what to add.

    block(x) = relu(f(x) + shortcut(x))

The shortcut is the identity wherever shapes allow, so that df/dx of the block is 1 + f'(x): the
gradient has a way through the whole depth that no weight can shrink. Where a block halves the size
and changes the channels, a 1x1 convolution with the same stride makes the shortcut fit.

    basic block (18, 34)     3x3 - 3x3
    bottleneck (50)          1x1 down to `width` - 3x3 - 1x1 up to 4 width

Batch normalisation follows each convolution, which therefore needs no bias.

    3x224x224 - conv 7x7/2, 64x112x112 - max pool 3x3/2, 64x56x56 - four stages, each but the first
    halving the size: widths 64, 128, 256, 512 - global average pooling - fully connected

Parameters for 1000 classes: 11,689,512, 21,797,672 and 25,557,032.
The stride of a bottleneck is in its 3x3, as in torchvision; the paper has it in the first 1x1, which
throws three of four pixels away unseen.

Source: He, Zhang, Ren and Sun (2016), "Deep residual learning for image recognition",
arXiv:1512.03385. Lecture 10.
"""

from __future__ import annotations

from torch import Tensor, nn

WIDTHS = (64, 128, 256, 512)


class BasicBlock(nn.Module):
    """(N, inputs, H, W) to (N, width, H/stride, W/stride) through two 3x3 convolutions."""

    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, width, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )
        self.shortcut = shortcut(inputs, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        """x (N, inputs, H, W) to (N, width, H/stride, W/stride)."""
        added: Tensor = self.body(x) + self.shortcut(x)
        return added.relu()


class Bottleneck(nn.Module):
    """(N, inputs, H, W) to (N, 4 width, H/stride, W/stride): narrow where the 3x3 works."""

    expansion = 4

    def __init__(self, inputs: int, width: int, stride: int = 1) -> None:
        super().__init__()
        outputs = self.expansion * width
        self.body = nn.Sequential(
            nn.Conv2d(inputs, width, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut = shortcut(inputs, outputs, stride)

    def forward(self, x: Tensor) -> Tensor:
        """x (N, inputs, H, W) to (N, 4 width, H/stride, W/stride)."""
        added: Tensor = self.body(x) + self.shortcut(x)
        return added.relu()


Block = type[BasicBlock] | type[Bottleneck]


def shortcut(inputs: int, outputs: int, stride: int) -> nn.Module:
    """The identity, or a 1x1 convolution where size or channels change."""
    if stride == 1 and inputs == outputs:
        return nn.Identity()
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))


def stage(block: Block, inputs: int, width: int, blocks: int, stride: int) -> nn.Sequential:
    """Blocks in a row; the first changes size and channels, the others keep them."""
    outputs = block.expansion * width
    further = (block(outputs, width) for _ in range(blocks - 1))
    return nn.Sequential(block(inputs, width, stride), *further)


class ResNet(nn.Module):
    """Images (N, 3, 224, 224), or other sizes, to class scores (N, classes)."""

    def __init__(
        self, block: Block, blocks: tuple[int, int, int, int], classes: int = 1000
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, WIDTHS[0], 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(WIDTHS[0]),
            nn.ReLU(),
            nn.MaxPool2d(3, 2, padding=1),
        )
        stages = []
        inputs = WIDTHS[0]
        for number, (width, count) in enumerate(zip(WIDTHS, blocks, strict=True)):
            stages.append(stage(block, inputs, width, count, stride=1 if number == 0 else 2))
            inputs = block.expansion * width
        self.stages = nn.Sequential(*stages)
        self.classifier = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        """x (N, 3, H, W) to (N, classes)."""
        maps = self.stages(self.stem(x))  # (N, C, H/32, W/32)
        scores: Tensor = self.classifier(maps.mean(dim=(2, 3)))
        return scores


def resnet18(classes: int = 1000) -> ResNet:
    """17 convolutions and a fully connected layer (shortcuts not counted)."""
    return ResNet(BasicBlock, (2, 2, 2, 2), classes)


def resnet34(classes: int = 1000) -> ResNet:
    """33 convolutions and a fully connected layer."""
    return ResNet(BasicBlock, (3, 4, 6, 3), classes)


def resnet50(classes: int = 1000) -> ResNet:
    """49 convolutions, in bottlenecks, and a fully connected layer."""
    return ResNet(Bottleneck, (3, 4, 6, 3), classes)
