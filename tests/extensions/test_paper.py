"""The theme's button for a PDF prints by the book's own script; a theme without that button stops the build."""

import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

from extensions import paper

EXTENSIONS = ["myst_parser", "extensions.repairs", "extensions.paper"]
THEME = {"html_theme": "sphinx_book_theme"}


def test_the_themes_button_waits_for_the_pictures_and_no_longer_prints_at_once(small_book):
    site = small_book([*EXTENSIONS, "sphinx_book_theme"], **THEME)
    page = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert [button["onclick"] for button in page.select("button[onclick*=rint]")] == ["printPage()"]
    (script,) = page.select("script[src*='paper.js']")
    assert script.has_attr("defer")
    assert (site / "_static" / "paper.js").read_bytes() == paper.SCRIPT.read_bytes()


def test_the_script_gives_the_page_the_function_that_the_button_calls():
    name = "printPage()".removesuffix("()")
    assert f"Object.assign(globalThis, {{ {name} }});" in paper.SCRIPT.read_text(encoding="utf-8")


def test_a_theme_without_that_button_stops_the_build(small_book):
    with pytest.raises(ExtensionError, match=r"paper\.py has a repair for window\.print\(\), but this build has none"):
        small_book(EXTENSIONS, html_theme="basic")
