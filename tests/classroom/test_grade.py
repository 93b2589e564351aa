"""How the marks of one submission come about; no sandbox is started."""

import json

import pytest

from cnncourse.checking.compare import Observation
from cnncourse.classroom.batch import Grader
from cnncourse.classroom.sandbox import SandboxError, SandboxResult
from cnncourse.classroom.verdict import FAILED, GRADED, PERSON


def grade(course, sandbox):
    return Grader(course, course.load("ps1")).grade("ada", sandbox)[0]


def test_what_other_cells_spoil_is_graded_without_them(course, fake_sandbox):
    sandbox = fake_sandbox(used_other_cells=True)
    verdict = grade(course, sandbox)
    assert [record["mark"] for record in verdict.exercises.values()] == [4, 4]
    assert sandbox.asked == 4


def test_an_exercise_that_ended_early_makes_the_status_failed(course, fake_sandbox):
    class Ends(fake_sandbox):
        def submitted(self, cells, exercise, cases):
            if exercise.name == "sgd_step":
                return super().submitted(cells, exercise, cases)
            unanswered = [Observation("raised", exception="NoAnswer", message="time")] * len(cases)
            return SandboxResult(unanswered, "time", "", False)

    verdict = grade(course, Ends())
    assert verdict.status == FAILED
    assert verdict.notes[0].startswith("corr2d: It took too long")
    assert [record["mark"] for record in verdict.exercises.values()] == [0, 4]


def test_a_fault_of_the_comparison_goes_to_a_person(course, fake_sandbox):
    class Odd(fake_sandbox):
        def submitted(self, cells, exercise, cases):
            raise RuntimeError("odd")

    verdict = grade(course, Odd())
    assert verdict.status == PERSON
    assert verdict.notes == [f"{name}: comparing it raised RuntimeError" for name in ("corr2d", "sgd_step")]


def test_an_interrupted_sandbox_gives_no_verdict(course, fake_sandbox):
    class Interrupted(fake_sandbox):
        def submitted(self, cells, exercise, cases):
            self.interrupted = True
            raise SandboxError("the sandbox was ended")

    with pytest.raises(SandboxError, match="was ended"):
        grade(course, Interrupted())
    assert not course.graded("ada", "ps1").exists()


def test_a_solution_cell_that_is_gone_goes_to_a_person(course, fake_sandbox):
    path = course.submitted / "ada" / "ps1" / "ps1.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] != "corr2d"]
    path.write_text(json.dumps(notebook))

    class Unwritten(fake_sandbox):
        def submitted(self, cells, exercise, cases):
            return SandboxResult([Observation("not implemented")] * len(cases), "", "", False)

    verdict = grade(course, Unwritten())
    assert verdict.status == PERSON
    assert "corr2d: its cell is missing from the notebook" in verdict.notes
    assert grade(course, fake_sandbox()).status == GRADED  # defined in another cell: nothing is missing then
