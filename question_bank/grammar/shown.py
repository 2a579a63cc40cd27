"""A student's formula shown back: as text with every product written out, and as LaTeX."""

from __future__ import annotations

from dataclasses import replace

from question_bank.grammar.nodes import Binary, Call, Name, Negated, Node, Number

_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "@": 2, ".*": 2, "^": 4, ".^": 4}
_TEXT = {"@": " ", ".*": " ⊙ ", "+": " + ", "-": " - ", ".^": "^"}


def echo(node: Node, above: int = 0) -> str:
    """The formula as it was read, with every product written out; typed back, it is read as the same formula."""
    match node:
        case Number():
            return _wrapped(str(node.value), above > 2 and node.value.denominator != 1)
        case Name():
            return node.name
        case Call(function="identity"):
            return "I"
        case Negated():
            return _wrapped(f"-{echo(node.operand, 3)}", above >= 2)
        case Call(function="transpose"):
            return f"{echo(node.arguments[0], 5)}^T"
        case Call():
            return f"{node.function}({', '.join(echo(a) for a in node.arguments)})"
        case Binary():
            own = _STRENGTH[node.operator]
            # Brackets stay where they were: a/b c can be read in two ways, and products of arrays are not associative.
            blank = (
                node.operator == "@" and isinstance(node.left, Binary) and node.left.operator != "@"
            )
            apart = blank or _is_mixed(node, node.left)
            left = echo(node.left, own + (own == 4 or apart))
            right = echo(node.right, own + (own != 4))
            sign = _TEXT.get(node.operator, node.operator)
            return _wrapped(f"{left}{sign}{right}", own < above)
    raise AssertionError(f"no formula holds {node!r}")


_NAMED = {"exp", "ln", "log", "sin", "cos", "tan", "tanh", "max", "min"}
_GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta", "lambda", "mu", "pi", "sigma", "tau", "phi", "omega",
}  # fmt: skip


def latex(node: Node, above: int = 0) -> str:
    """The formula as LaTeX: quotients as fractions, products without a sign."""
    match node:
        case Number():
            value = node.value
            if value.denominator == 1:
                return str(value)
            return rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
        case Name():
            return _latex_name(node.name)
        case Negated():
            return _fenced(f"-{latex(node.operand, 3)}", above >= 2)
        case Call():
            return _latex_call(node)
        case Binary(operator="/"):
            fraction = rf"\frac{{{latex(node.left)}}}{{{latex(node.right)}}}"
            return _fenced(fraction, above > 4)
        case Binary(operator="^"):
            return _fenced(f"{latex(node.left, 5)}^{{{latex(node.right)}}}", above > 4)
        case Binary():
            own = _STRENGTH[node.operator]
            left = latex(node.left, own + _is_mixed(node, node.left))
            turned = _without_minus(node.right) if own == 1 else None
            if turned is not None:
                # 6x + (-3)y is written 6x - 3y.
                sign = " - " if node.operator == "+" else " + "
                return _fenced(f"{left}{sign}{latex(turned, 2)}", own < above)
            right = latex(node.right, own + (node.operator == "-" or _is_mixed(node, node.right)))
            number_follows = right[:1].isdigit()
            signs = {"+": " + ", "-": " - ", ".*": r" \odot "}
            sign = signs.get(node.operator) or (r" \cdot " if number_follows else r"\,")
            return _fenced(f"{left}{sign}{right}", own < above)
    raise AssertionError(f"no formula holds {node!r}")


def _without_minus(node: Node) -> Node | None:
    """The formula without the minus that it begins with; None where it begins with none."""
    match node:
        case Negated():
            return node.operand
        case Number() if node.value < 0:
            return Number(-node.value)
        case Binary(operator="*" | "/"):
            left = _without_minus(node.left)
            return None if left is None else replace(node, left=left)
    return None


def _latex_call(node: Call) -> str:
    arguments = ", ".join(latex(argument) for argument in node.arguments)
    if node.function == "sqrt":
        return rf"\sqrt{{{arguments}}}"
    if node.function == "abs":
        return rf"\left|{arguments}\right|"
    if node.function == "transpose":
        return f"{latex(node.arguments[0], 5)}^{{\\top}}"
    if node.function.rstrip("'") in ("sigmoid", "sigma"):
        primes = "'" * node.function.count("'")
        return rf"\sigma{primes}\!\left({arguments}\right)"
    if node.function == "log2":
        return rf"\log_2\!\left({arguments}\right)"
    plain = node.function.rstrip("'")
    name = rf"\{plain}" if plain in _NAMED else rf"\operatorname{{{plain}}}"
    return rf"{name}{node.function[len(plain) :]}\!\left({arguments}\right)"


def _latex_name(name: str) -> str:
    stem, _, index = name.partition("_")
    if not index and len(name) > 1 and name not in _GREEK:
        digits = len(name) - len(name.rstrip("0123456789"))
        if digits:
            stem, index = name[:-digits], name[-digits:]
    shown = rf"\{stem}" if stem in _GREEK else stem if len(stem) == 1 else rf"\mathrm{{{stem}}}"
    return f"{shown}_{{{index.strip('{}')}}}" if index else shown


def _is_mixed(node: Binary, side: Node) -> bool:
    """Whether one is a product of matrices and the other one by entry: nobody has agreed on which of them binds more."""
    operators = {node.operator, side.operator} if isinstance(side, Binary) else set()
    return operators == {"@", ".*"}


def _wrapped(text: str, needed: bool) -> str:
    return f"({text})" if needed else text


def _fenced(text: str, needed: bool) -> str:
    return rf"\left({text}\right)" if needed else text
