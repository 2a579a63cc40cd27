"""Free text: never marked by the machine. It waits for a person, with the rubric beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from question_bank.answers.base import AnswerType, Comparison, Key, Reading, Samples, Spec
from question_bank.grammar.exact import Value


class TextSpec(Spec):
    """`lines` is the writing space on paper."""

    type: Literal["text"]
    lines: Annotated[int, Field(ge=1, le=40, description="lines of writing space")] = 4


class TextKey(Key):
    """There is no key: the rubric stands with the part."""

    type: Literal["text"] = "text"
    lines: int = 4


class FreeText(AnswerType[TextSpec, TextKey]):
    """Texts; a person marks them."""

    kind = "text"
    Spec = TextSpec
    Key = TextKey
    by_person = True
    computed = False

    def names(self, spec: TextSpec) -> frozenset[str]:
        return frozenset()

    def bind(self, spec: TextSpec, values: Mapping[str, Value]) -> TextKey:
        return TextKey(lines=spec.lines)

    def parse(self, text: str, key: TextKey) -> tuple[Reading, ...]:
        return (Reading(text, text),)

    def compare(self, reading: Reading, key: TextKey) -> Comparison:
        return Comparison(None, "waits for a person to mark it")

    def render(self, key: TextKey) -> str:
        return ""

    def instruction(self, key: TextKey) -> str:
        return "in your own words"

    def written(self, key: TextKey) -> str:
        return "in my own words"

    def samples(self, key: TextKey) -> Samples:
        return Samples((), (), ())


TYPE = FreeText()
