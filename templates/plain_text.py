"""Parsed Markdown as plain text for terminals, pipes and screen readers."""

from __future__ import annotations

import itertools
import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

Speak = Callable[[str, str], str]
"""From a formula, and what to put between its lines, to text."""

_INDENT = "    "
_GAP = "  "


def plain_text(
    tokens: Sequence[Token],
    speak: Speak,
    *,
    columns: int | None = None,
    spell: Callable[[str], str] = str,
) -> str:
    """Lay out the tokens: blank lines between blocks, `- ` and `1. ` before items, aligned columns.

    Args:
        tokens: what markdown-it parsed.
        speak: writes a formula as text.
        columns: the width of a table, whose cells are wrapped where they must be; None for any.
        spell: changes the letters of a table's cells, before it is laid out.
    """
    return "\n\n".join(_Layout(speak, columns, spell).blocks(iter(tokens), until=""))


@dataclass(frozen=True)
class _Layout:
    speak: Speak
    columns: int | None
    spell: Callable[[str], str]

    def blocks(self, tokens: Iterator[Token], until: str) -> list[str]:
        """Read tokens up to the one of type `until` (or all); one string a block."""
        found: list[str] = []
        for token in tokens:
            match token.type:
                case kind if kind == until:
                    break
                case "inline":
                    found.append(self._line(token.children or []))
                case "fence":
                    found.append(_shifted(_clean(token.content.rstrip("\n"))))
                case "math_display":
                    found.append(_shifted(_clean(self.speak(token.content, "\n"))))
                case "bullet_list_open":
                    found.append(self._list(tokens, None))
                case "ordered_list_open":
                    found.append(self._list(tokens, int(token.attrGet("start") or 1)))
                case "blockquote_open":
                    quoted = "\n\n".join(self.blocks(tokens, "blockquote_close"))
                    found.append(_hanging("> ", quoted, rest="> "))
                case "table_open":
                    found.append(self._table(tokens))
        return found

    def _list(self, tokens: Iterator[Token], number: int | None) -> str:
        items: list[str] = []
        tight = True
        for token in tokens:
            if token.type != "list_item_open":
                break
            inside = list(_until(tokens, "list_item_close"))
            tight = tight and all(each.hidden for each in inside if each.type == "paragraph_open")
            marker = "- " if number is None else f"{number + len(items)}. "
            between = "\n" if tight else "\n\n"
            items.append(_hanging(marker, between.join(self.blocks(iter(inside), until=""))))
        return ("\n" if tight else "\n\n").join(items)

    def _table(self, tokens: Iterator[Token]) -> str:
        rows: list[list[str]] = []
        for token in _until(tokens, "table_close"):
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                line = self._line(token.children or []).replace("\n", " ")
                rows[-1].append(self.spell(line))
        widths = [max(map(_width, column)) for column in zip(*rows, strict=False)]
        if self.columns is not None:
            widths = _narrowed(widths, rows, self.columns - len(_GAP) * (len(widths) - 1))
        lines = [line for row in rows[1:] for line in _wrapped(row, widths)]
        rule = _GAP.join("-" * width for width in widths)
        return "\n".join([*_wrapped(rows[0], widths), rule, *lines])

    def _line(self, tokens: Sequence[Token]) -> str:
        text = ""
        for token in tokens:
            match token.type:
                case "text" | "code_inline":
                    text += _clean(token.content)
                case "softbreak":
                    text += " "
                case "hardbreak":
                    text += "\n"
                case "math_inline":
                    text += _clean(self.speak(token.content, "; "))
                case "math_display":
                    formula = _shifted(_clean(self.speak(token.content, "\n")))
                    text = f"{text.rstrip(' ')}\n{formula}\n"
        return "\n".join(
            line if line.startswith(_INDENT) else line.strip()
            for line in text.strip("\n").split("\n")
        )


def _until(tokens: Iterator[Token], closing: str) -> Iterator[Token]:
    """The tokens before the `closing` that belongs to the opening just read."""
    depth = 1
    opening = closing.replace("_close", "_open")
    for token in tokens:
        depth += (token.type == opening) - (token.type == closing)
        if depth == 0:
            return
        yield token


def _hanging(first: str, text: str, rest: str | None = None) -> str:
    following = " " * len(first) if rest is None else rest
    first_line, *others = text.split("\n")
    return "\n".join([first + first_line, *((following + line).rstrip() for line in others)])


def _narrowed(widths: Sequence[int], rows: Sequence[Sequence[str]], most: int) -> list[int]:
    """The widths of a table's columns, the widest made narrower until all fit; no word is broken."""
    found = list(widths)
    least = [
        max((_width(word) for cell in column for word in cell.split()), default=1)
        for column in zip(*rows, strict=False)
    ]
    while sum(found) > most:
        room = [place for place, width in enumerate(found) if width > least[place]]
        if not room:
            break
        found[max(room, key=found.__getitem__)] -= 1
    return found


def _wrapped(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """The lines of a table's row."""
    cells = [
        textwrap.wrap(cell, width, break_long_words=False, break_on_hyphens=False) or [""]
        if _width(cell) > width
        else [cell]
        for cell, width in zip(row, widths, strict=False)
    ]
    return [
        _GAP.join(_padded(*each) for each in zip(line, widths, strict=False)).rstrip()
        for line in itertools.zip_longest(*cells, fillvalue="")
    ]


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(text: str) -> int:
    """Columns that a terminal gives the text: accents none, wide letters two."""
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
    )


def _shifted(text: str) -> str:
    return "\n".join(_INDENT + line for line in text.split("\n"))


def _clean(text: str) -> str:
    """Drop what a terminal would obey or what turns a line round: escapes, controls, bidi marks."""
    return "".join(
        letter
        for letter in text
        if letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cf"}
    )
