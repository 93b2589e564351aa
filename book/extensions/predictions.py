"""Predictions in the book: the script and the style of `cnncourse.figures.predict`, on the pages that have one.

The form itself is the HTML output of a notebook's cell; on the page the call is left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import minify
from docutils import nodes
from sphinx.application import Sphinx

from cnncourse.figures import prediction

from .exercise_sections import cell_of, leave_out_source
from .live_figures import classic

_FOLDER = "predictions"  # beside the site's other static files


def note_predictions(app: Sphinx, doctree: nodes.document) -> None:
    """Note whether a page has predictions, and leave out the calls that make them."""
    for raw in doctree.findall(nodes.raw):
        if '<form class="cnn-predict"' in raw.astext():
            app.env.metadata[app.env.docname]["predictions"] = True
            if (cell := cell_of(raw)) is not None:
                leave_out_source(cell)


def add_assets(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Add the script and the style to pages with predictions, and to no others."""
    if app.env.metadata.get(page, {}).get("predictions"):
        app.add_js_file(f"{_FOLDER}/prediction.js", loading_method="defer")
        app.add_css_file(f"{_FOLDER}/prediction.css")


def write_assets(app: Sphinx) -> None:
    """Write script and style into the site."""
    if app.builder.format == "html":
        target = Path(app.outdir, "_static", _FOLDER)
        target.mkdir(parents=True, exist_ok=True)
        (target / "prediction.js").write_text(classic(prediction.script()), encoding="utf-8")
        style = minify.string("text/css", prediction.style_sheet())
        (target / "prediction.css").write_text(style, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("builder-inited", write_assets)
    app.connect("doctree-read", note_predictions)
    app.connect("html-page-context", add_assets)
