"""Error carried forward over the whole bank: trivial numbers earn nothing by a machine, honest slips keep their points.

Answers are typed and marked as a submission's are: the earlier parts first, then what follows from them.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from question_bank.answers import answer_type
from question_bank.answers.marking import mark
from question_bank.derive import derive
from question_bank.key import key_question, mark_question
from question_bank.loader import load_bank
from question_bank.mistakes import AND, bound
from question_bank.own_values import flat, way_to
from question_bank.variant import instantiate

CHAINS = [q for q in load_bank().questions.values() if any(part.carry for part in q.parts)]
TRIVIAL = (0, 1, -1, 2, 10)
# What may follow from an honest slip and is left to a person all the same.
LEFT_TO_A_PERSON = ("what follows is only", "one number throughout")


def keys(question, seeds):
    for seed in seeds:
        key = key_question(1, instantiate(question, seed))
        yield key, derive(key.parameters, key.let)


def sources(key):
    """The values that are carried, each with the part that asks for it."""
    return {name: label for part in key.parts for name, label in part.carry.items()}


def shaped_like(value, numbers):
    if isinstance(value, tuple):
        return tuple(shaped_like(item, numbers) for item in value)
    return value if isinstance(value, (bool, str)) else next(numbers)


def typed(value):
    return f"[{', '.join(map(typed, value))}]" if isinstance(value, tuple) else str(value)


def written(key):
    return answer_type(key.type).written(key)


def numbers(key):
    kind = answer_type(key.type)
    reading = kind.of_key(key)
    return () if reading is None else flat(kind.carried(reading))


def is_one_number(values):
    return len(set(values)) == 1


def following(key, starts):
    """What follows from these values for each part that carries one, as it is typed."""
    found = {}
    for part in key.parts:
        own = {name: starts[name] for name in part.carry if name in starts}
        if own and part.spec is not None:
            try:
                follows = bound(part, way_to(key, part, own).own)
            except Exception:  # noqa: BLE001 - nothing that can be computed follows: there is nothing to type
                continue
            if follows is not None:
                found[part.label] = written(follows)
    return found


def marks_of(key, starts, texts):
    """The marks where the parts that ask for `starts` are answered with `texts`, and the others with what follows."""
    answers = following(key, starts) | texts
    found = mark_question(key, {f"1{label}": text for label, text in answers.items()})
    return {m.part.label: m for m in found}


def all_one(key, right, number, parts):
    """Values of one number throughout for those of `parts` that are carried."""
    return {
        name: shaped_like(right[name], iter([number] * len(flat(right[name]))))
        for name, label in sources(key).items()
        if label in parts
    }


def earned_by_carrying(marks):
    for found in marks.values():
        if found.carried_from and found.mark.verdict in ("right", "partly_right"):
            by_itself = mark(found.part.key, written(found.follows))
            if found.mark.fraction > by_itself.fraction:
                yield found, [m for m in marks.values() if m.label in found.carried_from]


@pytest.mark.parametrize("question", CHAINS, ids=lambda question: question.id)
def test_one_trivial_number_earns_nothing_later_by_a_machine(question):
    for key, right in keys(question, range(2)):
        labels = {part.label for part in key.parts}
        first = {part.label for part in key.parts if not part.carry}
        for number in TRIVIAL:
            for parts in (first, labels):
                starts = all_one(key, right, number, parts)
                texts = {sources(key)[name]: typed(value) for name, value in starts.items()}
                marks = marks_of(key, starts, texts)
                for found, earlier in earned_by_carrying(marks):
                    follows, meant = numbers(found.follows), numbers(found.part.key)
                    told = (key.seed, found.label, number, follows, found.mark.message)
                    told_by_name = all(m.slip and AND not in m.slip for m in earlier)
                    plain = (number,) if told_by_name else (0, 1, -1)
                    # One 0, 1 or -1 throughout earns nothing, after a named mistake where it is the number typed.
                    if is_one_number(follows) and follows[0] in (0, 1, -1):
                        assert follows[0] not in plain or set(follows) == set(meant), told
                    if told_by_name:
                        continue
                    # The student's own number again earns nothing.
                    assert {a for a, b in zip(follows, meant, strict=True) if a != b} != {number}, (
                        told
                    )
                    # A list of one number throughout earns nothing, where the right one is none.
                    for name in found.part.carry:
                        if name in starts and f"1{sources(key)[name]}" in found.carried_from:
                            own = flat(starts[name])
                            assert len(own) == 1 or is_one_number(flat(right[name])), told


def one_chosen(values):
    """Of several numbers, one that is chosen and the others as they are."""
    if len(values) > 1:
        for i in range(len(values)):
            for chosen in range(-9, 10):
                if chosen != values[i]:
                    yield (*values[:i], chosen, *values[i + 1 :])


def leading_to_one_plain_number(key, right):
    """Values with one chosen number after which all of a later answer is one 0, 1 or -1, and the right one is not."""
    for name, label in sources(key).items():
        later = [part for part in key.parts if name in part.carry and part.spec is not None]
        for chosen in one_chosen(flat(right[name])):
            starts = {name: shaped_like(right[name], iter(chosen))}
            for part in later:
                try:
                    follows = numbers(bound(part, way_to(key, part, starts).own))
                except Exception:  # noqa: BLE001 - nothing that can be computed follows
                    continue
                plain = is_one_number(follows) and follows[0] in (0, 1, -1)
                if plain and set(follows) != set(numbers(part.key)):
                    yield starts, {label: typed(starts[name])}
                    break


def test_one_chosen_number_of_several_makes_nothing_trivial_that_a_machine_rewards():
    seen = 0
    for question in CHAINS:
        for key, right in keys(question, range(1)):
            for starts, texts in leading_to_one_plain_number(key, right):
                seen += 1
                for found, earlier in earned_by_carrying(marks_of(key, starts, texts)):
                    follows, meant = numbers(found.follows), numbers(found.part.key)
                    named = all(m.slip and AND not in m.slip for m in earlier)
                    plain = is_one_number(follows) and follows[0] in (0, 1, -1)
                    told = (question.id, texts, found.label, follows, found.mark.message)
                    assert named or not plain or set(follows) == set(meant), told
    assert seen > 20


def typed_again(key, right, chosen):
    """One number chosen for one of those that are carried, and typed again throughout for what follows."""
    for name, label in sources(key).items():
        values = flat(right[name])
        later = [part for part in key.parts if name in part.carry and numbers(part.key)]
        for i in range(len(values)):
            starts = {name: shaped_like(right[name], iter((*values[:i], chosen, *values[i + 1 :])))}
            for part in later:
                count, form = len(numbers(part.key)), part.key.model_dump().get("value")
                if isinstance(form, tuple) and form and isinstance(form[0], tuple):
                    form = shaped_like(form_of(form), iter([chosen] * count))
                else:
                    form = (chosen,) * count if count > 1 else chosen
                yield part, {label: typed(starts[name]), part.label: typed(form)}


def form_of(rows):
    return tuple(tuple(0 for _ in row) for row in rows)


def test_one_chosen_number_typed_again_earns_nothing_by_a_machine():
    seen = 0
    for question in CHAINS:
        for key, right in keys(question, [0, 7]):
            for chosen in (100, 999):
                for part, texts in typed_again(key, right, chosen):
                    found = mark_question(key, {f"1{label}": text for label, text in texts.items()})
                    (again,) = [m for m in found if m.part.label == part.label]
                    told = (question.id, key.seed, texts, part.label, again.mark.message)
                    seen += "your own number again" in again.mark.message
                    assert again.mark.fraction == 0, told
    assert seen > 5


def slipped(values):
    """One number one too large, or of the wrong sign."""
    for i in {0, len(values) - 1}:
        for wrong in (values[i] + 1, -values[i]):
            if wrong != values[i]:
                yield (*values[:i], wrong, *values[i + 1 :])


def carried_marks(key, starts, texts):
    """The marks of parts that follow from a wrong answer and are wrong by the key."""
    for found in marks_of(key, starts, texts).values():
        source = any(name in starts for name in found.part.carry)
        if source and found.label[1:] not in texts and found.mark.verdict != "not_answered":
            yield found


def keeps_its_points(found):
    return found.mark.verdict == "right" or found.mark.fraction >= Fraction(found.part.carry_credit)


def is_refused_as_impossible(found):
    why = [condition.why.strip().rstrip(".") for condition in found.question.possible]
    return any(words in found.mark.message for words in (*why, "no axis of a shape is below 1"))


def named_slips(key):
    for name, label in sources(key).items():
        (part,) = [p for p in key.parts if p.label == label]
        for mistake in part.mistake_keys:
            kind = answer_type(mistake.answer.type)
            reading = kind.of_key(mistake.answer)
            value = None if reading is None else kind.carried(reading)
            if value is not None:
                yield mistake.name, {name: value}, {label: written(mistake.answer)}


def test_each_named_mistake_alone_keeps_the_points_of_what_follows():
    seen, left = 0, []
    for question in CHAINS:
        for key, _ in keys(question, range(2)):
            for name, starts, texts in named_slips(key):
                for found in carried_marks(key, starts, texts):
                    seen += 1
                    if not keeps_its_points(found):
                        told = (
                            question.id,
                            key.seed,
                            name,
                            found.label,
                            found.mark.verdict,
                            found.mark.message,
                        )
                        assert found.mark.verdict == "needs_person", told
                        assert "what follows is only" in found.mark.message, told
                        left.append(told)
    assert seen > 500
    assert len(left) <= 0.01 * seen, left


def test_a_slip_of_one_or_of_a_sign_keeps_the_points_of_what_follows():
    seen, left, other = 0, [], []
    for question in CHAINS:
        for key, right in keys(question, range(1)):
            for name, label in sources(key).items():
                for wrong in slipped(flat(right[name])):
                    starts = {name: shaped_like(right[name], iter(wrong))}
                    for found in carried_marks(key, starts, {label: typed(starts[name])}):
                        seen += 1
                        if keeps_its_points(found) or is_refused_as_impossible(found):
                            continue
                        told = (
                            question.id,
                            key.seed,
                            name,
                            wrong,
                            found.label,
                            found.mark.verdict,
                            found.mark.message,
                        )
                        few = any(words in found.mark.message for words in LEFT_TO_A_PERSON)
                        (left if few else other).append(told)
    assert seen > 200
    assert len(left) <= 0.05 * seen, left
    assert len(other) <= 0.03 * seen, other
