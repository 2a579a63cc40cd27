"""Start values of exercise 2's networks: names, shapes, spread, dtype."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from grader.code.bench import Bench, CodeTest, Finding, FoundError
from grader.code.checks.fully_connected_net_draw import (
    ANY_LAYERS,
    FILE,
    TWO_LAYERS,
    Size,
    construct,
    parameters_of,
)
from grader.code.checks.numpy_calls import call, send
from grader.code.compare import Numbers, describe
from grader.code.frames import Array, Kept

WIDE = Size(1, (60,), (50,), 50)
DEEP = Size(1, (60,), (50, 55), 50)
SCALE = 0.3
Shapes = dict[str, tuple[int, ...]]


def two_layers(bench: Bench) -> Finding:
    """TwoLayerNet: with a given weight_scale, with the default, and the default sizes."""
    for scale in (SCALE, None):
        options = {} if scale is None else {"weight_scale": scale}
        at = _words("TwoLayerNet", "", options)
        found = _start_values(bench, construct(TWO_LAYERS, WIDE, None, "net", **options), at)
        _require_start(found, _shapes(WIDE, batch_norm=False), scale or 1e-3, at)
    _require_sizes(bench, "TwoLayerNet()", [call(TWO_LAYERS, keep="net")], (3072, 100, 10))
    return Finding("right", "The weights have the shapes and the spread asked for, biases are 0.")


def any_layers(bench: Bench) -> Finding:
    """FullyConnectedNet: the same, with and without batch normalisation, in both dtypes."""
    for scale, batch_norm, dtype in (
        (SCALE, False, "float64"),
        (None, False, None),
        (SCALE, True, "float64"),
    ):
        options: dict[str, Any] = {} if scale is None else {"weight_scale": scale}
        options |= {"use_batchnorm": True} if batch_norm else {}
        shown = options | ({"dtype": f"np.{dtype}"} if dtype else {})
        at = _words("FullyConnectedNet", f"{list(DEEP.hidden)}, ", shown)
        found = _start_values(bench, construct(ANY_LAYERS, DEEP, dtype, "net", **options), at)
        _require_start(found, _shapes(DEEP, batch_norm=batch_norm), scale or 1e-2, at)
        for name, value in found.items():
            if value.dtype != np.dtype(dtype or "float32"):
                asked = f"dtype {dtype}" if dtype else "the default dtype, float32,"
                raise FoundError(
                    f"{name} of {at} has dtype {value.dtype}; {asked} was asked for.",
                    mistake="dtype-ignored",
                )
    steps = [call(ANY_LAYERS, [7], keep="net")]
    _require_sizes(bench, "FullyConnectedNet([7])", steps, (3072, 7, 10))
    return Finding(
        "right", "All parameters are there, with the shapes, the spread and the dtype asked for."
    )


def _words(name: str, first: str, options: dict[str, Any]) -> str:
    return f"{name}({first}{', '.join(f'{k}={v}' for k, v in options.items())})"


def _shapes(size: Size, *, batch_norm: bool) -> Shapes:
    shapes: Shapes = {}
    for layer, (rows, columns) in enumerate(pairwise(size.layers), start=1):
        shapes |= {f"W{layer}": (rows, columns), f"b{layer}": (columns,)}
        if batch_norm and layer <= len(size.hidden):
            shapes |= {f"gamma{layer}": (columns,), f"beta{layer}": (columns,)}
    return shapes


def _start_values(bench: Bench, steps: list[dict[str, Any]], at: str) -> dict[str, Numbers]:
    params = bench.results([*steps, *parameters_of("net"), send("params", "params")], at)["params"]
    if not isinstance(params, dict):
        raise FoundError(f"params of {at} should be a dict; it is {describe(params)}.")
    for name, value in params.items():
        if not isinstance(value, Array) or value.kind != "array":
            raise FoundError(f"params[{name!r}] of {at} is {describe(value)}; arrays belong there.")
    return {name: value.values for name, value in params.items()}


def _require_start(found: dict[str, Numbers], shapes: Shapes, scale: float, at: str) -> None:
    """Names and shapes, so the number of parameters; then the values."""
    extra = sorted(set(found) - set(shapes))
    for name, shape in shapes.items():
        if name not in found or found[name].shape != shape:
            is_ = f"has the shape {found[name].shape}" if name in found else "is missing"
            raise FoundError(
                f"params[{name!r}] of {at} should have the shape {shape}; it {is_}.",
                mistake=None if name in found else "parameters-missing",
            )
    if extra:
        last = extra[-1].startswith("gamma") and any(n.startswith("gamma") for n in shapes)
        why = " Batch normalisation belongs to the hidden layers only." if last else ""
        raise FoundError(
            f"params of {at} should hold {', '.join(shapes)}; there is also "
            f"{', '.join(name[:20] for name in extra[:6])}.{why}",
            mistake="batch-norm-on-the-last-layer" if last else "too-many-parameters",
        )
    for name in shapes:
        _require_values(name, found[name].astype(np.float64), scale, at)
    _require_own_numbers({n: v for n, v in found.items() if n.startswith("W")}, at)


def _require_own_numbers(weights: dict[str, Numbers], at: str) -> None:
    """No layer has the numbers of another one."""
    few = min(w.size for w in weights.values())
    for (one, first), (other, second) in pairwise(weights.items()):
        if np.allclose(first.ravel()[:few], second.ravel()[:few], rtol=1e-4):
            raise FoundError(
                f"{other} of {at} has the same numbers as {one}: each layer draws its own (a generator "
                "that is made anew with the same seed begins from the start).",
                mistake="the-same-numbers-in-every-layer",
            )


def _require_values(name: str, value: Numbers, scale: float, at: str) -> None:
    if not name.startswith("W"):
        constant = 1.0 if name.startswith("gamma") else 0.0
        if not np.array_equal(value, np.full_like(value, constant)):
            kind = name.rstrip("0123456789")
            raise FoundError(
                f"{name} of {at} should start at {constant:g} everywhere.",
                mistake="biases-not-zero" if kind == "b" else f"{kind}-start",
            )
        return
    if not value.any():
        raise FoundError(
            f"{name} of {at} is 0 everywhere: then all units of a layer compute and learn the same.",
            mistake="weights-all-zero",
        )
    # Of 2500 and more numbers: the estimate of the spread is off by 15 % once in 10^25.
    spread, centre = float(value.std()), float(value.mean())
    if not abs(spread / scale - 1) < 0.15:
        raise FoundError(
            f"{name} of {at} should have the standard deviation {scale:g}; it has {spread:.3g}.",
            mistake="weight-scale-ignored",
        )
    if abs(centre) > scale / 4:
        raise FoundError(
            f"{name} of {at} should have the mean 0; it has {centre:.3g}.",
            mistake="weights-not-centred",
        )
    # Of normal numbers 8 % are beyond 1.75 standard deviations, of uniform ones none.
    beyond = float((np.abs(value) > 1.75 * scale).mean())
    if not 0.04 < beyond < 0.14:
        raise FoundError(
            f"{name} of {at} should be Gaussian: of such numbers 8 % are further than 1.75 standard "
            f"deviations from 0; here {beyond:.1%} are.",
            mistake="weights-not-gaussian",
        )


def _require_sizes(
    bench: Bench, at: str, steps: list[dict[str, Any]], layers: tuple[int, ...]
) -> None:
    """Shapes alone: the default net's weights would be a large reply."""
    expected = {f"W{i}": shape for i, shape in enumerate(pairwise(layers), start=1)}
    steps = [*steps, *parameters_of("net")]
    for name in expected:
        steps += [call("numpy:shape", Kept("params")[name], keep=name), send(name, name)]
    found = bench.results(steps, at)
    for name, shape in expected.items():
        if found[name] != shape:
            raise FoundError(
                f"{name} of {at} should have the shape {shape}; it has {found[name]}.",
                mistake="default-sizes",
            )


TESTS = {
    "fc_two_layer_net.initialisation": CodeTest(two_layers, FILE),
    "fully_connected_net.initialisation": CodeTest(any_layers, FILE),
}
