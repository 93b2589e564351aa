"""What the box at the head of a chapter says about it."""

import pickle

import pytest

EXTENSIONS = ["myst_parser", "extensions.objectives"]
BOX = """# Pooling

How much can you throw away?

:::{admonition} In this chapter
:class: cnn-objectives
- Pool.

LINE
:::
"""


@pytest.fixture
def read(small_book, tmp_path):
    def read(line):
        small_book(EXTENSIONS, BOX.replace("LINE", line), myst_enable_extensions=["colon_fence"])
        with (tmp_path / "build" / "trees" / "environment.pickle").open("rb") as file:
            metadata = pickle.load(file).metadata["index"]
        return metadata.get("chapter"), (tmp_path / "warnings").read_text()

    return read


def test_the_box_gives_minutes_level_and_what_comes_before_and_the_page_its_question(read):
    chapter, warnings = read("**Time** about 30 minutes · **Level** building · **Before** some Python")
    assert warnings == ""
    assert chapter == {
        "question": "How much can you throw away?",
        "minutes": 30,
        "level": "building",
        "before": "some Python",
        "after": [],
    }


def test_a_box_without_these_facts_is_a_warning(read):
    chapter, warnings = read("**Time** half an hour")
    assert chapter is None
    assert "the box does not end with" in warnings
