"""The HTML of single nodes: pictures with their sizes, list items with an allowed role, one viewport."""

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from extensions import repairs

EXTENSIONS = ["myst_nb", "extensions.translator"]
SUFFIX = {"source_suffix": {".md": "myst-nb"}}


@pytest.fixture
def page(small_book, tmp_path):
    def page(text, **settings):
        site = small_book(EXTENSIONS, text, **SUFFIX, **settings)
        assert (tmp_path / "warnings").read_text() == ""
        return BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")

    return page


def test_a_picture_has_its_size_and_is_loaded_late(page, tmp_path):
    Image.new("RGB", (40, 30)).save(tmp_path / "picture.png")
    picture = page("# Page\n\n![words](picture.png)\n").find("img")
    assert (picture["width"], picture["height"], picture["loading"]) == ("40", "30", "lazy")
    assert picture["alt"] == "words"


def test_a_citation_is_an_item_of_a_list(page):
    text = "# Page\n\n```{eval-rst}\nSee [one]_.\n\n.. [one] A book.\n```\n"
    item = page(text).find(class_="citation")
    assert item["role"] == "listitem"
    assert item.parent["role"] == "list"


def test_the_width_of_the_page_is_said_once(page):
    assert len(page("# Page\n\nWords.\n").select("meta[name=viewport]")) == 1


def test_the_summary_of_a_folded_cell_is_named_by_its_words(page):
    text = "# Page\n\n```{code-cell} ipython3\n:tags: [hide-input]\n\nx = 1\n```\n"
    front = (
        "---\njupytext:\n  text_representation: {extension: .md, format_name: myst}\nkernelspec: {name: python3}\n---\n"
    )
    summary = page(front + text, nb_execution_mode="off", suppress_warnings=["myst-nb.lexer"]).find("summary")
    assert not summary.has_attr("aria-label")
    assert "Show code cell source" in summary.get_text()


def test_what_docutils_no_longer_writes_is_a_repair_that_found_nothing(small_book, monkeypatch):
    waiting = set()
    monkeypatch.setattr(repairs, "expect", lambda app, module, found: waiting.update(found))
    monkeypatch.setattr(repairs, "done", lambda app, repair: waiting.discard(repair))
    small_book(EXTENSIONS, **SUFFIX)
    assert waiting == {"docutils' role doc-biblioentry"}  # the page has no citation, but a viewport
