"""The book as one file: links to the PDF and the zip, on every page that asks for them and only if the files exist.

The files are made from finished pages (`make pdf`, `make zip`), so these pages hold a place for the links. `link` fills
the places: the tools call it when they have made a file, and the build when it has removed a file because it is older
than a page of the book.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

FILES = {"cnncourse.pdf": "the whole book as a PDF", "cnncourse.zip": "the site as a zip to read offline"}
PLACE = re.compile(r'<div class="cnn-downloads">.*?</div>', re.S)
NOTHING = (
    "<p>In the checkout, <code>make pdf</code> prints the whole book and <code>make zip</code> packs the site.</p>"
)


class Downloads(SphinxDirective):
    """`{downloads}`: a place for the links."""

    def run(self) -> list[nodes.Node]:
        self.env.metadata[self.env.docname]["downloads"] = True
        return [nodes.raw("", f'<div class="cnn-downloads">{NOTHING}</div>', format="html")]


def link(site: Path) -> None:
    """Fill the places on all pages of a site with links to the files that are there.

    Parameters
    ----------
    site : pathlib.Path
        The folder of the built site.
    """
    for page in sorted(site.rglob("*.html")):
        fill(page, site)


def fill(page: Path, site: Path) -> None:
    """Fill the place on a page, if it has one.

    Parameters
    ----------
    page : pathlib.Path
        Its file. It keeps its time: what it says is no newer than before.
    site : pathlib.Path
    """
    text = page.read_text(encoding="utf-8")
    up = "../" * (len(page.relative_to(site).parts) - 1)
    filled = PLACE.sub(lambda _: f'<div class="cnn-downloads">{_links(site, up)}</div>', text)
    if filled != text:
        written = page.stat()
        page.write_text(filled, encoding="utf-8")
        os.utime(page, ns=(written.st_atime_ns, written.st_mtime_ns))


def _links(site: Path, up: str) -> str:
    there = {name: site / name for name in FILES if (site / name).is_file()}
    links = (
        f'<a href="{up}{name}" download>{FILES[name]}</a> ({file.stat().st_size / 1e6:.1f} MB)'
        for name, file in there.items()
    )
    return f"<p>Download {' or '.join(links)}.</p>" if there else NOTHING


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Remove files that are older than a page of the book, and fill the places again."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    pages = {name: site / f"{name}.html" for name in app.env.found_docs}
    newest = max(page.stat().st_mtime for page in pages.values())
    for name in FILES:
        if (site / name).is_file() and (site / name).stat().st_mtime < newest:
            (site / name).unlink()
    for name, page in pages.items():
        if app.env.metadata[name].get("downloads"):
            fill(page, site)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_directive("downloads", Downloads)
    app.connect("build-finished", finish, priority=900)
