"""The landing page shows a wrong answer and what the check says to it."""

import pytest
from bs4 import BeautifulSoup

EXTENSIONS = ["myst_parser", "extensions.landing"]
PAGE = "# Page\n\n```{{checked-answer}} calculate_output_shape\n{answer}\n```\n"
ONE_SIDE = """def calculate_output_shape(image_size, kernel, stride, padding):
    axes = zip(image_size, kernel, stride, padding)
    return [(n + p - k) // s + 1 for n, k, s, p in axes]"""
STRANGE = ONE_SIDE.replace("(n + p - k) // s + 1", "n * 17")


@pytest.fixture
def page(small_book, tmp_path):
    def page(answer):
        site = small_book(EXTENSIONS, PAGE.format(answer=answer))
        text = (site / "index.html").read_text(encoding="utf-8")
        return BeautifulSoup(text, "html.parser"), (tmp_path / "warnings").read_text()

    return page


def test_a_checked_answer_stands_beside_the_report_of_the_check(page):
    shown, warnings = page(ONE_SIDE)
    assert warnings == ""
    assert "check(calculate_output_shape)" in shown.select_one(".highlight").get_text()
    assert shown.find(class_="cnn-report")["data-status"] == "failed"


def test_an_answer_whose_mistake_the_check_does_not_recognise_is_a_fault_of_the_book(page):
    _, warnings = page(STRANGE)
    assert "the check does not recognise a mistake" in warnings


def test_an_exercise_on_a_page_in_markdown_has_its_stub_hints_and_solution(small_book, tmp_path):
    page = "# Page\n\n```{exercise} edge_kernel\n```\n"
    site = small_book(["myst_parser", "extensions.landing"], page)
    box = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser").select_one(".cnn-exercise")
    assert (tmp_path / "warnings").read_text() == ""
    assert box["aria-label"] == "Exercise edge_kernel"
    stub = box.find_all(class_="highlight", recursive=True)[0].get_text()
    assert stub.rstrip().endswith("raise NotImplementedError")
    assert [fold.summary.get_text() for fold in box.find_all("details", recursive=False)][-1] == "Solution"
