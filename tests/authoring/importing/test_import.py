"""`question-bank import` from file to bank: what the file says is what the bank asks."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from authoring.cli import main
from authoring.importing.gift import read_gift
from authoring.importing.moodle_xml import read_moodle_xml
from authoring.importing.question_file import Course, Imported, question_files
from question_bank.loader import load_bank, parse_question
from question_bank.variant import instantiate

KEPT = yaml.safe_load(Path(__file__).with_name("kept.yaml").read_text("utf-8"))
REFUSED = yaml.safe_load(Path(__file__).with_name("refused.yaml").read_text("utf-8"))
SAMPLE = Path(__file__).with_name("sample.xml")
COURSE = Course(lecture=3, source="a file", use="exam")


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Runs `question-bank import` in an empty folder: exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["question-bank", "import", "--lecture", "3", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.mark.parametrize("case", KEPT, ids=lambda case: case["why"])
def test_what_is_kept_and_what_is_said_to_be_lost(case):
    found = list(question_files(list(read_gift(case["gift"], "q.gift")), COURSE, frozenset()))
    (made,) = found
    assert isinstance(made, Imported), made
    written = yaml.safe_load(made.text)
    for key, value in case["file"].items():
        assert written.get(key) == value, key
    notes = [
        note for note in made.notes if not note.startswith(("it had 1 point,", "there was no"))
    ]
    assert notes == case.get("notes", [])
    assert all(f"# {note}\n" in made.text for note in made.notes)


@pytest.mark.parametrize(
    ("option", "sources"),
    [
        ([], {"imported from one.gift", "imported from two.gift"}),
        (["--source", "Exam of 2019"], {"Exam of 2019"}),
    ],
)
def test_the_source_is_the_file_of_each_question_or_what_one_says(option, sources, command):
    for name in ("one", "two"):
        Path(f"{name}.gift").write_text(
            f"::{name}:: Which of {name}? {{=Adam ~SGD ~RMSProp}}", "utf-8"
        )
    assert command("one.gift", "two.gift", "-o", "bank", *option)[0] == 0
    made = load_bank([Path("bank")]).questions.values()
    assert {question.source for question in made} == sources


def test_json_says_what_was_written_lost_and_left_out(command):
    Path("q.gift").write_text("::Opt:: Which? {=Adam ~SGD}\n\n::Read:: Read on.", "utf-8")
    status, out, _ = command("q.gift", "-o", "bank", "--json")
    found = json.loads(out)
    assert status == 1
    assert [one["file"] for one in found["written"]] == ["bank/opt.yaml"]
    assert found["written"][0]["from"] == "q.gift:1 (Opt)"
    assert any(note.startswith("it had 1 point") for note in found["written"][0]["notes"])
    assert found["left_out"] == [{"from": "q.gift:3 (Read)", "why": "a description asks nothing"}]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["why"])
def test_a_bad_file_is_refused_before_anything_is_written(case, command):
    Path("q.txt").write_text(case["text"], "utf-8")
    status, out, err = command("q.txt", "-o", "bank")
    assert (status, out) == (2, "")
    assert err.startswith(
        "question-bank: q.txt" + (f":{case['place']}" if case["place"] else "") + ": error["
    )
    assert case["says"] in err
    assert len(err.splitlines()) == 1
    assert not Path("bank").exists()


def test_what_is_no_text_is_refused(command):
    Path("q.txt").write_bytes(b"\xff\xfe\x00\x01")
    status, _, err = command("q.txt", "-o", "bank")
    assert status == 2
    assert "q.txt" in err
    assert "Traceback" not in err


def test_a_file_may_be_as_large_as_an_exam_with_its_pictures(command, monkeypatch):
    figure = "QUJD" * 500_000
    Path("q.xml").write_text(SAMPLE.read_text("utf-8").replace("AAAA", figure), "utf-8")
    assert command("q.xml", "-o", "bank")[0] == 1
    assert len(list(Path("bank").iterdir())) == 7
    monkeypatch.setattr("authoring.importing.command.MOST_BYTES", 1_500_000)
    status, _, err = command("q.xml", "-o", "other")
    assert status == 2
    assert "q.xml: error[too-large]: is larger than 1,500,000 bytes (export fewer questions" in err
    assert not Path("other").exists()


def test_elements_in_elements_without_end_are_refused(command):
    Path("q.xml").write_text("<quiz>" + "<question>" * 5000, "utf-8")
    status, _, err = command("q.xml", "-o", "bank")
    assert status == 2
    assert "nested deeper" in err


def test_a_course_export_of_moodle(command):
    """Every type that Moodle exports: what is taken over, what is lost, what is left out."""
    status, out, err = command(str(SAMPLE), "-o", "bank", "--source", "Exam 2019", "--use", "both")
    assert status == 1
    bank = load_bank([Path("bank")]).questions
    assert set(bank) == {
        "relu_derivative",
        "layers_with_weights",
        "sigmoid_at_zero",
        "statements_on_activations",
        "author_of_resnet",
        "explain_dropout",
        "layers_and_purposes",
    }
    assert '(fill the gaps): left out: questions of type "cloze" have no counterpart here' in err
    assert "7 questions written, 1 left out" in err
    assert "lost: a picture" in out
    assert '"h_{t} < 1" earned 33.3333 %, and is wrong here' in out
    relu = instantiate(bank["relu_derivative"], 0)
    assert "What is the **derivative** of ReLU at $x = -2$?" in relu.text
    assert {o.text: (o.correct, o.why) for o in relu.parts[0].answer.options} == {
        "0": (True, "yes"),
        "1": (False, "that is right of 0"),
        "h$_{t}$ \\< 1": (False, None),
    }
    assert bank["relu_derivative"].use == "both"
    assert bank["relu_derivative"].source == "Exam 2019"
    assert bank["relu_derivative"].topic == "Activations"
    statements = instantiate(bank["statements_on_activations"], 0)
    assert {o.text: o.correct for o in statements.parts[0].answer.options} == {
        "A ReLU is linear.": False,
        "A sigmoid saturates.": True,
        "The tanh is odd.": True,
    }
    matching = bank["layers_and_purposes"].answer
    told = {
        n: matching.right["abc".index(letter)]
        for n, letter in zip(matching.left, matching.pairs, strict=True)
    }
    assert told == {"pooling": "coarser maps", "convolution": "shared weights"}
    assert "gates" in matching.right


def test_a_second_import_overwrites_nothing(command):
    Path("q.gift").write_text("::Sum:: How many? {#3}", "utf-8")
    assert command("q.gift", "-o", "bank")[0] == 0
    mine = Path("bank/sum.yaml")
    mine.write_text("mine", "utf-8")
    Path("q.gift").write_text("::Sum:: How many? {#3}\n\n::New:: How few? {#2}", "utf-8")
    status, _, err = command("q.gift", "-o", "bank")
    assert status == 2
    assert "bank/sum.yaml: error[exists]" in err
    assert mine.read_text("utf-8") == "mine"
    assert not Path("bank/new.yaml").exists()


def test_an_id_of_the_bank_is_not_taken_again(command):
    Path("q.gift").write_text(
        "::conv output size:: How many? {#3}\n\n::Conv: output size:: How few? {#2}"
    )
    assert command("q.gift", "-o", "bank")[0] == 0
    assert sorted(p.stem for p in Path("bank").iterdir()) == [
        "conv_output_size_2",
        "conv_output_size_3",
    ]


words = (
    st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Cf")),
        min_size=1,
        max_size=30,
    )
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text and "$$" not in text)
)
choices = st.lists(
    st.tuples(words, st.booleans(), st.just("") | words),
    min_size=3,
    max_size=8,
    unique_by=lambda c: c[0],
)
numbers = st.fractions(-1000, 1000).map(lambda x: round(x, 3))


def _gift(text: str) -> str:
    return "".join("\\" + char if char in "~=#{}:\\" else char for char in text)


def _shown(question_text: str) -> str:
    """What a reader sees of Markdown that came from plain text."""
    from markdown_it import MarkdownIt

    token = MarkdownIt("commonmark").parseInline(question_text)[0]
    assert all(child.type in ("text", "text_special", "softbreak") for child in token.children), (
        question_text
    )
    return "".join(child.content for child in token.children)


def _loaded(items):
    (made,) = question_files(list(items), COURSE, frozenset())
    assert isinstance(made, Imported), made
    return instantiate(parse_question(made.text, "f.yaml", made.id), 1)


def _spaced(text: str) -> str:
    import re

    return re.sub(r"([{}])(?=[{}%#])|([%#])(?=\})", r"\g<0> ", text)


@settings(max_examples=60, deadline=None)
@given(stem=words, options=choices)
def test_options_make_the_round_trip(stem, options):
    """From GIFT and from Moodle XML to YAML to a printed question: the same texts, the same right options."""
    gift = "::q:: [plain]" + _gift(stem) + " {\n"
    for text, right, why in options:
        gift += f"~%{100 if right else -100}%{_gift(text)}#{_gift(why)}\n"
    xml = "<quiz><question type='multichoice'><name><text>q</text></name><single>false</single>"
    xml += f"<questiontext format='plain_text'><text>{escape(stem)}</text></questiontext>"
    for text, right, why in options:
        xml += f"<answer format='plain_text' fraction={quoteattr('25' if right else '-25')}><text>{escape(text)}"
        xml += (
            f"</text><feedback format='plain_text'><text>{escape(why)}</text></feedback></answer>"
        )
    expected = {(_spaced(text), right, _spaced(why)) for text, right, why in options}
    for items in (read_gift(gift + "}", "q"), read_moodle_xml(xml + "</question></quiz>", "q")):
        variant = _loaded(items)
        assert _shown(variant.text) == _spaced(stem)
        assert {
            (_shown(o.text), o.correct, _shown(o.why or ""))
            for o in variant.parts[0].answer.options
        } == expected


@settings(max_examples=60, deadline=None)
@given(key=numbers, tolerance=st.sampled_from(["0", "0.5", "0.001", "2"]))
def test_numbers_make_the_round_trip(key, tolerance):
    decimal = f"{float(key):.3f}"
    gift = f"::q:: n {{#{decimal}:{tolerance}}}"
    xml = "<quiz><question type='numerical'><name><text>q</text></name><questiontext><text>n</text></questiontext>"
    xml += (
        f"<answer fraction='100'><text>{decimal}</text><tolerance>{tolerance}</tolerance></answer>"
    )
    for items in (read_gift(gift, "q"), read_moodle_xml(xml + "</question></quiz>", "q")):
        answer = _loaded(items).parts[0].answer
        assert Fraction(answer.value) == Fraction(decimal)
        assert answer.tolerance == float(tolerance)


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("~=#{}:\\%T->n \n/[]$0.5ahtml<&;>\"'"), max_size=120))
def test_no_text_makes_it_crash(text):
    """Any text is read, left out or refused: nothing else."""
    from question_bank.diagnostics import InputError

    for reader in (read_gift, read_moodle_xml):
        try:
            list(question_files(list(reader(text, "q")), COURSE, frozenset()))
        except InputError as error:
            assert all(found.message for found in error.diagnostics)  # noqa: PT017
