"""Presentation MathML read as one line of Unicode text.

The text is for people: `∑_(j=1)^K`, `h_(t−1)`, `√(a + b)`, `‖w‖₂²`. Digits become raised and lowered
digits, other scripts keep `_` and `^`, and parentheses appear wherever the line would otherwise be
ambiguous.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

_INVISIBLE = str.maketrans("", "", "\u2061\u2062\u2063\u2064\ufe00\u200b")
_APPLY = "\u2061"
_RAISED = str.maketrans("0123456789+-−()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾")
_LOWERED = str.maketrans("0123456789+-−()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎")
_DIGITS = frozenset("0123456789")
_SIGNS = frozenset("+-−")
_TRANSPOSE = frozenset("⊤𝖳𝑇ᵀ")
_PRIMES = frozenset("′″‴")
_OPEN = frozenset("([{⟨⌊⌈")
_CLOSE = frozenset(")]}⟩⌋⌉")
_BARS = frozenset("|‖∥")
_SEPARATORS = frozenset(",;")
_BIG = frozenset("∑∏∫∬∭∮⋃⋂⋁⋀⨁⨂")
_TIGHT = frozenset("/!%.′″…⋮∂∇°")
# Of these, what belongs to one side alone: an operator on the other one has its blank.
_AFTER, _BEFORE = frozenset("!%′″°"), frozenset("∂∇")
_COMBINING = {
    "ˆ": "\u0302",
    "^": "\u0302",
    "˜": "\u0303",
    "~": "\u0303",
    "¯": "\u0304",
    "‾": "\u0304",
    "\u0332": "\u0304",
    "˙": "\u0307",
    "¨": "\u0308",
    "⃗": "\u20d7",
    "→": "\u20d7",
    "˘": "\u0306",
    "ˇ": "\u030c",
}
_ACCENT_NAMES = {
    "\u0302": "hat",
    "\u0303": "tilde",
    "\u0304": "overline",
    "\u0307": "dot",
    "\u0308": "ddot",
    "\u20d7": "vec",
    "\u0306": "breve",
    "\u030c": "check",
}
_BRACES = frozenset("⏞⏟⎴⎵")


@dataclass(frozen=True)
class _Piece:
    """A stretch of text with what its neighbours must know: its kind, and how tightly it binds."""

    text: str
    kind: str  # identifier, number, word, operator, separator, open, close, bar, big, space, text, group
    whole: bool = True
    product: bool = False  # may be read as factors one after another


def read_aloud(mathml: str, *, line_break: str = "; ") -> str:
    """Turn a `<math>` element into a line of text.

    Args:
        mathml: the element as math-core writes it.
        line_break: what stands between the lines of an aligned formula.
    """
    # The input is what math-core wrote, never what a person typed: no entity, no document type.
    root = ET.fromstring(mathml.replace("&ApplyFunction;", _APPLY))  # noqa: S314
    return _Reader(line_break).row(root, script=False).text.strip()


@dataclass(frozen=True)
class _Reader:
    line_break: str

    def row(self, element: ET.Element, *, script: bool) -> _Piece:
        return _join(self._pieces(element, script), script)

    def _pieces(self, element: ET.Element, script: bool) -> list[_Piece]:
        table = _fenced_table(element)
        if table is not None:
            return [self._table(table, _fence_of(element))]
        pieces: list[_Piece] = []
        children = list(element)
        if len(children) == 3 and _is_binomial(children[1]):
            children = children[1:2]
        for child in children:
            if child.tag in {"mrow", "mstyle", "mpadded"}:
                pieces.extend(self._pieces(child, script))
            else:
                pieces.extend(self._piece(child, script))
        return pieces

    def _piece(self, element: ET.Element, script: bool) -> Iterable[_Piece]:
        match element.tag:
            case "mi" | "mn" | "mo" | "mtext":
                return _leaf(element)
            case "mspace":
                width = element.get("width", "0").removesuffix("em")
                return [_Piece(" ", "space")] if float(width) > 0 else []
            case "mfrac":
                return [self._fraction(element, script)]
            case "msqrt":
                return [self._root("√", self.row(element, script=script))]
            case "mroot":
                return [self._nth_root(element, script)]
            case "msub" | "msup" | "msubsup" | "munder" | "mover" | "munderover":
                return [self._scripted(element, script)]
            case "mtable":
                return [self._table(element, "")]
            case "mphantom":
                return []
            case _:
                return self._pieces(element, script)

    def _child(self, element: ET.Element, *, script: bool) -> _Piece:
        if element.tag in {"mrow", "mstyle", "mpadded"}:
            return self.row(element, script=script)
        return _join(list(self._piece(element, script)), script)

    def _fraction(self, element: ET.Element, script: bool) -> _Piece:
        above = self._child(element[0], script=script)
        below = self._child(element[1], script=script)
        if _is_binomial(element):
            return _Piece(f"binom({above.text}, {below.text})", "group")
        # a/b c is (a/b) c: whatever may be a product below the line needs its parentheses.
        under = f"({below.text})" if below.product else _wrapped(below)
        return _Piece(f"{_wrapped(above)}/{under}", "group", whole=False)

    def _root(self, sign: str, inside: _Piece) -> _Piece:
        return _Piece(sign + _wrapped(inside), "group")

    def _nth_root(self, element: ET.Element, script: bool) -> _Piece:
        inside = self._child(element[0], script=script)
        degree = self._child(element[1], script=True).text
        sign = {"2": "√", "3": "∛", "4": "∜"}.get(degree)
        if sign is not None:
            return self._root(sign, inside)
        return _Piece(f"root({degree}, {inside.text})", "group")

    def _scripted(self, element: ET.Element, script: bool) -> _Piece:
        base_element, *rest = list(element)
        base = self._child(base_element, script=script)
        scripts = [self._child(each, script=True) for each in rest]
        if element.tag in {"mover", "munder"}:
            accented = _accented(base, scripts[0].text, above=element.tag == "mover")
            if accented is not None:
                return accented
            if base_element.tag == element.tag and _child_is_brace(base_element):
                return _Piece(f"{base.text} [{scripts[0].text}]", "group", whole=False)
        marks = {
            "msub": ("_",),
            "munder": ("_",),
            "msup": ("^",),
            "mover": ("^",),
        }.get(element.tag, ("_", "^"))
        bare = base.kind in {"open", "close", "bar"} or base.text.endswith("|")
        text = base.text if bare else _wrapped(base)
        for mark, piece in zip(marks, scripts, strict=True):
            text += _script(mark, piece)
        kind = "identifier" if base.kind in {"number", "group", "tight"} else base.kind
        return _Piece(text, kind, whole=True)

    def _table(self, element: ET.Element, fence: str) -> _Piece:
        rows = [[self.row(cell, script=False).text for cell in line] for line in element]
        if fence in {"(", "[", "", "|", "‖"} and not _is_aligned(element):
            inside = ", ".join("[" + ", ".join(cells) + "]" for cells in rows)
            name = {"|": "det", "‖": "norm"}.get(fence, "")
            return _Piece(f"{name}[{inside}]", "group")
        if fence == "{":
            lines = [_join_case(cells) for cells in rows]
            return _Piece("{" + "; ".join(lines) + "}", "group")
        lines = [" ".join(cell for cell in cells if cell) for cells in rows]
        return _Piece(self.line_break.join(lines), "text", whole=False)


def _leaf(element: ET.Element) -> list[_Piece]:
    raw = "".join(element.itertext())
    if raw == _APPLY:
        return [_Piece("", "apply")]
    text = "".join(_plain(character) for character in raw.translate(_INVISIBLE))
    if not text:
        return []
    if element.tag == "mtext":
        return [_Piece(text.replace("\u00a0", " "), "text", whole=len(text.split()) == 1)]
    if element.tag == "mn":
        return [_Piece(text, "number")]
    if (text.isalpha() and len(text) > 1) or " " in text:
        return [_Piece(" ".join(text.split()), "word")]
    return [_Piece(text, _kind_of_symbol(text, element))]


def _plain(character: str) -> str:
    # Bold and script letters outside the basic plane are read letter by letter or not at all.
    if ord(character) > 0xFFFF and character not in _TRANSPOSE:
        return unicodedata.normalize("NFKC", character)
    return {"∥": "‖", "\u2009": " ", "ˆ": "ˆ", "⋅": "·"}.get(character, character)


def _kind_of_symbol(text: str, element: ET.Element) -> str:
    if text in _OPEN:
        return "open"
    if text in _CLOSE:
        return "close"
    if text in _BARS:
        return {"prefix": "open", "postfix": "close"}.get(element.get("form", ""), "bar")
    if text in _SEPARATORS:
        return "comma" if element.get("rspace") == "0" else "separator"
    if text in _BIG:
        return "big"
    if text in _TIGHT:
        return "tight"
    return "identifier" if element.tag == "mi" else "operator"


def _fenced_table(element: ET.Element) -> ET.Element | None:
    children = list(element)
    if len(children) == 3 and children[1].tag == "mtable" and children[0].tag == "mo":
        return children[1]
    return None


def _is_binomial(element: ET.Element) -> bool:
    return element.tag == "mfrac" and element.get("linethickness") in {"0", "0px"}


def _fence_of(element: ET.Element) -> str:
    return (element[0].text or "").translate(_INVISIBLE).replace("∥", "‖")


def _is_aligned(table: ET.Element) -> bool:
    return table.get("displaystyle") == "true"


def _child_is_brace(element: ET.Element) -> bool:
    return (element[1].text or "") in _BRACES


def _accented(base: _Piece, mark: str, *, above: bool) -> _Piece | None:
    if mark in _BRACES:
        return base
    combining = _COMBINING.get(mark) if above else None
    if combining is None:
        return None
    if len(base.text) == 1:
        return _Piece(unicodedata.normalize("NFC", base.text + combining), base.kind)
    return _Piece(f"{_ACCENT_NAMES[combining]}({base.text})", "identifier")


def _script(mark: str, piece: _Piece) -> str:
    text = piece.text
    if mark == "^":
        if text in _TRANSPOSE:
            return "ᵀ"
        if set(text) <= _PRIMES:
            return text
    if _DIGITS & set(text) and set(text) <= _DIGITS | _SIGNS:
        return text.translate(_RAISED if mark == "^" else _LOWERED)
    plain = text.isalnum() or (text.startswith("(") and text.endswith(")") and piece.whole)
    short = plain or (len(text) <= 2 and not {"_", "^"} & set(text))
    return f"{mark}{text}" if short else f"{mark}({text})"


def _wrapped(piece: _Piece) -> str:
    return piece.text if piece.whole else f"({piece.text})"


def _join_case(cells: list[str]) -> str:
    value, *condition = [cell.rstrip(",") for cell in cells]
    return (
        " ".join([value, *condition])
        if condition and condition[0][:1].isalpha()
        else ", ".join(cells)
    )


def _join(pieces: list[_Piece], script: bool) -> _Piece:
    pieces = _with_bars_paired(pieces)
    text = ""
    previous: _Piece | None = None
    applied = False
    for each in pieces:
        if each.kind == "apply":
            applied = True
            continue
        if each.kind == "space":
            if text and not text.endswith(" "):
                text += " "
            continue
        piece = _Piece(each.text, "sign") if _unary(each, previous) else each
        if piece.kind == "group" and not piece.whole and _binds(previous, applied):
            # ln of a fraction, and a number before one, would be read as something else.
            piece = _Piece(f"({piece.text})", "group")
        space = _space_between(previous, piece, script, applied)
        if space and not text.endswith(" "):
            text += " "
        text += piece.text
        previous, applied = piece, False
    return _Piece(
        text, _kind_of_row(pieces), whole=_is_whole(pieces), product=_may_be_product(pieces)
    )


def _binds(previous: _Piece | None, applied: bool) -> bool:
    return applied or (previous is not None and previous.kind in {"word", "number"})


def _with_bars_paired(pieces: list[_Piece]) -> list[_Piece]:
    if sum(piece.kind == "bar" for piece in pieces) % 2:
        return pieces
    paired: list[_Piece] = []
    inside = False
    for piece in pieces:
        if piece.kind == "bar":
            paired.append(_Piece(piece.text, "close" if inside else "open"))
            inside = not inside
        else:
            paired.append(piece)
    return paired


def _unary(piece: _Piece, previous: _Piece | None) -> bool:
    if piece.kind != "operator" or piece.text not in {"−", "-", "+", "±", "∓", "¬"}:
        return False
    return previous is None or previous.kind in {"operator", "open", "separator", "comma", "sign"}


def _space_between(previous: _Piece | None, piece: _Piece, script: bool, applied: bool) -> bool:
    if previous is None:
        return False
    if "text" in (previous.kind, piece.kind):
        # Text from \text carries its own spaces; only what would run together gets one more.
        if previous.kind in {"open", "sign"}:
            return False
        return piece.text[:1].isalpha() or piece.kind == "operator"
    beside_operator = "operator" in (previous.kind, piece.kind) and not script
    if beside_operator and (previous.text in _AFTER or piece.text in _BEFORE):
        return True
    if "tight" in (previous.kind, piece.kind) or previous.kind in {"open", "sign"}:
        return False
    if piece.kind in {"close", "separator", "comma"}:
        return False
    if previous.kind == "comma":
        return not script and not (previous.text == "," and piece.kind == "number")
    if previous.kind == "separator":
        return True
    if "operator" in (previous.kind, piece.kind):
        return not script or len(piece.text) > 1
    if previous.kind == "big" or piece.kind == "big":
        return True
    if piece.kind == "open":
        return False
    if applied or "word" in (previous.kind, piece.kind):
        return True
    if script or "bar" in (previous.kind, piece.kind):
        return False
    return previous.kind != "number" and previous.text != "d"


def _kind_of_row(pieces: list[_Piece]) -> str:
    return pieces[0].kind if len(pieces) == 1 else "group"


def _may_be_product(pieces: list[_Piece]) -> bool:
    """c d, and n (1 + a), which nothing tells from f(x + a); f(x) is taken for a function."""
    letters = [piece for piece in pieces if piece.kind not in {"space", "apply"}]
    if len(letters) < 2 or letters[0].kind != "identifier" or letters[0].text in {"∂", "d", "∇"}:
        return False
    if letters[1].kind == "open":
        return len(letters[0].text) == 1 and any(piece.kind == "operator" for piece in letters)
    return letters[1].kind == "identifier"


def _is_whole(pieces: list[_Piece]) -> bool:
    pieces = [piece for piece in pieces if piece.kind not in {"space", "apply"}]
    if len(pieces) == 1:
        return pieces[0].whole
    if not pieces:
        return True
    if all(piece.kind == "identifier" and len(piece.text) == 1 for piece in pieces):
        # W_ij and x^ab stay short; as a numerator `ab` needs no parentheses either.
        return True
    if len(pieces) == 2 and pieces[0].text in {"∂", "d", "∇"} and pieces[1].whole:
        return True
    if pieces[0].kind in {"identifier", "word"} and pieces[1].kind == "open":
        pieces = pieces[1:]
    depth = 0
    for place, piece in enumerate(pieces):
        depth += (piece.kind == "open") - (piece.kind == "close")
        if depth == 0:
            return pieces[0].kind == "open" and place == len(pieces) - 1
    return False
