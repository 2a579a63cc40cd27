"""What WeasyPrint 70 works out again for each document, kept for the next one: styles, lines of text, glyphs.

The papers of an exam are alike: the same style sheets, and mostly the same words. Three things are kept, each
a pure function of its arguments, so that a document comes out the same whatever was made before it:

- the computed values of a style, by the values of its parent and the declarations that apply to it;
- where a text breaks, by text, style and width;
- the operators that print a line, by text and style.

This reaches into WeasyPrint's own functions. It does so only in the version that it was written for (see
`VERSION`); with any other, nothing is kept and documents take longer. Tests compare documents made both ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from itertools import count
from operator import itemgetter
from types import SimpleNamespace
from typing import Any

from templates import pdf_shortcuts, pdf_writing
from templates.pdf_kept import UNSEEN, Kept
from templates.pdf_lines import keep_glyphs, keep_lines

VERSION = "70.0"

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BLOCK = re.compile(r"\{[^{}]*\}")
# Siblings further away, counted, or still to come; what a picture's attributes say.
_FAR = re.compile(
    r"~|:nth-|:only-|-of-type|:has\(|\+[^,;{}]*\+|\[(?:src|alt|style|width|height|data-[-\w]*)\b[^\]]*=",
    re.IGNORECASE,
)
# What decides how a text is set, besides everything whose name begins with "font_" or "hyphen".
_OF_TEXT = (
    "direction",
    "lang",
    "letter_spacing",
    "overflow_wrap",
    "tab_size",
    "text_decoration_line",
    "white_space",
    "word_break",
    "word_spacing",
)


def install(weasyprint: Any) -> bool:
    """Let WeasyPrint remember, once in a process; say whether it is the version for it."""
    if weasyprint.__version__ != VERSION:
        return False
    _keep_matches()
    _keep_styles()
    text_key = _text_key()
    _keep_style_attributes()
    _keep_struts(text_key)
    keep_lines(text_key)
    keep_glyphs(text_key)
    pdf_shortcuts.install()
    pdf_writing.install()
    return True


def looks_near(text: str) -> bool:
    """Whether the selectors of a style sheet look no further than `_keep_matches` does."""
    selectors = _BLOCK.sub(";", _COMMENT.sub("", text))
    return not _FAR.search(selectors)


def _keep_matches() -> None:
    """Which rules apply to an element, for style sheets that are marked so (`looks_near`).

    Elements are alike for their selectors if they and those that they stand in have the same names and
    attributes, are alike empty, first or last, and come after one with the same name and attributes.
    """
    import weasyprint

    matcher = weasyprint.cssselect2.Matcher
    numbers = Kept()
    fresh = count()
    match = matcher.match

    def number_of(element: Any) -> int:
        found = element.__dict__.get("number_kept")
        if found is None:
            parent, before = element.parent, element.previous
            key = (
                parent and number_of(parent),
                before and _by_itself(before.etree_element),
                element.index + 1 == len(element.etree_siblings),
                _by_itself(element.etree_element),
            )
            found = numbers.get(key)
            if found is None:
                found = numbers[key] = next(fresh)
            element.number_kept = found
        return found  # type: ignore[no-any-return]

    def match_kept(self: Any, element: Any) -> Any:
        if not self.__dict__.get("looks_near"):
            return match(self, element)
        kept = self.__dict__.setdefault("matches_kept", Kept())
        number = number_of(element)
        found = kept.get(number)
        if found is None:
            found = kept[number] = match(self, element)
        return found

    matcher.match = match_kept


def _by_itself(element: Any) -> Hashable:
    """What a selector can ask of an element by itself."""
    attributes = element.attrib
    if "src" in attributes:
        # A picture's address, text and size differ from one formula to the next; no selector asks for them.
        return element.tag, attributes.get("class"), tuple(attributes)
    values = [
        (name, None if name == "style" or name.startswith("data-") else value)
        for name, value in attributes.items()
    ]
    return element.tag, bool(len(element) or element.text), *values


def _keep_styles() -> None:
    from weasyprint import css

    kept = Kept()
    computed, anonymous = css.ComputedStyle, css.AnonymousStyle
    make_computed, miss_computed = computed.__init__, computed.__missing__
    make_anonymous, miss_anonymous = anonymous.__init__, anonymous.__missing__

    def init_computed(self: Any, parent: Any, cascaded: Any, pseudo_type: Any, *rest: Any) -> None:
        make_computed(self, parent, cascaded, pseudo_type, *rest)
        above = None if parent is None else getattr(parent, "values_kept", UNSEEN)
        values: dict[str, Any] = {}
        if above is not UNSEEN:
            key = (id(above), pseudo_type, _declared(cascaded))
            try:
                # The parent's values are kept with the key, so that no other dictionary gets their id.
                _, values = kept.setdefault(key, (above, values))
            except TypeError:  # a declaration that is no plain value
                values = {}
        self.values_kept = values
        self.update(values)
        for name in ("position", "float", "display"):
            if f"specified {name}" in values:
                self.specified[name] = values[f"specified {name}"]

    def missing_computed(self: Any, key: str) -> Any:
        value = miss_computed(self, key)
        # What is not stored in the style is looked up each time (`page`).
        if key in self and not key.startswith("specified "):
            self.values_kept[key] = self[key]
            if key in self.specified:
                self.values_kept[f"specified {key}"] = self.specified[key]
        return value

    def init_anonymous(self: Any, parent: Any) -> None:
        make_anonymous(self, parent)
        above = getattr(parent, "values_kept", None)
        values = {} if above is None else above.setdefault("anonymous values", {})
        self.values_kept = values
        self.update(values)

    def missing_anonymous(self: Any, key: str) -> Any:
        value = miss_anonymous(self, key)
        if key in self:
            self.values_kept[key] = self[key]
        return value

    computed.__init__, computed.__missing__ = init_computed, missing_computed
    anonymous.__init__, anonymous.__missing__ = init_anonymous, missing_anonymous


def _text_key() -> Callable[[Any], Hashable | None]:
    """Give a function from a style to what decides how its text is set, None if that is no plain value."""
    from weasyprint.css.properties import INITIAL_VALUES

    names = sorted(n for n in INITIAL_VALUES if n.startswith(("font_", "hyphen")) or n in _OF_TEXT)
    values_of = itemgetter(*names)
    numbers: dict[Hashable, int] = {}

    def text_key(style: Any) -> Hashable | None:
        found = style.__dict__.get("text_key", UNSEEN)
        if found is UNSEEN:
            values = values_of(style)
            kept = style.values_kept.get("text key") if hasattr(style, "values_kept") else None
            # A style may be changed after it was made.
            if kept is not None and kept[0] == values:
                found = kept[1]
            else:
                try:
                    found = numbers.setdefault(_plain(values), len(numbers))
                except TypeError:
                    found = None
                if hasattr(style, "values_kept"):
                    style.values_kept["text key"] = (values, found)
            style.text_key = found
        return found  # type: ignore[no-any-return]

    return text_key


def _keep_style_attributes() -> None:
    """Read each `style="..."` once: each formula has one, and elements with the same share their style."""
    from weasyprint import css

    parsed, checked = Kept(), Kept()
    parse, check = css.tinycss2.parse_blocks_contents, css.preprocess_declarations

    def parse_blocks_contents(source: Any, *arguments: Any, **more: Any) -> Any:
        if not isinstance(source, str) or arguments or more:
            return parse(source, *arguments, **more)
        found = parsed.get(source)
        if found is None:
            found = parsed[source] = parse(source)
        return found

    def preprocess_declarations(base_url: Any, declarations: Any, *more: Any) -> Any:
        if more or not isinstance(declarations, list):
            return check(base_url, declarations, *more)
        # With the list itself, so that no other list gets its id.
        key = (base_url, id(declarations))
        found = checked.get(key)
        if found is None or found[0] is not declarations:
            found = checked[key] = (declarations, list(check(base_url, declarations)))
        return found[1]

    css.tinycss2 = SimpleNamespace(
        **{**vars(css.tinycss2), "parse_blocks_contents": parse_blocks_contents}
    )
    css.preprocess_declarations = preprocess_declarations


def _keep_struts(text_key: Callable[[Any], Hashable | None]) -> None:
    from weasyprint.css import computed_values, units
    from weasyprint.layout import inline
    from weasyprint.text import line_break

    kept = Kept()
    measure = line_break.strut

    def strut(style: Any) -> Any:
        key = (text_key(style), style["line_height"])
        if key[0] is None:
            return measure(style)
        found = kept.get(key)
        if found is None:
            found = kept[key] = measure(style)
        return found

    for module in (line_break, inline, units, computed_values):
        module.strut = strut


def _declared(cascaded: dict[str, Any]) -> Hashable:
    """The declarations that apply, as one value that can be looked up."""
    items = tuple(cascaded.items())
    try:
        hash(items)
    except TypeError:
        return _plain(items)  # type: ignore[no-any-return]
    return items


def _plain(value: Any) -> Any:
    """Lists as tuples, however deep."""
    if isinstance(value, list):
        return tuple(map(_plain, value))
    return tuple(map(_plain, value)) if type(value) is tuple else value
