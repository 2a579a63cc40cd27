"""The names of variables, feedback and files within QTI."""

from __future__ import annotations

import re

from generator.export.responses import Fields
from generator.export.view import View, ViewPart, ViewQuestion

ITEMS, IMAGES = "items", "images"


def response_names(part: ViewPart) -> tuple[str, ...]:
    """Return the names of a part's responses: RESPONSE_b, or RESPONSE_b_1, ... for several fields."""
    name = f"RESPONSE{_tail(part)}"
    if isinstance(part.response, Fields) and len(part.response.fields) > 1:
        return tuple(f"{name}_{place}" for place in range(1, len(part.response.fields) + 1))
    return (name,)


def outcome_name(part: ViewPart) -> str:
    """Return the name of what a part earns: SCORE_b; SCORE_1 where a question has no parts."""
    return f"SCORE{_tail(part) or '_1'}"


def hits_name(part: ViewPart) -> str:
    """Return the name of the variable that counts right fields."""
    return f"HITS{_tail(part) or '_1'}"


def feedback_name(part: ViewPart, what: str) -> str:
    """Return the name that shows the sentence on an option or a mistake."""
    return f"WHY{_tail(part)}_{what}"


def item_name(view: View, question: ViewQuestion) -> str:
    """Return the name of an item and its file."""
    return f"{view.label}-{question.number:02d}"


def identifier(text: str) -> str:
    """Return a text as an identifier: letters, digits, `.`, `-` and `_`, a letter first."""
    found = re.sub(r"[^A-Za-z0-9._-]", "_", text)
    return found if found[:1].isalpha() else f"x{found}"


def _tail(part: ViewPart) -> str:
    return f"_{part.letter}" if part.letter else ""
