"""Error carried forward: what is carried, what a person decides, what is refused, and that the report says so."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from question_bank.answers.marking import mark
from question_bank.diagnostics import InputError
from question_bank.key import dumps, key_question, loads, mark_answers, mark_question
from question_bank.loader import load_bank, parse_question
from question_bank.own_values import flat, is_mostly_right, spared, way_to
from question_bank.variant import instantiate
from tests.support import form_key

TABLE = yaml.safe_load(Path(__file__).with_name("carried.yaml").read_text())


def asked(text):
    name = text.split("\n", 1)[0].removeprefix("id: ")
    return key_question(1, instantiate(parse_question(text, f"{name}.yaml"), 0))


KEYS = {name: form_key([asked(text)]) for name, text in TABLE["questions"].items()}


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["what"])
def test_what_is_carried(case):
    key = loads(dumps(KEYS[case["question"]]), "key.json")
    typed = {f"1{part}": text for part, text in case["answers"].items()}
    marked = {m.part.label: m for m in mark_answers(key, typed)}
    for part, expected in case["expect"].items():
        found = marked[part]
        assert found.mark.verdict == expected["verdict"], found.mark
        assert found.points == expected.get("points", found.points)
        assert found.mark.mistake == expected.get("mistake", found.mark.mistake)
        for words in expected.get("says", ()):
            assert words in found.mark.message
        if "follows" in expected:
            assert mark(found.follows, expected["follows"]).verdict == "right"


def test_a_key_without_conditions_is_written_as_before():
    assert "possible" not in dumps(KEYS["layer"])
    assert (
        loads(dumps(KEYS["sigmoid"]), "key.json").questions[0].possible[0].why.startswith("A sig")
    )


@pytest.mark.parametrize(
    ("holds", "part"),
    [("0 < z", 'nothing is named "z"'), ("0 < ", "expression"), ("large(s)", "no function")],
)
def test_a_condition_is_checked_with_the_file(holds, part):
    text = TABLE["questions"]["sigmoid"].replace("holds: 0 < s and s < 1", f"holds: '{holds}'")
    with pytest.raises(InputError) as refused:
        parse_question(text, "sigmoid.yaml")
    assert part in str(refused.value)


BANK = load_bank()
CHAINS = [q for q in BANK.questions.values() if any(part.carry for part in q.parts)]


@pytest.mark.parametrize("case", TABLE["bank"], ids=lambda case: case["what"])
def test_what_is_carried_in_the_bank(case):
    key = key_question(1, instantiate(BANK.question(case["question"]), case["seed"]))
    typed = {f"1{part}": text for part, text in case["answers"].items()}
    marked = {m.part.label: m.mark for m in mark_question(key, typed)}
    for part, expected in case["expect"].items():
        assert marked[part].verdict == expected["verdict"], marked[part]
        for words in expected.get("says", ()):
            assert words in marked[part].message


def ways(question, change):
    """The ways from each carried value of the question's first draws, changed, to the parts that build on it."""
    for seed in range(2):
        variant = instantiate(question, seed)
        key = key_question(1, variant)
        for part in key.parts:
            for name in part.carry:
                right = variant.values[name]
                numbers = flat(right)
                for changed in change(numbers):
                    own = shaped_like(right, iter(changed))
                    if own == right or not numbers:
                        continue
                    try:
                        way = way_to(key, part, {name: own})
                    except Exception:  # noqa: BLE001 - leads to nothing, which is tested above
                        continue
                    yield key, way, name


def shaped_like(value, numbers):
    if isinstance(value, tuple):
        return tuple(shaped_like(item, numbers) for item in value)
    return value if isinstance(value, (bool, str)) else next(numbers)


def goes_to_a_person(key, way, name):
    honest = is_mostly_right(way.own[name], way.right[name])
    return not honest and spared(key, way) is not None


def small_slips(numbers):
    for i, number in enumerate(numbers):
        for slipped in (number + 1, number - 1, number + 2, -number):
            yield (*numbers[:i], slipped, *numbers[i + 1 :])
    yield tuple(2 * number for number in numbers)


def ones(numbers):
    if len(numbers) > 1:
        yield (1,) * len(numbers)


def test_of_small_slips_in_the_bank_a_person_sees_few():
    seen = [goes_to_a_person(*one) for question in CHAINS for one in ways(question, small_slips)]
    assert len(seen) > 1000
    assert sum(seen) <= 0.03 * len(seen)


def test_of_answers_of_ones_in_the_bank_a_person_sees_nearly_all():
    seen = [goes_to_a_person(*one) for question in CHAINS for one in ways(question, ones)]
    assert len(seen) > 50
    assert sum(seen) >= 0.95 * len(seen)
