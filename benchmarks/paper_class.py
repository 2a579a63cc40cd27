"""A class on paper: print, scan, mark, publish; each step one command, and one of them killed in the middle.

    python benchmarks/paper_class.py                   # 20 students, some minutes
    python benchmarks/paper_class.py --students 4 -o FOLDER     # a first look; the folder is kept

Every student's printed paper is written on and goes through a scanner; what is then typed into a table stands for the
person who marks. `kill -9` meets the reading of the scans and the writing of the copies when a third is done; the same command
is started again. At the end: every student has a result and a copy, the points are those that were given, and
nothing was read or recorded twice. What is missed is said, and ends in status 1.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tests.grader.scans.class_scans import PaperOf, papers_in, scanned_pages, write_roster
from tests.grader.scans.synthetic import pdf

PAGES_AT_A_TIME = 60
SEED_OF_EXAM = "7"


class Walk:
    """Commands in a folder, with their times."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.times: list[tuple[str, float, int]] = []
        self.environment = {**os.environ, "MOCKEXAM_HOME": str(folder / "home")}

    def run(self, *words: str, killed_when: Callable[[], bool] | None = None) -> str:
        """Run a command (`grade ...`); kill it as soon as something is so. What it said on stderr."""
        module = {"grade": "grader.cli", "mockexam": "generator.cli"}[words[0]]
        command = [sys.executable, "-c", f"from {module} import main; main()", *words[1:]]
        started = time.monotonic()
        with tempfile.TemporaryFile("w+") as log:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
            while killed_when is not None and process.poll() is None:
                if killed_when():
                    process.send_signal(signal.SIGKILL)
                    break
                time.sleep(0.01)
            process.wait()
            log.seek(0)
            said = log.read()
        name = " ".join(words) + (" (killed)" if killed_when is not None else "")
        self.times.append((name, time.monotonic() - started, process.returncode))
        return said


def scan_class(papers: list[PaperOf], seed: int, file_of: Iterator[Path]) -> int:
    """Write and scan every paper, into files of a scanner; how many pages."""
    random = np.random.default_rng(seed)
    waiting, count = [], 0
    for paper in papers:
        for picture in scanned_pages(paper, random, skill=float(random.uniform(0.35, 0.95))):
            waiting.append(picture)
            count += 1
        if len(waiting) >= PAGES_AT_A_TIME:
            next(file_of).write_bytes(pdf(waiting, dpi=150, quality=75))
            waiting = []
    if waiting:
        next(file_of).write_bytes(pdf(waiting, dpi=150, quality=75))
    return count


def give_points(reports: Path, table: Path, seed: int) -> dict[str, float]:
    """A table of points for everything that waits, and what each student's score comes to."""
    random = np.random.default_rng(seed)
    scores: dict[str, float] = {}
    with table.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["user", "question", "points", "note"])
        for file in sorted(reports.glob("0*.json")):
            report = json.loads(file.read_text("utf-8"))
            user = report["user"]
            scores[user] = report["score"]
            for check in report["checks"]:
                if check["verdict"] == "needs_person":
                    most = check["max_points"]
                    points = int(random.integers(0, int(2 * most) + 1)) / 2
                    note = "Show how you got there." if 0 < points < most else ""
                    writer.writerow([user, check["id"], f"{points:g}", note])
                    scores[user] += points
    return scores


def files(folder: Path) -> Iterator[Path]:
    """Names for what the scanner writes."""
    folder.mkdir()
    number = 0
    while True:
        number += 1
        yield folder / f"pile-{number:02}.pdf"


def walk(folder: Path, students: int, seed: int) -> tuple[Walk, list[str]]:
    """The whole way; what was missed."""
    steps = Walk(folder)
    numbers = write_roster(folder / "class.csv", students)
    steps.run(
        "mockexam", "generate", "--seed", SEED_OF_EXAM, "--students", "class.csv", "-o", "exam"
    )
    pages = scan_class(papers_in(folder / "exam", numbers), seed, files(folder / "scans"))
    read = ("grade", "scans", "--exam", "exam/exam.json", "-o", "reports", "--record")
    steps.run(*read, killed_when=lambda: _read_pages(folder) > pages // 3)
    known = _read_pages(folder)
    said = steps.run(*read)
    missed = []
    if not 0 < known < pages:
        missed.append(f"the kill came at {known} of {pages} pages, not in the middle")
    scores = give_points(folder / "reports", folder / "points.csv", seed)
    steps.run(
        "grade", "--review", f"mock_exam-{SEED_OF_EXAM}", "--points", "points.csv", "--by", "ann"
    )
    (folder / "grades.yaml").write_text(
        "scale: percent\npasses: 4.0\ngrades: {1.0: 85, 1.7: 75, 2.3: 65, 3.0: 55, 4.0: 45, 5.0: 0}\n", "utf-8"
    )  # fmt: skip
    publish = (*read, "--publish", "published", "--grades", "grades.yaml")
    steps.run(*publish, killed_when=lambda: _copies(folder) > students // 3)
    half = _copies(folder)
    steps.run(*publish)
    if not 0 < half < students:
        missed.append(f"the kill came at {half} of {students} copies, not in the middle")
    missed += _missed(folder, numbers, pages, scores, said)
    print(
        f"{students} students, {pages} pages; killed at {known} pages read, and at {half} copies written"
    )
    return steps, missed


def _read_pages(folder: Path) -> int:
    """Pages whose readings are kept."""
    try:
        return (folder / "reports" / "scans" / "readings.jsonl").read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def _copies(folder: Path) -> int:
    return len(list((folder / "published" / "copies").glob("*.pdf")))


def _missed(
    folder: Path, numbers: list[str], pages: int, scores: dict[str, float], said: str
) -> Iterator[str]:
    readings = [json.loads(line) for line in (folder / "reports/scans/readings.jsonl").read_text("utf-8").splitlines()]  # fmt: skip
    if len({each["sha256"] for each in readings}) != len(readings):
        yield "a page was read twice"
    if len(readings) != pages:
        yield f"{len(readings)} of {pages} pages were read"
    if f"{len(numbers)} graded, 0 refused" not in said:
        yield f"not everybody was graded: {said}"
    with (folder / "published" / "grades.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["user"]: row for row in csv.DictReader(stream)}
    for number in numbers:
        row = rows.get(number)
        if (
            row is None
            or row["state"] != "final"
            or abs(float(row["points"]) - scores[number]) > 1e-6
        ):
            yield f"{number}: {row}, and {scores.get(number)} points were given"
        if not (folder / "published" / "copies" / f"{number}.pdf").is_file():
            yield f"{number} has no copy"
    rest = [p.name for p in (folder / "published" / "copies").iterdir() if p.suffix != ".pdf"]
    if rest:
        yield f"something was left behind: {rest}"


@contextmanager
def _folder(wanted: Path | None) -> Iterator[Path]:
    if wanted is not None:
        wanted.mkdir(parents=True)
        yield wanted.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="mockexam-benchmark-") as name:
        yield Path(name)


def main() -> int:
    """Print the times and what was missed."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--students", type=int, default=20, metavar="N", help="in the class (20)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of hands and scanner (1)")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="keep everything here")
    chosen = parser.parse_args()
    with _folder(chosen.output) as folder:
        steps, missed = walk(folder, chosen.students, chosen.seed)
        for name, seconds, status in steps.times:
            print(f"{seconds:7.1f} s  exit {status:3}  {name}")
    for each in missed:
        print(f"missed: {each}")
    print("nothing was lost" if not missed else f"{len(missed)} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
