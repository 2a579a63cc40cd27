"""Formulas of vectors and matrices beside NumPy, at the same arrays."""

from __future__ import annotations

import numpy as np
import pytest

from question_bank.grammar.answer_syntax import Way, parse_answer
from question_bank.grammar.answer_words import ARRAY_FUNCTIONS, CONSTANTS, FUNCTIONS
from question_bank.grammar.arrays import rows_of
from question_bank.grammar.numeric import COARSE, Meter, TooLarge, TooLong, Undefined
from question_bank.grammar.sampling import box_of, inside
from question_bank.grammar.shapes import ShapeFault, loosely, senses, sizes
from question_bank.grammar.shown import echo

SHAPES = sizes({"W": ("n", "n"), "U": ("n", "m"), "p": ("n",), "q": ("n",), "s": ("m",)})
NAMES = [*CONSTANTS, *SHAPES, "a", "I"]
POINT = inside(box_of(dict.fromkeys([*SHAPES, "a"], (-1.0, 1.0)), SHAPES), 0)
W, U, p, q, s = (np.array(POINT[name], dtype=float) for name in "WUpqs")
a = float(POINT["a"][0][0])


def parsed(text):
    return parse_answer(text, NAMES, {*FUNCTIONS, *ARRAY_FUNCTIONS}, Way(arrays=True))


def valued(sense, units=10_000):
    found = rows_of(sense.node, POINT, COARSE, Meter(units))
    assert (len(found), len(found[0])) == sense.shape
    return np.array(found, dtype=float)


def rows(text, units=10_000):
    return valued(senses(parsed(text), SHAPES)[0], units)


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
        ("U .* s^T", U * s.T),
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
        ("1/p", 1 / p),
        ("2/(1+exp(-p))", 2 / (1 + np.exp(-p))),
        ("e^-U", np.exp(-U)),
        ("W/p", W / p),
        ("U/s^T", U / s.T),
        ("tanh(W)^2", np.tanh(W) ** 2),
        ("tanh^2(W)", np.tanh(W) ** 2),
        ("1 - diag(p)", np.eye(3) - np.diag(p[:, 0])),
        ("2a + diag(p)^2", 2 * a * np.eye(3) + np.diag(p[:, 0] ** 2)),
        ("I W - W", W - W),
        ("(I - diag(p)) U", (np.eye(3) - np.diag(p[:, 0])) @ U),
        ("(2I + W)^-1 q", np.linalg.solve(2 * np.eye(3) + W, q)),
        ("I^T I - W", np.eye(3) - W),
        ("I .* W", np.eye(3) * W),
        ("U I", U),
        ("1 - W", 1 - W),
        ("sum(U)", U.sum(keepdims=True)),
        ("exp(p)/sum(exp(p))", np.exp(p) / np.exp(p).sum()),
        ("softmax(p)", np.exp(p) / np.exp(p).sum()),
        ("softmax(s^T)", (np.exp(s) / np.exp(s).sum()).T),
        ("outer(p, s)", p @ s.T),
        ("outer(p^T, s^T)", p @ s.T),
        ("dot(p, q)", p.T @ q),
    ],
)
def test_values_are_those_of_numpy(text, expected):
    np.testing.assert_allclose(rows(text), expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("text", "expected", "remote"),
    [
        ("W*W", [W @ W, W * W], [False, False]),
        ("W^T*W", [W.T @ W, W.T * W], [False, True]),
        ("W*W^-1", [W @ np.linalg.inv(W), W * np.linalg.inv(W)], [False, True]),
        ("(I - diag(p))*W", [W - p * W, np.diag((1 - p[:, 0]) * np.diag(W))], [False, True]),
        ("W*W*p", [W @ W @ p], [False]),
        ("1 - W", [1 - W, np.eye(3) - W], [False, True]),
        (
            "(W + a)^2",
            [(W + a) @ (W + a), (W + a * np.eye(3)) @ (W + a * np.eye(3))],
            [False, True],
        ),
        ("1 - p", [1 - p], [False]),
        ("W + 0", [W], [False]),
    ],
)
def test_what_the_shapes_leave_open_is_read_in_each_way(text, expected, remote):
    found = senses(parsed(text), SHAPES)
    assert [sense.remote for sense in found] == remote
    for sense, values in zip(found, expected, strict=True):
        np.testing.assert_allclose(valued(sense), values, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(1/W) p", [np.linalg.solve(W, p), (1 / W) @ p]),
        ("p s", [p @ s.T]),
        ("p^q", [np.power(np.abs(p), q)] if (p > 0).all() else []),
        ("W s", []),
        ("p + q^T", []),
    ],
)
def test_what_someone_may_have_meant_whose_shapes_do_not_fit(text, expected):
    found = []
    for sense in loosely(parsed(text), SHAPES):
        try:
            found.append(valued(sense))
        except Undefined:
            continue
    for values in expected:
        assert any(np.allclose(one, values) for one in found), text
    assert bool(found) == bool(expected)


@pytest.mark.parametrize(
    "text",
    ["(1-p^2) * (W * ((1-q^2) * U))", "(2/3) W p", "W (p/2 q^T)", "a/3 W p", "p - (q - (p - q))", "-W p", "(-W)^2 p",
     "W^-1 (U s)", "W*(W*W)", "(W .* W) p", "(1 - diag(p)) W", "2*I - W", "tanh(W)^2 p", "e^-(W p)", "1/(1 + e^-p) q",
     "outer(p, q) W", "W*W^T", "relu'(p) .* (W^T q)", "diag(p)^-1 q", "a*(W U)", "(a W) U", "2 + (diag(p) + W)"],
)  # fmt: skip
def test_what_is_shown_is_read_as_the_same_formula(text):
    for sense in senses(parsed(text), SHAPES):
        back = senses(parsed(echo(sense.node)), SHAPES)
        assert len({echo(one.node) for one in back if not one.remote}) == 1
        np.testing.assert_allclose(valued(back[0]), valued(sense), rtol=1e-9)


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
        "1/W",
        "p/W",
        "p^q",
        "diag(W)",
        "softmax(W)",
        "outer(W, p)",
        "dot(p, s)",
        "tanh(I)",
        "max(p, W)",
    ],
)
def test_shapes_that_do_not_fit_are_a_fault(text):
    with pytest.raises(ShapeFault):
        senses(parsed(text), SHAPES)


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
