"""QR codes as SVG, drawn when a page asks for them: how many pages there are shows only in the layout."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from functools import lru_cache

SIDE = 12.5
"""Millimetres; a code of 25 modules has modules of half a millimetre."""

_SCHEME = "figure:qr."
# A given mask saves the search for the best one, four fifths of the time; readers read them all.
_MASK = 4


def qr_address(text: str) -> str:
    """The address of the code that says `text`."""
    return _SCHEME + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


class FiguresWithCodes(Mapping[str, str]):
    """Figures by address, and besides them every QR code."""

    def __init__(self, figures: Mapping[str, str]) -> None:
        self._figures = figures

    def __getitem__(self, address: str) -> str:
        if not address.startswith(_SCHEME):
            return self._figures[address]
        letters = address.removeprefix(_SCHEME)
        try:
            text = base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise KeyError(address) from None
        return qr_svg(text)

    def __iter__(self) -> Iterator[str]:
        return iter(self._figures)

    def __len__(self) -> int:
        return len(self._figures)


@lru_cache(maxsize=256)
def qr_svg(text: str) -> str:
    """The code as SVG, `SIDE` millimetres wide without its quiet zone, its black modules as one path."""
    import segno

    code = segno.make(text, error="m", boost_error=False, micro=False, mask=_MASK)
    rows = [bytes(row) for row in code.matrix]
    count = len(rows)
    path = "".join(_runs(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE:g}mm" height="{SIDE:g}mm"'
        f' viewBox="0 0 {count} {count}"><path fill="#000" d="{path}"/></svg>'
    )


def _runs(rows: list[bytes]) -> Iterator[str]:
    for y, row in enumerate(rows):
        start = None
        for x, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                yield f"M{start} {y}h{x - start}v1h{start - x}z"
                start = None
