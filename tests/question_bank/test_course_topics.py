"""Every topic of the course has questions, and no question has another topic."""

from __future__ import annotations

from pathlib import Path

import yaml

from question_bank.loader import load_bank

TOPICS = yaml.safe_load(Path(__file__).with_name("course_topics.yaml").read_text(encoding="utf-8"))


def test_topics_of_the_bank_are_those_of_the_course():
    found = {(q.lecture, q.topic) for q in load_bank(None).questions.values()}
    assert found == {(lecture, topic) for lecture, topics in TOPICS.items() for topic in topics}
