"""Hostile answers: refused, or read as the harmless formula that they are; nothing runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from authoring.attempt import key_of
from question_bank.answers import answer_type, formula_reading, mark
from question_bank.grammar.answer_readings import readings
from question_bank.grammar.answer_words import CONSTANTS, FUNCTIONS
from question_bank.grammar.syntax import GrammarError

HERE = Path(__file__).parent
FORMULA = "expression"
KEYS = ("numeric", "matrix", "vector", "interval", "shape", "equation", "set", "code")
# What Python reports when code is compiled or run, a file opened, a program started, a network used.
FORBIDDEN = (
    "exec", "compile", "import", "open", "os.", "subprocess.", "socket.", "ctypes.", "pickle.", "marshal.",
    "code.", "builtins.input", "builtins.breakpoint", "sys.", "shutil.", "pty.", "webbrowser.", "glob.",
)  # fmt: skip


def text_of(written: str | list[str | list[str | int]]) -> str:
    """A row's text: as it stands, or pieces of which each may be repeated."""
    if isinstance(written, str):
        return written
    return "".join(
        piece if isinstance(piece, str) else str(piece[0]) * int(piece[1]) for piece in written
    )


def attacks() -> list[tuple[str, str, str, str]]:
    """Kind, text, outcome and why of each."""
    table = yaml.safe_load((HERE / "attacks.yaml").read_text())
    return [
        (kind, text_of(text), outcome, why)
        for kind, rows in table.items()
        for text, outcome, why in rows
    ]


def keys():
    yield key_of(FORMULA, "x")
    shapes = {"W": ("n", "n"), "x": ("n",)}
    model = answer_type(FORMULA)
    spec = {"type": FORMULA, "value": "W x", "symbols": ["W", "x"], "shapes": shapes}
    yield model.bind(model.Spec.model_validate(spec), {})
    texts = {"shape": "[3, 4]", "matrix": "[[1, 2]]", "equation": "x = 1", "set": "[1, 2]"}
    texts |= {"vector": "1, 2", "interval": "[0, 1)"}
    for kind in KEYS:
        yield key_of(kind, texts.get(kind, "3"))


EVENTS: list[str] = []
WATCHING: list[bool] = []


def note(event: str, _arguments: object) -> None:
    if WATCHING and event.startswith(FORBIDDEN):
        EVENTS.append(event)


sys.addaudithook(note)


@contextmanager
def watched() -> Iterator[list[str]]:
    """What is forbidden and happens all the same."""
    EVENTS.clear()
    WATCHING.append(True)
    try:
        yield EVENTS
    finally:
        WATCHING.clear()


@pytest.fixture(scope="module")
def bound():
    """Keys of all types, each of which has been compared once, so that nothing is left to be imported."""
    found = list(keys())
    for key in found:
        for answer in ("x", "0*exp(10^9*x)+|x|", "1", "(1.5, x)", "[[1, 2]]", "x = 2"):
            mark(key, answer)
    return found


@pytest.mark.parametrize("kind", ["code", "resource", "unicode"])
def test_attacks_end_as_the_table_says(kind, bound):
    for group, text, outcome, why in attacks():
        if group == kind:
            found = mark(bound[0], text)
            got = "refused" if found.verdict in ("unreadable", "not_answered") else "read"
            assert got == outcome, (why, text[:80], found)
            assert found.message.isprintable(), (why, found.message)


@pytest.mark.parametrize("kind", ["code", "resource", "unicode"])
def test_no_answer_type_runs_anything(kind, bound):
    for group, text, _, why in attacks():
        if group == kind:
            for key in bound:
                with watched() as events:
                    found = mark(key, text)
                assert events == [], (why, key.type, text[:80])
                assert found.verdict in {
                    "right",
                    "wrong",
                    "partly_right",
                    "unreadable",
                    "not_answered",
                    "needs_person",
                }
                assert found.message.isprintable(), (why, key.type, found.message)


@pytest.mark.parametrize(
    "text", ["x" * 600, "Wx" * 300, "W" * 599 + "x", "xW" * 150 + "x", "(" * 600]
)
def test_a_word_of_many_symbols_is_refused_within_ten_ms_in_a_formula_of_arrays_too(text, bound):
    arrays = bound[1]
    taken = []
    while len(taken) < 5 and min(taken, default=1) >= 0.01:
        start = time.process_time()
        assert mark(arrays, text).verdict == ("unreadable" if text.strip("(") else "not_answered")
        taken.append(time.process_time() - start)
        _forget()
    assert min(taken) < 0.01, taken


BLANKS = (
    " ",
    "\u00a0",
    " \u00a0",
    "\\ ",
    "\n",
    '"',
    " - 1",
    "1,5,",
    "\\quad ",
    "a = ",
    "- 1\n",
    "1 / ",
    "≈.3",
    " ≈ 1,234",
    "=1",
)


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("begin", ["1", "1" * 900])
def test_what_is_repeated_between_signs_is_refused_within_ten_ms_by_every_type(blank, begin, bound):
    text = begin + blank * ((1_990 - len(begin)) // len(blank)) + "x"
    for key in bound:
        taken = []
        while len(taken) < 5 and min(taken, default=1) >= 0.01:
            start = time.process_time()
            mark(key, text)
            taken.append(time.process_time() - start)
            _forget()
        assert min(taken) < 0.01, (key.type, taken)


def _forget():
    """An answer is new each time: what was kept of it would not be there."""
    formula_reading.readings_of.cache_clear()


def test_what_runs_would_be_seen():
    with watched() as events:
        eval("1")
    assert {"compile", "exec"} <= set(events)


def test_the_parser_itself_refuses_what_is_too_long():
    for _, text, _, _ in attacks():
        if len(text) > 2_000:
            with pytest.raises(GrammarError, match="longer than"):
                readings(text, [*CONSTANTS, "x"], FUNCTIONS)


def test_there_are_two_hundred_attacks_that_are_refused():
    found = attacks()
    assert len({text for _, text, _, _ in found}) == len(found)
    assert sum(outcome == "refused" for _, _, outcome, _ in found) >= 200
