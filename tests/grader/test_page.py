"""The report as a page: it holds, in any browser, whatever a student typed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import StringIO

import pytest

from grader.page import render_page
from grader.report import Check, Report, report_from
from grader.terminal import print_report
from grader.wording import written_otherwise

HOSTILE = "<script>alert(1)</script>\x1b[2J\u202e\u200b\"'&{{7*7}}$x$[a](http://b)"


def check(name: str, verdict: str, points: float = 0, full: float = 2, **more) -> Check:
    fields = {"title": f"Title {name}", "message": f"message {name}", "topic": "Lecture 4: chains"}
    return Check(id=name, points=points, max_points=full, verdict=verdict, **{**fields, **more})


def report(*checks: Check, **more) -> Report:
    made = report_from(
        checks, user="w0256", assignment="a", title="Mock exam", form="A", pass_mark=4, device="cpu",
        submitted_at=datetime(2026, 1, 2, tzinfo=UTC), seed=1, content_sha256="ab", versions={"python": "3"},
    )  # fmt: skip
    return replace(made, **more)


EVERY = (
    check("1", "right", 2, message="right"),
    check("2", "partly_right", 1, message="one of *two*"),
    check("3", "wrong", message="It is $x<2$.", mistake="sign_slip", read_as="3"),
    check("4", "unreadable"),
    check("5", "not_answered", message="not answered", topic="Lecture 9: pooling", full=3),
    check("6", "needs_person", read_as="because"),
    check("7", "undecided"),
)


CODE = (
    check("lstm.values", "wrong", topic=None, mistake="bias_missing", seconds=1.24,
          message="There is no bias. (h_seq, shape (5, 2), largest error 0.2 at (4, 1); T=5) "
                  "The smallest input that fails: h_seq at x = [[1.5]]: expected [[0.8]], found [[0.9]]."),
    check("lstm.gradient", "partly_right", 1, topic=None, mistake="bias_missing", seconds=0.0312,
          message="There is no bias. (dx, shape (5, 2); T=5)"),
    check("layers.dx", "wrong", topic=None, message="dx differs from the reference: shape (2,), at (1,); x of shape (2,)."),
    check("rnn.values", "not_answered", topic=None, message="The submission has no rnn_nn.py."),
    check("rnn.gradient", "not_answered", topic=None, message="The submission has no rnn_nn.py."),
    check("layers.arguments", "wrong", full=0, topic=None, message="x was changed."),
)  # fmt: skip


class Structure(HTMLParser):
    """Tags, ids and references of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in {"href", "src", "action", "data", "poster", "srcset"}:
                self.references.append(value)

    def handle_data(self, data):
        self.text += data


def test_everything_is_said():
    text = re.sub(r"\s+", " ", Structure(render_page(report(*EVERY))).text)
    for piece in (
        "3 of 15 points", "still open", "The pass mark is 4 points: 1 of the open points reach it",
        "1 right", "1 partly right", "1 not readable", "Recognised: sign slip", "Read as 3", "You wrote because",
        "Go over Lecture 4: chains: 3 points lost (2, 3)", "Go over Lecture 9: pooling: 3 points lost (5)",
        "4 could not be read", "6 waits for a person", "7 could not be graded, which is our fault",
    ):  # fmt: skip
        assert piece in text, piece


def test_of_code_the_mistake_the_place_and_the_smallest_input_are_told():
    version = "c9" * 32
    mine = report(
        *CODE,
        versions={"assignment": version},
        missing_layers=("cgroup", "seccomp"),
        sandbox=("own session",),
    )
    text = re.sub(r"\s+", " ", Structure(render_page(mine)).text)
    for piece in (
        "1 of 10 points", "1 partly right", "2 wrong", "2 not answered",
        "Recognised: bias missing There is no bias. h_seq, shape (5, 2), largest error 0.2 at (4, 1); T=5",
        "The smallest input that fails h_seq at x = [[1.5]]: expected [[0.8]], found [[0.9]].",
        "The same as at lstm.values. dx, shape (5, 2); T=5", "1.2 s", "31 ms", "1 of 2",
        "dx differs from the reference. shape (2,), at (1,); x of shape (2,)", "not counted",
        "rnn.values, rnn.gradient were not handed in", "The same as at rnn.values.",
        "Graded almost without isolation", "no seccomp filter, so programs and sockets",
        "No cgroup here: resource limits stand in.", "assignment c9c9c9c9c9c9)",
    ):  # fmt: skip
        assert piece in text, piece
    assert "layers.arguments" not in text.partition("Check by check")[0]
    assert version not in text


def test_the_terminal_tells_the_same_of_code():
    out = StringIO()
    print_report(
        report(
            *CODE,
            missing_layers=("cgroup", "hostname namespace"),
            sandbox=("landlock (version 7)", "seccomp"),
            versions={"assignment": "c9" * 32},
        ),
        out,
    )
    lines = out.getvalue().splitlines()
    assert lines[3:] == [
        "lstm.values           0/2  wrong  [bias missing]  1.2 s",
        "    There is no bias.",
        "    h_seq, shape (5, 2), largest error 0.2 at (4, 1); T=5",
        "    The smallest input that fails: h_seq at x = [[1.5]]: expected [[0.8]], found [[0.9]].",
        "lstm.gradient         1/2  partly right  [bias missing]  31 ms",
        "    the same as at lstm.values",
        "    dx, shape (5, 2); T=5",
        "layers.dx             0/2  wrong",
        "    dx differs from the reference.",
        "    shape (2,), at (1,); x of shape (2,)",
        "rnn.values            0/2  not answered",
        "    The submission has no rnn_nn.py.",
        "rnn.gradient          0/2  not answered",
        "layers.arguments        -  wrong  not counted",
        "    x was changed.",
        "",
        "graded with fewer layers than usual: no hostname namespace here. Those that are left still keep code",
        "from this machine's files, programs and network",
        "no cgroup here: resource limits stand in",
        "seed 1, version c9c9c9c9c9c9, on cpu, checks took 1.27 s",
    ]


def test_no_request_leaves_the_page():
    page = render_page(report(*EVERY))
    found = Structure(page)
    assert all(each.startswith("#") or each == "data:," for each in found.references)
    assert {each[1:] for each in found.references if each.startswith("#")} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))
    assert "default-src 'none'" in page
    assert not {"script", "iframe", "object", "form", "img"} & set(found.tags)
    assert not re.search(r"@import|url\(", page)


@pytest.mark.parametrize("verdict", [each.verdict for each in EVERY])
@pytest.mark.parametrize("topic", [None, "Lecture 4"])
def test_untrusted_text_stays_text(verdict, topic):
    mine = check(HOSTILE, verdict, message=HOSTILE, read_as=HOSTILE, title=HOSTILE, topic=topic)
    page = render_page(report(mine, user=HOSTILE, form=HOSTILE, title=HOSTILE, notes=(HOSTILE,)))
    assert "<script" not in page
    assert not any(char in page for char in "\x1b\u202e\u200b")
    assert {*Structure(page).tags}.isdisjoint({"script", "img", "iframe"})


def test_formulas_of_the_bank_are_set_and_those_of_students_are_not():
    page = render_page(report(EVERY[2], check("4", "unreadable", message="it is $y<3$")))
    assert page.count("<math") == 1
    assert "it is $y&lt;3$" in page


def test_what_does_not_typeset_stands_as_it_was_written():
    broken = r"costs $5 and \frac{"
    page = render_page(report(check("1", "wrong", message=broken, solution=broken)))
    assert page.count("costs $5 and") == 2


def test_a_message_that_several_checks_share_stands_once():
    shared = [check(name, "wrong", message="The statistics.", mistake="slip") for name in "abc"]
    found = Structure(render_page(report(*shared)))
    assert found.text.count("The statistics.") == 1
    assert found.text.count("The same as at a.") == 2


@pytest.mark.parametrize(
    ("verdicts", "result", "standing"),
    [
        (["right", "right"], "passed", "4 points: reached."),
        (["right", "wrong"], "not passed", "4 points: 2 more."),
        (["right", "right", "needs_person"], "still open", "reached already"),
        (["right", "needs_person"], "still open", "2 of the open points reach it"),
        (["wrong", "needs_person"], "still open", "out of reach"),
    ],
)
def test_the_result_in_words(verdicts, result, standing):
    checks = [
        check(str(n), verdict, points=2 if verdict == "right" else 0)
        for n, verdict in enumerate(verdicts)
    ]
    text = Structure(render_page(report(*checks))).text
    assert result in text
    assert standing in text


def test_the_terminal_is_not_steered(capsys):
    import sys

    mine = [
        check(HOSTILE, verdict, message=HOSTILE, read_as=HOSTILE, title=HOSTILE, mistake=HOSTILE)
        for verdict in ("right", "wrong", "unreadable", "needs_person")
    ]
    print_report(
        report(*mine, user=HOSTILE, notes=(HOSTILE,), missing_layers=(HOSTILE,)), sys.stdout
    )
    out = capsys.readouterr().out
    assert not any(char in out for char in "\x1b\u202e\u200b")
    assert "[2J" in out


def test_what_a_right_answer_was_read_as_is_told():
    made = report(check("1", "right", 2, message="right", read_as="2*x"))
    out = StringIO()
    print_report(made, out)
    (line,) = [line for line in out.getvalue().splitlines() if line.startswith("1 ")]
    assert line.endswith("right  read as 2*x")
    assert "Read as <code>2*x</code>" in render_page(made)


def test_what_was_written_stands_beside_what_was_read_where_they_differ():
    made = report(check("1", "wrong", read_as="sigma(z2)", typed="h2(1-h2), h2 = sigma(z2)"))
    out = StringIO()
    print_report(made, out)
    assert "you wrote h2(1-h2), h2 = sigma(z2)" in out.getvalue()
    page = render_page(made)
    assert page.index("You wrote <code>h2(1-h2), h2 = sigma(z2)</code>") < page.index(
        "Read as <code>sigma(z2)</code>"
    )


@pytest.mark.parametrize(
    ("typed", "read_as", "told"),
    [
        ("W²V(1−h₂²)", "W^2*V*(1 - h2^2)", None),
        ("\\frac{1}{2} \\sigma", "1/2*sigma", None),
        ("[1, 2; 3 4]", "[[1, 2], [3, 4]]", None),
        ("because", None, None),
        ("3/16 = 0.188", "0.188", "3/16 = 0.188"),
        ("h1 = 2,\n h2 = 3", "(2, 3)", "h1 = 2, h2 = 3"),
    ],
)
def test_another_spelling_is_no_other_answer(typed, read_as, told):
    assert written_otherwise(typed, read_as) == told
