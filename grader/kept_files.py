"""A submission out of the store, as the file that it came in as."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from grader.held_folders import held_folder
from leaderboard.store import Graded, Store, submission_content


@contextmanager
def kept_file(store: Store, graded: Graded) -> Iterator[Path]:
    """The submission's zip under its own name, in a folder that goes away afterwards."""
    with held_folder("kept") as folder:
        path = folder / (PurePosixPath(graded.filename).name or "submission.zip")
        path.write_bytes(submission_content(store, graded.number))
        yield path
