"""The sandbox from outside, started once: limits of time and memory, answers that leave, a sandbox that is lost."""

import os
import signal
import subprocess
import sys
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


def values(result):
    return [observed.value for observed in result.observed]


def test_each_answer_has_a_network_and_a_session_of_its_own(sandbox):
    look = """
import errno, os, socket
def corr2d(image, kernel):
    with socket.socket() as client:
        there_is_none = client.connect_ex(("127.0.0.1", 9)) == errno.ENETUNREACH
    return [there_is_none, os.getsid(0) == os.getpid() == os.getpgid(0)]"""
    assert values(observe(sandbox, look)) == [[True, True]] * len(CHECKER.cases)


def test_nothing_listens_that_another_answer_left(sandbox):
    source = """
import os, socket, time
held = socket.socket(socket.AF_UNIX)
try:
    held.connect("\\0left-by-another")
    found = True
except OSError:
    found = False
    held.bind("\\0left-by-another")
    held.listen()
    if not os.fork():
        os.setsid()
        time.sleep(60)
def corr2d(image, kernel):
    return found"""
    assert not any(values(observe(sandbox, source)) + values(observe(sandbox, source)))


def test_sleep_counts_as_time_and_a_wait_for_processors_does_not(sandbox, monkeypatch):
    monkeypatch.setattr(sandboxes, "CALL_SECONDS", 2)
    assert observe(sandbox, doing("import time; time.sleep(60)")).ended_by == "time"
    monkeypatch.setattr(sandboxes, "PATIENCE", 2)
    assert observe(sandbox, doing("while True: pass")).ended_by == "time"


def test_too_much_memory_ends_the_exercise_and_says_so(sandbox):
    grow = """
import os, time
def corr2d(image, kernel):
    for _ in range(40):
        if not os.fork():
            held = bytearray(b"x") * 200_000_000
            time.sleep(99)
    time.sleep(99)"""
    result = observe(sandbox, grow)
    assert result.ended_by == "memory"
    assert is_right(sandbox)


def test_python_is_there_where_it_lies_below_a_folder_to_write_to(tmp_path_factory, monkeypatch, bubblewrap):
    place = tmp_path_factory.mktemp("environment")
    place.chmod(0o755)
    (place / "installed.py").write_text("here = True")
    shown = sandboxes.isolation._shown() | {str(place): str(place)}
    monkeypatch.setattr(sandboxes.isolation, "_shown", lambda: shown)
    assert sandboxes.isolation.kept() == ([str(place)] if place.is_relative_to("/tmp") else [])
    look = f"""
import os, sys
sys.path.append({str(place)!r})
def corr2d(image, kernel):
    import installed
    open("/tmp/mine", "w").close()
    try:
        open(os.path.join({str(place)!r}, "planted"), "w").close()
    except OSError:
        return installed.here"""
    with Sandbox() as sandbox:
        assert values(observe(sandbox, look)) == [True] * len(CHECKER.cases)
        assert is_right(sandbox)


@pytest.mark.slow
def test_four_times_as_many_processes_as_processors_cost_a_right_answer_nothing(sandbox, monkeypatch):
    monkeypatch.setattr(sandboxes, "CALL_SECONDS", 2)
    spend = (
        "    import time\n    end = time.process_time() + 0.8\n    while time.process_time() < end: pass\n    height,"
    )
    cells = [(OWN, PRACTICE_IMPORTS + RIGHT.replace("    height,", spend))]
    load = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4 * os.cpu_count())]
    try:
        result = sandbox.observe(cells, CHECKER.exercise, CHECKER.cases[:4])
    finally:
        for process in load:
            process.kill()
            process.wait()
    assert (result.ended_by, result.fault) == ("", "")
    assert [observed.outcome for observed in result.observed] == ["returned"] * 4
