"""Files of scans: every page comes out, with its picture or with why not; a hostile file costs little."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from grader.scan_paths import are_scans, scan_files
from grader.scans.pictures import Limits, pages_of
from question_bank.diagnostics import InputError
from tests.grader.scans.synthetic import pdf

GREY = np.tile(np.linspace(0, 255, 200, dtype=np.uint8), (300, 1))
SMALL = Limits(page_s=8, memory_mb=256)


def read(path: Path, limits: Limits = SMALL):
    return list(pages_of(path, path.name, limits))


def test_a_pdf_gives_its_pages_in_order(work) -> None:
    Path("s.pdf").write_bytes(pdf([GREY, GREY[:, ::-1]], dpi=100))
    one, two = read(Path("s.pdf"))
    assert (one.name, two.name) == ("s.pdf, page 1", "s.pdf, page 2")
    assert one.picture.shape == (300, 200)
    assert one.picture[:, :40].mean() < 60
    assert one.picture[:, -40:].mean() > 200
    assert two.picture[:, :40].mean() > 200
    assert round(one.dpi) == 100


MODES = ["1", "L", "RGB", "RGBA", "CMYK", "P", "I;16"]


@pytest.mark.parametrize("mode", MODES)
def test_a_tiff_of_many_pages_in_any_mode(mode, work) -> None:
    grey = Image.fromarray(GREY)
    page = Image.fromarray(GREY.astype(np.uint16) * 257) if mode == "I;16" else grey.convert(mode)
    page.save("s.tif", save_all=True, append_images=[page, page])
    pages = read(Path("s.tif"))
    assert [page.number for page in pages] == [1, 2, 3]
    for each in pages:
        assert each.picture.shape == (300, 200)
        assert each.picture[:, :20].mean() < 70
        assert each.picture[:, -20:].mean() > 180


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_photograph_is_a_page_and_a_large_one_is_made_smaller(suffix, work) -> None:
    Image.fromarray(GREY).resize((3000, 4500)).save(f"p.{suffix}")
    (page,) = read(Path(f"p.{suffix}"))
    assert page.name == f"p.{suffix}"
    assert page.picture.size <= Limits().most_pixels * 1.01
    assert abs(page.picture.shape[0] / page.picture.shape[1] - 1.5) < 0.01


def bomb() -> bytes:
    """A PNG of some kilobytes that would take two gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = zlib.compress(bytes(2_000_000))
    head = struct.pack(">IIBBBBB", 50_000, 40_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def page_of(width: float, content: bytes = b"", **more: object) -> bytes:
    """A PDF with one page of this width and height in points."""
    out = io.BytesIO()
    with pikepdf.new() as written:
        written.add_blank_page(page_size=(600, 600))
        written.pages[0].MediaBox = [0, 0, width, width]
        written.pages[0].Contents = written.make_stream(content)
        for name, value in more.items():
            written.Root[f"/{name}"] = value
        written.save(out)
    return out.getvalue()


def locked() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf([GREY]))) as written:
        written.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


REFUSED = {
    "locked.pdf": (locked(), "is locked with a password"),
    "broken.pdf": (pdf([GREY])[:200], "is no PDF that can be read"),
    "text.pdf": (b"hello", "is no PDF that can be read"),
    "empty.pdf": (b"", "is no PDF that can be read"),
    "bomb.png": (bomb(), "holds a picture that is too large"),
    "text.png": (b"hello", "is no TIFF, JPEG or PNG that can be read"),
    "gif.png": (b"GIF89a" + bytes(50), "is no TIFF, JPEG or PNG that can be read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(name, work) -> None:
    content, why = REFUSED[name]
    Path(name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(Path(name))
    (said,) = caught.value.diagnostics
    assert said.code == "bad-scan"
    assert said.message == why
    assert said.where is not None
    assert said.where.file == name


def test_a_file_that_is_not_there_is_refused(work) -> None:
    with pytest.raises(InputError, match="No such file"):
        read(Path("none.pdf"))


def test_a_huge_page_is_drawn_small(work) -> None:
    Path("s.pdf").write_bytes(page_of(14400.0))
    (page,) = read(Path("s.pdf"))
    assert page.picture.size <= Limits().most_pixels * 1.01


def test_a_page_of_no_size_is_told(work) -> None:
    Path("s.pdf").write_bytes(page_of(1.0))
    (page,) = read(Path("s.pdf"))
    assert page.picture is None
    assert "the page measures" in page.error


def test_scripts_of_a_pdf_are_not_run(work) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("while (true) {}"))
    Path("s.pdf").write_bytes(page_of(600.0, OpenAction=action))
    (page,) = read(Path("s.pdf"))
    assert page.picture is not None


def endless(*, before: int = 0, after: int = 0, copies: int = 1) -> bytes:
    """Pages that draw a form that draws ten forms that draw ten forms, and so on; good pages before and after."""
    out = io.BytesIO()
    with pikepdf.new() as written:
        inner = written.make_stream(b"0 0 m 100 900 500 -900 600 600 c S ", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 600, 600])  # fmt: skip
        for _ in range(10):
            outer = written.make_stream(b"/F Do " * 10, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 600, 600])  # fmt: skip
            outer.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=inner))
            inner = outer
        for number in range(before + copies + after):
            written.add_blank_page(page_size=(600, 600))
            if before <= number < before + copies:
                page = written.pages[number]
                page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=inner))
                page.Contents = written.make_stream(b"/F Do")
        written.save(out)
    return out.getvalue()


def test_a_page_without_end_costs_its_time_and_no_other_page(work) -> None:
    Path("s.pdf").write_bytes(endless(before=1, after=1))
    pages = read(Path("s.pdf"), Limits(page_s=2.0, memory_mb=256))
    assert [page.picture is not None for page in pages] == [True, False, True]
    assert pages[1].error == "it asks for more time or memory than a page may have"


def test_a_file_of_such_pages_is_given_up_and_every_page_told(work) -> None:
    Path("s.pdf").write_bytes(endless(copies=6))
    pages = read(Path("s.pdf"), Limits(page_s=1.0, memory_mb=256))
    assert [page.number for page in pages] == list(range(1, 7))
    assert not any(page.picture is not None for page in pages)
    assert pages[-1].error == "not read: pages before it took too long"


def test_a_page_that_asks_for_too_much_memory_is_told(work) -> None:
    grey = Image.fromarray(np.zeros((9000, 9000), np.uint8))
    grey.save("s.tif", compression="tiff_lzw")
    (page,) = read(Path("s.tif"), Limits(memory_mb=24))
    assert page.picture is None
    assert "more" in page.error


@given(
    st.binary(max_size=400),
    st.sampled_from([b"%PDF-1.7\n", b"II*\x00", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n"]),
)
@settings(max_examples=8)
def test_no_bytes_are_a_fault_of_ours(tmp_path_factory, rest, head) -> None:
    suffix = {b"%": "pdf", b"I": "tif", b"\xff": "jpg"}.get(head[:1], "png")
    path = tmp_path_factory.mktemp("any") / f"s.{suffix}"
    path.write_bytes(head + rest)
    try:
        pages = read(path)
    except InputError as error:
        pages = []
        codes = {each.code for each in error.diagnostics}
    else:
        codes = {"bad-scan"}
    assert codes == {"bad-scan"}
    assert all(page.picture is not None or page.error for page in pages)


def test_which_submissions_are_scans(work) -> None:
    for name in (
        "a.pdf",
        "b.TIFF",
        "c.zip",
        "f/1.png",
        "f/2.jpg",
        "f/.DS_Store",
        "g/1.png",
        "g/answers.yaml",
    ):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    Path("h").mkdir()
    found = {name: are_scans(Path(name)) for name in ("a.pdf", "b.TIFF", "c.zip", "f", "g", "h")}
    assert found == {
        "a.pdf": True,
        "b.TIFF": True,
        "c.zip": False,
        "f": True,
        "g": False,
        "h": False,
    }
    names = [name for _, name in scan_files([Path("a.pdf"), Path("f"), Path("a.pdf")])]
    assert names == ["a.pdf", "f/1.png", "f/2.jpg"]


def scanned(width: int, height: int) -> np.ndarray:
    return np.asarray(Image.fromarray(GREY).resize((width, height)))


@pytest.mark.parametrize(("size", "read_as"), {(1654, 2339): (1654, 2339), (2480, 3508): (1240, 1754), (3508, 2480): (1754, 1240), (827, 1170): (827, 1170)}.items(), ids=str)  # fmt: skip
def test_a_scanners_jpeg_is_taken_as_it_is_or_by_half(size, read_as, work) -> None:
    Path("s.pdf").write_bytes(pdf([scanned(*size)]))
    (page,) = read(Path("s.pdf"))
    assert page.picture.shape == read_as[::-1]
    assert page.picture[:, :40].mean() < 60
    assert page.picture[:, -40:].mean() > 200


def changed(change) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf([scanned(1654, 2339)], dpi=200))) as written:
        change(written, written.pages[0])
        written.save(out)
    return out.getvalue()


def turned(_written, page) -> None:
    page.Rotate = 90


def mirrored(written, page) -> None:
    page.Contents = written.make_stream(b"q -595 0 0 842 595 0 cm " + b"/image Do Q")


def drawn_over(written, page) -> None:
    page.contents_add(b"0 0 0 rg 100 700 200 100 re f")


OTHERWISE = {"turned": turned, "mirrored": mirrored, "drawn over": drawn_over}


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_jpeg_that_is_not_all_of_its_page_is_drawn(name, work) -> None:
    Path("s.pdf").write_bytes(changed(OTHERWISE[name]))
    (page,) = read(Path("s.pdf"))
    dark, light = page.picture[:, :40].mean(), page.picture[:, -40:].mean()
    assert (page.picture.shape[1] > page.picture.shape[0]) == (name == "turned")
    if name == "mirrored":
        assert dark > 200 > light
    if name == "drawn over":
        assert page.picture[200:300, 700:800].max() < 30
