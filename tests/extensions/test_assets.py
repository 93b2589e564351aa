"""Pages load the scripts and style sheets that they use, and wait for no script."""

import pytest
from bs4 import BeautifulSoup

from extensions import assets, repairs

THEMED = ["myst_parser", "sphinx_book_theme", "sphinx_copybutton", "extensions.templates", "extensions.assets"]
CODE = "# Page\n\n```python\nx = 1\n```\n"
FORMULA = "# Page\n\n$$ x $$\n"


@pytest.fixture
def page(small_book):
    def page(text, name="index"):
        site = small_book(
            THEMED,
            text,
            html_theme="sphinx_book_theme",
            myst_enable_extensions=["dollarmath"],
            html_math_renderer="mathjax",
        )
        return BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")

    return page


def loaded(page):
    return [
        (tag.get("src") or tag.get("href")).partition("?")[0].rpartition("/")[2]
        for tag in page.select("script[src], link[rel=stylesheet]")
    ]


def test_the_copy_button_is_loaded_only_with_code(page):
    assert {"copybutton.css", "copybutton.js", "clipboard.min.js"} <= set(loaded(page(CODE)))
    assert not [name for name in loaded(page("# Page\n\nWords.\n")) if "copybutton" in name or "clipboard" in name]


def test_scripts_wait_for_the_page_except_for_the_options_which_are_in_it(page):
    page = page(CODE)
    assert all(tag.has_attr("defer") for tag in page.select("script[src]"))
    assert "documentation_options.js" not in loaded(page)
    inline = [tag.string or "" for tag in page.select("script:not([src])")]
    options = next(number for number, text in enumerate(inline) if "const DOCUMENTATION_OPTIONS" in text)
    assert next(number for number, text in enumerate(inline) if "DOCUMENTATION_OPTIONS.pagename" in text) > options


def test_the_theme_comes_first_with_its_style_sheets_and_last_with_its_scripts(page):
    names = loaded(page(CODE))
    sheets = [name for name in names if name.endswith(".css")]
    assert sheets[:3] == ["theme.css", "bootstrap.css", "pydata-sphinx-theme.css"]
    assert [name for name in names if name.endswith(".js")][-2:] == ["bootstrap.js", "pydata-sphinx-theme.js"]


def test_only_the_search_page_asks_whether_it_is_read_from_a_folder(page):
    assert "SHOW_SEARCH_SUMMARY = location.protocol" not in str(page(CODE))
    assert "SHOW_SEARCH_SUMMARY = location.protocol" in str(page(CODE, "search"))


def test_files_that_no_page_loads_are_removed(small_book):
    static = small_book(THEMED, html_theme="sphinx_book_theme") / "_static"
    assert (static / "scripts" / "bootstrap.js").is_file()
    for pattern in assets.LEFT_OUT:
        assert not list(static.glob(pattern)), pattern


def test_every_asset_that_is_left_out_of_a_page_is_announced_as_a_repair(small_book, monkeypatch):
    announced = []
    monkeypatch.setattr(repairs, "expect", lambda app, module, found: announced.extend(found))
    small_book(THEMED, html_theme="sphinx_book_theme")
    assert {"the tag that loads copybutton", "the file _static/vendor"} <= set(announced)
