"""What is kept from one document to the next changes no document."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import weasyprint

from templates import pdf_kept, pdf_memory

ROOT = Path(__file__).parents[2]

# Makes some papers in a given order and prints what is in them; the deflated streams only by their content.
SCRIPT = """
import hashlib, io, re, sys
sys.path.insert(0, "tests/generator")
import pikepdf
from paper_form import form
from generator.paper import Paper
from generator.render import render_papers

papers = {
    "en": lambda: render_papers(form("en"), Paper("B", "Ada Lovelace", "w0001")),
    "de": lambda: render_papers(form("de"), Paper("B")),
    "large": lambda: render_papers(form("en"), Paper("B", "Jürgen", "w2", large_print=True, extra_space=1.5)),
}
for name in sys.argv[1:]:
    made = papers[name]()
    for written in (made.exam, made.solutions):
        digest, shifts = hashlib.sha256(), []
        with pikepdf.open(io.BytesIO(written)) as document:
            for thing in document.objects:
                if not isinstance(thing, pikepdf.Stream):
                    digest.update(thing.unparse(resolved=False))
                # Where things lie in the file follows from how they were deflated.
                elif thing.get("/Type") != "/XRef":
                    content = thing.read_bytes()
                    shifts += re.findall(rb">(-?\\d+)<", content)
                    digest.update(re.sub(rb">-?\\d+<", b"><", content))
        print(name, digest.hexdigest(), b",".join(shifts).decode(), hashlib.sha256(written).hexdigest())
"""


def papers(*names, **environment):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *names],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [tuple(line.split()) for line in done.stdout.splitlines()]


def test_it_is_made_for_the_version_that_is_installed():
    assert weasyprint.__version__ == pdf_memory.VERSION


def test_another_version_is_left_alone():
    class Other:
        __version__ = "70.1"

    assert pdf_memory.install(Other) is False


def test_with_and_without_it_the_papers_are_the_same():
    kept = papers("en", "large", "de")
    forgotten = papers("en", "large", "de", MOCKEXAM_PDF_FORGETS="1")
    assert [line[:2] for line in kept] == [line[:2] for line in forgotten]
    # WeasyPrint rounds the width of a letter in the size in which the document has it first; here each
    # line does so by itself. Letters may stand a thousandth of their size apart.
    for ours, theirs in zip(kept, forgotten, strict=True):
        pairs = zip(ours[2].split(","), theirs[2].split(","), strict=True)
        assert max(abs(int(one) - int(other)) for one, other in pairs) <= 1


def test_what_was_made_before_changes_no_byte():
    alone = {name: papers(name) for name in ("en", "de", "large")}
    for order in (("large", "en", "de", "en"), ("de", "large", "large")):
        made = papers(*order)
        for place, name in enumerate(order):
            assert made[2 * place : 2 * place + 2] == alone[name]


def test_only_so_much_is_kept(monkeypatch):
    monkeypatch.setattr(pdf_kept, "MOST_KEPT", 3)
    kept = pdf_kept.Kept()
    for number in range(10):
        kept[number] = hashlib.sha256(str(number).encode())
        assert len(kept) <= 3
    assert 9 in kept
