"""The graded notebook: the release with the student's cells and marks in their places."""

import nbformat
import pytest

from cnncourse.classroom.course import Assignment
from cnncourse.classroom.grade import empty_record
from cnncourse.classroom.graded_notebook import graded_notebook
from cnncourse.classroom.release import notebooks
from cnncourse.classroom.submission import Submission, answers_in
from cnncourse.classroom.verdict import GRADED, Verdict

ASSIGNMENT = Assignment("ps1", {"corr2d": 4.0, "sgd_step": 4.0}, seed=3)
VERDICT = Verdict(
    "ada",
    GRADED,
    exercises={
        "corr2d": empty_record(4.0, "failed") | {"mark": 1.5, "sentence": "The kernel is flipped."},
        "sgd_step": empty_record(4.0, "passed") | {"mark": 4.0},
    },
)


@pytest.fixture(scope="module")
def release():
    return notebooks(ASSIGNMENT)[1]


def test_own_cells_stay_where_the_student_put_them(release):
    cells = [(None, "first"), ("corr2d", "mine"), (None, "after corr2d"), ("sgd_step", "also mine"), (None, "last")]
    notebook = graded_notebook(release, Submission(cells=cells), VERDICT)
    nbformat.validate(notebook)
    assert answers_in(notebook) == {"corr2d": "mine", "sgd_step": "also mine"}
    code = [cell.source for cell in notebook.cells]
    assert code[0] == "first"
    assert code[code.index("mine") + 1] == "after corr2d"
    assert code[code.index("also mine") + 1] == "last"


def test_an_answer_found_in_other_cells_is_shown_in_its_place(release):
    answer = "def corr2d(image, kernel):\n    return 1"
    cells = [(None, answer), ("corr2d", "stub"), ("corr2d-check", "print(3)"), ("sgd_step", "one"), ("sgd_step", "two")]
    notebook = graded_notebook(release, Submission(cells=cells, untouched={"corr2d"}), VERDICT)
    assert answers_in(notebook) == {"corr2d": answer, "sgd_step": "one\n\ntwo"}
    shown = [cell.source for cell in notebook.cells]
    assert "stub" not in shown
    assert shown[shown.index(answer, 1) + 1] == "print(3)"


def test_the_check_cells_show_marks_and_sentences(release):
    notebook = graded_notebook(release, Submission(cells=[("corr2d", "mine")]), VERDICT)
    shown = ["".join(output.text for output in cell.outputs) for cell in notebook.cells if cell.get("outputs")]
    assert shown == ["1.5 of 4 points: failed\nThe kernel is flipped.\n", "4 of 4 points: passed\n"]


def test_without_a_readable_submission_it_is_the_release_with_marks(release):
    before = nbformat.writes(release)
    notebook = graded_notebook(release, None, VERDICT)
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in release.cells]
    assert nbformat.writes(release) == before  # a copy was changed
