"""Keys that a person should look at: where the answers of the best students speak against them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from scipy import stats

from grader.analysis.choices import LEAST_SHARE, LEFT_OUT, Option
from grader.analysis.differences import ItemDifference
from grader.analysis.items import ItemStatistics
from grader.analysis.names import called, figure, listed, percent
from grader.analysis.numbers import FEWEST
from grader.analysis.responses import Item

Strength = Literal["strong", "look"]
UNLIKELY = 0.05
GAP = 0.2  # of the share of points, between forms, that is worth a look
RARELY = 0.1  # a share of points from which on a question is solved by nobody
PERHAPS = ", which may be chance among so few"


@dataclass(frozen=True)
class Reason:
    """One thing that speaks against a key. `sure`: chance hardly explains it. `weight` orders reasons, largest first.

    `instead` are the answers that speak for themselves, `against` the options of the key that nobody good chose.
    """

    code: str
    sentence: str
    sure: bool
    weight: float
    instead: tuple[Option, ...] = ()
    against: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Suspicion:
    """An answer whose key may be wrong on these forms, why, and what to look at.

    `best` has the boxes that most of the best students checked together, as letters by form.
    """

    item: Item
    forms: tuple[str, ...]
    reasons: tuple[Reason, ...]
    look_at: str
    best: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def strength(self) -> Strength:
        """`strong` where one reason is more than chance."""
        return "strong" if any(reason.sure for reason in self.reasons) else "look"

    @property
    def instead(self) -> tuple[Option, ...]:
        """What the best students gave, each once."""
        return tuple({id(o): o for reason in self.reasons for o in reason.instead}.values())

    @property
    def against(self) -> tuple[Option, ...]:
        """The options of the key that the best students did not choose."""
        return tuple({id(o): o for reason in self.reasons for o in reason.against}.values())


def suspicions(
    items: Sequence[Item],
    statistics: Sequence[ItemStatistics],
    options: Sequence[Sequence[Option]],
    typed: Sequence[Sequence[Option]],
    differences: Sequence[ItemDifference],
    best: Sequence[Mapping[str, frozenset[str]]],
) -> tuple[Suspicion, ...]:
    """The suspicious keys, the surest first."""
    by_item = {difference.item: difference for difference in differences}
    found = []
    for place, item in enumerate(items):
        own, differs = statistics[place], by_item.get(item.id)
        if item.void or own.difficulty is None:
            continue
        reasons = [
            *_best_chose(options[place], item),
            *_best_gave(typed[place], own, item),
            *_apart(options[place], item),
            *_of_discrimination(own),
            *([] if differs is None else _of_forms(differs)),
        ]
        reasons = reasons or list(_nobody(own))
        if reasons:
            reasons.sort(key=lambda r: (-r.sure, -r.weight))
            found.append(replace(_suspicion(item, tuple(reasons), differs), best=best[place]))
    return tuple(
        sorted(found, key=lambda s: (s.strength != "strong", -s.reasons[0].weight, s.item.id))
    )


def _suspicion(
    item: Item, reasons: tuple[Reason, ...], differs: ItemDifference | None
) -> Suspicion:
    forms = {form for reason in reasons for option in reason.instead for form in option.letters}
    if differs is not None and reasons[0].code == "form":
        forms = {differs.hardest}
    return Suspicion(item, tuple(sorted(forms or item.labels)), reasons, _look_at(item, reasons))


def _best_chose(options: Sequence[Option], item: Item) -> Iterator[Reason]:
    """A wrong option that the best third preferred to the key, or that most of it chose."""
    real = [option for option in options if option.text != LEFT_OUT]
    right = [option for option in real if option.correct]
    wrong = [option for option in real if not option.correct and option.upper is not None]
    single = len(right) == 1
    key = (right[0].upper or 0.0) if single else 0.5
    preferred = [o for o in wrong if (o.upper or 0.0) > key and (o.upper or 0.0) >= LEAST_SHARE]
    for option in sorted(preferred, key=lambda o: -(o.upper or 0.0)):
        upper = option.upper or 0.0
        sure = _chance_of_lead(upper, key if single else 1 - upper, option.of) < UNLIKELY
        if not (single or sure or (option.slope is not None and option.slope.value > 0)):
            continue
        words = f"{percent(upper)} of the best third chose {called(option, item)}, " + (
            f"and {percent(key)} {called(right[0], item)}, the key"
            if single
            else "which is not right by the key"
        )
        words += "" if sure else PERHAPS
        yield Reason("best-chose", words, sure, 2 + upper - key, (option,))


def _best_gave(typed: Sequence[Option], own: ItemStatistics, item: Item) -> Iterator[Reason]:
    """The same wrong answer, typed by more of the best third than the right one."""
    for option in typed:
        if option.correct or option.upper is None or option.upper < LEAST_SHARE:
            continue
        key, where = own.upper or 0.0, ""
        if option.letters:
            where = f" on form {next(iter(option.letters))}"
            right = [o for o in typed if o.correct and o.letters == option.letters]
            key = sum(o.upper or 0.0 for o in right)
        if option.upper > key:
            sure = _chance_of_lead(option.upper, key, option.of) < UNLIKELY
            words = (
                f"of the best third{where} {percent(option.upper)} gave {called(option, item)},"
                f" and {percent(key)} what the key says{'' if sure else PERHAPS}"
            )
            # A slip that the author foresaw is more often a hard question than a wrong key.
            foreseen = option.mistake is not None
            yield Reason(
                "best-gave", words, sure and not foreseen, 2 + option.upper - key, (option,)
            )


def _apart(options: Sequence[Option], item: Item) -> Iterator[Reason]:
    """Wrong options that better students choose, and right ones that they avoid: more than chance would do it."""
    sloped = [(o, o.slope) for o in options if o.slope is not None and o.text != LEFT_OUT]
    attract = [o for o, slope in sloped if not o.correct and slope.low > 0]
    # Where a corrected key accepts what the best chose as well, the first key is left to the others.
    repel = [o for o, slope in sloped if o.correct and slope.high < 0 and not item.corrected]
    if attract:
        words = (
            f"those who chose {listed([called(o, item) for o in attract])}, not right by the key, do better in the rest"
            " of the exam than the others"
        )
        strongest = max(o.slope.value for o in attract if o.slope)
        yield Reason(
            "distractor-attracts", words, sure=True, weight=1 + strongest, instead=tuple(attract)
        )
    if repel:
        words = (
            f"those who chose {listed([called(o, item) for o in repel])}, right by the key, do worse in the rest"
            " of the exam than the others"
        )
        strongest = max(-o.slope.value for o in repel if o.slope)
        yield Reason("key-repels", words, sure=True, weight=strongest, against=tuple(repel))


def _of_discrimination(own: ItemStatistics) -> Iterator[Reason]:
    r = own.discrimination
    if r is not None and r.value < 0:
        sure = r.high < 0
        words = f"whoever does better in the rest of the exam earns less here (discrimination {figure(r.value)})"
        yield Reason("negative", words + ("" if sure else PERHAPS), sure, 1.5 - r.value)


def _nobody(own: ItemStatistics) -> Iterator[Reason]:
    if (
        own.upper is not None
        and own.upper < RARELY
        and own.difficulty is not None
        and own.difficulty.n >= 2 * FEWEST
    ):
        words = f"even the best third earns only {percent(own.upper)} of its points"
        yield Reason("nobody", words, sure=False, weight=0.3)


def _of_forms(differs: ItemDifference) -> Iterator[Reason]:
    if differs.differs and differs.gap >= GAP:
        words = (
            f"students of like ability earn {100 * differs.gap:.0f} percentage points less on form {differs.hardest}"
            f" than on form {differs.easiest}"
        )
        yield Reason("form", words, sure=True, weight=1 + differs.gap)


def _chance_of_lead(upper: float, key: float, of: int) -> float:
    """How likely so large a lead is in a third of so many students if both were equally attractive (a sign test)."""
    third = of / 3
    wins, losses = round(upper * third), round(key * third)
    if wins + losses == 0:
        return 1.0
    return float(stats.binomtest(wins, wins + losses, alternative="greater").pvalue)


def _look_at(item: Item, reasons: Sequence[Reason]) -> str:
    first = reasons[0].code
    instead = next((reason.instead[0] for reason in reasons if reason.instead), None)
    if first == "form":
        return "that form's numbers, options and key, beside the other form's"
    if instead is not None and item.choices:
        return f"whether {called(instead, item)} is right, also or instead"
    if instead is not None:
        return (
            f"whether {called(instead, item)} is right as well, and whether the text can be read so"
        )
    if first == "nobody":
        return "whether it can be solved with what was taught, and whether the key is what the text asks for"
    return "the key, and whether those who know more can read the text in another way"
