"""Predictions: the value decides the form, the form knows the answer, and the reader commits once."""

import json

import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup

from cnncourse.figures import prediction, prediction_text
from cnncourse.figures.prediction import predict
from cnncourse.figures.prediction_text import parse_predictions
from extensions.live_figures import classic

from .conftest import PAGE, THEMES

TEXTS = """
## number
How many *positions*?
- 1,400
  > Half of 2,800.
- 20 to 27
  > Steps of 1.
> The last step that fits.

## free
How many?
> So many.

## choice
Which is lowest?
- 9 convolutions
- 21 convolutions
  > It is deeper.
- 33 convolutions
  > It is the deepest.
> Deeper plain nets train worse.

## yes-or-no
Is it?
- Yes
- No
  > It is.
> Indeed.

## shape
Which shape?
- (16, 9)
  > Windows are columns.
> Nine numbers in each of sixteen windows.

## cells
Mark the cells.
- ##.
  ...
  > One too far left.
> The edge is at the right.
"""
ANSWERS = {
    "number": {"answer": 1200},
    "choice": {"answer": "9"},
    "shape": {"answer": (9, 16)},
    "cells": {"answer": np.array([[False, True, True], [False, False, False]])},
}
KINDS = list(ANSWERS)


@pytest.fixture(autouse=True)
def _texts(monkeypatch):
    texts = {text.name: text for text in parse_predictions(TEXTS)}
    monkeypatch.setattr(prediction_text, "all_predictions", lambda: texts)


def form_of(made):
    return BeautifulSoup(made.html, "html.parser").form


# The value --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "answer", "kind", "data"),
    [
        ("free", 3, "number", "3"),
        ("free", 0.25, "number", "0.25"),
        ("free", np.float32(0.5), "number", "0.5"),
        ("free", torch.tensor(7), "number", "7"),
        ("shape", (9, 16), "shape", "[9, 16]"),
        ("shape", torch.zeros(9, 16).shape, "shape", "[9, 16]"),
        ("cells", torch.tensor([[True, False]]), "cells", "[[true, false]]"),
        ("cells", [[True, False]], "cells", "[[true, false]]"),
        ("choice", "21 conv", "choice", "1"),
        ("yes-or-no", True, "choice", "0"),
    ],
)
def test_the_type_of_the_answer_decides_how_the_reader_answers(name, answer, kind, data):
    form = form_of(predict(name, answer=answer)) if kind != "choice" or data == "0" else None
    if form is None:
        with pytest.raises(ValueError, match="'9 convolutions' must have a reason"):
            predict(name, answer=answer)
        return
    assert (form["data-kind"], form["data-answer"]) == (kind, data)


def test_a_value_that_depends_on_the_machine_stands_after_the_sign_everywhere():
    made = predict("free", about=0.67)
    assert form_of(made)["data-answer"] == "≈ 0.67"
    assert "The answer: ≈ 0.67." in str(made)
    without = made.html.replace("≈ 0.67", "")
    assert "0.67" not in without


def test_the_text_has_the_question_the_choices_the_answer_and_why():
    assert str(predict("choice", answer="9")) == (
        "Prediction: Which is lowest?\n- 9 convolutions\n- 21 convolutions\n- 33 convolutions\n"
        "The answer: 9 convolutions. Deeper plain nets train worse."
    )
    assert str(predict("number", answer=1200, unit="pixels")).endswith("1,200 pixels. The last step that fits.")


@pytest.mark.parametrize(
    ("name", "given", "error", "fault"),
    [
        ("number", {}, TypeError, "one of `answer` and `about`"),
        ("number", {"answer": 1, "about": 1.0}, TypeError, "one of `answer` and `about`"),
        ("number", {"answer": {}}, TypeError, "must be a number, a string"),
        ("number", {"answer": [[1, 2]]}, TypeError, "must be a number, a string"),
        ("number", {"answer": 1400}, ValueError, "'1,400' must not be the right one"),
        ("number", {"answer": 25}, ValueError, "'20 to 27' must not be the right one"),
        ("number", {"answer": (1, 2)}, ValueError, "must be a shape, not '1,400'"),
        ("shape", {"answer": 3}, ValueError, "must be a number or a range"),
        ("choice", {"answer": "50"}, ValueError, "must be how one choice of 'choice' begins"),
        ("free", {"answer": "50"}, ValueError, "must be how one choice of 'free' begins"),
        ("choice", {"answer": "21"}, ValueError, "'9 convolutions' must have a reason"),
        ("nothing", {"answer": 1}, KeyError, "must be a prediction"),
    ],
)
def test_what_does_not_fit_is_refused(name, given, error, fault):
    with pytest.raises(error, match=fault):
        predict(name, **given)


# The form ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_without_script_the_question_stands_with_its_answer_in_a_fold(kind):
    form = form_of(predict(kind, **ANSWERS[kind]))
    assert form.details.summary.get_text() == "Show me"
    assert "The answer:" in form.details.get_text()
    assert form.select_one(".cnn-predict-commit").has_attr("hidden")
    for label in form.find_all("label"):
        assert form.find(id=label["for"])


def test_a_notebook_gets_the_widget_the_form_and_the_text():
    bundle, _ = predict("number", answer=1200)._repr_mimebundle_()
    assert {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"} <= set(bundle)
    assert not any(kind.startswith("image/") for kind in bundle)


# The script -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "answer", "right"),
    [
        ("1200", 1200, True),
        ("1,200", 1200, True),
        (" 73,728 ", 73728, True),
        ("1,234,567", 1234567, True),
        ("1 200", 1200, True),
        ("1,2", 1.2, True),
        ("1,200", 1.2, True),
        ("1,234.5", 1234.5, True),
        ("\u22125", -5, True),
        ("67 %", 67, True),
        ("12,00", 1200, False),
        ("1,2,3", 123, False),
        ("1,201", 1200, False),
        ("", 0, False),
        ("none", 0, False),
    ],
)
def test_a_comma_groups_digits_or_separates_decimals(node, text, answer, right):
    assert node(f"sameNumber({json.dumps(text)}, {answer})") is right


@pytest.mark.parametrize(
    ("call", "near"),
    [
        ('judgeNumber("14", "13")', "14 is too high by 1."),
        ('judgeNumber("12", "13")', "12 is too low by 1."),
        ('judgeNumber("1,200", "300")', "1,200 is 4 times too large."),
        ('judgeNumber("1,200", "1.3")', "1,200 is 923.1 times too large."),
        ('judgeNumber("50", "\u2248 67")', "50 is too low by 17."),
        ('judgeNumber("-3", "3")', "\u22123 is too low by 6."),
        ('judgeShape("16x9", [9, 16])', "These are the right sizes in another order."),
        ('judgeShape("(10, 5, 26, 28)", [10, 5, 28, 28])', "3 of 4 sizes are right."),
        ('judgeShape("9", [9, 16])', "You gave 1 size; the shape has 2."),
        ("judgeCells([[true, true, false]], [[false, true, true]])", "You marked 1 of the 2 cells, and 1 other cell."),
        ("judgeCells([[false, true, false]], [[false, true, true]])", "You marked 1 of the 2 cells."),
    ],
)
def test_the_reader_is_told_how_near(node, call, near):
    verdict = node(call)
    assert (verdict["right"], verdict["near"]) == (False, near)


@pytest.mark.parametrize(
    "call",
    [
        'judgeNumber("1,200", "1200")',
        'judgeNumber("0,67", "\u2248 0.67")',
        'judgeShape("9 x 16", [9, 16])',
        'judgeShape("[9,16]", [9, 16])',
        'judgeShape("torch.Size([9, 16])".slice(10), [9, 16])',
        "judgeCells([[true]], [[true]])",
    ],
)
def test_what_is_right_is_right(node, call):
    assert node(call)["right"] is True


def test_close_is_within_a_twentieth_of_what_is_rounded(node):
    assert node('judgeNumber("0.017", "0.0167")')["close"] is True
    assert node('judgeNumber("0.65", "\u2248 0.67")')["close"] is True
    assert node('judgeNumber("0.6", "\u2248 0.67")')["close"] is False
    assert node('judgeNumber("65", "67")')["close"] is False


@pytest.mark.parametrize("call", ['judgeNumber("many", "13")', 'judgeShape("wide", [3])', 'judgeShape("", [3])'])
def test_what_cannot_be_read_is_no_answer(node, call):
    assert node(call) is None


def test_known_wrong_values_are_ranges_of_numbers_and_whole_shapes(node):
    assert node('[isKnown("number", [20, 27], 24), isKnown("number", [20, 27], 28)]') == [True, False]
    assert node('[isKnown("shape", [16, 9], [16, 9]), isKnown("shape", [16, 9], [9, 16])]') == [True, False]


@pytest.fixture
def node(require):
    import shutil
    import subprocess

    require(shutil.which("node"), "node is not installed")
    names = "judgeCells, judgeNumber, judgeShape, isKnown, sameNumber"
    module = prediction.join(
        'import { judgeCells, judgeNumber, judgeShape, isKnown } from "./prediction.js";\n'
        'import { sameNumber } from "./numbers.js";\n',
        {"about": "export const ABOUT = { signed: [] };\n"},
    )

    def run(expression):
        program = f"{module.replace('export ', '')}; void [{names}]; console.log(JSON.stringify({expression}))"
        done = subprocess.run(["node", "--eval", program], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


# In a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture
def open_form(chromium, tmp_path):
    contexts, complaints = [], []

    def open_page(made, *, theme="light", width=720, javascript=True):
        variables = ";".join(f"--pst-color-{name}: {colour}" for name, colour in THEMES[theme].items())
        (tmp_path / "figure.js").write_text(classic(prediction.script()), encoding="utf-8")
        element = f"<style>{prediction.style_sheet()}</style>{made.html}"
        text = PAGE.format(theme=theme, variables=variables, element=element, link="")
        (tmp_path / "page.html").write_text(text, encoding="utf-8")
        context = chromium.new_context(viewport={"width": width, "height": 900}, java_script_enabled=javascript)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto((tmp_path / "page.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.browser
def test_committing_reveals_the_answer_how_near_it_was_and_the_known_mistake(open_form):
    page = open_form(predict("number", answer=1200))
    page.get_by_role("button", name="Commit").click()
    assert page.get_by_role("status").inner_text() == "Write a number, then commit."
    assert not page.get_by_text("The answer:").is_visible()
    page.get_by_label("Your prediction").fill("1400")
    page.keyboard.press("Enter")
    verdict = page.locator(".cnn-predict-verdict")
    assert verdict.inner_text().split("\n\n") == ["Not so. 1,400 is too high by 200.", "Half of 2,800."]
    assert page.evaluate("document.activeElement.className") == "cnn-predict-verdict"
    assert page.get_by_text("The answer: 1,200").is_visible()
    assert not page.get_by_role("button", name="Commit").is_visible()
    page.get_by_label("Your prediction").press("Enter")  # once is enough
    assert verdict.locator("p").count() == 2


@pytest.mark.browser
def test_the_keyboard_alone_marks_cells_and_commits(open_form):
    page = open_form(predict("cells", **ANSWERS["cells"]))
    grid = page.get_by_role("grid", name="Cells")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert grid.get_by_role("gridcell", selected=True).count() == 2
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    said = page.locator(".cnn-predict-verdict").inner_text()
    assert "You marked 1 of the 2 cells, and 1 other cell." in said
    assert "One too far left." in said
    assert grid.get_by_label("row 0, column 2, not marked, belongs to it").inner_text() == "○"
    grid.get_by_label("row 1, column 0").click()
    assert grid.get_by_role("gridcell", selected=True).count() == 2  # what was committed to stays


@pytest.mark.browser
def test_a_choice_is_made_by_arrow_keys(open_form):
    page = open_form(predict("choice", answer="9"))
    page.get_by_label("33 convolutions").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert page.locator(".cnn-predict-verdict").inner_text().split("\n\n") == ["Not so.", "It is deeper."]


@pytest.mark.browser
def test_show_me_gives_the_answer_and_ends_the_question(open_form):
    page = open_form(predict("shape", answer=(9, 16)))
    page.get_by_text("Show me").click()
    assert page.get_by_text("The answer: (9, 16)").is_visible()
    page.get_by_role("button", name="Commit").wait_for(state="hidden")
    assert page.locator(".cnn-predict-verdict").inner_text() == ""


@pytest.mark.browser
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("theme", THEMES)
def test_a_prediction_is_accessible_before_and_after_in_both_themes_and_fits_a_phone(open_form, kind, theme):
    from axe_playwright_python.sync_playwright import Axe

    page = open_form(predict(kind, **ANSWERS[kind]), theme=theme, width=320)
    for summary in ("Show me", "Answer"):
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("summary", has_text=summary).click()


@pytest.mark.browser
@pytest.mark.parametrize("kind", KINDS)
def test_without_javascript_the_fold_opens_and_nothing_else_is_offered(open_form, kind):
    page = open_form(predict(kind, **ANSWERS[kind]), javascript=False)
    assert not page.get_by_role("button", name="Commit").is_visible()
    page.get_by_text("Show me").click()
    assert page.get_by_text("The answer:").is_visible()
