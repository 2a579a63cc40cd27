"""Named mistakes: points that they leave, two at once, and slips on top of the student's own answers."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest

from question_bank.answers import answer_type
from question_bank.answers.marking import mark
from question_bank.diagnostics import InputError
from question_bank.key import dumps, key_question, loads, mark_answers
from question_bank.loader import load_bank, parse_question
from question_bank.mistakes import pairs
from question_bank.variant import instantiate
from tests.support import CHAIN, form_key

# y = 2 a + b for a = 5, b = 7: 17. The slips: 12 (not doubled), 10 (b forgotten), 18 (one too many).
ONE = """\
id: one_answer
title: One answer
lecture: 4
topic: sums
type: short
points: 3
difficulty: 1
objectives: [add]
source: made for the tests
parameters:
  a: {choice: [5]}
  b: {choice: [7]}
let:
  doubled: 2 * a
  y: doubled + b
text: What is $2a + b$ for $a = {{ a }}$ and $b = {{ b }}$?
answer: {type: numeric, value: y}
mistakes:
  - {name: not_doubled, set: {doubled: a}, why: "The first is doubled.", credit: 1/2}
  - {name: second_forgotten, set: {y: doubled}, why: "The second is added."}
  - {name: one_too_many, set: {y: y + 1}, why: "Nothing else is added.", credit: 0.5}
solution: "${{ y }}$"
verify: torch_linear_weights(a, 2) + b
"""


def marks(text, answers):
    key = form_key([key_question(1, instantiate(parse_question(text, "q.yaml"), 0))])
    again = loads(dumps(key), "key.json")
    assert again == key
    return {m.label: m for m in mark_answers(again, answers)}


@pytest.mark.parametrize(
    ("answer", "mistake", "verdict", "points"),
    [
        ("17", None, "right", 3),
        ("12", "not_doubled", "partly_right", 1.5),
        ("10", "second_forgotten", "wrong", 0),
        ("18", "one_too_many", "partly_right", 1.5),
        ("5", "not_doubled+second_forgotten", "wrong", 0),
        ("13", "not_doubled+one_too_many", "partly_right", 0.75),
        ("11", "second_forgotten+one_too_many", "wrong", 0),
        ("6", None, "wrong", 0),  # three at once are not looked for
        ("99", None, "wrong", 0),
    ],
)
def test_slips_and_what_they_earn(answer, mistake, verdict, points):
    found = marks(ONE, {"1": answer})["1"]
    assert (found.mark.mistake, found.mark.verdict, found.points) == (mistake, verdict, points)


def test_two_slips_are_told_with_both_sentences():
    message = marks(ONE, {"1": "5"})["1"].mark.message
    assert "doubled" in message
    assert "second" in message


def test_what_two_slips_lead_to_is_never_the_key_nor_a_single_mistake():
    # Too many and too few are the key again; the single mistake's name comes first.
    text = ONE.replace(
        "solution:",
        '  - {name: one_too_few, set: {y: y - 1}, why: "Nothing is taken away."}\n'
        '  - {name: six_too_few, set: {y: y - 6}, why: "Nothing is taken away."}\nsolution:',
    )
    asked = key_question(1, instantiate(parse_question(text, "q.yaml"), 0))
    found = {slip.name: slip.answer.value for slip in pairs(asked, asked.parts[0])}
    assert "one_too_many+one_too_few" not in found
    assert "one_too_many+six_too_few" not in found  # 12, which is "not doubled" already
    assert not {"17", "12", "10", "18", "16", "11"} & set(found.values())
    assert marks(text, {"1": "17"})["1"].mark.verdict == "right"
    assert marks(text, {"1": "12"})["1"].mark.mistake == "not_doubled"


# A polynomial with twelve slips, each in one coefficient: 66 pairs of slips.
TWELVE = """\
id: twelve_slips
title: Twelve slips
lecture: 4
topic: sums
type: short
points: 3
difficulty: 1
objectives: [add]
source: made for the tests
let:
{let}
text: What is the polynomial?
answer: {{type: {kind}, value: "{value}", symbols: [x, y]}}
mistakes:
{mistakes}
solution: See above.
"""
COEFFICIENTS = {
    "let": "\n".join(f'  k{n}: "1"' for n in range(12)),
    "mistakes": "\n".join(
        f'  - {{name: m{n}, set: {{k{n}: "{n + 2}"}}, why: "Slip {n}."}}' for n in range(12)
    ),
}
POLYNOMIAL = " + ".join(f"{{{{ k{n} }}}}*x^{n}" for n in range(12))


@pytest.mark.parametrize(
    ("kind", "value", "answers"),
    [
        ("expression", POLYNOMIAL, ["1+x", "1/2x+" * 45 + "x", "x/2x+" * 30 + "0,5x", "+".join(f"sin(x*{n})" for n in range(1, 30)),
                                    "0*exp(10^9*x)" + "+1/(x+1/7)" * 28, "+".join(f"|x-{n}|" for n in range(40))]),
        ("equation", f"y = {POLYNOMIAL}", ["y = 1+x", "y = " + "1/2x+" * 45 + "x", "x^7*exp(x)*y - tanh(x) = sin(x)", "|y| = max(x, min(y, 2))"]),
    ],
)  # fmt: skip
def test_a_check_with_twelve_mistakes_takes_no_two_seconds(kind, value, answers, monkeypatch):
    compared = []
    model = answer_type(kind)
    compare = model.compare
    monkeypatch.setattr(
        type(model), "compare", lambda _, *args: compared.append(args) or compare(*args)
    )
    text = TWELVE.format(kind=kind, value=value, **COEFFICIENTS)
    asked = form_key([key_question(1, instantiate(parse_question(text, "q.yaml"), 0))])
    for answer in answers:
        compared.clear()
        start = time.process_time()
        mark_answers(asked, {"1": answer})
        assert time.process_time() - start < 2, answer
        # In each of two readings: the key, twelve mistakes, and their pairs.
        assert len(compared) <= 2 * (1 + 12 + 66), answer


@pytest.mark.parametrize(
    ("credit", "part"),
    [("3/2", "share of points"), ("-1", "share of points"), ("half", "share"), ("1/0", "share")],
)
def test_a_share_of_points_is_a_fraction(credit, part):
    with pytest.raises(InputError) as refused:
        parse_question(ONE.replace("credit: 1/2", f"credit: {credit}"), "q.yaml")
    assert part in str(refused.value)


CHAINED = {
    "full": CHAIN,
    "half": CHAIN.replace("carry: {product: a}", "carry: {product: a}, carry_credit: 1/2"),
}


@pytest.mark.parametrize(
    ("text", "answers", "points"),
    [
        ("full", {"1a": "7", "1b": "8"}, 3),
        ("half", {"1a": "7", "1b": "8"}, 1.5),
        ("half", {"1a": "6", "1b": "7"}, 3),
        ("half", {"1a": "7", "1b": "7"}, 3),  # by the key it is right
        ("half", {"1a": "0", "1b": "1"}, 0),
        ("half", {"1a": "[]", "1b": "1"}, 0),
    ],
)
def test_what_follows_from_an_own_answer_earns_what_the_question_says(text, answers, points):
    assert marks(CHAINED[text], answers)["1b"].points == points


def test_the_report_of_a_carried_error_shows_both_paths():
    found = marks(CHAIN, {"1a": "7", "1b": "8"})["1b"]
    assert "by itself not the right value" in found.mark.message
    assert "1a" in found.mark.message
    assert found.follows.value == "8"


def test_a_slip_on_top_of_an_own_answer_is_named():
    # 7 in place of 6, and then the 1 forgotten.
    found = marks(CHAIN, {"1a": "9", "1b": "9"})["1b"]
    assert (found.mark.verdict, found.mark.mistake, found.points) == ("wrong", "forgotten", 0)
    assert "1a" in found.mark.message
    granted = CHAIN.replace("{name: forgotten,", "{name: forgotten, credit: 1/3,")
    assert marks(granted, {"1a": "9", "1b": "9"})["1b"].points == 1


def test_a_slip_on_top_of_a_value_that_spares_the_work_earns_nothing():
    granted = CHAIN.replace("{name: forgotten,", "{name: forgotten, credit: 1/3,")
    found = marks(granted, {"1a": "6001", "1b": "6001"})["1b"]
    assert (found.mark.verdict, found.mark.mistake) == ("wrong", "forgotten")


def test_of_two_mistakes_with_one_value_the_one_made_here_is_named():
    # "added" leads to 5 in part a and so to 6 here; who has 6 there has forgotten the 1.
    assert marks(CHAIN, {"1a": "6", "1b": "6"})["1b"].mark.mistake == "forgotten"


VECTOR = CHAIN.replace(
    "{type: numeric, value: result}, carry", "{type: matrix, value: both, by_entry: true}, carry"
).replace("  double: 2 * result", '  both: "[result, product * product]"\n  double: 2 * result')


@pytest.mark.parametrize(
    ("answers", "points"),
    [
        ({"1a": "5", "1b": "(6, 25)"}, 3),
        ({"1a": "5", "1b": "(6, 24)"}, 1.5),
        ({"1a": "5", "1b": "(7, 36)"}, 3),
        ({"1a": "5", "1b": "(7, 1)"}, 1.5),
        ({"1a": "5", "1b": "(1, 2)"}, 0),
    ],
)
def test_entries_that_follow_earn_their_points(answers, points):
    assert marks(VECTOR, answers)["1b"].points == points


BANK = load_bank()
WITH_MISTAKES = [q for q in BANK.questions.values() if q.mistakes and not q.options]


def first_name(slips, written):
    """The name of the first of these whose value the answer is, within its tolerance."""
    return next(s.name for s in slips if mark(s.answer, written).verdict == "right")


def unrecognised(question, seeds):
    """The mistakes of these variants whose value, typed as an answer, is not told by its name."""
    from question_bank.answers import answer_type

    for seed in seeds:
        asked = key_question(1, instantiate(question, seed))
        for part in asked.parts:
            for mistake in part.mistake_keys:
                written = answer_type(mistake.answer.type).written(mistake.answer)
                # Of mistakes that lead to one value here, an earlier part tells which it was.
                expected = first_name(part.mistake_keys, written)
                label = f"1{part.label}"
                (found,) = [
                    m for m in mark_answers(form_key([asked]), {label: written}) if m.label == label
                ]
                if found.mark.mistake != expected or found.mark.verdict == "right":
                    yield seed, part.label, mistake.name, written, found.mark


@pytest.mark.parametrize("question", WITH_MISTAKES, ids=lambda q: q.id)
def test_each_mistakes_value_is_recognised(question):
    assert list(unrecognised(question, range(2))) == []


@pytest.mark.slow
@pytest.mark.parametrize("question", WITH_MISTAKES, ids=lambda q: q.id)
def test_each_mistakes_value_is_recognised_in_many_draws(question):
    assert list(unrecognised(question, range(2, 60))) == []


def unrecognised_pairs(question, seeds):
    """Two mistakes at once whose value, typed as an answer, is not told by both names."""
    from question_bank.answers import answer_type

    for seed in seeds:
        asked = key_question(1, instantiate(question, seed))
        for part in asked.parts:
            together = list(pairs(asked, part))
            for slip in together:
                written = answer_type(slip.answer.type).written(slip.answer)
                label = f"1{part.label}"
                marked = mark_answers(form_key([asked]), {label: written})
                (found,) = [m.mark.mistake for m in marked if m.label == label]
                if found != first_name(together, written):
                    yield seed, part.label, slip.name, written, found


@pytest.mark.slow
@pytest.mark.parametrize("question", WITH_MISTAKES, ids=lambda q: q.id)
def test_two_mistakes_at_once_are_recognised(question):
    assert list(unrecognised_pairs(question, range(3))) == []


def test_shares_are_exact():
    found = marks(ONE.replace("credit: 1/2", "credit: 1/3"), {"1": "12"})["1"]
    assert found.mark.fraction == Fraction(1, 3)
    assert found.points == 1
