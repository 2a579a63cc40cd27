"""The page for students: no key, nothing from outside, everything that paper shows."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from generator.export.exporting import exports
from tests.generator.export import forms
from tests.generator.paper_form import SECRET, form

VOID = {"meta", "img", "br", "hr"}


class Page(HTMLParser):
    """The elements of a page, and whether each that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict]] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)


def page_of(made) -> str:
    return made.content.decode()


@pytest.fixture(scope="module")
def page(exported):
    return page_of(exported("sample", "html"))


def test_a_page_holds_every_question_and_every_option(page, sample_form):
    shown = Page(page)
    assert sum(a.get("class") == "question" for _, a in shown.elements) == len(
        sample_form.questions
    )
    boxes = sum(a.get("class") == "box" for _, a in shown.elements)
    assert boxes == 20 * 6
    assert "".join(shown.words).count("None of these") >= 20


def test_a_page_asks_for_nothing_outside_of_itself(page):
    for _, attributes in Page(page).elements:
        for name in ("src", "href", "srcset", "data", "action", "poster"):
            address = attributes.get(name)
            assert address is None or address.startswith("data:") or name == "href"
    assert all("url(data:" in found for found in re.findall(r"url\([^)]{0,20}", page))
    assert "@import" not in page
    assert "<script" not in page
    assert "<link" not in page
    policy = next(a["content"] for t, a in Page(page).elements if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'")


def test_a_page_holds_no_key_no_seed_and_no_solution():
    made = exports([form()], "html")[0]
    page = page_of(made)
    assert SECRET not in page
    assert made.losses == ()
    for sample in (forms.sample(), forms.sample(language="de")):
        page = page_of(exports([sample], "html")[0])
        assert str(sample.seed) not in page
        assert sample.bank_version not in page
        for question in sample.questions:
            assert question.variant.question_id not in page
            for option in getattr(question.variant.parts[0].answer, "options", ()):
                assert not option.why or option.why not in page


def test_other_right_answers_leave_the_page_as_it_is():
    """The same question with other options right is the same page, byte for byte."""
    from dataclasses import replace

    one = forms.sample()
    pages = set()
    for turned in (False, True):
        sections = []
        for section in one.sections:
            questions = []
            for question in section.questions:
                parts = tuple(
                    replace(part, answer=turn(part.answer) if turned else part.answer)
                    for part in question.variant.parts
                )
                questions.append(replace(question, variant=replace(question.variant, parts=parts)))
            sections.append(replace(section, questions=tuple(questions)))
        pages.add(exports([replace(one, sections=tuple(sections))], "html")[0].content)
    assert len(pages) == 1


def turn(key):
    if key.type == "multiple_choice":
        options = tuple(
            o.model_copy(update={"correct": not o.correct, "why": "X"}) for o in key.options
        )
        return key.model_copy(update={"options": options})
    if key.type == "numeric" and key.between is None:
        return key.model_copy(update={"value": "123457"})
    return key


def test_a_page_speaks_the_language_of_the_exam():
    page = page_of(exports([forms.sample(language="de")], "html")[0])
    assert '<html lang="de">' in page
    assert "Keine davon" in page
    assert "None of these" not in page


def test_a_figure_has_its_alternative_text(page):
    alts = [a["alt"] for t, a in Page(page).elements if t == "img"]
    assert alts == ["A network with one output & the weights 1 and 4"]


def test_a_page_brings_the_font_that_its_formulas_need(page):
    faces = re.findall(r'@font-face { font-family: "([^"]+)"', page)
    assert "STIX Two Math" in faces
    (rule,) = re.findall(r"^math {.*", page, re.MULTILINE)
    assert rule.startswith('math { font-family: "STIX Two Math"')


@pytest.mark.parametrize(("language", "word"), [("en", "points"), ("de", "Punkte")])
def test_the_head_of_a_section_says_what_it_is_worth(language, word):
    form = forms.sample(language)
    page = page_of(exports([form], "html")[0])
    worth = [sum(q.variant.points for q in section.questions) for section in form.sections]
    assert re.findall(r'<span class="total">(.*?)</span>', page) == [f"{p:g} {word}" for p in worth]
    assert re.findall(r'<td class="count">(.*?)</td>', page)[:-1] == [f"{p:g}" for p in worth]
