"""What a pydantic model allows at a place of its data: the annotation there, and what it says of itself."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

KEY = "[key]"  # pydantic's last step to a key of a mapping


def annotations_at(model: Any, loc: Sequence[str | int]) -> list[Any]:
    """What may stand at a location, with its limits; at the location of a key, what the key may be."""
    if loc and loc[-1] == KEY:
        mappings = [without_extras(a) for a in annotations_at(model, loc[:-2])]
        return [get_args(a)[0] for a in mappings if get_origin(a) is dict]
    candidates: list[Any] = [model]
    for step in loc:
        below = [inner for outer in candidates for inner in _below(outer, step)]
        candidates = below or candidates  # a step of pydantic's own, which no data has
    return candidates


def fields_at(model: Any, loc: Sequence[str | int]) -> list[str]:
    """The keys that a model knows at a location (for "did you mean")."""
    candidates: list[Any] = [model]
    for step in loc:
        candidates = [inner for outer in candidates for inner in _below(outer, step)]
    return [name for m in models_in(candidates) for name in m.model_fields]


def _below(annotation: Any, step: str | int) -> list[Any]:
    found: list[Any] = []
    annotation = without_extras(annotation)
    for model in models_in([annotation]):
        if isinstance(step, str) and step in model.model_fields:
            field = model.model_fields[step]
            about = [Field(description=field.description)] if field.description else []
            extras = (*field.metadata, *about)
            found.append(Annotated[(field.annotation, *extras)] if extras else field.annotation)
        elif isinstance(step, str) and "type" in model.model_fields:
            # The name of the union member: pydantic's location holds the answer type's kind.
            literal = get_args(model.model_fields["type"].annotation)
            found += [model] if step in literal else []
    origin = get_origin(annotation)
    if origin in (dict, tuple, list, Mapping):
        found += [arg for arg in get_args(annotation) if arg not in (str, Ellipsis)]
    if origin in (Union, types.UnionType):
        found += [inner for arg in get_args(annotation) for inner in _below(arg, step)]
    return found


def models_in(annotations: Iterable[Any]) -> list[type[BaseModel]]:
    """Every model that the annotations allow."""
    found: list[type[BaseModel]] = []
    for annotation in annotations:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            found.append(annotation)
        elif get_origin(annotation) is not None:
            found += models_in(get_args(annotation))
    return found


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation allows, if it is the only one and needs no tag to be told apart."""
    if get_origin(annotation) in (tuple, dict):
        return None
    found = models_in([annotation])
    return found[0] if len(found) == 1 else None


def annotation_of(field: FieldInfo) -> Any:
    """The annotation of a field with the metadata that pydantic took out of it."""
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def without_extras(annotation: Any) -> Any:
    """An annotation without the metadata of Annotated."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


def choices_in(annotation: Any) -> list[Any]:
    """The values of the `Literal`s that the annotation allows."""
    plain = without_extras(annotation)
    if get_origin(plain) is Literal:
        return list(get_args(plain))
    if get_origin(plain) in (Union, types.UnionType):
        return [choice for arg in get_args(plain) for choice in choices_in(arg)]
    return []


def _metadata(annotation: Any) -> list[Any]:
    if get_origin(annotation) is not Annotated:
        return []
    inner, *extras = get_args(annotation)
    unpacked = [m for e in extras for m in (e.metadata if isinstance(e, FieldInfo) else ())]
    return [*_metadata(inner), *extras, *unpacked]


def description_of(annotation: Any) -> str | None:
    """What the field says of itself, None where it says nothing."""
    described = (getattr(m, "description", None) for m in _metadata(annotation))
    return next((words for words in described if words), None)


def limits_of(annotation: Any) -> str | None:
    """The bounds of a number or of a text's length, in words."""
    bounds = {
        name: limit
        for extra in _metadata(annotation)
        for name in ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length")
        if (limit := getattr(extra, name, None)) is not None
    }
    words = {
        "gt": "above", "ge": "from", "lt": "below", "le": "up to", "multiple_of": "in steps of",
        "min_length": "of at least", "max_length": "and at most",
    }  # fmt: skip
    said = " ".join(f"{words[name]} {limit}" for name, limit in bounds.items())
    if not said:
        return None
    if bounds == {"min_length": 1}:
        return "text" if without_extras(annotation) is str else None
    if "min_length" in bounds or "max_length" in bounds:
        return f"text {said} characters" if without_extras(annotation) is str else None
    return f"{'a whole number' if without_extras(annotation) is int else 'a number'} {said}"


def path_in(data: Any, loc: Iterable[str | int]) -> tuple[str | int, ...]:
    """The path of the data below an error's location: names of union members are left out."""
    path: list[str | int] = []
    for step in loc:
        inside = step in data if isinstance(data, dict) else step in range(_length(data))
        if inside:
            data = data[step]
            path.append(step)
    return tuple(path)


def _length(data: Any) -> int:
    return len(data) if isinstance(data, list) else 0
