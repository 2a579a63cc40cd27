"""Moodle XML: https://docs.moodle.org/en/Moodle_XML_format. Read with line numbers, without entities or a DTD."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from authoring.importing.gift import number, shortest
from authoring.importing.item import Answer, ForeignItem, Kind, Pair, unique
from authoring.importing.markdown import Converted, from_html, from_markdown, from_plain
from question_bank.diagnostics import Where, bad_input

MAX_DEPTH = 40
_FORMATS = {
    "html": from_html,
    "moodle_auto_format": from_html,
    "plain_text": from_plain,
    "markdown": from_markdown,
}
_KINDS: dict[str, Kind] = {
    "multichoice": "choice",
    "truefalse": "true_false",
    "numerical": "numeric",
    "shortanswer": "words",
    "matching": "matching",
    "essay": "essay",
}


@dataclass
class _Node:
    tag: str
    attributes: dict[str, str]
    line: int
    children: list[_Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def all(self, tag: str) -> list[_Node]:
        return [child for child in self.children if child.tag == tag]

    def first(self, tag: str) -> _Node:
        return next(iter(self.all(tag)), _Node(tag, {}, self.line))

    def value(self, *path: str) -> str:
        node = self
        for tag in path:
            node = node.first(tag)
        return node.text.strip()


def read_moodle_xml(text: str, file: str) -> Iterator[ForeignItem]:
    """The questions of a Moodle XML file, in order. Raises InputError where it is not well-formed."""
    root = _tree(text, file)
    if root.tag != "quiz":
        says = f"the outermost element is <{root.tag}>, and not Moodle's <quiz>"
        raise bad_input("moodle-xml", says, where=Where(file, root.line))
    category = ""
    for node in root.all("question"):
        if node.attributes.get("type") == "category":
            category = node.value("category", "text")
        else:
            yield _question(node, file, category)


def _question(node: _Node, file: str, category: str) -> ForeignItem:
    name = " ".join(node.value("name", "text").split())
    where = Where(file, node.line, None, name or None)
    sort = node.attributes.get("type", "")
    if sort == "description":
        return ForeignItem(where, "other", name, lost=("a description asks nothing",))
    kind = _KINDS.get(sort)
    if kind is None:
        lost = f'questions of type "{sort}" have no counterpart here'
        return ForeignItem(where, "other", name, lost=(lost,))
    texts = _Texts(node.first("questiontext").attributes.get("format", "html"))
    stem = texts.of(node.first("questiontext"))
    solution = texts.of(node.first("generalfeedback"))
    if kind == "essay":
        solution = texts.of(node.first("graderinfo")) or solution
    answers = (
        [] if kind == "matching" else [_answer(a, kind, texts, where) for a in node.all("answer")]
    )
    pairs = [
        Pair(texts.of(sub), texts.plain(sub.value("answer", "text")))
        for sub in node.all("subquestion")
    ]
    if node.first("units").children:
        texts.lost.append("the units and what a missing one costs")
    if node.all("hint"):
        texts.lost.append("the hints")
    return ForeignItem(
        where,
        kind,
        name,
        stem,
        category,
        tuple(answers),
        tuple(pairs),
        single=node.value("single").lower() not in ("false", "0"),
        shuffle=node.value("shuffleanswers").lower() not in ("false", "0"),
        points=number(node.value("defaultgrade") or "1", where, "moodle-xml"),
        solution=solution,
        tags=tuple(tag.value("text") for tag in node.first("tags").all("tag")),
        lost=unique(texts.lost),
    )


def _answer(node: _Node, kind: Kind, texts: _Texts, where: Where) -> Answer:
    place = Where(where.file, node.line, None, where.what)
    weight = number(node.attributes.get("fraction", "0"), place, "moodle-xml") / 100
    if abs(weight) > 1:
        says = f"a fraction of {float(weight * 100):g} % is beyond 100 %"
        raise bad_input("moodle-xml", says, where=place)
    why = texts.of(node.first("feedback"))
    shown = node.value("text")
    if kind == "true_false":
        return Answer(shown.lower(), weight, why)
    if kind == "numeric":
        if shown == "*":
            return Answer("*", weight, why)
        tolerance = number(node.value("tolerance") or "0", place, "moodle-xml")
        return Answer(shortest(number(shown, place, "moodle-xml")), weight, why, abs(tolerance))
    return Answer(texts.of(node) if kind == "choice" else texts.plain(shown), weight, why)


class _Texts:
    """Converts the texts of one question, and gathers what is lost on the way."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.lost: list[str] = []

    def of(self, node: _Node) -> str:
        if node.all("file"):
            self.lost.append("an attached file")
        form = node.attributes.get("format") or self.form
        return self._kept(_FORMATS.get(form, from_html)(node.value("text")))

    def plain(self, text: str) -> str:
        return self._kept(from_plain(text))

    def _kept(self, told: Converted) -> str:
        self.lost += told.lost
        return told.text


def _tree(text: str, file: str) -> _Node:
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    top = _Node("", {}, 1)
    open_nodes = [top]

    def refuse(says: str, hint: str | None = None) -> None:
        place = Where(file, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
        raise bad_input("moodle-xml", says, where=place, hint=hint)

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(open_nodes) > MAX_DEPTH:
            refuse(f"is nested deeper than {MAX_DEPTH} elements")
        node = _Node(tag, attributes, parser.CurrentLineNumber)
        open_nodes[-1].children.append(node)
        open_nodes.append(node)

    def end(_tag: str) -> None:
        open_nodes.pop()

    def characters(data: str) -> None:
        open_nodes[-1].pieces.append(data)

    def doctype(*_: Any) -> None:
        refuse(
            "has a document type declaration, which Moodle never writes", "delete <!DOCTYPE ...>"
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text.removeprefix("\ufeff").encode("utf-8"), True)
    except expat.ExpatError as error:
        place = Where(file, error.lineno, error.offset + 1)
        raise bad_input(
            "moodle-xml", f"is no XML: {expat.ErrorString(error.code)}", where=place
        ) from None
    return top.children[0]
