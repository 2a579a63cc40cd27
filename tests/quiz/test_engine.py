"""The engine: whatever a student does, in whatever order, a session stays whole and can be told again from its events."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.answers import answer_type
from quiz.actions import (
    Another,
    Answer,
    Finish,
    HandIn,
    Hint,
    Leave,
    Look,
    MarkOwn,
    Show,
    Skip,
    Turn,
)
from quiz.choose import Wish, by_lecture_and_topic
from quiz.engine import Plan, Refused, begin, step, waiting
from quiz.events import Rated, Terms, event_from_json
from quiz.material import Material
from quiz.results import outcome, outcomes, rating, total
from quiz.state import State, replay
from tests.quiz.conftest import AMBIGUOUS, BOXES, KEPT, START, SUM, WORDS, bank_of
from tests.support import CHAIN

MATERIAL = Material(bank_of(CHAIN, SUM, BOXES, WORDS, KEPT, AMBIGUOUS))
TERMS = Terms(title="Mock", minutes=30, points=20, pass_mark=10)


def practice(seed=1, **wish):
    return begin(by_lecture_and_topic(MATERIAL, Wish(seed=seed, **wish)), START)


def exam(seed=1):
    plan = by_lecture_and_topic(MATERIAL, Wish(seed=seed))
    return begin(Plan("exam", seed, plan.bank_version, plan.items, TERMS), START)


def number_of(state, question):
    return next(item.number for item in state.items if item.question == question)


def walk(state, *actions, at=START):
    """The state after several actions, and all that happened."""
    told = []
    for action in actions:
        state, happened = step(state, action, at, MATERIAL)
        told += happened
    return state, told


RIGHT = "what the key says"
ANSWERS = st.sampled_from(
    [RIGHT, RIGHT, "6", "5", "a, b", "a", "98,816", "because", "?", "\x00\ud800", "x" * 30_000, ""]
)
LABELS = st.sampled_from("0123456789")
NUMBERS = st.integers(0, 8)
ACTIONS = [
    st.builds(Answer, LABELS, ANSWERS, st.sampled_from([True, False, None]), st.sampled_from([None, "98816"])),
    st.builds(Answer, LABELS, ANSWERS),
    st.builds(Hint, LABELS),
    st.builds(Show, LABELS),
    st.builds(Leave, LABELS),
    st.builds(Skip, LABELS),
    st.builds(MarkOwn, LABELS, st.sampled_from([0.0, 1.0, 2.5, 3.0, 99.0, -1.0, float("nan")])),
    st.builds(Another, NUMBERS),
    st.builds(Turn, NUMBERS),
    st.just(Look()),
]  # fmt: skip
ENDINGS = st.sampled_from([HandIn(), Finish()])
STEPS = st.lists(
    st.tuples(st.one_of(*ACTIONS, *ACTIONS, ENDINGS), st.integers(-60, 400)), max_size=30
)


def aimed(state, action):
    """The action at the part with this place in the session, with the right answer where that is meant."""
    place = getattr(action, "label", None)
    if place is None:
        return action
    labels = list(state.parts)
    label = labels[int(place)] if int(place) < len(labels) else "99z"
    if getattr(action, "text", None) == RIGHT and (found := state.find(label)):
        key = MATERIAL.key_part(*found)
        return replace(action, label=label, text=answer_type(key.answer["type"]).written(key.key))
    return replace(action, label=label)


@settings(max_examples=150)
@given(beginning=st.sampled_from([practice, exam]), steps=STEPS, seed=st.integers(1, 5))
def test_any_sequence_of_actions_keeps_a_session_whole(beginning, steps, seed):
    state, events = beginning(seed)
    told, now = list(events), START
    for action, seconds in steps:
        now += timedelta(seconds=seconds)
        try:
            after, happened = step(state, aimed(state, action), now, MATERIAL)
        except Refused:
            continue
        told += happened
        check_step(state, after, happened)
        state = after
    assert replay(told) == state
    assert replay(event_from_json(event.model_dump_json()) for event in told) == state
    assert State.model_validate_json(state.model_dump_json()) == state
    rated = [event.number for event in told if isinstance(event, Rated)]
    assert len(rated) == len(set(rated))
    times = [event.at for event in told]
    assert times == sorted(times)


def check_step(before, after, happened):
    assert before.phase != "over"
    assert bool(happened) == (after != before)
    assert after.last_at >= before.last_at
    assert [item.question for item in after.items].count("kept_for_exams") == 0
    assert len({item.number for item in after.items}) == len(after.items)
    for label, part in before.parts.items():
        later = after.parts[label]
        assert later.attempts[: len(part.attempts)] == part.attempts
        assert part.counted is None or later.counted == part.counted
        assert part.settled is None or later.settled == part.settled
        assert part.own_points is None or later.own_points == part.own_points
        assert later.hints >= part.hints
    for _, part, came in outcomes(after):
        assert came.points is None or 0 <= came.points <= part.points
    sums = total(after)
    assert 0 <= sums.earned <= sums.possible
    if after.mode == "exam" and after.phase == "asking":
        assert not any(part.attempts or part.hints or part.settled for part in after.parts.values())


@given(steps=STEPS, seed=st.integers(1, 5))
@settings(max_examples=40)
def test_the_same_actions_at_the_same_times_lead_to_the_same_events(steps, seed):
    def told():
        state, events = practice(seed)
        now, found = START, list(events)
        for action, seconds in steps:
            now += timedelta(seconds=seconds)
            try:
                state, happened = step(state, aimed(state, action), now, MATERIAL)
            except Refused:
                continue
            found += happened
        return found

    assert told() == told()


def test_neither_state_nor_events_hold_the_key_or_the_solution():
    state, events = practice()
    text = state.model_dump_json() + "".join(e.model_dump_json() for e in events)
    for secret in ("98816", "Because", "subtracted", "It never was", "correct"):
        assert secret not in text


def test_the_first_answer_counts_and_later_ones_are_for_learning():
    state, _ = practice()
    label = f"{number_of(state, 'chain')}a"
    state, _ = walk(state, Answer(label, "5"), Answer(label, "6"))
    part = state.parts[label]
    assert [a.mark.verdict for a in part.attempts] == ["wrong", "right"]
    assert part.attempts[0].mark.mistake == "added"
    assert part.settled == "answered"
    assert total(state).earned == 0


def test_an_answer_that_cannot_be_read_costs_nothing():
    state, _ = practice()
    label = f"{number_of(state, 'chain')}a"
    state, _ = walk(state, Answer(label, "six"), Answer(label, "6"))
    assert total(state) == total(walk(practice()[0], Answer(label, "6"))[0])


def test_an_error_is_carried_forward():
    state, _ = practice()
    number = number_of(state, "chain")
    state, told = walk(
        state, Answer(f"{number}a", "7"), Leave(f"{number}a"), Answer(f"{number}b", "8")
    )
    mark = next(e.mark for e in told if getattr(e, "label", "") == f"{number}b")
    assert mark.verdict == "right"
    assert mark.message.startswith("follows from your own answer")


def test_a_chosen_reading_decides_an_ambiguous_answer():
    state, _ = practice()
    label = str(number_of(state, "thousand"))
    asked, _ = walk(state, Answer(label, "98,816"))
    (attempt,) = asked.parts[label].attempts
    assert (attempt.mark.verdict, attempt.mark.ask) == ("needs_person", ("98816", "98.816"))
    assert asked.parts[label].settled is None
    for reading, verdict in (("98816", "right"), ("98.816", "wrong")):
        state, _ = walk(asked, Answer(label, "98,816", reading=reading))
        assert state.parts[label].last.mark.verdict == verdict


def test_hints_come_one_by_one_and_end():
    state, _ = practice()
    number = number_of(state, "plain_sum")
    item, label = state.item(number), str(number)
    count = len(MATERIAL.hints(item, item.parts[0]))
    state, _ = walk(state, *[Hint(label)] * count)
    assert state.parts[label].hints == count > 1
    with pytest.raises(Refused, match="no further hint"):
        step(state, Hint(label), START, MATERIAL)


def test_another_variant_comes_next_and_has_other_numbers():
    state, _ = practice()
    number = number_of(state, "plain_sum")
    state, _ = walk(state, Another(number))
    place = state.place(number)
    added = state.items[place]
    assert added.question == "plain_sum"
    old, new = (
        MATERIAL.variant("plain_sum", i.seed).parameters for i in state.items[place - 1 : place + 1]
    )
    assert old != new
    assert state.parts[str(number)].settled == "skipped"


def test_boxes_have_one_try():
    state, _ = practice()
    label = str(number_of(state, "boxes"))
    state, _ = walk(state, Answer(label, "none"))
    assert state.parts[label].settled == "left"


def test_own_points_need_an_answer_and_fit_the_rubric():
    state, _ = practice()
    label = str(number_of(state, "words"))
    for action in (MarkOwn(label, 1), Leave(label)):
        with pytest.raises(Refused):
            step(state, action, START, MATERIAL)
    state, _ = walk(state, Answer(label, "because"))
    with pytest.raises(Refused, match="0 to 3"):
        step(state, MarkOwn(label, 4), START, MATERIAL)
    state, _ = walk(state, MarkOwn(label, 2))
    assert (total(state).earned, state.parts[label].settled) == (2, "answered")


RATINGS = {
    "right at once": ([("6",), ("7",), ("14",)], "good"),
    "right after a hint": ([("?", "6"), ("7",), ("14",)], "hard"),
    "half of the points": ([("6",), ("9", "7"), ("99",)], "hard"),
    "less than half": ([("5",), ("99",), ("14",)], "again"),
    "solution shown": ([("!",), ("!",), ("!",)], "again"),
    "one part skipped, the others right": ([("6",), ("7",), ("-",)], "good"),
    "all skipped": ([("-",), ("-",), ("-",)], None),
}


@pytest.mark.parametrize("case", RATINGS)
def test_how_a_question_went_is_rated_once_all_is_settled(case):
    typed, expected = RATINGS[case]
    state, _ = practice()
    number, told = number_of(state, "chain"), []
    for part, lines in zip("abc", typed, strict=True):
        label = f"{number}{part}"
        for line in lines:
            action = {"?": Hint(label), "!": Show(label), "-": Skip(label)}.get(line)
            assert not [e for e in told if isinstance(e, Rated)]
            state, happened = walk(state, action or Answer(label, line))
            told += happened
        if state.parts[label].settled is None:
            state, happened = walk(state, Leave(label))
            told += happened
    found = [event.rating for event in told if isinstance(event, Rated)]
    assert found == ([] if expected is None else [expected])


def test_what_was_begun_is_rated_at_the_end():
    state, _ = practice()
    number = number_of(state, "chain")
    state, told = walk(state, Answer(f"{number}a", "6"), Finish())
    assert [(e.number, e.rating) for e in told if isinstance(e, Rated)] == [(number, "good")]
    assert state.phase == "over"


def test_in_an_exam_answers_are_changed_until_the_end_and_marked_after_it():
    state, _ = exam()
    number = number_of(state, "chain")
    state, told = walk(state, Answer(f"{number}a", "5"), Answer(f"{number}a", "6"), Turn(2))
    assert (state.parts[f"{number}a"].written, state.position) == ("6", 2)
    assert not any(hasattr(event, "mark") for event in told)
    for action in (Hint("1"), Show("1"), Skip("1"), Another(1), MarkOwn("1", 1), Leave("1")):
        with pytest.raises(Refused):
            step(state, action, START, MATERIAL)
    state, _ = walk(state, HandIn())
    assert state.phase == "over"
    assert total(state).earned == 5


def test_the_clock_hands_in_and_takes_nothing_that_comes_late():
    state, _ = exam()
    label = str(number_of(state, "plain_sum"))
    state, _ = walk(state, Answer(label, "1"), at=START + timedelta(minutes=29))
    late = START + timedelta(minutes=30)
    for action in (Answer(label, "2"), Look(), HandIn(), Turn(2)):
        after, told = step(state, action, late + timedelta(hours=1), MATERIAL)
        assert (told[0].kind, told[0].by, after.handed_in) == ("handed_in", "clock", late)
        assert after.parts[label].last.text == "1"


def test_of_an_exam_what_comes_after_the_last_answer_is_not_rated():
    state, _ = exam()
    second = state.items[1].labels()[0]
    state, told = walk(state, Answer(second, "1"), HandIn())
    rated = {e.number: e.rating for e in told if isinstance(e, Rated)}
    assert rated.keys() <= {item.number for item in state.items[:2]}
    assert rated[state.items[0].number] == "again"


def test_after_an_exam_free_text_waits_for_own_points():
    state, _ = exam()
    label = str(number_of(state, "words"))
    state, _ = walk(state, Answer(label, "because"), HandIn())
    assert (state.phase, waiting(state)) == ("marking", [label])
    with pytest.raises(Refused):
        step(state, Answer(label, "something else"), START, MATERIAL)
    state, _ = walk(state, MarkOwn(label, 3))
    assert (state.phase, total(state).earned) == ("over", 3)


def test_a_session_that_is_over_stays_so():
    state, _ = walk(practice()[0], Finish())
    for action in (Answer("1", "1"), Look(), Finish(), Another(1)):
        with pytest.raises(Refused, match="over"):
            step(state, action, START, MATERIAL)


def test_a_clock_that_goes_back_turns_nothing_round():
    state, _ = practice()
    state, told = step(state, Skip(state.items[0].labels()[0]), START - timedelta(days=1), MATERIAL)
    assert told[0].at == START


def test_nothing_that_counts_gives_no_rating():
    state, _ = practice()
    item = state.items[0]
    assert (
        rating(
            [
                outcome(part, state.parts[label])
                for part, label in zip(item.parts, item.labels(), strict=True)
            ]
        )
        is None
    )
