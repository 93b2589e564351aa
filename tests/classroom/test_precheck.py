"""What a student learns before handing in: the reader and the runner of the grader, and no hidden case."""

import json

import nbformat
import pytest

from cnncourse.classroom.cells import flags
from cnncourse.classroom.course import Assignment
from cnncourse.classroom.release import notebooks
from cnncourse.exercises.registry import find

RIGHT = {name: find(name).source for name in ("corr2d", "softmax")}


@pytest.fixture(scope="module")
def release():
    return notebooks(Assignment("ps1", {"corr2d": 4.0, "softmax": 3.0}, seed=3))[1]


@pytest.fixture
def precheck(release, tmp_path, run, capsys):
    """Return `precheck(answers, change)`: the exit code and what is shown."""

    def precheck(answers, change=lambda notebook: None):
        notebook = json.loads(json.dumps(release))
        for cell in notebook["cells"]:
            name = flags(cell).get("grade_id")
            cell["source"] = answers.get(name, cell["source"])
        change(notebook)
        path = tmp_path / "ps1.ipynb"
        path.write_text(json.dumps(notebook))
        return run("precheck", path), capsys.readouterr().out

    return precheck


def test_right_answers_will_be_graded_and_pass_the_visible_cases(precheck):
    code, shown = precheck(RIGHT)
    assert code == 0
    assert "corr2d: will be graded\n  right: one pixel\n" in shown
    assert "softmax: will be graded\n  right: no preference\n" in shown
    assert shown.endswith("Marks come from other cases than these.\n")
    assert "wrong" not in shown


def test_what_is_missing_is_named(precheck):
    code, shown = precheck({"corr2d": RIGHT["corr2d"].replace("return output", "return output + 1")})
    assert code == 1
    assert "corr2d: will be graded\n  wrong: one pixel\n" in shown
    assert "softmax: nothing to grade\n  not written yet\n" in shown


def test_what_cannot_run_is_named(precheck):
    above = "import a_package_of_mine\nopen('cat.pt')\n!wget cat.pt\ndevice = 'cuda'\n"
    code, shown = precheck({"corr2d": above + RIGHT["corr2d"], "softmax": "def softmax(logits:"})
    assert code == 1
    assert "ModuleNotFoundError: No module named 'a_package_of_mine' (in its cell)" in shown
    assert "a_package_of_mine is imported, and may be missing where it is graded" in shown
    assert "not run, since it is not Python: !wget cat.pt" in shown
    assert "a GPU is asked for; it is graded on the processor" in shown
    assert "corr2d: will be graded" in shown
    assert "softmax: nothing to grade\n  no cell defines softmax\n  a line that cannot run: SyntaxError" in shown


def test_the_course_is_not_there_as_when_it_is_graded(precheck):
    solved = "from cnncourse.exercises import check, solved\nsoftmax = solved('softmax')"
    code, shown = precheck({"corr2d": "import cnncourse.convolution\n" + RIGHT["corr2d"], "softmax": solved})
    assert code == 1
    assert "No module named 'cnncourse.convolution'" in shown
    assert "softmax: nothing to grade" in shown


def test_an_answer_that_ends_its_process_is_named(precheck):
    code, shown = precheck({**RIGHT, "softmax": "import os\nos._exit(0)"})
    assert code == 1
    assert "corr2d: will be graded" in shown
    assert "softmax: nothing to grade\n  its cells end the process that runs them\n" in shown


def test_a_notebook_without_ids_is_prechecked(precheck):
    def strip(notebook):
        for cell in notebook["cells"]:
            cell["metadata"] = {}
            del cell["id"]

    assert precheck(RIGHT, strip)[0] == 0


def test_an_answer_in_another_cell_is_said(precheck):
    code, shown = precheck({"corr2d": "\n\n".join(RIGHT.values())})
    assert code == 0
    assert "softmax: will be graded\n  softmax was found in the cell of corr2d\n" in shown


@pytest.mark.parametrize(("content", "why"), [("{", "it is not a notebook"), ('{"cells": []}', "has no exercises")])
def test_a_file_that_is_no_assignment_is_one_sentence(tmp_path, run, capsys, content, why):
    (tmp_path / "ps1.ipynb").write_text(content)
    assert run("precheck", tmp_path / "ps1.ipynb") == 2
    error = capsys.readouterr().err
    assert why in error
    assert error.count("\n") == 1


def test_the_released_notebook_names_the_precheck(release):
    assert "`cnncourse precheck ps1.ipynb`" in release.cells[0].source
    nbformat.validate(release)
