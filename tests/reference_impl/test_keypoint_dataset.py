from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from reference_impl.keypoint_dataset import FacialKeypointsDataset, KeypointFileError, read_faces
from reference_impl.keypoint_normalisation import normalize_image, normalize_keypoints

COLUMNS = [f"point_{i // 2}_{'xy'[i % 2]}" for i in range(30)]
HEADER = ",".join([*COLUMNS, "Image"])
COORDINATES = [str(i + 0.25) for i in range(30)]
PIXELS = [str(i % 256) for i in range(96 * 96)]


def row(coordinates: list[str] = COORDINATES, pixels: list[str] = PIXELS) -> str:
    return ",".join([*coordinates, " ".join(pixels)])


def replaced(values: list[str], place: int, value: str) -> list[str]:
    return [*values[:place], value, *values[place + 1 :]]


def written(folder: Path, *lines: str, end: str = "\n") -> Path:
    path = folder / "faces.csv"
    path.write_text(end.join(lines) + end, encoding="utf-8", newline="")
    return path


def test_an_item(tmp_path: Path) -> None:
    item = FacialKeypointsDataset(written(tmp_path, HEADER, row()))[0]
    assert item["image"].shape == (1, 96, 96)
    assert item["keypoints"].shape == (15, 2)
    assert item["image"].dtype == item["keypoints"].dtype == torch.float32
    # Row by row: the pixel right of the first is the second, the one below it the 97th.
    assert item["image"][0, :2, :3].tolist() == [[0, 1, 2], [96, 97, 98]]
    assert item["keypoints"][:2].tolist() == [[0.25, 1.25], [2.25, 3.25]]


@pytest.mark.parametrize("missing", ["", "  ", "NaN", "nan", "NA", "null", "None"])
@pytest.mark.parametrize("place", [0, 17, 29])
def test_rows_with_a_missing_value_are_dropped(tmp_path: Path, missing: str, place: int) -> None:
    second = row(replaced(COORDINATES, 0, "77"))
    path = written(tmp_path, HEADER, row(replaced(COORDINATES, place, missing)), second)
    faces = read_faces(path)
    assert faces.dropped == 1
    assert faces.keypoints[:, 0, 0].tolist() == [77.0]
    assert len(FacialKeypointsDataset(path)) == 1


def test_a_missing_image_drops_the_row_too(tmp_path: Path) -> None:
    faces = read_faces(written(tmp_path, HEADER, row(pixels=[]), row()))
    assert (faces.dropped, len(faces.images)) == (1, 1)


def test_nothing_left_is_an_empty_dataset(tmp_path: Path) -> None:
    faces = read_faces(written(tmp_path, HEADER))
    assert faces.images.shape == (0, 1, 96, 96)
    assert faces.keypoints.shape == (0, 15, 2)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_other_spellings_of_the_same_file(tmp_path: Path, end: str) -> None:
    plain = read_faces(written(tmp_path, HEADER, row()))
    quoted = ",".join([*COORDINATES, f'"{" ".join(PIXELS)}"'])
    other = read_faces(written(tmp_path, "\ufeff" + HEADER, quoted, "", end=end))
    assert torch.equal(plain.images, other.images)
    assert torch.equal(plain.keypoints, other.keypoints)


def test_the_transform_sees_each_item(tmp_path: Path) -> None:
    def normalize(sample: dict[str, Tensor]) -> dict[str, Tensor]:
        return {
            "image": normalize_image(sample["image"]),
            "keypoints": normalize_keypoints(sample["keypoints"]),
        }

    path = written(tmp_path, HEADER, row())
    item, plain = FacialKeypointsDataset(path, normalize)[0], FacialKeypointsDataset(path)[0]
    assert_close(item["image"], plain["image"] / 255)
    assert_close(item["keypoints"], (plain["keypoints"] - 48) / 48)


def test_a_transform_in_place_does_not_wear_the_data_down(tmp_path: Path) -> None:
    def halve(sample: dict[str, Tensor]) -> dict[str, Tensor]:
        sample["image"] /= 2
        sample["keypoints"] /= 2
        return sample

    faces = FacialKeypointsDataset(written(tmp_path, HEADER, row()), halve)
    first = {name: value.clone() for name, value in faces[0].items()}
    again = faces[0]
    assert torch.equal(first["image"], again["image"])
    assert torch.equal(first["keypoints"], again["keypoints"])


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], r"line 1: 30 columns of coordinates and then Image are needed; there are 0$"),
        ([",".join(COLUMNS)], r"there are 30, the last is 'point_14_y'"),
        (["ImageId,Image"], r"there are 2, the last is 'Image'"),
        ([HEADER.replace("Image", "Picture")], r"the last is 'Picture'"),
        ([HEADER, row(), row(COORDINATES[1:])], r"line 3: 30 columns, not 31"),
        ([HEADER, row(replaced(COORDINATES, 4, "abc"))], r"line 2: 'abc' is no coordinate"),
        ([HEADER, row(replaced(COORDINATES, 4, "inf"))], r"line 2: 'inf' is no coordinate"),
        ([HEADER, row(pixels=PIXELS[1:])], r"line 2: 9215 grey values, not 96 \* 96"),
        ([HEADER, row(pixels=replaced(PIXELS, 9, "x"))], r"line 2: a grey value is no number"),
        ([HEADER, row(pixels=replaced(PIXELS, 9, "256"))], r"line 2: grey values must lie"),
        ([HEADER, row(pixels=replaced(PIXELS, 9, "-1"))], r"line 2: grey values must lie"),
        ([HEADER, row(pixels=replaced(PIXELS, 9, "nan"))], r"line 2: grey values must lie"),
        ([HEADER, '"' + row()], r"no CSV file as expected"),
    ],
)
def test_another_file_is_refused_with_its_line(
    tmp_path: Path, lines: list[str], message: str
) -> None:
    path = tmp_path / "faces.csv"
    path.write_text("".join(f"{line}\n" for line in lines))
    with pytest.raises(KeypointFileError, match=message):
        read_faces(path)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00\x01" * 50, b"PK\x03\x04" + bytes(200), b"a,\x00b\n"]
)
def test_no_csv_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "faces.csv"
    path.write_bytes(content)
    with pytest.raises(KeypointFileError, match=r"faces\.csv"):
        read_faces(path)


def test_no_file_at_all(tmp_path: Path) -> None:
    with pytest.raises(KeypointFileError, match="cannot be read: No such file"):
        read_faces(tmp_path / "nowhere.csv")
    with pytest.raises(KeypointFileError, match="cannot be read"):
        read_faces(tmp_path)
