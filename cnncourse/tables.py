"""Tables of results as plain text and as HTML: the two forms in which Jupyter shows an object."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Literal


def text_table(
    headings: Sequence[str], rows: Sequence[Sequence[object]], align: Literal["left", "right"] = "left"
) -> str:
    r"""Write a table as lines of text, two spaces between its columns.

    Parameters
    ----------
    headings : sequence of str
        One for each column.
    rows : sequence of sequences
        As many cells in each as there are headings.
    align : {"left", "right"}, default "left"

    Returns
    -------
    str

    Examples
    --------
    >>> print(text_table(["epoch", "loss"], [[1, "0.52"], [2, "0.4"]], align="right"))
    epoch  loss
        1  0.52
        2   0.4
    """
    lines = [list(headings), *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    pad = str.ljust if align == "left" else str.rjust
    return "\n".join("  ".join(map(pad, line, widths)).rstrip() for line in lines)


def html_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Write a table as HTML; every heading and cell is escaped.

    Parameters
    ----------
    headings, rows
        As in `text_table`.

    Returns
    -------
    str

    Examples
    --------
    >>> html_table(["a"], [["<b>"]])
    '<table><thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td>&lt;b&gt;</td></tr></tbody></table>'
    """
    head = "".join(f'<th scope="col">{html.escape(heading)}</th>' for heading in headings)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
