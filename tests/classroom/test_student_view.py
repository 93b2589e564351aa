"""A student sees everything of visible cases, and of hidden ones only what helps."""

from dataclasses import replace

import pytest
import torch

from cnncourse.checking.checker import Checker
from cnncourse.checking.compare import Observation
from cnncourse.checking.marking import mark
from cnncourse.checking.runner import Opaque
from cnncourse.classroom.sandbox import SandboxResult
from cnncourse.classroom.student_view import exception_name, student_view
from cnncourse.exercises.registry import find


@pytest.fixture(scope="module")
def checker():
    return Checker(find("corr2d"), 3)


def view(checker, observed, ended_by="", fault=""):
    report = checker.report(observed)
    return student_view(report, SandboxResult(observed, ended_by, fault, False)), mark(report).share


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


@pytest.fixture(scope="module")
def two_mistakes():
    """The report on a conv2d that flips its kernels and swaps its strides."""
    conv2d = find("conv2d")
    checker = Checker(conv2d)
    wrong = conv2d.edited("patch, weight", "patch, weight.flip(2, 3)", "sh, sw = ", "sw, sh = ")
    return checker.report(checker.observe(wrong))


def test_both_of_two_known_mistakes_are_named(two_mistakes):
    first, second = two_mistakes.mistakes
    shown = student_view(two_mistakes, SandboxResult([], "", "", False))
    assert shown["sentence"] == f"{first.sentence} There is a second mistake: {second.sentence}"
    assert shown["misconception"] == first.id


def test_how_many_cases_have_another_cause_is_not_told(two_mistakes):
    unexplained = replace(two_mistakes, results=tuple(replace(one, explained=False) for one in two_mistakes.results))
    assert "another cause" in unexplained.more[-1]
    assert "another cause" not in student_view(unexplained, SandboxResult([], "", "", False))["sentence"]


def test_an_answer_that_knows_the_visible_cases_only_earns_nothing_and_sees_no_hidden_one(checker):
    few = visible(checker)
    hidden = [Observation("raised", exception="ValueError", message="a secret")] * (len(checker.cases) - few)
    shown, share = view(checker, [*checker.expected[:few], *hidden])
    assert share == 0
    assert shown["rules"] == "0 of 4 rules."
    assert shown["sentence"] == "The visible cases are right, but a hidden one raised ValueError."
    assert shown["call"] == []
    assert "secret" not in str(shown)


def test_a_wrong_value_in_a_hidden_case_is_not_shown(checker):
    few = visible(checker)
    shown, _ = view(checker, [*checker.expected[:few], *[Observation("returned", 12345)] * (len(checker.cases) - few)])
    assert shown["sentence"].startswith("The visible cases are right, but a hidden one gave")
    assert "12345" not in str(shown)


SECRET = "what a hidden case asks"


@pytest.mark.parametrize(
    "observed",
    [
        Observation("raised", exception="ValueError", message=SECRET),
        Observation("raised", exception=SECRET),
        Observation("returned", SECRET),
        Observation("returned", [1.0, (SECRET, 2)]),
        Observation("returned", {SECRET: 1}),
        Observation("returned", {"a": SECRET}),
        Observation("returned", Opaque(SECRET)),
    ],
    ids=lambda observed: observed.outcome,
)
def test_no_text_that_an_answer_chose_is_quoted(checker, observed):
    shown, _ = view(checker, [observed] * len(checker.cases))
    assert shown["status"] == "failed"
    assert shown["call"]
    assert SECRET not in str(shown)


def test_numbers_and_the_kind_of_a_visible_exception_are_shown(checker):
    shown, _ = view(checker, [Observation("raised", exception="IndexError", message="x")] * len(checker.cases))
    assert dict(shown["call"])["returned"] == "raised IndexError"
    shown, _ = view(checker, [Observation("returned", torch.full((1, 1), 12345.0))] * len(checker.cases))
    assert "12345" in dict(shown["call"])["returned"]


@pytest.mark.parametrize(("ended_by", "words"), [("time", "It took too long"), ("ended", "It ended the process")])
def test_an_exercise_that_ended_early_says_how(checker, ended_by, words):
    unanswered = [Observation("raised", exception="NoAnswer", message=ended_by)] * len(checker.cases)
    shown, share = view(checker, unanswered, ended_by=ended_by)
    assert shown["sentence"].startswith(words)
    assert (shown["call"], share) == ([], 0)


def test_a_cell_that_could_not_run_names_its_exception(checker):
    shown, _ = view(checker, [Observation("not implemented")] * len(checker.cases), fault="SyntaxError")
    assert shown["sentence"] == "Its cell raised SyntaxError, so that there was nothing to grade."


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("AssertionError", "A line of its cell raised AssertionError; the definitions below that line were run."),
        ("ModuleNotFoundError", "It imports a package that is not there when it is graded."),
        ("FileNotFoundError", "It opens a file that is not there when it is graded."),
        ("EOFError", "It asks for input, and nobody answers when it is graded."),
        ("A message", "A line of its cell raised an exception; the definitions below that line were run."),
    ],
)
def test_a_line_that_did_not_run_is_said_unless_the_answer_is_right(checker, fault, words):
    wrong, _ = view(checker, [Observation("returned", 1)] * len(checker.cases), fault=fault)
    assert wrong["sentence"].endswith(words)
    right, _ = view(checker, checker.expected, fault=fault)
    assert right["sentence"] == ""


@pytest.mark.parametrize(
    ("observed", "fault"),
    [(Observation("raised", exception="NameError", message="x"), ""), (Observation("not implemented"), "NameError")],
)
def test_a_name_that_no_cell_defines_is_explained(checker, observed, fault):
    shown, _ = view(checker, [observed] * len(checker.cases), fault=fault)
    assert shown["sentence"].endswith(
        "No cell that ran defines that name: restart the kernel and run all cells to see it."
    )


def test_what_is_not_python_is_quoted_up_to_three_lines(checker):
    report = checker.report([Observation("returned", 1)] * len(checker.cases))
    shown = student_view(report, SandboxResult([], "", "", False), True, ["!a", "!b", "!c", "!d", "!e"])
    assert shown["sentence"].endswith("Not run, since it is not Python: !a; !b; !c and 2 more.")


def test_a_changed_cell_that_is_still_a_stub_says_so(checker):
    report = checker.report([Observation("not implemented")] * len(checker.cases))
    result = SandboxResult([], "", "", False)
    assert student_view(report, result)["sentence"] == ""
    assert student_view(report, result, written=True)["sentence"] == (
        "Its cell was changed, but a call of it still raises NotImplementedError."
    )


@pytest.mark.parametrize("name", ["the seed is 7", "SeedIs7", "print", "", "__import__", "int"])
def test_a_name_that_is_no_exception_of_python_carries_no_message(name):
    assert exception_name(name) == "an exception"
    assert exception_name("ZeroDivisionError") == "ZeroDivisionError"
