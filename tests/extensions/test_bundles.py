"""One style sheet a page: all of the page's sheets in their order, addresses still right."""

import pytest
from bs4 import BeautifulSoup

from extensions.bundles import inlined, joined

THEMED = [
    "myst_parser",
    "sphinx_book_theme",
    "extensions.repairs",
    "extensions.templates",
    "extensions.assets",
    "extensions.bundles",
]


@pytest.fixture(autouse=True)
def _no_check(monkeypatch):
    monkeypatch.setattr("extensions.assets.ONLY_WITH", {})


def sheets(site):
    page = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")
    return [site / tag["href"].partition("?")[0] for tag in page.select("link[rel=stylesheet]")]


def test_a_page_loads_one_style_sheet_that_holds_the_themes_and_the_final_colours_of_code(small_book):
    (sheet,) = sheets(small_book(THEMED, html_theme="sphinx_book_theme"))
    text = sheet.read_text(encoding="utf-8")
    assert text.index("--pst-font-size-base") < text.index('html[data-theme="dark"] .highlight')
    assert "@import" not in text
    assert 'html:not([data-theme="dark"]) .highlight .k ' in text  # coloured without scripts, which set the theme


def test_a_full_build_removes_the_style_sheet_of_the_one_before(small_book):
    (before,) = sheets(small_book(THEMED, html_theme="sphinx_book_theme"))
    (after,) = sheets(small_book([*THEMED, "sphinx_copybutton"], html_theme="sphinx_book_theme"))
    assert after != before
    assert after.is_file()
    assert not before.exists()


def test_imports_are_inlined_and_addresses_lead_to_the_same_files(tmp_path):
    (tmp_path / "styles").mkdir()
    (tmp_path / "basic.css").write_text("a{}")
    (tmp_path / "styles" / "theme.css").write_text('@charset "utf-8";@import "../basic.css";b{background:url(x.png)}')
    assert inlined(tmp_path / "styles" / "theme.css", tmp_path) == "a{}\nb{background:url(styles/x.png)}"


def test_the_name_of_a_joined_style_sheet_changes_with_its_content(tmp_path):
    (tmp_path / "_static").mkdir()
    names = []
    for text in ("a{}", "a{}", "b{}"):
        (tmp_path / "_static" / "one.css").write_text(text)
        names.append(joined(tmp_path, ("_static/one.css",)))
    assert names[0] == names[1] != names[2]
