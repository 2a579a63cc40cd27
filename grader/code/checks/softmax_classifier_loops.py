"""Whether cross_entropy_loss_vectorized works without loops.

Nothing is timed: Python's own `trace` counts the lines that a call executes, in every file. Code
without loops executes as many for many examples as for few; a loop executes at least one more for
each further turn.
"""

from __future__ import annotations

from typing import Any

from grader.code.bench import Bench, FoundError
from grader.code.checks.numpy_calls import call, numbers, send
from grader.code.frames import Kept

FEW = {"examples": 6, "features": 5, "classes": 4}
MANY = 46


def require_no_loops(bench: Bench, module: str, name: str) -> None:
    """Raise FoundError where the function executes more lines for more examples, features or classes."""
    sizes = {"": FEW} | {what: FEW | {what: MANY} for what in FEW}
    steps = []
    for label, size in sizes.items():
        steps += _counted(bench, module, name, size)
        steps.append(send("lines", label))
    found = bench.results(steps, name)
    for what, few in FEW.items():
        more = found[what] - found[""] if _counts(found[what], found[""]) else 0
        if more >= MANY - few:
            raise FoundError(
                f"The numbers are right, but {name} loops over the {what}: with {MANY} {what} "
                f"instead of {few} it executes {more} lines of Python more. It is to do all of them at "
                "once, by operations on whole arrays.",
                mistake=f"loops-over-the-{what}",
            )


def _counts(*values: Any) -> bool:
    return all(type(value) is int for value in values)


def _counted(bench: Bench, module: str, name: str, size: dict[str, int]) -> list[dict[str, Any]]:
    """Steps that call the function once and keep how many lines that took as "lines"."""
    examples, features, classes = (size[what] for what in FEW)
    arrays = (
        numbers(bench.rng, features, classes),
        numbers(bench.rng, examples, features),
        bench.rng.integers(0, classes, examples),
    )
    return [
        call("importlib:import_module", module, keep="module"),
        call("builtins:getattr", Kept("module"), name, keep="function"),
        call("trace:Trace", keep="tracer", count=1, trace=0),
        call("builtins:getattr", Kept("tracer"), "runfunc", keep="runfunc"),
        call(Kept("runfunc"), Kept("function"), *arrays, 0.1, keep="nothing"),
        call("builtins:getattr", Kept("tracer"), "counts", keep="counts"),
        call("builtins:dict.values", Kept("counts"), keep="values"),
        call("builtins:sum", Kept("values"), keep="lines"),
    ]
