"""The way to paper: the theme's button waits for the pictures of the page (`paper.js`); course.css says the rest."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from . import repairs
from .icons import flat

SCRIPT = Path(__file__).with_name("paper.js")
PRINT = "window.print()"


def use_script(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Add the script to a page, and let the button call it."""
    app.add_js_file(SCRIPT.name, loading_method="defer")
    for button in flat(context.get("header_buttons", ())):
        if button.get("javascript") == PRINT:
            button["javascript"] = "printPage()"
            repairs.done(app, PRINT)


def write(app: Sphinx) -> None:
    """Write the script where the pages find it."""
    if app.builder.format == "html":
        repairs.expect(app, "book/extensions/paper.py", [PRINT])
        target = Path(app.outdir, "_static")
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SCRIPT, target / SCRIPT.name)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("builder-inited", write)
    app.connect("html-page-context", use_script, priority=600)  # after the theme has listed its buttons
