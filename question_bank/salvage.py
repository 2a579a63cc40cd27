"""What can be read of a broken file, so that one reading names every fault and none that only follows from another."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, PydanticUserError, TypeAdapter, ValidationError

from question_bank.annotations import (
    annotation_of,
    fields_at,
    model_in,
    path_in,
    without_extras,
)
from question_bank.diagnostics import Diagnostic, closest, did_you_mean
from question_bank.strict_yaml import Located, Steps

M = TypeVar("M", bound=BaseModel)


def as_meant(model: type[BaseModel], located: Located) -> tuple[Located, list[Diagnostic]]:
    """The data with misspelt sections under the name that was meant, and a finding for each of them.

    Reading `mistake:` as `mistakes:` keeps one wrong letter from a tail of errors about what is missing.
    """
    findings: list[Diagnostic] = []
    renamed: dict[str, str] = {}
    for key in located.data:
        if key in model.model_fields:
            continue
        absent = set(model.model_fields) - set(located.data) - set(renamed.values())
        meant = closest(key, absent)
        if meant is None:
            continue
        renamed[key] = meant
        hint = did_you_mean(key, [meant])
        findings.append(Diagnostic("unknown-key", f'"{key}"', located.where_key((key,)), hint))

    if not renamed:
        return located, []

    def moved(path: Steps) -> Steps:
        return (renamed.get(str(path[0]), path[0]), *path[1:]) if path else path

    return (
        replace(
            located,
            data={renamed.get(key, key): value for key, value in located.data.items()},
            places={moved(path): place for path, place in located.places.items()},
            keys={moved(path): place for path, place in located.keys.items()},
            typed={moved(path): text for path, text in located.typed.items()},
            unclear=frozenset(moved(path) for path in located.unclear),
            doubled={moved(path): words for path, words in located.doubled.items()},
        ),
        findings,
    )


def faulty(located: Located, details: Iterable[Any]) -> set[Steps]:
    """The values with an error of their own; a missing or unknown key is no error of its surroundings."""
    wrong = (d for d in details if d["type"] not in ("missing", "extra_forbidden"))
    return {path_in(located.data, detail["loc"]) for detail in wrong}


def in_doubt(model: type[BaseModel], located: Located, details: Iterable[Any]) -> frozenset[Steps]:
    """The places whose values are not known: faulty, missing, misspelt, given twice, or hard to read."""
    found: set[Steps] = {*located.unclear, *located.doubled}
    for detail in details:
        path, key = path_in(located.data, detail["loc"]), detail["loc"][-1] if detail["loc"] else ""
        if detail["type"] == "missing":
            found.add((*path, key))
        elif detail["type"] == "extra_forbidden":
            meant = closest(str(key), fields_at(model, detail["loc"][:-1]))
            found |= {path, (*path[:-1], meant)} if meant else {path}
        else:
            found.add(path)
    return frozenset(found)


def overlap(one: Steps, other: Steps) -> bool:
    """Whether one place is the other, or lies in it."""
    return one[: len(other)] == other or other[: len(one)] == one


def filled(value: Any) -> Any:
    """What was salvaged, with the defaults of the models where nothing could be read."""
    if isinstance(value, BaseModel):
        fields = {}
        for name, field in type(value).model_fields.items():
            found = filled(getattr(value, name, None))
            default = None if field.is_required() else field.get_default(call_default_factory=True)
            fields[name] = default if found is None else found
        return value.model_copy(update=fields)
    if isinstance(value, tuple):
        return tuple(filled(entry) for entry in value)
    if isinstance(value, dict):
        return {key: filled(entry) for key, entry in value.items() if entry is not None}
    return value


def salvaged(model: type[M], located: Located, details: Iterable[Any]) -> M:
    """The model with what is right in the data; None, or nothing, stands where something is wrong.

    Only for looking for further errors: pydantic promises nothing about its fields.
    """
    wrong = faulty(located, details)

    def salvage(annotation: Any, value: Any, path: Steps) -> Any:
        plain = without_extras(annotation)
        if isinstance(value, dict) and (inner := model_in(plain)) is not None:
            return construct(inner, value, path)
        if isinstance(value, list) and get_origin(plain) is tuple:
            item = get_args(plain)[0]
            entry = model_in(without_extras(item))
            return tuple(
                construct(entry, {}, (*path, i))  # no entry at all, but the next keep their places
                if entry is not None and not isinstance(v, dict)
                else salvage(item, v, (*path, i))
                for i, v in enumerate(value)
            )
        if isinstance(value, dict) and get_origin(plain) is dict:
            item = get_args(plain)[1]
            return {key: salvage(item, v, (*path, key)) for key, v in value.items()}
        touched = any(overlap(path, p) for p in wrong if p)
        if not touched and not any(path[: len(p)] == p for p in located.unclear):
            # Domains name each other before they are defined: such a type cannot be read alone.
            with contextlib.suppress(ValidationError, PydanticUserError):
                return TypeAdapter(annotation).validate_python(value)
        return _nothing(plain)

    def construct(inner: type[BaseModel], data: dict[str, Any], path: Steps) -> Any:
        fields = {
            name: salvage(annotation_of(field), data[name], (*path, name))
            if name in data
            else _nothing(without_extras(field.annotation))
            for name, field in inner.model_fields.items()
            if name in data or field.is_required()
        }
        return inner.model_construct(**fields)

    question: M = construct(model, located.data, ())
    return question


def _nothing(annotation: Any) -> Any:
    return {tuple: (), dict: {}}.get(get_origin(annotation))
