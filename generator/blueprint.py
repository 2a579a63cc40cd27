"""Blueprint files: found by name or path, read strictly, with every error and its place at once."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from generator.blueprint_faults import contradictions
from generator.blueprint_language import in_one_language
from generator.blueprint_schema import Blueprint
from question_bank.diagnostics import InputError, Where, bad_input, did_you_mean
from question_bank.schema_errors import validated
from question_bank.strict_yaml import Located, load_leniently, read_text

SHIPPED = pathlib.Path(__file__).parent / "blueprints"
COURSE_EXAM = "mock_exam"


@dataclass(frozen=True)
class LocatedBlueprint:
    """A blueprint and the file it came from, for messages with line and column."""

    blueprint: Blueprint
    located: Located


def shipped_blueprints() -> dict[str, pathlib.Path]:
    """Return the blueprints that come with the product, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}


def load_blueprint(name: str, language: str | None = None) -> LocatedBlueprint:
    """Read a blueprint by the name of a shipped one, or from a path.

    Args:
        name: of a shipped blueprint, or a path.
        language: of the exam, in place of the one that the file names.

    Raises:
        InputError: there is no such blueprint or file, or everything that is wrong in it.
    """
    shipped = shipped_blueprints()
    if name in shipped:
        return read_blueprint(read_text(shipped[name], f"{name}.yaml"), f"{name}.yaml", language)
    path = pathlib.Path(name)
    if path.is_dir():
        raise bad_input("no-blueprint", "is a folder, not a blueprint file", where=Where(name))
    if not path.exists():
        raise bad_input(
            "no-blueprint",
            f'there is no blueprint "{name}", and no such file',
            hint=did_you_mean(name, shipped)
            or f"shipped: {', '.join(shipped)}; or the path of a YAML file",
        )
    return read_blueprint(read_text(path), name, language)


def read_blueprint(text: str, file: str, language: str | None = None) -> LocatedBlueprint:
    """Read a blueprint from YAML text; ``file`` names it in messages. ``language`` as in `load_blueprint`.

    Raises:
        InputError: with all findings, each with its place.
    """
    located = load_leniently(text, file)
    if not isinstance(located.data, dict) and not located.faults:
        raise bad_input("not-a-blueprint", "is no blueprint", where=Where(file, 1, 1))
    located = in_one_language(located, language)
    blueprint: Blueprint = validated(Blueprint, located)
    findings = list(contradictions(blueprint, located))
    if findings:
        raise InputError(*findings)
    return LocatedBlueprint(blueprint, located)


def for_lectures(source: LocatedBlueprint, lectures: Sequence[int]) -> LocatedBlueprint:
    """Return a blueprint for some of its lectures, where it is for some at a time.

    The lectures become part of its name and title, and quotas of other lectures fall away.

    Raises:
        InputError: it needs lectures and none is named, it is for all of its own, or has not these.
    """
    blueprint = source.blueprint
    numbers = tuple(sorted(set(lectures)))
    known = ", ".join(map(str, blueprint.lectures))
    if not numbers:
        if not blueprint.per_lecture:
            return source
        raise bad_input(
            "no-lecture",
            f"{blueprint.id} is for one lecture at a time",
            hint=f"say which: --lecture {blueprint.lectures[-1]} (it has {known})",
        )
    if not blueprint.per_lecture:
        raise bad_input(
            "bad-lecture",
            f"{blueprint.id} is for its lectures together ({known})",
            hint="leave --lecture out, or write per_lecture: true into a blueprint of your own",
        )
    strange = [number for number in numbers if number not in blueprint.lectures]
    if strange:
        raise bad_input(
            "bad-lecture",
            f"{blueprint.id} has no lecture {', '.join(map(str, strange))}",
            hint=f"it has {known}",
        )
    one = len(numbers) == 1
    word = {"en": "lecture" if one else "lectures", "de": "Vorlesung" if one else "Vorlesungen"}
    coverage = blueprint.coverage
    narrowed = blueprint.model_copy(
        update={
            "id": f"{blueprint.id}-{'-'.join(f'{number:02}' for number in numbers)}",
            "title": f"{blueprint.title}: {word[blueprint.language]} {', '.join(map(str, numbers))}",
            "lectures": numbers,
            "per_lecture": False,
            "coverage": coverage.model_copy(
                update={
                    "lectures": {n: q for n, q in coverage.lectures.items() if int(n) in numbers}
                }
            ),
        }
    )
    return replace(source, blueprint=narrowed)


def with_disjoint_forms(source: LocatedBlueprint) -> LocatedBlueprint:
    """Return a blueprint whose forms shall have no question in common but the pins."""
    return replace(source, blueprint=source.blueprint.model_copy(update={"forms": "disjoint"}))
