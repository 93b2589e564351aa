"""What is handed out: complete, self-contained, and nothing hidden in it."""

import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import nbformat
import pytest

from cnncourse.classroom.course import Assignment, Course, CourseError, load_bank
from cnncourse.classroom.release import notebooks
from cnncourse.exercises.audit import audit
from cnncourse.exercises.registry import bank, find


@pytest.fixture(scope="session")
def create(run):
    """Return `create(folder, *options, exercises)`, which makes the assignment ps1 and returns the exit code."""
    everything = ",".join(bank())

    def create(folder, *options, exercises=everything):
        return run("assignment", "create", "ps1", "--exercises", exercises, "--course", folder, *options)

    return create


@pytest.fixture(scope="module")
def course(tmp_path_factory, create):
    folder = tmp_path_factory.mktemp("course")
    assert create(folder, "--seed", "1234567890123", "--variants") == 0
    return folder


def test_nothing_hidden_is_in_the_release(course):
    assignment = Course(course).load("ps1")
    text = "\n".join(
        f"{cell.source}\n{cell.metadata}"
        for path in (course / "release").rglob("*.ipynb")
        for cell in nbformat.read(path, as_version=4).cells
    )
    assert len(list((course / "release").rglob("*.*"))) == 1
    assert "1234567890123" not in text
    for name, checker in assignment.checkers().items():
        exercise = find(name)
        body = exercise.source.split('"""')[-1].strip()
        assert body not in text, name
        for known in exercise.mistakes:
            assert known.sentence not in text, known.id
        hidden = {case.note for case in checker.cases[len(exercise.visible) :]} - {
            c.note for other in bank().values() for c in other.visible
        }
        assert not [note for note in hidden if repr(note) in text], name


def test_every_exercise_has_its_cells_points_and_rule(course):
    assignment = Course(course).load("ps1")
    notebook = nbformat.read(course / "release" / "ps1" / "ps1.ipynb", as_version=4)
    nbformat.validate(notebook)
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
    for name, (exercise, variant) in assignment.exercises().items():
        assert cells[name].source == exercise.stub(variant)
        assert cells[name].metadata.nbgrader.solution
        assert cells[f"{name}-check"].metadata.nbgrader.points == exercise.points
        if variant:
            assert variant.rule in cells[f"{name}-prompt"].source
    assert len(assignment.variants) == sum(bool(exercise.variants) for exercise in bank().values())


def test_the_stub_and_its_docstring_follow_the_variant(tmp_path):
    assignment = Assignment("ps1", {"im2col": 4.0}, seed=3, variants={"im2col": "windows-as-rows"})
    source, release = ({cell.id: cell.source for cell in notebook.cells} for notebook in notebooks(assignment))
    assert release["im2col"].startswith(
        'def im2col(input, kernel_size, stride=1, padding=0):\n    """Unfold every window'
    )
    assert "torch.Tensor, shape (N, L, C * kh * kw)" in release["im2col"]
    assert release["im2col"].endswith("raise NotImplementedError")
    assert source["im2col"].startswith(release["im2col"].partition("raise NotImplementedError")[0].rstrip())


@pytest.fixture(scope="module")
def both():
    """The notebooks of the whole bank: with solutions, and released."""
    points = {name: float(exercise.points) for name, exercise in bank().items()}
    return notebooks(Assignment("ps1", points, seed=3))


@pytest.mark.parametrize("name", bank())
def test_the_visible_check_runs_alone_and_tells_right_from_unwritten(both, name, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "cnncourse", None)
    for notebook, unwanted in zip(both, (("wrong:", "not implemented"), ("right:", "wrong:")), strict=True):
        cells = {cell.id: cell.source for cell in notebook.cells}
        namespace, stem = {}, name.replace("_", "-")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for cell in ("imports", stem, f"{stem}-check"):
                exec(compile(cells[cell], cell, "exec"), namespace)
        shown = capsys.readouterr().out
        assert not [word for word in unwanted if word in shown], shown


def test_an_assignment_is_not_written_over_without_force(course, tmp_path, capsys, create):
    shutil.copy(course / "gradebook.db", tmp_path)  # nbgrader takes seconds to make one
    assert create(tmp_path, exercises="corr2d") == 0
    assert create(tmp_path, exercises="conv2d") == 2
    assert "--force" in capsys.readouterr().err
    assert create(tmp_path, "--force", exercises="conv2d") == 0


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--exercises", "corr3d"), "no corr3d"),
        (("--exercises", "corr2d,corr2d"), "only once"),
        (("--exercises", "corr2d", "--due", "soon"), "no time"),
        (("--exercises", "corr2d", "--points", "conv2d=3"), "EXERCISE=NUMBER"),
        (("--exercises", "corr2d", "--points", "corr2d=many"), "EXERCISE=NUMBER"),
    ],
)
def test_a_fault_is_one_sentence(tmp_path, capsys, options, why, run):
    assert run("assignment", "create", "ps1", "--course", tmp_path, *options) == 2
    err = capsys.readouterr().err
    assert why in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def own_bank(folder):
    """Write the example of the chapter for instructors into a folder."""
    chapter = Path(__file__).parents[2].joinpath("book", "instructors.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", chapter, re.DOTALL)
    (text,) = re.findall(r"````?markdown\n(.*?)````?", chapter, re.DOTALL)
    folder.mkdir()
    (folder / "twice.py").write_text(code)
    (folder / "twice.md").write_text(text)
    return folder


def test_an_instructor_may_bring_exercises_of_their_own(course, tmp_path, create):
    folder = own_bank(tmp_path / "mine")
    (tmp_path / "course").mkdir()
    shutil.copy(course / "gradebook.db", tmp_path / "course")
    assert audit(load_bank(folder)["twice"]) == []
    assert create(tmp_path / "course", "--bank", folder, exercises="twice,corr2d") == 0
    assert Course(tmp_path / "course").load("ps1").exercises()["twice"][0].points == 2


def test_a_bank_file_of_version_0_1_is_told_the_new_form(tmp_path):
    old = Path(__file__).parents[1] / "fixtures" / "version_0_1" / "twice.py"
    (tmp_path / "twice.py").write_text(old.read_text())
    with pytest.raises(CourseError, match=r"twice\.py is written for version 0\.1 .* text into twice\.md"):
        load_bank(tmp_path)


def test_a_bank_file_without_its_text_is_named(tmp_path):
    folder = own_bank(tmp_path / "mine")
    (folder / "twice.md").unlink()
    with pytest.raises(CourseError, match=r"twice\.md is missing"):
        load_bank(folder)


def test_a_folder_without_exercises_is_refused(tmp_path):
    with pytest.raises(CourseError, match="has no Python file with an exercise"):
        load_bank(tmp_path)


def test_importing_the_package_imports_nothing_of_nbgrader():

    code = (
        "import cnncourse, cnncourse.cli, sys; print([m for m in sys.modules if m.startswith(('nbgrader', 'copyd'))])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"
