"""What a worker should have loaded before it is forked; imported by the fork server.

Nothing here draws text: the text engine starts threads of its own, and a fork would lose them.
"""

from __future__ import annotations

import contextlib

import generator.render  # noqa: F401 - loaded for the workers
from templates import figures, mathematics
from templates.environment import environment
from templates.fonts.coverage import unprintable
from templates.pdf import load


def _warm() -> None:
    # What is missing or wrong is told by the worker that needs it.
    with contextlib.suppress(Exception):
        load()
        unprintable("A")
        mathematics.svg("x")
        mathematics.spoken("x")
        figures.names()
        for name in environment().list_templates(filter_func=_of_an_exam):
            environment().get_template(name)


def _of_an_exam(name: str) -> bool:
    return name.startswith("exam/") and name.endswith(".html")


_warm()
