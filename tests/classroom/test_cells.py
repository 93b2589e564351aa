"""Which cell of the release a submitted cell is, and what is in it."""

import pytest

from cnncourse.classroom.cells import binds, flags, has_code, names_of, plain


@pytest.mark.parametrize("metadata", [None, [], "text", {"nbgrader": 3}, {"nbgrader": {"grade_id": ["corr2d"]}}])
def test_metadata_of_any_kind_is_read(metadata):
    assert isinstance(flags({"metadata": metadata}), dict)


@pytest.mark.parametrize(
    ("python", "bound"),
    [
        ("def corr2d(a):", True),
        ("async def corr2d(a):", True),
        ("    class corr2d:", True),
        ("corr2d = Corr()", True),
        ("corr2d: Callable = f", True),
        ("from mine import other, corr2d", True),
        ("def ｃｏｒｒ2d(a):", True),
        ("def corr2d_fast(a):", False),
        ("corr2d == 3", False),
        ("y = corr2d(x)", False),
        ("# def corr2d", False),
        ("x = 1" + " " * 60_000 + "\n" + " " * 60_000 + "corr2d", False),
    ],
)
def test_a_definition_is_seen_line_by_line(python, bound):
    assert binds(python, "corr2d") is bound


def test_what_editors_change_is_no_difference():
    assert plain("\n\nx = 1  \r\nif x:\t\n    y = 2\n\n") == "x = 1\nif x:\n    y = 2"
    assert plain("if x:\n  y = 2") != plain("if x:\n    y = 2")


@pytest.mark.parametrize(("source", "code"), [("", False), ("\n # x = 1\n", False), ("# x\nx = 1", True)])
def test_comments_are_no_code(source, code):
    assert has_code(source) is code


def test_a_cell_is_named_by_nbgraders_id_then_jupyters_then_what_is_in_it():
    flag = {"nbgrader": {"grade_id": "f", "solution": True}}
    known = {
        "f": {"id": "f", "cell_type": "code", "source": "def f(): ...", "metadata": flag},
        "g": {"id": "g", "cell_type": "code", "source": "def g(): ...", "metadata": {"nbgrader": {"solution": True}}},
    }
    cells = [
        {"cell_type": "code", "source": "x = 1", "metadata": flag, "id": "g"},
        {"cell_type": "code", "source": "def g(): ...  ", "metadata": {}, "id": "n1"},
        {"cell_type": "code", "source": "def g():\n    return 1", "metadata": {}, "id": "n2"},
    ]
    assert names_of(cells, known, str) == ["f", "g", None]
    assert names_of(cells[2:], known, str) == ["g"]
    assert names_of([{"cell_type": "code", "source": "", "metadata": {}, "id": "g"}], known, str) == ["g"]
