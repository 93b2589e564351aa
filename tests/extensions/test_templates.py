"""Templates of the book override what the theme has; a block that it does not have stops the build."""

import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

from extensions import templates

THEMED = ["myst_parser", "sphinx_book_theme", "extensions.templates"]


def build(small_book):
    return small_book(THEMED, html_theme="sphinx_book_theme")


def test_pages_choose_the_theme_before_the_first_paint_and_name_the_sidebar(small_book):
    site = build(small_book)
    page = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert "prefers-color-scheme: dark" in page.head.script.string
    region = page.find(attrs={"role": "region"})
    assert region["aria-label"] == "Course"
    assert region.find_parent(class_="bd-sidebar-primary")
    assert not page.select("link[href*=fontawesome], script[src*=fontawesome]")
    search = BeautifulSoup((site / "search.html").read_text(encoding="utf-8"), "html.parser")
    own = [tag for tag in search.select("script[src]") if "search" in tag["src"] or "language_data" in tag["src"]]
    assert [tag["src"].rpartition("/")[2] for tag in own] == ["searchtools.js", "language_data.js", "searchindex.js"]
    assert all(tag.has_attr("defer") for tag in own)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "layout.html",
            '{% extends "!layout.html" %}{% block nowhere %}{% endblock %}',
            "templates/layout.html overrides the block 'nowhere', which the theme's template does not have",
        ),
        ("no_such_page.html", "text", "templates/no_such_page.html overrides a template that the theme does not have"),
    ],
)
def test_a_template_that_overrides_nothing_stops_the_build(small_book, monkeypatch, tmp_path, name, text, sentence):
    folder = tmp_path / "overrides"
    folder.mkdir()
    (folder / name).write_text(text)
    monkeypatch.setattr(templates, "FOLDER", folder)
    with pytest.raises(ExtensionError) as stopped:
        build(small_book)
    assert sentence in str(stopped.value)
    assert str(stopped.value).endswith("remove or rename it")
