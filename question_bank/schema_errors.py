"""Errors of a schema in words for people: the place, what was expected, what stands there, and a cure."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, PydanticUserError, TypeAdapter, ValidationError

from question_bank.annotations import (
    KEY,
    annotations_at,
    choices_in,
    description_of,
    fields_at,
    limits_of,
    models_in,
    path_in,
)
from question_bank.answers import answer_types
from question_bank.diagnostics import Diagnostic, InputError, did_you_mean
from question_bank.salvage import as_meant, filled, in_doubt, salvaged
from question_bank.strict_yaml import Located, Steps

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Reading(Generic[M]):
    """What a file says as a model, and what is wrong in it.

    With findings the model is salvaged: what it has at the places `in_doubt` is no more than a stopgap.
    """

    value: M
    located: Located
    findings: tuple[Diagnostic, ...] = ()
    in_doubt: frozenset[Steps] = frozenset()


def validated(model: type[M], located: Located) -> M:
    """A pydantic model from the data of a file. Raises InputError with every fault of it, the reader's too."""
    reading = read_with_faults(model, located)
    if reading.findings:
        raise InputError(*reading.findings)
    return reading.value


def read_with_faults(model: type[M], located: Located) -> Reading[M]:
    """A model from the data of a file with its faults beside it, the reader's too, to look for further ones.

    Raises InputError where the file holds no keys with values.
    """
    if not isinstance(located.data, dict):
        found = Diagnostic("bad-value", f"expected {_MAPPING}", located.where(()))
        raise InputError(*located.faults or [found])
    meant, misspelt = as_meant(model, located)
    findings = [*located.faults, *misspelt]
    doubt = in_doubt(model, meant, ())
    try:
        read = model.model_validate(meant.data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        findings += (
            replace(found, code="bad-value") if found.code == "bad-question" else found
            for found in schema_findings(model, meant, details)
        )
        findings += [
            Diagnostic("bad-value", _said(detail), meant.where(()))
            for detail in details
            if not detail["loc"]
        ]
        read = filled(salvaged(model, meant, details))
        doubt = in_doubt(model, meant, details)
    return Reading(read, meant, tuple(sorted(findings, key=line_of)), doubt)


def line_of(finding: Diagnostic) -> int:
    """The line of a finding, for ordering; 0 where it has none."""
    return (finding.where.line or 0) if finding.where else 0


def schema_findings(
    model: type[BaseModel],
    located: Located,
    details: Sequence[Any],
    *,
    derived: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[Diagnostic]:
    """Schema errors in our words, one for each place, without those that follow from another.

    What is wrong with the data as a whole (a contradiction between keys) is left to the caller.
    `derived` names the keys that come from others where they are left out.
    """
    told: dict[Steps, list[Any]] = {}
    for detail in details:
        path = path_in(located.data, detail["loc"])
        if any(path[: len(p)] == p for p in located.unclear):
            continue
        if detail["type"] in ("missing", "extra_forbidden", *_TAGS):
            if not _follows(detail, located, details, derived or {}):
                yield _in_one_line(_diagnostic(model, located, detail))
        elif detail["loc"]:
            told.setdefault(path, []).append(detail)
    deep = {path_in(located.data, d["loc"])[:-1] for d in details if d["loc"]}
    for path, same in told.items():
        # A mapping that is the wrong mapping is not also "no text": the other way to write it was meant.
        only_kinds = all(detail["type"] in _EXPECTED for detail in same)
        if isinstance(same[0]["input"], dict) and path in deep and only_kinds:
            continue
        yield _in_one_line(_in_our_words(model, located, path, same))


def _in_one_line(finding: Diagnostic) -> Diagnostic:
    """A finding may quote a key or a text of several lines."""
    return replace(finding, message=finding.message.replace("\n", "\\n"))


_TAGS = ("union_tag_invalid", "union_tag_not_found")


def _follows(
    detail: Any, located: Located, details: Sequence[Any], derived: Mapping[str, Sequence[str]]
) -> bool:
    if detail["type"] != "missing":
        return False
    above = derived.get(str(detail["loc"][-1]), ())
    others = [d["loc"] for d in details if d is not detail and d["loc"]]
    unclear = [path for path in located.unclear if path]
    return len(detail["loc"]) == 1 and any(loc[0] in above for loc in [*others, *unclear])


_MAPPING = "keys with values (key: value)"
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "string_too_short": "text of at least {min_length} characters",
    "string_too_long": "text of at most {max_length} characters",
    "string_pattern_mismatch": "text of another form",
    "multiple_of": "a multiple of {multiple_of}",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
}
# What must only not be empty.
_SOMETHING = {"string_too_short": "text that is not empty", "too_short": "at least one entry"}


def _in_our_words(
    model: type[BaseModel], located: Located, path: Steps, details: Sequence[Any]
) -> Diagnostic:
    first, name = details[0], ".".join(str(step) for step in path)
    annotations = annotations_at(model, first["loc"])
    if first["loc"][-1] == KEY:
        message = f'{name}: expected {_expected(first, ())} as the key, found "{path[-1]}"'
        about = next((words for a in annotations if (words := description_of(a))), None)
        return Diagnostic("bad-value", message, located.where_key(path), about)
    found = located.typed.get(path) or _kind_of(first["input"])
    found = found if len(found) <= 60 else found[:57] + "..."
    if first["type"] not in (*_EXPECTED, "literal_error"):
        seen = f" (found: {found})" if path in located.typed else ""
        code = "bad-question" if first["type"] == "value_error" else "bad-value"
        cure = first.get("ctx", {}).get("cure")
        return Diagnostic(code, f"{name}: {_said(first)}{seen}", located.where(path), cure)
    choices = [str(c) for a in annotations for c in choices_in(a)]
    wanted = list(dict.fromkeys(_expected(detail, choices) for detail in details))
    message = f"{name}: expected {' or '.join(wanted)}, found {found}"
    hint = _cure(annotations, first, located.typed.get(path), choices)
    return Diagnostic("bad-value", message, located.where(path), hint)


def _kind_of(value: Any) -> str:
    if isinstance(value, dict):
        return "keys with values"
    return f"a list of {len(value)}" if isinstance(value, list) else "nothing"


def _expected(detail: Any, choices: Sequence[str]) -> str:
    if detail["type"] == "literal_error":
        return "one of " + ", ".join(choices)
    bounds = detail.get("ctx", {})
    if bounds.get("min_length") == 1 and detail["type"] in _SOMETHING:
        return _SOMETHING[detail["type"]]
    return _EXPECTED[detail["type"]].format_map(
        {k: f"{v:g}" if isinstance(v, float) else v for k, v in bounds.items()}
    )


def _said(detail: Any) -> str:
    """What a validator of ours said."""
    return str(detail["msg"]).removeprefix("Value error, ")


def _cure(
    annotations: Sequence[Any], detail: Any, typed: str | None, choices: Sequence[str]
) -> str | None:
    """What to write instead: another way to write the same that is right, or what the key is for."""
    value, kind = detail["input"], detail["type"]
    if choices:
        return did_you_mean(str(value), choices) or "known: " + ", ".join(choices)
    if typed is not None and typed != "":
        bare = typed.strip('"')
        ways: list[tuple[Any, str]] = [
            (bare, f'write it in quotes: "{bare}"'),
            (_number(bare), f"write it without quotes: {bare}"),
        ]
        lists: list[tuple[Any, str]] = [
            ([value], f"write it as a list: [{typed}]"),
            ([bare], f'write it in quotes, as a list: ["{bare}"]'),
        ]
        for other, cure in lists + ways if kind in ("tuple_type", "list_type") else ways + lists:
            if other != value and any(_fits(annotation, other) for annotation in annotations):
                return cure
    if value is None:
        return "write a value here, or leave the key out where it need not be there"
    about = [d for a in annotations if (d := description_of(a))]
    if kind in ("model_type", "model_attributes_type") and not about:
        known = [name for model in models_in(annotations) for name in model.model_fields]
        return f"{{key: value}}; known here: {', '.join(known)}"
    limits = [f"write {words}" for a in annotations if (words := limits_of(a))]
    if kind == "string_pattern_mismatch":
        return f"write {next(iter(about), 'text that fits ' + detail['ctx']['pattern'])}"
    return next(iter(limits + about), f"write {_expected(detail, choices)}")


def _number(text: str) -> int | float | bool | None:
    for read in (int, float):
        with contextlib.suppress(ValueError):
            return read(text)
    return {"true": True, "false": False}.get(text)


def _fits(annotation: Any, value: Any) -> bool:
    try:
        TypeAdapter(annotation).validate_python(value)
    except (ValidationError, PydanticUserError):
        return False
    return value is not None


def _diagnostic(model: type[BaseModel], located: Located, detail: Any) -> Diagnostic:
    path = path_in(located.data, detail["loc"])
    key = str(detail["loc"][-1]) if detail["loc"] else ""
    kind, where = detail["type"], located.where(path)
    if kind == "extra_forbidden":
        fields = list(dict.fromkeys(fields_at(model, detail["loc"][:-1])))
        hint = did_you_mean(key, fields) or f"known here: {', '.join(fields)}"
        return Diagnostic("unknown-key", f'"{key}"', located.where_key(path), hint)
    if kind == "missing":
        about = [d for a in annotations_at(model, detail["loc"]) if (d := description_of(a))]
        hint = f'add "{key}: ..."' + (f" ({about[0]})" if about else "")
        return Diagnostic("missing-key", f'"{key}" is missing here', where, hint)
    if kind == "union_tag_invalid":
        tag = str(detail.get("ctx", {}).get("tag", ""))
        hint = did_you_mean(tag, answer_types()) or "known: " + ", ".join(sorted(answer_types()))
        return Diagnostic("unknown-answer-type", f'there is no answer type "{tag}"', where, hint)
    hint = 'add "type: ..."; known: ' + ", ".join(sorted(answer_types()))
    return Diagnostic("missing-key", f'{".".join(map(str, path))}: "type" is missing', where, hint)
