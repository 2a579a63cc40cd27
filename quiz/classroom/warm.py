"""What a server makes before the first student comes: its processes share it, and no request pays for it."""

from __future__ import annotations

from jinja2 import Environment

from question_bank.diagnostics import InputError
from quiz.material import Material, item_of

FOLDERS = ("quiz/", "classroom/", "web/")


def warm(material: Material, environment: Environment) -> int:
    """Read every template, and draw each question once; what of a question can be kept is kept. Returns how many."""
    import templates.figures
    import templates.mathematics  # noqa: F401 - loaded here, so that no request loads it

    for name in environment.list_templates(extensions=["html"]):
        if name.startswith(FOLDERS):
            environment.get_template(name)
    count = 0
    for number, question in enumerate(material.questions, start=1):
        try:
            item = item_of(number, material.variant(question, 0))
            for part in item.parts:
                material.hints(item, part)
        except InputError:
            continue  # a question that cannot be drawn is told to whoever draws it
        count += 1
    return count
