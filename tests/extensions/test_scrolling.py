"""Boxes that scroll: our script on the pages that have some, and the theme's own measuring left out."""

import pytest
from sphinx.errors import ExtensionError

from extensions import scrolling

EXTENSIONS = ["myst_parser", "extensions.repairs", "extensions.scrolling"]
CODE = "# Page\n\n```python\nx = 1\n```\n"


def test_the_theme_no_longer_measures_all_code_when_a_page_has_loaded(small_book):
    site = small_book([*EXTENSIONS, "sphinx_book_theme"], CODE, html_theme="sphinx_book_theme")
    script = (site / "_static" / scrolling.THEME_SCRIPT).read_text(encoding="utf-8")
    assert "scrollWidth" in script  # the function is there still
    assert not scrolling.MEASURES_ALL.search(script)
    assert script.rstrip().rpartition("\n")[0].endswith("})();")


@pytest.mark.parametrize(("text", "loaded"), [(CODE, True), ("# Page\n\nWords.\n", False)])
def test_a_page_with_code_loads_our_script_and_others_do_not(small_book, text, loaded):
    site = small_book([*EXTENSIONS, "sphinx_book_theme"], text, html_theme="sphinx_book_theme")
    assert ("scrolling.js" in (site / "index.html").read_text(encoding="utf-8")) is loaded


def test_a_theme_that_measures_in_another_way_stops_the_build(small_book):
    with pytest.raises(ExtensionError, match=r"scrolling\.py has a repair for the call .* that measures all code"):
        small_book(EXTENSIONS, html_theme="basic")
