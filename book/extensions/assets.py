"""Which scripts and style sheets a page loads: those that it uses, and scripts only when the page is there."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from . import repairs

ONLY_WITH = {  # assets that extensions load on every page: what must be on the page
    "sphinx-design.min.css": 'class="sd-',
    "design-tabs.js": "sd-tab-set",
    "mystnb.": 'class="cell',
    "copybutton": 'class="highlight',
    "clipboard.min.js": 'class="highlight',
}
LEFT_OUT = (  # files of the theme and of Sphinx that no page loads
    "locales",
    "vendor",
    "scripts/*.map",
    "scripts/*.LICENSE.txt",
    "*-macros.html",
    "images/logo_[bdj]*",
)
OPTIONS = "documentation_options.js"
NO_SUMMARIES = """DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = location.protocol !== "file:";"""  # files may not be read
THEME = "static/webpack-macros.html"  # the theme's template that loads what it needs


def announce(app: Sphinx) -> None:
    """Announce what must be found on some page."""
    if app.builder.format == "html":
        found = [*map(_load, ONLY_WITH), _load(OPTIONS), *map(_file, LEFT_OUT)]
        repairs.expect(app, "book/extensions/assets.py", found)


def _load(name: str) -> str:
    return f"the tag that loads {name}"


def _file(pattern: str) -> str:
    return f"the file _static/{pattern}"


def choose(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Choose a page's style sheets and scripts."""
    body = context.get("body", "")
    if page == "search":
        app.add_js_file(None, body=NO_SUMMARIES, priority=201)
    used_sheets, used_scripts = _taken(app, context["css_files"], body), _taken(app, context["script_files"], body)
    sheets, scripts = theme_assets(app)
    for sheet in sheets:  # before those of all extensions
        app.builder.add_css_file(sheet, priority=50)
    for sheet in used_sheets:
        app.builder.add_css_file(_in_static(sheet), priority=sheet.priority, **sheet.attributes)
    for script in used_scripts:
        _add_deferred(app, script)
    for script in scripts:  # after those of all extensions
        app.builder.add_js_file(script, priority=900, defer="defer")


def theme_assets(app: Sphinx) -> tuple[list[str], list[str]]:
    """Return the style sheets and scripts that the theme loads by its own template, Font Awesome left out.

    Returns
    -------
    (list of str, list of str)
        Paths in the folder of static files.

    Raises
    ------
    sphinx.errors.ExtensionError
        If there are none: the theme has changed.
    """
    macros = app.builder.templates.environment.get_template(THEME).make_module({"pathto": lambda path, *_: path})
    tags = BeautifulSoup(f"{macros.head_pre_assets()}{macros.body_post()}", "html.parser")
    addresses = [[tag["href"] for tag in tags.select("link")], [tag["src"] for tag in tags.select("script")]]
    sheets, scripts = ([urlsplit(name).path.removeprefix("_static/") for name in names] for names in addresses)
    if not sheets or not scripts:
        raise ExtensionError(f"book/extensions/assets.py finds no style sheet or no script in the theme's {THEME}")
    return sheets, scripts


def _in_static(asset: Any) -> str:
    return str(asset.filename or "").removeprefix("_static/")


def _taken(app: Sphinx, assets: list[Any], body: str) -> list[Any]:
    """Empty Sphinx's list of a page's style sheets or scripts, and return those that the page uses."""
    used = []
    for asset in assets:
        name = Path(asset.filename or "").name
        extra = next((beginning for beginning in ONLY_WITH if name.startswith(beginning)), None)
        if extra:
            repairs.done(app, _load(extra))
        if not extra or ONLY_WITH[extra] in body:
            used.append(asset)
    assets.clear()
    return used


def _add_deferred(app: Sphinx, script: Any) -> None:
    """Add a script that waits for the page; the options, which others need at once, as text inside it."""
    if not script.filename:
        app.builder.add_js_file(None, priority=script.priority, **script.attributes)
    elif _in_static(script) == OPTIONS:
        repairs.done(app, _load(OPTIONS))
        text = Path(app.outdir, script.filename).read_text(encoding="utf-8")
        app.builder.add_js_file(None, priority=script.priority, body=text)
    else:
        attributes = script.attributes | {"defer": "defer"}
        app.builder.add_js_file(_in_static(script), priority=script.priority, **attributes)


def leave_out(app: Sphinx, exception: Exception | None) -> None:
    """Remove the files that no page loads."""
    if exception is not None or app.builder.format != "html":
        return
    for pattern in LEFT_OUT:
        for path in Path(app.outdir, "_static").glob(pattern):
            repairs.done(app, _file(pattern))
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("builder-inited", announce)
    app.connect("html-page-context", choose, priority=900)  # after all that add scripts and style sheets
    app.connect("build-finished", leave_out)
