"""For each answer type: keys at random, an answer to each, and the forms in which people write that answer."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from question_bank.answers import answer_type
from question_bank.answers.base import Key
from question_bank.answers.multiple_choice import MultipleChoiceKey, Option


@dataclass(frozen=True)
class Case:
    """A key, a second key of the same question (the right one, or what a mistake leads to), and its forms."""

    key: Key
    other: Key
    forms: tuple[str, ...]


def bind(kind: str, **fields: Any) -> Key:
    model = answer_type(kind)
    key: Key = model.bind(model.Spec.model_validate({"type": kind, **fields}), {})
    return key


def case(key: Callable[[Any], Key], right: Any, answered: Any, *forms: str) -> Case:
    return Case(key(right), key(answered), forms)


# Decimals of these need at most two digits, so that no comma of them can stand for thousands.
SIMPLE = st.builds(Fraction, st.integers(-40, 40), st.sampled_from([1, 2, 4, 5]))
ANY = st.builds(Fraction, st.integers(-60, 60), st.integers(1, 12))
COUNTS = st.integers(1, 64)


def decimal(value: Fraction) -> str:
    return f"{float(value):g}"


def comma(value: Fraction) -> str:
    return decimal(value).replace(".", ",")


def pairs_of(one: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, Any]]:
    """The right value and the answered one, which is the same about half of the time."""
    return st.one_of(one.map(lambda value: (value, value)), st.tuples(one, one))


def numeric() -> st.SearchStrategy[Case]:
    def made(values: tuple[Fraction, Fraction]) -> Case:
        right, x = values
        p, q = x.numerator, x.denominator
        forms = [f"{p}/{q}", f"{3 * p}/{3 * q}", f" = {p}/{q} ", f"x = {p}/{q}", f"({p})/({q})", f"{p}/{q} + 1 - 1",
                 f"{100 * p}/{q} %", f"\\frac{{{p}}}{{{q}}}", f"${p}/{q}$", f"ln(exp({p}/{q}))", f"{10 * p}/{q} * 10^-1",
                 f"{p}/{q}·1".replace("-", "−")]  # fmt: skip
        if q in (1, 2, 4, 5):
            forms += [
                decimal(x),
                comma(x),
                f"{decimal(x)}0" if "." in decimal(x) else f"{p}.0",
                f"{decimal(100 * x)}%",
            ]
        return case(lambda v: bind("numeric", value=str(v)), right, x, *forms)

    return pairs_of(st.one_of(SIMPLE, ANY)).map(made)


def with_units() -> st.SearchStrategy[Case]:
    def made(values: tuple[int, int]) -> Case:
        right, x = values
        forms = (
            f"{x} ms",
            f"{x}ms",
            f"{x}",
            f"{x}/1000 s",
            f"{x}e-3 s",
            f"{x}*1000 us",
            f"{x}·10^3 µs",
            f"{x} MS",
        )
        return case(lambda v: bind("numeric", value=v, unit="ms"), right, x, *forms)

    return pairs_of(COUNTS).map(made)


def shape() -> st.SearchStrategy[Case]:
    def made(values: tuple[list[int], list[int]]) -> Case:
        right, x = values
        texts = [str(n) for n in x]
        forms = ["x".join(texts), " × ".join(texts), "*".join(texts), f"({', '.join(texts)})", f"[{','.join(texts)}]",
                 f"shape = {'X'.join(texts)}", f"torch.Size([{', '.join(texts)}])", "\\times ".join(texts)]  # fmt: skip
        return case(lambda v: bind("shape", value=str(v)), right, x, *forms)

    return pairs_of(st.lists(COUNTS, min_size=2, max_size=4)).map(made)


def _listed(values: list[Fraction]) -> str:
    return "[" + ", ".join(map(str, values)) + "]"


def vector() -> st.SearchStrategy[Case]:
    def made(values: tuple[list[Fraction], list[Fraction]]) -> Case:
        right, x = values
        forms = [_listed(x), "; ".join(map(str, x)), " ".join(map(str, x)), "\n".join(map(str, x)),
                 f"v = ({', '.join(map(str, x))})^T", "[" + "; ".join(map(comma, x)) + "]", " ".join(map(comma, x)),
                 "np.array([" + ", ".join(map(decimal, x)) + "])", "[[" + "], [".join(map(str, x)) + "]]",
                 "\\begin{pmatrix} " + " \\\\ ".join(map(str, x)) + " \\end{pmatrix}"]  # fmt: skip
        return case(lambda v: bind("vector", value=_listed(v)), right, x, *forms)

    return pairs_of(st.lists(SIMPLE, min_size=3, max_size=3)).map(made)


def tuples() -> st.SearchStrategy[Case]:
    def made(values: tuple[list[Fraction], list[Fraction]]) -> Case:
        right, x = values
        forms = [f"({', '.join(map(str, x))})", ", ".join(map(decimal, x)), "; ".join(map(comma, x)), _listed(x),
                 f"a = {x[0]}, b = {x[1]}", f"(a, b) = ({x[0]}, {x[1]})", f"({x[0]}) ; ({x[1]})"]  # fmt: skip
        return case(lambda v: bind("tuple", value=_listed(v)), right, x, *forms)

    return pairs_of(st.lists(SIMPLE, min_size=2, max_size=2)).map(made)


def matrix() -> st.SearchStrategy[Case]:
    def made(values: tuple[list[list[Fraction]], list[list[Fraction]]]) -> Case:
        right, x = values
        rows, turned = [list(map(str, row)) for row in x], list(zip(*x, strict=True))
        forms = ["[" + ", ".join(map(_listed, x)) + "]", "; ".join(" ".join(row) for row in rows),
                 "\n".join(", ".join(row) for row in rows), "[" + "; ".join(", ".join(row) for row in rows) + "]",
                 "[" + ", ".join(_listed(list(row)) for row in turned) + "]^T",
                 "[" + "\n ".join("[" + " ".join(row) + "]" for row in rows) + "]",
                 "; ".join(" ".join(map(comma, row)) for row in x),
                 "torch.tensor([" + ", ".join("[" + ", ".join(map(decimal, row)) + "]" for row in x) + "])",
                 "\\begin{bmatrix}" + " \\\\ ".join(" & ".join(row) for row in rows) + "\\end{bmatrix}"]  # fmt: skip
        return case(
            lambda v: bind("matrix", value="[" + ", ".join(map(_listed, v)) + "]"), right, x, *forms
        )

    row = st.lists(SIMPLE, min_size=3, max_size=3)
    return pairs_of(st.lists(row, min_size=2, max_size=2)).map(made)


def interval() -> st.SearchStrategy[Case]:
    def made(values: tuple[Any, Any]) -> Case:
        right, (ends, low_in, high_in) = values
        low, high = sorted(ends)
        left, end = "[" if low_in else "(", "]" if high_in else ")"
        german_left, german_end = "[" if low_in else "]", "]" if high_in else "["
        below, above = "<=" if low_in else "<", "<=" if high_in else "<"
        forms = [f"{left}{low}, {high}{end}", f"{german_left}{low}; {high}{german_end}",
                 f"{left}{comma(low)}; {comma(high)}{end}", f"{low} {below} x {above} {high}",
                 f"{high} {above.replace('<', '>')} x {below.replace('<', '>')} {low}",
                 f"x ∈ {left}{low}, {high}{end}", f"{low} {below.replace('<=', '≤')} z {above.replace('<=', '≤')} {high}"]  # fmt: skip
        return case(_interval, right, (ends, low_in, high_in), *forms)

    one = st.tuples(
        st.lists(SIMPLE, min_size=2, max_size=2, unique=True), st.booleans(), st.booleans()
    )
    return pairs_of(one).map(made)


def _interval(value: tuple[list[Fraction], bool, bool]) -> Key:
    ends, low_in, high_in = value
    low, high = sorted(ends)
    closed = {(True, True): "both", (True, False): "low", (False, True): "high"}
    return bind(
        "interval", low=str(low), high=str(high), closed=closed.get((low_in, high_in), "neither")
    )


def sets() -> st.SearchStrategy[Case]:
    def made(values: tuple[list[int], list[int]]) -> Case:
        right, x = values
        texts = [str(n) for n in x]
        forms = ["{" + ", ".join(texts) + "}", ", ".join(reversed(texts)), "; ".join([*texts, texts[0]]), " ".join(texts),
                 "\\{" + ", ".join(texts) + "\\}", "S = [" + ", ".join(f"{n}.0" for n in x) + "]",
                 "{" + ", ".join(f"{2 * n}/2" for n in x) + "}"]  # fmt: skip
        return case(lambda v: bind("set", value=str(v)), right, x, *forms)

    return pairs_of(st.lists(st.integers(-30, 30), min_size=1, max_size=5, unique=True)).map(made)


def ordering() -> st.SearchStrategy[Case]:
    def made(values: tuple[list[str], list[str]]) -> Case:
        right, x = values
        return case(
            lambda v: bind("ordering", items=list("abcd"), order=v), right, x, *_sequences(x)
        )

    return pairs_of(st.permutations("abcd").map(list)).map(made)


def pseudo_code() -> st.SearchStrategy[Case]:
    def made(values: tuple[list[str], list[str]]) -> Case:
        right, x = values
        return case(
            lambda v: bind("pseudo_code", lines=list("abcdef"), order=v), right, x, *_sequences(x)
        )

    order = st.permutations("abcdef").flatmap(
        lambda all_: st.integers(2, 5).map(lambda n: list(all_[:n]))
    )
    return pairs_of(order).map(made)


def _sequences(x: list[str]) -> list[str]:
    numbered = "\n".join(f"{n}. {letter}" for n, letter in enumerate(x, 1))
    return [", ".join(x), " ".join(x), "".join(x), " -> ".join(x).upper(), " → ".join(x), "[" + "; ".join(x) + "]",
            numbered, ") ".join(x) + ")"]  # fmt: skip


def matching() -> st.SearchStrategy[Case]:
    def made(values: tuple[list[str], list[str]]) -> Case:
        right, x = values
        pairs = list(enumerate(x, 1))
        forms = [", ".join(f"{n}{letter}" for n, letter in pairs), " ".join(f"{n}-{letter}" for n, letter in reversed(pairs)),
                 "; ".join(f"{n} -> {letter.upper()}" for n, letter in pairs), ", ".join(x),
                 "\n".join(f"{n}) {letter}" for n, letter in pairs), ", ".join(f"{letter}{n}" for n, letter in pairs),
                 "{" + ", ".join(f"{n}: {letter}" for n, letter in pairs) + "}"]  # fmt: skip
        return case(
            lambda v: bind("matching", left=list("xyz"), right=list("pqrs"), pairs=v),
            right,
            x,
            *forms,
        )

    return pairs_of(st.lists(st.sampled_from("abcd"), min_size=3, max_size=3)).map(made)


def multiple_choice() -> st.SearchStrategy[Case]:
    schemes = st.sampled_from(["all_or_nothing", "per_box", "partial", "negative"])

    def made(drawn: tuple[tuple[frozenset[str], frozenset[str]], str]) -> Case:
        (right, x), scheme = drawn
        letters = sorted(x)
        forms = [", ".join(letters), "".join(letters).upper(), " ".join(reversed(letters)), f"[{','.join(letters)}]",
                 " and ".join(letters), "; ".join(f"({letter})" for letter in letters)]  # fmt: skip
        none = ("none", "[]", "Keine", "none of these")

        def key(chosen: frozenset[str]) -> Key:
            options = tuple(Option(text=a, correct=a in chosen) for a in string.ascii_lowercase[:5])
            return MultipleChoiceKey.model_validate({"options": options, "scheme": scheme})

        return case(key, right, x, *(forms if letters else none))

    return st.tuples(pairs_of(st.frozensets(st.sampled_from("abcde"))), schemes).map(made)


FACTORS = st.integers(-9, 9).filter(bool)


def expression() -> st.SearchStrategy[Case]:
    def made(values: tuple[tuple[int, int], tuple[int, int]]) -> Case:
        right, (a, b) = values
        forms = [f"({a}*x + {b})*h", f"h({a}x + {b})", f"{a}*x*h + {b}*h", f"{b}h + {a}h x", f"y = h*({b} + {a}*x)",
                 f"(({a}*x)**2 - ({b})**2) / ({a}*x - ({b})) * h", f"h \\cdot ({a} x + {b})", f"{2 * a}/2*x*h - -{b}*h",
                 f"{a}·x·h + {b}·h".replace("-", "−"), f"ln(exp({a}*x*h)) + {b}*h"]  # fmt: skip

        def key(value: tuple[int, int]) -> Key:
            return bind("expression", value=f"({value[0]}*x + {value[1]})*h", symbols=["x", "h"])

        return case(key, right, (a, b), *forms)

    return pairs_of(st.tuples(FACTORS, FACTORS)).map(made)


def equation() -> st.SearchStrategy[Case]:
    def made(values: tuple[tuple[int, int], tuple[int, int]]) -> Case:
        right, (a, b) = values
        forms = [f"y = {a}*x + {b}", f"{a}x + {b} = y", f"y - {a}*x - {b} = 0", f"0 = {a}*x + {b} - y", f"3*y = {3 * a}*x + {3 * b}",
                 f"x = (y - {b})/({a})", f"-y == -({b} + {a}*x)", f"$y = {a} x + {b}$"]  # fmt: skip

        def key(value: tuple[int, int]) -> Key:
            return bind("equation", value=f"y = {value[0]}*x + {value[1]}", symbols=["x", "y"])

        return case(key, right, (a, b), *forms)

    return pairs_of(st.tuples(FACTORS, FACTORS)).map(made)


LAYER: dict[str, Any] = {
    "symbols": ["W", "U", "V", "x", "h", "d", "z"],
    "shapes": {"W": ["n", "n"], "U": ["n", "n"], "V": ["n", "m"], "x": ["m"], "h": ["n"], "d": ["n"], "z": ["n"]},
}  # fmt: skip
STATE = ["W_h", "W_x", "h_{t-1}", "h_t", "x_t"]
CELL = ["c_t", "c_{t-1}", "f_t", "i_t", "g_t"]


def of_two(
    kind: str, write: Callable[[int, int], list[str]], **fields: Any
) -> Callable[[], st.SearchStrategy[Case]]:
    """Formulas of two numbers in the forms that are written, of which the first is the key."""

    def made(values: tuple[tuple[int, int], tuple[int, int]]) -> Case:
        right, answered = values
        return case(
            lambda v: bind(kind, value=write(*v)[0], **fields), right, answered, *write(*answered)
        )

    return lambda: pairs_of(st.tuples(FACTORS, FACTORS)).map(made)


def backwards(a: int, b: int) -> list[str]:
    return [f"{a}*W^T ((1-h^2) .* d) + {b}*V x", f"{b} V x + {a} W^T diag(1-h^2) d",
            f"({a} d^T diag(1-h^2) W + {b} x^T V^T)^T", f"{a}*(W.T @ (d*(1-h**2))) + {b}*(V @ x)",
            f"W^T ({a}d - {a}*h^2 .* d) + {b}*V*x", f"W^T (I - diag(h)^2) ({a}*d) + V ({b}x)",
            f"Wᵀ ({a}(1−h²) ⊙ d) + {b}V x", f"{a} W^\\top \\left( (1-h^2) \\odot d \\right) + {b} V x"]  # fmt: skip


def products(a: int, b: int) -> list[str]:
    return [f"{a}*W U + {b}*U W", f"{b} U W + W ({a} U)", f"({a} U^T W^T + {b}*W^T U^T)^T", f"(({a})*W) @ U + U @ (({b})*W)",
            f"W ({a}*U + {b}*W) + {b}*U W - {b}*W^2", f"{a}*W (U + I) + {b}*U W - {a}*W",
            f"(W U^-1 + ({b})/({a})*I) ({a}*U^2) - {b}*U^2 + {b}*U W"]  # fmt: skip


def activations(a: int, b: int) -> list[str]:
    return [f"{a}*sigmoid({b}*(W h))", f"{a}/(1 + exp(-({b})*(W h)))", f"{a}*(1 - sigmoid(-({b})*(W h)))",
            f"{a}/2 + {a}/2*tanh({b}/2*(W h))", f"{a}*exp({b}*W h)/(1 + exp({b}*W h))", f"{a}/(1 + e^(-({b})*(W h)))",
            f"diag(sigmoid({b} W h)) ({a} + 0*h)", f"\\frac{{{a}}}{{1 + e^{{-({b}) (W h)}}}}"]  # fmt: skip


def functions(a: int, b: int) -> list[str]:
    return [f"{a}*tanh({b}*x)", f"{a}*(2*sigmoid({2 * b}x) - 1)", f"{a}*(exp({2 * b}x) - 1)/(exp({2 * b}x) + 1)",
            f"-({a})*tanh(-({b})x)", f"{a}*sinh({b}x)/cosh({b}x)", f"{a} - 2*({a})/(1 + e^({2 * b}x))",
            f"ln(exp({a}*tanh({b}x)))", f"{a}·tanh({b}·x)".replace("-", "−")]  # fmt: skip


def bent(a: int, b: int) -> list[str]:
    return [f"{a}*relu({b}*x)", f"{a}*max(0, {b}x)", f"{a}*({b}x + |{b}x|)/2", f"{a * b}*x*relu'({b}x)", f"-({a})*min(0, -({b}x))",
            f"{a}*({b}x + sqrt(({b}x)^2))/2", f"{a * abs(b)}*ReLU({b // abs(b)}x)"]  # fmt: skip


def indexed(a: int, b: int) -> list[str]:
    return [f"{a}*W_h*h_{{t-1}} + {b}*W_x*x_t*h_t", f"{a} W_h hₜ₋₁ + {b} W_x xₜ hₜ", f"{b}*x_t*h_t*W_x + {a}*h_{{t−1}}*W_h",
            f"({a} W_h h_{{t-1}}/h_t + {b} W_x x_t) h_t", f"{a} \\cdot W_h h_{{t-1}} + {b} \\cdot W_{{x}} x_{{t}} h_{{t}}",
            f"h_t = {a} W_h h_{{t-1}} + {b} W_x x_t h_t"]  # fmt: skip


def gate(a: int, b: int) -> list[str]:
    return [f"p = sigmoid({a}*z + {b})", f"sigmoid({a}z + {b}) = p", f"p = 1/(1 + exp(-({a}*z + {b})))", f"1 - p = sigmoid(-({a})z - ({b}))",
            f"2p = 1 + tanh(({a}z + {b})/2)", f"p - sigmoid({b} + {a}z) = 0", f"$p = \\frac{{1}}{{1 + e^{{-({a} z + {b})}}}}$"]  # fmt: skip


def cell(a: int, b: int) -> list[str]:
    return [f"c_t = {a}*f_t*c_{{t-1}} + {b}*i_t*g_t", f"{a} fₜ cₜ₋₁ + {b} iₜ gₜ = cₜ", f"c_t + ({-b})*i_t*g_t = {a}*f_t*c_{{t−1}}",
            f"3c_t = 3*({a}*f_t*c_{{t-1}} + {b}*i_t*g_t)", f"i_t = (c_t + ({-a})*f_t*c_{{t-1}})/({b}*g_t)"]  # fmt: skip


CASES: dict[str, Callable[[], st.SearchStrategy[Case]]] = {
    "numeric": numeric,
    "numeric with units": with_units,
    "shape": shape,
    "vector": vector,
    "tuple": tuples,
    "matrix": matrix,
    "interval": interval,
    "set": sets,
    "ordering": ordering,
    "pseudo_code": pseudo_code,
    "matching": matching,
    "multiple_choice": multiple_choice,
    "expression": expression,
    "expression of arrays, backwards": of_two("expression", backwards, **LAYER),
    "expression of arrays, products": of_two("expression", products, **LAYER),
    "expression of arrays, activations": of_two("expression", activations, **LAYER),
    "expression of functions": of_two("expression", functions, symbols={"x": [-1, 1]}),
    "expression of ReLU": of_two("expression", bent, symbols=["x"]),
    "expression with indices": of_two("expression", indexed, symbols=STATE),
    "equation": equation,
    "equation of functions": of_two("equation", gate, symbols={"p": [0.1, 0.9], "z": [-0.1, 0.1]}),
    "equation with indices": of_two("equation", cell, symbols=CELL),
}
