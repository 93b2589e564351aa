"""The page of common mistakes: every misconception once, with a call that exposes it."""

import re

import pytest

from cnncourse.exercises.common_mistakes import common_mistakes
from cnncourse.exercises.registry import bank


def test_every_misconception_of_a_chapter_is_listed_once_with_what_exposes_it():
    text = str(common_mistakes("channels"))
    sentences = re.findall(r"^- (.*)  $", text, re.MULTILINE)
    assert sentences == [
        known.sentence for exercise in bank().values() if exercise.chapter == "channels" for known in exercise.mistakes
    ]
    assert text.count("*Exposed by*") == len(sentences)


def test_small_inputs_are_written_out_and_large_ones_as_their_shape():
    text = str(common_mistakes("channels"))
    assert "`in_channels = 3, out_channels = 16, kernel_size = (3, 3)`" in text
    assert re.search(r"images = shape \(\d", text)


def test_a_chapter_without_exercises_is_refused():
    with pytest.raises(ValueError, match=r"`chapter` must be one of convolution, pooling, .*, not 'cooking'"):
        common_mistakes("cooking")
