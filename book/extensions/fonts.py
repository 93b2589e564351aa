"""Fonts cut down to the characters that the site shows."""

import io

from fontTools import subset

FEATURES = ["ssty", "dtls", "flac", "kern"]  # forms for exponents and accents, and the distances of letters


def cut(font, characters):
    """Return a font with some of its characters only.

    Parameters
    ----------
    font : path-like
        A TrueType or OpenType file.
    characters : str

    Returns
    -------
    bytes
        A WOFF file, the same on every day.
    """
    options = subset.Options(flavor="woff", layout_features=FEATURES, notdef_outline=True)
    loaded = subset.load_font(font, options)
    cutter = subset.Subsetter(options)
    cutter.populate(text=characters)
    cutter.subset(loaded)
    loaded["head"].modified = loaded["head"].created
    loaded.recalcTimestamp = False
    file = io.BytesIO()
    subset.save_font(loaded, file, options)
    return file.getvalue()
