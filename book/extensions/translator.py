"""The HTML of single nodes, where docutils, Sphinx or MyST-NB write what browsers and assistive technology cannot use.

- A picture has its size, so that the page does not jump when it arrives, and is loaded when the reader comes near.
- A drawing is there twice, light and dark (course.css shows one), and knows how narrow it may be.
- A reference in a list of literature is a list's item: the role that docutils gives it is not allowed there.
- The summary of a folded cell is named by its own words, not by a label that hides them.
- The width of the page is said once, by Sphinx.
"""

from __future__ import annotations

import types
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from . import pictures, repairs

VIEWPORT = "docutils' <meta name=viewport>"
CITATION = "docutils' role doc-biblioentry"


class CourseHTML:
    """What the book adds to the translator of Sphinx and the theme."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        if any('name="viewport"' in tag for tag in self.meta):
            self.meta = [tag for tag in self.meta if 'name="viewport"' not in tag]
            repairs.done(self.builder.app, VIEWPORT)

    def starttag(self, node: nodes.Element, tagname: str, *args: Any, **attributes: Any) -> str:
        """Write an opening tag, of a reference as a list's item, of a picture with its size."""
        if attributes.get("role") == "doc-biblioentry":
            attributes["role"] = "listitem"
            repairs.done(self.builder.app, CITATION)
        if tagname == "img":
            attributes |= node.get("cnn_size", {})
        return super().starttag(node, tagname, *args, **attributes)

    def emptytag(self, node: nodes.Element, tagname: str, suffix: str = "\n", **attributes: Any) -> str:
        """Write a tag without content, of a drawing for both themes."""
        if not node.get("cnn_drawing"):
            return super().emptytag(node, tagname, suffix, **attributes)
        light = super().emptytag(node, tagname, suffix, classes=["cnn-light", "dark-light"], **attributes)
        node["ids"] = []
        attributes["src"] += "#dark"
        return light + super().emptytag(node, tagname, suffix, classes=["cnn-dark", "dark-light"], **attributes)

    def visit_image(self, node: nodes.image) -> None:
        """Measure a picture of the site and write it."""
        if node["uri"] in self.builder.images:
            path = Path(self.builder.srcdir, node["uri"])
            node["loading"] = "lazy"
            width, height = pictures.size(path)
            node["cnn_size"] = {"width": width, "height": height}
            node["cnn_drawing"] = pictures.is_drawing(path)
            if node["cnn_drawing"] and (narrowest := pictures.readable_width(path)):
                node["cnn_size"]["style"] = f"--readable: {narrowest}px"
        super().visit_image(node)


def visit_folded_cell(translator: HTML5Translator, node: HideCodeCellNode) -> None:
    """Open the fold of a cell with a summary without label."""
    translator.body.append(
        f'<details class="admonition hide {" ".join(node["classes"])}">\n<summary>\n'
        f'<p class="collapsed admonition-title">{escape(node["prompt_show"])}</p>\n'
        f'<p class="expanded admonition-title">{escape(node["prompt_hide"])}</p>\n</summary>\n'
    )


def choose(app: Sphinx) -> None:
    """Put our methods in front of the theme's translator."""
    if app.builder.format == "html":
        bases = (CourseHTML, app.registry.get_translator_class(app.builder))
        app.set_translator(app.builder.name, types.new_class("CourseHTMLTranslator", bases), override=True)
        repairs.expect(app, "book/extensions/translator.py", (VIEWPORT, CITATION))


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("builder-inited", choose, priority=900)  # after the theme has chosen its own
    app.add_node(HideCodeCellNode, override=True, html=(visit_folded_cell, depart_HideCellInput))
