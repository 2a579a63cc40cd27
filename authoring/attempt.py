"""`question-bank try`: the verdict on one answer, by question or by answer type and key."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from question_bank.answers import answer_type, answer_types, mark
from question_bank.answers.base import Key, NoKey, Unreadable
from question_bank.answers.marking import Mark
from question_bank.diagnostics import bad_input, did_you_mean
from question_bank.grammar.exact import EvaluationError
from question_bank.grammar.syntax import GrammarError
from question_bank.key import key_question, mark_question
from question_bank.schema import Question
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
    if tolerance is not None and kind != "numeric":
        raise bad_input("bad-usage", "--tolerance belongs to --type numeric")
    return _result(mark(_key(kind, key_text, tolerance), answer))


def _key(kind: str, text: str, tolerance: float | None) -> Key:
    try:
        if kind == "multiple_choice":
            return _multiple_choice_key(text)
        spec: dict[str, Any] = {"type": kind}
        if kind == "expression":
            spec |= {"value": text, "symbols": _symbols_of(text)}
        elif kind == "shape":
            spec["value"] = (
                "[" + ", ".join(text.lower().strip("()[] ").replace("x", ",").split(",")) + "]"
            )
        elif kind != "text":
            spec["value"] = text
        if tolerance is not None:
            spec["tolerance"] = tolerance
        model = answer_type(kind)
        key: Key = model.bind(model.Spec.model_validate(spec), {})
    except (
        ValidationError, NoKey, GrammarError, EvaluationError, Unreadable, TemplateFault,
    ) as error:  # fmt: skip
        reason = str(error).splitlines()[0]
        raise bad_input("bad-key", f'"{text}" is no key of type {kind}: {reason}') from None
    return key


def _multiple_choice_key(text: str) -> Key:
    import string

    from question_bank.answers.multiple_choice import MultipleChoiceKey, Option

    right = set() if text.strip().lower() in ("none", "[]") else set(text.replace(",", " ").split())
    letters = string.ascii_lowercase[:4]
    if not right <= set(letters):
        raise NoKey("letters from a to d, or none")
    options = tuple(Option(text=letter, correct=letter in right) for letter in letters)
    return MultipleChoiceKey(options=options)


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
    }
