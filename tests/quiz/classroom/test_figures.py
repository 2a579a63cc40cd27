"""What the class found hard: the figures, on both databases, and the pages and tables made of them."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import insert

from classroom.roll import INSTRUCTOR, close_to, enrol
from classroom.roster import Entry
from quiz.classroom.figures import class_figures, user_figures
from quiz.classroom.instructor import ago, duration, users_csv
from quiz.tables import attempts, sessions
from tests.quiz.classroom.conftest import STUDENTS, TEACHER, server_for

# user, question, part, lecture, verdict, points of 2, mistake, hints, seconds, hours ago
ANSWERS = [
    ("w0256", "sum", "", 9, "right", 2.0, None, 0, 10, 0.1),
    ("w0256", "sum", "", 9, "wrong", 0.0, "subtracted", 0, 20, 0.2),
    ("w0257", "sum", "", 9, "wrong", 0.0, "subtracted", 1, 30, 0.3),
    ("w0257", "sum", "", 9, "wrong", 0.0, "doubled", 0, 100, 5),
    ("w0256", "chain", "a", 4, "right", 2.0, None, 0, 5, 0.1),
    ("w0256", "chain", "b", 4, "partly_right", 1.0, "added+forgotten", 0, 50, 30),
    # None of these counts: skipped, an instructor's, and someone's who is no member.
    ("w0256", "chain", "c", 4, "not_answered", None, None, 0, 1, 0.1),
    (TEACHER, "sum", "", 9, "wrong", 0.0, "subtracted", 0, 1, 0.1),
    ("stranger", "sum", "", 9, "wrong", 0.0, "subtracted", 0, 1, 0.1),
]


@pytest.fixture
def answered(store, clock):
    enrol(store, STUDENTS, clock())
    enrol(store, [Entry(TEACHER)], clock(), role=INSTRUCTOR)
    with store.engine.begin() as connection:
        for user in {row[0] for row in ANSWERS}:
            ages = [row[9] for row in ANSWERS if row[0] == user]
            last = clock() - timedelta(hours=min(ages))
            added = connection.execute(
                insert(sessions)
                .values(
                    username=user, mode="practice", bank_version="0", started_at=last, last_at=last
                )
                .returning(sessions.c.id)
            )
            number = added.scalar_one()
            for place, row in enumerate(ANSWERS):
                if row[0] == user:
                    connection.execute(
                        insert(attempts).values(**values(row, number, place, clock()))
                    )
    return store


def values(row, session, place, now):
    user, question, part, lecture, verdict, points, mistake, hints, seconds, hours = row
    return {
        "session_id": session,
        "label": f"{place}{part}",
        "username": user,
        "mode": "practice",
        "question": question,
        "part": part,
        "seed": 1,
        "lecture": lecture,
        "topic": "topic",
        "at": now - timedelta(hours=hours),
        "verdict": verdict,
        "max_points": 2.0,
        "points": points,
        "mistake": mistake,
        "hints": hints,
        "shown": False,
        "self_marked": False,
        "sure": None,
        "seconds": float(seconds),
    }


def test_each_question_of_the_class(answered, clock):
    found = class_figures(answered, clock())
    assert [(each.question, each.part) for each in found.questions] == [
        ("chain", "b"),
        ("sum", ""),
        ("chain", "a"),
    ], "the hardest first"
    total = found.questions[1]
    assert (total.tries, total.users, total.right, total.points) == (4, 2, 0.25, 0.25)
    assert (total.seconds, total.helped) == (25.0, 0.25)
    assert [(slip.name, slip.count) for slip in total.slips] == [("subtracted", 2), ("doubled", 1)]
    assert found.questions[0].points == 0.5
    assert [(each.lecture, each.tries, each.users) for each in found.lectures] == [
        (4, 2, 1),
        (9, 4, 2),
    ]
    assert (found.students, found.tries) == (3, 6)


@pytest.mark.parametrize(
    ("hours", "lecture", "tries", "median"),
    [(1, None, {"sum": 3, "chain": 1}, 20.0), (1, 9, {"sum": 3}, 20.0), (24, 9, {"sum": 4}, 25.0)],
)
def test_of_some_time_and_one_lecture(answered, clock, hours, lecture, tries, median):
    since = clock() - timedelta(hours=hours)
    found = class_figures(answered, clock(), since=since, lecture=lecture)
    assert {each.question: each.tries for each in found.questions} == tries
    assert {each.question: each.seconds for each in found.questions}["sum"] == median
    assert [each.lecture for each in found.lectures] == [4, 9], "lectures stay to choose from"


def test_who_practises_now(answered, clock):
    assert class_figures(answered, clock()).active == 1  # w0256, 6 minutes ago
    clock.pass_by(minutes=5)
    assert class_figures(answered, clock()).active == 0


def test_each_student_with_what_came_of_it(answered, clock):
    found = {each.user: each for each in user_figures(answered)}
    assert set(found) == {"w0256", "w0257", "w0258"}
    first = found["w0256"]
    assert (first.tries, first.right, first.points, first.most) == (4, 2, 5.0, 8.0)
    assert first.last == clock() - timedelta(hours=0.1)
    assert (found["w0258"].tries, found["w0258"].last) == (0, None)
    close_to(answered, ["w0257"], clock())
    assert [each.user for each in user_figures(answered)] == ["w0257"]


def test_a_session_without_an_answer_is_told_as_activity_and_not_as_an_answer(store, clock):
    enrol(store, STUDENTS[:1], clock())
    opened = {"username": STUDENTS[0].user, "mode": "practice", "bank_version": "0"}
    with store.engine.begin() as connection:
        connection.execute(insert(sessions).values(**opened, started_at=clock(), last_at=clock()))
    found = user_figures(store)
    assert [(each.tries, each.last) for each in found] == [(0, clock())]
    head, row = list(csv.DictReader(io.StringIO(users_csv(found).lstrip("\ufeff")))), found[0]
    assert head[0]["Last active (UTC)"] == f"{row.last:%Y-%m-%d %H:%M:%S}"
    assert not any("answer" in name.lower() for name in head[0] if head[0][name] not in ("", "0"))


def test_an_empty_class_has_no_figures(store, clock):
    found = class_figures(store, clock())
    assert (found.questions, found.lectures, found.students, found.active) == ((), (), 0, 0)
    assert user_figures(store) == []


def test_the_page_shows_it_and_reloads(own_store, material, clock, passes):
    browser = server_for(own_store, material, clock, passes)
    student, teacher = browser("w0256"), browser(TEACHER)
    empty = teacher.get("class/").text
    assert "Nothing was answered yet" in empty
    wrong(student)
    page = teacher.get("class/").text
    assert 'data-reload="20"' in page
    assert "A sum" in page
    assert "subtracted" in page
    assert "1 of 3" in page
    still = teacher.get("class/?still=1").text
    assert "data-reload" not in still
    assert "A sum" not in teacher.get("class/?lecture=4").text
    for bad in ("?span=x", "?lecture=x", "?lecture=-1", "?lecture=99999", "?lecture=²"):
        assert teacher.get(f"class/{bad}").status_code == 404


def wrong(browser):
    from tests.quiz.classroom.test_house import answer

    page = browser.get(browser.begin(topic="sums", count="1")).text
    numbers = [int(n) for n in re.findall(r"<mn>(\d+)</mn>", page)]
    answer(browser, page, str(numbers[1] - numbers[0]))


def test_tables_run_no_formula(own_store, material, clock, passes):
    browser = server_for(own_store, material, clock, passes)
    wrong(browser("w0257"))
    teacher = browser(TEACHER)
    answer = teacher.get("class/users.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="users.csv"'
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0][:3] == ["User", "Name", "Id"]
    assert rows[1][:3] == ["w0257", "'=HYPERLINK(1)", "'@1"]
    for row in rows[1:]:
        assert not [cell for cell in row if cell[:1] in ("=", "+", "-", "@")]
    (header, row) = csv.reader(io.StringIO(teacher.get("class/questions.csv").text))
    assert dict(zip(header, row, strict=True)) | {"Median seconds": ""} == {
        "Question": "plain_sum",
        "Part": "",
        "Title": "A sum",
        "Lecture": "9",
        "Topic": "sums",
        "Answers": "1",
        "Students": "1",
        "Right": "0.000",
        "Points": "0.000",
        "Helped": "0.000",
        "Median seconds": "",
        "Mistakes": "subtracted (1)",
    }


def test_names_are_on_the_students_page_only_where_the_roster_has_some(
    own_store, material, clock, passes
):
    teacher = server_for(own_store, material, clock, passes)(TEACHER)
    page = teacher.get("class/users").text
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in page
    enrol(own_store, [Entry(entry.user) for entry in STUDENTS], clock())
    page = teacher.get("class/users").text
    assert "Name" not in page
    assert "w0256" in page


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (125, "2 min 5 s")]
)
def test_times_in_words(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0.5, "just now"),
        (59, "59 min ago"),
        (60, "1 h ago"),
        (47 * 60, "47 h ago"),
        (4_320, "3 days ago"),
    ],
)
def test_how_long_ago(clock, minutes, text):
    assert ago(clock() - timedelta(minutes=minutes), clock()) == text
    assert ago(None, clock()) == "never"
