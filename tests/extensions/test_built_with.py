"""The day and the versions of the build."""

import re

from extensions.built_with import built_with

EXTENSIONS = ["myst_parser", "extensions.built_with"]
TEXT = "# Page\n\n```{built-with}\n```\n"


def test_the_date_of_the_build_can_be_fixed(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert built_with()["date"] == "2 January 1970"
    assert all(re.match(r"\d+\.", number) for number in built_with()["versions"].values())


def test_a_page_from_another_day_is_made_anew(small_book, monkeypatch):
    for seconds, day in (("0", "1 January 1970"), ("86400", "2 January 1970")):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", seconds)
        page = (small_book(EXTENSIONS, TEXT) / "index.html").read_text(encoding="utf-8")
        assert f"Built on {day} with cnncourse " in page
