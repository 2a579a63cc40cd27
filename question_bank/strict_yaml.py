"""YAML read strictly, with the place of every value kept beside it.

PyYAML's safe loader turns `no` into False and `12:30` into 750, keeps the last of two equal keys and
expands aliases without bound. Here those are errors that name file, line, column and cure. Two readings
share one walk over the composed nodes:

- `load_typed` for files that authors write: numbers (1e-3 too), true and false, null, text;
- `load_raw` for what students hand in: every scalar is the text that was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from question_bank.diagnostics import Diagnostic, InputError, Where, bad_input
from question_bank.yaml_scalars import AmbiguousScalar, typed_value

Steps = tuple[str | int, ...]

MAX_BYTES = 1_000_000
MAX_DEPTH = 40


@dataclass(frozen=True)
class Located:
    """Plain data, and where each value and key of it stands."""

    file: str
    data: Any
    places: dict[Steps, tuple[int, int]]
    keys: dict[Steps, tuple[int, int]]
    typed: dict[Steps, str] = field(
        default_factory=dict
    )  # scalars letter by letter, with their quotes
    faults: tuple[Diagnostic, ...] = ()
    unclear: frozenset[Steps] = frozenset()  # values that a fault left in doubt
    doubled: dict[Steps, frozenset[str]] = field(
        default_factory=dict
    )  # repeated keys: what is below
    close: frozenset[Steps] = frozenset()  # plain entries right behind the comma after a plain one

    def where_key(self, path: Steps, what: str | None = None) -> Where:
        """The place of the key at the end of `path`; of the value where there is no such key."""
        if path not in self.keys:
            return self.where(path, what)
        line, column = self.keys[path]
        return Where(self.file, line, column, what)

    def where(self, path: Steps, what: str | None = None) -> Where:
        """The place of the value at `path`, or of the nearest value above it."""
        while path and path not in self.places:
            path = path[:-1]
        line, column = self.places.get(path, (1, 1))
        return Where(self.file, line, column, what)


def load_typed(text: str, file: str) -> Located:
    """Read an author's file. Raises InputError with everything that is ambiguous in it."""
    located = load_leniently(text, file)
    if located.faults:
        raise InputError(*located.faults)
    return located


def load_leniently(text: str, file: str) -> Located:
    """Read an author's file; what is ambiguous in it stands in `faults`, so that reading can go on.

    Raises InputError where the text is no YAML at all.
    """
    return _load(text, file, typed_value)


def load_raw(text: str, file: str, *, braces_from: int | None = None) -> Located:
    """Read a student's file: scalars stay the text that was typed (`no`, `1e-3`, `9.10`).

    From the depth `braces_from` on, braces that hold more than keys with values, {0, 1, 4}, are such text too.
    """
    located = _load(text, file, lambda node, _where: str(node.value), text, braces_from)
    if located.faults:
        raise InputError(*located.faults)
    return located


def read_text(
    path: Path, file: str | None = None, *, most: int = MAX_BYTES, cure: str | None = None
) -> str:
    """The text of a UTF-8 file of at most `most` bytes. Raises InputError when it cannot be read.

    `cure`: what to do about a larger file.
    """
    name = file or str(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(most + 1)
    except OSError as error:
        raise bad_input(
            "cannot-read", f"cannot be read: {error.strerror}", where=Where(name)
        ) from None
    return decode(content, name, most=most, cure=cure)


def decode(content: bytes, file: str, *, most: int = MAX_BYTES, cure: str | None = None) -> str:
    """UTF-8 text of at most `most` bytes. Raises InputError otherwise."""
    if len(content) > most:
        hint = cure or "no file of this kind is so large: is it the one that was meant?"
        raise bad_input("too-large", f"is larger than {most:,} bytes", where=Where(file), hint=hint)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise bad_input(
            "not-utf-8",
            f"is not UTF-8 text (byte {error.start})",
            where=Where(file, line),
            hint="save the file as UTF-8",
        ) from None


def _load(
    text: str,
    file: str,
    scalar: Callable[[yaml.ScalarNode, Where], Any],
    typed: str = "",
    braces_from: int | None = None,
) -> Located:
    if len(text) > MAX_BYTES:
        raise bad_input("too-large", f"is larger than {MAX_BYTES:,} characters", where=Where(file))
    try:
        _refuse_bombs(text, file)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Where(file, mark.line + 1, mark.column + 1) if mark else Where(file)
        problem = error.problem or "is not YAML"
        raise bad_input("yaml-syntax", problem, where=where, hint=_syntax_hint(problem)) from None
    except yaml.YAMLError as error:
        position = getattr(error, "position", None)
        line = text.count("\n", 0, position) + 1 if isinstance(position, int) else None
        raise bad_input(
            "yaml-syntax",
            "holds a character that YAML does not allow",
            where=Where(file, line),
            hint="delete it: it is a control character, which editors may not show",
        ) from None
    if root is None:
        return Located(file, None, {(): (1, 1)}, {})
    walk = _Walk(file, scalar, typed, braces_from)
    data = walk.build(root, ())
    return Located(
        file,
        data,
        walk.places,
        walk.keys,
        walk.typed,
        tuple(walk.findings),
        frozenset(walk.unclear),
        walk.doubled,
        frozenset(walk.close),
    )


_OWN_TAGS = tuple(
    f"tag:yaml.org,2002:{name}"
    for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "value", "merge")
)
# libyaml, where PyYAML was built with it, is ten times faster and gives the same events and marks.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _refuse_bombs(text: str, file: str) -> None:
    # Composing recurses and copies: depth and aliases are refused on the flat event stream first.
    depth = 0
    events: Iterable[Any] = yaml.parse(text, Loader=_Loader)
    for event in events:
        if isinstance(event, yaml.ScalarEvent):
            continue
        if isinstance(event, yaml.AliasEvent):
            raise bad_input(
                "yaml-alias",
                "aliases (*name) are not allowed",
                where=_begin(event, file),
                hint="write it out",
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise bad_input(
                    "too-deep",
                    f"is nested deeper than {MAX_DEPTH} levels",
                    where=_begin(event, file),
                    hint="write it flatter: no file of this kind needs so many levels",
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _begin(event: Any, file: str) -> Where:
    return Where(file, event.start_mark.line + 1, event.start_mark.column + 1)


# Words of the parsers (libyaml's and PyYAML's own), and what to do where they are said.
_SYNTAX_CURES = (
    ("mapping values are not allowed", 'put text that holds ": " in quotes, and begin keys that belong together in the same column'),
    ("cannot start any token", "put text that begins with a special character (such as { [ % @ `) in quotes; indent with blanks"),
    ("found character", "put text that begins with a special character (such as { [ % @ `) in quotes; indent with blanks"),
    ("found a tab", "indent with blanks"),
    ("unexpected end of stream", "close the quote that is opened here or above"),
    ("',' or ']'", "close the list that is opened above with ], and put a comma between its entries"),
    ("',' or '}'", "close the braces that are opened above with }, and put a comma between their entries"),
    ("expected ':'", "write key: value here, with a colon and a blank, or put the text in quotes"),
    ("'-' indicator", "begin this line with -, or indent it below the entry that it belongs to"),
    ("another document", "take the line --- away: a file holds one document"),
    ("escape", r"double the \ within double quotes, or use single quotes"),
)  # fmt: skip
_SYNTAX_CURE = (
    "look at this line and the one above: keys that belong together begin in the same column,"
    " and what follows a closing quote or bracket needs a comma or a new line"
)


def _syntax_hint(problem: str) -> str:
    return next((cure for words, cure in _SYNTAX_CURES if words in problem), _SYNTAX_CURE)


class _Walk:
    def __init__(
        self,
        file: str,
        scalar: Callable[[yaml.ScalarNode, Where], Any],
        text: str,
        braces_from: int | None,
    ) -> None:
        self.file = file
        self.scalar = scalar
        self.text = text
        self.braces_from = braces_from
        self.findings: list[Diagnostic] = []
        self.places: dict[Steps, tuple[int, int]] = {}
        self.keys: dict[Steps, tuple[int, int]] = {}
        self.typed: dict[Steps, str] = {}
        self.unclear: set[Steps] = set()
        self.doubled: dict[Steps, frozenset[str]] = {}
        self.close: set[Steps] = set()

    def build(self, node: yaml.Node, path: Steps) -> Any:
        mark = node.start_mark
        self.places[path] = (mark.line + 1, mark.column + 1)
        if not self.text and _is_tagged(node):  # what students type stays as it is
            says = f"tags (!name) are not read: {node.tag}"
            hint = "leave it out, or put text that begins with ! in quotes"
            self.findings.append(Diagnostic("yaml-tag", says, self._where(node), hint))
        if isinstance(node, yaml.MappingNode):
            return self._braces(node, path) or self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            self.close |= {
                (*path, i) for i, pair in enumerate(pairwise(node.value), 1) if _touch(*pair)
            }
            return [self.build(child, (*path, i)) for i, child in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)  # noqa: S101 - YAML has no other kind of node
        text = str(node.value)
        self.typed[path] = text if node.style in (None, "") else f'"{text}"'
        try:
            return self.scalar(node, self._where(node))
        except AmbiguousScalar as fault:
            self.findings.append(fault.diagnostic)
            self.unclear.add(path)
            return text  # the likeliest meaning: few further errors come of it

    def _braces(self, node: yaml.MappingNode, path: Steps) -> str | None:
        """Braces as they were typed, blanks and line ends aside, where they are no mapping and may be such text."""
        deep = self.braces_from is not None and len(path) >= self.braces_from
        if not deep or not node.flow_style:
            return None
        if node.value and not any(self._is_member(*pair) for pair in node.value):
            return None
        return " ".join(self.text[node.start_mark.index : node.end_mark.index].split())

    def _is_member(self, key: yaml.Node, value: yaml.Node) -> bool:
        """Whether no colon stands behind a key: {0, 1}."""
        between = self.text[key.end_mark.index : value.start_mark.index]
        return _cut_short(value) and ":" not in between

    def _mapping(self, node: yaml.MappingNode, path: Steps) -> dict[str, Any]:
        result: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            where = self._where(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self.findings.append(Diagnostic("bad-key", "a key must be a plain word", where))
                continue
            key = str(key_node.value)
            if key == "<<":
                says = "keys cannot be merged from elsewhere (<<)"
                self.findings.append(Diagnostic("yaml-merge", says, where, "write the keys out"))
                self.unclear.add(path)
                continue
            if key in result:
                self.findings.append(
                    Diagnostic(
                        "duplicate-key",
                        f'"{key}" stands here a second time (first in line {first[key]})',
                        where,
                        "keep one of the two",
                    )
                )
                self.doubled[*path, key] = _words(value_node)
                continue
            blank = self.braces_from is not None and len(path) >= self.braces_from
            if node.flow_style and not blank and _cut_short(value_node):
                self.findings.append(
                    Diagnostic(
                        "cut-by-comma",
                        f'"{key}" has no value: inside {{ }} a comma ends what stands before it',
                        where,
                        "put an expression that holds a comma in quotes",
                    )
                )
                self.unclear.add(path)  # the comma cut the value before it as well
            first[key] = key_node.start_mark.line + 1
            self.keys[*path, key] = (first[key], key_node.start_mark.column + 1)
            result[key] = self.build(value_node, (*path, key))
        return result

    def _where(self, node: yaml.Node) -> Where:
        return Where(self.file, node.start_mark.line + 1, node.start_mark.column + 1)


def _is_tagged(node: yaml.Node) -> bool:
    """Whether a tag was written before it, and is none that YAML gives by itself."""
    return not str(node.tag).startswith(_OWN_TAGS)


def _words(node: yaml.Node) -> frozenset[str]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return frozenset(str(key.value) for key, _ in pairs if isinstance(key, yaml.ScalarNode))


def _touch(one: yaml.Node, other: yaml.Node) -> bool:
    """Whether only a comma stands between two plain scalars: 0,375."""
    plain = all(isinstance(n, yaml.ScalarNode) and n.style in (None, "") for n in (one, other))
    gap: int = other.start_mark.index - one.end_mark.index
    return plain and gap == 1


def _cut_short(value: yaml.Node) -> bool:
    return isinstance(value, yaml.ScalarNode) and value.value == "" and value.style in (None, "")
