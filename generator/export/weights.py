"""The shares of points that Moodle knows: any other number is refused by its importer."""

from __future__ import annotations

from fractions import Fraction

from generator.export.responses import Choice

# Percentages as Moodle writes them; each stands for the exact share beside it.
_LEGAL = (
    "100", "90", "83.33333", "80", "75", "70", "66.66667", "60", "50", "40", "33.33333", "30", "25", "20",
    "16.66667", "14.28571", "12.5", "11.11111", "10", "5", "0",
)  # fmt: skip
LEGAL = tuple((Fraction(text).limit_denominator(60) / 100, text) for text in _LEGAL)


def weight(share: Fraction) -> tuple[str, bool]:
    """Return the legal percentage nearest to a share from -1 to 1, and whether it is the share itself."""
    exact, text = min(LEGAL, key=lambda entry: abs(entry[0] - abs(share)))
    return (f"-{text}" if share < 0 and exact else text), exact == abs(share)


def option_weights(choice: Choice) -> tuple[tuple[str, ...], str | None]:
    """Return a percentage for each option, and the kind of loss, if any.

    Moodle adds the percentages of what is checked, and takes nothing below 0 off. Whatever is checked
    with the box for "none of these", or against it where no option is right, earns nothing.
    """
    right, wrong = choice.counts
    off = Fraction(-1)
    loss: str | None = None
    if choice.none_right:
        loss = {"per_box": "per_box", "negative": "below_zero"}.get(choice.scheme)
    elif choice.scheme == "all_or_nothing":
        loss = "all_or_nothing" if right > 1 else None
    elif choice.scheme == "partial":
        off = Fraction(-1, right)
    else:
        off = Fraction(-1, wrong) if wrong else off
        # Without wrong options there is nothing to leave empty, and nothing to lose by.
        kind = "per_box" if choice.scheme == "per_box" else "below_zero"
        loss = kind if wrong else None
    found = []
    for option in choice.options:
        if option.right:
            share = Fraction(1, max(right, 1))
        else:
            share = Fraction(-1) if option.letter == "none" else off
        found.append(weight(share)[0])
    return tuple(found), loss
