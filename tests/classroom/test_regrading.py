"""What is graded again, what is kept, and what an assignment made anew leaves behind; no sandbox is started."""

import shutil
from dataclasses import replace

import pytest

from cnncourse.checking.compare import Observation
from cnncourse.checking.runner.program import OTHER
from cnncourse.classroom import gradebook as books
from cnncourse.classroom.batch import Grader
from cnncourse.classroom.course import Course
from cnncourse.classroom.sandbox import SandboxResult
from cnncourse.classroom.verdict import PERSON, read_verdict
from cnncourse.cli import main


class Sandbox:
    """A sandbox in which every answer is right, or only where no other cells run; it counts its calls."""

    process, interrupted = True, False

    def __init__(self, used_other_cells=False):
        self.asked, self.used_other_cells = 0, used_other_cells

    def observe(self, cells, exercise, cases):
        self.asked += 1
        spoilt = self.used_other_cells and any(role == OTHER for role, _ in cells)
        right = [Observation.read(exercise.observe(exercise.solved, case)) for case in cases]
        return SandboxResult([Observation("returned")] * len(cases) if spoilt else right, "", "", spoilt)


def create(folder, exercises, *options):
    arguments = ["assignment", "create", "ps1", "--exercises", exercises, "--seed", "3", "--course", str(folder)]
    with pytest.raises(SystemExit) as left:
        main([*arguments, *options])
    assert left.value.code == 0


@pytest.fixture
def course(tmp_path):
    create(tmp_path, "corr2d,sgd_step")
    folder = tmp_path / "submitted" / "ada" / "ps1"
    folder.mkdir(parents=True)
    shutil.copy(tmp_path / "source" / "ps1" / "ps1.ipynb", folder)
    (folder / "timestamp.txt").write_text("2026-12-02 08:00:00 UTC")
    return Course(tmp_path)


def test_a_new_due_time_changes_lateness_and_nothing_is_run_again(course):
    assignment, sandbox = course.load("ps1"), Sandbox()
    verdict, changed = Grader(course, assignment).grade("ada", sandbox)
    assert (changed, verdict.days_late, sandbox.asked) == (True, 0, 2)
    due = replace(assignment, due="2026-12-01T12:00:00+00:00", roster=["ada", "bob"])
    verdict, changed = Grader(course, due).grade("ada", sandbox)
    assert (changed, verdict.days_late, sandbox.asked) == (False, 1, 2)
    extended = replace(due, extensions={"ada": "2026-12-03T00:00:00+00:00"})
    assert Grader(course, extended).grade("ada", sandbox)[0].days_late == 0
    assert read_verdict(course, "ada", "ps1").days_late == 0


def test_other_points_are_graded_again(course):
    assignment, sandbox = course.load("ps1"), Sandbox()
    Grader(course, assignment).grade("ada", sandbox)
    verdict, changed = Grader(course, replace(assignment, points=assignment.points | {"corr2d": 9.0})).grade(
        "ada", sandbox
    )
    assert (changed, verdict.exercises["corr2d"]["mark"]) == (True, 9)


def test_what_other_cells_spoil_is_examined_without_them(course):
    sandbox = Sandbox(used_other_cells=True)
    verdict, _ = Grader(course, course.load("ps1")).grade("ada", sandbox)
    assert [record["mark"] for record in verdict.exercises.values()] == [4, 4]
    assert sandbox.asked == 4


def test_a_stumble_over_one_submission_costs_nobody_else(course, monkeypatch):
    shutil.copytree(course.submitted / "ada", course.submitted / "bob")
    grader = Grader(course, course.load("ps1"))
    monkeypatch.setattr("cnncourse.classroom.batch.Sandbox", lambda isolated: Idle())
    monkeypatch.setattr(grader, "grade", lambda student, sandbox: {"bob": ("fine", True)}[student])
    seen = []
    grader.grade_all(["ada", "bob"], 1, lambda verdict, changed: seen.append(verdict))
    assert (seen[0].status, seen[0].notes) == (PERSON, ["grading it raised KeyError"])
    assert seen[1:] == ["fine"]


class Idle(Sandbox):
    def stop(self):
        pass

    interrupt = stop


def test_an_assignment_made_anew_keeps_no_cell_of_the_old_one(course):
    def graded():
        assignment = course.load("ps1")
        grader = Grader(course, assignment)
        with books.gradebook(course) as book:
            books.register(book, assignment, grader.release)
            books.record(book, assignment, grader.grade("ada", Sandbox())[0])
        return books.rows(course, assignment, ["ada"])[0]

    assert graded()["total"] == 8
    create(course.folder, "sgd_step,max_pool2d", "--force")
    shutil.copy(course.source("ps1") / "ps1.ipynb", course.submitted / "ada" / "ps1")
    row = graded()
    assert list(row) == ["student", "sgd_step", "max_pool2d", "total", "max", "late", "status"]
    assert (row["total"], row["status"]) == (10, "graded")
    with books.gradebook(course) as book:
        cells = {grade.cell.name for grade in book.find_submission_notebook("ps1", "ps1", "ada").grades}
    assert cells == {"sgd_step-check", "max_pool2d-check"}


def test_each_platform_gets_the_columns_that_it_imports():
    row = {"student": "ada", "corr2d": 4.0, "total": 3.5, "max": 4.0, "late": "yes", "status": "graded"}
    assert books.csv_text([row], "moodle", "ps1") == "Identifier,ps1 (Real),Feedback\nada,3.5,graded\n"
    assert books.csv_text([row], "canvas", "ps1") == (
        "Student,ID,SIS User ID,SIS Login ID,Section,ps1\n    Points Possible,,,,,4\nada,,,ada,,3.5\n"
    )
