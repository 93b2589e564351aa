"""The audit finds nothing in the bank, and names what is missing from a record."""

import dataclasses

import pytest
import torch

from cnncourse.checking.record import Mistake, case
from cnncourse.checking.text import Text
from cnncourse.exercises.audit import FEW_HIDDEN, audit, mark_faults
from cnncourse.exercises.registry import bank, find


def faults_of(exercise):
    return audit(exercise, mark_seeds=[1, 2])


@pytest.fixture
def changed():
    """Return `changed(**fields)`: the exercise corr2d with some fields replaced."""

    def replace(**fields):
        return dataclasses.replace(find("corr2d"), **fields)

    return replace


def test_a_sound_record_has_no_faults(changed):
    assert faults_of(changed()) == []


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"visible": []}, "corr2d: it has 0 visible cases; at least 1 needed"),
        ({"mistakes": []}, "corr2d: it has 0 mistakes; at least 2 needed"),
        ({"text": Text("Do it.", ("an aim",), (), ("one",))}, "corr2d: it has 1 hints; at least 2 needed"),
        ({"text": Text("(to be written)", ("a",), (), ("b", "c"))}, "corr2d: it still contains '(to be written)'"),
        ({"prerequisites": ("nothing",)}, "corr2d: the prerequisite nothing is not in the bank"),
    ],
)
def test_a_missing_part_is_named(changed, fields, fault):
    assert fault in faults_of(changed(**fields))


def test_a_mistake_that_passes_is_named(changed):
    right = Mistake("right", "It is right.", [find("corr2d").solved])
    assert "corr2d, seed 0: the mistake right passes" in faults_of(changed(mistakes=[*find("corr2d").mistakes, right]))


def test_two_mistakes_of_one_behaviour_are_named(changed):
    first = find("corr2d").mistakes[0]
    copy = Mistake("copy", "It is a copy.", first.ways)
    faults = faults_of(changed(mistakes=[first, copy]))
    assert f"corr2d, seed 0: the mistakes {first.id} and copy give the same results on every case" in faults


@pytest.mark.parametrize("name", [name for name in bank() if name not in FEW_HIDDEN])
def test_no_known_mistake_earns_more_than_the_rules_that_it_does_not_touch(name):
    assert mark_faults(find(name), [7]) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", list(bank()))
def test_the_marks_of_known_mistakes_are_the_same_with_every_seed(name):
    assert mark_faults(find(name), range(2 if name in FEW_HIDDEN else 20)) == []


def test_a_mark_that_depends_on_the_seed_is_named(changed):
    def seldom_wide(generator):
        wide = int(torch.randint(0, 2, (), generator=generator))
        yield case("sometimes not square", varies="axis", image=torch.ones(4, 4 + wide), kernel=torch.ones(2, 2 + wide))

    faults = mark_faults(changed(visible=[], fresh=seldom_wide), range(8))
    assert any(fault.startswith("the mistake square-kernel breaks other rules with seed") for fault in faults)
    assert "it has 1 hidden cases; at least 6 needed" in faults


def test_a_rule_that_no_hidden_case_isolates_is_named(changed):
    faults = mark_faults(changed(fresh=lambda generator: ()), [0])
    assert "no hidden case varies 'axis' alone" in faults
