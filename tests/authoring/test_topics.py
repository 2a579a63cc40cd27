"""Every topic of the course has questions, and no question has another topic."""

from __future__ import annotations

from authoring.topics import TOPICS
from question_bank.loader import load_bank


def test_topics_of_the_bank_are_those_of_the_course():
    found = {(q.lecture, q.topic) for q in load_bank(None).questions.values()}
    assert found == {(lecture, topic) for lecture, topics in TOPICS.items() for topic in topics}
