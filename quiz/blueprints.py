"""Blueprints for practice: whatever a blueprint is for, questions that are kept for exams stay out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from generator.blueprint import for_lectures, load_blueprint
from generator.blueprint_source import LocatedBlueprint


def practice_blueprint(name: str, lectures: Sequence[int] = ()) -> LocatedBlueprint:
    """A blueprint by the name of a shipped one, or from a file, for practice questions alone.

    lectures: for a blueprint that is for one lecture at a time.
    Raises InputError: there is none, or everything that is wrong in it.
    """
    source = for_lectures(load_blueprint(name), lectures)
    practice = source.blueprint.model_copy(update={"use": "practice", "forms": "same"})
    return replace(source, blueprint=practice)
