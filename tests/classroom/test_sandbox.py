"""The sandbox from outside, started once: limits of time and memory, answers that leave, a sandbox that is lost."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from cnncourse.checking.checker import Checker
from cnncourse.checking.runner.program import OTHER, OWN
from cnncourse.checking.source import PRACTICE_IMPORTS
from cnncourse.classroom import sandbox as sandboxes
from cnncourse.classroom.sandbox import Sandbox, SandboxError
from cnncourse.exercises.registry import find

pytestmark = pytest.mark.sandbox
CHECKER = Checker(find("corr2d"), 3)
RIGHT = CHECKER.exercise.source


@pytest.fixture(scope="module")
def sandbox(bubblewrap):
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GRADER_SECRET", "hidden")
        sandbox = Sandbox()
        sandbox.start()
    yield sandbox
    inside = [psutil.Process(sandbox.process.pid), *psutil.Process(sandbox.process.pid).children(recursive=True)]
    sandbox.stop()
    assert not psutil.wait_procs(inside, timeout=20)[1]  # stopping leaves no process
    sandbox.stop()  # twice is fine


def observe(sandbox, source, *others):
    cells = [(OWN, PRACTICE_IMPORTS + source), *((OTHER, other) for other in others)]
    return sandbox.observe(cells, CHECKER.exercise, CHECKER.cases)


def doing(body):
    return f"def corr2d(image, kernel):\n    {body}"


def is_right(sandbox, source=RIGHT):
    result = observe(sandbox, source)
    return (result.ended_by, result.fault, CHECKER.report(result.observed).passed) == ("", "", True)


def test_a_right_answer_is_observed_case_by_case(sandbox):
    assert is_right(sandbox)


def test_a_call_that_takes_too_long_ends_the_exercise_and_not_the_sandbox(sandbox, monkeypatch):
    monkeypatch.setattr(sandboxes, "CALL_SECONDS", 1)
    result = observe(sandbox, doing("while True: pass"))
    assert result.ended_by == "time"
    assert [observed.exception for observed in result.observed] == ["NoAnswer"] * len(CHECKER.cases)
    monkeypatch.undo()
    assert is_right(sandbox)


def test_all_calls_together_have_a_limit(sandbox, monkeypatch):
    monkeypatch.setattr(sandboxes, "EXERCISE_SECONDS", 3)
    result = observe(sandbox, RIGHT.replace("    height,", "    import time; time.sleep(1)\n    height,"))
    assert result.ended_by == "time"
    assert result.observed[-1].exception == "NoAnswer"


def test_cells_that_take_too_long_end_the_exercise(sandbox, monkeypatch):
    monkeypatch.setattr(sandboxes, "CELLS_SECONDS", 2)
    assert observe(sandbox, "while True: pass").ended_by == "time"


def test_an_answer_that_leaves_ends_the_exercise_and_not_the_sandbox(sandbox):
    process = sandbox.process
    assert observe(sandbox, doing("import os; os._exit(0)")).ended_by == "ended"
    assert is_right(sandbox)
    assert sandbox.process is process


def test_more_memory_than_there_is_raises_in_the_answer(sandbox):
    result = observe(sandbox, doing("return bytearray(80 << 30)"))
    assert {observed.exception for observed in result.observed} == {"MemoryError"}


def test_a_value_too_large_to_send_is_wrong_and_nothing_worse(sandbox):
    result = observe(sandbox, doing("return torch.zeros(4_000_000)"))
    assert result.ended_by == ""
    assert not CHECKER.report(result.observed).passed
    assert is_right(sandbox)


def test_a_cell_that_raises_names_the_exception(sandbox):
    assert observe(sandbox, "1 / 0").fault == "ZeroDivisionError"


def test_statements_of_other_cells_run_only_where_they_are_needed(sandbox):
    assert not observe(sandbox, RIGHT, "import os; os._exit(0)").used_other_cells
    helped = observe(
        sandbox, "def corr2d(image, kernel):\n    return correct(image, kernel)", RIGHT.replace("corr2d", "correct")
    )
    assert helped.used_other_cells
    assert CHECKER.report(helped.observed).passed


def test_nothing_is_kept_from_one_exercise_to_the_next(sandbox):
    observe(sandbox, "open('/tmp/note', 'w').write('seen')\nimport builtins; builtins.seen = 1")
    look = "import os\ndef corr2d(image, kernel):\n    assert not os.path.exists('/tmp/note')\n    seen"
    assert {observed.exception for observed in observe(sandbox, look).observed} == {"NameError"}


def test_the_graders_environment_does_not_reach_an_answer(sandbox):
    look = """
import glob
def corr2d(image, kernel):
    return [name for name in glob.glob("/proc/*/environ") if "GRADER_SECRET" in open(name).read()]"""
    assert [observed.value for observed in observe(sandbox, look).observed] == [[]] * len(CHECKER.cases)


def test_a_sandbox_that_was_killed_starts_again_by_itself(sandbox):
    before = sandbox.process
    os.killpg(before.pid, signal.SIGKILL)
    before.wait(20)
    assert is_right(sandbox)
    assert sandbox.process is not before


def test_an_interrupted_sandbox_does_not_start_again():
    sandbox = Sandbox()
    sandbox.interrupt()
    with pytest.raises(SandboxError, match="was ended"):
        sandbox.start()


def test_a_sandbox_that_does_not_start_says_the_last_words_of_its_process(monkeypatch):
    monkeypatch.setattr(sandboxes.isolation, "command", lambda filters: ["/bin/sh", "-c", "echo no room >&2; exit 1"])
    sandbox = Sandbox()
    with pytest.raises(SandboxError, match="the sandbox does not start: no room"):
        sandbox.start()
    assert sandbox.process is None


def test_trusted_submissions_run_in_a_folder_of_their_own_that_is_removed():
    with Sandbox(isolated=False) as sandbox:
        folder = Path(sandbox.folder.name)
        assert is_right(sandbox)
        assert observe(sandbox, doing("import os; os._exit(0)")).ended_by == "ended"
        assert is_right(sandbox)
        assert folder.exists()
    assert not folder.exists()
