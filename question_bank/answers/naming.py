"""The names that an answer gives its numbers, and the order in which the question asks for what bears these names.

`p2 = 1/3, p1 = 2/3` where p1 and p2 are asked for: read one after the other, these are other numbers than by name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from question_bank.answers.base import Printed
from question_bank.answers.quantities import means_another, words_for

T = TypeVar("T")
Place = tuple[int, int, int]  # start, end, and which name

# No list with so many names is looked at, and no longer text.
_MOST_NAMES, _LONGEST_TEXT = 12, 20_000

# The name in front of an entry: dL/db = 3/8, \beta: 2.
_NAMED = re.compile(r"\A\s*([^\d\s=:<>.(\[{+−-][^=:<>]{0,60}?)\s*[=:]")
_NAME = re.compile(r"[^\W\d]|[∂∇\\]")
_FRACTION = re.compile(r"\\[dt]?frac\s*\{\s*([^{}]*?)\s*\}\s*\{\s*([^{}]*?)\s*\}")
_DECORATED = re.compile(
    r"\\(?:hat|bar|tilde|vec|d?dot|overline|mathcal|mathrm|mathbf|text(?:it|bf)?)"
    r"(?:\s*\{\s*(\\?[^{}\\]{1,40})\}|\s+(?=\\?[A-Za-z]))"
)
_HAT = re.compile(r"(?:\b([A-Za-z])_?|_)hat(?![a-z])")
_INDEX = re.compile(r"_\s*\{([^{}]*)\}")
_COMMAND = re.compile(r"\\([A-Za-z]+)|\\.")
_SILENT = frozenset({"left", "right", "big", "quad", "qquad", "displaystyle", "mathbb", "text"})
_GREEK = dict(zip(
    "αβγδεζηθικλμνξοπρστυφχψωϵ",
    ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "epsilon"], strict=True,
))  # fmt: skip
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
# What people write for longer words.
_SHORT = {"std": "standard deviation", "sd": "standard deviation", "sigma": "standard deviation", "avg": "mean", "mu": "mean", "e": "expected value", "mean": "expected value"}  # fmt: skip
# What may stand between the names of a list: not the signs of a formula.
_BETWEEN = re.compile(r"(?:[\s,;()×x]|\b(?:and|to|the|image|part|case|cases|of|by)\b)*")
_SENTENCE = re.compile(r"(?<=[.?!:])\s+(?=[A-Z(])|\n\s*\n")
_COUNTED = re.compile(r"\A(.*?)(\d+)(\)?)\Z")


def name_of(entry: str) -> str:
    """The name in front of an entry; empty where it has none."""
    found = _NAMED.match(entry)
    return found[1].strip() if found else ""


def names_of(front: str) -> tuple[str, ...]:
    """The names in front of a list: (p1, p2), H x W x C. One name alone is that of the list."""
    inner = front.strip().strip("()[]{} ")
    found = tuple(name.strip() for name in re.split(r"[,;×]|(?<=[\w)])\s+x\s+(?=\w)", inner))
    return found if len(found) > 1 and all(map(_NAME.match, found)) else ()


def put_in_order(
    names: Sequence[str], entries: Sequence[T], printed: Printed, axes: str | None = None
) -> tuple[T, ...] | None:
    """The entries in the order in which the question asks for their names; None where that is not known.

    `axes` says what each entry is, in order, as in `channels x height x width`.
    An entry without a name belongs to the one before it: u = (3, 4), a = -2.
    """
    starts = [i for i, name in enumerate(names) if name]
    if not starts or starts[0] != 0 or len(names) != len(entries):
        return None
    ranks = _ranks([names[i] for i in starts], printed, axes)
    if ranks is None:
        return None
    ends = [*starts[1:], len(names)]
    blocks = sorted(zip(ranks, starts, ends, strict=True))
    return tuple(entry for _, start, end in blocks for entry in entries[start:end])


def names_another(names: Sequence[str], entries: str) -> bool:
    """Whether some numbers have names of what is asked for, and others have names of something else."""
    plain = plain_name(entries)
    named = [plain_name(name) for name in names if name][:_MOST_NAMES]
    known = [_places(plain, (name,), True) is not None for name in named]
    return any(known) and not all(known)


def names_others(names: Sequence[str], entries: str, same: Callable[[int, int], bool]) -> bool:
    """Whether a name means another quantity than `entries` ask for at its place, as max where the smallest is asked for.

    `same` says whether the numbers at two places are equal.
    """
    return any(names) and means_another(tuple(map(plain_name, names)), entries, same)


def _ranks(names: list[str], printed: Printed, axes: str | None) -> list[int] | None:
    """The place of each name in the question."""
    plain = tuple(map(plain_name, names))
    if not 1 < len(plain) <= _MOST_NAMES or len(set(plain)) != len(plain) or not all(plain):
        return None
    found = _order_in(axes, plain, axes=True) if axes else None
    for text in printed.texts:
        found = found or _order_in(text[:_LONGEST_TEXT], plain)
    return found or _order_by_index(plain)


def _order_by_index(names: tuple[str, ...]) -> list[int] | None:
    """The order of names that only differ in a number, p1 and p2, or that are letters one after the other: a, b, c."""
    counted = [_COUNTED.match(name) for name in names]
    if all(counted) and len({(one[1], one[3]) for one in counted if one}) == 1:
        return [int(one[2]) for one in counted if one]
    letters = [ord(name) for name in names if len(name) == 1]
    one_by_one = len(letters) == len(names) == max(letters, default=0) - min(letters, default=0) + 1
    return letters if one_by_one else None


# An answer is marked against the key, its mistakes, and what follows from earlier ones, by the same text.
@lru_cache(maxsize=256)
def _order_in(text: str, names: tuple[str, ...], *, axes: bool = False) -> list[int] | None:
    """The order of the names in a text: in its last list of them, else where they stand closest together."""
    plain = plain_name(text)
    for part in (*reversed(_SENTENCE.split(plain)), plain):
        places = _places(part, names, axes)
        if places is not None and (windows := _windows(places)):
            lists = [window for window in windows if _is_list(part, window)]
            chosen = lists[-1] if lists else min(reversed(windows), key=_length)
            starts = {name: start for start, _, name in chosen}
            return [starts[which] for which in range(len(names))]
    return None


def _places(text: str, names: tuple[str, ...], axes: bool) -> list[list[Place]] | None:
    """Where each name stands; None where one stands nowhere."""
    found = []
    for which, name in enumerate(names):
        for pattern in _patterns(name, axes):
            if places := [(m.start(), m.end(), which) for m in pattern.finditer(text)]:
                found.append(places)
                break
        else:
            return None
    return found


def _patterns(name: str, axes: bool) -> list[re.Pattern[str]]:
    """What a name can look like in print, the surest first."""
    word = re.escape(name).replace(r"\ ", r"\s+")
    before, after = r"(?<![\w/'])(?<!\w\()", r"(?![\w/'(])"
    found = [re.compile(f"{before}{word}{after}"), re.compile(f"{before}{word}{after}", re.IGNORECASE)]  # fmt: skip
    if re.fullmatch(r"d\w+", name):
        # dw for dL/dw
        found.append(re.compile(rf"{before}d\w{{1,3}}/{word}{after}"))
    if re.fullmatch(r"\w{1,6}", name):
        found.append(re.compile(rf"{before}d\w{{1,3}}/d{word}{after}"))
    if inner := re.fullmatch(r"\w+\((\w+)\)", name):
        found.append(re.compile(rf"(?<!\w){re.escape(inner[1])}(?!\w)", re.IGNORECASE))
    if longer := _SHORT.get(name.lower()):
        found.append(re.compile(rf"(?<!\w){longer}(?!\w)", re.IGNORECASE))
    if axes:
        found += [re.compile(rf"(?<!\w){word}(?!\w)", re.IGNORECASE) for word in words_for(name)]
    if len(name) > 2 or axes:
        # wrong for wrongly; of axes, h for height
        found.append(re.compile(rf"(?<!\w){word}\w*", re.IGNORECASE))
    return found


def _windows(places: list[list[Place]]) -> list[list[Place]]:
    """The stretches that hold each name once and cannot be made shorter, from the front to the end."""
    ordered = sorted(place for one in places for place in one)
    last: dict[int, Place] = {}
    found: list[list[Place]] = []
    for place in ordered:
        last[place[2]] = place
        if len(last) < len(places):
            continue
        window = sorted(last.values())
        apart = all(a[1] <= b[0] for a, b in pairwise(window))
        if apart and (not found or window[0] != found[-1][0]):
            found.append(window)
    return found


def _length(window: list[Place]) -> int:
    return window[-1][1] - window[0][0]


def _is_list(text: str, window: list[Place]) -> bool:
    """Whether nothing stands between the names but commas, and, the."""
    gaps = pairwise(window)
    return all(_BETWEEN.fullmatch(text[a[1] : b[0]]) for a, b in gaps)


def plain_name(text: str) -> str:
    """Without LaTeX: \\frac{\\partial L}{\\partial w_1} as dL/dw1, far_left as far left, \\hat x as x."""
    text = unicodedata.normalize("NFD", text.translate(_LOWERED)).replace("\\partial", "∂")
    text = "".join(_GREEK.get(sign, sign) for sign in text if not unicodedata.combining(sign))
    text = _DECORATED.sub(r"\1", _INDEX.sub(r"_\1", re.sub("[’′]", "'", text)))
    while (flat := _FRACTION.sub(r"\1/\2", text)) != text:
        text = flat
    text = re.sub(r"∂\s*", "d", _COMMAND.sub(_word, text))
    text = re.sub(r"_(?=[A-Za-z]{3})", " ", _HAT.sub(r"\1", text))
    return re.sub(r"[ \t]+", " ", re.sub(r"[$_*{}`\"]", "", text)).strip()


def _word(command: re.Match[str]) -> str:
    """The name of a sign in LaTeX, with a blank before it where a letter or a number stands there."""
    if command[1] is None or command[1] in _SILENT:
        return " "
    return (" " if command.string[: command.start()][-1:].isalnum() else "") + command[1]
