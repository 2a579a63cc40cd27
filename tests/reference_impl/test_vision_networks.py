"""FCN, keypoint networks, and the segmentation network."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close

from reference_impl.alexnet import AlexNet
from reference_impl.fcn import FCN, FCNHead, as_convolution, bilinear_kernel, enlarging
from reference_impl.heatmaps import hard_argmax
from reference_impl.keypoint_network import CoordinateNetwork, HeatmapNetwork, cells_to_pixels
from reference_impl.segmentation_network import (
    SegmentationNetwork,
    pixel_accuracy,
    pixel_loss,
)
from reference_impl.vgg import VGG16

SMALL = ((2,), (3,), (4,), (5,), (6,))  # VGG's five stages, narrow


def image(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_a_connected_layer_is_a_convolution() -> None:
    maps = image(2, 3, 4, 5)
    for bias in (True, False):
        linear = nn.Linear(3 * 4 * 5, 7, bias=bias).double()
        convolution = as_convolution(linear, 3, (4, 5))
        assert_close(convolution(maps)[:, :, 0, 0], linear(maps.flatten(1)))
    # On larger maps it is the layer at every place.
    larger = image(2, 3, 6, 6)
    moved = linear(larger[:, :, 2:6, 1:6].flatten(1))
    assert_close(convolution(larger)[:, :, 2, 1], moved)
    with pytest.raises(ValueError, match="takes 60 numbers; maps of 3 x 4 x 4 have 48"):
        as_convolution(linear, 3, (4, 4))


def test_a_classifier_becomes_fully_convolutional() -> None:
    with torch.device("meta"):
        vgg = VGG16()
        head = as_convolution(vgg.classifier[0], 512, (7, 7))
        assert head(vgg.features(torch.empty(1, 3, 256, 320))).shape == (1, 4096, 2, 4)


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_enlarging_begins_as_bilinear_interpolation(factor: int) -> None:
    layer = enlarging(3, factor).double()
    maps = image(2, 3, 5, 6)
    larger = layer(maps)
    expected = nn.functional.interpolate(maps, scale_factor=factor, mode="bilinear")
    assert larger.shape == expected.shape
    # At the border ours fades to zeros where interpolation repeats the edge.
    inner = slice(factor, -factor)
    assert_close(larger[:, :, inner, inner], expected[:, :, inner, inner])


def test_the_tent_sums_to_the_area_that_a_pixel_fills() -> None:
    for factor in (2, 4, 32):
        assert_close(bilinear_kernel(factor).sum().item(), float(factor**2))
    for factor in (0, 1, 3):
        with pytest.raises(ValueError, match="must be even"):
            bilinear_kernel(factor)


@pytest.mark.parametrize("stride", [8, 16, 32])
def test_fcn_scores_every_pixel(stride: int) -> None:
    network = FCN(5, stride, SMALL).double()
    assert network(image(1, 3, 32, 64)).shape == (1, 5, 32, 64)
    with pytest.raises(ValueError, match="multiples of 32"):
        network(image(1, 3, 40, 64))


def test_fcn_of_another_stride_is_refused() -> None:
    with pytest.raises(ValueError, match="can be 8, 16 or 32"):
        FCN(5, 4, SMALL)


def test_fcn_8_on_vgg() -> None:
    with torch.device("meta"):
        network = FCN(21)
        assert network(torch.empty(1, 3, 224, 224)).shape == (1, 21, 224, 224)
        plain = sum(p.numel() for p in VGG16().features.parameters())
        # Three 1x1 scores with biases, two doublings 4x4, one enlargement 16x16.
        head = (256 + 512 + 512 + 3) * 21 + 21 * 21 * (2 * 16 + 256)
    assert sum(p.numel() for p in network.parameters()) == plain + head


def test_a_finer_head_begins_where_the_coarser_ended() -> None:
    coarse, fine = FCNHead((6,), 3, 4).double(), FCNHead((5, 6), 3, 2).double()
    fine.scores[-1].load_state_dict(coarse.scores[0].state_dict())
    maps = image(1, 6, 4, 4)
    larger = image(1, 5, 8, 8)
    inner = slice(6, -6)
    begun = fine((larger, maps))
    # Enlarging by 2 and again by 2 is nearly, not quite, enlarging by 4.
    assert_close(begun[:, :, inner, inner], coarse((maps,))[:, :, inner, inner], rtol=0, atol=0.3)
    assert_close(begun, fine((0 * larger, maps)))  # skips are silent at first
    nn.init.ones_(fine.scores[0].weight)
    assert not torch.allclose(begun, fine((larger, maps)))


@pytest.mark.parametrize("build", [CoordinateNetwork, HeatmapNetwork])
def test_keypoints_of_faces(build: type[nn.Module]) -> None:
    network = build().double()
    out = network(image(2, 1, 96, 96))
    assert out.shape == (2, 30)
    out.square().mean().backward()
    grads = {name: p.grad for name, p in network.named_parameters()}
    # All learn; a constant on a whole heatmap does not move its expectation.
    silent = {n for n, g in grads.items() if g is None or g.abs().max() < 1e-12}
    assert silent <= {"scores.1.bias", "coarse.4.bias"}


def test_heatmaps_follow_a_shift_of_the_face() -> None:
    network = HeatmapNetwork().double().eval()
    face = torch.zeros(1, 1, 96, 96, dtype=torch.float64)
    face[:, :, 30:50, 30:50] = image(1, 1, 20, 20)
    shifted = face.roll((16, 8), dims=(2, 3))  # whole cells of the coarsest maps, of 8 pixels
    before, after = network.heatmaps(face), network.heatmaps(shifted)
    inner = slice(6, -8)
    assert_close(after.roll((-4, -2), dims=(2, 3))[..., inner, inner], before[..., inner, inner])


def test_places_are_pixels_from_minus_one_to_one() -> None:
    assert cells_to_pixels(torch.tensor([0.0, 1.0, 23.0])).tolist() == [1.5, 5.5, 93.5]
    network = HeatmapNetwork().double().eval()
    scores = torch.full((1, 15, 24, 24), -1e4, dtype=torch.float64)
    scores[0, :, 6, 18] = 0
    network.heatmaps = lambda x: scores
    found = network(image(1, 1, 96, 96)).unflatten(1, (15, 2))
    # Column 18, row 6: pixels 73.5 and 25.5 of [0, 96].
    assert_close(found[0, 0], torch.tensor([25.5 / 48, -22.5 / 48]).double())
    assert hard_argmax(scores)[0, 0].tolist() == [18, 6]


@pytest.mark.parametrize("build", [CoordinateNetwork, HeatmapNetwork])
def test_keypoint_networks_can_learn_a_few_faces_by_heart(build: type[nn.Module]) -> None:
    torch.manual_seed(0)
    network = build()
    faces, keypoints = torch.rand(4, 1, 96, 96), torch.rand(4, 30) * 1.2 - 0.6
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    errors = []
    for _ in range(12):
        error = nn.functional.mse_loss(network(faces), keypoints)
        optimiser.zero_grad()
        error.backward()
        optimiser.step()
        errors.append(float(error.detach()))
    assert errors[-1] < 0.8 * errors[0]


def test_segmentation_scores_every_pixel() -> None:
    with torch.device("meta"):
        network = SegmentationNetwork()
        assert network.features(torch.empty(2, 3, 240, 240)).shape == (2, 256, 6, 6)
        assert network(torch.empty(2, 3, 240, 240)).shape == (2, 23, 240, 240)
        assert network(torch.empty(2, 3, 63, 100)).shape == (2, 23, 63, 100)


def test_segmentation_takes_the_trained_convolutions() -> None:
    trained = AlexNet(classes=2)
    network = SegmentationNetwork.from_classifier(trained, classes=4)
    x = torch.rand(1, 3, 80, 80)
    assert_close(network.features(x), trained.features(x))
    # A copy: training goes on here and leaves the classifier as it was.
    with torch.no_grad():
        network.features[0].weight.add_(1)
    assert not torch.equal(network.features[0].weight, trained.features[0].weight)


def test_unlabelled_pixels_do_not_count() -> None:
    scores = image(2, 4, 3, 5).requires_grad_()
    labels = torch.randint(-1, 4, (2, 3, 5), generator=torch.Generator().manual_seed(0))
    assert (labels == -1).any()
    expected = nn.functional.cross_entropy(scores, labels, ignore_index=-1)
    assert_close(pixel_loss(scores, labels), expected)
    found = torch.autograd.grad(pixel_loss(scores, labels), scores)
    assert_close(found, torch.autograd.grad(expected, scores))
    known = labels >= 0
    right = (scores.argmax(1)[known] == labels[known]).sum().item() / known.sum().item()
    assert pixel_accuracy(scores, labels) == pytest.approx(right)


def test_an_image_without_labels_has_no_accuracy_and_no_loss() -> None:
    scores = image(1, 4, 3, 5).requires_grad_()
    labels = torch.full((1, 3, 5), -1)
    loss = pixel_loss(scores, labels)
    assert loss == 0
    assert torch.autograd.grad(loss, scores)[0].eq(0).all()
    with pytest.raises(ValueError, match="no pixel is labelled"):
        pixel_accuracy(scores, labels)
