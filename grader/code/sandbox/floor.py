"""How much must be around a worker before a student's code runs in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from question_bank.diagnostics import Diagnostic, InputError


def short_of_floor(layers: Iterable[str]) -> list[str]:
    """What a worker behind these layers could do that none may; empty where they are enough."""
    names = " ".join(layers)
    lacking = []
    if "landlock" not in names and "mount namespace" not in names:
        lacking.append("neither Landlock nor a mount namespace hides the files of this machine")
    if "seccomp" not in names:
        lacking.append("no seccomp filter, so programs and sockets cannot be denied")
    return lacking


def require_floor(hello: Mapping[str, Any], *, allow_weak: bool) -> None:
    """Refuse to run student code with too little around it, unless told otherwise."""
    lacking = short_of_floor(hello["layers"])
    if lacking and not allow_weak:
        raise InputError(
            Diagnostic(
                code="weak-sandbox",
                message=f"refusing to run a submission here: {'; '.join(lacking)}",
                hint="grade on a Linux machine or container that allows them, or pass "
                "--allow-weak-sandbox if you trust every submission",
            )
        )
