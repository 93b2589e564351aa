"""Formulas as MathML, written when the site is built.

Every browser of today lays MathML out by itself, so a page needs no script for its formulas, screen readers read them,
and they stand in print and in an unzipped folder. The font is STIX Two Math, cut down to the signs that the book uses.
"""

import html
import re
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util import logging

from cnncourse.palette import MACROS, ROLES

from .fonts import cut

LOGGER = logging.getLogger(__name__)
FONT = "fonts/STIXTwoMath-Regular.ttf"  # in the package ziamath, which draws MathML without a browser
ITALIC = str.maketrans(  # a browser shows a single letter in italics, by these characters
    {chr(ord("A") + n): chr(0x1D434 + n) for n in range(26)}
    | {chr(ord("a") + n): chr(0x1D44E + n) for n in range(26)}
    | {chr(ord("α") + n): chr(0x1D6FC + n) for n in range(25)}
    | {"h": "ℎ", "ϵ": "𝜖", "∂": "𝜕"}
)

SIGN = r"<mo[^>]*>(?!&#x00029;|&#x0005D;|&#x0007C;|&#x02016;|&#x0230B;)[^<]+</mo>"  # any but a closing bracket


def mathml(tex, display=False):
    """Translate a formula.

    Parameters
    ----------
    tex : str
        TeX with the role macros ``\\inp``, ``\\kernel``, ``\\out`` and ``\\grad``.
    display : bool
        Whether the formula stands on a line of its own.

    Returns
    -------
    str
        A ``<math>`` element; its parts with a role have the class ``cnn-ROLE``.

    Raises
    ------
    ValueError
        If a command of the formula is not known.

    Examples
    --------
    >>> print(mathml(r"\\inp{x}").split("<mrow>", 1)[1])
    <mstyle class="cnn-input"><mrow><mi>x</mi></mrow></mstyle></mrow></math>
    >>> mathml(r"\\nosuchthing")
    Traceback (most recent call last):
        ...
    ValueError: formula '\\\\nosuchthing' has the unknown command \\nosuchthing
    """
    plain = tex.strip().replace("{aligned}", "{split}")  # the same, by the name that the translator knows
    for macro, role in MACROS.items():
        plain = re.sub(rf"\\{macro}(?![A-Za-z])", rf"\\textcolor{{{ROLES[role][0]}}}", plain)
    element = convert(plain, display="block" if display else "inline")
    if unknown := re.search(r"\\[A-Za-z]*", element):
        raise ValueError(f"formula {tex!r} has the unknown command {unknown[0]}")
    for role, (colour, _) in ROLES.items():
        element = element.replace(f'mathcolor="{colour}"', f'class="cnn-{role}"')
    # A minus after a sign or an opening bracket is a number's own; a name of a function keeps off what follows.
    element = re.sub(rf"({SIGN})<mo>&#x02212;", r'\1<mo form="prefix">&#x02212;', element)
    return re.sub(r"(<mi>[a-z]{2,}</mi>)(?=<m[nifs])", r'\1<mspace width="0.17em" />', element)


def write_inline(translator, node):
    """Write a formula within a line."""
    translator.body.append(_written(node))
    raise nodes.SkipNode


def write_display(translator, node):
    """Write a formula on a line of its own."""
    translator.body.append(f'<div class="math">{_written(node, display=True)}</div>\n')
    raise nodes.SkipNode


def _written(node, display=False):
    tex = node.astext()
    if tex.lstrip().startswith(r"\newcommand"):
        return ""  # the macros that a notebook defines for JupyterLab; here they are known
    try:
        return mathml(tex, display)
    except ValueError as fault:
        LOGGER.warning(str(fault), location=node)
        return html.escape(tex)


def write_font(app, exception):
    """Write the font with the signs of all pages, and nothing else."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    pages = "".join(page.read_text(encoding="utf-8") for page in site.rglob("*.html"))
    text = html.unescape(re.sub("<[^>]*>", "", "".join(re.findall("<math.*?</math>", pages, re.S))))
    font = cut(Path(find_spec("ziamath").origin).parent / FONT, text + text.translate(ITALIC))
    (site / "_static" / "formulas.woff").write_bytes(font)


def setup(app):
    """Register with Sphinx."""
    app.add_html_math_renderer("mathml", (write_inline, None), (write_display, None))
    app.connect("build-finished", write_font)
