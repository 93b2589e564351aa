"""On the command line: grade, feedback, gradebook, report."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnncourse.checking.wording import counted
from cnncourse.files import atomic_write

from .assigning import assignment
from .course import Assignment, Course, CourseError
from .marks import COLUMN_SETS, HOW_TO_KNOW, PLAIN, csv_text, feedback_zip, importable
from .names import printable
from .options import COURSE, FILE, command, find_students, write_output
from .people import People
from .verdict import GRADED, NOT_GRADED, PERSON, save_verdict

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
    with course.locked(), books.gradebook(course) as book, tqdm(total=len(students), unit="submission") as bar:
        books.register(book, assignment, grader.release)

        def done(verdict: Verdict, changed: bool) -> None:
            nonlocal unchanged
            if taken_back := books.record(book, assignment, verdict):
                verdict.notes += taken_back
                save_verdict(course, assignment.name, verdict)
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
@click.option("--columns", type=click.Choice(COLUMN_SETS), default=PLAIN, show_default=True, help="What imports them.")
@COURSE
def gradebook(name: str, out: Path | None, columns: str, folder: Path) -> None:
    """Write the marks, one row per student; a file of earlier marks is replaced."""
    from . import gradebook as books

    course = Course(folder)
    assignment = course.load(name)
    persons = People.load(course, assignment).persons
    students, _ = find_students(course, assignment)
    rows = books.rows(course, assignment, students)
    text = csv_text(rows, columns, name, persons)
    written = importable(rows, columns, persons)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_output(out, text)
        click.echo(f"{out} has the marks of {counted(len(written), 'student')}", err=not out.is_file())
    for row in rows:
        if row["status"] == NOT_GRADED:
            click.echo(f"{printable(row['student'])}: {NOT_GRADED}; run cnncourse grade {name}", err=True)
        elif row["status"] == PERSON:
            click.echo(f"{printable(row['student'])}: {PERSON}; the mark is not final", err=True)
        elif row not in written:
            click.echo(f"{printable(row['student'])}: left out, {columns} needs {HOW_TO_KNOW[columns]}", err=True)


@command()
@click.argument("name")
@click.option("--preview", metavar="STUDENT", help="Make this student's page only, to look at first.")
@click.option("--moodle", "packed", type=FILE, help="Pack the pages in this zip, too, for Moodle's feedback files.")
@COURSE
def feedback(name: str, preview: str | None, packed: Path | None, folder: Path) -> None:
    """Write a page of feedback for each student: feedback/STUDENT/NAME/NAME.html."""
    from .feedback import pages

    course = Course(folder)
    assignment = course.load(name)
    verdicts = _verdicts(course, assignment, [preview] if preview else [])
    made = list(pages(course, assignment, verdicts))
    for student, page in made:
        path = course.feedback(student, name) / f"{name}.html"
        atomic_write(path, page)
        if preview:
            click.echo(path)
    click.echo(f"{course.folder / 'feedback'} has {counted(len(verdicts), 'page of feedback')}")
    if packed:
        persons = People.load(course, assignment).persons
        write_output(packed, feedback_zip(made, name, persons))
        known = sum(bool(student in persons and persons[student].moodle) for student, _ in made)
        others = "; the others have no participant's number on Moodle" if known < len(made) else ""
        click.echo(f"{packed} has {known} of them{others}")


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
        write_output(picture, image.getvalue())
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


@command()
@click.argument("notebook", type=FILE)
def precheck(notebook: Path) -> None:
    """For students: say what of NOTEBOOK will be graded, what is missing, and what cannot run there.

    Runs your cells and the visible cases in processes of their own; no hidden case is known. Exits with 1 if an
    exercise has no answer that can be graded.
    """
    from cnncourse.checking.notebooks import UnreadableError

    from .precheck import precheck as look_at

    try:
        findings = look_at(notebook.read_bytes())
    except UnreadableError as error:
        raise click.UsageError(f"{notebook} cannot be used: {error}; name the notebook that you hand in") from error
    if not findings:
        raise click.UsageError(f"{notebook} has no exercises; name the notebook that you hand in")
    for finding in findings:
        click.echo(f"{finding.exercise}: {'will be graded' if finding.ready else 'nothing to grade'}")
        for sentence in finding.sentences:
            click.echo(f"  {printable(sentence)}")
    click.echo("Marks come from other cases than these.")
    raise click.exceptions.Exit(0 if all(finding.ready for finding in findings) else 1)


COMMANDS = (assignment, grade, gradebook, feedback, report, precheck)
