"""One style sheet a page instead of a dozen: a page is shown only when the last of them has arrived."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from docutils import nodes
from myst_nb.sphinx_ext import add_global_html_resources
from pydata_sphinx_theme.pygments import overwrite_pygments_css
from sphinx.application import Sphinx

from . import repairs

IMPORT = re.compile(r'@import\s*(?:url\()?["\']?([^"\')]+)["\']?\)?;')
ADDRESS = re.compile(r'url\(["\']?(?!data:|#|/)([^"\')]+)["\']?\)')
CODE_IN_LIGHT = 'html[data-theme="light"] .highlight'  # a page without scripts has no theme and is light
LATE = (overwrite_pygments_css, add_global_html_resources)  # write style sheets at the end of a build: too late here
_WRITTEN: WeakKeyDictionary[Sphinx, dict[tuple[str, ...], str]] = WeakKeyDictionary()


def bundle(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Join the style sheets of a page, in their order."""
    if app not in _WRITTEN:
        _WRITTEN[app] = {}
        for write in LATE:
            write(app, None)
    sheets = sorted(context["css_files"], key=lambda sheet: sheet.priority)
    names = tuple(str(sheet.filename) for sheet in sheets)
    if names not in _WRITTEN[app]:
        _WRITTEN[app][names] = joined(Path(app.outdir), names)
    context["css_files"].clear()
    app.builder.add_css_file(_WRITTEN[app][names])


def joined(site: Path, names: tuple[str, ...]) -> str:
    """Write the style sheets of a page as one, and return its name, which changes with its content.

    Parameters
    ----------
    site : pathlib.Path
        The folder of the built site.
    names : tuple of str
        Style sheets in it.

    Returns
    -------
    str
    """
    folder = site / "_static"
    text = "\n".join(inlined(site / name, folder) for name in names)
    text = text.replace(CODE_IN_LIGHT, 'html:not([data-theme="dark"]) .highlight')
    sheet = f"style-{hashlib.sha256(text.encode()).hexdigest()[:8]}.css"
    (folder / sheet).write_text(text, encoding="utf-8")
    return sheet


def remove_old(app: Sphinx, exception: Exception | None) -> None:
    """Remove the joined style sheets of earlier builds that no page loads any more."""
    if exception is None and repairs.wrote_all_pages(app):
        used = set(_WRITTEN[app].values())
        for sheet in Path(app.outdir, "_static").glob("style-*.css"):
            if sheet.name not in used:
                sheet.unlink()


def inlined(path: Path, folder: Path) -> str:
    """Return a style sheet with what it imports, its addresses as seen from `folder`.

    Parameters
    ----------
    path, folder : pathlib.Path

    Returns
    -------
    str
    """
    text = path.read_text(encoding="utf-8").removeprefix("\ufeff")
    text = re.sub(r'@charset "[^"]*";', "", text)
    text = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", text)
    imports = [inlined(path.parent / name, folder) for name in IMPORT.findall(text)]
    text = IMPORT.sub("", text)
    from_folder = path.parent.resolve().relative_to(folder.resolve()).as_posix()
    prefix = "" if from_folder == "." else f"{from_folder}/"
    return "\n".join([*imports, ADDRESS.sub(rf"url({prefix}\1)", text)])


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("html-page-context", bundle, priority=950)  # after all style sheets have been chosen
    app.connect("build-finished", remove_old)
