from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from question_bank.solvers import convolution as closed_forms
from question_bank.solvers.networks import mlp_params
from reference_impl.alexnet import alexnet_features
from reference_impl.resnet import Bottleneck, resnet50
from reference_impl.sizes import (
    ReceptiveField,
    Window,
    batchnorm_parameter_count,
    conv_macs,
    conv_output_size,
    conv_parameter_count,
    kernel_extent,
    linear_macs,
    linear_parameter_count,
    pool_output_size,
    receptive_field,
    same_padding,
    stack_output_size,
    transposed_conv_macs,
    transposed_conv_output_size,
)
from reference_impl.vgg import vgg_features

small = st.integers(1, 4)


def outcome(function: Callable[..., int], **values: int) -> int | str:
    """The number, or "impossible"."""
    try:
        return function(**values)
    except ValueError:
        return "impossible"


def run(layer: Callable[[], nn.Module], size: int) -> int | str:
    """What torch's layer makes of a row of pixels: its length, or "impossible"."""
    try:
        out = layer()(torch.zeros(1, 1, size, size))
    except (RuntimeError, ValueError):
        return "impossible"
    return int(out.shape[-1])


@settings(max_examples=150)
@given(st.integers(1, 12), small, small, st.integers(0, 3), small)
def test_convolution_sizes_are_torchs_and_the_closed_forms(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    how = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    found = outcome(conv_output_size, size=size, **how)
    assert found == run(lambda: nn.Conv2d(1, 1, kernel, stride, padding, dilation), size)
    assert found == outcome(closed_forms.conv_output_size, input=size, **how)


@settings(max_examples=150)
@given(st.integers(1, 12), small, small, st.integers(0, 3), small)
def test_pooling_sizes_are_torchs(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    found = outcome(
        pool_output_size,
        size=size,
        kernel=kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
    )
    assert found == run(lambda: nn.MaxPool2d(kernel, stride, padding, dilation), size)


def test_a_pooling_moves_by_its_window_unless_told_otherwise() -> None:
    assert pool_output_size(7, 2) == run(lambda: nn.MaxPool2d(2), 7) == 3


@settings(max_examples=150)
@given(st.integers(1, 6), small, small, st.integers(0, 3), st.integers(0, 3), small)
def test_transposed_sizes_are_torchs_and_the_closed_forms(
    size: int, kernel: int, stride: int, padding: int, extra: int, dilation: int
) -> None:
    how = {"kernel": kernel, "stride": stride, "padding": padding, "output_padding": extra}
    found = outcome(transposed_conv_output_size, size=size, dilation=dilation, **how)
    assert found == run(
        lambda: nn.ConvTranspose2d(
            1, 1, kernel, stride, padding, output_padding=extra, dilation=dilation
        ),
        size,
    )
    if dilation == 1 and extra < stride:
        assert found == outcome(closed_forms.transposed_conv_size, input=size, **how)


@given(st.integers(1, 9), small, small, st.integers(0, 2))
def test_output_padding_leads_back_to_the_size_before_the_convolution(
    size: int, kernel: int, stride: int, padding: int
) -> None:
    if kernel > size + 2 * padding:
        return
    after = conv_output_size(size, kernel, stride, padding)
    left_out = (size + 2 * padding - kernel) % stride
    assert transposed_conv_output_size(after, kernel, stride, padding, left_out) == size


def test_the_floor_leaves_pixels_out() -> None:
    assert [conv_output_size(size, 3, 2) for size in (5, 6, 7, 8)] == [2, 2, 3, 3]


@given(st.integers(1, 9), st.integers(1, 5), small)
def test_same_padding_keeps_the_size(size: int, kernel: int, dilation: int) -> None:
    if (kernel_extent(kernel, dilation)) % 2 == 0:
        with pytest.raises(ValueError, match="one side padded more"):
            same_padding(kernel, dilation)
    else:
        padding = same_padding(kernel, dilation)
        assert conv_output_size(size, kernel, 1, padding, dilation) == size
        assert kernel_extent(kernel, dilation) == closed_forms.dilated_extent(kernel, dilation)


@given(small, small, small, small, small, st.booleans())
def test_parameters_of_convolutions_are_torchs_and_the_closed_forms(
    inputs: int, outputs: int, rows: int, columns: int, groups: int, bias: bool
) -> None:
    inputs, outputs = inputs * groups, outputs * groups
    shape = (inputs, outputs, (rows, columns))
    with torch.device("meta"):
        layer = nn.Conv2d(*shape, groups=groups, bias=bias)
        back = nn.ConvTranspose2d(*shape, groups=groups, bias=bias)
    expected = sum(p.numel() for p in layer.parameters())
    assert conv_parameter_count(*shape, groups, bias=bias) == expected
    assert expected == sum(p.numel() for p in back.parameters())
    if rows == columns:
        assert expected == closed_forms.conv_param_count(inputs, outputs, rows, groups, bias)


def test_parameters_of_other_layers_are_torchs() -> None:
    with torch.device("meta"):
        layers = (nn.Linear(7, 5), nn.Linear(7, 5, bias=False), nn.BatchNorm2d(6))
    counts = [sum(p.numel() for p in layer.parameters()) for layer in layers]
    assert counts == [
        linear_parameter_count(7, 5),
        linear_parameter_count(7, 5, bias=False),
        batchnorm_parameter_count(6),
    ]


@given(st.lists(st.integers(1, 9), min_size=2, max_size=5), st.booleans())
def test_parameters_of_connected_layers_agree_with_the_closed_form(
    widths: list[int], bias: bool
) -> None:
    found = sum(linear_parameter_count(a, b, bias=bias) for a, b in pairwise(widths))
    assert found == mlp_params(tuple(widths), bias)


@given(small, small, small, small, st.integers(1, 2), small)
def test_multiplications_counted_by_adding_ones(
    inputs: int, outputs: int, rows: int, columns: int, groups: int, stride: int
) -> None:
    # With ones everywhere each product is 1, so the sum of the output is their number.
    inputs, outputs = inputs * groups, outputs * groups
    image = torch.ones(1, inputs, 6, 7, dtype=torch.float64)
    kernel = torch.ones(outputs, inputs // groups, rows, columns, dtype=torch.float64)
    out = nn.functional.conv2d(image, kernel, stride=stride, groups=groups)
    size = (out.shape[2], out.shape[3])
    found = conv_macs(inputs, outputs, (rows, columns), size, groups)
    assert found == out.sum()
    if rows == columns and groups == 1:
        assert found == closed_forms.conv_macs(inputs, outputs, rows, *size)
    kernel = torch.ones(inputs, outputs // groups, rows, columns, dtype=torch.float64)
    back = nn.functional.conv_transpose2d(image, kernel, stride=stride, groups=groups)
    assert transposed_conv_macs(inputs, outputs, (rows, columns), (6, 7), groups) == back.sum()


def test_multiplications_of_a_fully_connected_layer() -> None:
    assert linear_macs(7, 5) == nn.functional.linear(torch.ones(1, 7), torch.ones(5, 7)).sum()


windows = st.builds(
    Window,
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    dilation=st.integers(1, 2),
)


@settings(max_examples=60)
@given(st.lists(windows, max_size=4))
def test_receptive_field_is_where_the_gradient_reaches(layers: list[Window]) -> None:
    field = receptive_field(layers)
    size = field.size + 3 * field.jump
    outputs = stack_output_size(size, layers)
    for output in {0, outputs // 2, outputs - 1}:
        reached = reach(layers, size, output)
        within = [place for place in field.pixels(output) if 0 <= place < size]
        # Dilation leaves pixels out, and a frame may hide the ends: then nothing outside is reached.
        assert set(reached) <= set(within)
        if all(layer.dilation == 1 for layer in layers) and len(within) == field.size:
            ends = (reached[0], reached[-1])
            assert ends == (within[0], within[-1])


def reach(layers: list[Window], size: int, output: int) -> list[int]:
    """The pixels that one output's gradient reaches through convolutions with positive weights."""
    x = torch.ones(1, 1, size, dtype=torch.float64, requires_grad=True)
    y: Tensor = x
    for layer in layers:
        weight = torch.ones(1, 1, layer.kernel, dtype=torch.float64)
        y = nn.functional.conv1d(y, weight, None, layer.stride, layer.padding, layer.dilation)
    if not layers:
        return [output]
    (gradient,) = torch.autograd.grad(y[0, 0, output], x)
    return [int(place) for place in gradient[0, 0].nonzero().flatten()]


@pytest.mark.parametrize(
    ("layers", "field"),
    [
        ([], ReceptiveField(1, 1, 0)),
        ([Window(3, padding=1)] * 3, ReceptiveField(7, 1, -3)),
        ([Window(7, 2, 3), Window(3, 2, 1)], ReceptiveField(11, 4, -5)),
        ([Window(3, dilation=d) for d in (1, 2, 4)], ReceptiveField(15, 1, 0)),
    ],
)
def test_receptive_fields_by_hand(layers: list[Window], field: ReceptiveField) -> None:
    assert receptive_field(layers) == field
    assert field.centre(2) == field.start + 2 * field.jump + (field.size - 1) / 2
    assert list(field.pixels(1)) == list(
        range(field.start + field.jump, field.start + field.jump + field.size)
    )


@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 4)), max_size=6))
def test_receptive_field_agrees_with_the_closed_form(layers: list[tuple[int, int]]) -> None:
    found = receptive_field(Window(kernel, stride) for kernel, stride in layers)
    assert found.size == closed_forms.receptive_field(tuple(layers))


def windows_of(network: nn.Module) -> list[Window]:
    """The windows of a network without branches, read off its layers."""

    def first(value: Any) -> int:
        return int(value[0] if isinstance(value, tuple) else value)

    return [
        Window(*(first(v) for v in (m.kernel_size, m.stride, m.padding, m.dilation)))
        for m in network.modules()
        if isinstance(m, nn.Conv2d | nn.MaxPool2d)
    ]


def size_and_jump(layers: list[Window]) -> tuple[int, int]:
    field = receptive_field(layers)
    return field.size, field.jump


def test_receptive_fields_of_the_great_networks() -> None:
    # AlexNet and VGG-16 as published by Araujo, Norris and Sim (2019). Their ResNet-50, 483, has each
    # stride at the end of a stage; with the stride in its first block, as here, the sum is 427:
    # the stem sees 11, the stages add 24, 8 and 48, 16 and 160, 32 and 128.
    with torch.device("meta"):
        alexnet, vgg, resnet = alexnet_features(), vgg_features(), resnet50()
    assert size_and_jump(windows_of(alexnet)) == (195, 32)
    assert size_and_jump(windows_of(vgg)) == (212, 32)
    longest = [*windows_of(resnet.stem)]
    for block in resnet.modules():
        if isinstance(block, Bottleneck):
            longest += windows_of(block.body)
    assert size_and_jump(longest) == (427, 32)


def test_the_gradient_of_alexnet_reaches_its_receptive_field() -> None:
    # Positive weights and averages for maxima, so that no path is closed.
    network = nn.Sequential(
        *(
            nn.AvgPool2d(m.kernel_size, m.stride) if isinstance(m, nn.MaxPool2d) else m
            for m in alexnet_features()
        )
    )
    for parameter in network.parameters():
        nn.init.constant_(parameter, 0.01)
    x = torch.ones(1, 3, 290, 67, requires_grad=True)
    out = network(x)
    (gradient,) = torch.autograd.grad(out[0, 0, 3, 0], x)
    rows = gradient[0, 0].sum(dim=1).nonzero().flatten().tolist()
    field = receptive_field(windows_of(alexnet_features()))
    assert rows == [row for row in field.pixels(3) if row in range(290)]
    assert len(rows) == 195


@pytest.mark.parametrize(
    ("function", "values", "reason"),
    [
        (conv_output_size, (5, 3, 0), "stride is 0"),
        (conv_output_size, (5, 0), "kernel is 0"),
        (conv_output_size, (0, 1), "size is 0"),
        (conv_output_size, (5, 3, 1, -1), "padding is -1"),
        (conv_output_size, (5, 3, 1, 0, 0), "dilation is 0"),
        (conv_output_size, (5, 3, 1.5), "whole number"),
        (conv_output_size, (4, 5), "spans 5 does not fit into 4 pixels with padding 0"),
        (conv_output_size, (4, 3, 1, 0, 2), "spans 5"),
        (pool_output_size, (4, 2, 2, 2), "more than half of the window's 2 pixels"),
        (pool_output_size, (4, 2, 0), "stride is 0"),
        (transposed_conv_output_size, (4, 3, 2, 0, 2), "output padding 2 must be smaller"),
        (transposed_conv_output_size, (1, 2, 1, 1), "would have 0 pixels"),
        (conv_parameter_count, (3, 4, 3, 2), "2 groups do not divide 3 input"),
        (conv_parameter_count, (3, 4, (3, 0)), "kernel is 0"),
        (conv_macs, (3, 4, 3, (0, 5)), "height is 0"),
        (linear_parameter_count, (0, 5), "inputs is 0"),
        (batchnorm_parameter_count, (0,), "channels is 0"),
    ],
)
def test_impossible_values_are_refused_with_a_reason(
    function: Callable[..., int], values: tuple[Any, ...], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        function(*values)


def test_an_impossible_layer_has_no_receptive_field() -> None:
    with pytest.raises(ValueError, match="stride is 0"):
        receptive_field([Window(3, 0)])
    with pytest.raises(ValueError, match="padding is -1"):
        receptive_field([Window(3, 1, -1)])
