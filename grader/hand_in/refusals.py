"""Why a submission was refused, for whoever runs the grading: a line on the terminal, and a file beside the reports."""

from __future__ import annotations

from collections.abc import Sequence

from grader.batch_members import file_stem
from grader.files import Outputs
from leaderboard.queued import Receipt
from leaderboard.untrusted import visible
from question_bank.diagnostics import printable
from question_bank.files import write_whole


def in_a_line(told: Sequence[str]) -> str:
    """The reasons on one line, which no name in them can break."""
    return "; ".join(visible(" ".join(each.split())) for each in told)


def write_refusal(outputs: Outputs, receipt: Receipt, told: Sequence[str]) -> None:
    """Write USER/NUMBER.refused.txt where reports are written into a folder. Raises InputError."""
    below = outputs.below(file_stem(receipt.user))
    if below.folder is None:
        return
    below.make_folder()
    one = f"submission {receipt.number} of {receipt.user}, {receipt.filename}"
    text = "\n".join([f"{visible(one)}: refused", *(printable(each) for each in told), ""])
    write_whole(below.folder / f"{receipt.number}.refused.txt", text)
