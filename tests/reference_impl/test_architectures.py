from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close
from torch.utils.flop_counter import FlopCounterMode

from reference_impl import inception
from reference_impl.alexnet import AlexNet, alexnet_of_2012
from reference_impl.convolution import conv2d
from reference_impl.inception import GOOGLENET_3A, Inception, NaiveInception, Widths
from reference_impl.lenet import LeNet5
from reference_impl.network_costs import layer_costs
from reference_impl.pooling import average_pool
from reference_impl.resnet import (
    BasicBlock,
    Bottleneck,
    resnet18,
    resnet34,
    resnet50,
)
from reference_impl.unet import UNet, centre_crop, valid_size
from reference_impl.vgg import VGG16

Build = Callable[[], nn.Module]

# name: network, image, parameters (torchvision's and the papers' published counts), output
NETWORKS: dict[str, tuple[Build, tuple[int, ...], int, tuple[int, ...]]] = {
    "LeNet-5": (LeNet5, (1, 32, 32), 61_706, (10,)),
    "AlexNet": (AlexNet, (3, 224, 224), 61_100_840, (1000,)),
    "AlexNet of 2012": (alexnet_of_2012, (3, 227, 227), 60_965_224, (1000,)),
    "VGG-16": (VGG16, (3, 224, 224), 138_357_544, (1000,)),
    "ResNet-18": (resnet18, (3, 224, 224), 11_689_512, (1000,)),
    "ResNet-34": (resnet34, (3, 224, 224), 21_797_672, (1000,)),
    "ResNet-50": (resnet50, (3, 224, 224), 25_557_032, (1000,)),
    "Inception 3a": (lambda: Inception(GOOGLENET_3A), (192, 28, 28), 163_696, (256, 28, 28)),
    "naive Inception": (
        lambda: NaiveInception(GOOGLENET_3A),
        (192, 28, 28),
        387_296,
        (416, 28, 28),
    ),
    "U-Net": (UNet, (1, 572, 572), 31_030_658, (2, 388, 388)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_parameters_and_output_are_the_published_ones(name: str) -> None:
    build, image, parameters, output = NETWORKS[name]
    with torch.device("meta"):
        network, x = build(), torch.empty(2, *image)
    assert sum(p.numel() for p in network.parameters()) == parameters
    assert network(x).shape == (2, *output)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_table_of_costs_adds_up_to_what_torch_counts(name: str) -> None:
    build, image, parameters, _ = NETWORKS[name]
    with torch.device("meta"):
        network, x = build(), torch.empty(1, *image)
    rows = layer_costs(network, x)
    assert sum(row.parameters for row in rows) == parameters
    with FlopCounterMode(display=False) as counter:
        network(x)
    assert sum(row.macs for row in rows) * 2 == counter.get_total_flops()
    assert not any(module._forward_hooks for module in network.modules())


def test_the_table_of_costs_tells_each_layer() -> None:
    with torch.device("meta"):
        rows = layer_costs(AlexNet(), torch.empty(5, 3, 224, 224))
    first, big = rows[0], max(rows, key=lambda row: row.parameters)
    assert (first.name, first.kind, first.shape) == ("features.0", "Conv2d", (64, 55, 55))
    assert (first.parameters, first.macs) == (64 * (3 * 121 + 1), 55 * 55 * 64 * 3 * 121)
    assert (big.name, big.parameters) == ("classifier.1", 9217 * 4096)
    convolutions = sum(row.macs for row in rows if row.kind == "Conv2d")
    assert convolutions > 0.9 * sum(row.macs for row in rows)


def test_costs_of_a_layer_along_the_last_axis_and_of_a_transposed_one() -> None:
    with torch.device("meta"):
        (row,) = layer_costs(nn.Linear(4, 5), torch.empty(2, 3, 4))
        (back,) = layer_costs(nn.ConvTranspose2d(4, 6, 3, 2), torch.empty(2, 4, 5, 5))
    assert row.macs == 3 * 4 * 5
    assert back.macs == 25 * 4 * 6 * 9


def test_the_hooks_are_gone_even_after_a_failure() -> None:
    layer = nn.Linear(4, 5)
    with pytest.raises(RuntimeError):
        layer_costs(layer, torch.empty(2, 3))
    assert not layer._forward_hooks


def randomised(network: nn.Module) -> nn.Module:
    """The network in float64, with random averages in its batch normalisations, evaluating."""
    generator = torch.Generator().manual_seed(0)
    network = network.double().eval()
    for name, values in [*network.named_parameters(), *network.named_buffers()]:
        if values.is_floating_point():
            drawn = torch.randn(values.shape, generator=generator, dtype=torch.float64)
            fan = math.prod(values.shape[1:])
            scaled = drawn.abs() + 0.5 if name.endswith("running_var") else drawn / math.sqrt(fan)
            with torch.no_grad():
                values.copy_(scaled)
    return network


def image(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_lenet_by_the_reference_operators() -> None:
    network = randomised(LeNet5())
    x = image(2, 1, 32, 32)
    p = dict(network.named_parameters())
    maps = average_pool(conv2d(x, p["features.0.weight"], p["features.0.bias"]).tanh(), 2)
    maps = average_pool(conv2d(maps, p["features.3.weight"], p["features.3.bias"]).tanh(), 2)
    rows = maps.reshape(2, 400)
    for number in (1, 3, 5):
        rows = rows @ p[f"classifier.{number}.weight"].T + p[f"classifier.{number}.bias"]
        rows = rows if number == 5 else rows.tanh()
    assert_close(network(x), rows)


@pytest.mark.parametrize("block", [BasicBlock, Bottleneck])
def test_a_residual_block_adds_what_it_was_given(block: type[BasicBlock | Bottleneck]) -> None:
    channels = 4 * block.expansion
    layer = randomised(block(channels, 4))
    x = image(2, channels, 5, 5)
    assert_close(layer(x), (layer.body(x) + x).relu())
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    assert_close(layer(x), x.relu())  # a block of zeros is the identity


@pytest.mark.parametrize("block", [BasicBlock, Bottleneck])
def test_a_strided_block_has_a_strided_shortcut(block: type[BasicBlock | Bottleneck]) -> None:
    layer = randomised(block(6, 4, stride=2))
    x = image(2, 6, 8, 8)
    assert layer(x).shape == (2, 4 * block.expansion, 4, 4)
    assert_close(layer(x), (layer.body(x) + layer.shortcut(x)).relu())
    assert [m.stride for m in layer.shortcut if isinstance(m, nn.Conv2d)] == [(2, 2)]


def test_a_residual_network_takes_other_image_sizes() -> None:
    with torch.device("meta"):
        assert resnet18(10)(torch.empty(1, 3, 64, 96)).shape == (1, 10)
        assert AlexNet(10)(torch.empty(1, 3, 240, 320)).shape == (1, 10)


def test_inception_concatenates_its_branches() -> None:
    widths = Widths(5, one=2, reduce_three=3, three=4, reduce_five=2, five=3, pool=1)
    network = randomised(Inception(widths))
    x = image(2, 5, 6, 7)
    out = network(x)
    assert out.shape == (2, widths.outputs, 6, 7)
    assert_close(out[:, 2:6], network.branches[1](x))
    naive = randomised(NaiveInception(widths))
    assert_close(naive(x)[:, -5:], nn.functional.max_pool2d(x, 3, 1, 1))


def test_bottlenecks_save_weights_and_work() -> None:
    bottlenecked, naive = GOOGLENET_3A.convolutions(), GOOGLENET_3A.naive_convolutions()
    size = (28, 28)
    for convolutions, network in (
        (bottlenecked, Inception),
        (naive, NaiveInception),
    ):
        with torch.device("meta"):
            rows = layer_costs(network(GOOGLENET_3A), torch.empty(1, 192, *size))
        assert inception.parameter_count(convolutions) == sum(row.parameters for row in rows)
        assert inception.macs(convolutions, size) == sum(row.macs for row in rows)
    assert inception.macs(bottlenecked, size) < 0.5 * inception.macs(naive, size)


@pytest.mark.parametrize("size", [140, 188, 572])
def test_unpadded_u_net_has_the_size_foretold(size: int) -> None:
    with torch.device("meta"):
        network, x = UNet(3, 5, width=2), torch.empty(1, 3, size, size)
    side = outcome(size)
    if side is None:
        with pytest.raises((ValueError, RuntimeError)):
            network(x)
    else:
        assert network(x).shape == (1, 5, side, side)


def outcome(size: int) -> int | None:
    try:
        return valid_size(size)
    except ValueError:
        return None


def test_u_net_sizes() -> None:
    assert {size: outcome(size) for size in (572, 188, 140, 573, 92, 12)} == {
        572: 388,
        188: 4,
        140: None,
        573: None,
        92: None,
        12: None,
    }


def test_padded_u_net_keeps_the_size() -> None:
    with torch.device("meta"):
        network = UNet(3, 23, width=4, padded=True)
        assert network(torch.empty(1, 3, 240, 48)).shape == (1, 23, 240, 48)
        with pytest.raises(ValueError, match="15 x 15 cannot be halved"):
            network(torch.empty(1, 3, 120, 120))


def test_u_net_passes_detail_around_the_bottom() -> None:
    # With all transposed convolutions silent, what is left comes through the copies alone.
    network = randomised(UNet(1, 2, width=2, depth=2, padded=True))
    for layer in network.raises:
        for parameter in layer.parameters():
            nn.init.zeros_(parameter)
    x = image(1, 1, 8, 8)
    first = network.down[0](x)
    joined = torch.cat([first, torch.zeros_like(first)], dim=1)
    assert_close(network(x), network.scores(network.up[-1](joined)))


def test_the_middle_is_cropped() -> None:
    maps = torch.arange(25).reshape(1, 1, 5, 5)
    assert centre_crop(maps, torch.empty(1, 1, 3, 3))[0, 0].tolist() == [
        [6, 7, 8],
        [11, 12, 13],
        [16, 17, 18],
    ]
    assert centre_crop(maps, torch.empty(1, 1, 2, 5))[0, 0, :, 0].tolist() == [5, 10]


@pytest.mark.parametrize("name", ["LeNet-5", "Inception 3a"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_any_dtype(name: str, dtype: torch.dtype) -> None:
    build, shape, _, _ = NETWORKS[name]
    assert build().to(dtype)(torch.zeros(1, *shape, dtype=dtype)).dtype == dtype
