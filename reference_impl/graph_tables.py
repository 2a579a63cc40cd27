"""The two passes of a computational graph as tables, the way a solution prints them.

    node | computation | value | gradient        one row a node, in the forward order
    edge | upstream | local | contribution | sum  one row a step of the reverse pass

Tables are Markdown: lines of cells between bars, padded to equal width, so they read well as text too.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from reference_impl.computational_graph import Passes


def value_table(passes: Passes, digits: int = 4) -> str:
    """Value of every node and the output's derivative by it, with so many significant digits."""
    rows = [
        (
            node.name,
            node.written or "input",
            shown(passes.values[node.name], digits),
            shown(passes.gradients[node.name], digits),
        )
        for node in passes.graph
    ]
    return _table(("node", "computation", "value", f"d{passes.output}/dnode"), rows)


def reverse_table(passes: Passes, digits: int = 4) -> str:
    """Every step of the reverse pass: upstream gradient, local derivative, their product, the sum so far."""
    rows = [
        (
            f"{step.node} -> {step.operand}",
            shown(step.upstream, digits),
            f"d{step.node}/d{step.operand} = {shown(step.local, digits)}",
            shown(step.contribution, digits),
            f"d{passes.output}/d{step.operand} = {shown(step.total, digits)}",
        )
        for step in passes.steps
    ]
    return _table(("edge", "upstream", "local derivative", "contribution", "sum so far"), rows)


def shown(value: Tensor, digits: int = 4) -> str:
    """A number with so many significant digits; a tensor as its entries between brackets."""
    numbers = [f"{number + 0.0:.{digits}g}" for number in value.flatten().tolist()]
    return numbers[0] if value.ndim == 0 else f"[{', '.join(numbers)}]"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        return f"| {' | '.join(padded)} |"

    return "\n".join([line(head), line(["-" * width for width in widths]), *map(line, rows)])
