"""Which of a submission's statements run for an exercise."""

import io
import time

import pytest

from cnncourse.checking.runner import program
from cnncourse.checking.runner.program import Program, Undefined

ANSWER = "def f():\n    return 1\n"


def answer_of(*cells):
    answer, error = Program(cells).run("f")
    return (answer() if not isinstance(answer, Undefined) else None), type(error).__name__ if error else ""


def test_only_what_is_needed_of_other_answers_runs():
    other = "import math\ndef helper():\n    return math.floor(2.5)\nleft = 1 / 0\nraise SystemExit"
    assert answer_of(("other", other), ("own", "def f():\n    return helper()")) == (2, "")


def test_what_another_answer_needs_in_turn_comes_along():
    cells = [("other", "SIZE = 3\nUNUSED = 1 / 0"), ("other", "def helper():\n    return SIZE")]
    assert answer_of(*cells, ("own", "def f():\n    return helper()")) == (3, "")


def test_a_helper_of_ones_own_may_need_another_answer():
    cells = [("other", "def g():\n    return 4"), ("added", "def helper():\n    return g()")]
    assert answer_of(*cells, ("own", "def f():\n    return helper()")) == (4, "")


def test_other_answers_cannot_rebind_what_one_has():
    cells = [("added", "import math"), ("own", "def f():\n    return math.pi > 3"), ("other", "math = f = None")]
    assert answer_of(*cells) == (True, "")


def test_other_answers_cannot_shadow_builtins():
    assert answer_of(("other", "sum = None"), ("own", "def f():\n    return sum([1, 2])")) == (3, "")


def test_a_star_import_in_another_answer_counts():
    assert answer_of(("other", "from math import *"), ("own", "def f():\n    return floor(1.5)")) == (1, "")


def test_a_trial_of_another_answer_is_passed_over():
    cells = [("other", "def g():\n    while True: pass"), ("added", "g()\nx = 5"), ("own", "def f():\n    return x")]
    assert answer_of(*cells) == (5, "")


def test_a_cell_that_raises_keeps_what_it_defined():
    assert answer_of(("own", "def f():\n    return 1\nraise ValueError\nf = None")) == (1, "ValueError")


@pytest.mark.parametrize(
    "above",
    [
        "from google.colab import drive\ndrive.mount('/content/drive')\n",
        "import a_module_that_is_not_there\n",
        "name = input('your name? ')\n",
        "image = open('no such file')\n",
        "result = old_result + 1\n",
        "assert 1 == 2\n",
        "return 3\n",
    ],
)
@pytest.mark.parametrize("role", ["own", "added"])
def test_a_line_that_raises_does_not_lose_the_definitions_below_it(above, role, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    below = "SIZE = 1\nimport math\n" + ANSWER.replace("1", "math.floor(SIZE)")
    assert answer_of((role, above + below), ("own", ""))[0] == 1


def test_after_a_line_that_raises_nothing_is_bound_again_and_nothing_is_called(capsys):
    assert answer_of(("own", f"{ANSWER}1 / 0\nf = None\nprint('called')")) == (1, "ZeroDivisionError")
    assert capsys.readouterr().out == ""


def test_of_two_definitions_in_a_cell_that_raises_the_later_one_counts():
    assert answer_of(("own", f"1 / 0\ndef f():\n    return 0\n{ANSWER}")) == (1, "ZeroDivisionError")


def test_a_name_that_a_later_cell_binds_is_tried_again():
    cells = [("own", "def f(x: Tensor = 1) -> Tensor:\n    return x"), ("other", "from torch import Tensor")]
    assert answer_of(*cells) == (1, "")
    assert answer_of(("added", "def f(x=SIZE):\n    return x"), ("added", "SIZE = 1"), ("own", "")) == (1, "")


def test_a_trial_that_takes_the_answers_name_does_not_replace_it():
    assert answer_of(("own", ANSWER), ("added", "f = f()")) == (1, "")


def test_the_faults_of_own_and_added_cells_are_kept():
    made = Program([("added", "1 / 0"), ("own", f"{ANSWER}open('nothing')"), ("other", "left = 1 / 0")])
    made.run("f")
    assert [(role, type(error).__name__) for role, error in made.faults] == [
        ("added", "ZeroDivisionError"),
        ("own", "FileNotFoundError"),
    ]


def test_when_the_time_for_other_cells_is_over_definitions_still_get_some(monkeypatch):
    granted = []
    monkeypatch.setattr(program, "ADDED_SECONDS", 0)
    monkeypatch.setattr(program.signal, "setitimer", lambda which, seconds: granted.append(seconds))
    assert answer_of(("added", "x = 1\nimport math"), ("own", ANSWER)) == (1, "")
    assert granted == [0.1, 0, 1.0, 0]


def test_an_added_cell_that_takes_too_long_is_cut_short_and_keeps_its_definitions(monkeypatch):
    monkeypatch.setattr(program, "ADDED_SECONDS", 0)
    slow = "import time\nfor epoch in range(60):\n    time.sleep(1)\ndef f():\n    return 1"
    assert answer_of(("added", slow)) == (1, "")


@pytest.mark.parametrize("source", ["def f(:", "x = \0", "(" * 10_000])
def test_a_cell_that_cannot_be_read_defines_nothing(source):
    answer, fault = answer_of(("own", source))
    assert answer is None
    assert fault in ("SyntaxError", "ValueError", "MemoryError", "RecursionError")


@pytest.mark.parametrize(
    "before",
    [
        "get_ipython().run_line_magic('matplotlib', 'inline')\n",
        "import asyncio\nawait asyncio.sleep(0)\n",
        "display(3)\n",
    ],
)
def test_what_jupyter_allows_runs(before):
    assert answer_of(("own", before + ANSWER)) == (1, "")


FUTURE = "from __future__ import annotations\n"
HINTED = "def f(x: Missing = 1) -> Missing:\n    return x\n"


def test_a_cell_is_compiled_with_its_own_future_flags():
    assert answer_of(("own", FUTURE + HINTED)) == (1, "")
    assert answer_of(("own", f'"""Mine."""\n{FUTURE}{HINTED}')) == (1, "")
    assert answer_of(("own", HINTED)) == (None, "NameError")
    assert answer_of(("added", "from __future__ import barry_as_FLUFL"), ("own", f"{ANSWER}assert 1 != 2")) == (1, "")


def test_annotations_stay_on_for_later_cells_as_in_jupyter():
    assert answer_of(("added", FUTURE), ("own", HINTED)) == (1, "")
    assert answer_of(("own", HINTED), ("added", FUTURE))[1] == "NameError"


def test_the_source_of_a_cell_can_be_inspected():
    source = "import inspect\ndef g():\n    return 1\ndef f():\n    return inspect.getsource(g)\n"
    assert answer_of(("added", "x = 1"), ("own", source)) == ("def g():\n    return 1\n", "")


@pytest.mark.parametrize("statement", ["while True: pass", "import time; time.sleep(60)"])
def test_an_added_cell_is_cut_short_whether_it_computes_or_sleeps(monkeypatch, statement):
    monkeypatch.setattr(program, "ADDED_SECONDS", 0.3)
    start = time.monotonic()
    ran = program.Program([("added", f"kept = 1\n{statement}"), ("own", "def twice(x):\n    return 2 * x * kept")])
    answer, error = ran.run("twice")
    assert (answer(2), error) == (4, None)
    assert [type(fault) for _, fault in ran.faults] == [TimeoutError]
    assert time.monotonic() - start < 50


def test_waiting_for_a_processor_is_no_time_used(monkeypatch):
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(program.time, "monotonic", lambda: next(clock))
    waited = iter(range(0, 1000, 9))
    monkeypatch.setattr(program, "open_file", lambda path: io.StringIO(f"1 {next(waited) * 10**9} 1"))
    assert [program._time_used() for _ in range(3)] == [0, 1, 2]
