"""What a YAML scalar means in an author's file, and which ones are refused because readers disagree about them."""

from __future__ import annotations

import re
from typing import Any

import yaml

from question_bank.diagnostics import Diagnostic, Where

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?\Z")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9]+(?::[0-9]{1,2})+(?:\.[0-9]*)?\Z")
_OTHER_INT = re.compile(r"[-+]?(?:0[0-9_]+|0[xob][0-9a-fA-F_]+|[0-9]+(?:_[0-9]+)+)\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?\Z")
_LIKE_TRUTH = {"yes", "no", "on", "off"}
_TRUTH = {"true": True, "false": False}
_NULL = {"", "~", "null"}


class AmbiguousScalar(Exception):
    """A scalar that readers of YAML disagree about; the diagnostic says how to write it."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def typed_value(node: yaml.ScalarNode, where: Where) -> Any:
    """The number, truth value, null or text that a scalar means. Raises AmbiguousScalar."""
    text = str(node.value)
    if node.tag not in _PLAIN_TAGS:
        raise AmbiguousScalar(Diagnostic("yaml-tag", f'the tag "{node.tag}" is not allowed', where))
    if node.style not in (None, ""):  # quoted, or a block
        return text
    if text.lower() in _LIKE_TRUTH:
        raise AmbiguousScalar(
            Diagnostic(
                "ambiguous-word",
                f'"{text}" is a truth value in some YAML readers and a word in others',
                where,
                f'write true or false, or "{text}" in quotes',
            )
        )
    if _SEXAGESIMAL.match(text):
        raise AmbiguousScalar(
            Diagnostic(
                "ambiguous-number",
                f'"{text}" is a number to base 60 in some YAML readers and text in others',
                where,
                f'write "{text}" in quotes',
            )
        )
    if _DATE.match(text) or _OTHER_INT.match(text):
        raise AmbiguousScalar(
            Diagnostic(
                "ambiguous-number",
                f'"{text}" is read differently by different YAML readers',
                where,
                f'write a plain number, or "{text}" in quotes',
            )
        )
    if text in _NULL:
        return None
    if text.lower() in _TRUTH:
        return _TRUTH[text.lower()]
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text


_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{t}" for t in ("str", "int", "float", "bool", "null", "timestamp")
} | {
    "!",
    "tag:yaml.org,2002:value",
    "tag:yaml.org,2002:merge",
}
