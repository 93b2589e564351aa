"""Marks in nbgrader's gradebook: by hand, of an assignment made anew, and a file that is missing, broken or locked."""

import shutil
import sqlite3
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from cnncourse.classroom import gradebook as books
from cnncourse.classroom.batch import Grader
from cnncourse.classroom.course import CourseError
from cnncourse.classroom.verdict import MISSING, Verdict, current_verdict


@pytest.fixture
def grade(course, fake_sandbox):
    """Return `grade()`: grade ada with a fake sandbox and record it, as the command does; return her row."""

    def grade():
        assignment = course.load("ps1")
        grader = Grader(course, assignment)
        with books.gradebook(course) as book:
            books.register(book, assignment, grader.release)
            books.record(book, assignment, grader.grade("ada", fake_sandbox())[0])
        return row(course)

    return grade


def verdict_of(course):
    return current_verdict(course, "ada", course.load("ps1"))


def row(course):
    return books.rows(course, course.load("ps1"), ["ada"])[0]


def by_hand(course, mark, comment=None):
    with books.gradebook(course) as book:
        book.find_grade("corr2d-check", "ps1", "ps1", "ada").manual_score = mark
        book.find_comment("corr2d", "ps1", "ps1", "ada").manual_comment = comment
        book.db.commit()


def test_a_mark_given_by_hand_is_kept_when_graded_again(course, grade):
    assert grade()["corr2d"] == 4
    by_hand(course, 1.5, "see me")
    assert grade()["corr2d"] == 1.5
    with books.gradebook(course) as book:
        marks, comments = books.remarks(book, course.load("ps1"), Verdict("ada", "graded"))
    assert (marks["corr2d"], comments["corr2d"]) == (1.5, "see me")


def test_a_mark_given_by_hand_to_an_earlier_version_does_not_replace_the_marks_of_a_resubmission(course, grade):
    assert grade()["corr2d"] == 4
    by_hand(course, 1.5)
    assignment = course.load("ps1")
    again = replace(verdict_of(course), submitted_at="2026-12-03T09:00:00+00:00")
    with books.gradebook(course) as book:
        (note,) = books.record(book, assignment, again)
        assert note.startswith("corr2d: by hand, an earlier version got 1.5 points; the automatic mark counts")
    assert row(course)["corr2d"] == 4
    by_hand(course, 2)
    with books.gradebook(course) as book:
        assert books.record(book, assignment, again) == []
    assert row(course)["corr2d"] == 2


def test_an_assignment_made_anew_keeps_no_cell_of_the_old_one(course, grade, run):
    assert grade()["total"] == 8
    again = ["assignment", "create", "ps1", "--exercises", "sgd_step,max_pool2d", "--force", "--course", course.folder]
    assert run(*again) == 0
    shutil.copy(course.source("ps1") / "ps1.ipynb", course.submitted / "ada" / "ps1")
    new = grade()
    assert list(new) == ["student", "sgd_step", "max_pool2d", "total", "max", "late", "status"]
    assert (new["total"], new["status"]) == (10, "graded")
    with books.gradebook(course) as book:
        cells = {grade.cell.name for grade in book.find_submission_notebook("ps1", "ps1", "ada").grades}
    assert cells == {"sgd_step-check", "max_pool2d-check"}


@pytest.mark.parametrize("command", ["gradebook", "feedback", "report"])
def test_verdicts_on_other_exercises_ask_to_be_graded_again(course, grade, run, command, capsys):
    grade()
    again = ["assignment", "create", "ps1", "--exercises", "sgd_step,max_pool2d", "--force", "--course", course.folder]
    assert run(*again) == 0
    assert run(command, "ps1", "--course", course.folder) == 2
    assert "ada was graded before ps1 was made anew; run cnncourse grade ps1 first" in capsys.readouterr().err


def test_without_a_gradebook_the_machines_marks_count_and_a_new_one_is_made(course, grade):
    grade()
    by_hand(course, 0.0)
    course.database.unlink()
    assert row(course)["corr2d"] == 4
    assert grade()["corr2d"] == 4
    with books.gradebook(course) as book:
        assert [student.id for student in book.students] == ["ada"]


def test_two_may_have_the_gradebook_open(course, grade):
    grade()
    with books.gradebook(course) as one, books.gradebook(course) as other:
        one.find_grade("corr2d-check", "ps1", "ps1", "ada").manual_score = 3.0
        one.db.commit()
        assert other.find_grade("corr2d-check", "ps1", "ps1", "ada").score == 3
    assert row(course)["corr2d"] == 3


def test_a_locked_gradebook_is_one_sentence_and_loses_nothing(course, grade, run, capsys):
    grade()
    lock = sqlite3.connect(course.database)
    lock.execute("begin exclusive")
    try:
        assert run("gradebook", "ps1", "--course", course.folder) == 2
    finally:
        lock.close()
    error = capsys.readouterr().err
    assert "gradebook.db: database is locked; close what else uses it and try again" in error
    assert row(course)["total"] == 8


def test_a_full_disk_is_one_sentence(course, run, capfd, monkeypatch):
    def full(self):
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr("sqlalchemy.orm.scoping.scoped_session.commit", full)
    assert run("gradebook", "ps1", "--course", course.folder) == 2
    error = capfd.readouterr().err
    assert "gradebook.db: database or disk is full; make room on the disk and try again" in error
    assert "Traceback" not in error


def test_a_second_grade_at_once_is_refused(course, run, capsys):
    with course.locked():
        assert run("grade", "ps1", "--i-trust-these-submissions", "--course", course.folder) == 2
    assert "another cnncourse grade is at work" in capsys.readouterr().err


def test_a_gradebook_that_is_no_database_is_one_sentence_and_left_as_it_is(course):
    course.database.write_bytes(b"no database at all" * 100)
    with pytest.raises(CourseError, match=r"gradebook\.db: file is not a database; "), books.gradebook(course) as book:
        list(book.students)
    assert course.database.read_bytes().startswith(b"no database at all")


def test_who_handed_nothing_in_is_a_student_without_a_submission(course):
    assignment = course.load("ps1")
    with books.gradebook(course) as book:
        books.record(book, assignment, Verdict("bob", MISSING))
        assert [student.id for student in book.students] == ["bob"]
        assert book.assignment_submissions("ps1") == []


def test_a_late_penalty_never_costs_more_than_everything(course):
    assignment = replace(course.load("ps1"), late_penalty=0.3)
    assert [books.penalty(assignment, days) for days in (0, 1, 2, 4, 100)] == pytest.approx([0, 2.4, 4.8, 8, 8])


def test_before_grading_the_status_is_not_graded_yet_and_there_is_no_mark(course):
    assignment = course.load("ps1")
    assert [list(row.values()) for row in books.rows(course, assignment, ["ada", "bob"])] == [
        ["ada", None, None, None, 8.0, "", "not graded yet"],
        ["bob", None, None, None, 8.0, "", "not graded yet"],
    ]


def test_who_was_missing_and_hands_in_later_is_not_graded_yet(course, fake_sandbox):
    assignment = course.load("ps1")
    Grader(course, assignment).grade("bob", fake_sandbox())
    assert [row["status"] for row in books.rows(course, assignment, ["bob"])] == [MISSING]
    shutil.copytree(course.submitted / "ada", course.submitted / "bob")
    assert [row["status"] for row in books.rows(course, assignment, ["bob"])] == ["not graded yet"]


def test_the_late_policy_has_a_cap(course):
    assignment = replace(course.load("ps1"), late_penalty=0.3, late_cap=0.5)
    assert [books.penalty(assignment, days) for days in (0, 1, 2)] == pytest.approx([0, 2.4, 4])


def test_a_due_time_that_was_changed_counts_at_once(course, grade):
    course.save(replace(course.load("ps1"), due="2026-12-01T08:00:00+00:00", late_penalty=0.5))
    assert (grade()["total"], row(course)["late"]) == (4, "yes")
    course.save(replace(course.load("ps1"), due="2026-12-03T08:00:00+00:00"))
    assert (row(course)["total"], row(course)["late"]) == (8, "no")


def test_marks_under_other_points_ask_to_be_graded_again(course, grade):
    grade()
    course.save(replace(course.load("ps1"), points={"corr2d": 40.0, "sgd_step": 4.0}))
    with pytest.raises(CourseError, match="ada was graded before ps1 got other points; run cnncourse grade ps1 first"):
        row(course)
