"""The text of predictions: a section each, known values with a reason, a small part of Markdown."""

import pytest

from cnncourse.figures.prediction_text import all_predictions, parse_predictions, read_prediction, to_html

WHOLE = """# A chapter

## one-number

How many?

In `pixels`.

- 14
  > Half of 28.
  > No more.
- 20 to 27
  > Too many.

> The last step
> begins at 24.

## cells
Which?
- #.
  .#
  > The diagonal.
> The edge.
"""


def test_a_section_has_a_question_known_values_with_reasons_and_the_reason_of_the_right_one():
    first, second = parse_predictions(WHOLE)
    assert (first.name, first.question) == ("one-number", "How many?\n\nIn `pixels`.")
    assert first.values == {"14": "Half of 28.\nNo more.", "20 to 27": "Too many."}
    assert first.reason == "The last step\nbegins at 24."
    assert second.values == {"#.\n.#": "The diagonal."}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("## Name\nWhich?\n> So.", "lower-case letters"),
        ("## name\n> So.", "must have a question"),
        ("## name\nWhich?\n- 3\n  > No.", "must have a reason"),
        ("## name\nWhich?\n- 3\n  > No.\n- 3\n  > No.\n> So.", "a value once only"),
        ("## name\nWhich?\n- 3\n  > No.\nmore\n> So.", "'more' must be above the values"),
    ],
)
def test_a_fault_in_the_text_is_named(text, fault):
    with pytest.raises(ValueError, match=fault):
        parse_predictions(text)


def test_an_unknown_name_is_a_key_error():
    with pytest.raises(KeyError, match="must be a prediction of"):
        read_prediction("nothing")


def test_names_are_unique_and_every_value_but_a_choice_has_a_reason():
    assert all(text.name == name for name, text in all_predictions().items())


def test_markdown_becomes_html_and_markup_in_it_text():
    assert to_html("One *two* `a*b*c <i>`\nthree\n\n**Four** & five") == (
        "<p>One <em>two</em> <code>a*b*c &lt;i&gt;</code> three</p><p><strong>Four</strong> &amp; five</p>"
    )
    assert to_html("28 * 28 * 3") == "<p>28 * 28 * 3</p>"
