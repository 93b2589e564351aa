"""The page of common mistakes: every misconception once, below a call that exposes it."""

import dataclasses
import re
from collections import Counter

import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup

from cnncourse.checking.compare import Observation
from cnncourse.checking.record import Mistake
from cnncourse.exercises import common_mistakes as page
from cnncourse.exercises.common_mistakes import common_mistakes
from cnncourse.exercises.registry import CHAPTERS, bank


@pytest.fixture(scope="module")
def lists():
    """The list of each chapter that has exercises."""
    return {chapter: common_mistakes(chapter) for chapter in CHAPTERS}


def test_every_misconception_of_a_chapter_is_listed_once(lists):
    for chapter, listed in lists.items():
        sentences = re.findall(r"^  - (.*)  $", listed.plain, re.MULTILINE)
        expected = [each.sentence for one in bank().values() if one.chapter == chapter for each in one.mistakes]
        assert Counter(sentences) == Counter(expected)


def test_an_input_is_written_once_in_an_exercise_with_its_mistakes_below_it(lists):
    for listed in lists.values():
        for exercise in re.split(r"^\*\*", listed.plain, flags=re.MULTILINE)[1:]:
            headings = re.findall(r"^- (.*)$", exercise, re.MULTILINE)
            assert headings
            assert len(headings) == len(set(headings))
    text = lists["convolution"].plain
    pixel = text[text.index("**`corr2d`**") : text.index("**`convolve2d`**")]
    assert pixel.count("- One pixel: `image = [[3.0]], kernel = [[2.0]]`\n  - The last row and column") == 1


def test_each_mistake_says_what_it_gives_and_what_is_right(lists):
    assert "    Got `[5, 5]`, expected `[6, 6]`." in lists["convolution"].plain
    assert "    Got `[0, 8]`, expected a ValueError." in lists["convolution"].plain
    for listed in lists.values():
        for entry in re.findall(r"^  - .*  \n(.*)$", listed.plain, re.MULTILINE):
            assert re.fullmatch(r"    \S.*\.", entry), entry
            got, _, expected = entry.strip().removeprefix("Got ").removesuffix(".").partition(", expected ")
            assert got != expected


def test_code_spans_are_single_lines(lists):
    for listed in lists.values():
        assert all(line.count("`") % 2 == 0 for line in listed.plain.splitlines())
        assert "tensor(" not in listed.plain
        assert "array(" not in listed.plain


def test_floats_have_at_most_four_significant_digits(lists):
    for listed in lists.values():
        for number in re.findall(r"\d+\.\d+", listed.plain):
            assert len(number.removesuffix(".0").replace(".", "").strip("0")) <= 4, number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (torch.tensor([[3.0799999237060547, -0.5899999737739563]]), "[[3.08, -0.59]]"),
        (np.array([1 / 3]), "[0.3333]"),
        (torch.tensor(2.0), "2.0"),
        (torch.ones(3, 4), "[[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]]"),
        (torch.ones(13), "shape (13,)"),
        (np.ones((2, 7)), "shape (2, 7)"),
        (torch.ones(0, 3), "shape (0, 3)"),
        ({"weight": torch.tensor([[1 / 3]]), "bias": None}, "{'weight': [[0.3333]], 'bias': None}"),
        ((torch.ones(20), 0.123456), "(shape (20,), 0.1235)"),
        ((1.0,), "(1.0,)"),
        (123456.0, "1.235e+05"),
        (73728, "73728"),
        (float("-inf"), "-inf"),
        ("vertical", "'vertical'"),
    ],
)
def test_a_value_is_one_line_rounded_and_large_arrays_are_shapes(value, text):
    assert page._brief(value) == text


def test_rounding_errors_of_a_result_are_written_as_0():
    assert page._outcome(Observation("returned", torch.tensor([0.5, 4.7e-6, -0.0]))) == "`[0.5, 0.0, 0.0]`"
    assert page._outcome(Observation("returned", torch.tensor([4.7e-6]))) == "`[4.7e-06]`"


def test_only_facts_that_are_wrong_are_written_and_in_words(lists):
    text = lists["training"].plain
    epoch = text[text.index("**`evaluate`**") : text.index("**`confusion_matrix`**")]
    assert "    Graph recorded: got yes, expected no.\n" in epoch
    assert "    Accuracy: got `0.3333`, expected `0.5`.\n" in epoch
    assert "True" not in epoch
    assert "False" not in epoch


def test_settings_of_a_probe_are_not_inputs(lists):
    for chapter, listed in lists.items():
        names = {name for one in bank().values() if one.chapter == chapter for name in one.parameters}
        flags = set(re.findall(r"(\w+) = (?:True|False|\[True)", listed.plain))
        assert flags <= names


def test_numbers_of_a_sentence_are_rounded_unless_they_would_look_the_same():
    assert (
        page._rounded("At [1, 0] it gives -4.6457, expected -17.0076.") == "At [1, 0] it gives -4.646, expected -17.01."
    )
    close = "It gives 1.00001, expected 1.00002."
    assert page._rounded(close) == close


def test_an_exception_is_named_without_its_message():
    wrong = Observation("raised", exception="IndexError", message="tuple index out of range")
    assert page._outcome(wrong) == "an IndexError"
    assert page._outcome(Observation("raised", exception="TypeError")) == "a TypeError"


def test_each_exercise_is_a_fold_with_its_name_and_count(lists):
    for chapter, listed in lists.items():
        exercises = [one for one in bank().values() if one.chapter == chapter]
        folds = BeautifulSoup(listed.markdown, "html.parser").find_all("details", class_="cnn-mistakes")
        counts = [f"{one.name}: {len(one.mistakes)} mistake{'s' * (len(one.mistakes) != 1)}" for one in exercises]
        assert [each.find("summary").get_text() for each in folds] == counts
        assert "<details" not in listed.plain


def test_a_chapter_without_exercises_is_refused():
    with pytest.raises(ValueError, match=r"`chapter` must be one of convolution, channels, .*, not 'cooking'"):
        common_mistakes("cooking")


def test_a_mistake_that_no_case_exposes_is_named(monkeypatch):
    corr2d = bank()["corr2d"]
    harmless = dataclasses.replace(corr2d, mistakes=[Mistake("harmless", "It is right.", [corr2d.solved])])
    monkeypatch.setattr("cnncourse.exercises.common_mistakes.bank", lambda: {"corr2d": harmless})
    with pytest.raises(ValueError, match="the mistake 'harmless' of corr2d passes every case"):
        common_mistakes("convolution")
