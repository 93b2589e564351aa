"""Code, figures, tables and formulas that scroll sideways can be reached by keyboard (`scrolling.js`).

The theme has a function for code that measures all boxes at once when the page has loaded, those in closed folds as
well, which the browser must lay out only for that. It is not called.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from . import repairs

SCRIPT = Path(__file__).with_name("scrolling.js")
THEME_SCRIPT = "scripts/pydata-sphinx-theme.js"
MEASURES_ALL = re.compile(r',"complete"===document\.readyState\?(\w+)\(\):window\.addEventListener\("load",\1\)')
REPAIR = "the call in pydata-sphinx-theme.js that measures all code"


def use_script(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Add the script to a page that has something of this kind."""
    if any(tag in context.get("body", "") for tag in ("<figure", "<table", "<pre", '<div class="math"')):
        app.add_js_file(SCRIPT.name, loading_method="defer")


def write(app: Sphinx) -> None:
    """Write the script where the pages find it."""
    if app.builder.format == "html":
        repairs.expect(app, "book/extensions/scrolling.py", [REPAIR])
        target = Path(app.outdir, "_static")
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SCRIPT, target / SCRIPT.name)


def silence_theme(app: Sphinx, exception: Exception | None) -> None:
    """Take the call out of the site's copy of the theme's script."""
    script = Path(app.outdir, "_static", THEME_SCRIPT)
    if exception is None and app.builder.format == "html" and script.is_file():
        text, number = MEASURES_ALL.subn("", script.read_text(encoding="utf-8"))
        if number:
            script.write_text(text, encoding="utf-8")
            repairs.done(app, REPAIR)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("builder-inited", write)
    app.connect("html-page-context", use_script)
    app.connect("build-finished", silence_theme)
