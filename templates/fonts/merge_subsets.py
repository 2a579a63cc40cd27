"""Make the font files from the subsets that the npm packages @fontsource/* carry, and the mathematics for browsers.

    npm pack @fontsource/stix-two-text @fontsource/inter @fontsource/jetbrains-mono
    (unpack each into a folder named stix-two-text, inter, jetbrains-mono)
    pip download --no-deps ziamath==0.13
    (unpack ziamath/fonts/STIXTwoMath-Regular.ttf beside the three)
    python merge_subsets.py FOLDER_OF_THE_FOUR

Hints go (print needs none) and so does the date, so that the same subsets give the same bytes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from fontTools.merge import Merger  # type: ignore[import-untyped]
from fontTools.merge import Options as MergeOptions
from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fontTools.ttLib.woff2 import WOFF2FlavorData  # type: ignore[import-untyped]

HERE = Path(__file__).parent
BROWSER_FONTS = HERE.parent / "browser_fonts"
SUBSETS = ("latin", "latin-ext", "greek", "cyrillic", "vietnamese")
FACES = (
    ("stix-two-text", 400, "normal", "STIX Two Text", "Regular", "STIXTwoText-Regular"),
    ("stix-two-text", 400, "italic", "STIX Two Text", "Italic", "STIXTwoText-Italic"),
    ("stix-two-text", 700, "normal", "STIX Two Text", "Bold", "STIXTwoText-Bold"),
    ("stix-two-text", 700, "italic", "STIX Two Text", "Bold Italic", "STIXTwoText-BoldItalic"),
    ("inter", 400, "normal", "Inter", "Regular", "Inter-Regular"),
    ("inter", 700, "normal", "Inter", "Bold", "Inter-Bold"),
    ("jetbrains-mono", 400, "normal", "JetBrains Mono", "Regular", "JetBrainsMono-Regular"),
)
# Arrows, operators, shapes and ticks that people type into running text.
SYMBOLS = (
    *range(0x2070, 0x20A0),
    *range(0x2190, 0x2300),
    *range(0x25A0, 0x2600),
    0x2113,
    0x2713,
    0x2717,
    0x27E8,
    0x27E9,
)
# What LaTeX has commands for: letters, accents, operators, arrows, brackets, alphabets.
MATHEMATICS = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    0x131,
    0x237,
    *range(0x2B0, 0x400),
    *range(0x2000, 0x20A0),
    *range(0x20D0, 0x2150),
    *range(0x2190, 0x2400),
    *range(0x25A0, 0x2600),
    *range(0x2660, 0x2670),
    0x2713,
    0x2717,
    *range(0x27C0, 0x2800),
    *range(0x2A00, 0x2B00),
    *range(0x1D400, 0x1D800),
)
# Smaller shapes in scripts, letters without a dot and flat accents: what browsers ask for in formulas.
MATHEMATICS_FEATURES = ["ssty", "dtls", "flac", "ccmp", "locl", "kern", "mark", "mkmk"]
# Name records: family, style, unique id, full name, PostScript name, and the two typographic ones.
FAMILY, STYLE, UNIQUE, FULL, POSTSCRIPT, WINDOWS_FAMILY, WINDOWS_STYLE = 1, 2, 3, 4, 6, 16, 17


def merge(source: Path, face: tuple[str, int, str, str, str, str]) -> Path:
    """Merge the subsets of one face into one file and return it."""
    package, weight, slant, family, style, postscript = face
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for subset in SUBSETS:
            part = source / package / "files" / f"{package}-{subset}-{weight}-{slant}.woff2"
            if part.exists():
                parts.append(_as_truetype(part, Path(folder)))
        font = Merger(MergeOptions(drop_tables=["DSIG", "vmtx", "vhea"])).merge(parts)
    return _finish(font, tuple(font.getBestCmap()), family, style, postscript)


def cut_symbols(source: Path) -> Path:
    """Cut the symbols out of STIX Two Math and return the file."""
    font = TTFont(source / "STIXTwoMath-Regular.ttf")
    del font["MATH"], font["DSIG"]
    return _finish(font, SYMBOLS, "STIX Two Symbols", "Regular", "STIXTwoSymbols-Regular")


def cut_mathematics(source: Path) -> Path:
    """Cut what formulas need out of STIX Two Math, with its MATH table, and return the file."""
    font = TTFont(source / "STIXTwoMath-Regular.ttf")
    del font["DSIG"]
    options = Options(hinting=False, name_IDs=["*"], notdef_outline=True, glyph_names=False)
    options.layout_features = MATHEMATICS_FEATURES
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=MATHEMATICS)
    subsetter.subset(font)
    # Outlines as they are: a fifth larger, and read in a third of the time, which each exported page takes.
    font.flavorData = WOFF2FlavorData(transformedTables=[])
    return _save(font, BROWSER_FONTS / "STIXTwoMath.woff2", flavor="woff2")


def _finish(
    font: TTFont, letters: tuple[int, ...], family: str, style: str, postscript: str
) -> Path:
    options = Options(hinting=False, name_IDs=["*"], notdef_outline=True, glyph_names=False)
    options.layout_features = [
        "kern",
        "liga",
        "mark",
        "mkmk",
        "ccmp",
        "locl",
        "calt",
        "case",
        "tnum",
    ]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    names = font["name"]
    for record, text in (
        (FAMILY, family),
        (STYLE, style),
        (UNIQUE, postscript),
        (FULL, f"{family} {style}"),
        (POSTSCRIPT, postscript),
    ):
        names.setName(text, record, 3, 1, 0x409)
    for record in (WINDOWS_FAMILY, WINDOWS_STYLE):
        names.removeNames(nameID=record)
    return _save(font, HERE / f"{postscript}.ttf")


def _save(font: TTFont, target: Path, flavor: str | None = None) -> Path:
    font["head"].created = font["head"].modified = 0
    font.recalcTimestamp = False
    font.flavor = flavor
    font.save(target)
    return target


def _as_truetype(part: Path, folder: Path) -> str:
    font = TTFont(part)
    font.flavor = None
    target = folder / f"{part.stem}.ttf"
    font.save(target)
    return str(target)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    faces = (merge(folder, each) for each in FACES)
    for made in (*faces, cut_symbols(folder), cut_mathematics(folder)):
        sys.stdout.write(f"{made.name} {made.stat().st_size}\n")
