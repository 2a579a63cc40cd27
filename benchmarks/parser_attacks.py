"""How long each attack on the reader of formulas takes: `python benchmarks/parser_attacks.py`.

The attacks are those of tests/question_bank/answers/attacks.yaml. Each is marked as an answer, whole, beside the
limit: 10 ms where it is refused, 50 ms where it is read as the harmless formula that it is. The time is the median
of the rounds, by the clock. Exit status 1 when one is above its limit or ends otherwise than the table says.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
ATTACKS = ROOT / "tests/question_bank/answers/attacks.yaml"
LIMITS = {"refused": 10.0, "read": 50.0}
sys.path.insert(0, str(ROOT))


def text_of(written: str | list[str | list[str | int]]) -> str:
    """A row's text: as it stands, or pieces of which each may be repeated."""
    if isinstance(written, str):
        return written
    return "".join(
        piece if isinstance(piece, str) else str(piece[0]) * int(piece[1]) for piece in written
    )


def main() -> int:
    """Print each attack's time, slowest last; 1 when a limit is missed."""
    from authoring.attempt import key_of
    from question_bank.answers import mark

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="times each is marked (default 7)")
    parser.add_argument("--all", action="store_true", help="print all, not the slowest 20 alone")
    arguments = parser.parse_args()
    key = key_of("expression", "x")
    mark(key, "0*exp(10^9*x)+|x|")  # what is imported when it is first needed
    lines, missed = [], []
    for kind, rows in yaml.safe_load(ATTACKS.read_text("utf-8")).items():
        for written, outcome, why in rows:
            text, taken = text_of(written), []
            for _ in range(arguments.rounds):
                start = time.perf_counter()
                verdict = mark(key, text).verdict
                taken.append(1000 * (time.perf_counter() - start))
            got = "refused" if verdict in ("unreadable", "not_answered") else "read"
            median = statistics.median(taken)
            lines.append((median, got, kind, why))
            if got != outcome or median > LIMITS[outcome]:
                missed.append(
                    f"{why}: {got} in {median:.1f} ms, not {outcome} in {LIMITS[outcome]}"
                )
    lines.sort()
    print(f"{'ms':>8}  limit  outcome  kind      attack")
    for median, got, kind, why in lines if arguments.all else lines[-20:]:
        print(f"{median:8.3f}  {LIMITS[got]:5.0f}  {got:7}  {kind:8}  {why}")
    for outcome, limit in LIMITS.items():
        times = [median for median, got, _, _ in lines if got == outcome]
        print(
            f"{len(times)} {outcome}: median {statistics.median(times):.3f} ms, "
            f"worst {max(times):.2f} ms, limit {limit:.0f} ms"
        )
    for line in missed:
        print(f"MISSED {line}", file=sys.stderr)
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
