"""Figures in large print: their letters are what has to be read, so they have 12 pt at least."""

from __future__ import annotations

import re

import pytest

from generator import render_sheet
from generator.paper import Paper
from generator.render_words import WORDS
from question_bank.loader import load_bank
from question_bank.variant import instantiate
from templates.figures import draw
from templates.figures.drawing.picture import TEXT
from templates.figures.drawing.turned import turned

_MILLIMETRES = 25.4 / 72


@pytest.mark.parametrize("solutions", [False, True])
def test_every_figure_of_the_bank_has_letters_of_12_pt_and_fits_a_page(solutions):
    builder = render_sheet._Builder(WORDS["en"], solutions, Paper("A", large_print=True))
    seen = 0
    for question in load_bank().questions.values():
        variant = instantiate(question, 1)
        for call in (variant.figure, *(part.figure for part in variant.parts)):
            if call is None:
                continue
            figure = builder._figure(call, variant.type)
            size = re.search(r'width="([\d.]+)pt" height=', builder.figures[figure.address])
            grown = figure.width / (float(size[1]) * _MILLIMETRES)
            assert TEXT * grown >= 12 - 0.05, question.id
            assert figure.width <= 161.1, question.id
            assert figure.height <= 212.1, question.id
            seen += 1
    assert seen > 100


def test_a_turned_figure_shows_the_same_and_says_the_same():
    upright = draw("grids", {"grids": [{"rows": [[1, 0, 2], [0, 1, 1]]}]})
    on_its_side = turned(upright)
    width, height = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', upright).groups()
    assert f'width="{height}pt" height="{width}pt"' in on_its_side
    label = re.search(r'aria-label="[^"]+"', upright)[0]
    assert label in on_its_side
    left, top, across, down = map(float, re.search(r'viewBox="([^"]+)"', upright)[1].split())
    found = [float(n) for n in re.search(r'viewBox="([^"]+)"', on_its_side)[1].split()]
    assert found == pytest.approx([top, -(left + across), down, across])
