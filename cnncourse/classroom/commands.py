"""On the command line: grade, feedback, gradebook, report."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnncourse.files import atomic_write

from .assigning import assignment
from .course import Assignment, Course, CourseError
from .options import COURSE, FILE, command, find_students, printable

if TYPE_CHECKING:
    from .verdict import Verdict


@command()
@click.argument("name")
@click.option("--jobs", type=click.IntRange(1, 64), default=os.cpu_count() or 1, show_default=True, help="At a time.")
@click.option("--student", "only", multiple=True, help="Only this one; may be given again.")
@click.option("--i-trust-these-submissions", "trusted", is_flag=True, help="Run them without a sandbox, as yourself.")
@COURSE
def grade(name: str, jobs: int, only: tuple[str, ...], trusted: bool, folder: Path) -> None:
    """Grade every submission in a sandbox; what is unchanged is not graded again."""
    from tqdm import tqdm

    from . import gradebook as books
    from .batch import Grader
    from .isolation import why_unavailable
    from .verdict import GRADED

    course = Course(folder)
    assignment = course.load(name)
    why = "" if trusted else why_unavailable()
    if why:
        raise CourseError(f"{why}; or add --i-trust-these-submissions to run them unprotected")
    students, passed_over = find_students(course, assignment, only)
    for line in passed_over:
        click.echo(line)
    if not students:
        raise CourseError(f"{course.submitted} is empty; collect submissions with cnncourse assignment collect {name}")
    grader = Grader(course, assignment, isolated=not trusted)
    verdicts, unchanged = [], 0
    with books.gradebook(course) as book, tqdm(total=len(students), unit="submission") as bar:
        books.register(book, assignment, grader.release)

        def done(verdict: Verdict, changed: bool) -> None:
            nonlocal unchanged
            books.record(book, assignment, verdict)
            verdicts.append((verdict.student, verdict.status, verdict.notes))
            unchanged += not changed
            bar.update()

        grader.grade_all(students, jobs, done)
    counts = Counter(status for _, status, _ in verdicts)
    click.echo(", ".join(f"{count} {status}" for status, count in counts.items()) + f"; {unchanged} unchanged")
    for student, status, notes in sorted(verdicts):
        if status != GRADED or notes:
            click.echo(f"  {printable(student)}: {status}" + "".join(f"; {printable(note)}" for note in notes))


@command()
@click.argument("name")
@click.option("--csv", "out", type=FILE, help="Where to write the marks; default: shown here.")
@click.option("--columns", type=click.Choice(["plain", "moodle", "canvas"]), default="plain", show_default=True)
@COURSE
def gradebook(name: str, out: Path | None, columns: str, folder: Path) -> None:
    """Write the marks, one row per student; a file of earlier marks is replaced."""
    from . import gradebook as books

    course = Course(folder)
    assignment = course.load(name)
    students, _ = find_students(course, assignment)
    text = books.csv_text(books.rows(course, assignment, students), columns, name)
    if out is None:
        click.echo(text, nl=False)
    else:
        atomic_write(out, text)
        click.echo(f"{out} has the marks of {len(students)} students")


@command()
@click.argument("name")
@click.option("--preview", metavar="STUDENT", help="Make this student's page only, to look at first.")
@COURSE
def feedback(name: str, preview: str | None, folder: Path) -> None:
    """Write a page of feedback for each student: feedback/STUDENT/NAME/NAME.html."""
    from .feedback import pages

    course = Course(folder)
    assignment = course.load(name)
    verdicts = _verdicts(course, assignment, [preview] if preview else [])
    for student, page in pages(course, assignment, verdicts):
        path = course.feedback(student, name) / f"{name}.html"
        atomic_write(path, page)
        if preview:
            click.echo(path)
    click.echo(f"{len(verdicts)} pages of feedback are in {course.folder / 'feedback'}")


@command()
@click.argument("name")
@click.option("--plot", "picture", type=FILE, help="Where to draw it, as PNG.")
@click.option("--similar", is_flag=True, help="List answers that are alike, too.")
@COURSE
def report(name: str, picture: Path | None, similar: bool, folder: Path) -> None:
    """Count the mistakes over the class: what to teach next week."""
    from . import report as reports

    course = Course(folder)
    assignment = course.load(name)
    verdicts = _verdicts(course, assignment)
    found = reports.mistakes(assignment, verdicts)
    students = sum(verdict.status != "missing" for verdict in verdicts)
    click.echo(reports.table(found, students))
    if picture:
        image = io.BytesIO()
        reports.plot(found, students).savefig(image, format="png", dpi=150)
        atomic_write(picture, image.getvalue())
        click.echo(f"{picture} is drawn")
    if similar:
        for line in _similar(course, assignment, verdicts):
            click.echo(printable(line))


def _verdicts(course: Course, assignment: Assignment, only: Sequence[str] = ()) -> list[Verdict]:
    from .verdict import current_verdict

    students, _ = find_students(course, assignment, only)
    verdicts = [verdict for student in students if (verdict := current_verdict(course, student, assignment))]
    if not verdicts:
        raise CourseError(f"nothing is graded yet; run cnncourse grade {assignment.name} first")
    return verdicts


def _similar(course: Course, assignment: Assignment, verdicts: Sequence[Verdict]) -> Iterator[str]:
    import nbformat

    from .similar import similar_answers
    from .submission import answers_in

    notebooks = {
        verdict.student: nbformat.read(
            course.graded(verdict.student, assignment.name) / f"{assignment.name}.ipynb", as_version=4
        )
        for verdict in verdicts
        if verdict.status != "missing"
    }
    for name, (exercise, _) in assignment.exercises().items():
        answers = {student: answers_in(notebook)[name] for student, notebook in notebooks.items()}
        for share, student, other in similar_answers(exercise, answers):
            yield f"{name}: {student} and {other} share {share:.0%}"


COMMANDS = (assignment, grade, gradebook, feedback, report)
