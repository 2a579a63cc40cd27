"""What every command shares: its exit statuses, and how errors reach the person at the keyboard.

0 done; 1 done, with findings; 2 bad usage or bad input; 3 our own fault.
"""

from __future__ import annotations

import argparse
import errno
import gc
import os
import sys
from typing import Any, NoReturn

DONE, FINDINGS, BAD_INPUT, OUR_FAULT, INTERRUPTED = 0, 1, 2, 3, 130


class Parser(argparse.ArgumentParser):
    """An argument parser whose options are never abbreviated and whose unknown words get a hint.

    `verbatim` names options whose value may begin with a dash: `--answer -53/16`.
    """

    verbatim: frozenset[str] = frozenset()

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **settings)
        if " " not in self.prog:  # a subcommand is called "COMMAND SUBCOMMAND"
            self.add_argument(
                "--version", action=_Version, nargs=0, help="the version of mockexam, and leave"
            )

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does, but for what follows the options in `verbatim`."""
        words = sys.argv[1:] if args is None else list(args)
        return super().parse_known_args(self._joined(words), namespace)

    def _joined(self, words: list[str]) -> list[str]:
        found: list[str] = []
        for word in words:
            wanted = bool(found) and found[-1] in self.verbatim and word.startswith("-")
            if wanted and word.partition("=")[0] not in self.known_words():
                found[-1] += f"={word}"
            else:
                found.append(word)
        return found

    def error(self, message: str) -> NoReturn:
        """One message on stderr, exit 2."""
        from question_bank.diagnostics import did_you_mean, printable

        hint = None
        known = self.known_words()
        for word in sys.argv[1:]:
            if word in known:
                continue
            if f"'{word}'" in message or word in message.rpartition(": ")[2].split():
                hint = hint or did_you_mean(word, known)
        cure = f"{hint} " if hint else ""
        self.exit(
            BAD_INPUT,
            f"{self.prog}: error: {printable(message)} ({cure}see {self.prog} --help)\n",
        )

    def known_words(self) -> list[str]:
        """Every option and subcommand, those of the subcommands too."""
        words: list[str] = []
        for action in self._actions:
            words += action.option_strings
            children = action.choices if isinstance(action.choices, dict) else {}
            for name, child in children.items():
                # What a subcommand does not know is reported by the parser above it.
                words += [name, *(child.known_words() if isinstance(child, Parser) else [])]
        return words


class _Version(argparse.Action):
    """Prints the version of the installed distribution: looked up when it is asked for, not at every start."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib import metadata

        try:
            version = metadata.version("mockexam")
        except metadata.PackageNotFoundError:  # run from a checkout that was never installed
            version = "unknown"
        print(f"{parser.prog} {version}")
        parser.exit(DONE)


SEED_DIGITS = 18


def seed(text: str) -> int:
    """The value of a --seed option: a whole number from 0."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0, not '{text}'")
    if len(text) > SEED_DIGITS:
        raise argparse.ArgumentTypeError(
            f"a seed has at most {SEED_DIGITS} digits, and this one has {len(text)}: take a smaller one"
        )
    return int(text)


def run(parser: argparse.ArgumentParser) -> NoReturn:
    """Parse the command line, call the chosen action, and leave with the status that the outcome means.

    Each (sub)parser sets a default `action`: a function from the parsed arguments to an exit status.
    """
    command = parser.prog
    seldom_collect()
    _open_closed_streams()
    _never_fail_to_print()
    try:
        arguments = parser.parse_args()
        status: int = arguments.action(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        status = INTERRUPTED
    except BrokenPipeError:
        status = _leave_output(DONE)  # head or less has seen enough
    except SystemExit as leaving:
        # rich turns a broken pipe into an exit of its own.
        if not isinstance(leaving.__context__, BrokenPipeError):
            raise
        status = _leave_output(DONE)
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches a user
        status = _explain(error, command)
    # The interpreter looks through every object once more before it ends, a quarter of a second for a bank.
    gc.freeze()
    sys.exit(status)


def seldom_collect() -> None:
    """Have Python look for garbage less often.

    A command keeps most of what it makes, a bank above all: looking takes a tenth of its time, and finds nothing.
    """
    gc.set_threshold(50_000, 20, 100)


def _leave_output(status: int) -> int:
    # Python would complain once more when it flushes at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status


def _open_closed_streams() -> None:
    # Closed by the caller (>&-), their numbers would go to the next files that are opened.
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def _never_fail_to_print() -> None:
    # An ASCII terminal or pipe gets replacement characters instead of a UnicodeEncodeError.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _explain(error: Exception, command: str) -> int:
    from question_bank.diagnostics import InputError, printable

    if isinstance(error, InputError):
        for diagnostic in error.diagnostics:
            print(f"{command}: {diagnostic.render()}", file=sys.stderr)
        return BAD_INPUT
    if isinstance(error, OSError) and error.errno == errno.ENOSPC and error.filename is None:
        print(f"{command}: error[disk-full]: no space is left for the output", file=sys.stderr)
        return _leave_output(BAD_INPUT)
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix=f"{command}-fault-", suffix=".log", delete=False
    ) as log:
        traceback.print_exception(error, file=log)
    summary = printable(f"{type(error).__name__}: {error}").splitlines()[0][:300]
    print(
        f"{command}: this is our own fault ({summary}); nothing of it counts against anyone.\n"
        f"  hint: please report it with the log {log.name}",
        file=sys.stderr,
    )
    return OUR_FAULT
