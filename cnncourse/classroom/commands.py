"""The classroom on the command line: assignment create and collect, grade, feedback, gradebook, report."""

import io
import os
import secrets
from collections import Counter
from dataclasses import replace
from functools import wraps
from pathlib import Path

import click

from .course import (
    NAME,
    Assignment,
    Course,
    CourseError,
    choose_variants,
    load_bank,
    owner_only,
    parse_time,
    write_whole,
)

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
COURSE = click.option("--course", "folder", type=FOLDER, default=".", help="The course folder; default: this one.")


def command(group=None, **settings):
    """Make a click command whose files are the owner's alone and whose faults are one sentence."""

    def decorate(function):
        @wraps(function)
        def run(*args, **kwargs):
            try:
                with owner_only():
                    return function(*args, **kwargs)
            except CourseError as error:
                raise click.UsageError(str(error)) from error
            except OSError as error:
                where = error.filename or "a file"
                raise click.UsageError(f"{where}: {error.strerror}; mend that and try again") from error

        return (group.command if group else click.command)(**settings)(run)

    return decorate


@click.group()
def assignment():
    """Make an assignment, and collect what comes back."""


@command(assignment)
@click.argument("name")
@click.option("--exercises", required=True, help="Names, separated by commas: corr2d,max_pool2d.")
@click.option("--due", help="With an offset from UTC: 2026-12-01T23:59+01:00.")
@click.option("--points", multiple=True, metavar="NAME=POINTS", help="Other points than the bank's.")
@click.option("--seed", type=int, help="Of hidden cases and variants; default: one that nobody knows.")
@click.option("--variants", is_flag=True, help="Change a rule where an exercise has variants.")
@click.option("--late-penalty", type=click.FloatRange(0, 100), default=0, help="Percent of the points a day begun.")
@click.option("--bank", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Your own exercises.")
@click.option("--force", is_flag=True, help="Write over an assignment of that name.")
@COURSE
def create(name, exercises, due, points, seed, variants, late_penalty, bank, force, folder):
    """Make the notebooks of an assignment: source/NAME and release/NAME."""
    import nbformat

    from . import gradebook as books
    from .release import notebooks

    if not NAME.fullmatch(name):
        raise CourseError(f"{name!r} is no name for an assignment; use letters, digits, - and _, as in ps1")
    course = Course(folder)
    for place in (course.source(name), course.release(name)):
        if place.exists() and not force:
            raise CourseError(f"{place} exists; choose another name or add --force")
    known = load_bank(bank)
    names = [part.strip() for part in exercises.split(",") if part.strip()]
    strangers = [part for part in names if part not in known]
    if strangers:
        raise CourseError(f"the bank has no {', '.join(strangers)}; see cnncourse exercises for the names")
    if not names or len(set(names)) < len(names):
        raise CourseError(f"--exercises is {exercises!r}; name at least one exercise, and each only once")
    chosen = [known[part] for part in names]
    seed = secrets.randbits(48) if seed is None else seed
    made = Assignment(
        name=name,
        points={exercise.name: float(exercise.points) for exercise in chosen} | _points(points, names),
        seed=seed,
        variants=choose_variants(chosen, seed) if variants else {},
        due=parse_time(due).isoformat() if due else None,
        late_penalty=late_penalty / 100,
        bank=str(bank.resolve()) if bank else None,
    )
    source, release = notebooks(made)
    write_whole(course.source(name) / f"{name}.ipynb", nbformat.writes(source) + "\n")
    write_whole(course.release(name) / f"{name}.ipynb", nbformat.writes(release) + "\n")
    course.save(made)
    if not (folder / "nbgrader_config.py").exists():
        write_whole(folder / "nbgrader_config.py", CONFIG.format(course=folder.resolve().name))
    with books.gradebook(course) as book:
        books.register(book, made, release)
    ready = course.release(name) / f"{name}.ipynb"
    click.echo(f"{ready} is ready to hand out: {len(names)} exercises, {made.maximum:g} points")
    if not bank and not variants:
        click.echo("The public bank's solutions come with the package; --variants or --bank make work that is new.")


@command(assignment, name="collect")
@click.argument("name")
@click.argument("place", type=click.Path(path_type=Path, exists=True))
@click.option("--roster", type=FILE, help="CSV of who should be there: the column student, or the first.")
@click.option("--extension", "extensions", multiple=True, metavar="STUDENT=TIME", help="A due time of their own.")
@COURSE
def collect_command(name, place, roster, extensions, folder):
    """Sort PLACE, a zip or a folder from Moodle, Canvas, Gradescope or anywhere, into submitted/STUDENT/NAME."""
    from .collect import collect, read_roster

    course = Course(folder)
    made = course.load(name)
    if roster:
        made = replace(made, roster=read_roster(roster))
    for text in extensions:
        student, _, time = text.rpartition("=")
        if not student:
            raise CourseError(f"--extension {text!r} is not STUDENT=TIME")
        made = replace(made, extensions=made.extensions | {student: parse_time(time).isoformat()})
    collected, told = collect(course, made, place)
    course.save(made)
    for sentence in told:
        click.echo(printable(sentence))
    click.echo(f"{len(collected)} submissions collected")
    if made.roster:
        here, _ = find_students(course, replace(made, roster=[]))
        for student in made.roster:
            if not (course.submitted / student / name / f"{name}.ipynb").exists():
                click.echo(f"missing: {student}")
        for student in sorted(set(here) - set(made.roster)):
            click.echo(f"not on the roster: {student}")


CONFIG = '''\
"""For nbgrader's own tools, such as nbgrader formgrader; cnncourse grade does not read it."""

c = get_config()  # noqa: F821 - Jupyter defines it
c.CourseDirectory.course_id = {course!r}
'''


def _points(given, names):
    points = {}
    for text in given:
        name, _, number = text.partition("=")
        try:
            points[name] = float(number)
        except ValueError:
            points[name] = -1.0
        if name not in names or not 0 < points[name] <= 1e6:
            raise CourseError(f"--points {text!r} is not EXERCISE=NUMBER for an exercise of this assignment")
    return points


@command()
@click.argument("name")
@click.option("--jobs", type=click.IntRange(1, 64), default=os.cpu_count() or 1, show_default=True, help="At a time.")
@click.option("--student", "only", multiple=True, help="Only this one; may be given again.")
@click.option("--i-trust-these-submissions", "trusted", is_flag=True, help="Run them without a sandbox, as yourself.")
@COURSE
def grade(name, jobs, only, trusted, folder):
    """Grade every submission in a sandbox; what is unchanged is not graded again."""
    from tqdm import tqdm

    from . import gradebook as books
    from .grade import GRADED, Grader
    from .walls import why_unavailable

    course = Course(folder)
    made = course.load(name)
    why = "" if trusted else why_unavailable()
    if why:
        raise CourseError(f"{why}; or add --i-trust-these-submissions to run them unprotected")
    students, passed_over = find_students(course, made, only)
    for line in passed_over:
        click.echo(line)
    if not students:
        raise CourseError(f"{course.submitted} is empty; collect submissions with cnncourse assignment collect {name}")
    grader = Grader(course, made, walled=not trusted)
    verdicts, unchanged = [], 0
    with books.gradebook(course) as book, tqdm(total=len(students), unit="submission") as bar:
        books.register(book, made, grader.release)

        def done(verdict, changed):
            nonlocal unchanged
            books.record(book, made, verdict)
            verdicts.append((verdict.student, verdict.status, verdict.notes))
            unchanged += not changed
            bar.update()

        grader.grade_all(students, jobs, done)
    counts = Counter(status for _, status, _ in verdicts)
    click.echo(", ".join(f"{count} {status}" for status, count in counts.items()) + f"; {unchanged} unchanged")
    for student, status, notes in sorted(verdicts):
        if status != GRADED or notes:
            click.echo(f"  {printable(student)}: {status}" + "".join(f"; {printable(note)}" for note in notes))


def find_students(course, made, only=()):
    """List who has a folder or is on the roster, and say which folders are passed over.

    Returns
    -------
    students : list of str
    passed_over : list of str
        Sentences.
    """
    students, passed_over = set(made.roster), []
    entries = sorted(os.scandir(course.submitted), key=lambda entry: entry.name) if course.submitted.is_dir() else []
    for entry in entries:
        try:
            entry.name.encode()
            fine = entry.name.isprintable() and not entry.name.startswith(".")
        except UnicodeEncodeError:
            fine = False
        if not entry.is_dir() and not entry.is_symlink():
            continue
        if fine:
            students.add(entry.name)
        else:
            passed_over.append(f"passed over: {entry.name!r} in {course.submitted} is no name of a student")
    unknown = set(only) - students
    if unknown:
        raise CourseError(f"{course.submitted} has no {', '.join(sorted(unknown))}; see who is there with ls")
    return sorted(set(only) or students), passed_over


def printable(text):
    """Make a text that may come from a student safe for a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


@command()
@click.argument("name")
@click.option("--csv", "out", type=FILE, help="Where to write the marks; default: shown here.")
@click.option("--columns", type=click.Choice(["plain", "moodle", "canvas"]), default="plain", show_default=True)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@COURSE
def gradebook(name, out, columns, force, folder):
    """Write the marks: a row per student."""
    from . import gradebook as books

    course = Course(folder)
    made = course.load(name)
    if out and out.exists() and not force:
        raise CourseError(f"{out} exists; choose another name or add --force")
    students, _ = find_students(course, made)
    text = books.csv_text(books.rows(course, made, students), columns, name)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_whole(out, text)
        click.echo(f"{out} has the marks of {len(students)} students")


@command()
@click.argument("name")
@click.option("--preview", metavar="STUDENT", help="Make this student's page only, to look at first.")
@COURSE
def feedback(name, preview, folder):
    """Write a page of feedback for each student: feedback/STUDENT/NAME/NAME.html."""
    from .feedback import pages

    course = Course(folder)
    made = course.load(name)
    verdicts = _verdicts(course, made, [preview] if preview else [])
    for student, page in pages(course, made, verdicts):
        path = course.feedback(student, name) / f"{name}.html"
        write_whole(path, page)
        if preview:
            click.echo(path)
    click.echo(f"{len(verdicts)} pages of feedback are in {course.folder / 'feedback'}")


@command()
@click.argument("name")
@click.option("--plot", "picture", type=FILE, help="Where to draw it, as PNG.")
@click.option("--similar", is_flag=True, help="List answers that are alike, too.")
@COURSE
def report(name, picture, similar, folder):
    """Count the misconceptions over the class: what to teach next week."""
    from . import report as reports

    course = Course(folder)
    made = course.load(name)
    verdicts = _verdicts(course, made)
    found = reports.misconceptions(made, verdicts)
    students = sum(verdict.status != "missing" for verdict in verdicts)
    click.echo(reports.table(found, students))
    if picture:
        image = io.BytesIO()
        reports.plot(found, students).savefig(image, format="png", dpi=150)
        write_whole(picture, image.getvalue())
        click.echo(f"{picture} is drawn")
    if similar:
        for line in _similar(course, made, verdicts):
            click.echo(printable(line))


def _verdicts(course, made, only=()):
    from .grade import read_verdict

    students, _ = find_students(course, made, only)
    verdicts = [verdict for student in students if (verdict := read_verdict(course, student, made.name))]
    if not verdicts:
        raise CourseError(f"nothing is graded yet; run cnncourse grade {made.name} first")
    return verdicts


def _similar(course, made, verdicts):
    import nbformat

    from .intake import answers_in
    from .similar import similar_answers

    notebooks = {
        verdict.student: nbformat.read(course.graded(verdict.student, made.name) / f"{made.name}.ipynb", as_version=4)
        for verdict in verdicts
        if verdict.status != "missing"
    }
    for name, (exercise, _) in made.exercises().items():
        answers = {student: answers_in(notebook)[name] for student, notebook in notebooks.items()}
        for share, student, other in similar_answers(exercise, answers):
            yield f"{name}: {student} and {other} share {share:.0%}"


COMMANDS = (assignment, grade, gradebook, feedback, report)
