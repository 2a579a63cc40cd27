"""A blueprint's titles in the language of its exam.

A title may be given for each language (``title: {en: Final exam, de: Klausur}``), and a section may leave
its own out: then it is called what its kind is called. Whoever reads the blueprint afterwards sees one text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal, get_args

from question_bank.diagnostics import Diagnostic, did_you_mean
from question_bank.strict_yaml import Located, Steps

Language = Literal["en", "de"]
LANGUAGES: tuple[str, ...] = get_args(Language)
SECTION_TITLES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": MappingProxyType(
            {
                "multiple_choice": "Multiple choice",
                "short": "Short questions",
                "long": "Long questions",
            }
        ),
        "de": MappingProxyType(
            {
                "multiple_choice": "Mehrfachauswahl",
                "short": "Kurze Aufgaben",
                "long": "Lange Aufgaben",
            }
        ),
    }
)
"""What a section without a title is called, by language and kind."""
_PRINTED = ("title", "course")
_LINE = re.compile(r"[^\r\n]{1,200}")


def in_one_language(located: Located, language: str | None = None) -> Located:
    """Return the data of a blueprint with one text for each title; what is wrong joins its faults.

    Args:
        located: the file as read.
        language: the language of the exam; without it, the one that the file names.
    """
    if not isinstance(located.data, dict):
        return located
    data = dict(located.data)
    if language is not None:
        data["language"] = language
    chosen = data.get("language", "en")
    faults: list[Diagnostic] = []
    for key in _PRINTED:
        faults += _settle(data, key, (key,), chosen, located)
    if isinstance(data.get("sections"), list):
        data["sections"] = [
            dict(section) if isinstance(section, dict) else section for section in data["sections"]
        ]
        for number, section in enumerate(data["sections"]):
            if isinstance(section, dict):
                faults += _settle(section, "title", ("sections", number, "title"), chosen, located)
                section.setdefault("title", _called(section.get("kind"), chosen))
    return replace(located, data=data, faults=(*located.faults, *faults))


def _called(kind: object, language: object) -> str:
    # Where kind or language is none that we know, that is told, and nothing is ever called so.
    words = SECTION_TITLES.get(str(language), SECTION_TITLES["en"])
    return words.get(str(kind), words["short"])


def _settle(
    data: dict[Any, Any], key: str, path: Steps, language: object, located: Located
) -> Iterator[Diagnostic]:
    """Put one text in the place of a text for each language."""
    texts = data.get(key)
    if not isinstance(texts, dict):
        return
    data[key] = next((t for t in (texts.get(language), *texts.values()) if _is_line(t)), key)
    for name, text in texts.items():
        if name not in LANGUAGES:
            yield Diagnostic(
                "unknown-language",
                f'{_dotted(path)}: there is no language "{name}"',
                located.where_key((*path, name)),
                did_you_mean(str(name), LANGUAGES) or f"known: {', '.join(LANGUAGES)}",
            )
        elif not _is_line(text):
            yield Diagnostic(
                "bad-value",
                f"{_dotted(path)}.{name}: expected one line of 1 to 200 characters",
                located.where((*path, name)),
                _line_cure(text),
            )
    if language in LANGUAGES and language not in texts:
        yield Diagnostic(
            "missing-language",
            f'{_dotted(path)}: is not there in the language of the exam, "{language}"',
            located.where(path),
            f"add {language}: TEXT, or write one text for every language",
        )


def _is_line(text: object) -> bool:
    return isinstance(text, str) and _LINE.fullmatch(text) is not None


def _line_cure(text: object) -> str:
    if not isinstance(text, str):
        return "write the text in quotes"
    if not text:
        return "write a title, or take this language away"
    return "shorten it, and write it in one line"


def _dotted(path: Steps) -> str:
    return ".".join(map(str, path))


def with_languages(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of blueprints, with titles for each language, for editors."""
    section = schema["$defs"]["SectionPlan"]
    section["required"] = [key for key in section["required"] if key != "title"]
    places = [(schema, key) for key in _PRINTED] + [(section, "title")]
    for model, key in places:
        line = model["properties"][key]
        each = {
            "type": "object",
            "description": "the text for each language",
            "properties": dict.fromkeys(LANGUAGES, line),
            "additionalProperties": False,
        }
        model["properties"][key] = {"anyOf": [line, each], "description": line["description"]}
    return schema
