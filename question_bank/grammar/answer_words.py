"""The functions that a student's formula may name, and the other spellings of each."""

from __future__ import annotations

from collections.abc import Mapping

CONSTANTS = ("e", "pi")

# The least and the most values that each takes.
FUNCTIONS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(
        (
            "exp", "ln", "log", "log2", "log10", "sqrt", "abs", "sign", "sin", "cos", "tan", "arctan", "sinh",
            "cosh", "sech", "tanh", "sigmoid", "sigma", "relu", "softplus", "transpose",
            "exp'", "ln'", "tanh'", "sigmoid'", "sigma'", "relu'", "softplus'", "sin'", "cos'",
            "diag",
        ),
        (1, 1),
    ),
    "max": (2, 8),
    "min": (2, 8),
}  # fmt: skip
# What formulas of vectors and matrices may name beside them.
ARRAY_FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "sum": (1, 1),
    "softmax": (1, 1),
    "outer": (2, 2),
    "dot": (2, 2),
}
# What numbers may name beside them.
NUMBER_FUNCTIONS: Mapping[str, tuple[int, int]] = {"floor": (1, 1), "ceil": (1, 1)}
# Functions of which nothing here is a part: asin(x) is no a times sin(x).
OTHER_FUNCTIONS = ("asin", "acos", "arcsin", "arccos", "asinh", "acosh", "atanh", "arsinh", "arcosh", "artanh", "argmax", "argmin", "logsigmoid")  # fmt: skip
# Without these, formulas are smooth and few points tell two of them apart.
PIECEWISE = frozenset({"abs", "sign", "relu", "relu'", "max", "min"})

_SPELLINGS = {
    "lg": "log10", "ld": "log2", "lb": "log2", "atan": "arctan", "logistic": "sigmoid", "logistic'": "sigmoid'",
    "sgn": "sign", "wurzel": "sqrt", "betrag": "abs", "matmul": "dot", "loge": "ln", "ceiling": "ceil", "dtanh": "tanh'", "dsigmoid": "sigmoid'",
    "drelu": "relu'",
}  # fmt: skip


def spelled(word: str) -> str:
    """The function's name for a word as it was typed: ReLU, Tanh, lg."""
    if word in FUNCTIONS:
        return word
    lower = word.lower()
    return _SPELLINGS.get(lower, lower)
