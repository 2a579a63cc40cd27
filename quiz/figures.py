"""Figures of a quiz as files that a browser shows: one for each variant, in one known folder."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from platformdirs import user_cache_path

from question_bank.diagnostics import InputError
from question_bank.files import write_whole
from question_bank.variant import FigureCall
from templates.figures import draw

KEPT_S = 30 * 24 * 3600


def folder() -> Path:
    """Where figures lie: mockexam/figures in the user's cache folder (XDG_CACHE_HOME, else ~/.cache)."""
    return user_cache_path("mockexam") / "figures"


def figure_file(figure: FigureCall, name: str) -> Path | None:
    """The SVG file `name` of the folder; the same figure has the same file. None where it cannot be written."""
    file = folder() / f"{name}.svg"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, draw(figure.name, figure.args, figure.alt))
    except (OSError, InputError):
        return None
    return file


def forget_old_figures() -> None:
    """Remove what earlier quizzes drew, after a month."""
    with contextlib.suppress(OSError):
        for file in folder().glob("*.svg"):
            if time.time() - file.stat().st_mtime > KEPT_S:
                file.unlink()
