"""A report as HTML: the failing call with its arrays as pictures, and texts that only show."""

import json

import pytest
import torch

from cnncourse.checking.report_html import prose, shortened, visible
from cnncourse.exercises import check
from cnncourse.exercises.registry import bank


@pytest.mark.parametrize("name", list(bank()))
def test_a_mistake_of_every_exercise_has_a_report_whose_pictures_are_plain_data(name):
    report = check(name, bank()[name].mistakes[-1].ways[0])
    assert report._repr_html_().startswith('<div class="cnn-report" data-status="failed"')
    drawn = {part: [each.to_dict() for each in pictures] for part, pictures in report.pictures.items()}
    assert len(json.dumps(drawn, allow_nan=False)) < 50_000


def test_arguments_and_outcomes_that_are_arrays_are_drawn_and_what_differs_is_marked():
    report = check("corr2d", lambda image, kernel: bank()["corr2d"](image, kernel) + (image[0, 0] > 0))
    assert [each.label for each in report.pictures["called"]] == ["image", "kernel"]
    returned, expected = report.pictures["outcome"]
    assert (returned.label, expected.label) == ("returned", "expected")
    assert len(returned.different) == sum(len(row) for row in returned.planes[0])
    assert not expected.different
    text = report._repr_html_()
    assert text.count("<svg") == 4
    assert "A ring marks a number that is not as expected." in text
    assert "The same in numbers" in text


def test_an_outcome_of_another_shape_is_drawn_without_marks():
    returned, expected = check("corr2d", lambda image, kernel: torch.zeros(2, 3)).pictures["outcome"]
    assert (returned.shape, expected.shape) == ([2, 3], [1, 1])
    assert not returned.different


def test_the_part_of_a_tuple_that_differs_is_drawn():
    right = bank()["conv2d_backward"]

    def wrong(*args, **kwargs):
        grad_input, grad_weight, grad_bias = right(*args, **kwargs)
        return grad_input, grad_weight + 1, grad_bias

    pictures = check("conv2d_backward", wrong).pictures
    assert "outcome" not in pictures
    assert [each.label for each in pictures["part"]] == ["returned[1]", "expected[1]"]


def test_what_an_exercise_judges_by_rules_has_no_rings_and_no_parts():
    dropout, edges = (check(name, bank()[name].mistakes[0].ways[0]).pictures for name in ("dropout", "edge_kernel"))
    assert "part" not in dropout
    assert not any(each.different for each in edges["outcome"])


@pytest.mark.parametrize("answer", [lambda image, kernel: "<img src=x>", lambda image, kernel: 1 / 0])
def test_an_outcome_that_is_no_array_is_text(answer):
    report = check("corr2d", answer)
    assert list(report.pictures) == ["called"]
    assert "<img" not in report._repr_html_()


@pytest.mark.parametrize("value", [["a" * 1000] * 64, "a" * 9000, {"a" * 9000: torch.zeros(1)}])
def test_a_value_that_fills_pages_is_cut_with_a_sentence(value):
    report = check("corr2d", lambda image, kernel: value)
    assert len(str(report)) < 10_000
    assert "(The first 6,000 of " in report._repr_html_()


def test_a_message_that_fills_pages_is_cut_with_a_sentence():
    def answer(image, kernel):
        raise RuntimeError("a" * 100_000)

    report = check("corr2d", answer)
    assert len(report.sentence) < 1_100
    assert "(The first 1,000 of 10,0" in report.sentence


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\tc", "a\nb\tc"),
        ("a\rb\x00\x1b[31m\x7f", r"a\rb\x00\x1b[31m\x7f"),
        ("\u202eevil\u2066\u200f", r"\u202eevil\u2066\u200f"),
        ("\ufeff\u200b\u00ad\u2028", r"\ufeff\u200b\xad\u2028"),
        ("\ue000\U000e0041\ud800", r"\ue000\U000e0041\ud800"),
        ("Ali\u200cReza Jose\u0301 \u5c71\u7530\u3000\u592a\u90ce 1\u00a0000", None),
    ],
)
def test_what_cannot_be_seen_is_written_as_python_writes_it(text, shown):
    assert visible(text) == (text if shown is None else shown)


def test_a_text_of_one_line_stays_on_one_line():
    assert visible("Student 17\n\tx: 10 of 10", keep="") == "Student 17\\n\\tx: 10 of 10"


def test_code_in_a_sentence_is_code_and_nothing_else_is_markup():
    assert prose("`a<b` <b> `") == "<code>a&lt;b</code> &lt;b&gt; `"


def test_a_long_text_is_cut_by_lines_or_characters():
    assert shortened("a\n" * 10, 1000) == ("a\n" * 10, "")
    assert shortened("ab" * 10, 5) == ("ababa", "The first 5 of 20 characters are shown.")
    assert shortened("a\n" * 10, 1000, 2) == ("a\na", "The first 2 of 11 lines are shown.")
