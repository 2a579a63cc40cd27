"""The shelf says of the course's bank what reading it says."""

from __future__ import annotations

from question_bank.loader import COURSE_BANK, load_bank
from question_bank.shelf import for_practice


def test_the_shelf_is_the_bank():
    bank = load_bank()
    shelf = for_practice(COURSE_BANK)
    assert {name: (spine.lecture, spine.topic) for name, spine in shelf.items()} == {
        q.id: (q.lecture, q.topic) for q in bank.questions.values() if q.use != "exam"
    }


def test_what_is_kept_for_exams_stays_out(tmp_path):
    (tmp_path / "a.yaml").write_text('id: a\nlecture: 3\ntopic: "loss: two"\nuse: both\n')
    (tmp_path / "b.yaml").write_text("id: b\nlecture: 3\ntopic: loss\nuse: exam\n")
    assert [(n, s.topic) for n, s in for_practice(tmp_path).items()] == [("a", "loss: two")]
