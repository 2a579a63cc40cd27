"""Which forms an export has, which file names they go by, and who writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leaderboard.ranking import Board

if TYPE_CHECKING:
    from leaderboard.configuration import Configuration
    from leaderboard.store import Store

BY_SUFFIX = {
    ".csv": "csv",
    ".json": "json",
    ".md": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xlsx": "xlsx",
    ".parquet": "parquet",
}
BINARY = frozenset({"xlsx", "parquet"})


@dataclass(frozen=True)
class Export:
    """What is exported: boards, and the store and configuration that they come from."""

    store: Store
    configuration: Configuration
    boards: list[Board]


def written(form: str, export: Export) -> str | bytes:
    """The export in one of FORMATS. InputError where an extra is needed that is not installed."""
    return _WRITERS[form](export)


def _csv(export: Export) -> str:
    from leaderboard.exports import csv_boards

    return csv_boards(export.boards)


def _json(export: Export) -> str:
    from leaderboard.exports import json_boards

    return json_boards(export.boards)


def _markdown(export: Export) -> str:
    from leaderboard.exports import markdown_boards

    return markdown_boards(export.boards)


def _html(export: Export) -> str:
    from leaderboard.boards import attempts
    from leaderboard.page import render_page

    seen = {board.plan.assignment for board in export.boards if board.entries}
    return render_page(
        export.boards,
        title=export.configuration.title,
        attempts=attempts(export.store, seen - {""}),
    )


def _xlsx(export: Export) -> bytes:
    from leaderboard.spreadsheet import xlsx_boards

    return xlsx_boards(export.boards)


def _parquet(export: Export) -> bytes:
    from leaderboard.parquet import parquet_boards

    return parquet_boards(export.boards)


def _moodle(export: Export) -> str:
    from leaderboard.gradebooks import moodle_csv
    from leaderboard.people import known_people

    return moodle_csv(export.boards, known_people(export.store))


def _canvas(export: Export) -> str:
    from leaderboard.gradebooks import canvas_csv
    from leaderboard.people import known_people

    return canvas_csv(export.boards, known_people(export.store))


def _gradescope(export: Export) -> str:
    from leaderboard.platforms import gradescope_json

    return gradescope_json(export.boards)


def _lti(export: Export) -> str:
    from leaderboard.boards import last_change
    from leaderboard.people import known_people
    from leaderboard.platforms import lti_json

    return lti_json(export.boards, known_people(export.store), last_change(export.store))


_WRITERS: dict[str, Callable[[Export], str | bytes]] = {
    "csv": _csv,
    "json": _json,
    "markdown": _markdown,
    "html": _html,
    "xlsx": _xlsx,
    "parquet": _parquet,
    "moodle": _moodle,
    "canvas": _canvas,
    "gradescope": _gradescope,
    "lti": _lti,
}
