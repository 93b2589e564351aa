"""Formulas as MathML, written when the site is built.

Every browser of today lays MathML out by itself, so a page needs no script for its formulas, screen readers read them,
and print and unzipped folders show them. The font is STIX Two Math, cut down to the signs that the book uses.
"""

from __future__ import annotations

import contextlib
import html
import re
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, tostring
from xml.sax.saxutils import unescape

from docutils import nodes
from latex2mathml.converter import convert_to_element
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

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

MINUS = "&#x02212;"
OPENING = {"&#x00028;", "&#x0005B;", "&#x0007B;", "&#x0007C;", "&#x02016;", "&#x0230A;"}  # ( [ { | ‖ ⌊
CLOSING = {"&#x00029;", "&#x0005D;", "&#x0007D;", "&#x0007C;", "&#x02016;", "&#x0230B;"}  # ) ] } | ‖ ⌋
ROWS = {"math", "mrow", "mstyle", "mtd"}  # elements whose children follow one another on the line
WORD = re.compile("[A-Za-z]{2,}")  # such as log
OPENS, CLOSES = re.compile("[(\u201c]+$"), re.compile("[.,;:!?)\u201d]+")  # text that stays on the line of a formula


@cache
def mathml(tex: str, display: bool = False) -> str:
    """Translate a formula.

    Parameters
    ----------
    tex : str
        TeX with the role macros ``\\inp``, ``\\kernel``, ``\\out`` and ``\\grad``.
    display : bool
        Whether the formula has a line of its own.

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
    element = convert_to_element(plain, display="block" if display else "inline")
    for part in list(element.iter()):
        _name_role(part)
        if part.tag in ROWS:
            _space_out(part)
            _group_brackets(part)
    written = unescape(tostring(element, encoding="unicode"))
    if unknown := re.search(r"\\[A-Za-z]*", written):
        raise ValueError(f"formula {tex!r} has the unknown command {unknown[0]}")
    return written


def _name_role(part: Element) -> None:
    """Give a part that has the colour of a role the role's class instead."""
    for role, (colour, _) in ROLES.items():
        if part.get("mathcolor") == colour:
            del part.attrib["mathcolor"]
            part.set("class", f"cnn-{role}")


def _space_out(row: Element) -> None:
    """Set a minus after a sign or an opening bracket close to its number, and a name off from what follows it."""
    for name in row.iterfind("mo"):
        if WORD.fullmatch(name.text or ""):  # as a sign it would have wide spaces on both sides
            name.tag = "mi"
    for before, after in pairwise(list(row)):
        if before.tag == after.tag == "mo" and before.text not in CLOSING and after.text == MINUS:
            after.set("form", "prefix")
        if before.tag == "mi" and WORD.fullmatch(before.text or "") and after.tag.startswith(("mn", "mi", "mf", "ms")):
            row.insert(list(row).index(after), Element("mspace", {"width": "0.17em"}))


def _group_brackets(row: Element) -> None:
    """Put a matrix and its brackets into a row of their own: within a longer line Firefox does not stretch them."""
    for table in row.findall("mtable"):
        place = list(row).index(table)
        before, after = list(row[place - 1 : place]), list(row[place + 1 : place + 2])
        opening = [sign for sign in before if sign.tag == "mo" and sign.text in OPENING]
        closing = [sign for sign in after if sign.tag == "mo" and sign.text in CLOSING]
        if not opening + closing:
            continue
        for form, signs_of_form in (("prefix", opening), ("postfix", closing)):
            for sign in signs_of_form:
                sign.attrib |= {"form": form, "stretchy": "true"}
        group = Element("mrow")
        for part in (*opening, table, *closing):
            row.remove(part)
            group.append(part)
        row.insert(place - len(opening), group)


def write_inline(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    translator.body.append(_written(node))
    raise nodes.SkipNode


def write_display(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on a line of its own."""
    translator.body.append(f'<div class="math">{_written(node, display=True)}</div>\n')
    raise nodes.SkipNode


def _written(node: nodes.Element, display: bool = False) -> str:
    tex = node.astext()
    if tex.lstrip().startswith(r"\newcommand"):
        return ""  # the macros that a notebook defines for JupyterLab; here they are known
    try:
        return mathml(tex, display)
    except ValueError as fault:
        LOGGER.warning(str(fault), location=node)
        return html.escape(tex)


class NoteSigns(SphinxTransform):
    """Note the signs of a page's formulas, for the font."""

    default_priority = 999  # when all formulas are there

    def apply(self, **kwargs: Any) -> None:
        found = set()
        for node in self.document.findall(lambda node: isinstance(node, nodes.math | nodes.math_block)):
            with contextlib.suppress(ValueError):  # what cannot be translated is a warning when it is written
                found |= signs(mathml(node.astext()))
        self.env.metadata[self.env.docname]["formula_signs"] = "".join(sorted(found))


class KeepTogether(SphinxPostTransform):
    """Let no line begin with the punctuation after a formula, or end with the bracket before it."""

    default_priority = 950  # when references have become words
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        for formula in list(self.document.findall(nodes.math)):
            parent, place = formula.parent, formula.parent.index(formula)
            before, after = parent[max(0, place - 1) : place], parent[place + 1 : place + 2]
            start = OPENS.search(before[0]) if before and isinstance(before[0], nodes.Text) else None
            end = CLOSES.match(after[0]) if after and isinstance(after[0], nodes.Text) else None
            if not (start or end):
                continue
            parent[place] = together = nodes.inline(classes=["cnn-together"])
            together += [nodes.Text(start[0])] if start else []
            together += formula
            together += [nodes.Text(end[0])] if end else []
            if end:
                parent[place + 1] = nodes.Text(after[0][end.end() :])
            if start:
                parent[place - 1] = nodes.Text(before[0][: start.start()])


def signs(element: str) -> set[str]:
    """Return the characters with which a browser shows a formula.

    Parameters
    ----------
    element : str
        What `mathml` returns.

    Returns
    -------
    set of str

    Examples
    --------
    >>> sorted(signs(mathml(r"\\sqrt{2}")))
    ['2', '√']
    """
    text = html.unescape(re.sub("<[^>]*>", "", element))
    drawn = "√" if "<msqrt" in element or "<mroot" in element else ""  # which the element does not name
    return {*text, *text.translate(ITALIC), *drawn}


def write_font(app: Sphinx, exception: Exception | None) -> None:
    """Write the font with the signs of all pages, and nothing else."""
    if exception is None and app.builder.format == "html":
        signs = "".join(about.get("formula_signs", "") for about in app.env.metadata.values())
        font = cut(Path(find_spec("ziamath").origin).parent / FONT, signs)
        Path(app.outdir, "_static", "formulas.woff").write_bytes(font)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_html_math_renderer("mathml", (write_inline, None), (write_display, None))
    app.add_transform(NoteSigns)
    app.add_post_transform(KeepTogether)
    app.connect("build-finished", write_font)
