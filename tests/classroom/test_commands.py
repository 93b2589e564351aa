"""Where the commands write, and what they say on the side."""

import os
import stat
import zipfile
from dataclasses import replace

import pytest

from cnncourse.classroom.batch import Grader
from cnncourse.classroom.people import People, Person
from cnncourse.classroom.verdict import GRADED, Verdict, save_verdict


@pytest.fixture
def graded(course, fake_sandbox):
    """The course of ada, who is graded and known to Moodle as participant 1001, and bob, who is not."""
    assignment = replace(course.load("ps1"), roster=["ada", "bob"])
    course.save(assignment)
    grader = Grader(course, assignment)
    for student in ("ada", "bob"):
        grader.grade(student, fake_sandbox())
    People([Person("ada", name="Student 17", moodle="1001"), Person("bob")]).save(course, assignment)
    return course


@pytest.fixture
def gradebook(graded, run):
    return lambda *options: run("gradebook", "ps1", *options, "--course", graded.folder)


def test_marks_are_written_into_a_pipe_and_not_instead_of_it(gradebook, tmp_path, capsys):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert gradebook("--csv", pipe) == 0
        assert os.read(reader, 10_000).decode().splitlines()[1] == "ada,4,4,8,8,no,graded"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert capsys.readouterr().out == ""  # the pipe may be this very stream


def test_marks_are_written_through_a_link(gradebook, tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    assert gradebook("--csv", tmp_path / "link.csv") == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text().startswith("student,")


def test_an_error_names_the_path_that_was_given(gradebook, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert gradebook("--csv", tmp_path / "file" / "marks.csv") == 2
    error = capsys.readouterr().err
    assert f"{tmp_path / 'file' / 'marks.csv'} cannot be written: " in error
    assert ".part" not in error


def test_who_is_left_out_of_a_platforms_file_is_said(gradebook, capsys):
    assert gradebook("--columns", "moodle") == 0
    shown = capsys.readouterr()
    assert [line.split(",")[0] for line in shown.out.splitlines()] == ["Identifier", "Participant 1001"]
    assert "bob: left out, moodle needs a participant's number" in shown.err


def test_a_mark_that_waits_for_a_person_is_said_to_be_open(graded, gradebook, capsys):
    verdict = Verdict("bob", GRADED, exercises={name: {"mark": 0.0, "points": 4.0} for name in ("corr2d", "sgd_step")})
    verdict.needs_person("its cell is missing")
    save_verdict(graded, "ps1", verdict)
    assert gradebook() == 0
    assert "bob: needs a person; the mark is not final" in capsys.readouterr().err


def test_pages_of_feedback_are_packed_for_moodle(graded, run, tmp_path, capsys):
    packed = tmp_path / "feedback.zip"
    assert run("feedback", "ps1", "--moodle", packed, "--course", graded.folder) == 0
    with zipfile.ZipFile(packed) as archive:
        assert archive.namelist() == ["Student 17_1001_assignsubmission_file_ps1.html"]
        page = archive.read("Student 17_1001_assignsubmission_file_ps1.html")
    assert page == (graded.feedback("ada", "ps1") / "ps1.html").read_bytes()
    assert f"{packed} has 1 of them" in capsys.readouterr().out
