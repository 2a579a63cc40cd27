"""Questions found clean before: what did not change since is not checked again.

A question is known by a hash of its file, of the code that derives, checks and typesets it, and of
the installed packages. For each such hash an empty-handed result, the number of draws, lies in a
file of its own under the user's cache folder; a question with findings is always checked again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import time
from functools import cache
from importlib import metadata, resources
from pathlib import Path

# Whose code a finding depends on.
PACKAGES = ("question_bank", "authoring", "templates", "reference_impl")
# Below these lie the questions themselves, and what Python makes of the code.
_LEFT_OUT = {"lectures", "__pycache__"}
KEPT_S = 60 * 24 * 3600


def folder() -> Path:
    """Where the results lie: mockexam/checked under XDG_CACHE_HOME, or else under ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base else Path.home() / ".cache") / "mockexam" / "checked"


def name_of(file: Path, draws: int | None) -> str | None:
    """The hash that this question is known by; None when the file cannot be read."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    whole = hashlib.sha256(_surroundings())
    for part in (str(file), str(draws)):
        whole.update(part.encode("utf-8", "surrogateescape") + b"\0")
    whole.update(content)
    return whole.hexdigest()


@cache
def _surroundings() -> bytes:
    """A hash of the code and of all packages that are installed, with their versions."""
    whole = hashlib.sha256(sys.version.encode())
    for package in PACKAGES:
        root = Path(str(resources.files(package)))
        for path in sorted(root.rglob("*")):
            inside = path.relative_to(root)
            if path.is_file() and not _LEFT_OUT.intersection(inside.parts):
                whole.update(str(inside).encode() + b"\0")
                whole.update(hashlib.sha256(path.read_bytes()).digest())
    installed = sorted(f"{d.name}=={d.version}" for d in metadata.distributions())
    whole.update("\n".join(installed).encode())
    return whole.digest()


def recall(name: str) -> int | None:
    """On how many draws the question was found clean; None when it is not known."""
    path = folder() / name
    try:
        draws = int(path.read_text())
        os.utime(path)
    except (OSError, ValueError):
        return None
    return draws


def remember(name: str, draws: int) -> None:
    """Keep that a question was found clean. Where nothing can be written, nothing is kept."""
    with contextlib.suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        beside = folder() / f".{name}.{os.getpid()}"
        beside.write_text(str(draws))
        beside.replace(folder() / name)


def forget_the_old() -> None:
    """Remove what was of no use for sixty days."""
    limit = time.time() - KEPT_S
    with contextlib.suppress(OSError):
        for path in folder().iterdir():
            if path.stat().st_mtime < limit:
                path.unlink()
