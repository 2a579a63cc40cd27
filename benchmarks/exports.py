"""Every export of the whole bank, read again: `python benchmarks/exports.py [--seed N] [--format NAME]`.

All questions of the course's bank, one variant each, go into every format. A reader that knows the format alone, and
nothing of what wrote it, marks the same answers as the bank does: right, wrong, what each named mistake leads to, every
box, none, everything, nothing. Printed for each format:

questions     questions of the bank, and the answers that they ask for.
illegal       shares of points that Moodle refuses (Moodle XML and GIFT have such).
compared      answers that were marked twice.
mismatches    answers that earn other marks than in the bank, of which the loss report says nothing.
told          answer places of which the report says that some answer earns other marks, or that a person marks.
seconds       to write the file; what the bank takes to make the variants and figures is told apart.

Exit status 1 when there is an illegal share, a fault of structure, or a mismatch.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from generator.export.exporting import exports  # noqa: E402
from tests.generator.export.forms import whole_bank  # noqa: E402
from tests.generator.export.reading_moodle import NotLegal, legal  # noqa: E402
from tests.generator.export.round_trip import READERS, mismatches  # noqa: E402
from tests.generator.export.test_structure import FAULTS  # noqa: E402

COLUMNS = (
    "format   questions  answers  illegal  faults  compared  mismatches   told  seconds   bytes"
)


def illegal(name: str, content: bytes) -> int:
    """How many shares of points Moodle would refuse."""
    if name == "moodle":
        found = re.findall(rb'fraction="([^"]*)"', content) + re.findall(rb"%(-?[0-9.]+)%", content)
    elif name == "gift":
        found = re.findall(rb"[~=]%(-?[0-9.]+)%", content)
    else:
        return 0
    count = 0
    for percent in found:
        try:
            legal(percent.decode())
        except NotLegal:
            count += 1
    return count


def main() -> int:
    """Print the table; 1 when a promise is broken."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--format", action="append", choices=sorted(READERS))
    arguments = words.parse_args()
    start = time.perf_counter()
    form = whole_bank(arguments.seed)
    key = form.key()
    print(f"{time.perf_counter() - start:.1f} s for the variants of the bank {form.bank_version}\n")
    print(COLUMNS)
    broken = False
    memo: dict[tuple[str, str], float | None] = {}
    for name in arguments.format or sorted(READERS):
        start = time.perf_counter()
        (made,) = exports([form], name)
        seconds = time.perf_counter() - start
        places = READERS[name](made.content)
        found, compared, _ = mismatches(key, places, made.losses, whole=False, memo=memo)
        refused = illegal(name, made.content)
        faults = list(FAULTS[name](made.content))
        told = {one.label for one in made.losses if one.effect in ("marks", "person")}
        broken |= bool(found or refused or faults)
        print(
            f"{name:8} {made.questions:9} {len(places):8} {refused:8} {len(faults):7} {compared:9}"
            f" {len(found):11} {len(told):6} {seconds:8.1f} {len(made.content):7,}"
        )
        for one in found[:5]:
            print(
                f"    {one.question} {one.label}: {one.what} ({one.typed}): {one.ours}, {one.theirs}"
            )
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
