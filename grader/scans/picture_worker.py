"""Opens a file of scans and writes its pages as grey pictures: a process of its own, with little to spend.

Started by path, with JSON in its only argument; needs nothing of this project. What it reads comes from outside:
a broken or hostile file ends this process, not the command. Standard output carries one line of JSON for the file
({"pages": N} or {"error": ...}), then for each page a line ({"page", "width", "height", "dpi"} or {"page",
"error"}), after a picture's line its bytes.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

MIB = 1 << 20
A4_INCHES = (8.27, 11.69)
_ENOUGH = 140  # dots to the inch of A4, of a scan that has more
_WHOLE = 0.9  # of a page's sides, that a scan of it covers


def main() -> None:
    """Write the pages that the order asks for."""
    order = json.loads(sys.argv[1])
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no picture
    try:
        content = Path(order["path"]).read_bytes()
        pages = _PdfPages(content, order) if order["kind"] == "pdf" else _Pictures(content, order)
        _bound(order)
        _say(out, {"pages": pages.open()})
    except (MemoryError, OSError, ValueError) as error:
        _say(out, {"error": _reason(error)})
        return
    for number in range(order["first"], pages.count):
        try:
            picture, dpi = pages.page(number)
        except (MemoryError, OSError, ValueError, SyntaxError, RuntimeError) as error:
            _say(out, {"page": number, "error": _reason(error)})
            continue
        height, width = picture.shape
        _say(out, {"page": number, "width": width, "height": height, "dpi": dpi})
        out.write(np.ascontiguousarray(picture).data)
        out.flush()


class Refused(ValueError):
    """Why a file or a page is not read, in words for people."""


class _PdfPages:
    def __init__(self, content: bytes, order: dict[str, Any]) -> None:
        import pypdfium2

        self.pdfium, self.content, self.order = pypdfium2, content, order
        self.count = 0

    def open(self) -> int:
        try:
            self.document = self.pdfium.PdfDocument(self.content)
            self.count = len(self.document)
        except self.pdfium.PdfiumError as error:
            locked = "password" in str(error).lower()
            raise Refused(
                "is locked with a password" if locked else "is no PDF that can be read"
            ) from None
        return self.count

    def page(self, number: int) -> tuple[np.ndarray, float]:
        try:
            page = self.document[number]
            width, height = page.get_size()
            dpi = self._dpi(width / 72, height / 72)
            scanned = self._scanned(page, width, height)
            if scanned is not None:
                page.close()
                return scanned, scanned.shape[0] / height * 72
            bitmap = page.render(
                scale=dpi / 72, grayscale=True, may_draw_forms=False, draw_annots=True,
                no_smoothtext=False,
            )  # fmt: skip
            picture = bitmap.to_numpy()
        except self.pdfium.PdfiumError as error:
            raise Refused(f"the page cannot be drawn: {error}") from None
        found = np.array(picture if picture.ndim == 2 else picture[:, :, 0])
        bitmap.close()
        page.close()
        return found, dpi

    def _scanned(self, page: Any, width: float, height: float) -> np.ndarray | None:
        """The JPEG that a scanner made of the page, where the page is nothing else: quicker than to draw it.

        One of high resolution is read at half of it, which is done while it is unpacked.
        """
        from PIL import Image

        objects = list(page.get_objects(max_depth=1))
        if len(objects) != 1 or self.pdfium.raw.FPDFPage_GetAnnotCount(page.raw):
            return None
        (only,) = objects
        if only.type != self.pdfium.raw.FPDF_PAGEOBJ_IMAGE or only.get_filters() != ["DCTDecode"]:
            return None
        a, b, c, d, *_ = only.get_matrix().get()
        left, bottom, right, top = only.get_bounds()
        whole = right - left > _WHOLE * width and top - bottom > _WHOLE * height
        inside = right - left < width / _WHOLE and top - bottom < height / _WHOLE
        if page.get_rotation() or b or c or a <= 0 or d <= 0 or not (whole and inside):
            return None
        across, down = only.get_px_size()
        if min(across, down) < 64 or across * down > self.order["most_decoded"]:
            return None
        try:
            image = Image.open(io.BytesIO(only.get_data()), formats=("JPEG",))
            if image.size != (across, down) or image.mode not in ("L", "RGB"):
                return None
            short, long = (round(inches * _ENOUGH) for inches in A4_INCHES)
            image.draft("L", (long, short) if across > down else (short, long))
            grey = np.asarray(image.convert("L"), np.uint8)
        except (OSError, ValueError, SyntaxError):
            return None
        # Negatives, and whatever else a PDF may make of a JPEG, are drawn.
        return grey if grey.size <= self.order["most_pixels"] and grey.mean() > 110 else None

    def _dpi(self, width: float, height: float) -> float:
        """The resolution asked for; less where the page is so large that the picture would be."""
        if not (0.1 < width < 1000 and 0.1 < height < 1000):
            raise Refused(f"the page measures {width:.3g} by {height:.3g} inches")
        most = (self.order["most_pixels"] / (width * height)) ** 0.5
        return float(min(self.order["dpi"], most))


class _Pictures:
    def __init__(self, content: bytes, order: dict[str, Any]) -> None:
        from PIL import Image

        self.image_module: Any = Image
        self.content, self.order = content, order
        self.count = 0

    def open(self) -> int:
        module = self.image_module
        module.MAX_IMAGE_PIXELS = self.order["most_decoded"] // 2  # Pillow refuses at twice that
        try:
            self.image = module.open(io.BytesIO(self.content), formats=("TIFF", "JPEG", "PNG"))
            self.count = getattr(self.image, "n_frames", 1)
        except module.DecompressionBombError:
            raise Refused("holds a picture that is too large") from None
        except (OSError, ValueError, SyntaxError, KeyError, EOFError):
            raise Refused("is no TIFF, JPEG or PNG that can be read") from None
        return self.count

    def page(self, number: int) -> tuple[np.ndarray, float]:
        module, image = self.image_module, self.image
        try:
            image.seek(number)
            width, height = image.size
            if width * height > self.order["most_decoded"]:
                raise Refused(f"the picture has {width} x {height} dots, which is too many")
            if min(width, height) < 64:
                raise Refused(f"the picture has {width} x {height} dots, which is too few")
            scale = min(1.0, (self.order["most_pixels"] / (width * height)) ** 0.5)
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            if image.format == "JPEG":
                image.draft("L", size)
            grey = self._grey(image)
            if grey.size != size:
                grey = grey.resize(size, module.Resampling.BOX)
        except module.DecompressionBombError:
            raise Refused("the picture is too large") from None
        except (KeyError, EOFError) as error:
            raise Refused(f"the picture cannot be read: {error}") from None
        dpi = max(size) / max(A4_INCHES)
        return np.asarray(grey, np.uint8), dpi

    def _grey(self, image: Any) -> Any:
        if image.mode.startswith(("I", "F")):  # 16 bits and more to a dot
            values = np.asarray(image, np.float32)
            top = 65535.0 if float(values.max()) > 255 else 255.0
            return self.image_module.fromarray((values / top * 255).clip(0, 255).astype(np.uint8))
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            paper = self.image_module.new("RGBA", image.size, "white")
            return self.image_module.alpha_composite(paper, image.convert("RGBA")).convert("L")
        return image.convert("L")


def _bound(order: dict[str, Any]) -> None:
    """From here on little memory, no file to write, no process to start, and an end."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for kind, value in (
        (resource.RLIMIT_AS, mapped + order["memory_mb"] * MIB),
        (resource.RLIMIT_CPU, order["cpu_s"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (value, value))


def _reason(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "it asks for more memory than a page may have"
    if isinstance(error, Refused):
        return str(error)
    return f"it cannot be read: {error}"[:200]


def _say(out: BinaryIO, data: dict[str, Any]) -> None:
    out.write(json.dumps(data).encode() + b"\n")
    out.flush()


if __name__ == "__main__":
    main()
