"""An exam into one of the formats: which forms, which files, and the report on what is not kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from generator.exam import Form
from generator.export.canvas import canvas_package
from generator.export.gift import gift_text
from generator.export.losses import Loss, counts, report
from generator.export.moodle import moodle_xml
from generator.export.paper import html_page
from generator.export.qti_package import qti3_package, qti21_package
from generator.export.shared_losses import GRANTED, not_granted
from generator.export.view import View, view
from generator.paper import Paper
from generator.record import ExamRecord
from question_bank.diagnostics import Where, bad_input, did_you_mean
from question_bank.files import write_whole
from templates.figures import FigureError
from templates.mathematics import MathError

Writer = Callable[[Sequence[View]], tuple[bytes, list[Loss]]]


@dataclass(frozen=True)
class Format:
    """A format: how its files end, what writes them, whether a file holds one form alone, and what was granted it keeps."""

    ending: str
    write: Writer
    one_form: bool = False
    keeps: tuple[str, ...] = ()


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "moodle": Format("moodle.xml", moodle_xml),
        "qti21": Format("qti21.zip", qti21_package, keeps=("extra_minutes",)),
        "qti3": Format("qti3.zip", qti3_package, keeps=("extra_minutes",)),
        "canvas": Format("canvas.zip", canvas_package, keeps=("extra_minutes",)),
        "gift": Format("gift", gift_text),
        "html": Format("html", html_page, one_form=True, keeps=GRANTED),
    }
)


@dataclass(frozen=True)
class Export:
    """One file of an export: the forms in it, its bytes, and what is not kept."""

    forms: tuple[str, ...]
    questions: int
    content: bytes
    losses: tuple[Loss, ...]


def exports(
    forms: Sequence[Form], format_name: str, papers: Mapping[str, Paper] = MappingProxyType({})
) -> list[Export]:
    """Write forms into a format: one file, or one for each form where a file holds one alone.

    Same forms, same bytes. To export questions of a bank rather than an exam, put their variants into
    a `Form`.

    Args:
        forms: what to export.
        format_name: a key of `FORMATS`.
        papers: by label of the form, whose it is, with what was granted to them.

    Raises:
        InputError: a formula does not typeset, or a figure cannot be drawn.
    """
    chosen = FORMATS[format_name]
    groups = [[form] for form in forms] if chosen.one_form else [list(forms)]
    made = []
    for group in groups:
        try:
            views = [view(form, papers.get(form.label)) for form in group]
            content, losses = chosen.write(views)
        except MathError as error:
            where = Where(f"form {group[0].label}", column=error.column)
            raise bad_input("bad-formula", f"{error.message}: {error.latex}", where=where) from None
        except FigureError as error:
            raise bad_input(
                "bad-figure", error.message, where=Where(f"form {group[0].label}")
            ) from None
        questions = sum(len(each.questions) for each in views)
        losses += [loss for each in views for loss in not_granted(each, chosen.keeps)]
        made.append(Export(tuple(form.label for form in group), questions, content, tuple(losses)))
    return made


def chosen_forms(record: ExamRecord, wanted: Sequence[str] | None, file: str) -> tuple[str, ...]:
    """Return the labels of the forms to export: all of them, or those that are wanted.

    Raises:
        InputError: the exam has no such form.
    """
    labels = [form.label for form in record.forms]
    for label in wanted or ():
        if label not in labels:
            shown = ", ".join(labels[:8]) + (", ..." if len(labels) > 8 else "")
            raise bad_input(
                "no-form",
                f'the exam has no form "{label}"',
                where=Where(file),
                hint=did_you_mean(label, labels) or f"its forms: {shown}",
            )
    return tuple(label for label in labels if not wanted or label in wanted)


def place_of(
    record: ExamRecord,
    format_name: str,
    wanted: Sequence[str] | None,
    output: str | None,
    exam_file: Path,
) -> Path:
    """Return where the export goes.

    Raises:
        InputError: that is a folder, is no place to write to, or is exam.json itself.
    """
    chosen = FORMATS[format_name]
    if output is None:
        forms = "" if wanted is None or chosen.one_form else "-" + "-".join(wanted)
        # A page for students does not bear the seed, which stands in the exam's own name.
        name = record.blueprint.id if chosen.one_form else record.assignment
        return default_place(f"{name}{forms}", format_name)
    place = Path(output)
    where = Where(output)
    if place.is_dir():
        raise bad_input(
            "cannot-write",
            "is a folder; an export is a file",
            where=where,
            hint=f"-o exam.{chosen.ending}",
        )
    if place.exists() and exam_file.exists() and place.samefile(exam_file):
        raise bad_input(
            "cannot-write", "is the exam itself", where=where, hint="name another file with -o"
        )
    if not place.parent.is_dir():
        raise bad_input("cannot-write", f"there is no folder {place.parent}", where=where)
    return place


def default_place(name: str, format_name: str) -> Path:
    """Return the name of an export where none is given."""
    return Path(f"{name}.{FORMATS[format_name].ending}")


def write_exports(
    made: Sequence[Export], format_name: str, assignment: str, place: Path, *, named: bool
) -> list[Path]:
    """Write the files, each whole or not at all; the report on what is not kept stands beside each.

    Where each form has a file of its own, its label goes into the name; the name that somebody gave to one
    form (`named`) is taken as it is.

    Raises:
        InputError: the place cannot be written to.
    """
    files = []
    for one in made:
        file = place
        if FORMATS[format_name].one_form:
            (label,) = one.forms
            file = (
                place
                if named and len(made) == 1
                else place.with_name(f"{place.stem}-{label}{place.suffix}")
            )
        write_whole(file, one.content)
        files.append(file)
        if format_name != "html":
            losses = file.with_name(file.name + ".losses.json")
            write_whole(losses, report(format_name, assignment, one.forms, one.losses))
            files.append(losses)
    return files


def as_data(
    made: Sequence[Export], format_name: str, assignment: str, files: Sequence[Path]
) -> dict[str, Any]:
    """Return what was exported and what was lost, as plain data."""
    losses = [loss for one in made for loss in one.losses]
    return {
        "format": format_name,
        "assignment": assignment,
        "forms": [label for one in made for label in one.forms],
        "questions": sum(one.questions for one in made),
        "files": [str(file) for file in files],
        "kinds": counts(losses),
        "losses": [loss.data() for loss in losses],
    }
