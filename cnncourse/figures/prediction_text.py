"""The text of predictions: questions, known wrong values and reasons, in one Markdown file for each chapter.

A prediction is a section of `predictions/CHAPTER.md`: the question, the values that readers are known to give, each
with the reason why it is wrong below it, and the reason of the right one. The right value is not in it; the chapter's
code computes that::

    ## positions

    A kernel of 3 pixels slides over 28 pixels in steps of 2. How many positions are there?

    - 14
      > Half of 28 counts a position that the kernel does not fit at.
    - 20 to 27
      > That is near the count for steps of 1.

    > The last step that fits begins at pixel 24.

A value is a number, a range of numbers, a shape such as `(9, 16)`, cells drawn as rows of `#` and `.`, or, where the
reader chooses, a choice; then all choices are listed, and the right one needs no reason of its own. Text is a small
part of Markdown: paragraphs, `code`, *emphasis* and **strong emphasis**.
"""

from __future__ import annotations

import functools
import html
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "predictions"
_SECTION = re.compile(r"^## +(?P<name>\S+) *$", re.MULTILINE)
_MARKS = {"strong": re.compile(r"\*\*(\S|\S.*?\S)\*\*"), "em": re.compile(r"\*(\S|\S.*?\S)\*")}


@dataclass(frozen=True)
class PredictionText:
    """What an author writes about one prediction.

    Parameters
    ----------
    name : str
    question : str
        Markdown.
    values : dict of str to str
        Known values, or choices, and the reason of each; empty for a choice without one.
    reason : str
        Why the right value is right.
    """

    name: str
    question: str
    values: dict[str, str]
    reason: str


def read_prediction(name: str) -> PredictionText:
    """Return the text of a prediction.

    Parameters
    ----------
    name : str

    Returns
    -------
    PredictionText

    Raises
    ------
    KeyError
        For a name that no chapter's file has.
    """
    texts = all_predictions()
    if name not in texts:
        raise KeyError(f"`name` must be a prediction of cnncourse/figures/predictions, not {name!r}")
    return texts[name]


@functools.cache
def all_predictions() -> dict[str, PredictionText]:
    """Return the texts of all chapters by name.

    Raises
    ------
    ValueError
        If a file has a fault or two predictions have one name.
    """
    texts: dict[str, PredictionText] = {}
    for file in sorted(FOLDER.glob("*.md")):
        for text in parse_predictions(file.read_text(encoding="utf-8")):
            if text.name in texts:
                raise ValueError(f"{file.name}: two predictions must not be called {text.name!r}")
            texts[text.name] = text
    return texts


def parse_predictions(markdown: str) -> list[PredictionText]:
    r"""Read the predictions of a file.

    Parameters
    ----------
    markdown : str

    Returns
    -------
    list of PredictionText

    Raises
    ------
    ValueError
        If a name, a question or the reason is missing, or a value is listed twice.

    Examples
    --------
    >>> text, = parse_predictions("## half\n\nHow many?\n\n- 14\n  > Half of 28.\n\n> The last step begins at 24.")
    >>> text.values, text.reason
    ({'14': 'Half of 28.'}, 'The last step begins at 24.')
    """
    _, *pieces = _SECTION.split(markdown)
    return [_parse(name, body) for name, body in zip(pieces[::2], pieces[1::2], strict=True)]


def _parse(name: str, body: str) -> PredictionText:
    """Read one section, line by line."""
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise ValueError(f"a prediction's name must be lower-case letters, digits and hyphens, not {name!r}")
    question: list[str] = []
    reason: list[str] = []
    values: list[tuple[list[str], list[str]]] = []
    for line in body.strip().splitlines():
        if line.startswith("- "):
            values.append(([line[2:].strip()], []))
        elif line.startswith(">"):
            reason.append(line[1:].strip())
        elif values and line.startswith("  "):
            text = line.strip()
            values[-1][text.startswith(">")].append(text.removeprefix(">").strip())
        elif line.strip() and (values or reason):
            raise ValueError(f"prediction {name!r}: {line.strip()!r} must be above the values, or indented below one")
        elif not values and not reason:
            question.append(line)
    if not "".join(question).strip():
        raise ValueError(f"prediction {name!r} must have a question")
    if not reason:
        raise ValueError(f"prediction {name!r} must have a reason: a line that begins with > below the values")
    known = {"\n".join(value): "\n".join(why) for value, why in values}
    if len(known) != len(values):
        raise ValueError(f"prediction {name!r} must list a value once only")
    return PredictionText(name, "\n".join(question).strip(), known, "\n".join(reason))


def to_html(markdown: str) -> str:
    """Return paragraphs with code and emphasis as HTML.

    Parameters
    ----------
    markdown : str

    Returns
    -------
    str

    Examples
    --------
    >>> to_html("Is `a < b` *always* so?")
    '<p>Is <code>a &lt; b</code> <em>always</em> so?</p>'
    """
    paragraphs = re.split(r"\n\s*\n", markdown.strip())
    return "".join(f"<p>{inline_html(' '.join(text.split()))}</p>" for text in paragraphs)


def inline_html(markdown: str) -> str:
    """Return one line with code and emphasis as HTML, without a paragraph around it."""
    pieces = re.split(r"`([^`]+)`", html.escape(markdown, quote=False))
    for number, piece in enumerate(pieces):
        if number % 2:
            pieces[number] = f"<code>{piece}</code>"
            continue
        for tag, mark in _MARKS.items():
            piece = mark.sub(rf"<{tag}>\1</{tag}>", piece)
        pieces[number] = piece
    return "".join(pieces)
