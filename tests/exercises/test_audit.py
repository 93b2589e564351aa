"""The audit finds nothing in the bank, and names what is missing from a record."""

import dataclasses

import pytest

from cnncourse.checking.record import Mistake
from cnncourse.checking.text import Text
from cnncourse.exercises.audit import audit
from cnncourse.exercises.registry import find


@pytest.fixture
def changed():
    """Return `changed(**fields)`: the exercise corr2d with some fields replaced."""

    def replace(**fields):
        return dataclasses.replace(find("corr2d"), **fields)

    return replace


def test_a_sound_record_has_no_faults(changed):
    assert audit(changed()) == []


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
    assert fault in audit(changed(**fields))


def test_a_mistake_that_passes_is_named(changed):
    right = Mistake("right", "It is right.", [find("corr2d").solved])
    assert "corr2d, seed 0: the mistake right passes" in audit(changed(mistakes=[*find("corr2d").mistakes, right]))


def test_two_mistakes_of_one_behaviour_are_named(changed):
    first = find("corr2d").mistakes[0]
    copy = Mistake("copy", "It is a copy.", first.ways)
    faults = audit(changed(mistakes=[first, copy]))
    assert f"corr2d, seed 0: the mistakes {first.id} and copy give the same results on every case" in faults
