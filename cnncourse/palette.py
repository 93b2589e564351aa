"""The colours of the course, written once.

Matplotlib figures (:mod:`cnncourse.plotting`), the style sheet of the site, and the colours of formulas
(``book/extensions``) all read them from here. A *role* colour says what something is (input, kernel, output, gradient)
and is used for outlines, labels and symbols. A *value* colour shows how large a number is and fills cells.

Role colours and inks have a light and a dark form, since no single colour is readable on both pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

ROLES = {  # role: (on a light page, on a dark page); contrast at least 4.8 on the pages and their surfaces
    "input": ("#0E777E", "#9CEFFA"),
    "kernel": ("#9A5B00", "#FAC18D"),
    "output": ("#4B2E9B", "#A697F4"),
    "gradient": ("#6B1240", "#FF6FA5"),
}
INPUT, KERNEL, OUTPUT, GRADIENT = (light for light, dark in ROLES.values())
MACROS = {"inp": "input", "kernel": "kernel", "out": "output", "grad": "gradient"}  # \inp{x}; \ker is taken

INK = ("#222832", "#CED6DD")  # text and axes
PAPER = ("#FEFEFE", "#121212")  # gaps that look like the page; not plain white, which is a value

SERIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")  # Okabe and Ito; above 3:1 on both pages
SIGNED = (  # ColorBrewer RdBu: negative red, zero near white, positive blue
    "#67001F",
    "#B2182B",
    "#D6604D",
    "#F4A582",
    "#F7F7F7",
    "#92C5DE",
    "#4393C3",
    "#2166AC",
    "#053061",
)

THEMED = {**{f"--cnn-{role}": colours for role, colours in ROLES.items()}, "--cnn-ink": INK, "--cnn-paper": PAPER}


def relative_luminance(colour: Sequence[float]) -> float:
    """Return how bright a colour is to the eye, from 0 (black) to 1 (white).

    Parameters
    ----------
    colour : sequence of three floats
        Red, green and blue in [0, 1], as sRGB.

    Returns
    -------
    float

    References
    ----------
    W3C, Web Content Accessibility Guidelines 2.2, "relative luminance".

    Examples
    --------
    >>> round(relative_luminance((0, 1, 0)), 4)
    0.7152
    """
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def text_on(colour: Sequence[float]) -> str:
    """Return the text colour, black or white, that contrasts more with a background.

    Parameters
    ----------
    colour : sequence of three floats
        The background as red, green and blue in [0, 1].

    Returns
    -------
    str
        ``"#000000"`` or ``"#FFFFFF"``.

    Examples
    --------
    >>> text_on((1, 1, 0)), text_on((0, 0, 1))
    ('#000000', '#FFFFFF')
    """
    luminance = relative_luminance(colour)
    on_black, on_white = (luminance + 0.05) / 0.05, 1.05 / (luminance + 0.05)
    return "#000000" if on_black >= on_white else "#FFFFFF"


def css_variables(theme: str) -> str:
    """Return the role colours and inks of one theme as CSS declarations.

    Parameters
    ----------
    theme : {"light", "dark"}

    Returns
    -------
    str
        Declarations such as ``--cnn-input:#0E777E;``, in one line.

    Raises
    ------
    ValueError
        If `theme` is another word.

    Examples
    --------
    >>> css_variables("dark").split(";")[0]
    '--cnn-input:#9CEFFA'
    """
    if theme not in ("light", "dark"):
        raise ValueError(f"`theme` must be 'light' or 'dark', not {theme!r}")
    column = ("light", "dark").index(theme)
    return "".join(f"{name}:{colours[column]};" for name, colours in THEMED.items())


def themed_svg(svg: str) -> str:
    """Make an SVG drawn in the light colours follow the theme of the page that shows it.

    Every role colour and ink becomes a CSS variable. The file is light; with ``#dark`` behind its address it is dark.
    A page shows one of the two addresses: WebKit gives a picture no colour scheme, but every browser gives it a target.

    Parameters
    ----------
    svg : str
        An SVG document as matplotlib writes it in the style of :func:`cnncourse.plotting.use_style`.

    Returns
    -------
    str
        The document with a style sheet; unchanged if it already has been through this function.

    Examples
    --------
    >>> drawing = '<svg xmlns="http://www.w3.org/2000/svg"><path style="stroke: #0e777e"/></svg>'
    >>> print(themed_svg(drawing))
    <svg id="dark" xmlns="http://www.w3.org/2000/svg"><style>...</style><path style="stroke: var(--cnn-input)"/></svg>
    """
    if "--cnn-ink" in svg:
        return svg
    variables = {colours[0].lower(): f"var({name})" for name, colours in THEMED.items()}
    svg = re.sub(r"#[0-9a-fA-F]{6}\b", lambda match: variables.get(match[0].lower(), match[0]), svg)
    rules = f":root{{{css_variables('light')}}}:root:target{{{css_variables('dark')}}}"
    return re.sub(r"<svg\b([^>]*>)", lambda match: f'<svg id="dark"{match[1]}<style>{rules}</style>', svg, count=1)


def formula_definitions() -> str:
    """Return the role macros as TeX definitions with plain colours, for notebooks outside the site.

    Returns
    -------
    str

    Examples
    --------
    >>> print(formula_definitions().split("}}")[0].replace("\\\\", "/"))
    /newcommand{/inp}[1]{{/color{#0E777E}#1
    """
    return "".join(rf"\newcommand{{\{macro}}}[1]{{{{\color{{{ROLES[role][0]}}}#1}}}}" for macro, role in MACROS.items())
