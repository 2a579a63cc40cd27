"""A fontconfig file that knows the shipped fonts and nothing else of the machine."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

FOLDER = Path(__file__).parent

_FILE = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <alias binding="same"><family>serif</family><prefer><family>STIX Two Text</family></prefer></alias>
  <alias binding="same"><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="same"><family>monospace</family><prefer><family>JetBrains Mono</family></prefer></alias>
</fontconfig>
"""


def write_fontconfig() -> Path:
    """Write the file into a folder of the user's and return where it lies.

    The folder is the user's cache, or a fresh temporary one where that cannot be written (an
    installed package may lie in a read-only place, and a service may have no home).
    """
    from platformdirs import user_cache_path

    # Two installations side by side must not show each other's fonts.
    installation = hashlib.sha256(str(FOLDER).encode()).hexdigest()[:12]
    try:
        return _write(user_cache_path("mockexam") / "fonts" / installation)
    except OSError:
        return _write(Path(tempfile.mkdtemp(prefix="mockexam-fonts-")))


def _write(folder: Path) -> Path:
    target = folder / "fonts.conf"
    text = _FILE.format(fonts=escape(str(FOLDER)), cache=escape(str(folder / "cache")))
    (folder / "cache").mkdir(parents=True, exist_ok=True)
    if not os.access(folder / "cache", os.W_OK):
        raise PermissionError(str(folder))
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        # Another process may read the file at this moment: it sees the old one or the new one.
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, delete=False) as new:
            new.write(text)
        Path(new.name).replace(target)
    return target
