"""Assemblies of random blueprints, each checked: `python benchmarks/assembly.py`.

Blueprints are drawn at random over the course's bank, and over one of about 3,000 questions made of copies with
other ids. Every result must meet every rule, and every refusal name a true reason: rules that cannot be met
together, and can be without any one of them. Both are checked by tests/generator/independent.py, which shares no rule
with the generator. The time is that of one assembly, its explanation included, by the clock; the time of processors
stands beside it. Exit status 1 when a check fails or a median is above its limit.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LIMITS = {300: 1.0, 3000: 3.0}
sys.path.insert(0, str(ROOT))


@dataclass
class Tally:
    """What came of the assemblies over one bank."""

    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def random_blueprint(random_: random.Random, bank: Sequence[Any]) -> dict[str, Any]:
    """Draw a blueprint: most can be met, and some ask for too much somewhere."""
    lectures = sorted(random_.sample(range(1, 13), random_.choice([3, 6, 9, 12, 12])))
    sections: list[dict[str, Any]] = []
    points = 0.0
    if random_.random() < 0.8:
        count = random_.randint(2, 10)
        sections.append({"title": "Choice", "kind": "multiple_choice", "questions": count})
        sections[-1]["points"] = 2 * count
        points += 2 * count
    if random_.random() < 0.9 or not sections:
        low = random_.randint(4, 16)
        sections.append(
            {"title": "Short", "kind": "short", "points": {"min": low, "max": low + 12}}
        )
        points += low + random_.randint(0, 12)
    if random_.random() < 0.7:
        count = random_.randint(1, 4)
        sections.append({"title": "Long", "kind": "long", "questions": count})
        if random_.random() < 0.3:
            sections[-1]["shorten"] = True
        points += 13 * count + random_.randint(-1, 2)
    blueprint: dict[str, Any] = {
        "id": "random",
        "title": "Random",
        "course": "Course",
        "minutes": points + random_.choice([0, 0, 5, 10]),
        "points": points,
        "pass_mark": 0,
        "use": random_.choice(["practice", "exam"]),
        "lectures": lectures,
        "sections": sections,
        "coverage": {"each_lecture": {"questions": {"min": random_.choice([0, 1, 1])}}},
    }
    extras = [
        lambda: blueprint.update(mean_difficulty={"min": 2.4, "max": random_.choice([2.8, 3.2])}),
        lambda: blueprint.update(work_minutes={"min": points - random_.choice([0, 3, 6])}),
        lambda: blueprint["coverage"].update(
            each_topic={"questions": {"max": random_.choice([1, 2])}}
        ),
        lambda: blueprint["coverage"]["each_lecture"].update(
            points={"max": random_.choice([8, 16, 20])}
        ),
        lambda: blueprint.update(
            quotas=[
                {
                    "where": {
                        "kind": random_.choice(["short", "long"]),
                        "lectures": [random_.choice(lectures)],
                    },
                    "questions": {"min": random_.choice([1, 2, 6])},
                }
            ]
        ),
        lambda: blueprint.update(
            quotas=[{"where": {"figure": True}, "questions": {"min": 2, "max": 6}}]
        ),
        lambda: blueprint.update(quotas=[{"where": {"answers": ["text"]}, "points": {"max": 4}}]),
        lambda: blueprint.update(
            difficulty=[{"levels": [4, 5], "points": {"min": points * 0.25 // 1}}]
        ),
        lambda: blueprint.update(avoid=[{"levels": [random_.choice([1, 3, 5])]}]),
        lambda: blueprint.update(
            pins=[h.id for h in random_.sample(bank, random_.choice([1, 1, 3]))]
        ),
        lambda: blueprint["sections"][-1].update(minutes={"max": random_.randint(10, 50)}),
    ]
    for change in random_.sample(extras, random_.choice([0, 1, 2, 2, 3])):
        change()
    return blueprint


def one(tally: Tally, bank: Sequence[Any], seed: int) -> None:
    """Assemble one random blueprint, and check what comes of it."""
    from generator.assembly import assemble
    from generator.blueprint_schema import Blueprint
    from generator.infeasible import explain
    from generator.program import problem_of
    from question_bank.diagnostics import InputError
    from tests.generator import independent

    random_ = random.Random(seed)  # noqa: S311 - blueprints, not secrets
    blueprint = Blueprint.model_validate(random_blueprint(random_, bank))
    share = random_.choice([0, 0, 0.1, 0.4])
    excluded = {head.id for head in random_.sample(bank, int(share * len(bank)))}
    start, before = time.perf_counter(), time.process_time()
    try:
        made: Any = assemble(bank, blueprint, seed, excluded=excluded)
    except InputError:
        made = None
    tally.seconds.append(time.perf_counter() - start)
    tally.processor.append(time.process_time() - before)
    if made is not None:
        tally.outcomes["assembled"] += 1
        wrong = independent.broken([c.sections for c in made], blueprint, bank, excluded)
        tally.faults += [f"seed {seed}: breaks {name}" for name in sorted(wrong)]
        return
    tally.outcomes["refused"] += 1
    problem = problem_of(bank, blueprint, excluded)
    for reason in explain(bank, blueprint, problem, excluded=excluded).reasons:
        tally.outcomes["reasons"] += 1
        fault = independent.true_reason(reason.demands, blueprint, bank, excluded)
        if fault is not None:
            tally.faults.append(f"seed {seed}: {reason.message}: {fault}")


def main() -> int:
    """Print what came of all assemblies; 1 when a limit is missed."""
    from generator.heads import heads_of
    from question_bank.loader import load_bank

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--assemblies", type=int, default=1000, help="in all (default 1000)")
    parser.add_argument("--large", type=int, default=10, help="one in so many over 3,000 questions")
    arguments = parser.parse_args()
    course = list(heads_of(load_bank().questions).values())
    copies = [replace(head, id=f"{head.id}_{n}") for n in range(10) for head in course]
    banks: dict[int, list[Any]] = {300: course, 3000: copies}
    tallies = {size: Tally() for size in banks}
    total = max(arguments.assemblies, 1)
    for seed in range(total):
        size = 3000 if seed % arguments.large == arguments.large - 1 else 300
        one(tallies[size], banks[size], seed)
        if sys.stderr.isatty():
            print(f"\r{seed + 1}/{total}", end="", file=sys.stderr, flush=True)
    missed = False
    print(
        f"{'questions':>9}  assembled  refused  reasons  median s  limit  p95 s  most s  CPU s, median"
    )
    for size, tally in tallies.items():
        if not tally.seconds:
            continue
        median = statistics.median(tally.seconds)
        ordered = sorted(tally.seconds)
        late = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        counts = tally.outcomes
        print(
            f"{len(banks[size]):>9}  {counts['assembled']:>9}  {counts['refused']:>7}  {counts['reasons']:>7}"
            f"  {median:>8.2f}  {LIMITS[size]:>5.1f}  {late:>5.2f}  {ordered[-1]:>6.2f}"
            f"  {statistics.median(tally.processor):>13.2f}"
        )
        missed = missed or median > LIMITS[size] or bool(tally.faults)
        for fault in tally.faults:
            print(f"MISSED {fault}", file=sys.stderr)
    faults = sum(len(tally.faults) for tally in tallies.values())
    print(f"broken rules and untrue reasons: {faults} (limit 0)")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
