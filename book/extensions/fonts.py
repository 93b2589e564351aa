"""Fonts cut down to the characters that the site shows."""

from __future__ import annotations

import io
import logging
from pathlib import Path

from fontTools import subset

FEATURES = ["ssty", "dtls", "flac", "kern"]  # forms for exponents and accents, and the distances of letters

logging.getLogger("fontTools.subset").setLevel(logging.WARNING)  # a11y_pygments lets all loggers print


def cut(font: Path, characters: str) -> bytes:
    """Return a font with some of its characters only.

    Parameters
    ----------
    font : pathlib.Path
        A TrueType or OpenType file.
    characters : str

    Returns
    -------
    bytes
        A WOFF file, the same on every day.
    """
    options = subset.Options(flavor="woff", layout_features=FEATURES, notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(text=characters)
    file = io.BytesIO()
    with subset.load_font(font, options) as loaded:
        cutter.subset(loaded)
        loaded["head"].modified = loaded["head"].created
        loaded.recalcTimestamp = False
        subset.save_font(loaded, file, options)
    return file.getvalue()
