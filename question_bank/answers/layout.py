"""How people lay out a list: LaTeX's signs, what the list is called, bullets, numbers of lines, strokes between entries."""

from __future__ import annotations

import re
from dataclasses import dataclass

from question_bank.answers.brackets import split, unwrapped
from question_bank.answers.counted import is_counted
from question_bank.answers.left_side import check_left_side

# LaTeX that says nothing about a list: brackets that grow, blanks, the signs around a formula.
_GROWING = re.compile(r"\\(?:left|right|middle|[bB]igg?[lmr]?)(?![A-Za-z])")
_BLANK = re.compile(r"(?<!\\)\\[,;:!()\[\] ]|\\q?quad(?![A-Za-z])|\$")
_BREAK = re.compile(r"\\cr(?![A-Za-z])|\\\\(?:\[[^\]\n]{0,8}\])?")
_ALIGNED = re.compile(r"&\s*=")
# Pieces of tall brackets, lines below the head of a table, what torch prints behind numbers, and what leads to a result.
_TALL = re.compile(
    "[⎡⎢⎣⎤⎥⎦⎛⎜⎝⎞⎟⎠⎧⎨⎩⎫⎬⎭]|^[ \t]*\\|?(?:[ \t]*:?-{2,}:?[ \t]*\\|)+[ \t]*(?:\n|\\Z)", re.MULTILINE
)
_PRINTED = re.compile(r",\s*(?:dtype|device|grad_fn|requires_grad)\s*=\s*[^,()\[\]]{1,40}(?=[,)])")
_LEADING = re.compile(r"\A\s*(?:->|→|=>|⇒|≈|\\(?:approx|to|rightarrow|Rightarrow)(?![A-Za-z]))")
# Of a name, what stands above its letter; and brackets with bars between numbers.
_DECORATED = re.compile(
    r"\\(?:vec|hat|bar|tilde|d?dot|overline|widehat|widetilde)\s*\{([^\W\d][^{}]{0,19})\}"
)
_COORDINATES = re.compile(
    r"(?:(?<!\w)[A-Z][0-9]?\s*)?([(\[])([^()\[\]|,;\n]*(?:,[0-9][^()\[\]|,;\n]*)*(?:\|[^()\[\]|;\n]+)+)([)\]])"
)
_BRACE = re.compile(r"\\([{}])")
_BAR = re.compile(r"\\(?:mid|[lr]?vert)(?![A-Za-z])|[∣│｜]")

# What a list is called, and the sign behind it.
_CALLED = re.compile(
    r"\A\s*([^=:∈<>≤≥≠!\n]{0,60}?)\s*(==?(?![=>])|:(?!=)|∈|\\in(?![A-Za-z])|(?<=\s)in(?=\s))\s*(?=\S)"
)
_INDEX = re.compile(r"[_^]\s*\{[^{}]{0,20}\}|\^\(\w{1,3}\)|\^[*+'T]|ᵀ")
_NO_NAME = re.compile(r"(?<![\w'])[0-9]|[^\w\s,;()\[\]{}\\/|'’′∇∂*·@+−-]")
_CONSTANTS = frozenset({"e", "pi", "π", "inf", "infty", "infinity"})
_LISTED = re.compile(r"[\[({<|⟨]|\\(?:begin|langle)")
# One name: p1, dL/dw1, f(x), far left, sample 1.
_WORD = r"[^\W\d][\w'’′]*"
_NAME = rf"[∂∇]?{_WORD}(?:[ /][∂∇]?{_WORD}){{0,3}}(?: [0-9]{{1,2}}|(?<=\w\w\w)-[0-9]{{1,2}}|\({_WORD}\))?"
_BEFORE = r"(?<![\w.)\]}])"
_LABEL = re.compile(rf"{_BEFORE}({_NAME})\s*:(?:\s+(?=\S)|(?=[-+−]?[0-9]))")
# Line 8: what is numbered.
_NOUN = re.compile(r"\A\s*([^\W\d]+)\s+(?=[0-9])(?![^=]*=)")
_WORDS = re.compile(rf"{_BEFORE}{_NAME}(?=\s*=)")
_BRACKET_NAME = re.compile(
    r"(?:\A|(?<=[\s,;]))([∂∇]?[^\W\d][\w']{0,20}(?:/[∂∇]?[^\W\d][\w']{0,20})?)\s*[=:]\s*([\[({])"
)
_BEHIND = re.compile(r"\A([^=]*[^=\s])\s*=\s*([^\W\d]\w*)\Z")

_BULLET = re.compile(r"^[ \t]*(?:([-–−])|[*•·▪◦‣—])[ \t]+(?=\S)", re.MULTILINE)
_MARK = re.compile(r"(?:\A|(?<=[\s,;]))\(?([0-9]{1,2}|[a-zA-Z])([.):])[.):]?\s+")
# 1:5, 2:24 and 1.5, 2.24: the number of an item close to its value, or a dash between.
_ITEM = re.compile(r"\(?([0-9]{1,2})(?:\s*([:.)]|->|→)\)?\s*|\s+([-–−])\s+)(?=\S)")
_ITEMS = re.compile(r"[;\n]|,\s|,(?=[0-9]{1,2}\s*[:.)→-])")
_NUMBER = re.compile(r"\S*[0-9]\S*")
# The bars around a row of a table.
_BARS = re.compile(r"\A\s*\||\|\s*\Z")
_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])")
_ARROW = re.compile(r"->|→|\\(?:to|rightarrow)(?![A-Za-z])")
_STARTS_NUMBER = re.compile(
    r"[-+−–]?\s*(?:[0-9(.√½⅓⅔¼¾⅕⅛]|\\?(?:[dt]?frac|sqrt|ln|log|exp|pi)(?![a-z])|π|e(?!\w))"
)
_STROKE = re.compile(r"\s/\s")
_TIGHT_STROKE = re.compile(r"\s*(?<!\+)/\s*")


@dataclass(frozen=True)
class Layout:
    """A list with its entries or rows on lines of their own; `remote` where it is not the usual way to read it."""

    text: str
    remote: bool = False


def plain(text: str) -> str:
    """Without the LaTeX that only says how a list looks; its line breaks and columns as lines and commas."""
    text = _LEADING.sub("", _PRINTED.sub("", _TALL.sub(" ", text)))
    text = _BREAK.sub("\n", _GROWING.sub("", text))
    text = _BRACE.sub(r"\1", _BLANK.sub(" ", _ALIGNED.sub("=", text)))
    if "&" in text:
        text = _COMMA.sub(".", text).replace("&", ",")
    text = _COORDINATES.sub(_with_commas, _BAR.sub("|", _DECORATED.sub(r"\1", text)))
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"[ \t]{3,}", " ", text)).strip()


def _with_commas(found: re.Match[str]) -> str:
    """The coordinates (1|-2) and P(1|-2), as they are written in German, as (1, -2); rows that a bar divides stay."""
    pieces = [_COMMA.sub(".", piece.strip()) for piece in found[2].split("|")]
    several = [len(_NUMBER.findall(piece)) > 1 for piece in pieces]
    if not all(map(_STARTS_NUMBER.match, pieces)) or all(several):
        return found[0]
    # 5 4 | 23: where blanks divide numbers too, a bar only says what belongs together.
    return found[1] + (" " if any(several) else ", ").join(pieces) + found[3]


def without_name(text: str) -> str:
    """Without what a list is called by one name: S = {1, 2}, x ∈ {1, 2}."""
    names, rest = names_and_list(text)
    return text if re.search("[,;]", names) else rest


def names_and_list(text: str) -> tuple[str, str]:
    """What the whole list is called, by one name or by one for each entry, and the list: (p1, p2) = (2/3, 1/3).

    A name of its first entry alone stays with that.
    """
    found = _CALLED.match(text)
    if found is None:
        return "", text
    names, rest = found[1], text[found.end() :]
    words = re.findall(r"\w+", names)
    if _NO_NAME.search(_INDEX.sub("", names)) or (len(words) > 1 and _CONSTANTS & set(words)):
        return "", text
    if not re.search("[,;]", names):
        first = found[2] == ":" and not _LISTED.match(rest) and "\n" not in found[0]
        equal = found[2] in ("=", "==")
        if first or (equal and "=" in rest and not _holds_list(rest)):
            return "", text
        if found[2] != ":":
            check_left_side(names)
    return names, rest


def _holds_list(text: str) -> bool:
    """Whether brackets hold all of it, and divide several: {0, 8/2 = 4}, but not (x = 4)."""
    inner = unwrapped(text.strip())
    return inner != text.strip() and len(split(inner, ",;\n")) > 1


def out_of_order(names: str) -> bool:
    """Whether names side by side do not follow one another: (p2, p1)."""
    found = [name.strip(" ()[]{}") for name in re.split("[,;]", names)]
    return found != sorted(found)


def labelled(entry: str) -> str:
    """The entry with its name in front, and a sign of equality behind it: `p1: 2/3` and `2/3 = p1` are p1 = 2/3."""
    entry = _LABEL.sub(r"\1=", entry, count=1) if ":" in entry else entry
    if (noun := _NOUN.match(entry)) and is_counted([noun[1].lower()]):
        entry = entry[noun.end() :]
    behind = _BEHIND.match(entry)
    if behind and behind[2] not in _CONSTANTS and not re.fullmatch(_WORD, behind[1]):
        return f"{behind[2]}={behind[1]}"
    return entry


def names_joined(line: str) -> str:
    """A line of entries with their names, of which no name holds a blank: far_left=2 far_right=3."""
    line = _LABEL.sub(r"\1=", line) if ":" in line else line
    if "=" not in line:
        return line
    line = _WORDS.sub(_joined, line)
    return re.sub(r"\s*=\s*", "=", line)


def _joined(found: re.Match[str]) -> str:
    words = found[0].split(" ")
    return found[0] if _CONSTANTS & set(words) else "_".join(words)


def names_inside(text: str) -> str:
    """The names of rows as names of their first entries: p = (1, 2) is (p=1, 2)."""
    return _BRACKET_NAME.sub(r"\2\1=", text)


def without_bullets(text: str) -> str:
    """Without the dashes, stars and dots at the beginning of lines."""
    return _BULLET.sub("", text)


def layouts(text: str) -> list[Layout]:
    """The ways in which a list can be laid out, the usual one first. Raises Unreadable."""
    usual = Layout(text)
    if bulleted := _bulleted(text):
        return [bulleted] if not bulleted.remote else [usual, bulleted]
    if numbered := _numbered(text):
        return [usual, numbered] if numbered.remote else [numbered, usual]
    between = _between_bars(text) or _between_arrows(text) or _between_strokes(unwrapped(text))
    return [usual, *filter(None, (between, _tightly_numbered(text)))]


def _bulleted(text: str) -> Layout | None:
    lines = [line for line in text.split("\n") if line.strip()]
    bullets = [_BULLET.match(line) for line in lines]
    if len(lines) < 2 or not all(bullets):
        return None
    items = [_BULLET.sub("", line, count=1).strip() for line in lines]
    # Dashes before plain numbers may be their signs; before a sign or a name they are none.
    dashes = all(bullet and bullet[1] for bullet in bullets)
    signs = dashes and all(re.match(r"[0-9.,(√\\]", item) for item in items)
    return Layout("\n".join(items), remote=signs)


def _numbered(text: str) -> Layout | None:
    """Items behind 1., 2., ... or a), b), ...; colons may also be those of ratios."""
    marks = list(_MARK.finditer(text))
    if len(marks) < 2 or text[: marks[0].start()].strip():
        return None
    names = [mark[1].lower() for mark in marks]
    if names not in (
        [str(number) for number in range(1, len(names) + 1)],
        [chr(ord("a") + index) for index in range(len(names))],
    ):
        return None
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    items = [
        text[m.end() : end].strip().rstrip(",;").rstrip()
        for m, end in zip(marks, ends, strict=True)
    ]
    if not all(items):
        return None
    return Layout("\n".join(items), remote=any(mark[2] == ":" for mark in marks))


def _tightly_numbered(text: str) -> Layout | None:
    """Items behind 1, 2, ... that could be numbers themselves: 1:5, 2:24 are ratios, 1.5 and 2.24 decimals."""
    pieces = [piece.strip() for piece in _ITEMS.split(unwrapped(text).rstrip(",;"))]
    if len(pieces) < 2:
        pieces = text.split()
    marks = [_ITEM.match(piece) for piece in pieces]
    if len(pieces) < 2 or [m and m[1] for m in marks] != [str(n + 1) for n in range(len(pieces))]:
        return None
    items = [piece[mark.end() :] for piece, mark in zip(pieces, marks, strict=True) if mark]
    # 1.0 5.0 is a row of two decimals: nobody writes the number of a row so close to it.
    if any(m and m[0].endswith(".") for m in marks) and any(len(i.split()) > 1 for i in items):
        return None
    return Layout("\n".join(items), remote=True)


def side_by_side(text: str, count: int) -> list[str] | None:
    """Single digits that may be so many answers: 6145. None for anything else."""
    digits = text.strip()
    return list(digits) if len(digits) == count > 1 and re.fullmatch("[0-9]+", digits) else None


def digits_apart(
    rows: tuple[tuple[str, ...], ...], size: list[int]
) -> tuple[tuple[str, ...], ...] | None:
    """Digits side by side that may be the rows of a table of this size: 110 011. None for anything else."""
    typed = [entry.rpartition("=")[2].strip() for row in rows for entry in row]
    fits = [len(digits) for digits in typed] == size and min(size) > 1
    if not fits or not all(re.fullmatch("[0-9]+", digits) for digits in typed):
        return None
    return tuple(map(tuple, typed))


def _between_bars(text: str) -> Layout | None:
    """Entries, or rows, with bars between them, without brackets around all of it: 0,5|2."""
    if "|" not in text:
        return None
    lines = re.split("[;\n]", unwrapped(text))
    rows = [
        [_COMMA.sub(".", piece.strip()) for piece in _BARS.sub("", unwrapped(line)).split("|")]
        for line in lines
    ]
    pieces = [piece for row in rows for piece in row]
    if any(len(row) < 2 for row in rows) or not all(pieces) or re.search("[,=]", "".join(pieces)):
        return None
    several = [len(_NUMBER.findall(piece)) > 1 for piece in pieces]
    if len(rows) == 1 and all(several):
        return Layout("\n".join(pieces))
    return Layout("\n".join((" " if any(several) else ", ").join(row) for row in rows))


def _between_arrows(text: str) -> Layout | None:
    """Numbers with arrows between them: 8/13 → 6/13."""
    items = [item.strip() for item in _ARROW.split(text)]
    numbers = len(items) > 1 and all(_STARTS_NUMBER.match(item) for item in items)
    return Layout("\n".join(items)) if numbers and not re.search("[;\n]", text) else None


def _between_strokes(text: str) -> Layout | None:
    """Entries, or rows, with strokes between them: 64 / 8, and 1 2 / 3 4. Without blanks it is not the usual way."""
    if "\n" in text or ";" in text or "/" not in text:
        return None
    stroke = _STROKE if _STROKE.search(text) else _TIGHT_STROKE
    items = split(stroke.sub("\n", text), "\n")
    sizes = {(len(_NUMBER.findall(item)), item.count(",")) for item in items}
    alike = len(sizes) == 1 or {numbers for numbers, _ in sizes} == {1}
    if len(items) < 2 or not all(items) or not alike:
        return None
    return Layout("\n".join(items), remote=stroke is _TIGHT_STROKE)
