"""The boxes of exercises in which readers write and check an answer: script and style, on the pages that have one.

The box itself is what `cnncourse.exercises.exercise` shows. The script turns its stub into an editor and keeps answers
in the browser; without it, or in a build without practice, the page is as a notebook shows it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import minify
from docutils import nodes
from sphinx.application import Sphinx

from cnncourse.checking.source import PRACTICE_IMPORTS
from cnncourse.figures.modules import join

from ..exercise_sections import BOX
from ..live_figures import classic
from . import build

SCRIPTS = Path(__file__).parent / "js"
STYLE = Path(__file__).with_name("practice.css")
_FOLDER = "practice"  # beside the site's other static files
_ABOUT = "export const ABOUT = {};\n"  # constants of the figures, which no box needs
_RUNNING = "book/running"  # the page that says how to run a notebook


def note_exercises(app: Sphinx, doctree: nodes.document) -> None:
    """Note which exercises a page has."""
    boxes = (BOX.search(raw.astext()) for raw in doctree.findall(nodes.raw))
    if names := [box[1] for box in boxes if box]:
        app.env.metadata[app.env.docname]["exercises"] = names


def note_reach(app: Sphinx) -> None:
    """Note which exercises can be checked on a page: if that changes, Sphinx writes all pages again."""
    app.config.practice_reach = build.exercises_on_page() if build.available(app) else {}


def add_assets(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Add the script and the style to pages with exercises, and to no others."""
    reach = app.config.practice_reach
    names = [name for name in app.env.metadata.get(page, {}).get("exercises", ()) if name in reach]
    if names:
        settings = {
            "running": app.builder.get_relative_uri(page, _RUNNING),
            "imports": PRACTICE_IMPORTS,
            "exercises": {name: reach[name] for name in names},
        }
        attributes = {"data-settings": json.dumps(settings)}
        app.add_js_file(f"{_FOLDER}/practice.js", loading_method="defer", **attributes)
        app.add_css_file(f"{_FOLDER}/practice.css")


def write_assets(app: Sphinx) -> None:
    """Write script and style into the site."""
    if app.builder.format == "html" and app.config.practice_reach:
        target = Path(app.outdir, "_static", _FOLDER)
        target.mkdir(parents=True, exist_ok=True)
        (target / "practice.js").write_text(script(), encoding="utf-8")
        style = minify.string("text/css", STYLE.read_text(encoding="utf-8"))
        (target / "practice.css").write_text(style, encoding="utf-8")


def script(**instead: str) -> str:
    """Return the script as a classic one: a module would not load from an unzipped folder.

    Parameters
    ----------
    **instead : str
        Sources that take the place of modules in `js`, by name without ``.js``.
    """
    modules = {path.stem: path.read_text(encoding="utf-8") for path in SCRIPTS.glob("*.js")}
    return classic(join(modules.pop("practice"), modules | {"about": _ABOUT} | instead))


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_config_value("practice_reach", {}, "html")
    app.connect("builder-inited", note_reach, priority=600)  # after `build` has written its files
    app.connect("builder-inited", write_assets, priority=600)
    app.connect("doctree-read", note_exercises)
    app.connect("html-page-context", add_assets)
