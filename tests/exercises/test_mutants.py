"""The checks catch small changes of the solutions: a sample here, all of them with ``make mutants``."""

import ast

import pytest

from cnncourse.checking.mutation import measure, mutants
from cnncourse.exercises.equivalents import EQUIVALENT
from cnncourse.exercises.registry import bank, checker_for

SAMPLE = 6  # mutants an exercise
SLOW = {"learn_kernel", "train_detector"}  # each mutant trains: left to `make mutants`


def test_every_mutant_is_python_and_differs_from_the_solution():
    for exercise in bank().values():
        plain = ast.unparse(ast.parse(exercise.source))
        for mutant in mutants(exercise.source):
            ast.parse(mutant.source)
            assert mutant.source != plain, mutant.after


@pytest.mark.parametrize("name", sorted(bank().keys() - SLOW))
def test_a_sample_of_mutants_is_caught(name):
    tried, survivors = measure(checker_for(name), EQUIVALENT.get(name, {}), limit=SAMPLE)
    assert tried > 0
    assert survivors == []


@pytest.mark.parametrize("name", EQUIVALENT)
def test_equivalent_mutants_exist_and_have_a_reason(name):
    assert EQUIVALENT[name].keys() <= {mutant.after for mutant in mutants(bank()[name].source)}
    assert all(reason.endswith(".") for reason in EQUIVALENT[name].values())
