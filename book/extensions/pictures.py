"""Pictures: their sizes, colours that follow the theme, and photographs in fewer bytes."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image
from sphinx.application import Sphinx

from cnncourse.palette import themed_svg

EMBEDDED = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
PHOTOGRAPH = 50_000  # bytes; a map or a kernel has fewer
TEXT_SCALE = re.compile(r"scale\(([\d.]+) -[\d.]+\)")  # of a string; Matplotlib's outlines are 100 units high
SMALLEST = 10  # CSS pixels of text in a picture
PIXELS = {"pt": 4 / 3, "px": 1, "": 1}  # CSS pixels of a unit


def size(path: Path) -> tuple[int, int]:
    """Return a picture's width and height in CSS pixels.

    Parameters
    ----------
    path : pathlib.Path
        An SVG with a width and a height, or any format that Pillow reads.

    Returns
    -------
    (int, int)
    """
    if path.suffix != ".svg":
        with Image.open(path) as picture:
            return picture.size
    _, root = next(ElementTree.iterparse(path, events=("start",)))
    return _pixels(root.attrib["width"]), _pixels(root.attrib["height"])


def _pixels(length: str) -> int:
    number = length.rstrip("ptx")
    return round(float(number) * PIXELS[length.removeprefix(number)])


def is_drawing(path: Path) -> bool:
    """Return whether a picture is a drawing of Matplotlib, whose colours follow the theme on the site.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    bool
    """
    return path.suffix == ".svg" and "Matplotlib v" in path.read_text(encoding="utf-8")


def readable_width(path: Path) -> int | None:
    """Return the width at which the smallest text of a drawing is as large as on a phone text has to be.

    Parameters
    ----------
    path : pathlib.Path
        A drawing of Matplotlib, its text as outlines.

    Returns
    -------
    int or None
        CSS pixels; None without text.
    """
    scales = [float(scale) for scale in TEXT_SCALE.findall(path.read_text(encoding="utf-8"))]
    return round(size(path)[0] * SMALLEST / (100 * min(scales) * PIXELS["pt"])) if scales else None


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Let Matplotlib's drawings in the site follow the theme."""
    if exception is not None or app.builder.format != "html":
        return
    for picture in Path(app.outdir, "_images").glob("*.svg"):
        if is_drawing(picture):
            drawing = picture.read_text(encoding="utf-8")
            if (finished := lighter(themed_svg(drawing))) != drawing:
                picture.write_text(finished, encoding="utf-8")


def lighter(drawing: str) -> str:
    """Return an SVG with its photographs as WebP, which takes a tenth of a PNG's bytes; small pictures stay exact.

    Parameters
    ----------
    drawing : str

    Returns
    -------
    str
    """
    return EMBEDDED.sub(_recoded, drawing)


def _recoded(embedded: re.Match[str]) -> str:
    content = base64.b64decode(embedded[1])
    if len(content) < PHOTOGRAPH:
        return embedded[0]
    file = io.BytesIO()
    with Image.open(io.BytesIO(content)) as picture:
        picture.save(file, "WEBP", quality=85, method=6)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("build-finished", finish)
