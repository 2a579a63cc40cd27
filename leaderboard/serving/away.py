"""What servers say where the store is away for a while."""

from __future__ import annotations

from leaderboard.away import is_away
from question_bank.diagnostics import InputError
from web.problems import Problem

AGAIN_S = 60


def store_away(error: Exception) -> Problem | None:
    """The page for an error of a store that will be back; None for any other error."""
    if not isinstance(error, InputError) or not is_away(error):
        return None
    return Problem(
        503,
        "We cannot write that down just now",
        "The records are busy or being restarted. What was recorded before is kept; this was not.",
        cure="Send it again in a minute.",
        again_s=AGAIN_S,
    )
