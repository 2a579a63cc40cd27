"""The analysis as one self-contained web page: no script, no request to anywhere, no student's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from grader.analysis.analysis import Analysis
from grader.analysis.choices import LEFT_OUT, NOBODY, Option
from grader.analysis.names import figure, label, percent
from grader.analysis.numbers import Estimate
from grader.analysis.plots import Plot, information_plot, map_plot, option_plot, score_plot
from grader.analysis.proposals import Proposal
from grader.analysis.responses import Item
from grader.analysis.words import model_words, summary
from grader.wording import points, rendered
from leaderboard.untrusted import visible

TEMPLATE = "analysis/analysis.html"
NOTHING = "–"


@dataclass(frozen=True)
class OptionRow:
    """An option or a typed answer; `kind` is key, wrong or left."""

    name: str
    text: Markup | str
    printed: str
    kind: str
    share: str
    width: int
    rest: str
    upper: str


@dataclass(frozen=True)
class ItemView:
    """One answer of the exam, ready for the template."""

    anchor: str
    label: str
    title: str
    id: str
    points: str
    solved: str
    solved_range: str
    solved_width: int
    discrimination: str
    discrimination_range: str
    by_form: tuple[tuple[str, str], ...]
    left_out: str
    not_reached: str
    flag: str
    note: str
    rows: tuple[OptionRow, ...]
    plot: Plot | None


@dataclass(frozen=True)
class SuspicionView:
    """One suspicious key, with the item that it is about and how to mend it."""

    item: ItemView
    strength: str
    forms: str
    reasons: tuple[str, ...]
    look_at: str
    change: str
    command: str


def render_page(found: Analysis, proposals: Sequence[Proposal]) -> str:
    """The page's HTML: the same analysis, the same bytes."""
    from templates.environment import environment

    responses = found.responses
    strengths = {each.item.id: each.strength for each in found.suspicions}
    labels = [visible(label(item)) for item in responses.items]
    items = [
        _item(found, place, f"item-{place + 1}", strengths.get(item.id, ""))
        for place, item in enumerate(responses.items)
    ]
    by_id = {item.id: view for item, view in zip(responses.items, items, strict=True)}
    suspicious = [
        SuspicionView(
            by_id[each.item.id],
            each.strength,
            ", ".join(map(visible, each.forms)),
            tuple(visible(_sentence(reason.sentence)) for reason in each.reasons),
            visible(each.look_at),
            visible(mend.change),
            visible(mend.command),
        )
        for each, mend in zip(found.suspicions, proposals, strict=True)
    ]
    return (
        environment()
        .get_template(TEMPLATE)
        .render(
            title=visible(responses.title),
            assignment=visible(responses.assignment),
            facts=list(_facts(found)),
            summary=[visible(sentence) for sentence in summary(found)],
            strong=[each for each in suspicious if each.strength == "strong"],
            look=[each for each in suspicious if each.strength == "look"],
            items=items,
            forms=[visible(form) for form in responses.forms],
            several_forms=len(responses.forms) > 1,
            scores=score_plot(found),
            map=map_plot(found, labels),
            information=information_plot(found),
            all_marked=not responses.open.any(),
            reliability=list(_reliability(found)),
            without=_without(found),
            form_rows=list(_form_rows(found)),
            differences=list(_differences(found)),
            model=list(_model(found)),
            model_words=model_words(found.abilities),
            abilities=found.abilities,
            notes=[visible(_sentence(note)) for note in responses.notes],
        )
    )


def _facts(found: Analysis) -> Iterator[tuple[str, str]]:
    first = found.reliability[0]
    yield "Papers", str(found.responses.students)
    yield "Mean", f"{found.scores.mean:.0f} %"
    decided = found.scores.passed + found.scores.failed
    if decided:
        yield "Passed", f"{found.scores.passed} of {decided}"
    if first.alpha is not None:
        yield "Alpha", figure(first.alpha.value)
    yield "Keys to look at", str(len(found.suspicions))


def _item(found: Analysis, place: int, anchor: str, strength: str) -> ItemView:
    item, own = found.responses.items[place], found.statistics[place]
    options = found.options[place] or found.typed[place]
    names = _names(options, found.responses.forms)
    rows = tuple(_row(o, name, item) for o, name in zip(options, names, strict=True))
    plot = option_plot(options, names) if found.options[place] else None
    note = ""
    if item.void:
        note = "withdrawn: everybody has its points"
    elif own.difficulty is None:
        note = "waits for marks" if own.pending else "nobody reached it"
    elif own.pending:
        note = f"{own.pending} wait for marks"
    return ItemView(
        anchor=anchor,
        label=visible(label(item)),
        title=visible(item.title),
        id=visible(item.id),
        points=points(item.points),
        solved=_percent(own.difficulty),
        solved_range=_range(own.difficulty, 100),
        solved_width=0 if own.difficulty is None else round(100 * max(0.0, own.difficulty.value)),
        discrimination=NOTHING if own.discrimination is None else figure(own.discrimination.value),
        discrimination_range=_range(own.discrimination, 1),
        by_form=tuple((visible(form), _percent(share)) for form, share in own.by_form.items()),
        left_out=str(own.not_answered),
        not_reached=str(own.not_reached),
        flag=strength,
        note=note,
        rows=rows,
        plot=plot,
    )


def _names(options: Sequence[Option], forms: Sequence[str]) -> list[str]:
    """A short name for each: the letter on the first form that prints it, and that form where it is not the first."""
    found = []
    for number, option in enumerate(options, start=1):
        if option.typed or not (option.letters or option.text in (NOBODY, LEFT_OUT)):
            found.append(str(number))
        elif option.text == NOBODY:
            found.append("none")
        elif option.text == LEFT_OUT:
            found.append("left out")
        else:
            form = next(form for form in forms if form in option.letters)
            letter = option.letters[form]
            found.append(letter if form == forms[0] else f"{letter} ({form})")
    doubled = {name for name, count in Counter(found).items() if count > 1}
    return [f"{name} #{n}" if name in doubled else name for n, name in enumerate(found, start=1)]


def _row(option: Option, name: str, item: Item) -> OptionRow:
    from templates.richtext import to_browser

    if option.typed:
        text: Markup | str = visible((option.mistake or option.text).replace("_", " "))
        printed = ", ".join(f"{item.labels[f]} ({f})" for f in option.letters if f in item.labels)
    else:
        text = rendered(option.text, lambda md: to_browser(md, inline=True), str)
        # One letter says it already.
        several = len(option.letters) > 1
        printed = ", ".join(f"{c} ({f})" for f, c in option.letters.items()) if several else ""
    kind = {True: "key", False: "wrong", None: "left"}[option.correct]
    return OptionRow(
        name=visible(name),
        text=text,
        printed=visible(printed),
        kind=kind,
        share=f"{option.count} of {option.of}",
        width=round(100 * option.share),
        rest=NOTHING if option.rest is None else percent(option.rest),
        upper=NOTHING if option.upper is None else percent(option.upper),
    )


def _reliability(found: Analysis) -> Iterator[tuple[str, str, str, str, str]]:
    for each in found.reliability:
        forms = ", ".join(map(visible, each.forms))
        if each.alpha is None:
            yield forms, str(each.students), NOTHING, "", each.why_not or ""
        else:
            sem = NOTHING if each.sem is None else f"± {each.sem:.1f}"
            yield forms, str(each.students), figure(each.alpha.value), _range(each.alpha, 1), sem


def _without(found: Analysis) -> list[tuple[str, str]]:
    """The questions without which alpha would be higher, the worst first."""
    first = found.reliability[0]
    if first.alpha is None:
        return []
    better = [(v, q) for q, v in first.without.items() if v > first.alpha.value + 0.005]
    return [(visible(q), figure(v)) for v, q in sorted(better, reverse=True)]


def _form_rows(found: Analysis) -> Iterator[tuple[str, str, str, str]]:
    for each in found.forms.forms if found.forms else ():
        deviation = NOTHING if each.deviation is None else f"{each.deviation:.1f}"
        yield visible(each.form), str(each.students), f"{each.mean:.1f} %", deviation


def _differences(found: Analysis) -> Iterator[tuple[str, str, str, str, str]]:
    places = {item.id: label(item) for item in found.responses.items}
    for each in found.differences:
        if each.differs:
            yield (
                visible(places[each.item]),
                visible(each.hardest),
                visible(each.easiest),
                f"{100 * each.gap:.0f}",
                f"{each.adjusted:.3f}" if each.adjusted >= 0.001 else "below 0.001",
            )


def _model(found: Analysis) -> Iterator[tuple[str, str, str]]:
    labels = {item.question: _number(item) for item in found.responses.items}
    for each in found.abilities.questions:
        places = [
            f"{figure(place)} ± {figure(error)}"
            + (f" ({percent(share)} of the points)" if len(each.thresholds) > 1 else "")
            for place, error, share in zip(
                each.thresholds, each.threshold_errors, each.from_share, strict=True
            )
        ]
        yield (
            visible(labels[each.question]),
            f"{figure(each.slope)} ± {figure(each.slope_error)}",
            "; ".join(places),
        )


def _number(item: Item) -> str:
    """A question by its printed number and title; its parts' letters are left out."""
    numbers = {form: name.removesuffix(item.part) for form, name in item.labels.items()}
    return (
        f"{label(replace(item, labels=numbers))} {item.title.removesuffix(f', part {item.part}')}"
    )


def _percent(found: Estimate | None) -> str:
    return NOTHING if found is None else percent(found.value)


def _range(found: Estimate | None, times: int) -> str:
    if found is None:
        return ""
    digits = 0 if times == 100 else 2
    return f"{figure(times * found.low, digits)} to {figure(times * found.high, digits)}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
