"""Links to the PDF and the zip: there only if the files are, and gone with them."""

import os
import re

import pytest

from extensions.downloads import NOTHING, link

EXTENSIONS = ["myst_parser", "extensions.downloads"]
TEXT = "# Page\n\n```{downloads}\n```\n"


def links(page):
    return re.findall('href="([^"]*cnncourse[^"]*)"', page.read_text(encoding="utf-8"))


def test_downloads_are_linked_only_if_they_are_there(tmp_path):
    page = tmp_path / "book" / "running.html"
    page.parent.mkdir()
    page.write_text('<p>before</p><div class="cnn-downloads"></div>')
    os.utime(page, (1, 1))
    link(tmp_path)
    assert links(page) == []
    assert "make pdf" in page.read_text()
    (tmp_path / "cnncourse.zip").write_bytes(b"x" * 2_000_000)
    link(tmp_path)
    assert links(page) == ["../cnncourse.zip"]
    assert "(2.0 MB)" in page.read_text()
    assert page.stat().st_mtime == 1  # or the next build would take the zip for old news


def test_a_fresh_page_says_how_to_make_the_files(small_book):
    assert NOTHING in (small_book(EXTENSIONS, TEXT) / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("age", "kept"), [(+1000, True), (-1000, False)], ids=["newer", "older"])
def test_a_build_keeps_a_file_and_its_link_unless_a_page_is_newer(small_book, age, kept):
    site = small_book(EXTENSIONS, TEXT)
    page, file = site / "index.html", site / "cnncourse.pdf"
    file.write_bytes(b"x")
    link(site)
    assert links(page) == ["cnncourse.pdf"]
    written = page.stat().st_mtime + age
    os.utime(file, (written, written))
    small_book(EXTENSIONS, TEXT)
    assert file.exists() is kept
    assert links(page) == (["cnncourse.pdf"] if kept else [])
