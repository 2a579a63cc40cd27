"""PDFs: closed to the outside, set in the shipped fonts alone, equal to the byte."""

from __future__ import annotations

import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from templates.fonts.coverage import unprintable
from templates.pdf import BadPage, RefusedAddress, figure_address, photo_address, render_pdf
from templates.richtext import to_print

ROOT = Path(__file__).parents[2]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="9" height="9"/></svg>'


def page(body: str) -> str:
    return f'<html lang="en"><head><meta charset="utf-8"><title>T</title></head><body>{body}</body></html>'


def fonts(written: bytes) -> set[str]:
    with pikepdf.open(BytesIO(written)) as document:
        return {
            str(thing.BaseFont).partition("+")[2] or str(thing.BaseFont)
            for thing in document.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Font"
        }


@pytest.mark.parametrize(
    "body",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://localhost/x.png">',
        '<img src="https://localhost/x.png">',
        '<img src="ftp://localhost/x.png">',
        '<img src="x.png">',
        '<img src="asset:../pyproject.toml">',
        '<img src="asset:../../../../etc/passwd.svg">',
        '<img src="asset:pdf.py">',
        '<img src="figure:unknown">',
        '<img src="math:inline.000.%%%">',
        '<img src="data:image/png;base64,AAAA">',
        '<object data="file:///etc/passwd">x</object>',
        '<embed src="file:///etc/passwd">',
        '<link rel="stylesheet" href="file:///x.css">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<style>@import "file:///x.css"</style>',
        "<style>@font-face { font-family: q; src: url(file:///x.ttf) } p { font-family: q }</style><p>x",
        '<p style="background: url(file:///etc/passwd)">x</p>',
        "<style>p::before { content: url(file:///etc/passwd) }</style><p>x</p>",
    ],
)
def test_a_page_may_not_ask_for_anything_outside(body: str) -> None:
    with pytest.raises(RefusedAddress, match="a page may not ask for"):
        render_pdf(page(body))


def test_a_figure_may_not_either() -> None:
    figure = SVG.replace("<rect", '<image href="file:///etc/passwd" width="9" height="9"/><rect')
    address = figure_address(figure)
    with pytest.raises(BadPage):
        render_pdf(page(f'<img src="{address}" alt="f">'), figures={address: figure})


def test_a_broken_picture_is_no_empty_place() -> None:
    figure = SVG.replace("</svg>", "")
    address = figure_address(figure)
    with pytest.raises(BadPage):
        render_pdf(page(f'<img src="{address}" alt="f">'), figures={address: figure})


def test_what_a_page_may_show() -> None:
    address = figure_address(SVG)
    body = (
        to_print("$x^2$") + f'<img src="{address}" alt="f"><img src="asset:exam/box.svg" alt="box">'
    )
    written = render_pdf(page(body), styles=["exam/print.css"], figures={address: SVG})
    assert written.startswith(b"%PDF-1.7")


def test_links_lead_to_the_web_or_nowhere() -> None:
    written = render_pdf(
        page(
            '<a href="javascript:app.alert(1)">a</a> <a href="file:///etc/passwd">b</a>'
            ' <a href=" JavaScript:x">c</a> <a rel="attachment" href="file:///etc/passwd">d</a>'
            ' <a href="https://example.org/">e</a>'
        )
    )
    with pikepdf.open(BytesIO(written)) as document:
        targets = [str(note.A.URI) for page in document.pages for note in page.get("/Annots", [])]
        assert "/Names" not in document.Root or "/EmbeddedFiles" not in document.Root.Names
    assert targets == ["https://example.org/"]


def test_only_the_shipped_fonts_are_used() -> None:
    body = (
        '<p>a <b>b</b> <i>c</i> <b><i>d</i></b> <span style="font-family: Inter">e <b>f</b></span> <code>g</code>'
        '<span style="font-family: Arial, DejaVu Sans, sans-serif">h</span>'
        '<span style="font-family: Times New Roman, serif">→ ≤ ✓ Ж α ş</span></p>'
    )
    written = render_pdf(page(body), styles=["exam/print.css"])
    assert fonts(written) == {
        "STIX-Two-Text",
        "STIX-Two-Text-Bold",
        "STIX-Two-Text-Italic",
        "STIX-Two-Text-Bold-Italic",
        "STIX-Two-Symbols",
        "Inter",
        "Inter-Bold",
        "JetBrains-Mono",
    }


def test_unprintable_characters_are_found() -> None:
    assert unprintable("Grüße → ≤ ½ h₂ ş Ж α ✓ × −\n\t") == ()
    assert unprintable("a \N{BIRD} b \N{BIRD} 漢") == ("\N{BIRD}", "漢")


def test_every_shipped_font_comes_with_its_licence() -> None:
    folder = ROOT / "templates" / "fonts"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for licence in re.findall(r"OFL-[\w-]+\.txt", readme):
        assert "SIL Open Font License" in (folder / licence).read_text(encoding="utf-8")
    families = {name.stem.partition("-")[0] for name in folder.glob("*.ttf")}
    assert all(family in readme for family in families)


def test_a_read_only_home_is_no_obstacle(tmp_path: Path) -> None:
    blocked = tmp_path / "cache"
    blocked.write_text("a file where the cache folder would be")
    script = (
        "from templates.pdf import render_pdf\n"
        "print(len(render_pdf('<html lang=en><title>T</title><p>x')) > 1000)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"XDG_CACHE_HOME": str(blocked), "HOME": str(blocked), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "True"
    assert done.stderr == ""


def test_a_missing_library_is_named_with_its_cure() -> None:
    script = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0': no such file\\nmore\\nlines")

sys.meta_path.insert(0, Missing())
from templates.pdf import PdfUnavailable, render_pdf
try:
    render_pdf("<p>x")
except PdfUnavailable as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.count("\n") == 1
    assert "libpango-1.0-0': no such file" in done.stdout
    assert "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in done.stdout


def test_a_photo_stands_in_the_pdf_as_it_is_and_another_one_is_refused() -> None:
    out = BytesIO()
    Image.new("L", (60, 40), 200).save(out, "JPEG")
    jpeg = out.getvalue()
    shown = page(f'<img src="{photo_address(jpeg)}" alt="a page">')
    written = render_pdf(shown, photos={photo_address(jpeg): jpeg})
    assert jpeg in written
    assert written == render_pdf(shown, photos={photo_address(jpeg): jpeg})
    with pytest.raises(RefusedAddress):
        render_pdf(shown)
