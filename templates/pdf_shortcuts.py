"""What WeasyPrint 70 works out box by box, by a shorter way where boxes are plain, as nearly all of ours are.

Each function here gives what WeasyPrint's own gives, and leaves to it whatever is out of the ordinary. As
`templates.pdf_memory`, this reaches into one exact version; tests compare documents made both ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

_SIDES = ("top", "right", "bottom", "left")
_LENGTHS = (
    *(f"margin_{side}" for side in _SIDES),
    *(f"padding_{side}" for side in _SIDES),
    *("width", "min_width", "max_width", "height", "min_height", "max_height"),
)
_WIDTHS = frozenset({"width", "min_width", "max_width"})
_BORDERS = tuple(f"border_{side}_width" for side in _SIDES)
_OF_LENGTHS: tuple[Any, ...] = (*_LENGTHS, *_BORDERS, "border_collapse", "box_sizing")
_RADII = tuple(
    f"border_{corner}_radius" for corner in ("top_left", "top_right", "bottom_right", "bottom_left")
)


def install() -> None:
    """Put the shorter ways in place, once in a process."""
    _plain_lengths()
    _no_backgrounds()
    _in_flow()
    _page_names()
    _no_floats()
    _descendants()


def _plain_lengths() -> None:
    """Lengths without percentages are the same in every containing block: take them all at once."""
    from weasyprint import layout
    from weasyprint.formatting_structure.boxes import Box
    from weasyprint.layout.absolute import AbsolutePlaceholder

    resolve = layout.percent.resolve_percentages
    values_of = itemgetter(*_OF_LENGTHS)

    def resolve_percentages(box: Any, containing_block: Any) -> None:
        style = box.style
        values = values_of(style)
        kept = style.values_kept.get("plain lengths")
        # A style may be changed after it was first seen.
        if kept is None or kept[0] != values:
            kept = style.values_kept["plain lengths"] = (values, *_used(style))
        _, used, shares = kept
        if used is None or type(box) is AbsolutePlaceholder:
            resolve(box, containing_block)
            return
        attributes = box.__dict__
        attributes.update(used)
        if shares:
            of = (
                containing_block.width if isinstance(containing_block, Box) else containing_block[0]
            )
            for name, share in shares:
                attributes[name] = of * share / 100

    for name in (
        "absolute",
        "block",
        "column",
        "float",
        "grid",
        "inline",
        "page",
        "percent",
        "table",
    ):
        getattr(layout, name).resolve_percentages = resolve_percentages


def _used(style: Any) -> tuple[Mapping[str, Any] | None, Sequence[tuple[str, float]]]:
    """The used lengths of a box by attribute, and those that are percentages of the width around it.

    None where they depend on more than that.
    """
    from weasyprint.css.properties import Dimension

    # A cell's borders may have been settled with its neighbours'.
    if style["border_collapse"] != "separate" or style["box_sizing"] != "content-box":
        return None, ()
    used = {name: style[name] for name in _BORDERS}
    shares = []
    for name in _LENGTHS:
        value = style[name]
        if type(value) is Dimension and value.unit == "px":
            used[name] = value.value
        elif type(value) is Dimension and value.unit == "%" and name in _WIDTHS:
            shares.append((name, value.value))
        elif value == "auto":
            used[name] = 0 if name in {"min_width", "min_height"} else "auto"
        else:
            return None, ()
    return used, tuple(shares)


def _no_backgrounds() -> None:
    """A box without background and round corners says so by its class."""
    from weasyprint.formatting_structure.boxes import Box
    from weasyprint.layout import background

    layout = background.layout_box_backgrounds

    def layout_box_backgrounds(
        page: Any,
        box: Any,
        get_image_from_uri: Any,
        layout_children: bool = True,
        style: Any = None,
    ) -> None:
        if style is None and box is not page:
            kept = box.style.__dict__
            bare = kept.get("bare_kept")
            if bare is None:
                bare = kept["bare_kept"] = _is_bare(box.style)
            if bare:
                if layout_children:
                    for child in box.all_children():
                        layout_box_backgrounds(page, child, get_image_from_uri)
                return
        layout(page, box, get_image_from_uri, layout_children, style)

    Box.background = None
    for name in _RADII:
        setattr(Box, name, (0, 0))
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
    from weasyprint.layout import block

    def page_values(self: Any) -> tuple[Any, Any]:
        return _page_name(self, 1), _page_name(self, -1)

    def block_level_page_name(before: Any, after: Any) -> Any:
        name = _page_name(after, 1)
        return None if name == _page_name(before, -1) else name

    boxes.ParentBox.page_values = page_values
    block.block_level_page_name = block_level_page_name


def _page_name(box: Any, step: int) -> Any:
    names = []
    while box is not None:
        style = box.style.__dict__
        # WeasyPrint does not keep it: it would ask all the way up to the root.
        name = style.get("page_kept")
        if name is None:
            name = style["page_kept"] = box.style["page"]
        names.append(name)
        box = next(
            (c for c in box.children[::step] if c.is_in_normal_flow() or c.is_floated()), None
        )
    return next((name for name in reversed(names) if name), names[0])


def _no_floats() -> None:
    from weasyprint import layout

    avoid = layout.float.avoid_collisions

    def avoid_collisions(context: Any, box: Any, containing_block: Any, outer: bool = True) -> Any:
        if (
            outer
            and box.style["float"] == "none"
            and containing_block.style["direction"] == "ltr"
            and not context.excluded_shapes
        ):
            return containing_block.content_box_x(), box.position_y, containing_block.width
        return avoid(context, box, containing_block, outer)

    for module in (layout.block, layout.float, layout.inline):
        module.avoid_collisions = avoid_collisions


def _descendants() -> None:
    """All boxes below one, without a generator for each."""
    from weasyprint.formatting_structure.boxes import Box

    def descendants(self: Any, placeholders: bool = False) -> Iterator[Any]:
        waiting = [self]
        while waiting:
            box = waiting.pop()
            yield box
            if box is self or placeholders or isinstance(box, Box):
                waiting.extend(reversed(box.children))

    Box.descendants = descendants
