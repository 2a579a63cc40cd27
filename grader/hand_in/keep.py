"""What becomes of a claim: its result or refusal is kept, once; patient where the database is away for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from grader.batch_desk import Order, Outcome
from grader.report import as_data
from leaderboard.away import is_away
from leaderboard.queue import fail, finish, give_back, refuse
from leaderboard.queued import Claim
from leaderboard.store import Store, keep_content
from question_bank.diagnostics import Diagnostic, InputError
from question_bank.key import dumps

PATIENCE_S = 900.0
PAUSE_S = 1.0

Found = TypeVar("Found")


def settle(store: Store, held: Claim, outcome: Outcome, order: Order, path: Path) -> bool:
    """Keep what came of a claim; False where the claim was lost, and somebody else's outcome counts.

    `path` is where the submission lay while it was graded: messages name it by its file's own name. Raises InputError.
    """
    if outcome.blocked:
        give_back(store, [held])  # nothing is wrong with it: this machine cannot grade it
        return True
    if outcome.report is not None:
        for key in order.tasks[held.receipt.assignment].keys:
            if key.form == outcome.report.form:
                # What a later review or regrading goes by.
                keep_content(store, dumps(key).encode())
        return finish(store, held, as_data(outcome.report))
    if outcome.state == "refused":
        return refuse(store, held, refusal(outcome, path))
    told = outcome.told or ("it was not graded, which is our own fault",)
    return fail(store, held, told)


def refusal(outcome: Outcome, path: Path) -> list[str]:
    """Why a submission was refused; nothing where it was not."""
    return lines(outcome.diagnostics, path) if outcome.state == "refused" else []


def lines(diagnostics: tuple[Diagnostic, ...], path: Path) -> list[str]:
    """Findings as whoever handed in may read them: without where on this machine the file lay."""
    return [each.render().replace(str(path), path.name) for each in diagnostics]


def patiently(
    step: Callable[[], Found],
    say: Callable[[str], None],
    *,
    pause: Callable[[float], None] = time.sleep,
) -> Found:
    """Do a step of the store, again where the database is away, for up to PATIENCE_S seconds. Raises InputError."""
    waited = 0.0
    while True:
        try:
            return step()
        except InputError as error:
            if not is_away(error) or waited >= PATIENCE_S:
                raise
            if not waited:
                say(f"{error.diagnostics[0].message}; what was graded waits for it")
            pause(PAUSE_S)
            waited += PAUSE_S
