"""Records: a file of decorated functions and a Markdown file make an exercise."""

import importlib.util
import sys

import pytest

from cnncourse.checking import case
from cnncourse.checking.record import exercises_in

PYTHON = '''\
from cnncourse.checking import case, exercise


@exercise(points=2, minutes=3, after="corr2d conv2d", refuses="convolution")
def twice(x):
    """Return twice x.

    Parameters
    ----------
    x : float
    """
    return 2 * x


twice.add_visible(case("a small number", varies="basic", x=1.0))


@twice.random_cases
def drawn(generator):
    yield case("a negative number", varies="negative", x=-3.0)


@twice.mistake("It is squared: double it instead.")
def squared_number(x):
    return x * x


twice.mistake("It is halved: double it instead.", "halved")(lambda x: x / 2)
twice.same_mistake("halved")(lambda x: x * 0.5)


@twice.variant("Return three times x.")
def three_times(x):
    """Return three times x."""
    return 3 * x
'''


@pytest.fixture
def twice(tmp_path):
    (tmp_path / "twice.py").write_text(PYTHON)
    (tmp_path / "twice.md").write_text("Double it.\n\n## Hints\n1. Add.\n")
    spec = importlib.util.spec_from_file_location("twice", tmp_path / "twice.py")
    module = sys.modules["twice"] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        (record,) = exercises_in(module)
        yield record
    finally:
        del sys.modules["twice"]


def test_the_decorator_reads_text_and_settings(twice, tmp_path):
    assert (twice.name, twice.prompt, twice.hints) == ("twice", "Double it.", ("Add.",))
    assert (twice.points, twice.minutes) == (2, 3)
    assert (twice.prerequisites, twice.refuses) == (("corr2d", "conv2d"), ("convolution",))
    assert twice.chapter == tmp_path.name
    assert twice(4) == 8


def test_mistakes_are_named_after_their_functions(twice):
    assert [(known.id, len(known.ways)) for known in twice.mistakes] == [("squared-number", 1), ("halved", 2)]


def test_a_variant_changes_the_stub_and_its_docstring(twice):
    (variant,) = twice.variants
    assert variant.id == "three-times"
    assert twice.stub(variant) == twice.stub().replace("twice x", "three times x")
    assert twice.stub(variant).startswith("def twice(x):")


def test_cases_carry_what_they_vary(twice):
    assert [each.varies for each in twice.cases(0)] == [("basic",), ("negative",)]


def test_a_tag_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="`varies` must name tags, not 'colour'; the tags are basic, axis"):
        case("a case", varies="colour")


def test_an_edited_solution_is_a_wrong_answer(twice):
    assert twice.edited("2 * x", "3 * x")(4) == 12
    assert twice.edited("2 * x", "2 + x", "+ x", "+ x + 1")(4) == 7
    assert twice(4) == 8


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        (("5 * x", "3 * x"), r"`edits` must replace text from the source of twice, not '5 \* x'"),
        (("2 * x",), "`edits` must come in pairs of an old and a new text, not 1 texts"),
    ],
)
def test_an_edit_that_changes_nothing_is_refused(twice, edits, message):
    with pytest.raises(ValueError, match=message):
        twice.edited(*edits)
