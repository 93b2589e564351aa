"""A submission is read as bytes: cells by id, and every surprise named."""

import base64
import json
import os

import pytest

from cnncourse.checking.notebooks import UnreadableError
from cnncourse.checking.runner.program import ADDED, OTHER, OWN, Program
from cnncourse.classroom import submission as submissions
from cnncourse.classroom.cells import flags
from cnncourse.classroom.course import Assignment
from cnncourse.classroom.release import notebooks
from cnncourse.classroom.submission import read_bytes, read_submission

PICTURE = base64.b64encode(submissions.PNG + b"rest").decode()


@pytest.fixture(scope="module")
def release():
    return notebooks(Assignment("ps1", {"corr2d": 4.0, "sgd_step": 4.0}, seed=3))[1]


@pytest.fixture
def notebook(release):
    """The release as a dict, to change."""
    return json.loads(json.dumps(release))


def cell_of(notebook, name):
    return next(cell for cell in notebook["cells"] if flags(cell).get("grade_id") == name)


def read(notebook, release):
    return read_submission(json.dumps(notebook).encode(), release)


def test_cells_get_their_role_for_an_exercise(notebook, release):
    cell_of(notebook, "corr2d")["source"] = "a = 1"
    cell_of(notebook, "sgd_step")["source"] = "b = 2"
    notebook["cells"].append(
        {"cell_type": "code", "source": "%matplotlib inline\nc = 3", "metadata": {}, "outputs": []}
    )
    roles = {source.strip(): role for role, source in read(notebook, release).cells_for("corr2d")}
    assert (roles["a = 1"], roles["b = 2"]) == (OWN, OTHER)
    assert next(role for source, role in roles.items() if "c = 3" in source) == ADDED
    assert not [source for source in roles if "%matplotlib" in source]


def roles(submission, exercise):
    """What runs for an exercise beside the release's imports: list of (role, source)."""
    return [(role, source.strip()) for role, source in submission.cells_for(exercise)][len(submission.first) :]


def test_what_was_handed_out_and_markdown_never_run(notebook, release):
    cell_of(notebook, "corr2d-check")["source"] += "  \r\n"
    notebook["cells"].append({"cell_type": "markdown", "source": "text", "metadata": {}})
    stubs = [cell_of(release, name)["source"] for name in ("corr2d", "sgd_step")]
    assert roles(read(notebook, release), "corr2d") == [(OWN, stubs[0]), (OTHER, stubs[1])]


def test_of_a_check_cell_that_was_written_into_only_what_is_needed_runs(notebook, release):
    cell_of(notebook, "corr2d")["source"] = "def corr2d(image, kernel):\n    return helper()"
    cell_of(notebook, "corr2d-check")["source"] = "def helper():\n    return 1\nimport os\nos._exit(0)"
    submission = read(notebook, release)
    assert [role for role, _ in roles(submission, "corr2d")] == [OWN, OTHER, OTHER]
    answer, error = Program(submission.cells_for("corr2d")).run("corr2d")
    assert (answer(1, 2), error) == (1, None)


ANSWER = "def corr2d(image, kernel):\n    return 1"


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ("corr2d-check", "the check cell of corr2d"),
        ("sgd_step", "the cell of sgd_step"),
        (None, "a cell of the student's own"),
    ],
)
def test_an_answer_in_another_cell_is_found_and_noted(notebook, release, place, where):
    if place:
        cell_of(notebook, place)["source"] = ANSWER
    else:  # above the stub, which would replace it
        notebook["cells"].insert(0, {"cell_type": "code", "source": ANSWER, "metadata": {}, "outputs": []})
    submission = read(notebook, release)
    assert (OWN, ANSWER) in roles(submission, "corr2d")
    assert f"corr2d was found in {where}" in submission.notes
    answer, _ = Program(submission.cells_for("corr2d")).run("corr2d")
    assert answer(1, 2) == 1


def test_an_answer_that_others_are_merged_into_is_run_for_each(notebook, release):
    merged = f"{ANSWER}\n\ndef sgd_step(parameters, learning_rate):\n    return 2"
    cell_of(notebook, "corr2d")["source"] = merged
    assert (OWN, merged) in roles(read(notebook, release), "sgd_step")
    notebook["cells"].remove(cell_of(notebook, "sgd_step"))
    submission = read(notebook, release)
    assert (OWN, merged) in roles(submission, "sgd_step")
    assert submission.doubts == {}


def test_an_answer_that_was_written_into_its_check_cell_as_well_is_run_in_order(notebook, release):
    cell_of(notebook, "corr2d")["source"] = ANSWER
    cell_of(notebook, "corr2d-check")["source"] = ANSWER.replace("1", "2")
    submission = read(notebook, release)
    answer, _ = Program(submission.cells_for("corr2d")).run("corr2d")
    assert answer(1, 2) == 2
    assert submission.notes == ["corr2d was found in the check cell of corr2d"]


def test_another_answers_cell_cannot_replace_what_is_defined_and_is_named(notebook, release):
    cell_of(notebook, "corr2d")["source"] = ANSWER
    cell_of(notebook, "sgd_step")["source"] = ANSWER.replace("1", "2")
    submission = read(notebook, release)
    answer, _ = Program(submission.cells_for("corr2d")).run("corr2d")
    assert answer(1, 2) == 1
    assert submission.rivals == {"corr2d": "corr2d is also defined in the cell of sgd_step; its own cell counts"}


def test_an_answer_that_is_defined_again_below_is_noted(notebook, release):
    cell_of(notebook, "corr2d")["source"] = ANSWER
    notebook["cells"].append({"cell_type": "code", "source": "corr2d = 3", "metadata": {}, "outputs": []})
    assert read(notebook, release).notes == [
        "corr2d is defined again in a cell below its own; the last definition counts"
    ]


@pytest.mark.parametrize("source", ["def correlate(image, kernel):\n    return 1", "%%writefile mine.py\n" + ANSWER])
def test_a_cell_that_was_written_and_defines_no_answer_is_doubtful(notebook, release, source):
    cell_of(notebook, "corr2d")["source"] = source
    assert read(notebook, release).doubts == {"corr2d": "its cell was written but does not define corr2d"}


@pytest.mark.parametrize("source", ["", "# later\n\n  # perhaps", None])
def test_an_untouched_or_empty_cell_is_no_doubt(notebook, release, source):
    if source is not None:
        cell_of(notebook, "corr2d")["source"] = source
    submission = read(notebook, release)
    assert submission.untouched == {"corr2d", "sgd_step"}
    assert (submission.doubts, submission.refused, submission.notes) == ({}, {}, [])


def test_what_is_not_python_in_an_answer_is_listed(notebook, release):
    cell_of(notebook, "corr2d")["source"] = f"!wget cat.png\n!pip install torch\n{ANSWER}"
    cell_of(notebook, "sgd_step")["source"] = "!ls"
    assert read(notebook, release).left_out("corr2d") == ["!wget cat.png"]


def test_a_cell_is_found_by_jupyters_id_where_nbgraders_is_gone(notebook, release):
    cell = cell_of(notebook, "corr2d")
    cell["metadata"], cell["source"] = {}, "mine"
    assert ("corr2d", "mine") in read(notebook, release).cells


@pytest.mark.parametrize("change", ["colab", "renumbered", "stripped"])
def test_cells_whose_ids_are_lost_are_found_by_what_is_in_them(notebook, release, change):
    cell_of(notebook, "corr2d")["source"] = ANSWER
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] = {"id": cell["id"]} if change == "colab" else {}
        if change == "renumbered":
            cell["id"] = f"n{number}"
        else:
            del cell["id"]
    submission = read(notebook, release)
    assert roles(submission, "corr2d") == [(OWN, ANSWER), (OTHER, cell_of(release, "sgd_step")["source"])]
    assert (submission.notes, submission.doubts, submission.untouched) == ([], {}, {"sgd_step"})


def test_of_several_definitions_without_ids_the_last_one_is_the_answer(notebook, release):
    notebook["cells"] = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
        for source in (ANSWER.replace("1", "0"), "x = 1", ANSWER)
    ]
    assert [role for role, _ in roles(read(notebook, release), "corr2d")] == [ADDED, ADDED, OWN]


def test_a_missing_cell_is_doubtful(notebook, release):
    notebook["cells"].remove(cell_of(notebook, "corr2d"))
    assert read(notebook, release).doubts == {"corr2d": "its cell is missing from the notebook"}


def test_of_two_copies_the_written_one_counts(notebook, release):
    cell = cell_of(notebook, "corr2d")
    notebook["cells"].append({**cell, "source": ANSWER})
    found = read(notebook, release)
    assert [source for name, source in found.cells if name == "corr2d"] == [ANSWER]
    assert found.notes == ["the cell of corr2d is there 2 times; the one that was written counts"]


@pytest.mark.parametrize("twin", ["", "\n# nothing\n", ANSWER.replace("\n", "\r\n") + "  \n\n"])
def test_an_empty_twin_or_one_that_differs_in_line_ends_is_no_duplicate(notebook, release, twin):
    cell_of(notebook, "corr2d")["source"] = ANSWER
    notebook["cells"].append({**cell_of(notebook, "corr2d"), "source": twin})
    found = read(notebook, release)
    assert [source for name, source in found.cells if name == "corr2d"] == [ANSWER]
    assert (found.notes, found.refused) == ([], {})


def test_two_different_answers_to_one_exercise_are_refused(notebook, release):
    cell = cell_of(notebook, "corr2d")
    notebook["cells"] += [{**cell, "source": ANSWER}, {**cell, "source": ANSWER.replace("1", "2")}]
    assert read(notebook, release).refused == {"corr2d": "its cell is there 3 times with different content"}


def test_a_cell_that_the_editor_split_is_run_in_order(notebook, release):
    cell = cell_of(notebook, "corr2d")
    place = notebook["cells"].index(cell)
    notebook["cells"][place : place + 1] = [{**cell, "source": "import math"}, {**cell, "source": ANSWER}]
    found = read(notebook, release)
    assert roles(found, "corr2d")[:2] == [(OWN, "import math"), (OWN, ANSWER)]
    assert found.notes == ["the cell of corr2d is in 2 parts; they were run in order"]


def test_a_cell_that_is_split_inside_its_definition_goes_to_a_person(notebook, release):
    cell = cell_of(notebook, "corr2d")
    cell["source"] = ANSWER.partition("\n")[0]
    notebook["cells"].append({**cell, "source": "    return 1"})
    assert read(notebook, release).refused == {"corr2d": "its cell is split in the middle of a definition"}


def test_a_solution_in_a_text_cell_is_taken_with_a_note(notebook, release):
    cell_of(notebook, "corr2d").update(cell_type="markdown", source="mine")
    found = read(notebook, release)
    assert ("corr2d", "mine") in found.cells
    assert "not a code cell" in found.notes[0]


@pytest.mark.parametrize(
    ("data", "count"),
    [
        ({"image/png": PICTURE}, 1),
        ({"image/png": [PICTURE[:8], PICTURE[8:]]}, 1),
        ({"image/png": base64.b64encode(b"GIF89a").decode()}, 0),
        ({"image/png": "<script>"}, 0),
        ({"image/png": 7}, 0),
        ({"image/svg+xml": "<svg/>"}, 0),
    ],
)
def test_only_png_pictures_are_figures(notebook, release, data, count):
    cell_of(notebook, "corr2d")["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    assert len(read(notebook, release).figures) == count


def test_figures_are_bounded_in_number(notebook, release):
    output = {"output_type": "display_data", "data": {"image/png": PICTURE}, "metadata": {}}
    cell_of(notebook, "corr2d")["outputs"] = [output] * 40
    assert len(read(notebook, release).figures) == submissions.MAX_FIGURES


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ada" / "ps1").mkdir(parents=True)
    return tmp_path / "ada" / "ps1"


def test_a_file_is_read_and_a_missing_one_is_none(folder):
    assert read_bytes(folder, "ps1.ipynb") is None
    assert read_bytes(folder / "nowhere", "ps1.ipynb") is None
    (folder / "ps1.ipynb").write_bytes(b"{}")
    assert read_bytes(folder, "ps1.ipynb") == b"{}"


def test_links_folders_and_pipes_are_not_read(folder, tmp_path):
    (tmp_path / "secret").write_text("hidden")
    place = folder / "ps1.ipynb"
    place.symlink_to(tmp_path / "secret")
    with pytest.raises(UnreadableError, match="it is a link"):
        read_bytes(folder, "ps1.ipynb")
    place.unlink()
    place.mkdir()
    with pytest.raises(UnreadableError, match="not a regular file"):
        read_bytes(folder, "ps1.ipynb")
    place.rmdir()
    os.mkfifo(place)
    with pytest.raises(UnreadableError, match="not a regular file"):
        read_bytes(folder, "ps1.ipynb")


def test_a_folder_that_is_a_link_is_not_entered(folder, tmp_path):
    (tmp_path / "bob").symlink_to(tmp_path / "ada")
    with pytest.raises(UnreadableError, match="bob cannot be opened: it is a link"):
        read_bytes(tmp_path / "bob" / "ps1", "ps1.ipynb")


def test_a_file_that_is_too_large_is_refused(folder, monkeypatch):
    monkeypatch.setattr(submissions, "MAX_BYTES", 3_000_000)
    (folder / "ps1.ipynb").write_bytes(bytes(3_000_001))
    with pytest.raises(UnreadableError, match="larger than 3 MB"):
        read_bytes(folder, "ps1.ipynb")
