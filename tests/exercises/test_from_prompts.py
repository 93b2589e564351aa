"""Answers that were written from the prompts alone, without a look at the bank: verdicts and names are right."""

from functools import cache
from pathlib import Path

import pytest

from cnncourse.exercises.answers import RIGHT, judge, load_answers

ANSWERS = load_answers(Path(__file__).parent / "answers" / "from_prompts")
NAMES = sorted({each.exercise for each in ANSWERS})
LEAST_NAMED, MOST_FALSE = 0.6, 0.01  # shares of the wrong answers


@cache
def judged(name):
    return judge([each for each in ANSWERS if each.exercise == name])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_right_answer_is_refused_and_no_wrong_one_accepted(name):
    assert not {each.answer.name for each in judged(name) if each.kind in ("refused", "wrongly accepted")}


@pytest.mark.slow
def test_most_wrong_answers_are_named_and_hardly_any_falsely():
    wrong = [each for name in NAMES for each in judged(name) if each.answer.truth != RIGHT]
    shares = {kind: sum(each.kind == kind for each in wrong) / len(wrong) for kind in ("named", "falsely named")}
    assert len(wrong) >= 300
    assert shares["named"] >= LEAST_NAMED
    assert shares["falsely named"] <= MOST_FALSE


def test_every_wrong_answer_says_which_names_it_may_get():
    assert len(ANSWERS) >= 300
    assert not [each.name for each in ANSWERS if each.truth != RIGHT and each.ids is None]
