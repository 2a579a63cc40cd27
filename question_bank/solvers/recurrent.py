"""Steps of the recurrent cells (lecture 11). A number stands for a vector with one entry, or a matrix with one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from question_bank.grammar.functions import dot, relu, sigmoid, tanh

Real = int | Fraction | float
Vector = tuple[Real, ...]
Matrix = tuple[Vector, ...]


def _identity(x: Real) -> Real:
    return x


_ACTIVATIONS: Mapping[str, Callable[[Real], Real]] = {
    "tanh": tanh,
    "relu": relu,
    "sigmoid": sigmoid,
    "identity": _identity,
}


def rnn_step(
    x: Vector | Real,
    h: Vector | Real,
    W: Matrix | Real,
    V: Matrix | Real,
    b: Vector | Real = 0,
    activation: str = "tanh",
) -> Vector | Real:
    """h_t = activation(W h_{t-1} + V x_t + b): W (H, H), V (H, I), b (H,); tanh, relu, sigmoid or identity."""
    if activation not in _ACTIVATIONS:
        raise ValueError(f'there is no activation "{activation}": {", ".join(_ACTIVATIONS)}')
    applied = _ACTIVATIONS[activation]
    state = tuple(applied(z) for z in _preactivation(x, h, W, V, b))
    return state if isinstance(h, tuple) else state[0]


def rnn_states(
    inputs: tuple[Vector | Real, ...],
    h: Vector | Real,
    W: Matrix | Real,
    V: Matrix | Real,
    b: Vector | Real = 0,
    activation: str = "tanh",
) -> tuple[Vector | Real, ...]:
    """The hidden state after each input, from the state h: `rnn_step` with the same weights at every step."""
    states = []
    for x in inputs:
        h = rnn_step(x, h, W, V, b, activation)
        states.append(h)
    return tuple(states)


def lstm_step(
    x: Vector | Real,
    h: Vector | Real,
    c: Vector | Real,
    W: tuple[Matrix | Real, ...],
    V: tuple[Matrix | Real, ...],
    b: tuple[Vector | Real, ...],
) -> tuple[Vector | Real, Vector | Real]:
    """(h_t, c_t) of an LSTM cell; W, V and b hold an entry for each of f, i, o and the candidate, in this order.

    f, i, o = sigmoid(W h + V x + b); c_t = f c_{t-1} + i tanh(W h + V x + b); h_t = o tanh(c_t). One bias for each gate.
    """
    if (len(W), len(V), len(b)) != (4, 4, 4):
        raise ValueError("W, V and b must have 4 entries each: for f, i, o and the candidate")
    z = [_preactivation(x, h, *gate) for gate in zip(W, V, b, strict=True)]
    forget, enter, show = ([sigmoid(v) for v in gate] for gate in z[:3])
    candidate = [tanh(v) for v in z[3]]
    old = _vector(c)
    cell = tuple(f * a + i * g for f, a, i, g in zip(forget, old, enter, candidate, strict=True))
    state = tuple(o * tanh(a) for o, a in zip(show, cell, strict=True))
    return (state, cell) if isinstance(h, tuple) else (state[0], cell[0])


def _preactivation(
    x: Vector | Real, h: Vector | Real, W: Matrix | Real, V: Matrix | Real, b: Vector | Real
) -> Vector:
    before, new = _vector(h), _vector(x)
    rows = zip(_matrix(W), _matrix(V), _vector(b), strict=True)
    return tuple(dot(w, before) + dot(v, new) + bias for w, v, bias in rows)


def _vector(value: Vector | Real) -> Vector:
    return value if isinstance(value, tuple) else (value,)


def _matrix(value: Matrix | Real) -> Matrix:
    return value if isinstance(value, tuple) else ((value,),)
