"""The tables of answers: for each type its rows of answer, key, verdict and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import yaml

from authoring.attempt import key_of
from question_bank.answers import answer_type, answer_types
from question_bank.answers.base import Key

HERE = Path(__file__).parent
SYMBOLS = yaml.safe_load((HERE.parent / "data/expression_symbols.yaml").read_text())


@dataclass(frozen=True)
class Row:
    """An answer with the verdict that it gets; `symbols` names those of a formula."""

    kind: str
    answer: str
    asked: str
    verdict: str
    why: str
    share: Fraction
    symbols: str

    @property
    def key(self) -> Key:
        """The key that the answer is marked against."""
        return bound(self.kind, self.asked, self.symbols)


def rows() -> Iterator[Row]:
    """Each row of each table. A fifth place names a formula's symbols, or gives the share of the points."""
    for kind in sorted(answer_types()):
        for answer, asked, verdict, why, *more in yaml.safe_load(
            (HERE / f"{kind}.yaml").read_text()
        ):
            formula = kind == "expression"
            symbols = more[0] if more and formula else "plain"
            share = more[0] if more and not formula else int(verdict == "right")
            yield Row(kind, str(answer), str(asked), verdict, why, Fraction(share), symbols)


def bound(kind: str, asked: str, symbols: str = "plain") -> Key:
    """The key of a row."""
    if kind != "expression":
        return key_of(kind, asked)
    model = answer_type("expression")
    spec = {"type": "expression", "value": asked, **SYMBOLS[symbols]}
    key: Key = model.bind(model.Spec.model_validate(spec), {})
    return key
