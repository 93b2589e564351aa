"""How the bank shows itself in a notebook and in a terminal: exercise boxes, hints, solutions, the table."""

from __future__ import annotations

import html
from collections.abc import Iterator

from cnncourse.checking import progress
from cnncourse.checking.record import Exercise
from cnncourse.checking.source import PRACTICE_IMPORTS
from cnncourse.checking.wording import counted
from cnncourse.tables import html_table, text_table

from .registry import bank


class Text:
    """Something to read: Markdown in a notebook and on the site, the same text in a terminal."""

    def __init__(self, markdown: str, plain: str | None = None) -> None:
        self.markdown, self.plain = markdown, plain or markdown

    def __str__(self) -> str:
        return self.plain

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return self.markdown


class ExerciseBox(Text):
    """An exercise as its chapter shows it: prompt, stub, how to check, hints and the solution, each folded.

    Parameters
    ----------
    exercise : Exercise
    """

    def __init__(self, exercise: Exercise) -> None:
        facts = f"{counted(exercise.points, 'point')} · about {counted(exercise.minutes, 'minute')}"
        if exercise.prerequisites:
            facts += " · after " + ", ".join(f"`{name}`" for name in exercise.prerequisites)
        folds = [fold(f"Hint {level}", hint) for level, hint in enumerate(exercise.hints, start=1)]
        folds.append(fold("Solution", _code(exercise.source)))
        aims = f"You will {'; '.join(exercise.objectives)}.\n"
        limits = "".join(f"- Not asked: {limit}\n" for limit in exercise.out_of_scope)
        markdown = "\n".join(
            [
                f'<div class="cnn-exercise" role="group" aria-label="Exercise {exercise.name}">\n',
                f"**Exercise `{exercise.name}`** · {facts}\n",
                exercise.prompt.strip() + "\n",
                aims,
                limits,
                _code(exercise.stub()),
                f"Write it in a cell of your own, then run `check({exercise.name})`.\n",
                *folds,
                "</div>",
            ]
        )
        plain = f"Exercise {exercise.name} ({facts.replace('`', '')})\n\n{exercise.prompt.strip()}\n\n{exercise.stub()}"
        super().__init__(markdown, plain)


def _code(source: str) -> str:
    return f"```python\n{source.rstrip()}\n```\n"


def fold(summary: str, content: str, kind: str = "") -> str:
    """Put Markdown into a fold that opens with a click.

    Parameters
    ----------
    summary : str
        The line that is always seen, as plain text.
    content : str
        Markdown.
    kind : str, optional
        Class for style sheets and scripts.

    Returns
    -------
    str

    Examples
    --------
    >>> print(fold("Hint 1", "Count the *positions*."))
    <details><summary>Hint 1</summary>
    <BLANKLINE>
    Count the *positions*.
    <BLANKLINE>
    </details>
    <BLANKLINE>
    """
    opening = f'<details class="{kind}">' if kind else "<details>"
    return f"{opening}<summary>{html.escape(summary)}</summary>\n\n{content}\n\n</details>\n"


class Table:
    """The bank as a table: chapter, exercise, points, minutes and what you have passed."""

    HEADINGS = ("chapter", "exercise", "points", "minutes", "progress")

    def __init__(self) -> None:
        statuses = progress.read()
        self.rows = [
            (exercise.chapter, exercise.name, exercise.points, exercise.minutes, statuses.get(exercise.name, "open"))
            for exercise in bank().values()
        ]

    def __iter__(self) -> Iterator[Exercise]:
        return iter(bank().values())

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Exercise:
        return list(bank().values())[index]

    def __str__(self) -> str:
        return text_table(self.HEADINGS, self.rows)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(self.HEADINGS, self.rows)


def solution_text(exercise: Exercise) -> Text:
    """Return a solution's source for display, with the imports that it needs."""
    return Text(_code(exercise.source), f"{PRACTICE_IMPORTS}\n\n{exercise.source}")
