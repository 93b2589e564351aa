"""Code, figures, tables and formulas that scroll sideways can be reached by keyboard (`scrolling.js`)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

SCRIPT = Path(__file__).with_name("scrolling.js")


def use_script(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Add the script to a page that has something of this kind."""
    if any(tag in context.get("body", "") for tag in ("<figure", "<table", "<pre", '<div class="math"')):
        app.add_js_file(SCRIPT.name, loading_method="defer")


def write(app: Sphinx) -> None:
    """Write the script where the pages find it."""
    if app.builder.format == "html":
        target = Path(app.outdir, "_static")
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SCRIPT, target / SCRIPT.name)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("builder-inited", write)
    app.connect("html-page-context", use_script)
