"""GIFT, Moodle's text format: https://docs.moodle.org/en/GIFT_format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from authoring.importing.item import Answer, ForeignItem, Kind, Pair, unique
from authoring.importing.markdown import Converted, from_html, from_markdown, from_plain
from question_bank.diagnostics import Where, bad_input

# An escaped character is moved out of the way, into a plane that no text uses, until the structure has been read.
_AWAY = 0xF0000
_ESCAPE = re.compile(r"\\([~=#{}:\\])")
_TITLE = re.compile(r"\A::(.*?)::\s*", re.DOTALL)
_FORMAT = re.compile(r"\A\[(html|moodle|plain|markdown)\]\s*")
_WEIGHT = re.compile(r"\A%(-?[0-9]{1,3}(?:\.[0-9]{1,8})?)%")
_FORMATS = {"html": from_html, "moodle": from_html, "plain": from_plain, "markdown": from_markdown}
_TRUTHS = {"T": True, "TRUE": True, "F": False, "FALSE": False}
MAX_DIGITS = 30


def read_gift(text: str, file: str) -> Iterator[ForeignItem]:
    """The questions of a GIFT file, in order. Raises InputError where a question cannot be read at all."""
    if any(ord(char) >= _AWAY for char in text):
        raise bad_input("gift", "holds private-use characters", where=Where(file))
    category = ""
    for first, lines in _blocks(text.removeprefix("\ufeff")):
        above = 0
        while above < len(lines) and lines[above].startswith("$CATEGORY:"):
            category = lines[above].removeprefix("$CATEGORY:").strip()
            above += 1
        if above < len(lines):
            yield _question("\n".join(lines[above:]), Where(file, first + above), category)


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Questions stand apart by blank lines; comments are lines that start with //."""
    lines: list[str] = []
    first = 0
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if line.lstrip().startswith("//"):
            continue
        if line.strip():
            first = first if lines else number
            lines.append(line)
        elif lines:
            yield first, lines
            lines = []


def _question(block: str, where: Where, category: str) -> ForeignItem:
    text = _ESCAPE.sub(lambda found: chr(_AWAY + ord(found[1])), block).strip()
    name = ""
    if title := _TITLE.match(text):
        name, text = _back(title[1]).strip(), text[title.end() :]
    name = name or " ".join(_back(text.partition("{")[0]).split())[:60]
    where = Where(where.file, where.line, None, name)
    form = "moodle"
    if stated := _FORMAT.match(text):
        form, text = stated[1], text[stated.end() :]
    if re.sub(r"[^{}]", "", text) not in ("", "{}"):
        says = "one pair of braces { } holds the answers of a question"
        hint = r"leave a blank line between two questions, and write \{ and \} for braces in texts"
        raise bad_input("gift", says, where=where, hint=hint)
    before, brace, rest = text.partition("{")
    if not brace:
        return ForeignItem(where, "other", name, lost=("a description asks nothing",))
    inside, _, after = rest.partition("}")
    stem = before.rstrip() + (f" _____ {after.strip()}" if after.strip() else "")
    answers, _, general = inside.partition("####")
    read = _Answers(answers.strip(), form, where)
    told = _told(stem, form)
    solution = _told(general, form)
    return ForeignItem(
        where,
        read.kind,
        name,
        told.text,
        category,
        tuple(read.answers),
        tuple(read.pairs),
        single=read.single,
        solution=solution.text,
        lost=unique((*told.lost, *solution.lost, *read.lost)),
    )


class _Answers:
    """What stands between the braces."""

    def __init__(self, text: str, form: str, where: Where) -> None:
        self.form, self.where = form, where
        self.answers: list[Answer] = []
        self.pairs: list[Pair] = []
        self.lost: list[str] = []
        self.single = True
        self.kind: Kind
        head, *feedback = text.split("#")
        if not text:
            self.kind = "essay"
        elif text.startswith("#"):
            self.kind = "numeric"
            self._numbers(text[1:].strip())
        elif head.strip().upper() in _TRUTHS:
            self.kind = "true_false"
            self._truth(_TRUTHS[head.strip().upper()], feedback)
        else:
            self._listed(text)

    def _truth(self, truth: bool, feedback: list[str]) -> None:
        wrong, right = [*(self._text(part) for part in feedback), "", ""][:2]
        for value in (True, False):
            hit = value == truth
            why = right if hit else wrong
            self.answers.append(Answer("true" if value else "false", Fraction(hit), why))

    def _listed(self, text: str) -> None:
        entries = _entries(text, self.where)
        if all(mark == "=" and "->" in body for mark, body in entries):
            self.kind = "matching"
            for _, body in entries:
                left, _, right = body.partition("->")
                self.pairs.append(Pair(self._text(left), self._text(right)))
            return
        self.kind = "choice" if any(mark == "~" for mark, _ in entries) else "words"
        for mark, entry in entries:
            weight, body, why = _weighed(mark, entry, self.where)
            self.answers.append(Answer(self._text(body), weight, self._text(why)))
        self.single = any(mark == "=" for mark, _ in entries)

    def _numbers(self, text: str) -> None:
        marked = text if text.startswith(("=", "~")) else f"={text}"
        for mark, entry in _entries(marked, self.where):
            weight, body, why = _weighed(mark, entry, self.where)
            if body in ("", "*"):
                self.answers.append(Answer("*", weight, self._text(why)))
                continue
            value, tolerance = _range(_back(body), self.where)
            self.answers.append(Answer(value, weight, self._text(why), tolerance))

    def _text(self, text: str) -> str:
        form = self.form
        if stated := _FORMAT.match(text.strip()):
            form, text = stated[1], text.strip()[stated.end() :]
        told = _told(text, form)
        self.lost += told.lost
        return told.text


def _entries(text: str, where: Where) -> list[tuple[str, str]]:
    pieces = re.split(r"([=~])", text)
    if pieces[0].strip():
        says = f'an answer starts with = or ~, not "{_back(pieces[0]).strip()[:40]}"'
        raise bad_input("gift", says, where=where)
    return list(zip(pieces[1::2], pieces[2::2], strict=True))


def _weighed(mark: str, entry: str, where: Where) -> tuple[Fraction, str, str]:
    """The weight of an answer (100 % after =, else nothing, unless it says so), the answer, and its feedback."""
    body, _, why = entry.strip().partition("#")
    found = _WEIGHT.match(body)
    if found is None:
        return Fraction(mark == "="), body.strip(), why
    weight = Fraction(found[1]) / 100
    if abs(weight) > 1:
        raise bad_input("gift", f"a weight of {found[1]} % is beyond 100 %", where=where)
    return weight, body[found.end() :].strip(), why


def _range(text: str, where: Where) -> tuple[str, Fraction]:
    """`3:0.1` and `2.9..3.1` as the middle and the distance from it."""
    low, dots, high = text.partition("..")
    if dots:
        first, last = number(low, where, "gift"), number(high, where, "gift")
        if first > last:
            raise bad_input("gift", f'the range "{text}" is empty', where=where)
        return shortest((first + last) / 2), (last - first) / 2
    value, _, tolerance = text.partition(":")
    distance = number(tolerance, where, "gift") if tolerance else Fraction(0)
    if distance < 0:
        raise bad_input("gift", f'the tolerance of "{text}" is below 0', where=where)
    return shortest(number(value, where, "gift")), distance


def number(text: str, where: Where, code: str) -> Fraction:
    """A decimal number, exactly. Raises InputError for anything else, and for more digits than a key has."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite() or len(text) > MAX_DIGITS or abs(value.adjusted()) > MAX_DIGITS:
        raise bad_input(code, f'"{text.strip()[:40]}" is no number', where=where)
    return Fraction(value)


def shortest(value: Fraction) -> str:
    """12, 0.5, -1/3: what an expression of the bank reads as the same number."""
    if value.denominator == 1:
        return str(value.numerator)
    twos_and_fives = re.fullmatch(r"2*5*", "".join(map(str, _small_factors(value.denominator))))
    if not twos_and_fives:
        return f"{value.numerator}/{value.denominator}"
    return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"


def _small_factors(number: int) -> list[int]:
    factors = []
    for prime in (2, 5):
        while number % prime == 0:
            factors.append(prime)
            number //= prime
    return factors if number == 1 else [*factors, 7]


def _told(text: str, form: str) -> Converted:
    source = _back(text).replace("\\n", "\n" if form != "html" else "<br>")
    if form == "moodle":
        source = source.strip().replace("\n", "<br>\n")
    return _FORMATS[form](source.strip())


def _back(text: str) -> str:
    return "".join(chr(ord(char) - _AWAY) if ord(char) >= _AWAY else char for char in text)
