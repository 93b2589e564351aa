"""What is graded again and what is kept, several sandboxes, faults and interruption; no sandbox is started."""

import shutil
import threading
from dataclasses import replace

import pytest

from cnncourse.classroom.batch import Grader
from cnncourse.classroom.sandbox import SandboxError
from cnncourse.classroom.verdict import GRADED, MISSING, PERSON, read_verdict


@pytest.fixture
def sandboxes(monkeypatch, fake_sandbox):
    """Let `grade_all` make fake sandboxes; the list of those that it made."""
    made = []

    def make(isolated):
        made.append(fake_sandbox(isolated))
        return made[-1]

    monkeypatch.setattr("cnncourse.classroom.batch.Sandbox", make)
    return made


def with_students(course, *names):
    for name in names:
        shutil.copytree(course.submitted / "ada", course.submitted / name)
    return Grader(course, course.load("ps1"))


def grade_all(grader, students, jobs=2):
    verdicts = {}

    def done(verdict, changed):
        verdicts[verdict.student] = verdict, changed

    grader.grade_all(students, jobs, done)
    return verdicts


def test_a_new_due_time_changes_lateness_and_nothing_is_run_again(course, fake_sandbox):
    assignment, sandbox = course.load("ps1"), fake_sandbox()
    verdict, changed = Grader(course, assignment).grade("ada", sandbox)
    assert (changed, verdict.days_late, sandbox.asked) == (True, 0, 2)
    due = replace(assignment, due="2026-12-01T12:00:00+00:00", roster=["ada", "bob"])
    verdict, changed = Grader(course, due).grade("ada", sandbox)
    assert (changed, verdict.days_late, sandbox.asked) == (False, 1, 2)
    extended = replace(due, extensions={"ada": "2026-12-03T00:00:00+00:00"})
    assert Grader(course, extended).grade("ada", sandbox)[0].days_late == 0
    assert read_verdict(course, "ada", "ps1").days_late == 0


def test_other_points_are_graded_again(course, fake_sandbox):
    assignment, sandbox = course.load("ps1"), fake_sandbox()
    Grader(course, assignment).grade("ada", sandbox)
    changed_points = replace(assignment, points=assignment.points | {"corr2d": 9.0})
    verdict, changed = Grader(course, changed_points).grade("ada", sandbox)
    assert (changed, verdict.exercises["corr2d"]["mark"]) == (True, 9)


def test_a_changed_submission_is_graded_again(course, fake_sandbox):
    grader, sandbox = Grader(course, course.load("ps1")), fake_sandbox()
    grader.grade("ada", sandbox)
    with open(course.submitted / "ada" / "ps1" / "ps1.ipynb", "a") as notebook:
        notebook.write("\n")
    assert grader.grade("ada", sandbox)[1]
    assert not grader.grade("ada", sandbox)[1]


def test_what_needs_a_person_is_tried_again(course, fake_sandbox):
    stamp = course.submitted / "ada" / "ps1" / "timestamp.txt"
    stamp.write_text("yesterday")
    grader = Grader(course, course.load("ps1"))
    verdict, _ = grader.grade("ada", fake_sandbox())
    assert verdict.status == PERSON
    assert "timestamp.txt cannot be read" in verdict.notes[0]
    stamp.write_text("2026-12-02 08:00:00 UTC")
    verdict, changed = grader.grade("ada", fake_sandbox())
    assert (verdict.status, changed) == (GRADED, True)


def test_a_verdict_that_cannot_be_read_is_made_anew(course, fake_sandbox):
    grader = Grader(course, course.load("ps1"))
    grader.grade("ada", fake_sandbox())
    (course.graded("ada", "ps1") / "verdict.json").write_text('{"student": ')
    verdict, changed = grader.grade("ada", fake_sandbox())
    assert (verdict.status, changed) == (GRADED, True)
    assert read_verdict(course, "ada", "ps1") == verdict


def test_who_handed_nothing_in_is_missing_and_costs_no_sandbox(course, sandboxes):
    grader = Grader(course, course.load("ps1"))
    verdict, _ = grade_all(grader, ["nobody"])["nobody"]
    assert (verdict.status, [record["mark"] for record in verdict.exercises.values()]) == (MISSING, [0, 0])
    assert [sandbox.asked for sandbox in sandboxes] == [0]


def test_several_sandboxes_grade_everybody_once(course, sandboxes):
    students = ["ada", *(f"student{number}" for number in range(4))]
    grader = with_students(course, *students[1:])
    verdicts = grade_all(grader, students)
    assert verdicts.keys() == set(students)
    assert all(verdict.status == GRADED and changed for verdict, changed in verdicts.values())
    assert len(sandboxes) == 2
    assert sum(sandbox.asked for sandbox in sandboxes) == 2 * len(students)
    assert all(sandbox.stopped for sandbox in sandboxes)
    assert not any(changed for _, changed in grade_all(grader, students).values())


def test_no_more_sandboxes_are_made_than_there_are_students(course, sandboxes):
    grade_all(Grader(course, course.load("ps1")), ["ada"], jobs=8)
    assert len(sandboxes) == 1


def test_a_fault_over_one_submission_costs_nobody_else(course, sandboxes, monkeypatch):
    grader = with_students(course, "bob")
    fine = grader.grade

    def grade(student, sandbox, last):
        return fine(student, sandbox, last) if student == "bob" else {}[student]

    monkeypatch.setattr(grader, "grade", grade)
    verdicts = grade_all(grader, ["ada", "bob"])
    assert (verdicts["ada"][0].status, verdicts["ada"][0].notes) == (PERSON, ["grading it raised KeyError"])
    assert verdicts["bob"][0].status == GRADED


def test_a_sandbox_that_is_lost_over_one_exercise_costs_a_person_and_not_the_mark_of_others(course, fake_sandbox):
    class Lost(fake_sandbox):
        def submitted(self, cells, exercise, cases):
            if exercise.name == "corr2d":
                raise SandboxError("the sandbox does not start: no memory")
            return super().submitted(cells, exercise, cases)

    verdict, _ = Grader(course, course.load("ps1")).grade("ada", Lost())
    assert verdict.status == PERSON
    assert verdict.notes == ["corr2d: the sandbox does not start: no memory; grade it again"]
    assert [record["mark"] for record in verdict.exercises.values()] == [0, 4]


def test_a_full_disk_ends_the_batch_and_every_sandbox(course, sandboxes, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("cnncourse.classroom.batch.atomic_write", full)
    with pytest.raises(OSError, match="No space left"):
        grade_all(with_students(course, "bob", "eve"), ["ada", "bob", "eve"])
    assert sandboxes
    assert all(sandbox.stopped for sandbox in sandboxes)


def test_an_interruption_ends_running_sandboxes_and_starts_no_further_submission(course, monkeypatch, fake_sandbox):
    made, begun, ended = [], threading.Event(), threading.Event()

    class Endless(fake_sandbox):
        """The first submission is graded; the next runs until it is interrupted."""

        def submitted(self, cells, exercise, cases):
            if self.asked < 2:
                return super().submitted(cells, exercise, cases)
            begun.set()
            assert ended.wait(60)
            raise SandboxError("the sandbox was ended")

        def interrupt(self):
            super().interrupt()
            ended.set()

    monkeypatch.setattr("cnncourse.classroom.batch.Sandbox", lambda isolated: made.append(Endless()) or made[-1])
    students = ["ada", "bob", "eve", "kim"]
    grader = with_students(course, *students[1:])

    def done(verdict, changed):
        assert begun.wait(60)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grader.grade_all(students, 1, done)
    assert [(sandbox.interrupted, sandbox.stopped) for sandbox in made] == [(True, True)]
    graded = [student for student in students if read_verdict(course, student, "ps1")]
    assert graded == ["ada"]
    assert not list(course.folder.rglob("*.part"))


def test_a_sandbox_that_spoils_a_right_answer_grades_nobody(course, fake_sandbox):
    class Incomplete(fake_sandbox):
        def observe(self, cells, exercise, cases):
            return replace(super().observe(cells, exercise, cases), fault="ModuleNotFoundError")

    with pytest.raises(
        SandboxError, match=r"right answer to corr2d \(ModuleNotFoundError\), so that nothing was graded"
    ):
        Grader(course, course.load("ps1")).grade("ada", Incomplete())
    assert read_verdict(course, "ada", "ps1") is None


@pytest.mark.parametrize("why", ["time", "memory", "ended"])
def test_what_ended_early_is_graded_once_more_after_all_others(course, monkeypatch, fake_sandbox, why):
    order = []

    class Busy(fake_sandbox):
        """The first answer of ada ends early while others are graded."""

        def submitted(self, cells, exercise, cases):
            order.append(exercise.name)
            result = super().submitted(cells, exercise, cases)
            return replace(result, ended_by=why) if len(order) == 1 else result

    monkeypatch.setattr("cnncourse.classroom.batch.Sandbox", Busy)
    verdicts = grade_all(with_students(course, "bob"), ["ada", "bob"], jobs=1)
    assert [verdict.status for verdict, _ in verdicts.values()] == [GRADED, GRADED]
    assert list(verdicts) == ["bob", "ada"]
    assert verdicts["ada"][0].exercises["corr2d"]["mark"] == 4


def test_what_was_installed_since_is_graded_again(course, fake_sandbox, monkeypatch):
    assignment = course.load("ps1")
    Grader(course, assignment).grade("ada", fake_sandbox())
    assert not Grader(course, assignment).grade("ada", fake_sandbox())[1]
    monkeypatch.setattr("cnncourse.classroom.batch.environment", lambda: ["another 1.0"])
    assert Grader(course, assignment).grade("ada", fake_sandbox())[1]
