"""A small exam that a worker renders while it waits for the first job, and throws away.

What comes first is slow: fonts are opened, styles computed, templates compiled, modules loaded. None of it is
kept from one process to the next, and none of it depends on what the rehearsal asks.
"""

from __future__ import annotations

from collections.abc import Iterable

from generator.blueprint import COURSE_EXAM, load_blueprint
from generator.exam import build_form
from generator.order import Pick
from generator.render import render_papers
from question_bank.loader import load_question, question_files
from question_bank.schema import Question

_OF_A_KIND = 1
"""Questions of each kind: one shows all that there is to a kind, another what stands between two."""


def rehearse() -> None:
    """Render both papers of a few of the course's questions."""
    blueprint = load_blueprint(COURSE_EXAM).blueprint
    kinds = [section.kind for section in blueprint.sections]
    found = _few_of_each(kinds)
    sections = [[(Pick(question), 0) for question in found[kind]] for kind in kinds]
    render_papers(build_form(blueprint, sections, 0, "", "A"))


def _few_of_each(kinds: Iterable[str]) -> dict[str, list[Question]]:
    found: dict[str, list[Question]] = {kind: [] for kind in kinds}
    for file in question_files():
        question = load_question(file)
        same = found.get(question.type)
        if same is not None and len(same) < _OF_A_KIND:
            same.append(question)
        if all(len(some) == _OF_A_KIND for some in found.values()):
            break
    return found
