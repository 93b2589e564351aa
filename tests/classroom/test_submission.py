"""A submission is read as bytes: cells by id, and every surprise named."""

import base64
import json
import os

import pytest

from cnncourse.checking.notebooks import UnreadableError
from cnncourse.checking.runner.program import ADDED, OTHER, OWN
from cnncourse.classroom import submission as submissions
from cnncourse.classroom.course import Assignment
from cnncourse.classroom.release import notebooks
from cnncourse.classroom.submission import flags, read_bytes, read_submission

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


def test_check_cells_and_markdown_never_run(notebook, release):
    cell_of(notebook, "corr2d-check")["source"] = "import os; os._exit(0)"
    notebook["cells"].append({"cell_type": "markdown", "source": "text", "metadata": {}})
    sources = [source for _, source in read(notebook, release).cells_for("corr2d")]
    assert not [source for source in sources if "_exit" in source or "text" in source]


def test_a_cell_is_found_by_jupyters_id_where_nbgraders_is_gone(notebook, release):
    cell = cell_of(notebook, "corr2d")
    cell["metadata"], cell["source"] = {}, "mine"
    assert ("corr2d", "mine") in read(notebook, release).cells


def test_a_missing_cell_is_named(notebook, release):
    notebook["cells"].remove(cell_of(notebook, "corr2d"))
    assert read(notebook, release).missing == {"corr2d"}


def test_of_two_copies_the_written_one_counts(notebook, release):
    cell = cell_of(notebook, "corr2d")
    notebook["cells"].append({**cell, "source": "mine"})
    found = read(notebook, release)
    assert [source for name, source in found.cells if name == "corr2d"] == ["mine"]
    assert found.notes == ["the cell of corr2d is there 2 times; the one that was written counts"]


def test_two_different_answers_to_one_exercise_are_refused(notebook, release):
    cell = cell_of(notebook, "corr2d")
    notebook["cells"] += [{**cell, "source": "one"}, {**cell, "source": "two"}]
    assert read(notebook, release).refused == {"corr2d": "its cell is there 3 times with different content"}


def test_a_solution_in_a_text_cell_is_taken_with_a_note(notebook, release):
    cell_of(notebook, "corr2d").update(cell_type="markdown", source="mine")
    found = read(notebook, release)
    assert ("corr2d", "mine") in found.cells
    assert "not a code cell" in found.notes[0]


@pytest.mark.parametrize("metadata", [None, [], "text", {"nbgrader": 3}, {"nbgrader": {"grade_id": ["corr2d"]}}])
def test_metadata_of_any_kind_is_read(metadata):
    assert isinstance(flags({"metadata": metadata}), dict)


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
    with pytest.raises(UnreadableError, match="bob is a link, not a folder"):
        read_bytes(tmp_path / "bob" / "ps1", "ps1.ipynb")


def test_a_file_that_is_too_large_is_refused(folder, monkeypatch):
    monkeypatch.setattr(submissions, "MAX_BYTES", 3_000_000)
    (folder / "ps1.ipynb").write_bytes(bytes(3_000_001))
    with pytest.raises(UnreadableError, match="larger than 3 MB"):
        read_bytes(folder, "ps1.ipynb")
