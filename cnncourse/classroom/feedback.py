"""One page of feedback per student: self-contained, without hidden cases, with all that the student wrote as text."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence

from cnncourse.checking.record import Exercise, Variant

from .course import Assignment, Course
from .gradebook import gradebook, penalty, remarks
from .verdict import GRADED, Verdict

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }}
section {{ border-top: 1px solid #8888; padding: 0.5rem 0; }}
pre {{ overflow-x: auto; background: #8882; padding: 0.5rem; }}
img {{ max-width: 100%; }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def feedback_page(
    assignment: Assignment,
    exercises: Mapping[str, tuple[Exercise, Variant | None]],
    verdict: Verdict,
    marks: Mapping[str, float],
    comments: Mapping[str, str],
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

    Returns
    -------
    str
        HTML in which everything that came from the student is text or a PNG picture.
    """
    lost = penalty(assignment, verdict.days_late)
    total = max(0.0, sum(marks.values()) - lost)
    body = [f"<p><strong>{total:g} of {assignment.maximum:g} points.</strong></p>"]
    if lost:
        body.append(f"<p>Handed in {verdict.days_late} days late, which cost {lost:g} points.</p>")
    elif verdict.days_late:
        body.append("<p>Handed in late.</p>")
    if verdict.status != GRADED:
        body.append(f"<p>Status: {html.escape(verdict.status)}.</p>")
    for name, (exercise, _) in exercises.items():
        body.append(_section(exercise, verdict.exercises[name], marks[name], comments.get(name, "")))
    if verdict.figures:
        pictures = "".join(
            f'<p><img alt="Your figure {number}" src="data:image/png;base64,{figure}"></p>'
            for number, figure in enumerate(verdict.figures, start=1)
        )
        body.append(f"<section><h2>Your figures</h2>{pictures}</section>")
    return PAGE.format(title=html.escape(f"{assignment.name}: {verdict.student}"), body="\n".join(body))


def _section(exercise: Exercise, record: dict, mark: float, comment: str) -> str:
    parts = [f"<h2>{html.escape(exercise.name)}: {mark:g} of {record['points']:g}</h2>"]
    if record["status"] == "passed":
        parts.append("<p>Right in every case.</p>")
    elif record["status"] == "not attempted" and not record["sentence"]:
        parts.append("<p>Not attempted.</p>")
    if record["sentence"]:
        parts.append(f"<p>{html.escape(record['sentence'])}</p>")
    if record["call"]:
        text = "\n".join(f"{label}: {content}" for label, content in record["call"])
        parts.append(f"<pre>{html.escape(text)}</pre>")
    if comment:
        parts.append(f"<p>Comment: {html.escape(comment)}</p>")
    if record["status"] != "passed":
        hints = "".join(f"<li>{html.escape(hint)}</li>" for hint in exercise.hints)
        parts.append(f"<details><summary>Hints</summary><ol>{hints}</ol></details>")
    return f"<section>{''.join(parts)}</section>"


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
            yield verdict.student, feedback_page(assignment, exercises, verdict, *remarks(book, assignment, verdict))
