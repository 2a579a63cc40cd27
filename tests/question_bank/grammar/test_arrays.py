"""Formulas of vectors and matrices beside NumPy, at the same arrays."""

from __future__ import annotations

import numpy as np
import pytest

from question_bank.grammar import arrays
from question_bank.grammar.answer_syntax import parse_answer
from question_bank.grammar.answer_words import FUNCTIONS
from question_bank.grammar.arrays import ShapeFault, shape_of, sizes
from question_bank.grammar.numeric import Meter, TooLarge, TooLong, Undefined

SHAPES = sizes({"W": ("n", "n"), "U": ("n", "m"), "p": ("n",), "q": ("n",), "s": ("m",)})
NAMES = [*SHAPES, "a"]
POINT = {name: arrays._array(name, SHAPES.get(name, (1, 1)), (-1.0, 1.0), 0) for name in NAMES}
W, U, p, q, s = (np.array(POINT[name], dtype=float) for name in "WUpqs")
a = float(POINT["a"][0][0])


def rows(text, by_entry=False, units=10_000):
    node = parse_answer(text, NAMES, FUNCTIONS, arrays=True)
    found = arrays._rows(node, POINT, by_entry, Meter(units))
    assert (len(found), len(found[0])) == shape_of(node, SHAPES, by_entry)
    return np.array(found, dtype=float)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("W p", W @ p),
        ("W^T p + 2q", W.T @ p + 2 * q),
        ("p q^T", p @ q.T),
        ("p^T q", p.T @ q),
        ("p .* q", p * q),
        ("p q", p * q),
        ("p*q", p * q),
        ("p .* W", p * W),
        ("p W", p * W),
        ("U s^T", U * s.T),
        ("W*p", W @ p),
        ("diag(p) W", np.diag(p[:, 0]) @ W),
        ("W .* q^T", W * q.T),
        ("tanh(W p + U s)", np.tanh(W @ p + U @ s)),
        ("1 - p^2", 1 - p**2),
        ("W + p", W + p),
        ("q^T - W", q.T - W),
        ("W^3", W @ W @ W),
        ("W^11 p", np.linalg.matrix_power(W, 11) @ p),
        ("W^0", np.eye(3)),
        ("W^-1 p", np.linalg.solve(W, p)),
        ("W^-2", np.linalg.inv(W) @ np.linalg.inv(W)),
        ("(W - 2/7)^-1 q", np.linalg.solve(W - 2 / 7, q)),
        ("a W / 3 - W", a * W / 3 - W),
        ("max(p, q)", np.maximum(p, q)),
        ("-(p/q)", -p / q),
    ],
)
def test_values_are_those_of_numpy(text, expected):
    np.testing.assert_allclose(rows(text), expected, rtol=1e-9)


def test_a_star_of_square_arrays_is_read_in_both_ways():
    np.testing.assert_allclose(rows("W*W"), W @ W)
    np.testing.assert_allclose(rows("W*W", by_entry=True), W * W)


@pytest.mark.parametrize(
    "text",
    [
        "U p",
        "U*p",
        "q^T U^T",
        "p^T .* q",
        "W + U",
        "p + q^T",
        "U .* W",
        "p / q^T",
        "p^q",
        "diag(W)",
        "max(p, W)",
    ],
)
def test_shapes_that_do_not_fit_are_a_fault(text):
    with pytest.raises(ShapeFault):
        shape_of(parse_answer(text, NAMES, FUNCTIONS, arrays=True), SHAPES, False)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("(p q^T)^-1", Undefined),
        ("(W - W)^-1", Undefined),
        ("W^(1/2)", TooLarge),
        ("W^13", TooLarge),
        ("ln(0p)", Undefined),
    ],
)
def test_what_has_no_value_or_too_large_a_one(text, error):
    with pytest.raises(error):
        rows(text)


def test_the_work_is_bounded():
    assert rows("W^-12 p", units=1_000).shape == (3, 1)
    with pytest.raises(TooLong):
        rows("+".join(["W^-12 p"] * 10), units=1_000)
