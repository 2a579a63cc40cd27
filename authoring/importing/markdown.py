"""Text and HTML of other systems as the bank's Markdown, with its mathematics between dollar signs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

# TeX as Moodle writes it: \( \), \[ \], $$ $$.
_MATHEMATICS = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]|\$\$(.+?)\$\$", re.DOTALL)
_SPECIAL = re.compile(r"[\\`*_\[\]<>$]")
_LINE_START = re.compile(r"(?m)^(\s*)(#|[-+](?=\s)|[0-9]+(?=[.)]\s)|={3,}|-{3,}|~{3,})")
_TEMPLATE = re.compile(r"([{}])(?=[{}%#])|([%#])(?=\})")
_BLOCKS = {"p", "div", "ul", "ol", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"}
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "tt": "`"}
_SILENT = {"script", "style", "head", "title"}


@dataclass(frozen=True)
class Converted:
    """Markdown, and what of the original it does not hold."""

    text: str
    lost: tuple[str, ...] = ()


def from_plain(text: str) -> Converted:
    """Text without markup; only its mathematics is not taken literally."""
    return Converted(_tidy(_escaped(text)), _spaced(text))


def from_markdown(text: str) -> Converted:
    """Markdown as it is; what a template would act on is spaced out, mathematics gets its dollar signs."""
    pieces, last = [], 0
    for found in _MATHEMATICS.finditer(text):
        pieces += [inert(text[last : found.start()]), _dollars(found)]
        last = found.end()
    return Converted(_tidy("".join([*pieces, inert(text[last:])])), _spaced(text))


def from_html(text: str) -> Converted:
    """HTML: emphasis, code, lists, line breaks, indices; pictures, links and tables lose their form."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return Converted(_tidy("".join(reader.pieces)), tuple(dict.fromkeys(reader.lost)))


@dataclass
class _Formula:
    """What stands in a <math>: how it is read out, its signs, and its TeX where an annotation holds it."""

    label: str
    shown: list[str] = field(default_factory=list)
    tex: list[str] = field(default_factory=list)
    source: bool = False


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.lost: list[str] = []
        self._silent = 0
        self._code = 0
        self._lists: list[int | None] = []
        self._formula: _Formula | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "math" and self._formula is None:
            self._formula = _Formula(dict(attrs).get("aria-label") or "")
        elif self._formula is not None:
            self._formula.source = tag == "annotation" and "tex" in (
                dict(attrs).get("encoding") or ""
            )
        elif tag in _SILENT:
            self._silent += 1
        elif tag in _MARKS:
            self._code += _MARKS[tag] == "`"
            self.pieces.append(_MARKS[tag])
        elif tag in ("sub", "sup"):
            self.pieces.append("$_{" if tag == "sub" else "$^{")
            self._code += 1
        elif tag == "pre":
            self._code += 1
            self.pieces.append("\n\n```\n")
        elif tag == "br":
            self.pieces.append("\n" if self._code else "\\\n")
        elif tag == "li":
            self.pieces.append("\n" + self._bullet())
        elif tag == "img":
            said = dict(attrs).get("alt") or "no description"
            self.pieces.append(_escaped(f"(picture: {said})"))
            self.lost.append("a picture")
        elif tag in _BLOCKS:
            if tag in ("ul", "ol"):
                self._lists.append(0 if tag == "ol" else None)
            if tag == "table":
                self.lost.append("the form of a table")
            self.pieces.append("\n\n")
        elif tag == "td":
            self.pieces.append(" ")
        elif tag in ("a", "iframe", "object", "video", "audio"):
            self.lost.append("a link" if tag == "a" else "embedded media")

    def handle_endtag(self, tag: str) -> None:
        if self._formula is not None:
            self._formula.source = False
            if tag == "math":
                self._end_formula(self._formula)
                self._formula = None
        elif tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _MARKS:
            self._code = max(0, self._code - (_MARKS[tag] == "`"))
            self.pieces.append(_MARKS[tag])
        elif tag in ("sub", "sup"):
            self._code = max(0, self._code - 1)
            self.pieces.append("}$")
        elif tag == "pre":
            self._code = max(0, self._code - 1)
            self.pieces.append("\n```\n\n")
        elif tag in _BLOCKS:
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
            self.pieces.append("\n\n")

    def handle_data(self, data: str) -> None:
        if self._formula is not None:
            (self._formula.tex if self._formula.source else self._formula.shown).append(data)
        elif not self._silent:
            self.lost += _spaced(data)
            self.pieces.append(inert(data) if self._code else _escaped(data))

    def _end_formula(self, formula: _Formula) -> None:
        """MathML as its TeX, which many writers put beside it; else in words, which is a loss."""
        source = " ".join("".join(formula.tex).split())
        if source and "$" not in source:
            self.pieces.append(f"${inert(source)}$")
            return
        words = " ".join((formula.label or " ".join(formula.shown)).split())
        self.pieces.append(_escaped(words))
        self.lost += [*_spaced(words), "the form of a formula"]

    def _bullet(self) -> str:
        if not self._lists or self._lists[-1] is None:
            return "- "
        self._lists[-1] += 1
        return f"{self._lists[-1]}. "


def _escaped(text: str) -> str:
    pieces, last = [], 0
    for found in _MATHEMATICS.finditer(text):
        pieces += [_literal(text[last : found.start()]), _dollars(found)]
        last = found.end()
    return "".join([*pieces, _literal(text[last:])])


def _literal(text: str) -> str:
    return _LINE_START.sub(r"\1\\\2", inert(_SPECIAL.sub(r"\\\g<0>", text)))


def _dollars(found: re.Match[str]) -> str:
    inner = next(group for group in found.groups() if group is not None)
    mark = "$" if found[1] is not None else "$$"
    return f"{mark}{inert(' '.join(inner.split()))}{mark}"


def _spaced(text: str) -> tuple[str, ...]:
    """What is lost where `inert` changes a text, and not mathematics alone."""
    found = _TEMPLATE.search(_MATHEMATICS.sub("", text))
    return (
        ("braces that stood together: a blank divides {{, }}, {%, %}, {# and #} here",)
        if found
        else ()
    )


def inert(text: str) -> str:
    """`{{` and its like would be read as a template: a blank between the two changes no mathematics."""
    return _TEMPLATE.sub(r"\g<0> ", text)


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\xa0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip().removesuffix("\\")
