"""The Markdown text of an exercise is split into prompt, objectives, scope and hints; faults are named."""

import pytest

from cnncourse.checking.text import parse_text, read_text

WHOLE = """\
Double the number.

It may be negative.

## Objectives
- double a number

## Not asked for
- floats
- a second
  line

## Hints
1. Add it
   to itself.
2. `x + x`
"""


def test_each_part_is_found():
    text = parse_text(WHOLE)
    assert text.prompt == "Double the number.\n\nIt may be negative."
    assert text.objectives == ("double a number",)
    assert text.out_of_scope == ("floats", "a second line")
    assert text.hints == ("Add it to itself.", "`x + x`")


def test_lists_may_be_left_out():
    assert parse_text("Double it.") == parse_text("Double it.\n\n## Hints\n")


def test_an_unknown_heading_is_named():
    with pytest.raises(ValueError, match=r"twice\.md has the heading 'Hint'; the headings are Objectives, .*, Hints"):
        parse_text("Double it.\n\n## Hint\n1. x + x\n", "twice.md")


def test_a_text_without_a_prompt_is_refused():
    with pytest.raises(ValueError, match="the text has no prompt"):
        parse_text("## Hints\n1. x + x\n")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"twice\.md is missing; it holds the exercise's prompt and hints"):
        read_text(tmp_path / "twice.md")
