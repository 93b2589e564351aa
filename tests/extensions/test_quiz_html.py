"""Questions as forms on a page, and as plain text on paper."""

import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

EXTENSIONS = ["myst_parser", "extensions.quiz"]
SETTINGS = {"myst_enable_extensions": ["colon_fence", "dollarmath"]}
CHOICES = """# Page

::::{quiz}
How many *positions*?

- [ ] 14
  > Half of 28.
- [x] 13
  > The last step that fits.
::::
"""
NUMBER = """# Page

::::{quiz}
:answer: output_size(28, 3, stride=2)
How many?
> The floor.
::::
"""


@pytest.fixture
def form(small_book):
    def form(text):
        page = (small_book(EXTENSIONS, text, **SETTINGS) / "index.html").read_text(encoding="utf-8")
        return BeautifulSoup(page, "html.parser").find("form", class_="cnn-quiz")

    return form


def test_a_question_is_a_legend_and_each_choice_the_label_of_its_button(form):
    form = form(CHOICES)
    assert form.fieldset.legend.decode_contents() == "How many <em>positions</em>?"
    for button, words in zip(form.select("input[type=radio]"), ("14", "13"), strict=True):
        assert form.find("label", attrs={"for": button["id"]}).decode_contents() == words
    assert len({button["name"] for button in form.select("input[type=radio]")}) == 1


def test_the_script_finds_the_reason_of_each_choice_and_which_is_right(form):
    reasons = form(CHOICES).find_all("template")
    assert [(reason["data-reason"], reason.get("data-right")) for reason in reasons] == [("0", None), ("1", "true")]
    assert reasons[0].p.string == "Half of 28."


def test_the_fold_holds_the_right_answer_and_its_reason_only(form):
    assert [part.get_text() for part in form(CHOICES).details.find_all("p")] == ["13", "The last step that fits."]
    assert [part.get_text() for part in form(NUMBER).details.find_all("p")] == ["13", "The floor."]


def test_a_number_has_a_field_and_the_form_knows_the_value(form):
    form = form(NUMBER)
    field = form.select_one("input[inputmode=decimal]")
    assert form.find("label", attrs={"for": field["id"]}).get_text() == "Your answer"
    assert form["data-answer"] == "13"


def test_large_numbers_are_written_as_in_the_book(form):
    large = NUMBER.replace("output_size(28, 3, stride=2)", "count_parameters(1000, 1000, (1, 1))")
    assert form(large).details.p.get_text() == "1,001,000"


def test_the_button_waits_for_the_script(form):
    assert form(CHOICES).select_one("p.cnn-quiz-check").has_attr("hidden")


def test_script_and_style_are_on_pages_with_questions_only(small_book):
    site = small_book(EXTENSIONS, CHOICES, **SETTINGS)
    assert "_static/quiz/quiz.js" in (site / "index.html").read_text(encoding="utf-8")
    assert "quiz/quiz" not in (site / "search.html").read_text(encoding="utf-8")
    assert {path.name for path in (site / "_static" / "quiz").iterdir()} == {"quiz.js", "quiz.css"}


def test_on_paper_the_question_is_followed_by_the_answers_and_the_right_reason(small_book, tmp_path):
    small_book(EXTENSIONS, CHOICES, **SETTINGS)
    with docutils_namespace():
        Sphinx(tmp_path, tmp_path, tmp_path / "text", tmp_path / "trees", "text", status=None).build()
    words = (tmp_path / "text" / "index.txt").read_text(encoding="utf-8")
    assert words.index("positions") < words.index("14") < words.index("13") < words.index("The last step that fits.")
    assert "Half of 28." not in words
