"""Practice data of the same making as the generated hidden sets, in the course's formats.

    python -m grader.code.hidden.practice DIR [--task TASK] [--seed N] [--count N]

An instructor without the course's data gives these to the class: what a model learns from them it
can show on the hidden sets, which are drawn from the instructor's secret. Everything under DIR is
in the formats of docs/hidden_data.md.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np

from grader.code.hidden.classes import CLASSES, VOID_COLOUR
from grader.code.hidden.faces import KEYPOINTS
from grader.code.hidden.sets import TASKS, HiddenSet, Task, generate
from question_bank.diagnostics import InputError

COUNTS: dict[Task, int] = {"segmentation": 600, "keypoints": 3000, "digits": 12000}

Array = np.ndarray[Any, Any]


def practice_set(task: Task, *, seed: int, count: int) -> HiddenSet:
    """`count` images under a public seed; the digits are others than in any hidden set."""
    words = hashlib.sha256(f"practice\0{task}\0{seed}".encode()).digest()
    return generate(task, np.random.default_rng(list(words)), count, practice=True)


def write_set(data: HiddenSet, folder: Path, *, name: str) -> Path:
    """Write a set as `name` (test, train) below `folder`; returns the list, table or image file."""
    folder.mkdir(parents=True, exist_ok=True)
    images = np.rint(data.inputs * 255).astype(np.uint8)
    if data.task == "segmentation":
        return _write_segmentation(images, data.targets, folder, name)
    if data.task == "keypoints":
        return _write_keypoints(images, data.targets, folder / f"{name}.csv")
    stem = "t10k" if name == "test" else name
    labels = folder / f"{stem}-labels-idx1-ubyte.gz"
    _write_idx(labels, data.targets.astype(np.uint8))
    return _write_idx(folder / f"{stem}-images-idx3-ubyte.gz", images)


def _write_segmentation(images: Array, labels: Array, folder: Path, name: str) -> Path:
    from PIL import Image

    palette = np.array([rgb for _, rgb in CLASSES] + [VOID_COLOUR], np.uint8)
    names = [f"{name}_{number:04d}" for number in range(len(images))]
    for kind in ("images", "targets"):
        (folder / kind).mkdir(exist_ok=True)
    for stem, image, label in zip(names, images, labels, strict=True):
        Image.fromarray(np.moveaxis(image, 0, -1)).save(folder / "images" / f"{stem}.png")
        # Label -1 takes the last entry: black.
        Image.fromarray(palette[label]).save(folder / "targets" / f"{stem}_GT.png")
    listed = folder / f"{name}.txt"
    listed.write_text("\n".join(f"{stem}.png" for stem in names) + "\n")
    return listed


def _write_keypoints(images: Array, keypoints: Array, path: Path) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow([f"{point}_{axis}" for point in KEYPOINTS for axis in "xy"] + ["Image"])
        for image, points in zip(images, (keypoints + 1) * 48, strict=True):
            grey = " ".join(map(str, image.ravel().tolist()))
            table.writerow([*(f"{value:.6f}" for value in points), grey])
    return path


def _write_idx(path: Path, values: Array) -> Path:
    head = bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    path.write_bytes(gzip.compress(head + values.tobytes(), mtime=0))
    return path


def main() -> int:
    """Write practice data into a folder."""
    parser = argparse.ArgumentParser(description="Write practice data in the course's formats.")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--task", choices=TASKS, action="append", help="default: all three")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, help="images of each task")
    arguments = parser.parse_args()
    for task in arguments.task or TASKS:
        count = arguments.count or COUNTS[task]
        try:
            data = practice_set(task, seed=arguments.seed, count=count)
            path = write_set(data, arguments.folder / task, name="train")
        except InputError as error:
            print(error, file=sys.stderr)
            return 2
        except OSError as error:
            print(f"{error.filename}: cannot be written: {error.strerror}", file=sys.stderr)
            return 2
        print(f"{count} images of {task}: {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
