"""The text of an exercise: a Markdown file beside its code.

It begins with the prompt. Lists under three headings follow, each optional but the last::

    Slide the kernel over the image ...

    ## Objectives
    - turn the definition into two loops

    ## Not asked for
    - padding and stride

    ## Hints
    1. How many places are there for the kernel's top left corner?
    2. At row r and column c the kernel covers `image[r : r + kh, c : c + kw]`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

OBJECTIVES, OUT_OF_SCOPE, HINTS = "Objectives", "Not asked for", "Hints"
_ITEM = re.compile(r"^(?:-|\d+\.) +", re.MULTILINE)


@dataclass(frozen=True)
class Text:
    """What a learner reads: prompt (Markdown), objectives, what is not asked for, hints from a nudge upwards."""

    prompt: str
    objectives: tuple[str, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


def read_text(path: Path) -> Text:
    """Read the text of an exercise.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    Text

    Raises
    ------
    ValueError
        If there is no such file, no prompt, or a heading that has no meaning.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ValueError(f"{path} is missing; it holds the exercise's prompt and hints") from error
    return parse_text(content, path.name)


def parse_text(content: str, filename: str = "the text") -> Text:
    r"""Split the Markdown text of an exercise into its parts.

    Parameters
    ----------
    content : str
    filename : str
        For the error message.

    Returns
    -------
    Text

    Raises
    ------
    ValueError
        If there is no prompt, or a heading that has no meaning.

    Examples
    --------
    >>> parse_text("Double it.\n\n## Hints\n1. Add it\n   to itself.\n").hints
    ('Add it to itself.',)
    """
    prompt, *sections = re.split(r"^## +", content, flags=re.MULTILINE)
    lists = {}
    for section in sections:
        heading, _, body = section.partition("\n")
        if heading.strip() not in (OBJECTIVES, OUT_OF_SCOPE, HINTS):
            known = f"{OBJECTIVES}, {OUT_OF_SCOPE}, {HINTS}"
            raise ValueError(f"{filename} has the heading {heading.strip()!r}; the headings are {known}")
        lists[heading.strip()] = tuple(" ".join(item.split()) for item in _ITEM.split(body)[1:])
    if not prompt.strip():
        raise ValueError(f"{filename} has no prompt; write it above the first heading")
    return Text(prompt.strip(), *(lists.get(heading, ()) for heading in (OBJECTIVES, OUT_OF_SCOPE, HINTS)))
