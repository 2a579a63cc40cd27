"""A formula's check beside the approach of PrairieLearn: `python benchmarks/expression_speed.py`.

The same 100 pairs of answer and key, in one run, in turn: rows of tests/question_bank/answers/expression.yaml
with numbers for symbols, as many right as wrong ones where the table has them, in a spelling that sympy reads too.

ours      the whole of marking an answer, from its text to the verdict with its message.
simplify  sympy's parse_expr, then whether simplify turns the difference from the key into 0.
equals    the same, by `equals`, which is what PrairieLearn's pl-symbolic-input calls.

sympy gets what helps it: the key is parsed before the clock starts, symbols are real, and positive where the domain
is; sigmoid, relu, softplus and derivatives by name are given. After 3 s it is stopped, as it is there. Wrong is a verdict
other than the table's. Exit status 1 when ours is not 20 times faster than each, or has a wrong verdict.
"""

from __future__ import annotations

import argparse
import re
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests/question_bank"
PAIRS, TIMES, LIMIT_S = 100, 20.0, 3
sys.path.insert(0, str(ROOT))


@dataclass(frozen=True)
class Pair:
    """An answer, the key it is held against, and whether it is right."""

    answer: str
    key: Any
    right: bool
    theirs: Any
    names: dict[str, Any]


class TooSlow(Exception):
    """Three seconds are over."""


def sympy_names(domains: dict[str, Sequence[float]]) -> dict[str, Any]:
    """What sympy may read: the symbols, and functions that it lacks."""
    import sympy

    symbols = {
        respelled(name): sympy.Symbol(name, positive=True)
        if low > 0
        else sympy.Symbol(name, real=True)
        for name, (low, _) in domains.items()
    }
    functions = {
        "e": sympy.E,
        "ln": sympy.log,
        "log2": lambda x: sympy.log(x, 2),
        "abs": sympy.Abs,
        "max": sympy.Max,
        "min": sympy.Min,
        "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
        "relu": lambda x: sympy.Max(0, x),
        "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
        "dtanh": lambda x: 1 - sympy.tanh(x) ** 2,
        "dsigmoid": lambda x: sympy.exp(-x) / (1 + sympy.exp(-x)) ** 2,
    }
    return {**functions, **symbols}


def respelled(text: str) -> str:
    """As Python can read it: lambda is no name there, and a prime no letter."""
    text = text.replace("^", "**").replace("_{t-1}", "_before").replace("lambda", "lam")
    return re.sub(r"(tanh|sigmoid)'", r"d\1", text)


def sympy_reads(text: str, names: dict[str, Any]) -> Any:
    """The formula as sympy reads it."""
    from sympy.parsing import sympy_parser

    how = (
        *sympy_parser.standard_transformations,
        sympy_parser.implicit_multiplication_application,
    )
    return sympy_parser.parse_expr(respelled(text), local_dict=dict(names), transformations=how)


def pairs() -> list[Pair]:
    """The first rows that both can read, half of them right."""
    from question_bank.answers import answer_type

    model = answer_type("expression")
    sets = yaml.safe_load((TESTS / "data/expression_symbols.yaml").read_text("utf-8"))
    found: dict[bool, list[Pair]] = {True: [], False: []}
    for answer, key, verdict, _, *name in yaml.safe_load(
        (TESTS / "answers/expression.yaml").read_text("utf-8")
    ):
        spec = sets[name[0] if name else "plain"]
        if "shapes" in spec or verdict not in ("right", "wrong"):
            continue
        bound = model.bind(
            model.Spec.model_validate({"type": "expression", "value": key, **spec}), {}
        )
        names = sympy_names(bound.symbols)
        known = {*names.values()}
        try:
            theirs, given = sympy_reads(key, names), sympy_reads(answer, names)
        except Exception:  # noqa: BLE001, S112 - whatever stops sympy, the row is not for it
            continue
        if not all(hasattr(x, "free_symbols") and x.free_symbols <= known for x in (theirs, given)):
            continue
        found[verdict == "right"].append(Pair(answer, bound, verdict == "right", theirs, names))
    wrong = found[False][: PAIRS // 2]
    return [*found[True][: PAIRS - len(wrong)], *wrong]


def ours(pair: Pair) -> bool | None:
    """Whether the answer is right; None where a person decides."""
    from question_bank.answers import mark

    return {"right": True, "wrong": False}.get(mark(pair.key, pair.answer).verdict)


def simplified(pair: Pair) -> bool:
    """By simplifying the difference."""
    import sympy

    return bool(sympy.simplify(sympy_reads(pair.answer, pair.names) - pair.theirs) == 0)


def equals(pair: Pair) -> bool:
    """By sympy's own test of equality, where None counts as unequal."""
    return pair.theirs.equals(sympy_reads(pair.answer, pair.names)) is True


def timed(check: Callable[[Pair], bool | None], pair: Pair) -> tuple[float, bool | None]:
    """Milliseconds, and the verdict; None where there is none."""

    def stop(_signal: int, _frame: object) -> None:
        raise TooSlow

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(LIMIT_S)
    start = time.perf_counter()
    try:
        verdict = check(pair)
    except Exception:  # noqa: BLE001 - too slow, or a fault of sympy's: no verdict
        verdict = None
    finally:
        taken = 1000 * (time.perf_counter() - start)
        signal.alarm(0)
    return taken, verdict


def measured(chosen: list[Pair], rounds: int) -> dict[str, list[list[tuple[float, bool | None]]]]:
    """For each way, by round, the time and verdict of each pair."""
    from sympy.core.cache import clear_cache

    ways: dict[str, Callable[[Pair], bool | None]] = {
        "ours": ours,
        "simplify": simplified,
        "equals": equals,
    }
    taken: dict[str, list[list[tuple[float, bool | None]]]] = {name: [] for name in ways}
    for check in ways.values():  # what is imported when it is first needed
        timed(check, chosen[0])
    for _ in range(rounds):
        # An answer is new each time: what sympy remembers of the round before would not be there.
        clear_cache()
        results: dict[str, list[tuple[float, bool | None]]] = {name: [] for name in ways}
        for pair in chosen:
            for name, check in ways.items():
                results[name].append(timed(check, pair))
        for name, found in results.items():
            taken[name].append(found)
    return taken


def lines(
    chosen: list[Pair], taken: dict[str, list[list[tuple[float, bool | None]]]]
) -> Iterator[tuple[str, float, float, int, int]]:
    """Name, median and worst in ms, wrong verdicts, and missing ones of the first round."""
    for name, rounds in taken.items():
        times = [ms for found in rounds for ms, _ in found]
        verdicts = [verdict for _, verdict in rounds[0]]
        wrong = sum(v is not None and v != p.right for v, p in zip(verdicts, chosen, strict=True))
        yield name, statistics.median(times), max(times), wrong, verdicts.count(None)


def main() -> int:
    """Print the table; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--rounds", type=int, default=3, help="times each pair is checked (default 3)"
    )
    arguments = parser.parse_args()
    chosen = pairs()
    taken = measured(chosen, arguments.rounds)
    rows = list(lines(chosen, taken))
    print(
        f"{len(chosen)} pairs, {sum(p.right for p in chosen)} of them right; {arguments.rounds} rounds"
    )
    print(
        f"{'':10}{'median ms':>10}{'worst ms':>10}{'times ours':>12}{'wrong':>7}{'no verdict':>12}"
    )
    missed = len(chosen) != PAIRS
    for name, median, worst, wrong, none in rows:
        ratio = median / rows[0][1]
        print(f"{name:10}{median:10.3f}{worst:10.1f}{ratio:12.1f}{wrong:7}{none:12}")
        missed |= bool(wrong or none) if name == "ours" else ratio < TIMES
        for (_, verdict), pair in zip(taken[name][0], chosen, strict=True):
            if verdict != pair.right:
                said = {True: "right", False: "wrong", None: "no verdict"}[verdict]
                print(f"    {said}: {pair.answer}  for  {pair.key.value}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
