"""Each export is read again by a reader of its own, which marks the same answers as the bank does."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from generator.export.exporting import exports
from tests.generator.export.forms import whole_bank
from tests.generator.export.round_trip import READERS, mismatches

LOSSES = yaml.safe_load(Path(__file__).with_name("losses.yaml").read_text())
FORMATS = sorted(READERS)


@pytest.mark.parametrize("name", FORMATS)
def test_same_answers_same_marks_or_a_line_in_the_report(name, sample_form, exported):
    made = exported("sample", name)
    places = READERS[name](made.content)
    found, compared, _ = mismatches(sample_form.key(), places, made.losses)
    assert found == []
    assert compared > 500


@pytest.mark.parametrize("name", FORMATS)
def test_every_answer_place_is_read_and_nothing_besides(name, sample_form, exported):
    places = READERS[name](exported("sample", name).content)
    assert set(places) == {("A", label) for label in sample_form.key().labels()}


@pytest.mark.parametrize("name", FORMATS)
def test_the_report_holds_these_lines_and_no_others(name, exported):
    found = {}
    for loss in exported("sample", name).losses:
        label = loss.question if loss.label.isdigit() else f"{loss.question} {loss.label[-1]}"
        found.setdefault(label, set()).add(loss.kind)
    wanted = {
        question: set(kinds[name].split()) for question, kinds in LOSSES.items() if kinds.get(name)
    }
    assert found == wanted


@pytest.mark.parametrize("name", FORMATS)
def test_without_the_report_the_marks_differ(name, sample_form, exported):
    """The comparison is no formality: what the report excuses is there to be seen."""
    places = READERS[name](exported("sample", name).content)
    found, _, _ = mismatches(sample_form.key(), places, ())
    # Of QTI, only what a person marks is left to differ.
    people = {"formula", "equation_of_line", "set_of_numbers", "interval_of_it", "pseudo_code"}
    people |= {"code_line", "number_exact", "number_exact_short", "ordering_neighbours"}
    differing = {one.question for one in found}
    assert differing >= people - {"ordering_neighbours"}
    assert (differing <= people) == name.startswith("qti")


@pytest.mark.parametrize("name", FORMATS)
def test_a_line_on_marks_is_there_because_some_answer_earns_other_marks(
    name, sample_form, exported
):
    made = exported("sample", name)
    kinds = {
        "all_or_nothing",
        "list_all_or_nothing",
        "one_number",
        "neighbours",
        "per_box",
        "below_zero",
    }
    kinds |= {"other_scheme", "none_with_others"}
    wanted = {(one.form, one.label) for one in made.losses if one.kind in kinds}
    places = READERS[name](made.content)
    _, _, witnessed = mismatches(sample_form.key(), places, made.losses)
    assert wanted <= witnessed


@pytest.mark.parametrize("name", FORMATS)
def test_the_whole_bank_round_trips(name, bank_form, exported, memo):
    made = exported("bank", name)
    places = READERS[name](made.content)
    found, compared, witnessed = mismatches(
        bank_form.key(), places, made.losses, whole=False, memo=memo
    )
    assert found == []
    assert compared > 5_000
    wanted = {
        (one.form, one.label)
        for one in made.losses
        if one.kind in {"all_or_nothing", "list_all_or_nothing"}
    }
    assert wanted <= witnessed


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_the_whole_bank_round_trips_with_other_seeds(seed):
    form, memo = whole_bank(seed), {}
    for name in FORMATS:
        (made,) = exports([form], name)
        found, _, _ = mismatches(
            form.key(), READERS[name](made.content), made.losses, whole=False, memo=memo
        )
        assert found == [], name
