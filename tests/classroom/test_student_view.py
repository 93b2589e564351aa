"""A student sees everything of visible cases, and of hidden ones only what helps."""

import pytest

from cnncourse.checking.checker import Checker
from cnncourse.checking.compare import Observation
from cnncourse.classroom.sandbox import SandboxResult
from cnncourse.classroom.student_view import exception_name, hidden_share, student_view
from cnncourse.exercises.registry import find


@pytest.fixture(scope="module")
def checker():
    return Checker(find("corr2d"), 3)


def view(checker, observed, ended_by="", fault=""):
    report = checker.report(observed)
    return student_view(report, SandboxResult(observed, ended_by, fault, False)), hidden_share(report)


def visible(checker):
    return len(checker.exercise.visible)


def test_a_right_answer_needs_no_words(checker):
    shown, share = view(checker, checker.expected)
    assert (shown["status"], shown["sentence"], shown["call"], share) == ("passed", "", [], 1)


def test_a_known_mistake_is_named_with_a_visible_call(checker):
    mistake, observed = next((m, o) for m, o in checker.behaviours if m.id == "flipped-kernel")
    shown, _ = view(checker, observed)
    assert (shown["misconception"], shown["sentence"]) == ("flipped-kernel", mistake.sentence)
    assert [label for label, _ in shown["call"]][:3] == ["called", "returned", "expected"]


def test_an_answer_that_knows_the_visible_cases_only_earns_nothing_and_sees_no_hidden_one(checker):
    few = visible(checker)
    hidden = [Observation("raised", exception="ValueError", message="a secret")] * (len(checker.cases) - few)
    shown, share = view(checker, [*checker.expected[:few], *hidden])
    assert share == 0
    assert shown["sentence"] == "The visible cases are right, but a hidden one raised ValueError."
    assert shown["call"] == []
    assert "secret" not in str(shown)


def test_a_wrong_value_in_a_hidden_case_is_not_shown(checker):
    few = visible(checker)
    shown, _ = view(checker, [*checker.expected[:few], *[Observation("returned", 12345)] * (len(checker.cases) - few)])
    assert shown["sentence"].startswith("The visible cases are right, but a hidden one gave")
    assert "12345" not in str(shown)


@pytest.mark.parametrize(("ended_by", "words"), [("time", "It took too long"), ("ended", "It ended the process")])
def test_an_exercise_that_ended_early_says_how(checker, ended_by, words):
    unanswered = [Observation("raised", exception="NoAnswer", message=ended_by)] * len(checker.cases)
    shown, share = view(checker, unanswered, ended_by=ended_by)
    assert shown["sentence"].startswith(words)
    assert (shown["call"], share) == ([], 0)


def test_a_cell_that_could_not_run_names_its_exception(checker):
    shown, _ = view(checker, [Observation("not implemented")] * len(checker.cases), fault="SyntaxError")
    assert shown["sentence"] == "Its cell raised SyntaxError, so that there was nothing to grade."


@pytest.mark.parametrize("name", ["the seed is 7", "SeedIs7", "print", "", "__import__", "int"])
def test_a_name_that_is_no_exception_of_python_carries_no_message(name):
    assert exception_name(name) == "an exception"
    assert exception_name("ZeroDivisionError") == "ZeroDivisionError"
