"""Questions come in an order that fills the pages: seeded, the same again, and never hard before easy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generator.exam import Form, FormQuestion, FormSection
from generator.order import Pick, drawn_order, full_order
from generator.page_plan import PAGE, Block, Sizes, emptiness
from generator.page_sizes import sizes_of
from generator.paper import Paper
from generator.render import exam_html, figures, styles
from generator.render_sheet import build_sheet
from question_bank.answers.numeric import NumericKey
from question_bank.loader import load_bank
from templates.page_fill import first_pages
from templates.pdf import lay_out
from tests.generator.paper_form import form, part, variant

NO_HEADING = Block(0, 0)


def sizes(**heights: float) -> Sizes:
    return Sizes((NO_HEADING,), {name: (Block(height, 0),) for name, height in heights.items()})


@pytest.mark.parametrize(
    ("order", "empty"),
    [
        # Two pages, the first full to the last millimetre.
        (("a150", "b100", "c150"), 0),
        # c does not fit below a: 100 of 250 mm are left, then the last page, which counts nothing.
        (("a150", "c150", "b100"), 0.16),
        (("b100", "a150", "c150"), 0),
    ],
)
def test_what_a_page_leaves_empty_counts_as_a_square(order, empty):
    found = emptiness(["short"], sizes(a150=150, b100=100, c150=150), [order])
    assert found == pytest.approx(empty)


def test_spaces_that_grow_fill_a_page_and_a_nearly_full_one_counts_nothing():
    def rate(first: Block) -> float:
        found = Sizes((NO_HEADING,), {"a": (first,), "b": (Block(PAGE, 0),)})
        return emptiness(["short"], found, [["a", "b"]])

    assert rate(Block(150, 0)) == pytest.approx(0.16)
    assert rate(Block(150, 0, stretch=50)) == pytest.approx(0.04)
    assert rate(Block(150, 0, stretch=90)) == 0
    assert rate(Block(230, 0)) == 0


def test_a_gap_counts_below_something_alone_and_a_heading_stays_with_its_question():
    found = Sizes(
        (Block(50, 0),), {"a": (Block(200, 99),), "b": (Block(125, 0),), "c": (Block(125, 99),)}
    )
    # a fills a page with the heading; c does not fit below b because of its gap.
    assert emptiness(["short"], found, [["a", "b", "c"]]) == pytest.approx(0.25)
    # Without the heading above it, a leaves 50 mm: as much as a page may that counts for a fifth.
    assert emptiness(["short"], found, [["b", "a", "c"]]) == pytest.approx(0.3**2 + 0.2**2)


def test_multiple_choice_begins_a_page():
    found = Sizes((NO_HEADING, NO_HEADING), {"a": (Block(100, 0),), "b": (Block(100, 0),)})
    assert emptiness(["short", "short"], found, [["a"], ["b"]]) == 0
    assert emptiness(["short", "multiple_choice"], found, [["a"], ["b"]]) == pytest.approx(0.36)


@pytest.fixture(scope="module")
def picks() -> list[Pick]:
    bank = load_bank()
    short = [question for question in bank.questions.values() if question.type == "short"]
    return [Pick(question) for question in short[:6]]


def test_the_first_order_that_fills_the_pages_is_taken(picks):
    names = [pick.question.id for pick in picks]
    heights = dict(zip(names, (150, 100, 160, 90, 170, 80), strict=True))
    taken = {}
    for label in ("A", "B", "student:1"):
        (order,) = full_order([picks], ["short"], 7, label, sizes(**heights))
        taken[label] = [pick.question.id for pick in order]
        assert emptiness(["short"], sizes(**heights), [taken[label]]) == 0
        assert sorted(taken[label]) == sorted(names)
        (again,) = full_order([list(reversed(picks))], ["short"], 7, label, sizes(**heights))
        assert [pick.question.id for pick in again] == taken[label]
    assert taken["A"] != taken["B"]


def test_where_every_order_is_full_or_nothing_is_known_the_drawn_one_stays(picks):
    drawn = drawn_order(picks, "short", 7, "A")
    small = sizes(**{pick.question.id: 10.0 for pick in picks})
    assert full_order([picks], ["short"], 7, "A", small) == [drawn]
    assert full_order([picks], ["short"], 7, "A", None) == [drawn]


def test_long_questions_stay_ordered_from_easy_to_hard():
    long = [q for q in load_bank().questions.values() if q.type == "long"][:12]
    heights = sizes(**{question.id: 60.0 + 13 * n for n, question in enumerate(long)})
    for label in "ABC":
        (order,) = full_order([[Pick(q) for q in long]], ["long"], 5, label, heights)
        levels = [pick.question.difficulty for pick in order]
        assert levels == sorted(levels)


PAPERS = [
    Paper("A"),
    Paper("A", extra_space=1.5),
    Paper("A", large_print=True),
    Paper("A", large_print=True, extra_space=1.5),
]


@pytest.mark.parametrize("paper", PAPERS, ids=["usual", "space", "large", "large and space"])
def test_estimated_sizes_are_those_of_the_page(paper):
    sheet = build_sheet(form(), solutions=False, paper=paper)
    document = lay_out(exam_html(sheet), styles=styles(sheet), figures=figures(sheet))
    printed: dict[str, float] = {}
    broken = set()
    for page in document.pages:
        waiting = [page._page_box]
        while waiting:
            box = waiting.pop()
            waiting.extend(getattr(box, "children", ()))
            whole = box.element_tag == "section" and box.element is not None
            if whole and (piece := box.element.get("data-piece")):
                broken |= {piece} & {*printed}
                printed[piece] = box.height * 25.4 / 96
    estimated = sizes_of(form(), paper)
    compared = 0
    for question in form().questions:
        if str(question.number) in broken:
            continue
        blocks = estimated.questions[question.variant.question_id]
        height = sum(block.height for block in blocks) + sum(block.gap for block in blocks[1:])
        assert height == pytest.approx(printed[str(question.number)], abs=12, rel=0.12)
        compared += 1
    assert compared >= 5


def with_parts(points: float, count: int, words: str = "What is given. ") -> Form:
    """A form of five short questions with parts."""
    shorts = tuple(
        FormQuestion(
            number,
            variant(
                "short",
                f"Parts {number}",
                words * 4,
                *(
                    part("abcd"[k], "Compute $x$.", points / count, NumericKey(value="2"))
                    for k in range(count)
                ),
            ),
        )
        for number in range(1, 6)
    )
    return replace(form(), sections=(FormSection("Short questions", "short", shorts),))


def pages_of(asked: Form, paper: Paper) -> dict[int, set[int]]:
    """By question: the pages that its parts stand on."""
    sheet = build_sheet(asked, solutions=False, paper=paper)
    found = first_pages(lay_out(exam_html(sheet), styles=styles(sheet), figures=figures(sheet)))
    pages: dict[int, set[int]] = {}
    for piece, page in found.items():
        pages.setdefault(int(piece.rstrip("abcd")), set()).add(page)
    return pages


@pytest.mark.parametrize(
    ("points", "paper", "torn"),
    [
        (4, PAPERS[0], False),
        (3, PAPERS[1], False),
        (4, PAPERS[2], False),
        # More points, more pages that may be turned; and one that no page holds begins where it stands.
        (6, PAPERS[0], True),
        (4, Paper("A", extra_space=4), True),
    ],
)
def test_a_small_short_question_is_not_torn(points, paper, torn):
    pages = pages_of(with_parts(points, 3), paper)
    assert any(len(found) > 1 for found in pages.values()) == torn
    assert len(set.union(*pages.values())) > 1
    blocks = sizes_of(with_parts(points, 3), paper).questions
    assert {len(found) for found in blocks.values()} == {3 if torn else 1}


def test_what_fits_no_page_begins_below_what_stands_there():
    pages = pages_of(with_parts(4, 3, "What is given. " * 30), Paper("A", extra_space=2.6))
    assert all(len(found) > 1 for found in pages.values())
    assert any(min(pages[number + 1]) == max(pages[number]) for number in range(1, 5))
