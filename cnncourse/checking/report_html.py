"""A report as HTML, in a notebook, on the site and on a page of feedback: every text in it is shown, none is obeyed."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from .pictures import Picture, figure_html, scale_of

if TYPE_CHECKING:
    from .report import Report

JOINERS = "\u200c\u200d"  # part of how some languages and emoji are written
MAX_CALL = 20_000  # characters of one entry of a call
GRID = "display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: 0 24px"


def visible(text: str, keep: str = "\n\t") -> str:
    r"""Write characters that cannot be seen, or that turn the direction of the text, as Python writes them.

    Parameters
    ----------
    text : str
    keep : str, default: the ends of lines and tabs
        Control characters that are left; "" for a text that must stay on one line.

    Returns
    -------
    str

    Examples
    --------
    >>> visible("a\u202eb\x1b[0m")
    'a\\u202eb\\x1b[0m'
    """
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    return "".join(c if c in keep or _is_visible(c) else ascii(c)[1:-1] for c in text)


def _is_visible(character: str) -> bool:
    if character.isprintable() or character in JOINERS:
        return True
    return unicodedata.category(character) == "Zs"  # a space of another width


def shortened(text: str, characters: int, lines: int = 1_000) -> tuple[str, str]:
    r"""Cut a text that is too long.

    Parameters
    ----------
    text : str
    characters, lines : int
        At most so many.

    Returns
    -------
    kept : str
    sentence : str
        What was cut; "" if nothing was.

    Examples
    --------
    >>> shortened("a\nb\nc", 100, 2)
    ('a\nb', 'The first 2 of 3 lines are shown.')
    """
    count = text.count("\n") + 1
    kept = text if count <= lines else "\n".join(text.split("\n", lines)[:lines])
    if len(kept) > characters:
        return kept[:characters], f"The first {characters:,} of {len(text):,} characters are shown."
    return kept, f"The first {lines:,} of {count:,} lines are shown." if count > lines else ""


def prose(text: str) -> str:
    """Write a sentence as HTML, with what is between backticks as code.

    Examples
    --------
    >>> prose("Use `a < b`.")
    'Use <code>a &lt; b</code>.'
    """
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", html.escape(visible(text)))


def call_html(call: Sequence[tuple[str, str]], pictures: Mapping[str, Sequence[Picture]]) -> str:
    """Write the smallest failing call: what was called, then side by side what came and what should.

    Parameters
    ----------
    call : sequence of (label, text)
        See `Report.call`.
    pictures : mapping of str to sequence of Picture
        See `Report.pictures`.

    Returns
    -------
    str
    """
    texts = dict(call)
    called, outcome, part = (pictures.get(key, ()) for key in ("called", "outcome", "part"))
    head = texts["called"].partition("\n")[0] if called else texts["called"]
    parts = [_labelled("called", _pre(head))]
    if called:
        parts.append(_row(figure_html(each, scale_of([each])) for each in called))
    if not outcome:
        columns = "".join(_labelled(label, _pre(texts[label])) for label in ("returned", "expected") if label in texts)
        parts.append(f'<div style="{GRID}">{columns}</div>')
    for compared in filter(None, (outcome, part)):
        scale = scale_of(compared, compared[1:])
        parts.append(_row(figure_html(each, scale) for each in compared))
    parts.append(_legend([*called, *outcome, *part]))
    if "so" in texts:
        parts.append(f"<p>{prose(texts['so'])}</p>")
    if called or outcome:
        whole = "\n\n".join(f"{label}:\n{text}" for label, text in call if label != "so")
        parts.append(f"<details style='margin: 0 0 12px'><summary>The same in numbers</summary>{_pre(whole)}</details>")
    return "\n".join(['<div class="cnn-call">', *parts, "</div>"])


def _legend(pictures: Sequence[Picture]) -> str:
    sentences = []
    if any(each.different for each in pictures):
        sentences.append("A ring marks a number that is not as expected.")
    if scale_of(pictures)[1]:
        sentences.append("Red is negative, blue is positive.")
    return f'<p class="cnn-legend">{" ".join(sentences)}</p>' if sentences else ""


def _row(figures: Iterable[str]) -> str:
    return f'<div style="display: flex; flex-wrap: wrap; gap: 12px 24px; margin: 0 0 12px">{"".join(figures)}</div>'


def _labelled(label: str, content: str) -> str:
    return f'<div style="min-width: 0; margin: 0 0 12px"><div class="cnn-label">{label}</div>{content}</div>'


def _pre(text: str) -> str:
    kept, cut = shortened(text, MAX_CALL)
    note = f"<p>{cut}</p>" if cut else ""
    return f'<pre tabindex="0" style="margin: 0">{html.escape(visible(kept))}</pre>{note}'


def report_html(report: Report) -> str:
    """Write a whole report.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
    """
    colour = "var(--cnn-box, var(--pst-color-border, var(--jp-border-color1, #888)))"
    parts = [
        f'<div class="cnn-report" data-status="{report.status}" role="group" aria-label="Result of the check"'
        f' style="border-left: 4px solid {colour}; padding-left: 1em">',
        f"<p><strong>{html.escape(report.headline)}</strong></p>",
    ]
    if report.sentence:
        parts += [f"<p>{prose(sentence)}</p>" for sentence in (report.sentence, *report.more)]
    if report.call:
        parts.append(call_html(report.call, report.pictures))
    if report.next_step:
        parts.append(f"<p>{html.escape(report.next_step)}</p>")
    return "\n".join([*parts, "</div>"])
