"""Code has spans only where the colour differs from the code around it."""

from bs4 import BeautifulSoup

TEXT = "# Page\n\n```python\nx = f(1)  # one\n```\n"


def test_names_and_punctuation_have_no_span_and_the_text_stays(small_book):
    site = small_book(["myst_parser", "extensions.highlighting"], TEXT)
    code = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser").select_one(".highlight pre")
    assert code.get_text() == "x = f(1)  # one\n"
    assert [span.get_text() for span in code.select("span[class]")] == ["=", "1", "# one"]
