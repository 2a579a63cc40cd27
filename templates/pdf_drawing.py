"""SVG pictures as PDF drawings, each made once and kept.

What this project draws (formulas, figures, boxes) is outlines in few kinds of elements. They are turned
into the operators of a PDF straight away: WeasyPrint's own way costs ten times as much, and once more
for each form. Glyphs are kept by their outline, so that a formula with new numbers costs next to nothing.

A picture that holds anything else (text, gradients, style sheets) is left to WeasyPrint: `drawing` then
gives None. Both ways paint the same; a test compares their pixels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from xml.etree import ElementTree as ET

_NAMESPACE = "{http://www.w3.org/2000/svg}"
# What draws nothing of its own.
_SILENT = frozenset({"id", "role", "aria-label", "class", "version"})
_INHERITED: Mapping[str, str] = MappingProxyType(
    {
        "fill": "#000",
        "fill-rule": "nonzero",
        "stroke": "none",
        "stroke-width": "1",
        "stroke-linecap": "butt",
        "stroke-linejoin": "miter",
        "stroke-miterlimit": "4",
        "stroke-dasharray": "none",
    }
)
_GEOMETRY: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "svg": frozenset({"viewBox", "width", "height"}),
        "g": frozenset(),
        "path": frozenset({"d"}),
        "rect": frozenset({"x", "y", "width", "height", "rx", "ry"}),
        "circle": frozenset({"cx", "cy", "r"}),
        "line": frozenset({"x1", "y1", "x2", "y2"}),
        "use": frozenset({"href", "x", "y"}),
    }
)
_CAPS = MappingProxyType({"butt": "0", "round": "1", "square": "2"})
_JOINS = MappingProxyType({"miter": "0", "round": "1", "bevel": "2"})
_LENGTH = re.compile(r"(-?[\d.]+)(em|pt|px|mm|)\Z")
_PIXELS = MappingProxyType({"": 1.0, "px": 1.0, "pt": 4 / 3, "mm": 96 / 25.4})
_COLOR = re.compile(r"#(?:([0-9a-fA-F])([0-9a-fA-F])([0-9a-fA-F])|([0-9a-fA-F]{6}))\Z")
_TRANSFORM = re.compile(r"\s*(translate|scale|matrix)\(([^()]*)\)\s*,?")
_PIECES = re.compile(r"(?<=[zZ])(?=M)")
_STEP = re.compile(r"([AaCcHhLlMmQqSsTtVvZz])([^AaCcHhLlMmQqSsTtVvZz]*)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_CIRCLE = 4 * (2**0.5 - 1) / 3
"""How far the handles of a quarter circle reach, as a share of its radius."""


class _NotOurs(ValueError):
    """The picture holds what is left to WeasyPrint."""


@dataclass(frozen=True)
class Drawing:
    """A picture as PDF operators, in the units of its view box.

    Attributes:
        width, height: its size; in em of the surrounding text if `in_em`, else in CSS pixels.
        box: the view box: left, top, width, height.
        content: the operators.
    """

    width: float
    height: float
    in_em: bool
    box: tuple[float, float, float, float]
    content: bytes


@lru_cache(maxsize=8192)
def drawing(svg: str) -> Drawing | None:
    """Turn a picture into operators; None if it holds anything that this module does not draw."""
    try:
        root = ET.fromstring(svg)  # noqa: S314 - our own pictures, and expat expands nothing here
        box = tuple(_numbers(root.get("viewBox", "")))
        if root.tag != f"{_NAMESPACE}svg" or len(box) != 4 or min(box[2:]) <= 0:
            return None
        width, width_unit = _length(root.get("width", ""))
        height, height_unit = _length(root.get("height", ""))
        if (width_unit == "em") != (height_unit == "em"):
            return None
        named = {
            element.get("id", ""): element for element in root.iter() if "id" in element.attrib
        }
        content = b"\n".join(_drawn(root, _INHERITED, named))
    except (_NotOurs, ET.ParseError):
        return None
    return Drawing(
        width=width,
        height=height,
        in_em=width_unit == "em",
        box=(box[0], box[1], box[2], box[3]),
        content=content,
    )


def _drawn(
    element: ET.Element,
    inherited: Mapping[str, str],
    named: Mapping[str, ET.Element],
    *,
    used: bool = False,
) -> Iterator[bytes]:
    tag = element.tag.removeprefix(_NAMESPACE)
    if tag == "defs":
        return
    if tag not in _GEOMETRY or (element.text or "").strip():
        raise _NotOurs
    style = dict(inherited)
    transform = ""
    for name, value in element.attrib.items():
        if name in style:
            style[name] = value
        elif name == "transform":
            transform = value
        elif not (name in _GEOMETRY[tag] or name in _SILENT or name.startswith("data-")):
            raise _NotOurs
    moves = _moves(transform)
    if tag == "use":
        if used:
            raise _NotOurs
        target = named.get(element.get("href", "").removeprefix("#"))
        if target is None:
            raise _NotOurs
        x, y = _number(element, "x"), _number(element, "y")
        if x or y:
            moves = [*moves, f"1 0 0 1 {fmt(x)} {fmt(y)} cm".encode()]
        inside = list(_drawn(target, style, named, used=True))
    elif tag in {"svg", "g"}:
        inside = [piece for child in element for piece in _drawn(child, style, named, used=used)]
    else:
        if len(element):
            raise _NotOurs
        inside = _painted(_SHAPES[tag](element), style)
    if moves and inside:
        yield b"q"
        yield from moves
        yield from inside
        yield b"Q"
    else:
        yield from inside


def _painted(outline: bytes, style: Mapping[str, str]) -> list[bytes]:
    fill, stroke = _color(style["fill"]), _color(style["stroke"])
    width = _float(style["stroke-width"]) if stroke else 0.0
    if not outline or not (fill or (stroke and width)):
        return []
    even_odd = style["fill-rule"] == "evenodd"
    if style["fill-rule"] not in {"nonzero", "evenodd"}:
        raise _NotOurs
    state = []
    if fill:
        state.append(f"{fill} rg")
    if stroke and width:
        cap, join = _CAPS.get(style["stroke-linecap"]), _JOINS.get(style["stroke-linejoin"])
        if cap is None or join is None:
            raise _NotOurs
        dashes = [] if style["stroke-dasharray"] == "none" else _numbers(style["stroke-dasharray"])
        if any(dash < 0 for dash in dashes):
            raise _NotOurs
        dashed = " ".join(map(fmt, dashes)) if any(dashes) else ""
        limit = fmt(_float(style["stroke-miterlimit"]))
        state.append(f"{stroke} RG {fmt(width)} w {cap} J {join} j {limit} M [{dashed}] 0 d")
        paint = b"S" if not fill else (b"B*" if even_odd else b"B")
    else:
        paint = b"f*" if even_odd else b"f"
    return [" ".join(state).encode(), outline, paint]


@lru_cache(maxsize=256)
def _color(value: str) -> str | None:
    """The operands of a colour; None for none."""
    if value == "none":
        return None
    match = _COLOR.match(value)
    if match is None:
        raise _NotOurs
    digits = match[4] or "".join(digit * 2 for digit in match.groups()[:3])
    return " ".join(fmt(round(int(digits[i : i + 2], 16) / 255, 4)) for i in (0, 2, 4))


@lru_cache(maxsize=8192)
def _moves(transform: str) -> list[bytes]:
    found = []
    rest = transform
    while rest.strip():
        match = _TRANSFORM.match(rest)
        if match is None:
            raise _NotOurs
        values = _numbers(match[2])
        if match[1] == "translate" and len(values) in (1, 2):
            matrix = [1, 0, 0, 1, values[0], values[1] if len(values) == 2 else 0]
        elif match[1] == "scale" and len(values) in (1, 2):
            matrix = [values[0], 0, 0, values[-1], 0, 0]
        elif match[1] == "matrix" and len(values) == 6:
            matrix = values
        else:
            raise _NotOurs
        found.append(" ".join(map(fmt, matrix)).encode() + b" cm")
        rest = rest[match.end() :]
    return found


def _rect(element: ET.Element) -> bytes:
    x, y = _number(element, "x"), _number(element, "y")
    width, height = _number(element, "width"), _number(element, "height")
    if width <= 0 or height <= 0:
        return b""
    rx = _number(element, "rx" if "rx" in element.attrib else "ry")
    ry = _number(element, "ry" if "ry" in element.attrib else "rx")
    rx, ry = min(rx, width / 2), min(ry, height / 2)
    if rx <= 0 or ry <= 0:
        return f"{fmt(x)} {fmt(y)} {fmt(width)} {fmt(height)} re".encode()
    right, bottom = x + width, y + height
    cx, cy = rx * (1 - _CIRCLE), ry * (1 - _CIRCLE)
    return _joined(
        ("m", x + rx, y),
        ("l", right - rx, y),
        ("c", right - cx, y, right, y + cy, right, y + ry),
        ("l", right, bottom - ry),
        ("c", right, bottom - cy, right - cx, bottom, right - rx, bottom),
        ("l", x + rx, bottom),
        ("c", x + cx, bottom, x, bottom - cy, x, bottom - ry),
        ("l", x, y + ry),
        ("c", x, y + cy, x + cx, y, x + rx, y),
        ("h",),
    )


def _circle(element: ET.Element) -> bytes:
    x, y, r = _number(element, "cx"), _number(element, "cy"), _number(element, "r")
    if r <= 0:
        return b""
    k = r * _CIRCLE
    return _joined(
        ("m", x + r, y),
        ("c", x + r, y + k, x + k, y + r, x, y + r),
        ("c", x - k, y + r, x - r, y + k, x - r, y),
        ("c", x - r, y - k, x - k, y - r, x, y - r),
        ("c", x + k, y - r, x + r, y - k, x + r, y),
        ("h",),
    )


def _line(element: ET.Element) -> bytes:
    return _joined(
        ("m", _number(element, "x1"), _number(element, "y1")),
        ("l", _number(element, "x2"), _number(element, "y2")),
    )


def _path(element: ET.Element) -> bytes:
    return _outline(element.get("d", ""))


_SHAPES: Mapping[str, Callable[[ET.Element], bytes]] = MappingProxyType(
    {"rect": _rect, "circle": _circle, "line": _line, "path": _path}
)
_OPERANDS = MappingProxyType({"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2})


@lru_cache(maxsize=16384)
def _outline(d: str) -> bytes:
    """The operators of a path; kept, because the same glyphs come again and again."""
    # A piece that begins with an absolute M knows nothing of those before it. Codes are made of few.
    return b"\n".join(filter(None, (_piece(piece) for piece in _PIECES.split(d))))


@lru_cache(maxsize=16384)
def _piece(d: str) -> bytes:
    steps: list[tuple[str | float, ...]] = []
    x = y = start_x = start_y = 0.0
    handle: tuple[float, float] | None = None
    before = ""
    if _STEP.sub("", d).strip():
        raise _NotOurs
    for letter, operands in _STEP.findall(d):
        kind = letter.lower()
        if kind == "z":
            if steps:
                steps.append(("h",))
            x, y, before = start_x, start_y, "z"
            continue
        count = _OPERANDS.get(kind)
        values = _numbers(operands)
        if count is None or not values or len(values) % count or (not steps and kind != "m"):
            raise _NotOurs
        for i in range(0, len(values), count):
            if before == "z" and kind != "m":
                steps.append(("m", x, y))
            shift_x, shift_y = (x, y) if letter == kind else (0.0, 0.0)
            group = values[i : i + count]
            if kind == "h":
                points = [(group[0] + shift_x, y)]
            elif kind == "v":
                points = [(x, group[0] + shift_y)]
            else:
                points = [
                    (a + shift_x, b + shift_y) for a, b in zip(group[::2], group[1::2], strict=True)
                ]
            reflected = (x, y) if handle is None else (2 * x - handle[0], 2 * y - handle[1])
            if kind == "m" and i == 0:
                steps.append(("m", *points[0]))
                start_x, start_y = points[0]
                handle = None
            elif kind in "cs":
                one, two, end = (
                    points if kind == "c" else (reflected if before in "cs" else (x, y), *points)
                )
                steps.append(("c", *one, *two, *end))
                handle = two
            elif kind in "qt":
                middle = points[0] if kind == "q" else (reflected if before in "qt" else (x, y))
                end = points[-1]
                one = (x + 2 * (middle[0] - x) / 3, y + 2 * (middle[1] - y) / 3)
                two = (end[0] + 2 * (middle[0] - end[0]) / 3, end[1] + 2 * (middle[1] - end[1]) / 3)
                steps.append(("c", *one, *two, *end))
                handle = middle
            else:
                steps.append(("l", *points[-1]))
                handle = None
            x, y = points[-1]
            before = kind
    return _joined(*steps)


def _joined(*steps: Sequence[str | float]) -> bytes:
    return "\n".join(
        " ".join([*(fmt(float(value)) for value in values), str(operator)])
        for operator, *values in steps
    ).encode()


def fmt(value: float) -> str:
    """A number as PDF writes it: no exponent, no needless digits."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _length(text: str) -> tuple[float, str]:
    match = _LENGTH.match(text)
    if match is None:
        raise _NotOurs
    if match[2] == "em":
        return float(match[1]), "em"
    return float(match[1]) * _PIXELS[match[2]], "px"


def _number(element: ET.Element, name: str) -> float:
    return _float(element.get(name, "0"))


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _NotOurs from None


def _numbers(text: str) -> list[float]:
    if _NUMBER.sub("", text).strip(" ,\n\t\r"):
        raise _NotOurs
    return [float(number) for number in _NUMBER.findall(text)]
