"""What a browser keeps of a form that was not sent, and under which name.

A name belongs to one server, one person, and one drawing of one session: numbers of sessions begin again after a
deletion, in another data folder, and in each run that keeps no record, at the same address. Nothing can be read off it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from starlette.requests import Request

from quiz.browser.room import number_of
from quiz.desk import Session
from quiz.events import Item
from web.site import Site
from web.visitors import visitor_of


def draft_name(site: Site, request: Request, *of: object) -> str:
    """The name of a draft of whoever is asking: first whose it is, then what it is of."""
    user = visitor_of(request).user
    return f"{_word(site, user)}.{_word(site, user, *of)}"


def drafts_of(site: Site, request: Request, session: Session, item: Item) -> Callable[[str], str]:
    """The name of a draft by its form: a label of the question, or `exam` for all of its answers."""
    state = session.state
    which = (number_of(session), state.started_at.isoformat(), state.seed)
    return lambda form: draft_name(site, request, *which, item.question, item.seed, form)


def _word(site: Site, *of: object) -> str:
    text = "\n".join(("draft", *map(str, of)))
    return hmac.digest(site.secret, text.encode("utf-8", "replace"), hashlib.sha256).hex()[:20]
