"""The tool that executes and normalises chapters."""

import importlib.util
import re
from pathlib import Path

import nbformat
import pytest
from nbval.plugin import get_sanitize_patterns

PATH = Path(__file__).parent.parent / "tools" / "notebooks.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("notebooks_tool", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def figure_output():
    widget = {"model_id": "0123", "version_major": 2, "version_minor": 0}
    data = {
        "text/plain": "<Figure size 1x1 with 1 Axes>",
        "image/png": "iVBORw0KGgo=",
        "application/vnd.jupyter.widget-view+json": widget,
    }
    return nbformat.v4.new_output("display_data", data=data, metadata={"image/png": {"width": 1}})


def test_pictures_times_and_widget_numbers_go_and_text_and_ids_stay(tool):
    cell = nbformat.v4.new_code_cell("1", execution_count=7, metadata={"execution": {"iopub": "now"}, "tags": ["x"]})
    cell.outputs = [figure_output(), nbformat.v4.new_output("stream", text="kept\n")]
    done = tool.normalise(notebook(cell))
    assert done.cells[0].id == cell.id
    assert done.cells[0].execution_count == 7
    assert done.cells[0].metadata == {"tags": ["x"]}
    assert done.cells[0].outputs[0].data == {"text/plain": "<Figure size 1x1 with 1 Axes>"}
    assert done.cells[0].outputs[1].text == "kept\n"


def test_formula_colours_are_defined_once_and_only_where_they_are_used(tool):
    plain = tool.normalise(notebook(nbformat.v4.new_markdown_cell("# No formula")))
    assert len(plain.cells) == 1
    coloured = notebook(nbformat.v4.new_markdown_cell(r"# One $\inp{x}$"))
    for _ in range(2):
        coloured = tool.normalise(coloured)
    assert [cell.id for cell in coloured.cells].count(tool.COLOUR_CELL) == 1
    assert coloured.cells[1].metadata.tags == ["remove-cell"]


def test_a_notebook_is_executed_and_written_and_twice_gives_the_same_file(tool, tmp_path, capfd):
    path = tmp_path / "small.ipynb"
    source = "import os\n\nprint(6 * 7, os.environ['OMP_NUM_THREADS'], 'CNNCOURSE_SITE' in os.environ)"
    nbformat.write(notebook(nbformat.v4.new_code_cell(source)), path)
    assert tool.main([str(path)]) == 0
    first = path.read_bytes()
    assert nbformat.reads(first.decode(), 4).cells[0].outputs[0].text == "42 1 False\n"
    assert tool.main([str(path)]) == 0
    assert path.read_bytes() == first
    assert "without encryption" not in capfd.readouterr().err  # what ipykernel says on a plain connection


def test_a_failing_cell_leaves_the_file_as_it_was(tool, tmp_path, capsys):
    path = tmp_path / "broken.ipynb"
    nbformat.write(notebook(nbformat.v4.new_code_cell("1 / 0")), path)
    before = path.read_bytes()
    assert tool.main([str(path)]) == 1
    assert path.read_bytes() == before
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def sanitize(request):
    """What nbval does to an output before it compares, with the file that pyproject.toml names."""
    path = request.config.rootpath / request.config.getoption("nbval_sanitize_with")
    patterns = get_sanitize_patterns(path.read_text(encoding="utf-8"))

    def replaced(text):
        for regex, replacement in patterns:
            text = re.sub(regex, replacement, text)
        return text

    return replaced


@pytest.mark.parametrize(
    ("stored", "computed"),
    [
        ("dense ≈ 75.9 %", "dense ≈ 100.0 %"),
        ("sums ≈ -0.31 and ≈ +1.2", "sums ≈ −0.3 and ≈ 1.25"),
        ("loss ≈ 1.2e-05\n", "loss ≈ 3e+04\n"),
        ("pixels ≈ 12,345", "pixels ≈ 999"),
        ("accuracy ≈  9.5 %", "accuracy ≈ 12.5 %"),
    ],
)
def test_numbers_after_the_approximate_sign_are_not_compared(sanitize, stored, computed):
    assert sanitize(stored) == sanitize(computed)


@pytest.mark.parametrize(
    ("stored", "computed"),
    [
        ("parameters: 1538", "parameters: 1539"),
        ("dense ≈ 0.75, 20 seeds", "dense ≈ 0.75, 19 seeds"),
        ("dense ≈ 0.75 %", "dense ≈ 0.75"),
        ("loss ≈ 0.3", "loss ≈ nan"),
        ("loss ≈ 0.3", "loss = 0.3"),
    ],
)
def test_everything_else_is_compared(sanitize, stored, computed):
    assert sanitize(stored) != sanitize(computed)
