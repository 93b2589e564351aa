"""An assignment is changed without a new seed, and its students are named or refused."""

import json
from dataclasses import replace

import nbformat
import pytest

from cnncourse.classroom import gradebook as books
from cnncourse.classroom.course import Course, CourseError, parse_due, parse_time
from tests.classroom.exporters import moodle_worksheet, moodle_zip

NOTEBOOK = json.dumps({"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}})


@pytest.fixture
def edit(course, run):
    """Return `edit(*options)`: run the command on the course of ada and return its exit code."""
    return lambda *options: run("assignment", "edit", "ps1", *options, "--course", course.folder)


@pytest.fixture
def collect(course, run, tmp_path):
    """Return `collect(*options)`: collect from Moodle what two students handed in, and return the exit code."""
    submissions = [(f"Student {number}", 1000 + number, "ps1.ipynb", NOTEBOOK) for number in (17, 18)]
    place = moodle_zip(tmp_path / "download.zip", submissions)
    return lambda *options: run("assignment", "collect", "ps1", place, *options, "--course", course.folder)


def title(course):
    return nbformat.read(course.release("ps1") / "ps1.ipynb", as_version=4).cells[0].source


def test_the_late_policy_is_changed_and_nothing_else(course, edit, capsys):
    before = course.load("ps1")
    release = (course.release("ps1") / "ps1.ipynb").read_bytes()
    assert edit("--late-penalty", "10", "--late-grace", "15", "--late-cap", "50") == 0
    assert course.load("ps1") == replace(before, late_penalty=0.1, late_grace=15.0, late_cap=0.5)
    assert (course.release("ps1") / "ps1.ipynb").read_bytes() == release
    assert "each day begun costs 10% after 15 minutes, 50% at most" in capsys.readouterr().out


def test_the_due_time_is_changed_in_the_release_until_somebody_hands_in(course, edit):
    seed = course.load("ps1").seed
    assert edit("--due", "2026-12-02T23:59+01:00") == 0
    assert course.load("ps1").due == "2026-12-02T23:59:00+01:00"
    assert "It is due" not in title(course)  # ada has handed in: her verdict stays valid
    (course.submitted / "ada").rename(course.folder / "elsewhere")
    assert edit("--due", "2026-12-03T23:59+01:00") == 0
    assert "It is due at 2026-12-03T23:59:00+01:00" in title(course)
    assert edit("--no-due") == 0
    assert (course.load("ps1").due, course.load("ps1").seed) == (None, seed)
    with books.gradebook(course) as book:
        assert book.find_assignment("ps1").duedate is None


def test_points_are_changed_in_the_notebooks_and_in_nbgraders_gradebook(course, edit):
    seed = course.load("ps1").seed
    assert edit("--points", "corr2d=40") == 0
    assert course.load("ps1").points == {"corr2d": 40.0, "sgd_step": 4.0}
    assert course.load("ps1").seed == seed
    assert "44 points" in title(course)
    with books.gradebook(course) as book:
        assert book.find_grade_cell("corr2d-check", "ps1", "ps1").max_score == 40


def test_an_extension_is_for_a_student_who_is_known(course, edit, capsys):
    assert edit("--extension", "ada=2026-12-05T12:00+00:00") == 0
    assert course.load("ps1").extensions == {"ada": "2026-12-05T12:00:00+00:00"}
    assert edit("--extension", "adda=2026-12-05T12:00+00:00") == 2
    assert "'adda' is neither on the roster nor has handed in" in capsys.readouterr().err
    assert course.load("ps1").extensions == {"ada": "2026-12-05T12:00:00+00:00"}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ([], "ps1 is as before; say what to change"),
        (["--no-due"], "ps1 is as before; say what to change"),
        (["--due", "2026-12-01", "--no-due"], "contradict each other"),
        (["--points", "max_pool2d=3"], "is not EXERCISE=NUMBER for an exercise of this assignment"),
        (["--due", "soon"], "'soon' is no time"),
    ],
)
def test_a_change_that_is_none_or_wrong_is_refused(course, edit, capsys, options, why):
    before = course.load("ps1")
    assert edit(*options) == 2
    assert why in capsys.readouterr().err
    assert course.load("ps1") == before


@pytest.mark.parametrize(
    ("text", "due", "assumed"),
    [
        ("2026-12-01", "2026-12-01T23:59:59+00:00", "the end of that day in UTC"),
        ("2026-12-01T12:00", "2026-12-01T12:00:00+00:00", "has no offset: it is taken as UTC"),
        ("2026-12-01T12:00+01:00", "2026-12-01T12:00:00+01:00", ""),
        ("2026-12-01T12:00Z", "2026-12-01T12:00:00+00:00", ""),
        ("2026-12-01 12:00 Europe/Zurich", "2026-12-01T12:00:00+01:00", ""),
    ],
)
def test_a_due_time_says_what_it_assumes(text, due, assumed):
    assert parse_due(text)[0] == due
    assert assumed in parse_due(text)[1]
    assert bool(assumed) == bool(parse_due(text)[1])


@pytest.mark.parametrize("zone", ["Europe", "Nowhere", "../../etc/passwd", "a" * 300, "a\0b"])
def test_a_time_with_a_zone_that_is_none_is_refused(zone):
    with pytest.raises(CourseError, match="is no time; write it as"):
        parse_time(f"2026-12-01 12:00:00 {zone}")


def test_create_says_what_it_assumes_of_the_due_time(tmp_path, run, capsys):
    options = ["--exercises", "corr2d", "--due", "2026-12-01", "--course", tmp_path]
    assert run("assignment", "create", "ps1", *options) == 0
    assert "'2026-12-01' has no time and no offset" in capsys.readouterr().out
    assert Course(tmp_path).load("ps1").due == "2026-12-01T23:59:59+00:00"


def test_lateness_within_the_grace_period_costs_nothing(course):
    assignment = replace(course.load("ps1"), due="2026-12-01T12:00:00+00:00", late_grace=15.0)
    times = ["2026-12-01T12:15:00+00:00", "2026-12-01T12:15:01+00:00", "2026-12-02T12:00:01+00:00"]
    assert [assignment.days_late("ada", time) for time in times] == [0, 1, 2]


def test_collect_refuses_an_extension_for_nobody_and_changes_nothing(course, collect, capsys):
    before = sorted(path for path in course.folder.rglob("*"))
    assert collect("--extension", "Student 71=2026-12-05T12:00+00:00") == 2
    assert "'Student 71' is neither on the roster nor has handed in" in capsys.readouterr().err
    assert sorted(path for path in course.folder.rglob("*")) == before


def test_collect_knows_those_who_are_in_the_download(course, collect):
    assert collect("--extension", "Student 17=2026-12-05T12:00+00:00", "--extension", "1018=2026-12-06T12:00Z") == 0
    assert list(course.load("ps1").extensions) == ["Student 17_1017", "Student 18_1018"]


def test_collect_compares_with_the_roster(course, collect, tmp_path, capsys):
    (tmp_path / "roster.csv").write_text("student\nStudent 17\nStudent 19\n")
    assert collect("--roster", tmp_path / "roster.csv") == 0
    shown = capsys.readouterr().out
    assert "missing: Student 19" in shown
    assert "not on the roster: Student 18_1018" in shown
    assert course.load("ps1").roster == ["Student 17", "Student 19"]


def test_collect_says_in_which_zone_it_reads_moodles_times(course, collect, edit, tmp_path, capsys):
    assert edit("--due", "2026-12-01T23:59+01:00") == 0
    rows = [("Student 17", 1017, "17@example.org", "Tuesday, 1 December 2026, 11:59 PM")]
    assert collect("--roster", moodle_worksheet(tmp_path / "w.csv", rows)) == 0
    assert "they are taken as UTC+01:00, the offset of the due time" in capsys.readouterr().out
    assert (course.submitted / "17@example.org" / "ps1" / "timestamp.txt").read_text() == "2026-12-01 22:59:00 UTC"


def test_made_anew_an_assignment_keeps_its_roster_and_extensions(course, collect, run, tmp_path):
    (tmp_path / "roster.csv").write_text("student\nStudent 17\n")
    assert collect("--roster", tmp_path / "roster.csv", "--extension", "Student 17=2026-12-05T12:00Z") == 0
    before = course.load("ps1")
    assert run("assignment", "create", "ps1", "--exercises", "corr2d", "--force", "--course", course.folder) == 0
    after = course.load("ps1")
    assert (after.roster, after.extensions) == (before.roster, before.extensions)
    assert after.seed != before.seed
