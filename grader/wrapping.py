"""Where in a submission the work lies: folders around it are taken off, whatever lies beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from grader.left_around import CONTENT_FOLDERS


def unwrapped(files: Mapping[str, bytes]) -> tuple[dict[str, bytes], list[str]]:
    """The files as if the folder that holds exercise_code/ (or models/) were the top.

    What lies beside that folder keeps its name; where the work has such a name itself, it is not
    used: those names come second. Where several folders could be meant, all stays as it is.
    """
    base = _base(files)
    inner = {
        _canonical(name[len(base) :]): content
        for name, content in files.items()
        if name.startswith(base)
    }
    taken = {name.casefold() for name in inner}
    folders = {above for name in taken for above in _above(name)}
    beside: list[str] = []
    for name, content in files.items():
        if name.startswith(base):
            continue
        own = _canonical(name)
        key = own.casefold()
        if key in taken or key in folders or taken.intersection(_above(key)):
            beside.append(name)
        else:
            inner[own] = content
    return inner, beside


def places(files: Iterable[str], content: str = CONTENT_FOLDERS[0]) -> list[str]:
    """The folders that hold a folder `content`, shortest first: "" or a name that ends with a slash.

    Of one within another only the outer one is named.
    """
    found: list[str] = []
    bases = {base for name in files if (base := _before(name, content)) is not None}
    for base in sorted(bases, key=lambda base: (len(base), base)):
        if not any(base.startswith(outer) for outer in found):
            found.append(base)
    return found


def _base(files: Iterable[str]) -> str:
    """The prefix of the names of the work: "" or one that ends with a slash."""
    names = list(files)
    for content in CONTENT_FOLDERS:
        if found := places(names, content):
            return found[0] if len(found) == 1 else ""
    base = ""
    while all("/" in name[len(base) :] for name in names):
        tops = {name[: name.index("/", len(base)) + 1] for name in names}
        if len(tops) != 1:
            break
        base = tops.pop()
    return base


def _before(name: str, folder: str) -> str | None:
    """What stands before the first folder of that name, in capitals or not."""
    start = 0
    for part in name.split("/")[:-1]:
        if part.casefold() == folder:
            return name[:start]
        start += len(part) + 1
    return None


def _canonical(name: str) -> str:
    """A name whose first folder is written as the course writes it: Exercise_Code is exercise_code."""
    top, slash, rest = name.partition("/")
    return f"{top.casefold()}/{rest}" if slash and top.casefold() in CONTENT_FOLDERS else name


def _above(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name
