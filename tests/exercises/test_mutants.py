"""The checks catch small changes of the solutions: a sample here, all of them with ``make mutants``."""

import ast

import pytest

from cnncourse.checking.mutation import measure, mutants, survives
from cnncourse.exercises.equivalents import EQUIVALENT
from cnncourse.exercises.registry import bank, checker_for

SAMPLE = 6  # mutants an exercise
SLOW = {"learn_kernel", "train_detector"}  # each mutant trains: left to `make mutants`


def changes(source):
    return {change for change, _ in mutants(source)}


def test_operators_constants_comparisons_and_pairs_are_changed():
    source = "def f(a, b):\n    if a < 1:\n        b += 2\n    return (a, b)\n"
    assert changes(source) >= {
        "line 2: a < 1 -> a <= 1",
        "line 2: 1 -> 2",
        "line 3: b += 2 -> b = 2",
        "line 3: b += 2 -> b -= 2",
        "line 4: (a, b) -> (b, a)",
    }


def test_arguments_keywords_and_slices_are_changed():
    source = "def f(a, b):\n    return g(a, b, flag=True)[1:]\n"
    assert changes(source) >= {
        "line 2: g(a, b, flag=True) -> g(b, a, flag=True)",
        "line 2: g(a, b, flag=True) -> g(a, b)",
    }
    assert any(change.startswith("line 2: 1: ->") for change in changes(source))


def test_every_mutant_is_python_and_differs_from_the_solution():
    for exercise in bank().values():
        plain = ast.unparse(ast.parse(exercise.source))
        for change, source in mutants(exercise.source):
            ast.parse(source)
            assert source != plain, change


def test_docstrings_are_left_alone():
    assert changes('def f(a):\n    "Twice 2."\n    return a\n') == set()


def test_a_solution_survives_and_a_loop_without_end_does_not(monkeypatch):
    checker = checker_for("same_padding")
    monkeypatch.setattr("cnncourse.checking.mutation.SECONDS", 0.5)
    assert survives(checker, checker.exercise.source)
    assert not survives(checker, "def same_padding(input_size, kernel_size, stride):\n    while True:\n        pass\n")


@pytest.mark.parametrize("name", sorted(bank().keys() - SLOW))
def test_a_sample_of_mutants_is_caught(name):
    tried, survivors = measure(checker_for(name), EQUIVALENT.get(name, {}), limit=SAMPLE)
    assert tried > 0
    assert survivors == []


@pytest.mark.parametrize("name", EQUIVALENT)
def test_equivalent_mutants_exist_and_have_a_reason(name):
    assert EQUIVALENT[name].keys() <= changes(bank()[name].source)
    assert all(reason.endswith(".") for reason in EQUIVALENT[name].values())
