"""What WeasyPrint 70 works out box by box, by a shorter way where boxes are plain, as nearly all of ours are.

Each function here gives what WeasyPrint's own gives, and leaves to it whatever is out of the ordinary. As
`templates.pdf_memory`, this reaches into one exact version; tests compare documents made both ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

_SIDES = ("top", "right", "bottom", "left")
_LENGTHS = (
    *(f"margin_{side}" for side in _SIDES),
    *(f"padding_{side}" for side in _SIDES),
    *("width", "min_width", "max_width", "height", "min_height", "max_height"),
)
_BORDERS = tuple(f"border_{side}_width" for side in _SIDES)
_RADII = tuple(
    f"border_{corner}_radius" for corner in ("top_left", "top_right", "bottom_right", "bottom_left")
)
_BACKGROUND = (
    *("border_image_source", "mask_border_source", "visibility"),
    *("background_image", "background_color", "box_shadow"),
)


def install() -> None:
    """Put the shorter ways in place, once in a process."""
    _plain_lengths()
    _no_backgrounds()
    _in_flow()
    _page_names()
    _lines_without_floats()
    _page_references()


def _plain_lengths() -> None:
    """Lengths without percentages are the same in every containing block: take them all at once."""
    from weasyprint.layout import absolute, block, column, float, grid, inline, page, percent, table
    from weasyprint.layout.absolute import AbsolutePlaceholder

    resolve = percent.resolve_percentages
    values_of = itemgetter(*_LENGTHS, *_BORDERS, "border_collapse", "box_sizing")

    def resolve_percentages(box: Any, containing_block: Any) -> None:
        style = box.style
        values = values_of(style)
        kept = style.values_kept.get("plain lengths")
        # A style may be changed after it was first seen.
        if kept is None or kept[0] != values:
            kept = style.values_kept["plain lengths"] = (values, _used(style))
        if kept[1] is None or type(box) is AbsolutePlaceholder:
            resolve(box, containing_block)
        else:
            box.__dict__.update(kept[1])

    for module in (absolute, block, column, float, grid, inline, page, percent, table):
        module.resolve_percentages = resolve_percentages


def _used(style: Any) -> Mapping[str, Any] | None:
    """The used lengths of a box, by attribute; None where they depend on more than its style."""
    from weasyprint.css.properties import Dimension

    # A cell's borders may have been settled with its neighbours'.
    if style["border_collapse"] != "separate" or style["box_sizing"] != "content-box":
        return None
    used = {name: style[name] for name in _BORDERS}
    for name in _LENGTHS:
        value = style[name]
        if type(value) is Dimension and value.unit == "px":
            used[name] = value.value
        elif value == "auto":
            used[name] = 0 if name in {"min_width", "min_height"} else "auto"
        else:
            return None
    return used


def _no_backgrounds() -> None:
    from weasyprint.layout import background
    from weasyprint.layout.absolute import AbsolutePlaceholder

    layout = background.layout_box_backgrounds
    values_of = itemgetter(*_BACKGROUND, *_RADII)
    nothing = {**dict.fromkeys(_RADII, (0, 0)), "background": None}

    def layout_box_backgrounds(
        page: Any,
        box: Any,
        get_image_from_uri: Any,
        layout_children: bool = True,
        style: Any = None,
    ) -> None:
        if style is None and box is not page and type(box) is not AbsolutePlaceholder:
            values = values_of(box.style)
            kept = box.style.values_kept.get("background")
            if kept is None or kept[0] != values:
                kept = box.style.values_kept["background"] = (values, _is_bare(box.style))
            if kept[1]:
                if layout_children:
                    for child in box.all_children():
                        layout_box_backgrounds(page, child, get_image_from_uri)
                box.__dict__.update(nothing)
                return
        layout(page, box, get_image_from_uri, layout_children, style)

    background.layout_box_backgrounds = layout_box_backgrounds


def _is_bare(style: Any) -> bool:
    """Whether a box shows nothing but its borders and its content, with square corners."""
    from weasyprint.draw.color import get_color

    return (
        style["visibility"] == "visible"
        and style["border_image_source"][0] == style["mask_border_source"][0] == "none"
        and not style["box_shadow"]
        and all(kind == "none" for kind, _ in style["background_image"])
        and style["background_color"] != "currentcolor"
        and get_color(style, "background_color").alpha == 0
        and all((0, "px") in style[name] for name in _RADII)
    )


def _in_flow() -> None:
    from weasyprint.formatting_structure import boxes

    ask = boxes.Box.is_in_normal_flow

    def is_in_normal_flow(self: Any) -> Any:
        style = self.style
        if style["float"] == "none" and style["position"] in {"static", "relative"}:
            return True
        return ask(self)

    boxes.Box.is_in_normal_flow = is_in_normal_flow


def _page_names() -> None:
    """Which page a box asks for at its start and at its end: down two paths, where both were walked at each step."""
    from weasyprint.formatting_structure import boxes

    def page_values(self: Any) -> tuple[Any, Any]:
        return _page_name(self, 1), _page_name(self, -1)

    boxes.ParentBox.page_values = page_values


def _page_name(box: Any, step: int) -> Any:
    names = []
    while box is not None:
        names.append(box.style["page"])
        box = next(
            (c for c in box.children[::step] if c.is_in_normal_flow() or c.is_floated()), None
        )
    return next((name for name in reversed(names) if name), names[0])


def _lines_without_floats() -> None:
    from weasyprint.formatting_structure.boxes import LineBox
    from weasyprint.layout import block, float, inline

    avoid = float.avoid_collisions

    def avoid_collisions(context: Any, box: Any, containing_block: Any, outer: bool = True) -> Any:
        if (
            outer
            and type(box) is LineBox
            and not context.excluded_shapes
            and containing_block.style["direction"] == "ltr"
            and box.style["float"] == "none"
        ):
            return containing_block.content_box_x(), box.position_y, containing_block.width
        return avoid(context, box, containing_block, outer)

    for module in (block, float, inline):
        module.avoid_collisions = avoid_collisions


def _page_references() -> None:
    """The references to all pages, which each tag asks for, once for as long as no page is added."""
    from weasyprint.pdf import pydyf

    ask = pydyf.PDF.page_references.fget

    def page_references(self: Any) -> Any:
        count = len(self.pages["Kids"])
        kept = self.__dict__.get("references_kept")
        if kept is None or kept[0] != count:
            kept = self.references_kept = (count, ask(self))
        return kept[1]

    pydyf.PDF.page_references = property(page_references)
