"""Right answers pass whatever their style, wrong ones fail: the lists in `tests/exercises/answers`."""

import importlib
from pathlib import Path

import pytest

from cnncourse.exercises.registry import checker_for

NAMES = sorted(path.stem for path in (Path(__file__).parent / "answers").glob("[!_]*.py"))


def answers(name):
    return importlib.import_module(f"tests.exercises.answers.{name}")


def verdict(name, answer, seed=0):
    checker = checker_for(name, seed)
    return checker.report(checker.observe(answer))


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", NAMES)
def test_right_answers_pass_whatever_their_style(name, seed):
    right = answers(name).RIGHT
    assert len(right) >= 5
    for position, answer in enumerate(right):
        report = verdict(name, answer, seed)
        assert report.passed, f"{position}: {report}"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name == "train_detector" else []) for name in NAMES]
)
def test_wrong_answers_fail(name):
    wrong = answers(name).WRONG
    assert len(wrong) >= 15
    passed = [position for position, answer in enumerate(wrong) if verdict(name, answer).status != "failed"]
    assert not passed
