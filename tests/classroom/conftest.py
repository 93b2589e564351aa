"""What the tests share: the command line in this process, a course made once, a sandbox without processes."""

import shutil

import pytest

from cnncourse.checking.compare import Observation
from cnncourse.checking.runner.program import OTHER
from cnncourse.classroom.batch import TRIAL
from cnncourse.classroom.course import Course
from cnncourse.classroom.isolation import why_unavailable
from cnncourse.classroom.sandbox import SandboxResult
from tests import command_line


class FakeSandbox:
    """Every answer is right, or only where no other cells run; calls are counted and nothing is executed."""

    process, interrupted = True, False

    def __init__(self, isolated=True, used_other_cells=False):
        self.asked, self.used_other_cells, self.stopped = 0, used_other_cells, False

    def observe(self, cells, exercise, cases):
        if cells[-1][1].startswith(TRIAL):
            return FakeSandbox().submitted(cells, exercise, cases)
        return self.submitted(cells, exercise, cases)

    def submitted(self, cells, exercise, cases):
        """Observe what a student handed in."""
        self.asked += 1
        spoilt = self.used_other_cells and any(role == OTHER for role, _ in cells)
        right = [Observation.read(exercise.observe(exercise.solved, case)) for case in cases]
        return SandboxResult([Observation("returned")] * len(cases) if spoilt else right, "", "", spoilt)

    def interrupt(self):
        self.interrupted = True

    def stop(self):
        self.stopped = True


@pytest.fixture(scope="session")
def fake_sandbox():
    """Return the class `FakeSandbox`."""
    return FakeSandbox


@pytest.fixture(scope="session")
def run():
    """Return `run(*arguments)`, which runs the command line in this process and returns its exit code."""
    return command_line.run


@pytest.fixture(scope="session")
def course_of_ada(tmp_path_factory, run):
    """The folder of a course in which ada handed in the solutions of corr2d and sgd_step; copy it before a change."""
    folder = tmp_path_factory.mktemp("ada")
    assert run("assignment", "create", "ps1", "--exercises", "corr2d,sgd_step", "--seed", "3", "--course", folder) == 0
    submitted = folder / "submitted" / "ada" / "ps1"
    submitted.mkdir(parents=True)
    shutil.copy(folder / "source" / "ps1" / "ps1.ipynb", submitted)
    (submitted / "timestamp.txt").write_text("2026-12-02 08:00:00 UTC")
    return folder


@pytest.fixture
def course(course_of_ada, tmp_path):
    """A copy of `course_of_ada`."""
    return Course(shutil.copytree(course_of_ada, tmp_path / "course"))


@pytest.fixture(scope="session")
def bubblewrap(require):
    """Skip without a working bubblewrap; fail under CI."""
    why = why_unavailable()
    require(not why, why)
