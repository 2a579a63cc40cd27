"""Pictures of answers on paper, out of the submissions that hold them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.archive import read_submission
from grader.held_folders import held_folder
from grader.review.groups import Answer
from leaderboard.store import Store, submission_content
from question_bank.diagnostics import InputError

MOST_DOTS = 20_000_000
"""Of a picture that is shown: what was cut out here has a tenth of it, what was handed in may have anything."""


def picture_of(store: Store, submission: int, name: str) -> bytes | None:
    """A picture of a submission by its name there; None where it is not there, or is no JPEG that can be shown."""
    with held_folder("picture") as folder:
        path = folder / "submission.zip"
        path.write_bytes(submission_content(store, submission))
        try:
            content = read_submission(path).files.get(name)
        except InputError:
            return None
    return content if content is not None and _can_be_shown(content) else None


def _can_be_shown(content: bytes) -> bool:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content), formats=("JPEG",)) as picture:
            return picture.width * picture.height <= MOST_DOTS
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
        return False


class PictureFiles:
    """Pictures of answers as files that a person can open, for as long as a sitting lasts."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store, self._folder = store, folder

    def of(self, answer: Answer) -> list[Path]:
        """The files with an answer's pictures."""
        files = []
        for number, name in enumerate(answer.pictures, start=1):
            file = self._folder / f"{answer.submission}-{answer.check}-{number}.jpg"
            if not file.exists():
                content = picture_of(self._store, answer.submission, name)
                if content is None:
                    continue
                file.write_bytes(content)
            files.append(file)
        return files


@contextmanager
def picture_files(store: Store) -> Iterator[PictureFiles]:
    """Files of pictures in a folder that goes away afterwards."""
    with held_folder("review") as folder:
        yield PictureFiles(store, folder)
