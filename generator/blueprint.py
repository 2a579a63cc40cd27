"""Blueprint files: found by name or path, read strictly, with every error and its place at once."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from generator.blueprint_bank import unknown_to_bank
from generator.blueprint_faults import contradictions
from generator.blueprint_language import in_one_language
from generator.blueprint_schema import Blueprint
from generator.blueprint_source import LocatedBlueprint
from generator.heads import Head
from question_bank.diagnostics import Diagnostic, InputError, Where, bad_input, did_you_mean
from question_bank.schema_errors import read_with_faults
from question_bank.strict_yaml import load_leniently, read_text

SHIPPED = pathlib.Path(__file__).parent / "blueprints"
COURSE_EXAM = "mock_exam"


# Reads the questions of a bank, by id.
Questions = Callable[[], Mapping[str, Head]]


def shipped_blueprints() -> dict[str, pathlib.Path]:
    """Return the blueprints that come with the product, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}


def load_blueprint(
    name: str, questions: Questions | None = None, *, language: str | None = None
) -> LocatedBlueprint:
    """Read a blueprint by the name of a shipped one, or from a path.

    Args:
        name: of a shipped blueprint, or of a file.
        questions: reads the bank. It is asked only where the file is wrong, so that what the bank
            does not know is told with the rest.
        language: of the exam, in place of the one that the file names.

    Raises:
        InputError: there is no such blueprint or file, or everything that is wrong in it.
    """
    shipped = shipped_blueprints()
    if name in shipped:
        return read_blueprint(
            read_text(shipped[name], f"{name}.yaml"), f"{name}.yaml", questions, language=language
        )
    path = pathlib.Path(name)
    if path.is_dir():
        raise bad_input(
            "no-blueprint",
            "is a folder, not a blueprint file",
            where=Where(name),
            hint="name the YAML file in it",
        )
    if not path.exists():
        raise bad_input(
            "no-blueprint",
            f'there is no blueprint "{name}", and no such file',
            hint=did_you_mean(name, shipped)
            or f"shipped: {', '.join(shipped)}; or the path of a YAML file",
        )
    return read_blueprint(read_text(path), name, questions, language=language)


def read_blueprint(
    text: str, file: str, questions: Questions | None = None, *, language: str | None = None
) -> LocatedBlueprint:
    """Read a blueprint from YAML text; ``file`` names it in messages. The others as in `load_blueprint`.

    Raises:
        InputError: with all findings, each with its place.
    """
    located = load_leniently(text, file)
    if not isinstance(located.data, dict) and not located.faults:
        found = "is empty" if located.data is None else "is no blueprint"
        raise bad_input(
            "not-a-blueprint",
            found,
            where=Where(file, 1, 1),
            hint=f"begin with a shipped one: mockexam blueprints {COURSE_EXAM} > mine.yaml",
        )
    located = in_one_language(located, language)
    reading = read_with_faults(Blueprint, located)
    source = LocatedBlueprint(reading.value, reading.located, reading.in_doubt)
    findings = [*reading.findings, *contradictions(source)]
    if findings and questions is not None:
        # A bank that is broken is told of when the blueprint is right.
        with contextlib.suppress(InputError):
            findings += unknown_to_bank(source, questions())
    if findings:
        raise InputError(*sorted(findings, key=_place))
    return LocatedBlueprint(reading.value, located)


def _place(finding: Diagnostic) -> tuple[int, int]:
    where = finding.where
    return (0, 0) if where is None else (where.line or 0, where.column or 0)


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
            hint=f"say which: --lecture N, where N is one of {known}",
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
