"""`quiz --stats`, `--export-data`, `--delete-data`: what is kept, shown, taken along, deleted."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from question_bank.command_line import BAD_INPUT, DONE
from question_bank.files import write_whole
from question_bank.wording import counted
from quiz.screen import Ended, read, say
from quiz.store import all_attempts, all_cards, erase, exam_date, exported, set_exam_date
from quiz.surroundings import check_ahead, now, progress_of, screen_of


def stats(arguments: argparse.Namespace) -> int:
    """`quiz --stats`: on the screen, as JSON, or as a page."""
    from question_bank.loader import load_bank
    from quiz.show_stats import show_stats
    from quiz.stats import statistics
    from quiz.stats_page import render_stats

    if arguments.exam_date is not None:
        check_ahead(arguments.exam_date)
    progress = progress_of(arguments, must_exist=arguments.exam_date is None)
    bank = load_bank(arguments.bank)
    if arguments.exam_date is not None:
        set_exam_date(progress, arguments.exam_date)
    found = statistics(
        progress.user,
        all_attempts(progress),
        all_cards(progress),
        bank,
        now(),
        exam=exam_date(progress),
        blueprint=arguments.blueprint,
        asked=tuple(arguments.lecture or ()),
    )
    progress.close()
    if arguments.html is not None:
        write_whole(arguments.html, render_stats(found))
        print(f"wrote {arguments.html}", file=sys.stderr)
    elif arguments.json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=1, default=str))
    else:
        show_stats(screen_of(arguments, sys.stdout), found)
    return DONE


def export_data(arguments: argparse.Namespace) -> int:
    """`quiz --export-data FILE`: everything that is kept of the user."""
    progress = progress_of(arguments, must_exist=True)
    data = exported(progress)
    progress.close()
    write_whole(arguments.export_data, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    print(f"wrote {arguments.export_data}", file=sys.stderr)
    return DONE


def delete_data(arguments: argparse.Namespace) -> int:
    """`quiz --delete-data`: after a question, unless --yes."""
    progress = progress_of(arguments, must_exist=True)
    screen = screen_of(arguments, sys.stdout)
    if not arguments.yes:
        say(
            screen,
            f"This deletes all practice of {progress.user} for good. `quiz --export-data FILE` keeps a copy.",
        )
        try:
            sure = read(screen, "Type delete to go on> ") == "delete"
        except Ended:
            sure = False
        if not sure:
            say(screen, "Nothing was deleted.")
            progress.close()
            return BAD_INPUT
    count = erase(progress)
    progress.close()
    say(screen, f"Deleted: {counted(count, 'session')} and everything that belongs to them.")
    return DONE
