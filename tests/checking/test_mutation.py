"""Mutation changes one thing at a time, names it by its statement, and stops a loop without end."""

from cnncourse.checking.mutation import mutants, survives
from cnncourse.exercises.registry import checker_for


def changes(source):
    return {mutant.after for mutant in mutants(source)}


def test_operators_constants_comparisons_and_pairs_are_changed():
    source = "def f(a, b):\n    if a < 1:\n        b += 2\n    return (a, b)\n"
    assert changes(source) >= {"if a <= 1:", "if a < 2:", "b = 2", "b -= 2", "return (b, a)"}


def test_arguments_keywords_and_slices_are_changed():
    source = "def f(a, b):\n    return g(a, b, flag=True)[1:]\n"
    expected = ("g(b, a, flag=True)[1:]", "g(a, b)[1:]", "g(a, b, flag=False)[1:]", "g(a, b, flag=True)[:]")
    assert changes(source) >= {f"return {call}" for call in expected}


def test_a_change_is_named_by_its_statement_and_not_by_its_line():
    source = "def f(a):\n    return a < 1\n"
    moved = "def f(a):\n    b = a\n    return a < 1\n"
    assert changes(source) < changes(moved)


def test_docstrings_are_left_alone():
    assert changes('def f(a):\n    "Twice 2."\n    return a\n') == set()


def test_a_solution_survives_and_a_loop_without_end_does_not(monkeypatch):
    checker = checker_for("same_padding")
    monkeypatch.setattr("cnncourse.checking.mutation.SECONDS", 0.5)
    assert survives(checker, checker.exercise.source)
    assert not survives(checker, "def same_padding(input_size, kernel_size, stride):\n    while True:\n        pass\n")
