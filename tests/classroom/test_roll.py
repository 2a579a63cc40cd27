"""Who belongs to the class: what lets in, and how each of it ends. On both databases."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from classroom import roll
from classroom.roster import Entry
from classroom.tables import members, metadata, sign_ins
from leaderboard.erasure import ERASED_FROM, erase
from leaderboard.store import Store
from question_bank.diagnostics import InputError
from tests.classroom.conftest import SECRET, passes_for
from web.links import sign


@pytest.fixture
def given(store, clock):
    roll.enrol(store, [Entry("w1", "Ada", "1"), Entry("w2")], clock())
    return passes_for(store, ["w1", "w2"], clock(), days=10)


def by_link(store, clock, signed):
    return roll.by_link(store, SECRET, signed, clock())


def test_a_link_and_a_code_let_their_member_in(store, clock, given):
    one = given["w1"]
    ada = roll.Member("w1", roll.STUDENT, "Ada", "1")
    assert by_link(store, clock, one.signed) == ada
    assert re.fullmatch(r"(\w{4}-){2}\w{4}", one.code)
    for typed in (one.code, one.code.upper(), one.code.replace("-", " ")):
        assert roll.by_code(store, "w1", typed, clock()) == ada


@pytest.mark.parametrize(
    ("user", "code"),
    [
        ("w1", "2222-2222-2222"),
        ("w1", ""),
        ("w1", "\ud800"),
        ("nobody", "2222-2222-2222"),
        ("", ""),
        ("w1\0", "x"),
        ("w1' OR '1'='1", "x"),
        ("%", "x"),
    ],
)
def test_another_code_lets_nobody_in(store, clock, given, user, code):
    assert roll.by_code(store, user, code, clock()) is None


def test_one_users_code_is_not_anothers(store, clock, given):
    assert roll.by_code(store, "w2", given["w1"].code, clock()) is None


def test_what_the_store_keeps_does_not_show_the_code(store, given):
    with store.engine.connect() as connection:
        kept = [bytes(row.code) for row in connection.execute(members.select())]
    for one in given.values():
        assert all(one.code.replace("-", "").encode() not in each for each in kept)
    assert len(set(kept)) == 2


def test_links_of_others_are_worth_nothing(store, clock, given):
    signed = given["w1"].signed
    for forged in (
        signed[:-1] + ("A" if signed[-1] != "A" else "B"),
        sign(b"t" * 32, roll.LINK, "key\nw1"),
        sign(SECRET, "visitor", "key\nw1"),
        sign(SECRET, roll.LINK, "another key\nw1"),
        sign(SECRET, roll.LINK, "\nw1"),
        "",
        "x" * 5_000,
    ):
        assert by_link(store, clock, forged) is None


def test_links_and_codes_end_with_their_time(store, clock, given):
    clock.pass_by(days=10, seconds=-1)
    assert by_link(store, clock, given["w1"].signed) is not None
    clock.pass_by(seconds=1)
    assert by_link(store, clock, given["w1"].signed) is None
    assert roll.by_code(store, "w1", given["w1"].code, clock()) is None


def test_new_ones_replace_the_old_ones(store, clock, given):
    again = passes_for(store, ["w1"], clock())["w1"]
    assert by_link(store, clock, given["w1"].signed) is None
    assert roll.by_code(store, "w1", given["w1"].code, clock()) is None
    assert by_link(store, clock, again.signed) is not None
    assert by_link(store, clock, given["w2"].signed) is not None


def sign_in(store: Store, clock, user: str, key: str):
    member = roll.all_members(store)[user]
    roll.begin_sign_in(store, member, key, clock())


def test_revoking_ends_link_code_and_sign_ins_at_once(store, clock, given):
    sign_in(store, clock, "w1", "k1")
    sign_in(store, clock, "w2", "k2")
    roll.revoke(store, ["w1"], clock())
    assert by_link(store, clock, given["w1"].signed) is None
    assert roll.by_code(store, "w1", given["w1"].code, clock()) is None
    assert roll.signed_in(store, "w1", "k1") is None
    assert roll.signed_in(store, "w2", "k2") is not None


def test_signing_out_ends_one_sign_in(store, clock, given):
    sign_in(store, clock, "w1", "phone")
    sign_in(store, clock, "w1", "laptop")
    roll.end_sign_in(store, "phone", clock())
    assert roll.signed_in(store, "w1", "phone") is None
    assert roll.signed_in(store, "w1", "laptop") is not None
    assert roll.signed_in(store, "w2", "laptop") is None


def test_who_is_no_longer_on_the_roster_is_shut_out_and_may_come_back(store, clock, given):
    roll.enrol(store, [Entry("prof")], clock(), role=roll.INSTRUCTOR)
    sign_in(store, clock, "w1", "k1")
    assert roll.close_to(store, ["w2"], clock()) == ["w1"]
    assert roll.signed_in(store, "w1", "k1") is None
    assert by_link(store, clock, given["w1"].signed) is None
    assert by_link(store, clock, given["w2"].signed) is not None
    roll.enrol(store, [Entry("w1", "Ada King")], clock())
    assert roll.without_pass(store, ["w1", "w2"], clock()) == ["w1"]
    again = passes_for(store, ["w1"], clock())["w1"]
    assert by_link(store, clock, again.signed).name == "Ada King"


def test_what_cannot_be_handed_over_changes_nothing(store, clock, given):
    def deliver(passes):
        raise OSError("the disk is full")

    until = clock() + timedelta(days=1)
    with pytest.raises(OSError, match="full"):
        roll.hand_out(store, SECRET, ["w1"], until, clock(), deliver)
    assert by_link(store, clock, given["w1"].signed) is not None
    with pytest.raises(LookupError, match="nobody"):
        roll.hand_out(store, SECRET, ["nobody"], until, clock(), list)
    with pytest.raises(LookupError, match="nobody"):
        roll.revoke(store, ["w1", "nobody"], clock())
    assert by_link(store, clock, given["w1"].signed) is not None


def test_who_is_erased_has_left_the_class_with_name_code_and_sign_ins(store, clock, given):
    ada = roll.by_code(store, "w1", given["w1"].code, clock())
    roll.begin_sign_in(store, ada, "key", clock())
    done = erase(store, "w1", at=clock())
    assert (done.member, done.person, done.submissions) == (True, False, 0)
    assert roll.by_code(store, "w1", given["w1"].code, clock()) is None
    assert by_link(store, clock, given["w1"].signed) is None
    assert roll.signed_in(store, "w1", "key") is None
    assert set(roll.all_members(store)) == {"w2"}
    assert roll.by_code(store, "w2", given["w2"].code, clock()) is not None
    with pytest.raises(InputError, match="nothing is kept"):
        erase(store, "w1", at=clock())


def test_erasure_knows_the_tables_of_the_class_by_their_names():
    assert members.name in ERASED_FROM
    assert sign_ins.name in ERASED_FROM
    assert all(each.name in (members.name, sign_ins.name) for each in with_names())


def with_names():
    """The class's tables that say of whom a row is."""
    return [each for each in metadata.sorted_tables if "username" in each.columns]
