"""What stands in a new or imported question until its author says it: `check` finds what was left."""

from __future__ import annotations

TOPIC = "name the topic"
OBJECTIVE = "say what a student shows by answering"
SOURCE = "name the lecture and its topic, or a paper"

PLACEHOLDERS = frozenset({TOPIC, OBJECTIVE, SOURCE})
