"""HTML to PDF with WeasyPrint, closed to the outside and equal to the byte.

A page can show only what this project gives it: formulas (`math:`), figures handed over with the page
(`figure:`), and files of `templates/` (`asset:`). Everything else that a page asks for, a local file or an
address on the network, stops the rendering.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from templates import mathematics, pdf_memory
from templates.fonts.fontconfig import write_fontconfig
from templates.math_address import SCHEME as MATH
from templates.math_address import read_math_address
from templates.page_xml import parse_as_xml
from templates.pdf_pictures import Pictures
from templates.pdf_tags import correct_tags

if TYPE_CHECKING:
    from weasyprint import Document, URLFetcher

FOLDER = Path(__file__).parent
FIGURE = "figure"
PHOTO = "photo"
ASSET = "asset"
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""Debian's and Ubuntu's packages with the libraries that WeasyPrint calls."""

_ASSET_TYPES = MappingProxyType(
    {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".ttf": "font/ttf"}
)
# Rules of WeasyPrint's own style sheet for what no page of ours has.
_NOT_OURS = re.compile(
    r"^(?!\[hidden\]|table,)(?:::(?:foot)?note-(?:call|marker|callback)\b|[^{}\n]*(?:\[dir\b|\[rules|\b(?:input|select|textarea)\b))"
    r"[^{}]*\{[^{}]*\}",
    re.MULTILINE,
)
_OF_HEADS = ("title", "meta", "link", "style")
_LINKS = frozenset({"http", "https", "mailto"})
_NO_FIGURES: Mapping[str, str] = MappingProxyType({})
Photos = Mapping[str, bytes]
_NO_PHOTOS: Photos = MappingProxyType({})


class PdfUnavailable(RuntimeError):
    """The machine lacks a system library; the message says how to install it."""


class BadPage(RuntimeError):
    """Something of a page could not be shown; the message says what."""


class RefusedAddress(BadPage):
    """A page asked for something outside this project."""


def figure_address(svg: str) -> str:
    """The address under which a page shows a figure: `figure:` and a digest of its SVG."""
    return f"{FIGURE}:{hashlib.sha256(svg.encode()).hexdigest()[:24]}"


def photo_address(jpeg: bytes) -> str:
    """The address under which a page shows a JPEG: `photo:` and a digest of it."""
    return f"{PHOTO}:{hashlib.sha256(jpeg).hexdigest()[:24]}"


def load() -> None:
    """Load what rendering needs, once in a process, without rendering anything. Raises PdfUnavailable."""
    _weasyprint()
    _fetcher_class()


def render_pdf(
    html: str,
    *,
    styles: Sequence[str] = (),
    figures: Mapping[str, str] = _NO_FIGURES,
    photos: Photos = _NO_PHOTOS,
    finish: Callable[[Document], None] | None = None,
) -> bytes:
    """Render a page to a tagged PDF (PDF/UA-1). Same arguments, same bytes.

    Args:
        html: a whole document; `<html lang>` and `<title>` become the PDF's language and title.
        styles: style sheets, as paths below `templates/`.
        figures: SVG by the address that `figure_address` gave it.
        photos: JPEGs by the address that `photo_address` gave them; they stand in the PDF as they are.
        finish: is given the laid-out pages before they are written, to look at or to move things.

    Raises:
        PdfUnavailable: a system library is missing.
        RefusedAddress: the page asks for what it may not have.
        BadPage: something else of it cannot be shown, as a broken picture.
    """
    document, fetcher = _laid_out(html, styles, figures, photos)
    if finish is not None:
        finish(document)
    with _strictly(fetcher):
        written: bytes = document.write_pdf(
            pdf_variant="pdf/ua-1", pdf_tags=True, finisher=correct_tags
        )
    return written


def lay_out(
    html: str, *, styles: Sequence[str] = (), figures: Mapping[str, str] = _NO_FIGURES
) -> Document:
    """Lay out a page without writing it, as `templates.overflow` wants it. As `render_pdf`."""
    return _laid_out(html, styles, figures, _NO_PHOTOS)[0]


def _laid_out(
    html: str, styles: Sequence[str], figures: Mapping[str, str], photos: Photos
) -> tuple[Document, URLFetcher]:
    fetcher = _fetcher_class()(figures, photos)
    with _strictly(fetcher):
        page = _page_class()(html, fetcher)
        _drop_other_links(page.etree_element)
        document = page.render(
            stylesheets=[_style_sheet(style) for style in styles],
            font_config=_font_configuration(),
            cache=Pictures(lambda address: _svg(address, figures)),
        )
    return document, fetcher


@cache
def _font_configuration() -> Any:
    """The shipped fonts, opened once for all documents; no page brings fonts of its own."""
    load()
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@cache
def _style_sheet(style: str) -> Any:
    fetcher = _fetcher_class()({})
    text = _asset(style).decode()
    with _strictly(fetcher):
        sheet = _weasyprint().CSS(string=text, url_fetcher=fetcher, base_url=f"{ASSET}:/")
    sheet.matcher.looks_near = pdf_memory.looks_near(text)
    return sheet


@contextmanager
def _strictly(fetcher: Any) -> Iterator[None]:
    """Turn into errors what WeasyPrint only logs before it goes on without a picture."""
    from weasyprint.urls import FatalURLFetchingError

    faults = _Faults(logging.ERROR)
    logger = logging.getLogger("weasyprint")
    logger.addHandler(faults)
    fatal = None
    try:
        yield
    except FatalURLFetchingError as error:
        fatal = str(error)
    finally:
        logger.removeHandler(faults)
    # Inside an SVG picture WeasyPrint swallows even the fatal error: hence the fetcher's own list.
    refusals = [*fetcher.refused, *([fatal] if fatal else [])]
    if refusals:
        raise RefusedAddress(refusals[0])
    if faults.messages:
        raise BadPage(faults.messages[0])


class _Faults(logging.Handler):
    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@cache
def _weasyprint() -> Any:
    os.environ["FONTCONFIG_FILE"] = str(write_fontconfig())
    try:
        import weasyprint
        from weasyprint.text.ffi import harfbuzz_subset
    except OSError as error:
        raise PdfUnavailable(_missing(error)) from None
    if not harfbuzz_subset:
        # WeasyPrint would fall back to a slower way, and the same exam would have other bytes.
        raise PdfUnavailable(_missing("libharfbuzz-subset"))
    if not os.environ.get("MOCKEXAM_PDF_FORGETS"):
        pdf_memory.install(weasyprint)
    return weasyprint


def _missing(what: object) -> str:
    first_line = str(what).partition("\n")[0]
    return (
        "PDFs need system libraries that this machine lacks"
        f" ({first_line[:120]}); install them with: apt-get install {PACKAGES}"
    )


@cache
def _page_class() -> Any:
    """WeasyPrint's document, read in a fifteenth of the time where the page is XML but for its empty elements."""
    weasyprint = _weasyprint()

    class Page(weasyprint.HTML):  # type: ignore[misc, name-defined]
        def __init__(self, html: str, fetcher: URLFetcher) -> None:
            root = parse_as_xml(html)
            if root is None:
                super().__init__(string=html, url_fetcher=fetcher, base_url=f"{ASSET}:/")
                return
            self.base_url = f"{ASSET}:/"
            self.url_fetcher = fetcher
            self.media_type = "print"
            self.wrapper_element = weasyprint.cssselect2.ElementWrapper.from_html_root(
                root, content_language=None
            )
            self.etree_element = self.wrapper_element.etree_element
            if not any(f"<{name}" in html.partition("<body")[2] for name in _OF_HEADS):
                # WeasyPrint would look for them in all of the page.
                head = next(self.wrapper_element.iter_children())
                self.wrapper_element.query_all = head.query_all

        def _ua_stylesheets(self, forms: bool = False) -> list[Any]:
            del forms
            return [_base_style_sheet()]

    return Page


@cache
def _base_style_sheet() -> Any:
    """WeasyPrint's own style sheet for HTML, without footnotes, forms and `dir`, and with markers for list items alone.

    Footnotes and markers give every element of a page six more, each with a style to be computed; the rest is
    asked of every element.
    """
    import weasyprint.css

    text = (Path(weasyprint.css.__file__).parent / "html5_ua.css").read_text()
    text = _NOT_OURS.sub("", text).replace("\n::marker", "\nli::marker")
    sheet = weasyprint.CSS(string=text, url_fetcher=_fetcher_class()({}))
    sheet.matcher.looks_near = pdf_memory.looks_near(text)
    return sheet


@cache
def _fetcher_class() -> type[URLFetcher]:
    """WeasyPrint's fetcher, narrowed; made late because WeasyPrint is imported late."""
    _weasyprint()
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class Fetcher(URLFetcher):  # type: ignore[misc]
        def __init__(self, figures: Mapping[str, str], photos: Photos = _NO_PHOTOS) -> None:
            super().__init__(allowed_protocols=(), allow_redirects=False)
            self._figures, self._photos = figures, photos
            self.refused: list[str] = []

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
            del headers
            try:
                if url in self._photos:
                    content, kind = self._photos[url], "image/jpeg"
                else:
                    content, kind = _content(url, self._figures)
            except (ValueError, LookupError, OSError) as error:
                # Any other exception would only leave the picture out.
                raise FatalURLFetchingError(
                    f"a page may not ask for {url[:80]!r}: {error}"
                ) from None
            return URLFetcherResponse(url, content, {"Content-Type": kind})

    return Fetcher


def _svg(address: str, figures: Mapping[str, str]) -> str | None:
    """The SVG at an address; None for other things."""
    content, kind = _content(address, figures)
    return content.decode() if kind == "image/svg+xml" else None


def _content(url: str, figures: Mapping[str, str]) -> tuple[bytes, str]:
    scheme, _, rest = url.partition(":")
    if scheme == MATH:
        latex, display, color = read_math_address(url)
        return mathematics.svg(latex, display=display, color=color).svg.encode(), "image/svg+xml"
    if scheme == FIGURE:
        if url not in figures:
            raise LookupError("no such figure was handed over")
        return figures[url].encode(), "image/svg+xml"
    if scheme == ASSET:
        name = rest.lstrip("/")
        kind = _ASSET_TYPES.get(Path(name).suffix)
        if kind is None:
            raise LookupError("not a file that a page may show")
        return _asset(name), kind
    raise LookupError(
        "only formulas, figures and the project's own style sheets and fonts are shown"
    )


def _asset(name: str) -> bytes:
    path = (FOLDER / name).resolve()
    if not path.is_relative_to(FOLDER.resolve()):
        raise LookupError("outside the templates")
    return path.read_bytes()


def _drop_other_links(root: Any) -> None:
    """Leave links to web pages and within the document; `javascript:` and `file:` would survive."""
    for element in root.iter():
        if element.tag not in {"a", "area"}:
            continue
        target = element.get("href", "")
        if not target.startswith("#") and not _is_web_link(target):
            element.attrib.pop("href", None)
        element.attrib.pop("rel", None)


def _is_web_link(address: str) -> bool:
    try:
        return urlsplit(address).scheme.lower() in _LINKS
    except ValueError:
        return False
