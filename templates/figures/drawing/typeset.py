"""Labels as outlines: words and `$mathematics$` become paths, so that no font is needed to show a
figure.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import lru_cache

from templates.figures.drawing.errors import FigureError
from templates.figures.drawing.geometry import Box

MAX_LABEL = 200
"""Longest label in characters."""

Matrix = tuple[float, float, float, float, float, float]
Command = tuple[str, tuple[float, ...]]

_NUMBER = re.compile(r"[-\u2212]?\d+(\.\d+)?(/\d+)?")
_ESCAPES = {c: "\\" + c for c in "%#&_{}"}
_ONLY_MATHEMATICS = re.compile(r"[\\^~]")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4, "Z": 0}
_TOKEN = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)(?:[eE]-?\d+)?")
_TRANSFORM = re.compile(r"(translate|scale|matrix)\(([^)]*)\)")
_IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True)
class Outline:
    """One label set at 1 pt: absolute path commands with the baseline's left end at (0, 0), y
    downwards.

    `ink` is the rectangle of what is printed; `width` is the advance.
    """

    commands: tuple[Command, ...]
    ink: Box
    width: float


def latex_of(label: str) -> str:
    """The LaTeX of a label: words outside `$...$`, mathematics inside; a bare number is
    mathematics.
    """
    if _NUMBER.fullmatch(label):
        return label.replace("\u2212", "-")
    pieces = label.split("$")
    if len(pieces) % 2 == 0:
        raise FigureError(
            f'label "{label}" has a $ without a partner', "write mathematics as $x_1$"
        )
    return "".join(
        piece if index % 2 else _words(piece) for index, piece in enumerate(pieces) if piece
    )


def said(label: str) -> str:
    """The label as plain text for a description: `$x_1$` becomes x₁."""
    from templates import mathematics

    if _NUMBER.fullmatch(label):
        return label
    latex_of(label)
    pieces = label.split("$")
    try:
        plain = [mathematics.spoken(p) if i % 2 else p for i, p in enumerate(pieces) if p]
    except mathematics.MathError as error:
        raise FigureError(f'label "{label}" does not typeset: {error.message}') from None
    return " ".join("".join(plain).split())


def _words(text: str) -> str:
    if found := _ONLY_MATHEMATICS.search(text):
        message = f'"{found.group()}" outside mathematics in the label "{text}"'
        raise FigureError(message, "write mathematics as $x^2$")
    plain = re.sub(r"(?<![\w.)])-(?=\d)", "\u2212", text)
    return r"\text{" + "".join(_ESCAPES.get(c, c) for c in plain) + "}"


@lru_cache(maxsize=4096)
def outline(label: str) -> Outline:
    """The label set at a size of 1 pt; raises FigureError when it does not typeset."""
    from templates import mathematics

    if len(label) > MAX_LABEL:
        raise FigureError(f"label of {len(label)} characters", f"at most {MAX_LABEL}")
    if not label.strip():
        return Outline((), Box(0, 0, 0, 0), 0.0)
    try:
        svg = mathematics.svg(latex_of(label)).svg
    except mathematics.MathError as error:
        raise FigureError(f'label "{label}" does not typeset: {error.message}') from None
    root = ET.fromstring(svg)  # noqa: S314  our own engine wrote it
    shapes = {e.get("id", ""): e.get("d", "") for e in root.iter() if _tag(e) == "path"}
    commands: list[Command] = []
    for child in root:
        if _tag(child) == "g":
            _walk(child, _IDENTITY, shapes, commands)
    em = 1000.0
    scaled = tuple((name, tuple(v / em for v in values)) for name, values in commands)
    width = float(root.get("viewBox", "0 0 0 0").split()[2]) / em
    xs = [v for _, values in scaled for v in values[0::2]]
    ys = [v for _, values in scaled for v in values[1::2]]
    ink = Box(min(xs), min(ys), max(xs), max(ys)) if xs else Box(0, 0, width, 0)
    return Outline(scaled, ink, width)


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _walk(element: ET.Element, outer: Matrix, shapes: dict[str, str], out: list[Command]) -> None:
    matrix = _multiply(outer, _transform(element.get("transform", "")))
    tag = _tag(element)
    if tag == "g":
        for child in element:
            _walk(child, matrix, shapes, out)
    elif tag == "use":
        shift: Matrix = (1, 0, 0, 1, _length(element, "x"), _length(element, "y"))
        name = element.get("href") or element.get("{http://www.w3.org/1999/xlink}href") or ""
        _outline_path(shapes[name.lstrip("#")], _multiply(matrix, shift), out)
    elif tag == "path":
        _outline_path(element.get("d", ""), matrix, out)
    elif tag == "rect":
        x, y = _length(element, "x"), _length(element, "y")
        w, h = _length(element, "width"), _length(element, "height")
        _outline_path(f"M{x} {y} L{x + w} {y} L{x + w} {y + h} L{x} {y + h} Z", matrix, out)
    else:
        raise FigureError(f"the typeset label holds <{tag}>, which figures cannot outline")


def _length(element: ET.Element, name: str) -> float:
    return float(element.get(name, "0"))


def _transform(text: str) -> Matrix:
    matrix = _IDENTITY
    for kind, inside in _TRANSFORM.findall(text):
        v = [float(part) for part in re.split(r"[\s,]+", inside.strip())]
        step: Matrix
        if kind == "translate":
            step = (1, 0, 0, 1, v[0], v[1] if len(v) > 1 else 0.0)
        elif kind == "scale":
            step = (v[0], 0, 0, v[1] if len(v) > 1 else v[0], 0, 0)
        else:
            step = (v[0], v[1], v[2], v[3], v[4], v[5])
        matrix = _multiply(matrix, step)
    return matrix


def _multiply(a: Matrix, b: Matrix) -> Matrix:
    return (
        a[0] * b[0] + a[2] * b[1],
        a[1] * b[0] + a[3] * b[1],
        a[0] * b[2] + a[2] * b[3],
        a[1] * b[2] + a[3] * b[3],
        a[0] * b[4] + a[2] * b[5] + a[4],
        a[1] * b[4] + a[3] * b[5] + a[5],
    )


def _outline_path(d: str, m: Matrix, out: list[Command]) -> None:
    tokens = _TOKEN.findall(d)
    at, name = 0, ""
    here = (0.0, 0.0)
    while at < len(tokens):
        if tokens[at].isalpha():
            name = tokens[at]
            at += 1
        if name not in _ARGUMENTS:
            raise FigureError(f'a glyph uses the path command "{name}", which figures do not read')
        count = _ARGUMENTS[name]
        values = [float(t) for t in tokens[at : at + count]]
        at += count
        if name == "H":
            values, command = [values[0], here[1]], "L"
        elif name == "V":
            values, command = [here[0], values[0]], "L"
        else:
            command = name
        if values:
            here = (values[-2], values[-1])
        points: list[float] = []
        for x, y in zip(values[0::2], values[1::2], strict=True):
            points += [m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]]
        out.append((command, tuple(points)))
