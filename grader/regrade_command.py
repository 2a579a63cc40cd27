"""`grade --regrade ASSIGNMENT`: who moves and by how much, then the record."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from question_bank.command_line import DONE, FINDINGS
from question_bank.diagnostics import bad_input, printable
from question_bank.wording import counted

if TYPE_CHECKING:
    import argparse

    from grader.grade import Settings
    from grader.intake import Task
    from grader.regrade import Policy, Regraded

_RESULTS = {True: "passed", False: "not passed", None: "points pending"}


def regrade(arguments: argparse.Namespace, task: Task, settings: Settings, by: str) -> int:
    """Grade an assignment's submissions again, show what changes, and record it unless told not to."""
    from grader.code.judge import Workshop
    from grader.regrade import record_regraded, regraded
    from leaderboard.store import open_store

    if task.assignment != arguments.regrade:
        raise bad_input(
            "other-assignment",
            f'the key belongs to "{task.assignment}", not to "{arguments.regrade}"',
            hint="--regrade takes the assignment that the key names",
        )
    policy: Policy = (
        "no answer loses points" if arguments.never_lower else "the corrected key alone"
    )
    store = open_store(must_exist=True)
    shop: list[Workshop] = []

    def workshop() -> Workshop:
        if not shop:
            shop.append(Workshop())
        return shop[0]

    try:
        found = list(regraded(store, task, settings, policy, workshop))
        if not found:
            raise bad_input("nothing-graded", f'the store has no result of "{task.assignment}"')
        counting = [each for each in found if not each.withdrawn]
        _show(counting, policy, arguments.json)
        if gone := len(found) - len(counting):
            print(
                f"{counted(gone, 'withdrawn submission')} graded again as well, in case of a reinstatement",
                file=sys.stderr,
            )
        sys.stdout.flush()
        if arguments.dry_run:
            print("nothing was recorded (--dry-run)", file=sys.stderr)
        else:
            changed = record_regraded(store, task, policy, found, by)
            print(
                f"recorded by {by}: {counted(changed, 'new result')}; the earlier ones stay",
                file=sys.stderr,
            )
    finally:
        for opened in shop:
            opened.close()
        store.close()
    return FINDINGS if any(each.refused for each in counting) else DONE


def _show(found: Sequence[Regraded], policy: Policy, as_json: str | None) -> None:
    if as_json is None:
        print("\n".join(_lines(found, policy)))
        return
    text = json.dumps(_data(found, policy), ensure_ascii=False, indent=1)
    if as_json == "-":
        print(text)
        return
    from pathlib import Path

    from question_bank.files import write_whole

    write_whole(Path(as_json), text + "\n")


def _lines(found: Sequence[Regraded], policy: Policy) -> list[str]:
    """A line for each submission that moves, the largest gain first, and the sums."""
    moving = sorted(
        (each for each in found if each.changes()),
        key=lambda each: (-each.difference, each.submission.user),
    )
    width = max((len(each.submission.user) for each in moving), default=0)
    lines = []
    for each in moving:
        assert each.after is not None  # noqa: S101 - it has changes
        score = f"{each.before.score:g} → {each.after.score:g}"
        parts = ", ".join(str(change).replace(" points", "") for change in each.changes())
        line = (
            f"{printable(each.submission.user):<{width}}  {each.difference:+g}  {score}  ({parts})"
        )
        if each.before.passed != each.after.passed:
            line += f"  {_RESULTS[each.before.passed]} → {_RESULTS[each.after.passed]}"
        lines.append(line)
    gain = sum(each.difference > 0 for each in found)
    lose = sum(each.difference < 0 for each in found)
    same = len(found) - gain - lose
    lines.append(f"{len(found)} graded again ({policy}): {gain} gain, {lose} lose, {same} keep")
    forms = sorted({str(e.before.form) for e in found if e.after is None and not e.refused})
    if forms:
        count = sum(e.after is None and not e.refused for e in found)
        lines.append(
            f"{counted(count, 'submission')} of form {', '.join(forms)} stay as they are: "
            "no key of that form was given"
        )
    for each in found:
        lines += [
            f"{printable(each.submission.user)} stays as it is: {fault.render()}"
            for fault in each.refused
        ]
    return lines


def _data(found: Sequence[Regraded], policy: Policy) -> dict[str, object]:
    return {
        "policy": policy,
        "submissions": [
            {
                "submission": each.submission.number,
                "user": each.submission.user,
                "before": each.before.score,
                "after": None if each.after is None else each.after.score,
                "difference": each.difference,
                "passed_before": each.before.passed,
                "passed_after": None if each.after is None else each.after.passed,
                "checks": [
                    {"id": c.check, "before": c.before, "after": c.after, "opens": c.opens}
                    for c in each.changes()
                ],
                "refused": [fault.message for fault in each.refused],
            }
            for each in found
        ],
    }
