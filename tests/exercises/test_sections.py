"""Links from feedback into the book: every one leads to a section that is there."""

import re
from pathlib import Path

import nbformat
import pytest
import yaml
from docutils.nodes import make_id

from cnncourse.exercises.registry import bank, load_folder
from cnncourse.exercises.sections import HEADINGS, anchor, page, section, site

ROOT = Path(__file__).parents[2]


def headings(chapter):
    notebook = nbformat.read(ROOT / "book" / f"{chapter}.ipynb", as_version=4)
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return [heading for text in texts for heading in re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)]


@pytest.mark.parametrize("name", list(bank()))
def test_the_section_of_an_exercise_is_a_heading_of_its_chapter(name):
    exercise = bank()[name]
    found = headings(page(exercise))
    assert found.count(HEADINGS[name]) == 1, f"{page(exercise)} has {found}; correct cnncourse/exercises/sections.py"
    assert anchor(HEADINGS[name]) == make_id(HEADINGS[name])
    assert section(exercise) == (
        HEADINGS[name],
        f"{site()}book/{page(exercise)}.html#{make_id(HEADINGS[name])}",
    )


def test_the_package_knows_the_address_that_the_book_is_built_for():
    configured = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["html"]["baseurl"]
    assert site() == configured


def test_an_exercise_of_another_bank_has_no_section(tmp_path):
    (tmp_path / "corr2d.md").write_text("Double it.\n")
    (tmp_path / "corr2d.py").write_text(
        "from cnncourse.checking.record import exercise\n\n\n"
        '@exercise(points=1, minutes=1)\ndef corr2d(x):\n    """Double."""\n    return 2 * x\n'
    )
    assert section(load_folder(tmp_path)["corr2d"]) is None
