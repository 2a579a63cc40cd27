"""Forms: read, bounded, and only where this server's own page sent them."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from web.problems import Problem
from web.site import TOKEN, Site, token_for

MOST_FIELDS = 300

# A body in pieces that make no sense is told to whoever sent it; the parser would write it to standard error.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Form:
    """The fields of a form: each with its values, in order; and its files."""

    fields: Mapping[str, tuple[str, ...]]
    files: Mapping[str, UploadFile] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The (first) value of a field; empty where it is not there."""
        return (self.fields.get(name) or ("",))[0]

    def texts(self, name: str) -> tuple[str, ...]:
        """All values of a field, as of several ticked boxes."""
        return self.fields.get(name, ())

    def whole(self, name: str, low: int, high: int) -> int | None:
        """A whole number in a range; None for anything else."""
        text = self.text(name).strip()
        if not (text.isascii() and text.isdigit() and len(text) <= 12):
            return None
        return int(text) if low <= int(text) <= high else None


def posted(
    site: Site, handler: Callable[[Request, Form], Response], *, files: int = 0
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for a form: its token is checked, then the handler is called, in a thread.

    files: how many files the form may have; they lie on disk once they are large, and are closed after the handler.
    The size of the whole body is the guard's business.
    """

    async def endpoint(request: Request) -> Response:
        async with request.form(max_files=files, max_fields=MOST_FIELDS) as data:
            form = _form(data.multi_items())
            expected = token_for(site, getattr(request.state, "visitor", None))
            given = form.text(TOKEN).encode("utf-8", "replace")
            if not hmac.compare_digest(given, expected.encode()):
                raise Problem(
                    403,
                    "This form is out of date",
                    "It was not sent from a page of this server, or you have signed in anew since.",
                    cure="Go back, reload the page, and send it again. What you typed is still there.",
                )
            return await run_in_threadpool(handler, request, form)

    return endpoint


def _form(items: list[tuple[str, Any]]) -> Form:
    fields: dict[str, tuple[str, ...]] = {}
    files: dict[str, UploadFile] = {}
    for name, value in items:
        if isinstance(value, UploadFile):
            files.setdefault(name, value)
        else:
            fields[name] = (*fields.get(name, ()), str(value))
    return Form(fields, files)
