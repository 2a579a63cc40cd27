"""Readers of test data: what is right is read, what is wrong is one error with file and line."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from grader.code.hidden.classes import CLASSES
from grader.code.hidden.faces import KEYPOINTS
from grader.code.hidden.folder import find_data
from grader.code.hidden.read_digits import read_digits
from grader.code.hidden.read_keypoints import read_keypoints
from grader.code.hidden.read_segmentation import read_segmentation
from grader.code.hidden.sets import HiddenSets
from question_bank.diagnostics import InputError

HEAD = ",".join(f"{point}_{axis}" for point in KEYPOINTS for axis in "xy") + ",Image"
ROW = ",".join(str(20 + n) for n in range(30))
GREY = " ".join(["7"] * 9216)


def says(error: InputError, *parts: str) -> None:
    (diagnostic,) = error.diagnostics
    text = diagnostic.render()
    for part in parts:
        assert part in text, text


# ---------------------------------------------------------------------------------- keypoints


def table(folder: Path, *lines: str) -> Path:
    path = folder / "test.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_keypoints_are_read_and_rows_with_gaps_left_out(tmp_path: Path) -> None:
    gap = ROW.replace("20,", ",", 1)
    path = table(tmp_path, HEAD, f"{ROW},{GREY}", f"{gap},{GREY}", "", f"{ROW},{GREY}")
    images, points = read_keypoints(path)
    assert images.shape == (2, 96, 96)
    assert points.shape == (2, 15, 2)
    assert points[1, 0].tolist() == [20, 21]
    assert (images == 7).all()


BAD_TABLES = [
    ((), None, "is empty"),
    (("a,b,Image",), 1, "names 3 columns"),
    ((HEAD.replace(",Image", ",Picture"),), 1, "'Picture'"),
    ((HEAD.replace("left_eye_center_x", "left_eye_center_y"),), 1, "column 1 should be an x"),
    ((HEAD,), None, "holds no row"),
    ((HEAD, f"{ROW.replace('20', '', 1)},{GREY}"), None, "holds no row"),
    ((HEAD, f"{ROW},{GREY}", f"{ROW},3,{GREY}"), 3, "has 32 columns"),
    ((HEAD, f"{ROW.replace('23', 'x', 1)},{GREY}"), 2, "column 4: 'x' is no number"),
    ((HEAD, f"{ROW.replace('23', 'inf', 1)},{GREY}"), 2, "far outside"),
    ((HEAD, f"{ROW.replace('23', '1e9', 1)},{GREY}"), 2, "far outside"),
    ((HEAD, f"{ROW},{GREY} 7"), 2, "9,217 numbers"),
    ((HEAD, f"{ROW},{GREY[:-1]}x"), 2, "no number"),
    ((HEAD, f"{ROW},{GREY[:-1]}256"), 2, "0 to 255"),
    ((HEAD, f"{ROW},{GREY[:-1]}nan"), 2, "0 to 255"),
    ((HEAD, f'{ROW},"{GREY}'), 2, "is no CSV"),
]


@pytest.mark.parametrize(("lines", "line", "message"), BAD_TABLES)
def test_bad_keypoint_tables(
    tmp_path: Path, lines: tuple[str, ...], line: int | None, message: str
) -> None:
    path = table(tmp_path, *lines) if lines else tmp_path / "test.csv"
    if not lines:
        path.write_text("")
    with pytest.raises(InputError) as caught:
        read_keypoints(path)
    says(caught.value, message, f"{path}:{line}:" if line else f"{path}: ")


def test_keypoints_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "test.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError) as caught:
        read_keypoints(path)
    says(caught.value, "no UTF-8")


# ------------------------------------------------------------------------------------- digits


def idx(path: Path, values: Any, *, head: bytes | None = None, packed: bool = False) -> Path:
    array = np.asarray(values, np.uint8)
    start = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    content = (start if head is None else head) + array.tobytes()
    path.write_bytes(gzip.compress(content) if packed else content)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_digits_are_read(tmp_path: Path, packed: bool) -> None:
    values = np.arange(2 * 28 * 28).reshape(2, 28, 28) % 256
    images, labels = read_digits(
        idx(tmp_path / "i", values, packed=packed), idx(tmp_path / "l", [3, 9], packed=packed)
    )
    assert np.array_equal(images, values)
    assert labels.tolist() == [3, 9]


IMAGES = np.zeros((2, 28, 28))
BAD_IDX: list[tuple[Any, Any, dict[str, Any], str]] = [
    (IMAGES, [1], {}, "1 labels, but there are 2 images"),
    (IMAGES, [1, 10], {}, "label 1 (counted from 0) is 10"),
    (np.zeros((0, 28, 28)), [], {}, "holds no images"),
    (np.zeros((2, 27, 28)), [1, 2], {}, "27x28"),
    ([1, 2], [1, 2], {}, "no idx file of images"),
    (IMAGES, IMAGES, {}, "no idx file of labels"),
    (IMAGES, [1, 2], {"head": b"\0\0\x08\x03"}, "announces 0"),
    (IMAGES, [1, 2], {"head": struct.pack(">4B3I", 0, 0, 8, 3, 3, 28, 28)}, "and holds 1,568"),
    (IMAGES, [1, 2], {"head": struct.pack(">4B3I", 0, 0, 8, 3, 1, 28, 28)}, "and holds 1,568"),
    (IMAGES, [1, 2], {"head": bytes([0, 0, 8, 3]) + b"\xff" * 12}, "announces 4,294,967,295"),
]


@pytest.mark.parametrize(("images", "labels", "options", "message"), BAD_IDX)
def test_bad_idx_files(
    tmp_path: Path, images: Any, labels: Any, options: dict[str, Any], message: str
) -> None:
    pictures = idx(tmp_path / "i", images, **options)
    with pytest.raises(InputError) as caught:
        read_digits(pictures, idx(tmp_path / "l", labels))
    says(caught.value, message, str(tmp_path))


@pytest.mark.parametrize("content", [b"", b"\0\0", b"\x1f\x8b", b"\x1f\x8b\x08\0broken", b"text"])
def test_idx_files_that_are_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "i").write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_digits(tmp_path / "i", idx(tmp_path / "l", [1]))
    says(caught.value, str(tmp_path / "i"))


def test_gzip_bomb_is_cut(tmp_path: Path) -> None:
    (tmp_path / "i").write_bytes(gzip.compress(b"\0\0\x08\x03" + b"\0" * (200 << 20), 1))
    with pytest.raises(InputError) as caught:
        read_digits(tmp_path / "i", idx(tmp_path / "l", [1]))
    says(caught.value, "announces 0")


# ------------------------------------------------------------------------------- segmentation

COLOURS = dict(enumerate(rgb for _, rgb in CLASSES)) | {-1: (0, 0, 0)}


def scene(folder: Path, name: str = "a", *, size: tuple[int, int] = (240, 240)) -> Path:
    """A list with one image whose upper half is cow and whose lower half is unlabelled."""
    for kind in ("images", "targets"):
        (folder / kind).mkdir(exist_ok=True)
    colours = np.full((size[1], size[0], 3), 9, np.uint8)
    target = np.zeros((size[1], size[0], 3), np.uint8)
    target[: size[1] // 2] = COLOURS[3]
    Image.fromarray(colours).save(folder / "images" / f"{name}.bmp")
    Image.fromarray(target).save(folder / "targets" / f"{name}_GT.bmp")
    listed = folder / "test.txt"
    listed.write_text(f"{name}.bmp\n")
    return listed


def test_scenes_are_read(tmp_path: Path) -> None:
    images, labels = read_segmentation(scene(tmp_path))
    assert images.shape == (1, 240, 240, 3)
    assert (labels[0, :120] == 3).all()
    assert (labels[0, 120:] == -1).all()


def test_other_sizes_are_cut_and_filled_around_the_centre(tmp_path: Path) -> None:
    images, labels = read_segmentation(scene(tmp_path, size=(320, 214)))
    assert images.shape == (1, 240, 240, 3)
    assert (labels[0, :13] == -1).all()
    assert (images[0, :13] == 0).all()
    assert (labels[0, 13:120] == 3).all()
    assert (images[0, 13] == 9).all()


def test_every_colour_is_its_class(tmp_path: Path) -> None:
    listed = scene(tmp_path)
    target = np.zeros((240, 240, 3), np.uint8)
    for number, rgb in COLOURS.items():
        target[number + 1] = rgb
    Image.fromarray(target).save(tmp_path / "targets" / "a_GT.bmp")
    _, labels = read_segmentation(listed)
    assert labels[0, :24, 0].tolist() == list(range(-1, 23))


def labels_as_png(folder: Path, values: Any) -> None:
    (folder / "targets" / "a_GT.bmp").unlink()
    Image.fromarray(np.asarray(values, np.uint8)).save(folder / "targets" / "a_GT.png")


def labels_as_npy(folder: Path, values: Any) -> None:
    (folder / "targets" / "a_GT.bmp").unlink()
    np.save(folder / "targets" / "a.npy", values)


def test_targets_may_be_labels(tmp_path: Path) -> None:
    values = np.full((240, 240), 22)
    values[0] = 255
    listed = scene(tmp_path)
    labels_as_png(tmp_path, values)
    _, labels = read_segmentation(listed)
    assert (labels[0, 0] == -1).all()
    assert (labels[0, 1:] == 22).all()
    (tmp_path / "targets" / "a_GT.png").unlink()
    np.save(tmp_path / "targets" / "a.npy", np.where(values == 255, -1, values))
    assert np.array_equal(read_segmentation(listed)[1], labels)


def lists(text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / "test.txt").write_text(text) and None


def lacks(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def broken(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


def odd_colour(folder: Path) -> None:
    target = np.zeros((240, 240, 3), np.uint8)
    target[7, 9] = (1, 2, 3)
    Image.fromarray(target).save(folder / "targets" / "a_GT.bmp")


def other_size(folder: Path) -> None:
    Image.fromarray(np.zeros((10, 20, 3), np.uint8)).save(folder / "targets" / "a_GT.bmp")


def all_unlabelled(folder: Path) -> None:
    Image.fromarray(np.zeros((240, 240, 3), np.uint8)).save(folder / "targets" / "a_GT.bmp")


BAD_SCENES: list[tuple[Callable[[Path], None], int | None, str]] = [
    (lists(""), None, "lists no images"),
    (lists("a.bmp\nb.bmp\n"), 2, "there is no images/b.bmp"),
    (lists("a.bmp\na\n"), 2, "listed on line 1 already"),
    (lists("../a.bmp\n"), 1, "is not the name of an image"),
    (lists("\n\n/etc/passwd\n"), 3, "is not the name of an image"),
    (lacks("targets/a_GT.bmp"), 1, "there is no targets/a_GT.bmp"),
    (broken("images/a.bmp", b"BM hello"), 1, "a.bmp"),
    (broken("images/a.bmp", b""), 1, "a.bmp is no image"),
    (broken("targets/a_GT.bmp", b"text"), 1, "a_GT.bmp is no image"),
    (odd_colour, 1, "colour (1, 2, 3) at row 7, column 9"),
    (other_size, 1, "a_GT.bmp is 20x10, but a.bmp is 240x240"),
    (all_unlabelled, None, "not one pixel"),
    (lambda folder: labels_as_png(folder, np.full((240, 240), 23)), 1, "label 23 at row 0"),
    (lambda folder: labels_as_npy(folder, np.full((240, 240), -2)), 1, "label -2 at row 0"),
    (lambda folder: labels_as_npy(folder, np.zeros((240, 240))), 1, "float64"),
    (lambda folder: labels_as_npy(folder, np.array([{}])), 1, "cannot be read"),
    (lambda folder: labels_as_npy(folder, np.zeros((2, 2, 2), int)), 1, "shape (2, 2, 2)"),
]


@pytest.mark.parametrize(("spoil", "line", "message"), BAD_SCENES)
def test_bad_scenes(
    tmp_path: Path, spoil: Callable[[Path], None], line: int | None, message: str
) -> None:
    listed = scene(tmp_path)
    spoil(tmp_path)
    with pytest.raises(InputError) as caught:
        read_segmentation(listed)
    says(caught.value, message, f"{listed}:{line}: " if line else f"{listed}: ")


# ------------------------------------------------------------------------------------- folder


def test_folders_that_are_found(tmp_path: Path) -> None:
    (tmp_path / "segmentation_data").mkdir()
    scene(tmp_path / "segmentation_data")
    (tmp_path / "MNIST" / "raw").mkdir(parents=True)
    idx(tmp_path / "MNIST" / "raw" / "t10k-images-idx3-ubyte", IMAGES)
    idx(tmp_path / "MNIST" / "raw" / "t10k-labels-idx1-ubyte.gz", [1, 2], packed=True)
    table(tmp_path, HEAD, f"{ROW},{GREY}")
    assert set(find_data(tmp_path)) == {"segmentation", "keypoints", "digits"}
    hidden = HiddenSets(tmp_path)
    assert not hidden.is_generated("digits")
    assert hidden.get("keypoints").inputs.shape == (1, 1, 96, 96)
    assert hidden.get("keypoints").targets[0, 0] == pytest.approx(20 / 48 - 1)
    assert hidden.get("digits").targets.tolist() == [1, 2]
    assert hidden.get("segmentation").inputs.shape == (1, 3, 240, 240)


def test_a_task_without_data_is_generated(tmp_path: Path) -> None:
    table(tmp_path, HEAD, f"{ROW},{GREY}")
    hidden = HiddenSets(tmp_path)
    assert hidden.is_generated("segmentation")
    assert hidden.marks("keypoints").mark == 100
    assert "not the course's data" in hidden.marks("segmentation").origin


def test_changed_data_are_read_again(tmp_path: Path) -> None:
    path = table(tmp_path, HEAD, f"{ROW},{GREY}")
    hidden = HiddenSets(tmp_path)
    before = hidden.get("keypoints").fingerprint
    path.write_text("\n".join([HEAD, *[f"{ROW},{GREY}"] * 2]))
    assert hidden.get("keypoints").fingerprint != before


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder.rmdir(), "no such folder"),
        (lambda folder: None, "holds no test data"),
        (lambda folder: idx(folder / "t10k-images-idx3-ubyte", IMAGES), "lies alone"),
        (lambda folder: idx(folder / "t10k-labels.idx1-ubyte", [1]), "lies alone"),
    ],
)
def test_folders_without_data(tmp_path: Path, make: Callable[[Path], object], message: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    make(folder)
    with pytest.raises(InputError) as caught:
        HiddenSets(folder).get("digits")
    says(caught.value, message, str(folder))
