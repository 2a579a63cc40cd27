"""`question-bank check`: the files of a bank, on several processes, and what no file shows alone."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from authoring import check_cache
from authoring.bounds import bounded_memory
from authoring.check_question import Checked, check_question
from authoring.faults import in_a_line
from authoring.lint.bank import lint_bank
from question_bank.command_line import seldom_collect
from question_bank.diagnostics import Diagnostic, InputError, Where
from question_bank.loader import COURSE_BANK, load_question, question_files, shown
from question_bank.schema import Question
from question_bank.variant import (
    Variant,
    instantiate,
)


def check_files(
    paths: Sequence[Path] | None,
    folders: Sequence[Path] | None,
    *,
    draws: int | None = None,
    jobs: int | None = None,
    again: bool = False,
) -> Iterator[Checked]:
    """Check the given files and folders, or else the whole bank, on several processes; progress on a terminal.

    Files that cannot be loaded are reported like every other finding, and never stop the rest.
    What was found clean and did not change since is checked `again` only if asked for.
    """
    files = _chosen(paths) if paths else question_files(folders)
    check_cache.forget_the_old()
    changed: dict[Path, str | None] = {}
    for file in files:
        name = check_cache.name_of(file, draws)
        before = check_cache.recall(name) if name and not again else None
        if before is None:
            changed[file] = name
        else:
            yield Checked(file.stem, before, (), unchanged=True)
    for name, checked in zip(changed.values(), _checked(list(changed), draws, jobs), strict=True):
        if name and not checked.findings:
            check_cache.remember(name, checked.draws)
        yield checked
    yield from _twins(files)
    if not paths:
        yield from _bank(files, folders)


def _checked(files: Sequence[Path], draws: int | None, jobs: int | None) -> Iterator[Checked]:
    workers = min(jobs or os.cpu_count() or 1, len(files))
    if workers <= 1:
        yield from _with_progress((_check_file(file, draws) for file in files), len(files))
        return
    yield from _with_progress(_in_processes(files, draws, workers), len(files))


def _in_processes(files: Sequence[Path], draws: int | None, workers: int) -> Iterator[Checked]:
    """Each file checked, in order. Where a process dies, the file it may have died of has one of its own."""
    left = list(files)
    while left:
        done = 0
        try:
            # Fresh interpreters: torch must not be forked once it computed.
            with ProcessPoolExecutor(
                workers, mp_context=get_context("spawn"), initializer=_alone
            ) as pool:
                for checked in pool.map(_check_file, left, itertools.repeat(draws)):
                    done += 1
                    yield checked
        except BrokenProcessPool:
            if workers == 1:
                says = "the process that checked it was ended (was there too little memory?)"
                place = Where(shown(left[done]), what=left[done].stem)
                yield Checked(left[done].stem, 0, (Diagnostic("check-failed", says, place),))
            else:
                yield from _in_processes(left[done : done + 1], draws, 1)
            done += 1
        left = left[done:]


def _alone() -> None:
    """Set up a process of its own."""
    seldom_collect()
    # The processes share the cores already: threads of torch on top make small tensors many times slower.
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def _chosen(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    absent = [path for path in paths if not path.exists()]
    if absent:
        # No finding about a question: the command itself is wrong.
        cure = "name question files (*.yaml) or folders with them"
        raise InputError(
            *(Diagnostic("no-file", "there is no such file", Where(str(p)), cure) for p in absent)
        )
    for path in paths:
        files += question_files([path]) if path.is_dir() else [path]
    return files


def _check_file(file: Path, draws: int | None) -> Checked:
    try:
        with bounded_memory():
            return check_question(load_question(file), file, draws)
    except InputError as error:
        return Checked(file.stem, 0, error.diagnostics)
    except Exception as error:  # noqa: BLE001 - one question must not end the check of all others
        says = f"the check of this question failed: {in_a_line(error)}"
        hint = "where the question is right, this is a fault of mockexam: report it with the file"
        place = Where(shown(file), what=file.stem)
        return Checked(file.stem, 0, (Diagnostic("check-failed", says, place, hint),))


def _twins(files: Sequence[Path]) -> Iterator[Checked]:
    """Ids that two files of the bank share."""
    seen: dict[str, Path] = {}
    for file in files:
        if file.stem in seen:
            where, other = Where(shown(file), 1, 1), shown(seen[file.stem])
            finding = Diagnostic("duplicate-id", f'the id "{file.stem}" is taken by {other}', where)
            yield Checked(file.stem, 0, (finding,))
        seen[file.stem] = file


def _bank(files: Sequence[Path], folders: Sequence[Path] | None) -> Iterator[Checked]:
    """What no question shows alone: habits of the whole bank, and questions that answer each other."""
    questions: dict[str, Question] = {}
    variants: dict[str, Variant] = {}
    places: dict[str, Path] = {}
    for file in files:
        # What cannot be loaded or drawn is reported with its file.
        with contextlib.suppress(InputError):
            question = load_question(file)
            questions[question.id], places[question.id] = question, file
            variants[question.id] = instantiate(question, 0)
    whole = ", ".join(shown(folder) for folder in folders or [COURSE_BANK])
    for question_id, (code, message, severity) in lint_bank(list(questions.values()), variants):
        place = (
            Where(whole)
            if question_id is None
            else Where(shown(places[question_id]), what=question_id)
        )
        yield Checked("", 0, (Diagnostic(code, message, place, severity=severity),))


def _with_progress(found: Iterable[Checked], total: int) -> Iterator[Checked]:
    shows = sys.stderr.isatty()
    for done, checked in enumerate(found, start=1):
        if shows:
            print(f"\r{done}/{total} {checked.question_id:<60.60}", end="", file=sys.stderr)
        yield checked
    if shows:
        print("\r" + " " * 72 + "\r", end="", file=sys.stderr)
