"""One page of feedback per student: self-contained, without hidden cases, with all that the student wrote as text.

The page is `feedback.html` in the looks of `feedback.css`. Jinja escapes every value, and `_shown` writes out the
characters that cannot be seen. Every text is cut at a length, with a sentence that says so.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from cnncourse.checking.pictures import Picture
from cnncourse.checking.record import Exercise, Variant
from cnncourse.checking.report_html import call_html, prose, shortened, visible
from cnncourse.checking.wording import counted
from cnncourse.exercises.sections import section
from cnncourse.palette import ROLES, css_variables

from .course import Assignment, Course
from .gradebook import gradebook, penalty, remarks
from .submission import MAX_ALL_FIGURES, flags
from .verdict import GRADED, Verdict, result_of

MAX_ANSWER, MAX_LINES = 20_000, 500  # characters and lines of an answer
MAX_SENTENCE, MAX_COMMENT = 2_000, 10_000  # characters
MAX_PIXELS = 20_000_000  # of one picture: a browser unpacks it


def feedback_page(
    assignment: Assignment,
    exercises: Mapping[str, tuple[Exercise, Variant | None]],
    verdict: Verdict,
    marks: Mapping[str, float],
    comments: Mapping[str, str],
    answers: Mapping[str, Sequence[str]],
) -> str:
    """Write a student's page.

    Parameters
    ----------
    assignment : Assignment
    exercises : dict of str to (Exercise, Variant or None)
    verdict : Verdict
    marks : dict of str to float
        By exercise, those given by hand included.
    comments : dict of str to str
        What a person wrote in formgrader, by exercise.
    answers : dict of str to sequence of str
        The cells that were handed in, by exercise; see `answers_as_handed_in`.

    Returns
    -------
    str
        HTML in which everything that came from the student is text or a PNG picture.
    """
    lost = penalty(assignment, verdict.days_late)
    figures, figures_cut = _figures(verdict.figures)
    return _template().render(
        assignment=assignment.name,
        student=verdict.student,
        total=max(0.0, sum(marks.values()) - lost),
        maximum=assignment.maximum,
        status="" if verdict.status == GRADED else verdict.status,
        late=_lateness(verdict.days_late, lost),
        parts=[
            _part(exercise, variant, verdict.exercises[name])
            | {
                "mark": marks[name],
                "comment": shortened(comments.get(name, "").strip(), MAX_COMMENT),
                "answer": _bounded(answers.get(name, ())),
            }
            for name, (exercise, variant) in exercises.items()
        ],
        figures=figures,
        figures_cut=figures_cut,
        style=_style(),
    )


def _part(exercise: Exercise, variant: Variant | None, record: dict) -> dict:
    """What the page says about one exercise, whoever solved it."""
    pictures = {part: [Picture(**each) for each in drawn] for part, drawn in record.get("pictures", {}).items()}
    return {
        "name": exercise.name,
        "rule": variant.rule if variant else "",
        "points": record["points"],
        "status": record["status"],
        "result": result_of(record),
        "sentence": " ".join(shortened(record["sentence"], MAX_SENTENCE)).strip(),
        "rules": record.get("rules", ""),
        "call": Markup(call_html(record["call"], pictures)) if record["call"] else "",
        "hints": () if record["status"] == "passed" else exercise.hints,
        "section": section(exercise),
    }


def _bounded(cells: Sequence[str]) -> list[tuple[str, str]]:
    """Cut the cells of an answer where they are too long together: list of (text, sentence on what was cut)."""
    shown: list[tuple[str, str]] = []
    left = MAX_ANSWER
    for count, cell in enumerate(cells):
        if left <= 0:
            text, cut = shown.pop()
            shown.append((text, f"{cut} The rest is left out: {counted(len(cells) - count, 'cell')}.".strip()))
            break
        shown.append(shortened(cell, left, MAX_LINES))
        left -= len(shown[-1][0])
    return shown


def _lateness(days: int, lost: float) -> str:
    if not days:
        return ""
    if not lost:
        return "Handed in late."
    return f"Handed in {counted(days, 'day')} late, which cost {counted(round(lost, 2), 'point')}."


def _figures(figures: Sequence[str]) -> tuple[list[str], str]:
    """Choose the pictures that the page can bear, and say how many are left out."""
    shown: list[str] = []
    left = MAX_ALL_FIGURES
    for figure in figures:
        if len(figure) <= left and 0 < _pixels(figure) <= MAX_PIXELS:
            shown.append(figure)
            left -= len(figure)
    missing = len(figures) - len(shown)
    return shown, f"Left out, being too large: {missing} of {len(figures)}; see your notebook." if missing else ""


def _pixels(figure: str) -> int:
    """How many pixels a PNG, in base64, says that it has."""
    header = base64.b64decode(figure[:32])  # the signature, the name of the first chunk, width and height
    return int.from_bytes(header[16:20], "big") * int.from_bytes(header[20:24], "big")


def _points(number: float) -> str:
    return f"{round(number, 2):g}"


def _prose(text: str) -> Markup:
    return Markup(prose(text))


def _shown(value: object) -> object:
    """Write out what cannot be seen in a text from outside; Markup is our own."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _template() -> Template:
    folder = FileSystemLoader(Path(__file__).parent)
    pages = Environment(
        loader=folder, autoescape=True, undefined=StrictUndefined, finalize=_shown, trim_blocks=True, lstrip_blocks=True
    )
    pages.filters["points"] = _points
    pages.filters["counted"] = counted
    pages.filters["prose"] = _prose
    return pages.get_template("feedback.html")


@cache
def _style() -> Markup:
    """The style sheet with the colours of roles."""
    themes = f":root {{{css_variables('light')}}}\n"
    themes += f"@media screen and (prefers-color-scheme: dark) {{:root {{{css_variables('dark')}}}}}\n"
    roles = "\n".join(f".cnn-{role} {{color: var(--cnn-{role})}}" for role in ROLES)
    return Markup(themes + roles + "\n" + (Path(__file__).parent / "feedback.css").read_text(encoding="utf-8"))


def answers_as_handed_in(graded: nbformat.NotebookNode) -> dict[str, list[str]]:
    """Return what a student wrote for each exercise.

    Parameters
    ----------
    graded : nbformat.NotebookNode
        See `graded_notebook`.

    Returns
    -------
    dict of str to list of str
        By exercise: its solution cell, then the cells that the student added below it; empty cells are left out.
    """
    answers: dict[str, list[str]] = {}
    name = ""
    for cell in graded.cells:
        known = flags(cell)
        if known or cell.cell_type != "code":
            name = known["grade_id"] if known.get("solution") else ""
        if name and cell.source.strip():
            answers.setdefault(name, []).append(cell.source)
    return answers


def pages(course: Course, assignment: Assignment, verdicts: Sequence[Verdict]) -> Iterator[tuple[str, str]]:
    """Make the pages of several students.

    Yields
    ------
    student : str
    page : str
    """
    exercises = assignment.exercises()
    with gradebook(course) as book:
        for verdict in verdicts:
            path = course.graded(verdict.student, assignment.name) / f"{assignment.name}.ipynb"
            answers = answers_as_handed_in(nbformat.read(path, as_version=4)) if path.exists() else {}
            marks, comments = remarks(book, assignment, verdict)
            yield verdict.student, feedback_page(assignment, exercises, verdict, marks, comments, answers)
