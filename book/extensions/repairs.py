"""What the book mends in the theme, docutils and Sphinx: a repair that finds nothing to mend stops the build.

A repair is a template, an event or a visitor that takes the place of something in a library. When a new version of the
library no longer has that something, the repair does nothing, and nobody would notice. So every repair is announced
with `expect`, says `done` when it mends something, and `check` names those that mended nothing in a build that wrote
every page.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

_WAITING: WeakKeyDictionary[Sphinx, dict[str, str]] = WeakKeyDictionary()
_UNWRITTEN: WeakKeyDictionary[Sphinx, set[str]] = WeakKeyDictionary()


def expect(app: Sphinx, module: str, repairs: Iterable[str]) -> None:
    """Announce repairs that every full build needs.

    Parameters
    ----------
    app : sphinx.application.Sphinx
    module : str
        The file that holds the repairs, for the message.
    repairs : iterable of str
        What each repair looks for.
    """
    _WAITING.setdefault(app, {}).update(dict.fromkeys(repairs, module))


def done(app: Sphinx, repair: str) -> None:
    """Note that a repair found what it looks for."""
    _WAITING.get(app, {}).pop(repair, None)


def note_page(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Note that this build writes a page."""
    _UNWRITTEN.setdefault(app, set(app.env.found_docs)).discard(page)


def wrote_all_pages(app: Sphinx) -> bool:
    """Return whether this build wrote every page of the book, not only those that had changed."""
    return app in _UNWRITTEN and not _UNWRITTEN[app]


def check(app: Sphinx, exception: Exception | None) -> None:
    """Stop a full build in which a repair found nothing.

    Raises
    ------
    sphinx.errors.ExtensionError
        One sentence that names the file and what the repair looked for.
    """
    waiting = _WAITING.get(app)
    if waiting and exception is None and wrote_all_pages(app):
        # Without this file the next build is a full one again.
        Path(app.doctreedir, "environment.pickle").unlink(missing_ok=True)
        repair, module = next(iter(waiting.items()))
        raise ExtensionError(f"{module} has a repair for {repair}, but this build has none; change or remove it")


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("html-page-context", note_page)
    app.connect("build-finished", check, priority=950)
