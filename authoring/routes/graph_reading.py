"""Computational graphs: formulas by sympy, values by evaluation, nodes by tracing the operations."""

from __future__ import annotations

import math
from typing import Any


def _bent(value: Any, bend: str) -> Any:
    return value**2 if bend == "square" else 1 / value


def _evaluated(first: str, second: str, bend: str, added: str, x: Any, y: Any, z: Any) -> Any:
    # Node by node, as the figure shows them.
    p = x + y if first == "+" else x + (-y)
    q = y + z if second == "+" else y + (-z)
    u = _bent(p, bend)
    m = u * q
    return m + {"x": x, "z": z}[added]


def graph_formula(first: str, second: str, bend: str, added: str) -> str:
    """The formula of the graph, built by sympy node by node and multiplied out."""
    import sympy

    x, y, z = sympy.symbols("x y z")
    return str(sympy.expand(_evaluated(first, second, bend, added, x, y, z)))


def graph_value(first: str, second: str, bend: str, added: str, x: int, y: int, z: int) -> float:
    """The value of the graph at a point, by floating-point evaluation node by node."""
    return float(_evaluated(first, second, bend, added, float(x), float(y), float(z)))


class _Counted:
    """A number that counts the operations it takes part in."""

    count = 0

    def __init__(self, value: float) -> None:
        self.value = value

    def _made(self, value: float) -> _Counted:
        _Counted.count += 1
        return _Counted(value)

    def __add__(self, other: _Counted) -> _Counted:
        return self._made(self.value + other.value)

    def __mul__(self, other: _Counted) -> _Counted:
        return self._made(self.value * other.value)

    def __neg__(self) -> _Counted:
        return self._made(-self.value)

    def exp(self) -> _Counted:
        return self._made(math.exp(self.value))

    def log(self) -> _Counted:
        return self._made(math.log(self.value))

    def reciprocal(self) -> _Counted:
        return self._made(1 / self.value)


def traced_operations(inputs: int, units: int, activation: str) -> int:
    """The operations of a layer on one sample, counted while it is evaluated number by number."""
    x = [_Counted(0.01 * i) for i in range(inputs)]
    one = _Counted(1.0)
    _Counted.count = 0
    for unit in range(units):
        terms = [_Counted(0.1 + unit) * value for value in x]
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        total = total + _Counted(0.5)
        shifted = (-total).exp() + one
        _ = shifted.reciprocal() if activation == "sigmoid" else shifted.log()
    return _Counted.count
