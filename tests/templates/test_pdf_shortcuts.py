"""Shorter ways give what WeasyPrint gives; papers made with and without are compared in `test_pdf_memory`."""

from __future__ import annotations

from typing import Any

import pytest

from templates.pdf import lay_out
from templates.pdf_memory import looks_near

STYLES = {
    "a share of the width": ".a { width: 50%; max-width: 25% }",
    "a share of the height": ".a { height: 50%; min-height: 10% }",
    "margins in percent": ".a { margin: 5%; padding: 0 10% }",
    "sizes with borders": ".a { box-sizing: border-box; width: 100px; border: 3px solid; padding: 7px }",
    "automatic margins": ".a { width: 60px; margin: 0 auto }",
    "computed": ".a { width: calc(50% - 10px) }",
    "least and most": ".a { min-width: 150px; max-width: 160px; width: 10px }",
    "beside a float": ".b { float: left; width: 80px; height: 50px } .a { width: 40px }",
}


def boxes(style: str) -> list[tuple[Any, ...]]:
    body = '<div class="b">before</div><div class="a">some <span>words</span></div><table class="a"><tr><td>x</td></tr></table>'
    html = (
        f'<html lang="en"><head><title>T</title><style>@page {{ size: 300px 400px; margin: 20px }} {style}'
        f"</style></head><body>{body}</body></html>"
    )
    return [
        (
            type(box).__name__,
            box.position_x,
            box.position_y,
            box.width,
            box.height,
            box.background is None,
        )
        for page in lay_out(html).pages
        for box in page._page_box.descendants()
    ]


@pytest.mark.parametrize("name", STYLES)
def test_boxes_stand_where_weasyprint_puts_them(name: str) -> None:
    from weasyprint.layout import background, block, inline, percent, table

    quick = boxes(STYLES[name])
    shortcuts = (
        percent.resolve_percentages,
        background.layout_box_backgrounds,
        block.avoid_collisions,
    )
    theirs = [_replaced(shortcut) for shortcut in shortcuts]
    with pytest.MonkeyPatch.context() as patch:
        for module in (percent, block, inline, table):
            patch.setattr(module, "resolve_percentages", theirs[0])
        patch.setattr(background, "layout_box_backgrounds", theirs[1])
        for module in (block, inline):
            patch.setattr(module, "avoid_collisions", theirs[2])
        assert boxes(STYLES[name]) == quick


def _replaced(shortcut: Any) -> Any:
    """WeasyPrint's own function, which its replacement falls back on."""
    inside = dict(zip(shortcut.__code__.co_freevars, shortcut.__closure__, strict=True))
    (own,) = (
        inside[name].cell_contents for name in ("resolve", "layout", "avoid") if name in inside
    )
    return own


@pytest.mark.parametrize(
    ("sheet", "near"),
    [
        ("p { margin: 0 } h2 + p { margin: 0 }", True),
        ("/* a ~ b */ ul > li:first-child, li:last-child { margin: 0 }", True),
        ("h2[data-title] { margin: 0 }", True),
        ("@page { @top-left { content: '~' } }", True),
        ("h2 ~ p { margin: 0 }", False),
        ("h2 + p + p { margin: 0 }", False),
        ("tr:nth-child(2) { margin: 0 }", False),
        ("p:has(b) { margin: 0 }", False),
        ("b:first-of-type { margin: 0 }", False),
        ("img[alt='x'] { margin: 0 }", False),
        ("[data-piece='3'] { margin: 0 }", False),
    ],
)
def test_only_selectors_that_look_near_are_remembered(sheet: str, near: bool) -> None:
    assert looks_near(sheet) is near
