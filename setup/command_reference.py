"""Writes docs/commands.md from the commands themselves; `--check` says whether it is up to date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "commands.md"
COMMANDS = ("authoring", "generator", "grader", "leaderboard", "quiz")


def reference() -> str:
    """The page: every command, subcommand and option."""
    lines = ["# Commands", "", "Made from the commands by `make reference`.", ""]
    for package in COMMANDS:
        lines += _command(import_module(f"{package}.cli").parser(), 2)
    return "\n".join(lines).rstrip() + "\n"


def _command(parser: argparse.ArgumentParser, level: int) -> Iterator[str]:
    yield f"{'#' * level} {parser.prog}"
    yield ""
    if parser.description:
        yield parser.description.strip()
        yield ""
    shown = [a for a in parser._actions if a.help is not argparse.SUPPRESS]
    subcommands = [a for a in shown if isinstance(a, argparse._SubParsersAction)]
    rows = [a for a in shown if a not in subcommands and "--help" not in a.option_strings]
    if rows:
        yield "| option | meaning |"
        yield "|---|---|"
        for action in rows:
            yield f"| {_name(action)} | {(action.help or '').replace('%%', '%').replace('|', ' or ')} |"
        yield ""
    if parser.epilog:
        yield from ("    " + line for line in parser.epilog.strip().splitlines())
        yield ""
    for action in subcommands:
        helps = {choice.dest: choice.help for choice in action._choices_actions}
        for name, child in action.choices.items():
            child.description = child.description or f"{(helps.get(name) or '').capitalize()}."
            yield from _command(child, level + 1)


def _name(action: argparse.Action) -> str:
    options = ", ".join(f"`{option}`" for option in action.option_strings)
    if action.nargs == 0:
        return options
    value = action.metavar or (
        "|".join(map(str, action.choices)) if action.choices else action.dest
    )
    return f"{options} `{value}`".strip().replace("|", "\\|")


def main() -> int:
    """Write the page, or check it."""
    page = reference()
    if "--check" not in sys.argv:
        PAGE.write_text(page, encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == page:
        return 0
    print("docs/commands.md is not up to date: run `make reference`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
