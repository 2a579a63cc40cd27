"""Making the files of every form, on all cores: one form at a time on each, or one file where forms are few."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator import paper_layout
from generator.crew import Crew
from generator.exam import Form
from generator.make import SizesOf, printed_sizes
from generator.page_plan import Sizes
from generator.paper import Paper
from generator.record import ExamRecord, RecordedForm, form_of
from question_bank import key as form_key
from question_bank.diagnostics import bad_input
from question_bank.schema import Question
from templates.fonts.coverage import unprintable

EXAM, SOLUTIONS, KEY, LAYOUT = "exam.pdf", "solutions.pdf", "key.json", "layout.json"
FORM_FILES = (EXAM, SOLUTIONS, KEY, LAYOUT)
PRELOAD = ("generator.warm",)

# Makes those files of a form that are asked for, by their names: its PDFs, and with the exam its layout.
Render = Callable[[Form, Paper, Sequence[str]], Mapping[str, bytes]]


def render(form: Form, paper: Paper, names: Sequence[str]) -> Mapping[str, bytes]:
    """Render ``exam.pdf`` with ``layout.json``, ``solutions.pdf``, or all of them."""
    from generator.render import exam_and_pages, render_papers, render_solutions

    if EXAM not in names:
        return {SOLUTIONS: render_solutions(form, paper)}
    if SOLUTIONS in names:
        papers = render_papers(form, paper)
        files, pages, spaces = (
            {EXAM: papers.exam, SOLUTIONS: papers.solutions},
            papers.pages,
            papers.spaces,
        )
    else:
        exam, found = exam_and_pages(form, paper)
        files, pages, spaces = {EXAM: exam}, found.count, found.spaces
    layout = paper_layout.page_layout(form, paper, pages, spaces)
    return {**files, LAYOUT: paper_layout.dumps(layout).encode()}


@dataclass(frozen=True)
class Task:
    """What all forms of an exam share: all that a worker needs besides the form itself."""

    head: ExamRecord
    questions: Mapping[str, Question]
    with_render: Render


@dataclass(frozen=True)
class Job:
    """Files of one form to make."""

    form: RecordedForm
    names: tuple[str, ...]


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def checked_jobs(jobs: int | None) -> int:
    """Return the number of workers: as asked for, else one for each core. Raises InputError."""
    if jobs is None:
        return cores()
    if not 1 <= jobs <= 64:
        raise bad_input("bad-jobs", f"the number of jobs is 1 to 64, not {jobs}", hint="--jobs 2")
    return jobs


def new_crew(jobs: int) -> Crew | None:
    """Return workers to render with, not started yet; None where this process does it alone."""
    return Crew(jobs, PRELOAD, _ready) if jobs > 1 else None


def _ready() -> None:
    """Rehearse, while the caller still reads the bank and chooses the questions."""
    # What goes wrong here goes wrong again in the first job, which tells it.
    with contextlib.suppress(Exception):
        from generator.rehearsal import rehearse

        rehearse()


def sizes_by(crew: Crew | None) -> SizesOf:
    """Return what estimates a form's sizes: a worker, which keeps the formulas and figures that it meets."""
    if crew is None:
        return printed_sizes
    return lambda form, paper: crew.ask(_sizes, (form, paper))


def _sizes(_: None, asked: tuple[Form, Paper]) -> Sizes | None:
    return printed_sizes(*asked)


def made(
    task: Task, forms: Sequence[RecordedForm], crew: Crew | None
) -> Iterator[tuple[str, Mapping[str, bytes]]]:
    """Make the files of forms, in any order; yield the label of a form with all its files."""
    jobs = _jobs(forms, 1 if crew is None else crew.size)
    if crew is None:
        done: Iterator[tuple[Job, Mapping[str, bytes]]] = ((job, work(task, job)) for job in jobs)
    else:
        done = crew.map(work, task, jobs)
    found: dict[str, dict[str, bytes]] = {}
    for job, files in done:
        label = job.form.label
        found.setdefault(label, {}).update(files)
        if len(found[label]) == len(FORM_FILES):
            yield label, found.pop(label)


def _jobs(forms: Sequence[RecordedForm], workers: int) -> list[Job]:
    """Whole forms; where they would not keep the workers busy, each file by itself, the longest first."""
    if len(forms) >= workers:
        return [Job(form, FORM_FILES) for form in forms]
    names = ((SOLUTIONS,), (EXAM, KEY, LAYOUT))
    return [Job(form, some) for some in names for form in forms]


def work(task: Task, job: Job) -> dict[str, bytes]:
    """Make the files of a job."""
    form = form_of(task.head, job.form, task.questions)
    student = job.form.student
    paper = Paper(form.label) if student is None else student.paper(unprintable)
    rendered = tuple(name for name in job.names if name != KEY)
    files = dict(task.with_render(form, paper, rendered))
    if KEY in job.names:
        files[KEY] = form_key.dumps(form.key()).encode()
    return files
