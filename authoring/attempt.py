"""`question-bank try`: the verdict on one answer, by question or by answer type and key."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from question_bank.answers import answer_type, answer_types, mark
from question_bank.answers.base import Key, NoKey, Unreadable
from question_bank.answers.brackets import unwrapped
from question_bank.answers.marking import Mark
from question_bank.answers.matching import pairs_of
from question_bank.answers.multiple_choice import MAX_OPTIONS
from question_bank.answers.numeric import TYPE as NUMERIC
from question_bank.answers.numeric import NumericKey
from question_bank.answers.pieces import labels
from question_bank.derive import value_of
from question_bank.diagnostics import bad_input, did_you_mean
from question_bank.grammar.exact import EvaluationError
from question_bank.grammar.syntax import GrammarError
from question_bank.key import key_question, mark_question
from question_bank.schema import Question
from question_bank.strict_yaml import load_raw
from question_bank.text import TemplateFault
from question_bank.variant import instantiate


def try_question(question: Question, seed: int, label: str, answer: str) -> dict[str, Any]:
    """The verdict on an answer to one part of a variant. Raises InputError for a part that is not there."""
    asked = key_question(1, instantiate(question, seed))
    for marked in mark_question(asked, {f"1{label}": answer}):
        if marked.part.label == label:
            return _result(marked.mark)
    labels = [part.label for part in asked.parts]
    if labels == [""]:
        raise bad_input("unknown-part", f"{question.id} has no parts", hint="leave --part out")
    raise bad_input(
        "unknown-part",
        f'{question.id} has no part "{label}"' if label else f"{question.id} has parts",
        hint=f"--part {', '.join(labels)}",
    )


def try_type(
    kind: str, key_text: str | None, tolerance: float | None, answer: str
) -> dict[str, Any]:
    """The verdict on an answer against a key that is given as text."""
    if kind not in answer_types():
        hint = did_you_mean(kind, answer_types()) or "known: " + ", ".join(sorted(answer_types()))
        raise bad_input("unknown-answer-type", f'there is no answer type "{kind}"', hint=hint)
    if key_text is None:
        raise bad_input("bad-usage", "--type needs the right answer", hint="add --key TEXT")
    if tolerance is not None and "tolerance" not in answer_type(kind).Spec.model_fields:
        raise bad_input("bad-usage", f"--tolerance means nothing to --type {kind}")
    return _result(mark(key_of(kind, key_text, tolerance), answer))


def key_of(kind: str, text: str, tolerance: float | None = None) -> Key:
    """A key from text: the value alone, or the fields of `answer:` as in a question, {value: 250, unit: ms}.

    Raises InputError for what is no key of this type.
    """
    try:
        given = _fields(kind, text)
        if tolerance is not None:
            given = {**given, "tolerance": tolerance}
        if kind == "multiple_choice":
            return _multiple_choice_key(given)
        model = answer_type(kind)
        key: Key = model.bind(model.Spec.model_validate({"type": kind, **given}), {})
    except (
        ValidationError, NoKey, GrammarError, EvaluationError, Unreadable, TemplateFault,
    ) as error:  # fmt: skip
        raise bad_input("bad-key", f'"{text}" is no key of type {kind}: {_reason(error)}') from None
    return key


def _fields(kind: str, text: str) -> dict[str, Any]:
    """The fields of the spec, where the key is written as such; else the value under its own name."""
    known = answer_type(kind).Spec.model_fields
    named = re.match(r"\s*\{\s*(\w+)\s*:", text)
    if named and (named[1] in known or kind == "multiple_choice"):
        return dict(load_raw(text, "--key").data)
    match kind:
        case "text":
            return {}
        case "code":
            return {"accept": [text]}
        case "expression" | "equation":
            return {"value": text, "symbols": _symbols_of(text)}
        case "shape":
            numbers = text.lower().strip("()[] ").replace("x", ",").split(",")
            return {"value": "[" + ", ".join(numbers) + "]"}
        case "tuple" | "vector" | "set":
            return {"value": f"[{unwrapped(text.strip())}]"}
        case "numeric":
            return {"value": _number(text)}
        case "interval":
            return _ends(text)
        case "ordering" | "pseudo_code":
            order = labels(text)
            letters = string.ascii_lowercase[: max(2, *(ord(x[0]) - ord("a") + 1 for x in order))]
            return {"order": order, "items" if kind == "ordering" else "lines": list(letters)}
        case "matching":
            pairs = dict(pairs_of(text))
            count = range(1, max(pairs) + 1)
            right = string.ascii_lowercase[: max(2, ord(max(pairs.values())) - ord("a") + 1)]
            return {
                "left": [str(n) for n in count],
                "right": list(right),
                "pairs": [pairs.get(n, "") for n in count],
            }
        case "multiple_choice":
            return {"right": [] if text.strip().lower() in ("none", "[]") else text}
    return {"value": text}


def _number(text: str) -> str:
    """An author's expression, or else a number as students write it: 2π, 3,5, 25 %."""
    try:
        value_of(text, {})
    except (GrammarError, EvaluationError):
        return str(NUMERIC.parse(text, NumericKey(value="0"))[0].value.value)
    return text


def _ends(text: str) -> dict[str, Any]:
    """Both ends of an interval in brackets, and which of them belong to it."""
    found = re.fullmatch(r"\s*([\[(])(.*),(.*)([\])])\s*", text)
    if found is None:
        raise NoKey("an interval such as [0, 1)")
    low, high = found[1] == "[", found[4] == "]"
    closed = "both" if low and high else "low" if low else "high" if high else "neither"
    return {"low": found[2], "high": found[3], "closed": closed}


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        return f"{place}: {first['msg']}" if place else first["msg"]
    return str(error).splitlines()[0]


def _multiple_choice_key(given: Mapping[str, Any]) -> Key:
    from question_bank.answers.multiple_choice import MultipleChoiceKey, Option

    unknown = sorted(set(given) - {"right", "options", "scheme"})
    if unknown:
        raise NoKey(f'"{unknown[0]}" means nothing here (known: right, options, scheme)')
    chosen = given.get("right", [])
    right = set(chosen.replace(",", " ").split()) if isinstance(chosen, str) else set(chosen)
    count = int(given.get("options", 4)) if str(given.get("options", 4)).isdigit() else 0
    letters = string.ascii_lowercase[:count]
    if not 1 <= count <= MAX_OPTIONS or not right <= set(letters):
        raise NoKey(
            f"letters from a to {letters[-1:] or 'd'}, or none; at most {MAX_OPTIONS} options"
        )
    options = tuple(Option(text=letter, correct=letter in right) for letter in letters)
    return MultipleChoiceKey(options=options, scheme=given.get("scheme", "all_or_nothing"))


def _symbols_of(formula: str) -> list[str]:
    """Every word of the key that is no function and no constant is a symbol."""
    from question_bank.grammar.answer_tokens import answer_tokens
    from question_bank.grammar.answer_words import CONSTANTS, FUNCTIONS, spelled

    known = {*CONSTANTS, *FUNCTIONS, "T", "frac"}
    words = [token.text for token in answer_tokens(formula) if token.kind == "name"]
    found = dict.fromkeys(
        word for word in words if spelled(word) not in known and word not in known
    )
    return list(found) or ["x"]


def _result(found: Mark) -> dict[str, Any]:
    return {
        "verdict": found.verdict,
        "points_fraction": float(found.fraction),
        "read_as": found.read_as,
        "message": found.message,
        "mistake": found.mistake,
        "ask": list(found.ask),
    }
