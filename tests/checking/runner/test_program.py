"""Which of a submission's statements run for an exercise."""

import pytest

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


def test_a_future_import_holds_for_the_statements_after_it():
    source = "from __future__ import annotations\ndef f(x: Missing = 1) -> Missing:\n    return x\n"
    assert answer_of(("own", source)) == (1, "")
