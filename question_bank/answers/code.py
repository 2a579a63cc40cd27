"""Lines of code: what equals an accepted text but for blanks is right; everything else waits for a person."""

from __future__ import annotations

import io
import re
import textwrap
import tokenize
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from question_bank.answers.base import AnswerType, Comparison, Key, Reading, Samples, Spec
from question_bank.grammar.exact import Value
from question_bank.text import check_template, fill

_LAYOUT = {tokenize.NL, tokenize.COMMENT, tokenize.ENCODING, tokenize.ENDMARKER}


class CodeSpec(Spec):
    """`accept` lists right answers (templates); `lines` is the writing space on paper."""

    type: Literal["code"]
    accept: tuple[str, ...] = Field((), description="what is right without a person; templates")
    lines: Annotated[int, Field(ge=1, le=40, description="lines of writing space")] = 4


class CodeKey(Key):
    """The accepted texts. The code is never run here."""

    type: Literal["code"] = "code"
    accept: tuple[str, ...] = ()
    lines: int = 4


class Code(AnswerType[CodeSpec, CodeKey]):
    """Code, compared sign by sign."""

    kind = "code"
    Spec = CodeSpec
    Key = CodeKey
    by_person = True
    computed = False

    def names(self, spec: CodeSpec) -> frozenset[str]:
        return frozenset().union(*(check_template(text) for text in spec.accept))

    def bind(self, spec: CodeSpec, values: Mapping[str, Value]) -> CodeKey:
        accept = tuple(fill(text, values) for text in spec.accept)
        return CodeKey(accept=accept, lines=spec.lines)

    def parse(self, text: str, key: CodeKey) -> tuple[Reading, ...]:
        return (Reading(_signs(text), text),)

    def compare(self, reading: Reading, key: CodeKey) -> Comparison:
        if any(reading.value == _signs(text) for text in key.accept):
            return Comparison(Fraction(1), "right")
        return Comparison(None, "waits for a person to read it")

    def render(self, key: CodeKey) -> str:
        # One stretch of a line: where the solution shows it set as a block, this names the lines.
        lines = key.accept[0].splitlines() if key.accept else []
        return "; ".join(f"`{line.strip()}`" for line in lines if line.strip())

    def instruction(self, key: CodeKey) -> str:
        return "code or pseudo code"

    def written(self, key: CodeKey) -> str:
        return key.accept[0] if key.accept else "code"

    def samples(self, key: CodeKey) -> Samples:
        return Samples(key.accept, (), ())


def _signs(text: str) -> tuple[str, ...]:
    """The tokens without comments, needless blanks and kinds of quotes; the bare words where it is no Python."""
    source = textwrap.dedent(text.strip("\n").expandtabs(4)).strip() + "\n"
    try:
        found = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return tuple(text.split())
    return tuple(_sign(token) for token in found if token.type not in _LAYOUT)


def _sign(token: tokenize.TokenInfo) -> str:
    if token.type in (tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE):
        # How deep a block is indented does not count.
        return tokenize.tok_name[token.type]
    plain_text = token.type == tokenize.STRING and re.fullmatch(r"'[^'\"\\]*'", token.string)
    return f'"{token.string[1:-1]}"' if plain_text else token.string


TYPE = Code()
