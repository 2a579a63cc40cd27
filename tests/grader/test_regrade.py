"""--regrade: points follow from answers, key and policy; what was is kept, and shown before it changes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from grader.review.log import lines_of, log_of
from leaderboard.boards import board
from leaderboard.marks import PersonsMark, record_marks, regradings_of
from leaderboard.store import graded_submissions, open_store, reports

ANSWERS = {
    "w0001": "form: A\nanswers: {2: [1 2 3], 3: because, 4a: 6, 4b: 7, 4c: 14}\n",
    "w0002": "form: A\nanswers: {2: [1 2 3], 3: because, 4a: 5, 4b: 6, 4c: 12}\n",
    "w0003": "form: A\nanswers: {4a: 7}\n",
    "w0004": "form: B\nanswers: {4a: 5}\n",
}


@pytest.fixture
def cohort(key_file, hand_in, grade):
    """Four students on record: all right in question 4, the named mistake, a slip, and the other form."""
    for user, answers in ANSWERS.items():
        path = hand_in(answers, name=f"{user}.zip")
        ran = grade(path, "--exam", "exam/exam.json", "--user", user, "--record")
        assert ran.status == 0, ran.err
    return key_file


def corrected(name="NEW.json", *, part=0, **correction):
    """key.json with part 4a (or another) corrected; returns its name."""
    data = json.loads(Path("key.json").read_text())
    target = data["questions"][3]["parts"][part]
    target |= correction
    if correction.get("value"):
        target.pop("value")
        target["answer"]["value"] = correction["value"]
    Path(name).write_text(json.dumps(data))
    return name


def scores():
    """Score and number of reports by user, from the store."""
    store = open_store()
    try:
        found = {}
        for graded in graded_submissions(store, "mock-exam"):
            log = reports(store, graded.number)
            found[graded.user] = (log[-1]["score"], len(log))
        return found
    finally:
        store.close()


ALSO_5 = [{"type": "numeric", "value": "5"}]


def test_the_cohort_before(cohort):
    assert scores() == {"w0001": (11, 1), "w0002": (6, 1), "w0003": (0, 1), "w0004": (0, 1)}


def test_a_dry_run_shows_who_moves_and_records_nothing(cohort, grade):
    ran = grade("--regrade", "mock-exam", "--key", corrected(accept=ALSO_5), "--dry-run")
    assert ran.status == 0
    assert ran.out.splitlines() == [
        "w0002  +5  6 → 11  (4a 0 → 5)",
        "4 graded again (the corrected key alone): 1 gain, 0 lose, 3 keep",
        "1 submission of form B stay as they are: no key of that form was given",
    ]
    assert ran.err == "nothing was recorded (--dry-run)\n"
    assert scores()["w0002"] == (6, 1)


def test_also_accepted(cohort, grade):
    ran = grade("--regrade", "mock-exam", "--key", corrected(accept=ALSO_5), "--by", "prof")
    assert ran.err == "recorded by prof: 1 new result; the earlier ones stay\n"
    assert scores() == {"w0001": (11, 1), "w0002": (11, 2), "w0003": (0, 1), "w0004": (0, 1)}
    store = open_store()
    (log,) = regradings_of(store, "mock-exam")
    report = reports(store, 2)[-1]
    standing = {e.row.user: e.row.points / 1e6 for e in board(store, "mock-exam").entries}
    store.close()
    assert (log.by, log.policy, log.changed) == ("prof", "the corrected key alone", 1)
    assert report["versions"]["key"] == log.keys[0]
    assert report["notes"] == ["graded again with a corrected key: 4a 0 → 5 points"]
    assert standing["w0002"] == 11


@pytest.mark.parametrize("value", ["abc", "", "1/0", "os.system(1)", "0.1x8", "nan", "1e999"])
def test_an_accepted_answer_that_is_none_is_refused(cohort, grade, value):
    also = [{"type": "numeric", "value": value}]
    ran = grade("--regrade", "mock-exam", "--key", corrected(accept=also), "--dry-run")
    assert ran.status == 2
    assert f"question 4, part a, accept: Value error, {value!r} is no right answer" in ran.err
    assert "bad-key" in ran.err


def test_a_corrected_value_that_is_none_is_refused(cohort, grade):
    ran = grade("--regrade", "mock-exam", "--key", corrected(value="1/0"), "--dry-run")
    assert ran.status == 2
    assert "question 4, part a, answer: Value error, '1/0' is no right answer" in ran.err


def test_the_same_again_changes_nothing(cohort, grade):
    new = corrected(accept=ALSO_5)
    grade("--regrade", "mock-exam", "--key", new)
    ran = grade("--regrade", "mock-exam", "--key", new)
    assert "0 gain, 0 lose, 4 keep" in ran.out
    assert scores()["w0002"][0] == 11


def test_withdrawn(cohort, grade):
    ran = grade("--regrade", "mock-exam", "--key", corrected(void=True))
    assert ran.status == 0
    assert {user: score for user, (score, _) in scores().items()} == {
        "w0001": 11, "w0002": 11, "w0003": 5, "w0004": 0,
    }  # fmt: skip


def test_a_corrected_value_may_cost_points_unless_told_otherwise(cohort, grade):
    data = json.loads(Path("key.json").read_text())
    part = data["questions"][3]["parts"][0]
    part["answer"]["value"], part["mistakes"] = "5", []
    Path("NEW.json").write_text(json.dumps(data))
    ran = grade("--regrade", "mock-exam", "--key", "NEW.json", "--dry-run")
    assert "w0001  -5  11 → 6  (4a 5 → 0)" in ran.out
    ran = grade("--regrade", "mock-exam", "--key", "NEW.json", "--never-lower")
    assert "w0001" not in ran.out
    assert "1 gain, 0 lose, 3 keep" in ran.out
    found = scores()
    assert (found["w0001"][0], found["w0002"][0]) == (11, 11)


def in_words(number, label):
    """The key in which one answer is left to a person."""
    data = json.loads(Path("key.json").read_text())
    (part,) = [p for p in data["questions"][number - 1]["parts"] if p["label"] == label]
    part |= {"answer": {"type": "text"}, "spec": None, "mistakes": [], "carry": {}}
    Path("NEW.json").write_text(json.dumps(data))
    return "NEW.json"


def check_of(user, check):
    """A check of a user's last report, from the store."""
    store = open_store()
    try:
        (number,) = [g.number for g in graded_submissions(store, "mock-exam") if g.user == user]
        return next(c for c in reports(store, number)[-1]["checks"] if c["id"] == check)
    finally:
        store.close()


def test_what_a_corrected_key_leaves_open_keeps_its_points_where_no_answer_loses_any(cohort, grade):
    before = scores()
    ran = grade("--regrade", "mock-exam", "--key", in_words(4, "c"), "--never-lower", "--by", "t")
    assert "0 gain, 0 lose, 4 keep" in ran.out
    assert {user: score for user, (score, _) in scores().items()} == {
        user: score for user, (score, _) in before.items()
    }
    check = check_of("w0001", "4c")
    assert (check["verdict"], check["points"]) == ("right", check["max_points"])
    assert check["message"].endswith("(stands: the correction of the key takes no points away)")


def test_without_it_the_line_says_what_waits_now(cohort, grade):
    ran = grade("--regrade", "mock-exam", "--key", in_words(4, "c"), "--dry-run")
    (line,) = [line for line in ran.out.splitlines() if line.startswith("w0001")]
    assert "→ 0 and open)" in line


def test_what_was_withdrawn_is_not_listed_and_follows_all_the_same(cohort, grade):
    from datetime import UTC, datetime

    from leaderboard.decisions import Decision, decide
    from leaderboard.store import open_store, reports

    store = open_store()
    decide(store, Decision(3, "withdrawn", datetime.now(UTC), "ann", "scanned anew"))
    ran = grade("--regrade", "mock-exam", "--key", corrected(void=True), "--json", "-")
    found = {each["submission"] for each in json.loads(ran.out)["submissions"]}
    assert found == {1, 2, 4}
    assert "1 withdrawn submission graded again as well, in case of a reinstatement" in ran.err
    assert len(reports(store, 3)) == 2
    store.close()


@pytest.mark.parametrize("policy", [[], ["--never-lower"]])
@pytest.mark.parametrize("label", ["a", "c"])
def test_a_second_run_records_nothing(cohort, grade, policy, label):
    words = ["--regrade", "mock-exam", "--key", in_words(4, label), *policy, "--by", "t"]
    grade(*words)
    once, message = scores(), check_of("w0001", f"4{label}")["message"]
    ran = grade(*words)
    assert ran.err == "recorded by t: 0 new results; the earlier ones stay\n"
    assert "0 gain, 0 lose, 4 keep" in ran.out
    assert (scores(), check_of("w0001", f"4{label}")["message"]) == (once, message)


def test_a_part_of_the_points_stands_while_the_rest_waits(key_file, hand_in, grade):
    from datetime import UTC, datetime

    from grader.review.recording import settle

    path = hand_in("form: A\nanswers: {2: [1 2 4], 4a: 6}\n", name="w0009.zip")
    assert grade(path, "--exam", "exam/exam.json", "--user", "w0009", "--record").status == 0
    earned = check_of("w0009", "2")["points"]
    assert 0 < earned < 1
    words = ["--regrade", "mock-exam", "--key", in_words(2, ""), "--never-lower", "--by", "t"]
    ran = grade(*words)
    assert " and open" in ran.out
    check = check_of("w0009", "2")
    assert (check["verdict"], check["points"]) == ("needs_person", earned)
    assert grade(*words).err.startswith("recorded by t: 0 new results")
    store = open_store()
    record_marks(store, [PersonsMark(1, "2", Decimal(0), "me", datetime.now(UTC))])
    settle(store, "mock-exam")
    store.close()
    check = check_of("w0009", "2")
    assert (check["by_person"], check["points"]) == (True, earned)


def test_marks_of_people_stay(cohort, grade):
    from datetime import UTC, datetime

    store = open_store()
    record_marks(
        store, [PersonsMark(2, "3", Decimal(2), "me", datetime.now(UTC), ("says because",))]
    )
    store.close()
    grade("--regrade", "mock-exam", "--key", corrected(accept=ALSO_5))
    store = open_store()
    report = reports(store, 2)[-1]
    store.close()
    check = next(c for c in report["checks"] if c["id"] == "3")
    assert (check["points"], check["verdict"], check["by_person"]) == (2, "partly_right", True)
    assert check["message"] == "marked by a person: says because"
    assert (report["score"], report["pending_points"]) == (13, 0)


def test_as_json_for_machines(cohort, grade):
    new = corrected(accept=ALSO_5)
    ran = grade("--regrade", "mock-exam", "--key", new, "--dry-run", "--json", "-")
    data = json.loads(ran.out)
    moved = [each for each in data["submissions"] if each["difference"]]
    assert [(m["user"], m["before"], m["after"], m["checks"]) for m in moved] == [
        ("w0002", 6, 11, [{"id": "4a", "before": 0, "after": 5, "opens": False}])
    ]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--regrade", "mock-exam"], "needs the corrected key"),
        (["--regrade", "other", "--key", "key.json"], 'belongs to "mock-exam"'),
        (["--regrade", "mock-exam", "--key", "missing.json"], "cannot be read"),
        (["--regrade", "mock-exam", "--key", "key.json", "w0001.zip"], "--record"),
        (["--regrade", "exercise-1"], "has no result"),
        (["--regrade", "mock-exam", "--review", "mock-exam"], "exclude each other"),
    ],
)
def test_bad_use_is_one_clear_line(cohort, grade, words, part):
    ran = grade(*words)
    assert (ran.status, ran.out) == (2, "")
    assert part in ran.err
    assert "Traceback" not in ran.err


def test_without_a_store(key_file, grade):
    ran = grade("--regrade", "mock-exam", "--key", key_file)
    assert ran.status == 2
    assert "no result has been recorded yet" in ran.err


def test_the_log_shows_a_mark_of_the_points_that_there_were(cohort, grade):
    store = open_store()
    record_marks(store, [PersonsMark(1, "3", 3, "prof", datetime.now(UTC), (), "")])
    store.close()
    data = json.loads(Path("key.json").read_text())
    part = data["questions"][2]["parts"][0]
    part["points"] = 1
    Path("NEW.json").write_text(json.dumps(data))
    assert grade("--regrade", "mock-exam", "--key", "NEW.json").status == 0
    store = open_store()
    (check,) = [check for check in reports(store, 1)[-1]["checks"] if check["id"] == "3"]
    line = lines_of(log_of(store, "mock-exam"))[0]
    store.close()
    assert (check["points"], check["max_points"]) == (1, 1)
    assert line.endswith("prof  marked w0001 3 (In words): 3 of 3")
