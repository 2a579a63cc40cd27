"""The check finds what is wrong with a question: each fault is planted and must be named."""

from __future__ import annotations

import os
import re
import resource
from pathlib import Path

import pytest

from authoring import check_cache
from authoring.bounds import bounded_memory, bounded_time
from authoring.check import _in_processes, check_files
from authoring.check_question import Checked, check_question
from authoring.cli import main
from authoring.new import new_question
from question_bank.diagnostics import InputError
from question_bank.loader import COURSE_BANK, parse_question
from tests.support import CHAIN

GOOD = (COURSE_BANK / "09_cnns/conv_output_size.yaml").read_text()
OUT = "  out: conv_output_size(size, kernel, stride, padding)\n"
VERIFY = "verify: torch_conv2d_size(size, kernel, stride, padding)"
STATEMENTS = """\
id: statements
title: Statements about nothing
lecture: 1
topic: testing
type: multiple_choice
points: 2
minutes: 2
difficulty: 1
objectives: [test]
source: made for the tests
text: Which statements are right?
options:
  - {text: The first one is right., correct: true}
  - {text: The second one is not., correct: false}
  - {text: The third one is right., correct: true}
solution: The first and the third.
verify: {source: "Goodfellow, Bengio and Courville 2016, Deep Learning"}
"""


def codes(text, tmp_path, draws=8):
    file = tmp_path / "question.yaml"
    file.write_text(text)
    return {
        f.code for f in check_question(parse_question(text, "question.yaml"), file, draws).findings
    }


@pytest.mark.parametrize("text", [GOOD, STATEMENTS], ids=["numeric", "statements"])
def test_a_good_question_has_no_findings(text, tmp_path):
    assert codes(text, tmp_path) == set()


@pytest.mark.parametrize(
    ("base", "old", "new", "code"),
    [
        (GOOD, "value: out}", "value: out + 1}", "wrong-key"),
        (GOOD, "verify: torch_conv2d_size(size, kernel, stride, padding)", "", "no-second-route"),
        (GOOD, "verify: torch_conv2d_size(size, kernel, stride, padding)", "verify: out + 0", "no-second-route"),
        (GOOD, "verify: torch_conv2d_size(size,", "verify: torch_conv_size(size,", "no-second-route"),
        (GOOD, "verify: torch_conv2d_size(size, kernel, stride, padding)", "verify: {source: a book}", "no-second-route"),
        (GOOD, "{{ size }} + 2 \\cdot", "{{ size }} + 2 \\cdott", "mathematics"),
        (GOOD, "points: 2", "points: 6", "points"),
        (GOOD, "minutes: 2", "minutes: 9", "minutes"),
        (GOOD, "text: |", "figure: {name: scater, alt: x}\ntext: |", "figure"),
        (GOOD, "size: {choice: [27, 28, 31, 32, 35, 47, 48, 63, 64]}", "size: {choice: [2]}", "bad-question"),
        (GOOD, "set: {out: out - 1}", "set: {out: out / 0}", "idle-mistake"),
        (GOOD, "out: conv_output_size(size", "chore: size * 123457 * 123457 if size > 40 else 0\n  out: 0 * chore + conv_output_size(size", "uneven-work"),
        (STATEMENTS, "The second one is not.", "All of the above.", "all-of-the-above"),
        (STATEMENTS, "Which statements are right?", "Which statements are not right?", "negative-stem"),
        (STATEMENTS, "The first one is right.", "The first one is usually right.", "vague"),
        (STATEMENTS, "The first one", "The first one which is much longer than all of the others and goes on and on", "uneven-options"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_named(base, old, new, code, tmp_path):
    assert old in base
    try:
        found = codes(base.replace(old, new, 1), tmp_path)
    except InputError as error:
        found = {d.code for d in error.diagnostics}
    assert code in found | ({"no-second-route"} if "second-route" in found else set()), found


SLIPS = "  - {name: added, set: {product: a + b}, why: They are multiplied.}\n"
TWO_SLIPS = SLIPS + "  - {name: forgotten, set: {result: product}, why: The 1 is missing.}\n"


def chain(parameters, mistakes):
    head, _, rest = CHAIN.partition("mistakes:\n")
    tail = rest[rest.index("verify:") :]
    drawn = "  a: {choice: [2]}\n  b: {choice: [3]}\n"
    assert drawn in head
    return head.replace(drawn, parameters) + "mistakes:\n" + mistakes + tail


@pytest.mark.parametrize(
    ("parameters", "mistakes", "code"),
    [
        ("  a: {choice: [2]}\n  b: {choice: [3]}\n", TWO_SLIPS, None),
        # 2 + 2 is 2 times 2: the slip would earn the points, so that this is never drawn.
        ("  a: {choice: [2]}\n  b: {choice: [2]}\n", TWO_SLIPS, "no-draw"),
        ("  a: {choice: [2]}\n  b: {choice: [2, 3]}\n", TWO_SLIPS, None),
        # Two names for one value in the part where both are made.
        (
            "  a: {choice: [2]}\n  b: {choice: [3]}\n",
            SLIPS + "  - {name: five, set: {product: 5 + 0 * a}, why: It is no five.}\n",
            "no-draw",
        ),
        # Within the tolerance of the other.
        (
            "  a: {choice: [2]}\n  b: {choice: [3]}\n",
            SLIPS + "  - {name: nearly, set: {product: 5.004 + 0 * a}, why: It is no five.}\n",
            "no-draw",
        ),
        # The slip of part b changes nothing there where a is 1: it shows in part c alone.
        (
            "  a: {choice: [1, 2]}\n  b: {choice: [3]}\n",
            "  - {name: more, set: {result: result + a - 1, double: double + 5}, why: Not so.}\n",
            "mistake-is-right",
        ),
    ],
)
def test_a_mistake_that_meets_the_key_or_another_is_found(parameters, mistakes, code, tmp_path):
    text = chain(parameters, mistakes).replace(
        "{type: numeric, value: product}", "{type: numeric, value: product, tolerance: 0.01}"
    )
    found = codes(text, tmp_path, None)
    expected = {"no-draw", "mistakes-coincide", "mistake-is-right"} & found
    assert expected == ({code} if code else set()), found


def test_draws_in_which_two_mistakes_meet_are_named_by_the_check(monkeypatch, tmp_path):
    # Such draws are never made; the check does not rely on that.
    monkeypatch.setattr("authoring.check_question.turned_down", lambda *_: None)
    twice = SLIPS + SLIPS.replace("added", "summed")
    assert "mistakes-coincide" in codes(
        chain("  a: {choice: [2]}\n  b: {choice: [3, 4]}\n", twice), tmp_path, None
    )


def checked(text, tmp_path, draws=None):
    file = tmp_path / "question.yaml"
    file.write_text(text)
    return check_question(parse_question(text, "question.yaml"), file, draws)


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("value: out}", "value: out + 1}", "wrong-key", ["the key says 30, the second route 29"]),
        ("value: out}", "value: 2 - out}", "wrong-key", ["the key says -27, the second route 29"]),
        ("{{ size }} + 2 \\cdot", "{{ size }} \\cdott", "mathematics", ["cdott"]),
        (VERIFY, "verify: torch_conv2d_size(size, kernel, stride, padding / 0)", "second-route", ["zero"]),
    ],
)  # fmt: skip
def test_a_fault_is_one_finding_however_many_draws_show_it(old, new, code, says, tmp_path):
    assert old in GOOD
    found = checked(GOOD.replace(old, new, 1), tmp_path)
    of_it = [f for f in found.findings if f.code == code]
    assert len(of_it) == 1, [f.message for f in found.findings]
    assert all(part in of_it[0].message for part in says)
    assert "size=" in of_it[0].message  # an example
    if code != "mathematics":
        assert f"(in {found.draws} of {found.draws} draws)" in of_it[0].message


def test_two_faults_of_one_kind_are_two_findings(tmp_path):
    text = chain("  a: {choice: [2, 3]}\n  b: {choice: [3, 5]}\n", TWO_SLIPS)
    both = text.replace("value: product}", "value: product + 1}").replace(
        "value: double}", "value: double + 1}"
    )
    found = checked(both, tmp_path).findings
    assert [f.message.split(" says")[0] for f in found if f.code == "wrong-key"] == [
        "part a",
        "part c",
    ]


@pytest.mark.parametrize(
    ("parameters", "mistakes", "says"),
    [
        ("  a: {choice: [2]}\n  b: {choice: [2]}\n", TWO_SLIPS, "the mistake added leads to the key (in 500)"),
        (
            "  a: {choice: [2, 3]}\n  b: {choice: [5, 7]}\n",
            SLIPS + "  - {name: nothing_wrong, set: {product: b * a}, why: It is the same.}\n",
            "the mistake nothing_wrong leads to the key (in 500)",
        ),
        (
            "  a: {choice: [2]}\n  b: {choice: [3]}\n",
            SLIPS + SLIPS.replace("added", "summed"),
            "the mistakes added and summed lead to the same answer",
        ),
    ],
)  # fmt: skip
def test_the_mistake_that_leaves_no_draw_is_named(parameters, mistakes, says, tmp_path):
    (found,) = checked(chain(parameters, mistakes), tmp_path).findings
    assert found.code == "no-draw"
    assert says in found.message


def test_draws_that_are_left_out_since_answers_meet_are_counted(tmp_path, monkeypatch, capsys):
    text = chain("  a: {choice: [2, 3]}\n  b: {choice: [2, 3, 5]}\n", TWO_SLIPS)
    found = checked(text, tmp_path)
    assert found.draws == 5
    assert dict(found.left_out) == {"the mistake added leads to the key": 1}
    (tmp_path / "question.yaml").rename(tmp_path / "chain.yaml")
    monkeypatch.setattr("sys.argv", ["question-bank", "check", str(tmp_path / "chain.yaml")])
    with pytest.raises(SystemExit):
        main()
    said = capsys.readouterr().err
    assert (
        "chain: 1 draw left out beside the 5 usable: the mistake added leads to the key (1)" in said
    )


def test_what_must_be_possible_holds_of_the_key(tmp_path):
    text = chain("  a: {choice: [2, 3]}\n  b: {choice: [5, 7]}\n", TWO_SLIPS).replace(
        "text: Let", "possible:\n  - {holds: product < 15, why: It is small.}\ntext: Let"
    )
    found = [f.message for f in checked(text, tmp_path).findings if f.code == "impossible-key"]
    assert found == [
        "`possible`: product < 15 does not hold of the right values [a=3, b=5] (in 2 of 4 draws)"
    ]


@pytest.mark.parametrize(
    ("old", "new", "place", "message", "hint"),
    [
        (VERIFY, "verify: torch_conv2d_siz(size)", (45, 9), '"torch_conv2d_siz"', '"torch_conv2d_size"'),
        (VERIFY, "verify: {'': torch_conv2d_siz(size)}", (45, 14), '"torch_conv2d_siz"', '"torch_conv2d_size"'),
        (VERIFY, "verify: out + 0", (45, 9), "calls no route", "solver"),
    ],
)  # fmt: skip
def test_a_verify_without_a_route_is_told_with_place_and_cure(
    old, new, place, message, hint, tmp_path
):
    file = tmp_path / "conv_output_size.yaml"
    text = GOOD.replace(old, new, 1)
    file.write_text(text)
    (found,) = check_question(parse_question(text, str(file)), file, 4).findings
    assert (found.where.line, found.where.column) == place
    assert message in found.message
    assert hint in found.hint


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("value: out}", "value: out + 1}", "wrong-key", VERIFY),
        ("{{ size }} + 2 \\cdot", "{{ size }} + 2 \\cdott", "mathematics", "\\cdott"),
        ("text: |", "figure: {name: scater, alt: two words and more}\ntext: |", "figure", "figure:"),
        ("require:", "require:\n  - size < 0", "no-draw", "require:"),
        ("minutes: 2", "minutes: 9", "minutes", "minutes:"),
        ("set: {out: out - 1}", "set: {out: out / 0}", "idle-mistake", "name: plus_one_forgotten"),
        (VERIFY, "", "no-second-route", "id:"),
        ("What are the height", "What are **the height", "markup", "**the height"),
        ("A convolution", "With 1\\,000 images, a convolution", "markup", "1\\,000"),
        (VERIFY, f"{VERIFY} * 0 + 0 * size + 29", "no-second-route", "verify:"),
        (VERIFY, f"{VERIFY} * 0 + out", "no-second-route", "verify:"),
        (f"let:\n{OUT}", f"let:\n{OUT}  same: out\n", None, "the key may have another name"),
        (VERIFY, "verify: torch_conv2d_size(out, 1)", "no-second-route", "verify:"),
    ],
)  # fmt: skip
def test_a_finding_has_its_line_and_a_cure(old, new, code, line, tmp_path):
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    of_it = [f for f in checked(text, tmp_path, 4).findings if f.code == code]
    assert len(of_it) == (1 if code else 0), of_it
    for found in of_it:
        told = text.splitlines()[(found.where.line or 1) - 1]
        assert line in told or line.strip() in told.strip(), (found.where.line, told)
        assert found.hint or code == "minutes"


@pytest.mark.parametrize("kind", ["short", "multiple_choice", "long"])
def test_of_a_new_question_only_what_its_author_must_say_is_found(kind, tmp_path):
    found = checked(new_question("my_question", kind, 3), tmp_path).findings
    assert {(f.code, f.severity) for f in found} == {("placeholder", "warning")}
    assert sorted(f.message.split(":")[0] for f in found) == ["objectives", "source", "topic"]
    assert all(f.where.line > 1 for f in found)


@pytest.mark.parametrize(
    ("sizes", "said", "code"),
    [
        ("range: [27, 80]", "", None),
        ("range: [27, 40]", "", "few-draws"),
        ("range: [27, 40]", "few_draws: A padding needs a kernel.\n", None),
        ("range: [27, 80]", "few_draws: There are no more.\n", "few-draws"),
    ],
)
def test_fifty_draws_or_the_question_says_why_not(sizes, said, code, tmp_path):
    old = "size: {choice: [27, 28, 31, 32, 35, 47, 48, 63, 64]}"
    assert old in GOOD
    text = GOOD.replace(old, f"size: {{{sizes}}}")
    text = re.sub(r"kernel: .*", "kernel: {choice: [7]}", text, count=1)
    text = re.sub(r"stride: .*", "stride: {choice: [1]}", text, count=1)
    text = re.sub(r"padding: .*", "padding: {choice: [3]}", text, count=1)
    text = re.sub(r"require:\n(  - .*\n)*", "", text)
    found = {
        f.code for f in checked(text.replace("text: |", said + "text: |", 1), tmp_path).findings
    }
    assert found & {"few-draws"} == ({code} if code else set())


def test_of_the_courses_bank_topics_and_archetypes_are_known(monkeypatch, tmp_path):
    text = GOOD.replace("topic: convolutions (dimensions)", "topic: bananas")
    assert codes(text, tmp_path) == set()
    monkeypatch.setattr("authoring.check_question.COURSE_BANK", tmp_path)
    assert codes(text, tmp_path) == {"topic"}


def test_a_file_that_cannot_be_loaded_does_not_stop_the_others(tmp_path):
    (tmp_path / "conv_output_size.yaml").write_text(GOOD)
    (tmp_path / "broken.yaml").write_text("id: [")
    found = {one.question_id: one for one in check_files([tmp_path], None, draws=2, jobs=1)}
    assert found["conv_output_size"].findings == ()
    assert found["broken"].findings[0].code == "yaml-syntax"


def product_of(inputs):
    return re.sub(r"inputs: {.*}", f"inputs: {inputs}", new_question("too_much", "short", 3))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_second_route_that_fails_is_a_finding_and_others_are_checked(jobs, tmp_path):
    (tmp_path / "conv_output_size.yaml").write_text(GOOD)
    (tmp_path / "too_much.yaml").write_text(product_of("{range: [1, 100000000000]}"))
    checked = check_files([tmp_path], None, draws=2, jobs=jobs)
    found = {one.question_id: one.findings for one in checked}
    assert found["conv_output_size"] == ()
    (route,) = [f for f in found["too_much"] if f.code == "second-route"]
    assert "the second route fails" in route.message
    assert "inputs=" in route.message
    assert "(in 2 of 2 draws)" in route.message


def test_a_route_takes_bounded_memory(tmp_path):
    # Over 6 GB: the machine may have as much, the check has not.
    (tmp_path / "too_much.yaml").write_text(product_of("{choice: [400000000]}"))
    before = resource.getrlimit(resource.RLIMIT_DATA)
    (found,) = check_files([tmp_path], None, draws=1, jobs=1)
    assert "second-route" in {f.code for f in found.findings}
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is bounded on Linux")
def test_beyond_the_bound_an_allocation_fails():
    with bounded_memory(64 << 20), pytest.raises(MemoryError):
        bytearray(128 << 20)
    assert len(bytearray(128 << 20)) == 128 << 20


def test_a_route_takes_bounded_time(tmp_path, monkeypatch):
    def endless(*_):
        while True:
            pass

    monkeypatch.setattr(
        "authoring.check_route._callable", lambda: {"torch_linear_weights": endless}
    )
    monkeypatch.setattr("authoring.check_route.bounded_time", lambda: bounded_time(0.05))
    (tmp_path / "too_much.yaml").write_text(product_of("{choice: [10, 20, 30]}"))
    (found,) = check_files([tmp_path], None, jobs=1)
    (slow,) = [f for f in found.findings if f.code == "slow-route"]
    assert "takes more than" in slow.message
    assert "inputs=10" in slow.message


def test_a_check_that_fails_is_a_finding_of_its_question(tmp_path, monkeypatch):
    def broken(question, *_):
        raise RuntimeError("no such thing")

    monkeypatch.setattr("authoring.check_question.lint_item", broken)
    (tmp_path / "conv_output_size.yaml").write_text(GOOD)
    (found,) = check_files([tmp_path], None, draws=1, jobs=1)
    assert [(f.code, f.where.what) for f in found.findings] == [
        ("check-failed", "conv_output_size")
    ]
    assert "RuntimeError: no such thing" in found.findings[0].message


def die(file, _draws):
    if file.stem == "too_much":
        os._exit(9)
    return Checked(file.stem, 1, ())


def test_a_process_that_dies_takes_no_other_question_with_it(monkeypatch):
    monkeypatch.setattr("authoring.check._check_file", die)
    files = [Path(f"{name}.yaml") for name in ("a", "b", "too_much", "c", "d")]
    found = list(_in_processes(files, None, 2))
    assert [one.question_id for one in found] == ["a", "b", "too_much", "c", "d"]
    assert [[f.code for f in one.findings] for one in found] == [[], [], ["check-failed"], [], []]


def test_what_did_not_change_is_not_checked_again(tmp_path):
    good, bad = tmp_path / "conv_output_size.yaml", tmp_path / "statements.yaml"
    good.write_text(GOOD)
    bad.write_text(STATEMENTS.replace("points: 2", "points: 9"))

    def unchanged(**options):
        found = check_files([good, bad], None, draws=2, jobs=1, **options)
        return {one.question_id for one in found if one.unchanged}

    assert unchanged() == set()
    assert unchanged() == {"conv_output_size"}  # findings are never taken on trust
    assert unchanged(again=True) == set()
    good.write_text(GOOD.replace("points: 2", "points: 3"))
    assert unchanged() == set()


def test_other_code_and_other_draws_are_checked_again(tmp_path, monkeypatch):
    file = tmp_path / "conv_output_size.yaml"
    file.write_text(GOOD)
    name = check_cache.name_of(file, 2)
    assert check_cache.name_of(file, 2) == name
    assert check_cache.name_of(file, None) != name
    assert check_cache.name_of(tmp_path / "missing.yaml", 2) is None
    monkeypatch.setattr(check_cache, "_surroundings", lambda: b"another version")
    assert check_cache.name_of(file, 2) != name


@pytest.mark.parametrize(
    ("name", "counts"),
    [("code.py", True), ("exam/words/de.yaml", True), ("lectures/01/q.yaml", False)],
)
def test_a_changed_file_of_the_code_renews_all_results(name, counts, tmp_path, monkeypatch):
    monkeypatch.setattr(check_cache.resources, "files", lambda _package: tmp_path)
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("before")
    before = check_cache._surroundings.__wrapped__()
    file.write_text("after")
    assert (check_cache._surroundings.__wrapped__() != before) == counts


def test_results_of_no_use_are_forgotten(tmp_path):
    check_cache.remember("old", 3)
    check_cache.remember("new", 4)
    os.utime(check_cache.folder() / "old", (0, 0))
    check_cache.forget_the_old()
    assert (check_cache.recall("old"), check_cache.recall("new")) == (None, 4)
    (check_cache.folder() / "new").write_text("spoilt")
    assert check_cache.recall("new") is None
