"""The certificate of comparability as a page, for the instructor, and as data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from generator.certificate_words import WORDS, CertificateWords
from generator.comparability import Certificate, Difference, FormMeasures, certificate, dumps
from generator.exam_folder import CERTIFICATE_JSON, CERTIFICATE_PDF
from generator.record import ExamRecord
from question_bank.schema import Question
from question_bank.wording import counted
from templates.environment import environment
from templates.pdf import render_pdf

# More forms than these do not stand side by side: the least, the mean and the most stand for them.
MOST_COLUMNS = 6
# Millimetres on the page: what columns of forms may take beside a name and what follows them, and what they may
# take in a table of half the width; a column's air; and letters of a heading, most and the widest.
_ROOM = 93.0
_ROOM_OF_HALF = 57.0
_AIR = 3.2
_NARROWEST = 6.0
_LETTER = 2.1
_WIDE_LETTER = 3.0
_WIDE = frozenset("MWmw%")


@dataclass(frozen=True)
class Row:
    """A line of a table: a name, a cell for each column, and how dark each cell is (0 to 1)."""

    name: str
    cells: tuple[str, ...]
    shades: tuple[float, ...] = ()
    apart: str = ""
    allowed: str = ""
    within: bool | None = None


def certificate_of(record: ExamRecord, questions: Mapping[str, Question]) -> Certificate | None:
    """Return the certificate of an exam with several forms; None for one form."""
    return certificate(record, questions) if len(record.forms) > 1 else None


def certificate_files(found: Certificate | None) -> dict[str, bytes]:
    """Return the files of a certificate, by name; nothing where there is none.

    Raises:
        InputError: the machine lacks the libraries that write PDFs.
    """
    if found is None:
        return {}
    return {CERTIFICATE_JSON: dumps(found).encode(), CERTIFICATE_PDF: certificate_pdf(found)}


def certificate_pdf(found: Certificate) -> bytes:
    """Render the certificate. Same certificate, same bytes."""
    return render_pdf(certificate_html(found), styles=("certificate/certificate.css",))


def certificate_html(found: Certificate) -> str:
    """Write the certificate as HTML, for `templates.pdf` with its style sheet."""
    words = WORDS[found.language]
    columns = _columns(found.forms, words)
    return (
        environment()
        .get_template("certificate/certificate.html")
        .render(
            found=found,
            words=words,
            verdict=_verdict(found, words),
            makeup=_makeup(found, words),
            facts=words.facts.format(
                assignment=found.assignment, seed=found.seed, bank=found.bank_version
            ),
            columns=columns,
            stacked=_width(columns) > _ROOM_OF_HALF,
            measures=_measures(found, words),
            sections=_sections(found, words),
            lectures=_coverage(found, words, lambda form: form.lectures, sort=int),
            topics=_coverage(found, words, lambda form: form.topics, sort=str.casefold),
            objectives=_objectives(found, words),
            sentences=[_sentence(d, words) for d in found.differences if d.difference],
        )
    )


def _verdict(found: Certificate, words: CertificateWords) -> str:
    if found.comparable:
        return words.comparable
    names = [words.measures[d.measure] for d in found.differences if not d.within]
    return words.not_comparable.format(measures=", ".join(names))


def _makeup(found: Certificate, words: CertificateWords) -> str:
    if found.questions == "same":
        return words.same
    return words.pinned.format(pins=", ".join(found.pins)) if found.pins else words.disjoint


def _columns(forms: Sequence[FormMeasures], words: CertificateWords) -> tuple[str, ...]:
    if _summed_up(forms):
        return words.least, words.mean, words.most
    return tuple(form.label for form in forms)


def _summed_up(forms: Sequence[FormMeasures]) -> bool:
    """Whether the least, the mean and the most stand for the forms, which are too many or too long to name."""
    return len(forms) > MOST_COLUMNS or _width([form.label for form in forms]) > _ROOM


def _width(headings: Sequence[str]) -> float:
    """How wide columns with these headings are at most, in millimetres."""
    letters = (
        sum(_WIDE_LETTER if letter in _WIDE else _LETTER for letter in heading)
        for heading in headings
    )
    return sum(max(width, _NARROWEST) + _AIR for width in letters)


def _row(
    name: str,
    values: Sequence[float],
    words: CertificateWords,
    *,
    summed_up: bool,
    shaded_to: float = 0,
) -> Row:
    shown = list(values)
    if summed_up:
        shown = [min(values), sum(values) / len(values), max(values)]
    shades = tuple(value / shaded_to for value in shown) if shaded_to else ()
    return Row(name, tuple(_number(value, words) for value in shown), shades)


def _measures(found: Certificate, words: CertificateWords) -> list[Row]:
    whole: dict[str, Callable[[FormMeasures], float]] = {
        "points": lambda form: form.points,
        "minutes": lambda form: form.minutes,
        "hand_work": lambda form: form.hand_work,
        "difficulty": lambda form: form.difficulty,
    }
    rows = []
    summed_up = _summed_up(found.forms)
    for difference in found.differences:
        value = whole.get(difference.measure)
        name = words.measures[difference.measure]
        if value is None:
            key = str(difference.lecture)
            name = f"{name}: {words.of_lecture.format(lecture=key)}"
            values = [form.lectures.get(key, 0.0) for form in found.forms]
        else:
            values = [value(form) for form in found.forms]
        plain = _row(name, values, words, summed_up=summed_up)
        rows.append(
            Row(
                plain.name,
                plain.cells,
                apart=_amount(difference, difference.difference, words),
                allowed=_amount(difference, difference.tolerance, words),
                within=difference.within,
            )
        )
    return rows


def _sections(found: Certificate, words: CertificateWords) -> list[Row]:
    titles = [section.title for section in found.forms[0].sections]
    amounts: list[tuple[str, list[float]]] = [
        *(
            (title, [form.sections[n].points for form in found.forms])
            for n, title in enumerate(titles)
        ),
        (words.questions, [form.questions for form in found.forms]),
        (words.figures, [form.figures for form in found.forms]),
    ]
    summed_up = _summed_up(found.forms)
    return [_row(name, values, words, summed_up=summed_up) for name, values in amounts]


def _coverage(
    found: Certificate,
    words: CertificateWords,
    points: Callable[[FormMeasures], Mapping[str, float]],
    sort: Callable[[str], int | str],
) -> list[Row]:
    names: set[str] = set().union(*(points(form) for form in found.forms))
    most = max(value for form in found.forms for value in points(form).values())
    return [
        _row(
            name,
            [points(form).get(name, 0.0) for form in found.forms],
            words,
            summed_up=_summed_up(found.forms),
            shaded_to=most,
        )
        for name in sorted(names, key=sort)
    ]


def _objectives(found: Certificate, words: CertificateWords) -> str:
    sets = [set(form.objectives) for form in found.forms]
    return words.objectives.format(count=len(set.union(*sets)), shared=len(set.intersection(*sets)))


def worst_difference(found: Certificate) -> str:
    """Say in English in which measure forms that are not comparable lie furthest beyond what is allowed."""
    beyond = [difference for difference in found.differences if not difference.within]
    # An allowance of nothing is exceeded without bound.
    worst = max(
        beyond, key=lambda one: one.difference / one.tolerance if one.tolerance else math.inf
    )
    more = f"; and {counted(len(beyond) - 1, 'more measure')} beyond" if len(beyond) > 1 else ""
    return _sentence(worst, WORDS["en"]).removesuffix(".") + more


def _sentence(difference: Difference, words: CertificateWords) -> str:
    name = words.measures[difference.measure]
    if difference.lecture is not None:
        name = f"{name} ({words.of_lecture.format(lecture=difference.lecture)})"
    return words.sentence.format(
        measure=name,
        least=_number(difference.least, words),
        least_form=difference.least_form,
        most=_number(difference.most, words),
        most_form=difference.most_form,
        apart=_amount(difference, difference.difference, words),
        tolerance=_amount(difference, difference.tolerance, words),
    )


def _amount(difference: Difference, value: float, words: CertificateWords) -> str:
    if difference.measure == "hand_work":
        return f"{_number(round(100 * value, 1), words)} %"
    return _number(value, words)


def _number(value: float, words: CertificateWords) -> str:
    return f"{round(value, 2):g}".replace(".", words.decimal)
