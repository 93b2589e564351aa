"""The sitemap lists every page after every build, also after one that writes a single page."""

import re

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

CONF = """
extensions = ["sphinx_sitemap", "extensions.sitemap"]
html_baseurl = "https://example.org/"
sitemap_url_scheme = "{link}"
"""
PAGES = {"https://example.org/index.html", "https://example.org/one.html", "https://example.org/two.html"}


@pytest.fixture
def build(tmp_path):
    """Return `build()`: build the book of three pages, and return the addresses in its sitemap."""
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "index.rst").write_text("Home\n====\n\n.. toctree::\n\n   one\n   two\n")
    for page in ("one", "two"):
        (tmp_path / f"{page}.rst").write_text(f"{page}\n===\n")
    out = tmp_path / "out"

    def run():
        with docutils_namespace():
            Sphinx(tmp_path, tmp_path, out, tmp_path / "trees", "html", status=None).build()
        return set(re.findall("<loc>(.*?)</loc>", (out / "sitemap.xml").read_text(encoding="utf-8")))

    return run


@pytest.mark.parametrize("changed", [(), ("one",)], ids=["no page changed", "one page changed"])
def test_a_second_build_lists_all_pages(build, tmp_path, changed):
    assert build() >= PAGES
    for page in changed:
        (tmp_path / f"{page}.rst").write_text(f"{page} again\n=========\n")
    assert build() >= PAGES
