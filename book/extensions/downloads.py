"""The book as one file: links to the PDF and the zip, on every page that asks for them and only if the files exist.

`{downloads}` leaves a place on the page. `link` fills the places: at the end of every build, and again by the tools
that make the files (`make pdf`, `make zip`). A file that is older than a page of the book is removed.
"""

import os
import re
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

FILES = {"cnncourse.pdf": "the whole book as a PDF", "cnncourse.zip": "the site as a zip to read offline"}
PLACE = re.compile(r'<div class="cnn-downloads">.*?</div>', re.S)
NOTHING = (
    "<p>In the checkout, <code>make pdf</code> prints the whole book and <code>make zip</code> packs the site.</p>"
)


class Downloads(SphinxDirective):
    """`{downloads}`: a place for the links."""

    def run(self):
        return [nodes.raw("", '<div class="cnn-downloads"></div>', format="html")]


def link(site, files=FILES):
    """Fill the places on the pages of a site with links to the files that are there.

    Parameters
    ----------
    site : path-like
        The folder of the built site.
    files : iterable of str
        The names to link if they exist; none for a copy that travels without them.
    """
    site = Path(site)
    there = [name for name in files if (site / name).is_file()]
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        if PLACE.search(text):
            up = "../" * (len(page.relative_to(site).parts) - 1)
            filled = PLACE.sub(lambda _, up=up: f'<div class="cnn-downloads">{_links(site, there, up)}</div>', text)
            if filled != text:
                written = page.stat()
                page.write_text(filled, encoding="utf-8")
                os.utime(page, ns=(written.st_atime_ns, written.st_mtime_ns))  # what it says is no newer than before


def _links(site, names, up):
    links = (
        f'<a href="{up}{name}" download>{FILES[name]}</a> ({(site / name).stat().st_size / 1e6:.1f} MB)'
        for name in names
    )
    return f"<p>Download {' or '.join(links)}.</p>" if names else NOTHING


def finish(app, exception):
    """Remove files that are older than the book, and fill the places."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    newest = max(page.stat().st_mtime for page in (site / "book").glob("*.html"))
    for name in FILES:
        if (site / name).is_file() and (site / name).stat().st_mtime < newest:
            (site / name).unlink()
    link(site)


def setup(app):
    """Register with Sphinx."""
    app.add_directive("downloads", Downloads)
    app.connect("build-finished", finish, priority=900)  # after what changes the pages
