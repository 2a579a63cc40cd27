from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close

from reference_impl import fully_connected as fc
from reference_impl.dropout import draw_mask

N, SIZES = 6, (12, 5, 7, 4)


def draw(sizes: tuple[int, ...], *, batch_norm: bool) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    parameters = fc.initialise(
        sizes, generator=generator, weight_scale=0.5, batch_norm=batch_norm, dtype=torch.float64
    )
    # Zero biases and unit scales would hide a term that is missing.
    return {
        name: value + 0.3 * torch.randn(value.shape, generator=generator, dtype=value.dtype)
        for name, value in parameters.items()
    }


def torch_net(parameters: dict[str, Tensor], sizes: tuple[int, ...]) -> nn.Sequential:
    """The same net of torch's layers, without dropout."""
    layers: list[nn.Module] = [nn.Flatten()]
    for layer in range(1, len(sizes)):
        linear = nn.Linear(sizes[layer - 1], sizes[layer], dtype=torch.float64)
        linear.weight = nn.Parameter(parameters[f"W{layer}"].T.clone())
        linear.bias = nn.Parameter(parameters[f"b{layer}"].clone())
        layers.append(linear)
        if f"gamma{layer}" in parameters:
            norm = nn.BatchNorm1d(sizes[layer], dtype=torch.float64)
            norm.weight = nn.Parameter(parameters[f"gamma{layer}"].clone())
            norm.bias = nn.Parameter(parameters[f"beta{layer}"].clone())
            layers.append(norm)
        if layer < len(sizes) - 1:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def torch_gradients(net: nn.Sequential) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    layer = 0
    for module in net:
        if isinstance(module, nn.Linear):
            layer += 1
            assert module.weight.grad is not None
            assert module.bias.grad is not None
            found[f"W{layer}"], found[f"b{layer}"] = module.weight.grad.T, module.bias.grad
        elif isinstance(module, nn.BatchNorm1d):
            assert module.weight.grad is not None
            assert module.bias.grad is not None
            found[f"gamma{layer}"], found[f"beta{layer}"] = module.weight.grad, module.bias.grad
    return found


def data() -> tuple[Tensor, Tensor]:
    torch.manual_seed(1)
    return torch.randn(N, 3, 2, 2, dtype=torch.float64), torch.tensor([0, 3, 1, 1, 2, 0])


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("sizes", [SIZES, (12, 8, 4), (12, 4)])
@pytest.mark.parametrize("reg", [0.0, 0.7])
def test_loss_and_gradients_are_torchs(
    batch_norm: bool, sizes: tuple[int, ...], reg: float
) -> None:
    parameters = draw(sizes, batch_norm=batch_norm)
    x, y = data()
    net = torch_net(parameters, sizes)
    loss = nn.functional.cross_entropy(net(x), y)
    weights = [module.weight for module in net if isinstance(module, nn.Linear)]
    loss = loss + reg / 2 * sum(w.square().sum() for w in weights)
    loss.backward()

    found = fc.loss_and_gradients(
        parameters, x, y, reg=reg, running=fc.fresh_statistics(parameters)
    )
    assert_close(found.loss, loss.detach())
    expected = torch_gradients(net)
    assert found.gradients.keys() == expected.keys() == parameters.keys()
    for name, wanted in expected.items():
        assert_close(found.gradients[name], wanted)


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("loss", ["softmax", "l2"])
def test_gradients_with_dropout_are_autograds(batch_norm: bool, loss: str) -> None:
    p = 0.4
    parameters = draw(SIZES, batch_norm=batch_norm)
    x, y = data()
    if loss == "l2":
        y = torch.randn(N, 4, dtype=torch.float64)
    generator = torch.Generator().manual_seed(2)
    masks = [draw_mask((N, width), p, generator) for width in SIZES[1:-1]]
    running = fc.fresh_statistics(parameters)
    found = fc.loss_and_gradients(
        parameters, x, y, reg=0.1, loss=loss, running=running, keep_masks=masks, p=p
    )
    leaves = {name: value.clone().requires_grad_() for name, value in parameters.items()}
    again = fc.loss_and_gradients(
        leaves, x, y, reg=0.1, loss=loss, running=running, keep_masks=masks, p=p
    ).loss
    wanted = torch.autograd.grad(again, list(leaves.values()))
    for name, gradient in zip(leaves, wanted, strict=True):
        assert_close(found.gradients[name], gradient)


def test_dropout_acts_on_the_hidden_units() -> None:
    parameters = draw((12, 5, 4), batch_norm=False)
    x, _ = data()
    none = torch.zeros(N, 5, dtype=torch.bool)
    out = fc.training_pass(parameters, x, keep_masks=[none], p=0.5).scores
    assert_close(out, parameters["b2"].expand(N, 4))
    everything = fc.training_pass(parameters, x, keep_masks=[~none], p=0.5).scores
    undropped = fc.training_pass(parameters, x).scores
    assert_close(everything - parameters["b2"], 2 * (undropped - parameters["b2"]))


def test_scores_use_the_running_averages() -> None:
    parameters = draw(SIZES, batch_norm=True)
    x, _ = data()
    net = torch_net(parameters, SIZES).eval()
    norms = [module for module in net if isinstance(module, nn.BatchNorm1d)]
    running = fc.training_pass(parameters, x, running=fc.fresh_statistics(parameters)).running
    for norm, average in zip(norms, running, strict=True):
        norm.running_mean, norm.running_var = average.mean, average.var
    assert_close(fc.scores(parameters, x, running), net(x).detach())
    # One example's scores do not depend on its companions.
    assert_close(fc.scores(parameters, x[:1], running), net(x).detach()[:1])
    assert torch.equal(fc.predict(parameters, x, running), net(x).argmax(dim=1))


def test_without_batch_norm_training_and_testing_agree() -> None:
    parameters = draw(SIZES, batch_norm=False)
    x, _ = data()
    assert torch.equal(fc.scores(parameters, x), fc.training_pass(parameters, x).scores)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_initialisation(dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(0)
    parameters = fc.initialise(
        (400, 100, 10), generator=generator, weight_scale=0.02, batch_norm=True, dtype=dtype
    )
    assert sorted(parameters) == ["W1", "W2", "b1", "b2", "beta1", "gamma1"]
    assert {value.dtype for value in parameters.values()} == {dtype}
    w = parameters["W1"]
    assert w.shape == (400, 100)
    # Five standard errors of a mean and of a standard deviation over 40000 draws.
    assert abs(w.mean().item()) < 5 * 0.02 / math.sqrt(40_000)
    assert w.std().item() == pytest.approx(0.02, rel=5 / math.sqrt(2 * 40_000))
    assert not any(parameters[name].any() for name in ("b1", "b2", "beta1"))
    assert torch.equal(parameters["gamma1"], torch.ones(100, dtype=dtype))


def test_an_unknown_loss_is_refused() -> None:
    parameters = draw((12, 4), batch_norm=False)
    x, y = data()
    with pytest.raises(ValueError, match="softmax or l2"):
        fc.loss_and_gradients(parameters, x, y, loss="mse")


@pytest.mark.gpu
def test_runs_on_the_gpu() -> None:
    parameters = {name: value.to("cuda") for name, value in draw(SIZES, batch_norm=True).items()}
    x, y = (value.to("cuda") for value in data())
    running = fc.fresh_statistics(parameters)
    found = fc.loss_and_gradients(parameters, x, y, running=running)
    here = fc.loss_and_gradients(
        draw(SIZES, batch_norm=True),
        *data(),
        running=fc.fresh_statistics(draw(SIZES, batch_norm=True)),
    )
    assert_close(found.loss.cpu(), here.loss)
    for name, gradient in found.gradients.items():
        assert_close(gradient.cpu(), here.gradients[name])
