"""Where the key stands in the draws of one question, if chance does not decide it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from authoring.lint.findings import Finding
from authoring.lint.habits import OptionSet

# In fewer draws, a place that returns is an accident.
FEWEST_DRAWS = 20
# More than this share of the draws with the same boxes right, and a student knows them from practice.
MOST_ALIKE = 0.6


def lint_places(draws: Sequence[OptionSet]) -> Iterator[Finding]:
    """A finding where the options of a question, in the order of their size or the author's, have their key at one place."""
    ordered = [one for one in draws if not one.drawn]
    if len(ordered) < FEWEST_DRAWS:
        return
    flags, often = Counter(one.flags for one in ordered).most_common(1)[0]
    if often <= MOST_ALIKE * len(ordered):
        return
    right = [letter for letter, flag in zip("abcdefgh", flags, strict=False) if flag]
    where = (
        " and ".join(right) + (" is" if len(right) == 1 else " are") if right else "no option is"
    )
    says = f"{where} right in {often} of {len(ordered)} draws, in an order that is not drawn"
    cure = "name mistakes on both sides of the key and say how many are `printed`, or let the draw decide"
    yield Finding("fixed-key", f"{says}: {cure}", "warning")
