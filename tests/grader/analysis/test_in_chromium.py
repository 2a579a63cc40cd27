"""The page in a real browser: nothing is asked of a network, nothing is wider than a phone, axe finds no barrier."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grader.analysis.analysis import analyse
from grader.analysis.page import render_page
from grader.analysis.proposals import proposal
from grader.analysis.responses import responses_of
from tests.grader.analysis.classes import able_class, form, items, number, report
from tests.web.chromium import AXE

pytestmark = pytest.mark.browser
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"


@pytest.fixture(scope="module")
def page_file(tmp_path_factory) -> Path:
    """The page of two forms with a wrong key, typed answers and a model."""
    keys = [form(label, [number("typed", "3"), *items(9)]) for label in "AB"]
    scores = able_class(120, np.linspace(-1, 1, 10), 2)
    scores[:, 4] = 1 - scores[:, 4]
    papers = [
        report(
            keys[place % 2],
            {"1": "3" if row[0] else "17", **{str(n + 2): "ab"[int(v)] for n, v in enumerate(row[1:])}},
            f"w{place}",
        )
        for place, row in enumerate(scores)
    ]  # fmt: skip
    found = analyse(responses_of(papers, keys, own_forms=False))
    mends = [
        proposal(s, keys, Path("out"), Path("exam.json"), own_forms=False) for s in found.suspicions
    ]
    path = tmp_path_factory.mktemp("page") / "analysis.html"
    path.write_text(render_page(found, mends), "utf-8")
    return path


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_open_to_all(page_file, chromium, width, scheme):
    # The page's own policy lets no script in; the judge is one.
    context = chromium.new_context(
        bypass_csp=True, viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert asked == [page_file.as_uri()]
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(AXE)
    found = page.evaluate(f"axe.run(document, {{runOnly: {RULES}}})")
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []
    context.close()
