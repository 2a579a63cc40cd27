"""Which versions of the system's text libraries draw the pages: they decide where a line ends."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from types import MappingProxyType

_LIBRARIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "pango": ("libpango-1.0.so.0", "pango_version_string"),
        "harfbuzz": ("libharfbuzz.so.0", "hb_version_string"),
    }
)


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that are there, without loading the renderer."""
    found = {}
    for name, (file, function) in _LIBRARIES.items():
        try:
            said = getattr(ctypes.CDLL(file), function)
        except (OSError, AttributeError):
            continue
        said.restype = ctypes.c_char_p
        found[name] = said().decode()
    return found
