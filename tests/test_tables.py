import pytest

from cnncourse.tables import html_table, text_table


def test_columns_are_as_wide_as_their_widest_cell_and_lines_have_no_spaces_at_the_end():
    assert text_table(["a", "long"], [["wide", 1], ["b", 22]]) == "a     long\nwide  1\nb     22"
    assert text_table(["a", "long"], [["wide", 1]], align="right") == "   a  long\nwide     1"


def test_a_table_without_rows_shows_its_headings():
    assert text_table(["a", "b"], []) == "a  b"
    assert "<tbody></tbody>" in html_table(["a", "b"], [])


def test_a_row_that_is_too_short_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        text_table(["a", "b"], [["only one"]])


def test_html_is_escaped():
    assert "<td>&lt;script&gt;</td>" in html_table(["a & b"], [["<script>"]])
    assert "a &amp; b" in html_table(["a & b"], [["<script>"]])
