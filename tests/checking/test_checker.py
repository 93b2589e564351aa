"""A checker gives the same verdicts whether it computes what is right or was given it as plain data."""

import json

import pytest

from cnncourse.checking.checker import Checker
from cnncourse.exercises.registry import bank, find

NAMES = ("calculate_output_shape", "corr2d", "max_pool2d", "minibatches", "to_channels_first", "edge_kernel")


def never(*args, **kwargs):
    raise AssertionError("a solution or a known mistake was called")


@pytest.fixture
def without_solutions(monkeypatch):
    """Return `prepared(name)`: the exercise's checker from plain data, in which nothing of the bank can be called."""

    def prepared(name):
        exercise = find(name)
        material = json.loads(json.dumps(Checker(exercise).prepare(), allow_nan=False))
        monkeypatch.setattr(exercise, "fresh", never)
        monkeypatch.setattr(exercise, "visible", ())
        monkeypatch.setattr(exercise, "mistakes", ())
        return Checker(exercise, prepared=material)

    return prepared


@pytest.mark.parametrize("name", NAMES)
def test_a_prepared_checker_reports_what_a_computing_one_reports(name, without_solutions):
    computed = Checker(find(name))
    answers = [find(name).solved, *(way for known in find(name).mistakes for way in known.ways), lambda *_: None]
    expected = [str(computed.report(computed.observe(answer))) for answer in answers]
    checker = without_solutions(name)
    checker.solved = never
    assert [str(checker.report(checker.observe(answer))) for answer in answers] == expected


@pytest.mark.parametrize("name", bank())
def test_what_is_prepared_is_plain_data(name):
    material = Checker(find(name)).prepare()
    assert json.loads(json.dumps(material, allow_nan=False)) == material
    assert {each["id"] for each in material["mistakes"]} == {known.id for known in find(name).mistakes}
