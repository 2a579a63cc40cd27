"""Which files a worker may read: the standard library, the packages allowed, shared libraries."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

_FOREIGN_PACKAGES = ("site-packages", "dist-packages")
_SYSTEM = (
    "/lib",
    "/lib64",
    f"/lib/{os.uname().machine}-linux-gnu",
    f"/usr/lib/{os.uname().machine}-linux-gnu",
    "/usr/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/usr/share/zoneinfo",
)


@dataclass(frozen=True)
class Paths:
    """`bound` whole with `hidden` folders emptied (mounts); `single` one by one (Landlock).

    `devices` are nodes of /dev that a worker may open and steer beyond the harmless ones; of folders
    in `listed` it may see the names, and read what is in `single`.
    """

    bound: tuple[str, ...]
    hidden: tuple[str, ...]
    single: tuple[str, ...]
    devices: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()

    def without(self, files: Iterable[str]) -> Paths:
        """The same, but `files` cannot be read: what lies beside them is named one by one."""
        taken = {Path(file) for file in files}
        opened = {folder for file in taken for folder in file.parents}
        single: list[str] = []
        listed: list[str] = []
        waiting = [Path(path) for path in self.single]
        while waiting:
            path = waiting.pop()
            if path in opened:
                listed.append(str(path))
                waiting += path.iterdir()
            elif path not in taken:
                single.append(str(path))
        return replace(self, single=tuple(single), listed=(*self.listed, *listed))


def for_packages(packages: Iterable[str]) -> Paths:
    """Paths of the running interpreter's library and of the packages (files or folders) given."""
    library = {str(Path(sysconfig.get_path(n)).resolve()) for n in ("stdlib", "platstdlib")}
    hidden = tuple(
        str(Path(folder, name))
        for folder in sorted(library)
        for name in _FOREIGN_PACKAGES
        if Path(folder, name).is_dir()
    )
    wanted = tuple(sorted({str(Path(p).resolve()) for p in packages}))
    system = tuple(_system_paths())
    entries = [
        str(entry)
        for folder in sorted(library)
        for entry in sorted(Path(folder).iterdir())
        if entry.name not in _FOREIGN_PACKAGES
    ]
    return Paths(
        bound=(*sorted(library), *system, *wanted),
        hidden=hidden,
        single=(*entries, *system, *wanted, "/dev/urandom", "/dev/random", "/dev/zero"),
    )


def _system_paths() -> Iterable[str]:
    for path in map(Path, _SYSTEM):
        if path.is_symlink():
            # A link is made anew in the private root, so its target must be relative.
            if not path.readlink().is_absolute() and len(path.parts) == 2:
                yield str(path)
        elif path.exists() and not path.parent.is_symlink() and path not in map(Path, ("/lib",)):
            yield str(path)
