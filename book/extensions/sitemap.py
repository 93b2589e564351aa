"""A sitemap of all pages after every build: sphinx-sitemap lists only the pages that a build writes anew."""

from __future__ import annotations

from sphinx.application import Sphinx


def list_all_pages(app: Sphinx, exception: Exception | None) -> None:
    """Give sphinx-sitemap every page of the book."""
    if exception is not None or app.builder.format != "html":
        return
    while not app.sitemap_links.empty():
        app.sitemap_links.get_nowait()
    for page in sorted(app.env.found_docs):
        app.sitemap_links.put((f"{page}.html", None))


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("build-finished", list_all_pages, priority=100)  # before sphinx-sitemap writes the file
