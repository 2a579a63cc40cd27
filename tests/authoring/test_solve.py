"""Closed forms by name: what is impossible is refused in words, at once."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import yaml

from authoring.solve import solve
from question_bank.diagnostics import InputError
from question_bank.solvers import solvers

CALLS = {
    name: call.split()
    for name, call in yaml.safe_load(
        Path(__file__).with_name("solve.yaml").read_text(encoding="utf-8")
    ).items()
}
HOSTILE = (
    "-3", "0", "-1", "5/2", "1/3", "1.5", "7", "100000", "100000000", "10^18", "-10^18", "1e308", "1e-300", "true",
    "[]", "[1]", "[0,0]", "[1,-2,3]", "[[]]", "[[1]]", "[[1,2],[3]]", "[[1,2,3]]", "[[[1]]]", "[1,[2]]", '"word"', "word",
    '["a","b"]', '[["a"],["b","c"]]', "[10^18,1e308]", "1/10^30",
)  # fmt: skip
# What Python says of values that do not fit, and nobody else should.
RAW = re.compile(
    r"zip\(\)|unpack|iterable|object|tuple|index out|NoneType|Traceback|argument of|__|\bint\b|arg is"
)


@pytest.mark.parametrize("name", solvers())
def test_every_closed_form_has_a_call_with_a_value(name):
    assert solve(name, CALLS[name])[1]


@pytest.mark.parametrize("name", solvers())
def test_hostile_values_are_refused_in_words_or_have_a_value(name):
    for place, assignment in enumerate(CALLS[name]):
        key = assignment.partition("=")[0]
        for hostile in HOSTILE:
            call = [*CALLS[name][:place], f"{key}={hostile}", *CALLS[name][place + 1 :]]
            before = time.process_time()
            try:
                solve(name, call)
            except InputError as error:
                says = " ".join(d.message for d in error.diagnostics)
                assert not RAW.search(says), (call, says)
                assert len(says) < 300
            assert time.process_time() - before < 1.5, call


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("lstm_params input_size=-3 hidden_size=4", "input_size must be a whole number from 1, not -3"),
        ("lstm_params input_size=2.5 hidden_size=4", "input_size is a whole number, not 5/2"),
        ("gru_params input_size=5/2 hidden_size=4", "input_size is a whole number, not 5/2"),
        ("rnn_params input_size=0 hidden_size=-1", "input_size must be a whole number from 1"),
        ("mlp_params widths=[3,0,-2]", "must be a whole number from 1, not 0"),
        ("mlp_params widths=[3]", "two layers"),
        ("transposed_conv_size input=4 kernel=3 stride=2 padding=1 output_padding=2", "smaller than the stride"),
        ("pad image=[[1]] padding=-1", "padding must be a whole number from 0"),
        ("pad image=[[1]] padding=100000", "at most"),
        ("adam_steps gradients=[1] beta1=2", "beta1 must lie in [0, 1)"),
        ("quadratic_path method=gd curvatures=[1] start=[1] steps=-3", "steps must be a whole number from 0"),
        ("quadratic_path method=gd curvatures=[1] start=[1] steps=100000000", "steps must be at most"),
        ("gd_on_quadratic theta=1 curvature=1 rate=1/3 steps=100000000", "steps must be at most"),
        ("conv2d image=[1,2] kernel=[[1]]", "image is a list of rows"),
        ("conv2d image=[[1,2],[3]] kernel=[[1]]", "its rows have one length"),
        ("momentum_step theta=[1,2] velocity=[1] gradient=[1] rate=1 beta=0", "do not fit together"),
        ("conv_output_size input=32 kernel=3 input=31", "input is given twice"),
        ("conv_output_size input=32", "kernel is missing"),
        ("initial_std fan_in=100 scheme=she", 'there is no scheme "she"'),
    ],
)  # fmt: skip
def test_the_reason_is_given(call, says):
    name, *values = call.split()
    with pytest.raises(InputError) as refused:
        solve(name, values)
    assert says in refused.value.diagnostics[0].message


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("initial_std fan_in=200 scheme=he", "1/10"),
        ('initial_std fan_in=200 scheme="he"', "1/10"),
        ("momentum_step theta=1 velocity=0 gradient=2 rate=1/2 beta=9/10", "[[0], [-1]]"),
        ("rmsprop_step theta=1 square=0 gradient=2 rate=1 decay=3/4", "[[-1], [1]]"),
        ("reparametrise mu=1 sigma=2 epsilon=3", "[7]"),
    ],
)
def test_a_word_is_a_text_and_a_number_a_list_of_one(call, shown):
    name, *values = call.split()
    assert solve(name, values)[1] == shown
