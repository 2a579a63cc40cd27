"""Where in a folder of data each task's test set lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from question_bank.diagnostics import Where, bad_input

# Folders that are looked into, besides the given one itself, in this order.
_FOLDERS = {
    "segmentation": ("segmentation", "segmentation_data"),
    "keypoints": ("keypoints", "facial_keypoints"),
    "digits": ("digits", "mnist", "MNIST", "MNIST/raw", "mnist/MNIST/raw"),
}
_IMAGES = ("t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte")
_LABELS = ("t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte")


@dataclass(frozen=True)
class Found:
    """The files of one task; their times and sizes, so that a changed file is read again."""

    task: str
    files: tuple[Path, ...]
    stamps: tuple[tuple[int, int], ...]


def find_data(data: Path) -> dict[str, Found]:
    """The tasks whose data the folder holds. Raises InputError when it holds none."""
    if not data.is_dir():
        raise bad_input("no-data", "there is no such folder of data", where=Where(str(data)))
    looks = {"segmentation": _list_file, "keypoints": _csv_file, "digits": _idx_files}
    found = {}
    for task, look in looks.items():
        for folder in (data, *(data / name for name in _FOLDERS[task])):
            files = look(folder)
            if files:
                stats = [path.stat() for path in files]
                stamps = tuple((entry.st_mtime_ns, entry.st_size) for entry in stats)
                found[task] = Found(task, files, stamps)
                break
    if not found:
        raise bad_input(
            "no-data",
            "the folder holds no test data that grade knows",
            where=Where(str(data)),
            hint="segmentation/test.txt, keypoints/test.csv, or digits/t10k-images-idx3-ubyte "
            "with t10k-labels-idx1-ubyte: docs/hidden_data.md has the formats",
        )
    return found


def _list_file(folder: Path) -> tuple[Path, ...]:
    listed = folder / "test.txt"
    return (listed,) if listed.is_file() else ()


def _csv_file(folder: Path) -> tuple[Path, ...]:
    table = folder / "test.csv"
    return (table,) if table.is_file() else ()


def _idx_files(folder: Path) -> tuple[Path, ...]:
    both = []
    for names in (_IMAGES, _LABELS):
        paths = [folder / (name + end) for name in names for end in ("", ".gz")]
        there = [path for path in paths if path.is_file()]
        both += there[:1]
    if len(both) == 1:
        other = _LABELS if both[0].name.startswith(_IMAGES) else _IMAGES
        raise bad_input(
            "no-data", f"lies alone: {other[0]} (or .gz) is missing beside it",
            where=Where(str(both[0])),
        )  # fmt: skip
    return tuple(both)
