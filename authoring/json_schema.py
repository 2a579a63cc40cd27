"""The JSON Schema of question files, for editors: what an author may write, before anything is derived from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from authoring.archetypes import ARCHETYPES
from authoring.topics import TOPICS
from question_bank.schema import Question
from templates import figures

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# The schema as a file beside the course's bank, for the editors of those who work on it.
PUBLISHED = Path(__file__).parents[1] / "question_bank" / "question.schema.json"


def json_schema() -> dict[str, Any]:
    """The schema. Topics and archetypes of the course are proposed, and others allowed: a bank may have its own."""
    schema = Question.model_json_schema()
    parts = schema["$defs"]
    fields = schema["properties"]
    for model in (schema, *parts.values()):
        for name, field in model["properties"].items():
            _describe(name, field)
    topics = sorted({topic for topics in TOPICS.values() for topic in topics})
    fields["topic"] = _proposed(fields["topic"], topics)
    one, several = fields["archetype"]["anyOf"]
    known = list(ARCHETYPES)
    fields["archetype"]["anyOf"] = [
        _proposed(one, known),
        {**several, "items": _proposed(several["items"], known)},
    ]
    parts["Figure"]["properties"]["name"]["enum"] = list(figures.names())
    parts["Domain"] |= {"minProperties": 1, "maxProperties": 1}
    parts["Option"]["oneOf"] = [{"required": ["text"]}, {"required": ["value"]}]
    _one_key_alone(fields["verify"])
    # These can be derived from others (see question_bank.schema.filled_in).
    schema["required"] = [key for key in schema["required"] if key not in ("points", "minutes")]
    return {"$schema": DIALECT, **schema, "title": "A question of mockexam", "allOf": _SHAPES}


def as_file() -> str:
    """The text of question.schema.json."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"


# What sections go together; `Question.shape_faults` says the same in words.
_SHAPES: list[dict[str, Any]] = [
    {"oneOf": [{"required": [way]} for way in ("options", "answer", "parts")]},
    {"anyOf": [{"required": ["parts"]}, {"required": ["points", "solution"]}]},
    {
        "if": {"properties": {"type": {"const": "multiple_choice"}}},
        "then": {
            "required": ["options"],
            "properties": {"options": {"minItems": 2, "maxItems": 8}},
        },
        "else": {"properties": {"options": False, "scoring": {"const": "all_or_nothing"}}},
    },
    {
        "if": {"properties": {"type": {"const": "long"}}},
        "then": {"required": ["parts"], "properties": {"parts": {"minItems": 2}}},
    },
]


def _describe(name: str, field: dict[str, Any]) -> None:
    """What may be left out is a choice between something and nothing: its description belongs to the key."""
    said = [way["description"] for way in field.get("anyOf", ()) if "description" in way]
    if said:
        field.setdefault("description", said[0])
    if name == "type" and "const" in field:
        field["description"] = "the answer type: how the key is written, and answers are read"


def _proposed(field: dict[str, Any], values: list[str]) -> dict[str, Any]:
    """A text for which editors propose `values`."""
    own = {key: value for key, value in field.items() if key != "description"}
    about = {key: value for key, value in field.items() if key == "description"}
    return {**about, "anyOf": [{"enum": values}, own]}


def _one_key_alone(verify: dict[str, Any]) -> None:
    """A question without parts may give the one route, or source, itself."""
    ways = verify["additionalProperties"]["anyOf"]
    by_part = {key: verify.pop(key) for key in ("additionalProperties", "type")}
    verify["anyOf"] = [*ways, by_part]
