"""How long an exam's PDFs take: in a batch for a class, and the very first one; beside what others take.

    python benchmarks/exam_pdfs.py                    # 100 students, two processors
    python benchmarks/exam_pdfs.py --students 10      # a first look

Prints seconds on the clock and seconds of the processors, each for a form and for a page. Where other work
keeps the machine busy, trust the processors' seconds: divided by the processors, they are what a quiet
machine takes. A limit that is missed is said, and ends in status 1.

For a yardstick, Typst sets the same texts, formulas and figures if its Python package is there
(`pip install typst`); figures of AMC and R/exams are those that were measured on such a machine before.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from generator.batch import EXAM, FORM_FILES, KEY, LAYOUT, Job, Task, new_crew, render, work
from generator.blueprint import COURSE_EXAM, load_blueprint
from generator.make import make_exam, printed_sizes
from generator.record import ExamRecord, for_students, form_of, record_of
from generator.students import Student
from question_bank.loader import Bank, load_bank

LIMIT_EXAM, LIMIT_BOTH, LIMIT_COLD = 0.4, 0.7, 5.0
PROCESSORS = 2
COLD_RUNS = 3
# Measured before on the same kind of machine: what, seconds for a variant, its pages.
OTHERS = (
    ("Auto Multiple Choice 1.6.0 (LaTeX), 20 items with answer sheet", "0.10 to 0.19", 4),
    ("R/exams 2.4-2, 20 exercises with figures", "1.9 to 2.4", 19),
    ("pdflatex, one pass over similar content", "0.35", 15),
    ("Typst, similar content", "0.05 to 0.07", 15),
)


@dataclass(frozen=True)
class Made:
    """What one form took."""

    seconds: float
    pages: int


@dataclass(frozen=True)
class Batch:
    """What a batch took: on the clock, and each form on a processor."""

    wall: float
    forms: tuple[Made, ...]

    @property
    def processor(self) -> float:
        """Return the seconds of a processor for a form, on average."""
        return sum(form.seconds for form in self.forms) / len(self.forms)

    @property
    def pages(self) -> float:
        """Return the pages of a form, on average."""
        return sum(form.pages for form in self.forms) / len(self.forms)


def timed(task: Task, job: Job) -> Made:
    """Make the files of a form in a worker, and say what it took."""
    start = time.process_time()
    files = work(task, job)
    seconds = time.process_time() - start
    return Made(
        seconds, sum(_pages(content) for name, content in files.items() if name.endswith(".pdf"))
    )


def _pages(written: bytes) -> int:
    from io import BytesIO

    import pikepdf

    with pikepdf.open(BytesIO(written)) as document:
        return len(document.pages)


def batch(record: ExamRecord, bank: Bank, names: tuple[str, ...]) -> Batch:
    """Make files of every form with warm workers; their start counts, as it does in the command."""
    crew = new_crew(PROCESSORS)
    if crew is None:
        raise RuntimeError("two processors are needed")
    needed = {name: bank.questions[name] for name in record.question_ids()}
    task = Task(record.model_copy(update={"forms": ()}), needed, render)
    start = time.monotonic()
    with crew:
        made = [
            result for _, result in crew.map(timed, task, [Job(f, names) for f in record.forms])
        ]
        wall = time.monotonic() - start
    return Batch(wall, tuple(made))


def cold(seed: int) -> float:
    """Seconds of the whole command for a first exam with solutions: a new process, no caches of any kind."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        environment = {
            **os.environ,
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "MOCKEXAM_HOME": str(home / "data"),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        start = time.monotonic()
        subprocess.run(
            [
                *(sys.executable, "-c", "from generator.cli import main; main()"),
                *("generate", "--seed", str(seed), "-o", "exam"),
            ],
            cwd=folder,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return time.monotonic() - start


# Typst, for a yardstick: the same texts and pictures, without our layout.

_MATH = re.compile(r'<img class="math[^"]*" src="(math:[^"]+)" alt="[^"]*"[^>]*>')
_TAG = re.compile(r"<[^>]*>")


def typst(record: ExamRecord, bank: Bank) -> tuple[float, int] | None:
    """Seconds and pages of an exam of the same content in Typst, warm; None where it is not there."""
    if find_spec("typst") is None:
        return None
    compiler: Any = import_module("typst")

    with tempfile.TemporaryDirectory() as folder:
        seconds = []
        pages = 0
        for form in record.forms[:4]:
            source = _typst_source(form_of(record, form, bank.questions), Path(folder))
            (Path(folder) / "exam.typ").write_text(source, encoding="utf-8")
            start = time.process_time()
            written = compiler.compile(str(Path(folder) / "exam.typ"), pdf_standards=["ua-1"])
            seconds.append(time.process_time() - start)
            pages = _pages(written)
        return min(seconds), pages


def _typst_source(form: Any, folder: Path) -> str:
    from question_bank.answers.multiple_choice import MultipleChoiceKey

    head = (
        '#set document(title: "Exam")\n#set page("a4", margin: 22mm, numbering: "1 / 1")\n'
        f"#set text(10.5pt)\n= {form.title}"
    )
    pieces = [head]
    for question in form.questions:
        pieces.append(f"\n\n== {question.number}\n")
        pieces.append(_typst_text(question.variant.text, folder))
        pieces.append(_typst_figure(question.variant.figure, folder))
        for part in question.variant.parts:
            pieces.append(_typst_text(part.text, folder))
            pieces.append(_typst_figure(part.figure, folder))
            if isinstance(part.answer, MultipleChoiceKey):
                pieces += [
                    f"\n\n#box(square(size: 3.9mm)) {_typst_text(option.text, folder)}"
                    for option in part.answer.options
                ]
            else:
                pieces.append(f"\n\n#rect(width: 100%, height: {12 + 9 * part.points:g}mm)")
    return "".join(pieces)


def _typst_figure(call: Any, folder: Path) -> str:
    from templates.figures import draw

    if call is None:
        return ""
    name = f"f{abs(hash(repr(call.args)))}.svg"
    (folder / name).write_text(draw(call.name, call.args), encoding="utf-8")
    return f'\n\n#image("{name}", width: 60%, alt: "figure")\n'


def _typst_text(text: str, folder: Path) -> str:
    from html import unescape

    from templates import mathematics
    from templates.math_address import read_math_address
    from templates.richtext import to_print

    def formula(match: re.Match[str]) -> str:
        latex, display, color = read_math_address(match[1])
        name = f"m{abs(hash(match[1]))}.svg"
        drawn = mathematics.svg(latex, display=display, color=color)
        picture = re.sub(r"em(?=\")", "pt", drawn.svg, count=2)
        (folder / name).write_text(picture, encoding="utf-8")
        size = f"width: {drawn.width:g}em, height: {drawn.height:g}em"
        image = f'image("{name}", {size}, alt: "formula")'
        return f"\x01#box(baseline: {0 if display else drawn.depth:g}em, {image})\x02"

    html = _MATH.sub(formula, str(to_print(text)))
    plain = unescape(_TAG.sub(" ", html))
    # What is no formula of ours is plain text, whatever it means in Typst.
    parts = re.split("\x01|\x02", plain)
    return "".join(
        part if place % 2 else re.sub(r"([\\#$*_`<>@\[\]~=/+-])", r"\\\1", part)
        for place, part in enumerate(parts)
    )


def row(name: str, seconds: float, pages: float) -> str:
    """One line of the table: seconds for a form and milliseconds for a page."""
    return f"{name:<66} {seconds:6.2f} s {pages:6.1f} pages {1000 * seconds / pages:7.0f} ms a page"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Return 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--students", type=int, default=100, metavar="N")
    parser.add_argument("--seed", type=int, default=7, metavar="N")
    chosen = parser.parse_args(arguments)

    bank = load_bank(None)
    exam = record_of(make_exam(load_blueprint(COURSE_EXAM), bank, seed=chosen.seed))
    students = [
        Student(id=f"w{number:04}", name=f"Student Number {number}")
        for number in range(chosen.students)
    ]
    record = for_students(exam, students, bank.questions, printed_sizes)
    print(f"load {os.getloadavg()[0]:.1f}, {chosen.students} students, {PROCESSORS} workers")
    missed = []

    def judged(what: str, found: float, limit: float, *, clock: float) -> None:
        verdict = "within" if found <= limit else "MISSED"
        print(
            f"  limit {limit} s: {verdict} by the clock or, where busier, the processors ({clock:.2f} s)"
        )
        if found > limit:
            missed.append(what)

    for what, names, limit in (
        ("exam.pdf, in the batch", (EXAM, KEY, LAYOUT), LIMIT_EXAM),
        ("exam.pdf and solutions.pdf, in the batch", FORM_FILES, LIMIT_BOTH),
    ):
        result = batch(record, bank, names)
        count = len(result.forms)
        print(row(f"{what}: clock, for a form", result.wall / count, result.pages))
        print(row(f"{what}: a processor's seconds, for a form", result.processor, result.pages))
        # On a machine with other work, the clock tells of that work.
        found = min(result.wall / count, result.processor / PROCESSORS)
        judged(what, found, limit, clock=result.wall / count)

    first = sorted(cold(chosen.seed + run) for run in range(COLD_RUNS))
    print(f"first exam with solutions, cold: {', '.join(f'{s:.1f}' for s in first)} s on the clock")
    usual = first[len(first) // 2]
    judged("cold", usual, LIMIT_COLD, clock=usual)

    yardstick = typst(record, bank)
    if yardstick is None:
        print(
            "Typst: not there (pip install typst); LaTeX:", shutil.which("pdflatex") or "not there"
        )
    else:
        print(row("Typst, the same texts, formulas and figures, tagged: a processor's", *yardstick))
    print("\nmeasured before, on such a machine:")
    for name, seconds, pages in OTHERS:
        low = float(seconds.partition(" ")[0])
        print(f"{name:<66} {seconds:>12} s, {pages} pages: from {1000 * low / pages:.0f} ms a page")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nmemory of this process at its most: {peak:.0f} MB")
    if missed:
        print(f"missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
