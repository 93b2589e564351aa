"""The bank on the command line: exit code 0 is fine, 1 a check that failed, 2 wrong usage in one sentence."""

import json

import nbformat
import pytest
from nbclient import NotebookClient

from cnncourse.checking.child_process import observe_in_child
from cnncourse.checking.faults import _described
from cnncourse.checking.runner.__main__ import run as run_cells
from cnncourse.cli import main
from cnncourse.exercises.registry import bank, checker_for, find

RIGHT = find("same_padding").source
WRONG = "def same_padding(input_size, kernel_size, stride):\n    return 0, 0\n"
ENDLESS = """
calls = 0

def same_padding(input_size, kernel_size, stride):
    global calls
    calls += 1
    while calls > 1:
        pass
    return 1, 1
"""
PRACTICE_IMPORTS = "import math\n"


@pytest.fixture(autouse=True)
def _no_progress(monkeypatch, tmp_path):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("CNNCOURSE_NO_PROGRESS", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def run(capsys):
    """Return `run(*arguments)`: the exit code, what was printed, what was complained about."""

    def call(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    return call


def answer_in(tmp_path, source, name="mine.py"):
    path = tmp_path / name
    path.write_text(PRACTICE_IMPORTS + source, encoding="utf-8")
    return path


def test_a_right_answer_in_a_file_passes_and_is_remembered(run, tmp_path):
    code, out, err = run("check", "same_padding", "--file", answer_in(tmp_path, RIGHT))
    assert (code, err) == (0, "")
    assert out.startswith("same_padding: passed")
    assert any(line.split()[1:] == ["same_padding", "4", "10", "passed"] for line in run("exercises")[1].splitlines())


def test_a_wrong_answer_exits_with_1_and_is_told_what_is_wrong(run, tmp_path):
    code, out, _ = run("check", "same_padding", "--file", answer_in(tmp_path, WRONG))
    assert code == 1
    assert "same_padding: failed" in out
    assert "expected" in out


def test_a_file_without_the_answer_is_said_to_define_something_else(run, tmp_path):
    path = answer_in(tmp_path, RIGHT)
    code, out, _ = run("check", "corr2d", "--file", path)
    assert code == 1
    assert out.splitlines()[:2] == [f"{path}: it does not define corr2d", "  it defines same_padding"]
    assert "not attempted" not in out


def test_a_stub_is_not_attempted(run, tmp_path):
    code, out, _ = run("check", "same_padding", "--file", answer_in(tmp_path, find("same_padding").stub()))
    assert code == 1
    assert out.startswith("same_padding: not attempted")


def test_an_answer_is_read_from_a_notebook_without_its_magics(run, tmp_path):
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Mine"),
            nbformat.v4.new_code_cell("%matplotlib inline\nimport math\n!ls"),
            nbformat.v4.new_code_cell("raise RuntimeError('one bad cell')"),
            nbformat.v4.new_code_cell(RIGHT),
        ]
    )
    nbformat.write(notebook, tmp_path / "mine.ipynb")
    assert run("check", "same_padding", "--notebook", tmp_path / "mine.ipynb")[0] == 0


def test_the_seed_chooses_the_cases(run, tmp_path):
    assert run("check", "same_padding", "--file", answer_in(tmp_path, RIGHT), "--seed", 7)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check", "same_pading", "--file", "mine.py"], "same_padding"),
        (["check", "same_padding"], "--file mine.py or as --notebook"),
        (["check", "same_padding", "--file", "a.py", "--notebook", "b.ipynb"], "--file mine.py or as --notebook"),
        (["check", "same_padding", "--file", "nowhere.py"], "nowhere.py cannot be read"),
        (["hint", "same_padding", "9"], "`level` must be 1 to 3 for same_padding, not 9"),
        (["practice", "cooking", "--out", "practice.ipynb"], "`chapter` must be one of convolution, "),
        (["practice", "pooling"], "--out"),
        (["practice", "pooling", "--out", "/dev/null/practice.ipynb"], "cannot be written"),
        (["cook"], "cook"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_one_sentence_and_exits_with_2(run, arguments, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1
    assert err.startswith("cnncourse: ")
    assert list(tmp_path.iterdir()) == []


def test_a_notebook_that_is_none_is_wrong_usage(run, tmp_path):
    code, _, err = run("check", "same_padding", "--notebook", answer_in(tmp_path, RIGHT, "mine.ipynb"))
    assert code == 2
    assert "is not a notebook" in err


def test_an_endless_loop_is_stopped_and_costs_the_remaining_cases():
    exercise, checker = find("same_padding"), checker_for("same_padding")
    (first, *others), _ = observe_in_child(exercise, [ENDLESS], checker.cases, seconds=1)
    assert first.value == (1, 1)
    assert {(seen.outcome, seen.message) for seen in others} == {("raised", "no answer after 1 s")}
    assert len(others) == len(checker.cases) - 1
    assert checker.report([first, *others]).status == "failed"


def test_a_process_that_ends_itself_costs_its_cases():
    source = "import os\n\n\ndef same_padding(input_size, kernel_size, stride):\n    os._exit(0)\n"
    checker = checker_for("same_padding")
    observed, _ = observe_in_child(find("same_padding"), [source], checker.cases)
    assert {seen.message for seen in observed} == {"the process ended"}


def test_the_first_hint_is_shown_without_a_level(run):
    assert run("hint", "corr2d") == (0, bank()["corr2d"].hints[0] + "\n", "")


def test_a_practice_notebook_runs_and_its_stubs_are_not_attempted(run, tmp_path, monkeypatch):
    monkeypatch.setenv("CNNCOURSE_NO_PROGRESS", "1")
    code, out, _ = run("practice", "channels", "--out", tmp_path / "practice.ipynb")
    assert code == 0
    assert "practice.ipynb is ready" in out
    notebook = nbformat.read(tmp_path / "practice.ipynb", as_version=4)
    nbformat.validate(notebook)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    reports = [
        output.data["text/plain"]
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.source.startswith("check(")
        for output in cell.outputs
    ]
    names = [exercise.name for exercise in bank().values() if exercise.chapter == "channels"]
    assert [report.splitlines()[0] for report in reports] == [f"{name}: not attempted" for name in names]


def test_a_practice_notebook_is_not_written_over_unless_asked(run, tmp_path):
    path = tmp_path / "practice.ipynb"
    path.write_text("mine", encoding="utf-8")
    code, _, err = run("practice", "channels", "--out", path)
    assert code == 2
    assert "--force" in err
    assert path.read_text(encoding="utf-8") == "mine"
    assert run("practice", "channels", "--out", path, "--force")[0] == 0
    assert [each.name for each in tmp_path.iterdir()] == ["practice.ipynb"]
    nbformat.read(path, as_version=4)


def test_the_bank_is_a_table_with_points_minutes_and_variants(run):
    code, out, err = run("bank")
    head, *lines = out.splitlines()
    assert (code, err) == (0, "")
    assert head.split() == ["exercise", "chapter", "points", "minutes", "mistakes", "variants", "after"]
    assert [line.split()[0] for line in lines] == list(bank())
    assert lines[1].split(maxsplit=5)[:5] == ["corr2d", "convolution", "4", "10", "6"]
    assert "flipped, mean" in lines[1]


def test_the_bank_of_a_folder_that_has_none_is_refused(run, tmp_path):
    code, _, err = run("bank", "--bank", str(tmp_path))
    assert code == 2
    assert "has no Python file with an exercise" in err


def test_the_audit_of_good_exercises_finds_nothing(run):
    assert run("audit", "edge_kernel", "same_padding") == (0, "0 faults\n", "")


def test_the_audit_tells_a_fault_and_exits_with_1(run, monkeypatch):
    monkeypatch.setattr("cnncourse.exercises.commands.find_faults", lambda exercise: [f"{exercise.name}: no hint"])
    assert run("audit", "corr2d") == (1, "corr2d: no hint\n1 faults\n", "")


def test_a_new_exercise_outside_the_course_is_a_bank_of_ones_own(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("new", "exercise", "own", "triple")
    assert code == 0
    assert "--exercises triple --bank own" in out
    assert {path.name for path in (tmp_path / "own").iterdir()} == {"triple.py", "triple.md"}
    code, _, err = run("new", "exercise", "own", "triple")
    assert code == 2
    assert "triple.py exists; choose another name" in err


def test_a_new_exercise_of_the_course_needs_a_chapter(run, tmp_path, monkeypatch):
    (tmp_path / "cnncourse" / "exercises").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert "CHAPTER must be one of convolution, " in run("new", "exercise", "cooking", "triple")[2]
    code, out, _ = run("new", "exercise", "pooling", "triple")
    assert code == 0
    assert "Add 'triple' to FILES" in out


BROKEN = {
    "a syntax error": ("def same_padding(:\n", "SyntaxError: invalid syntax", "line 2: def same_padding(:"),
    "a quotation mark from a word processor": (
        f"{RIGHT}x = “a”\n",
        "SyntaxError: invalid character '“' (U+201C)",
        f"line {RIGHT.count(chr(10)) + 2}: x = “a”",
    ),
    "an indentation": ("  x = 1\n y = 2\n", "IndentationError: unexpected indent", "line 2: x = 1"),
    "an older Python": ("print 'x'\n", "SyntaxError: Missing parentheses in call to 'print'", "line 2: print 'x'"),
    "a missing module": (
        "from nosuchmodule import padding as same_padding\n",
        "ModuleNotFoundError: No module named 'nosuchmodule'",
        "line 2: from nosuchmodule import padding as same_padding",
    ),
    "an undefined name": ("same_padding = same(3)\n", "NameError: name 'same' is not defined", "line 2: same_padding"),
    "an undefined decorator": (
        "@jit\ndef same_padding(): pass\n",
        "NameError: name 'jit' is not defined",
        "line 2: @jit",
    ),
    "the end": ("import sys\nsys.exit(3)\nprint(same_padding)\n", "SystemExit: 3", "line 3: sys.exit(3)"),
    "the end without a word": ("raise SystemExit\n", "SystemExit", "line 2: raise SystemExit"),
    "an error below": (
        "def half(x):\n    return x / 0\nhalf(3)\n",
        "ZeroDivisionError: division by zero",
        "line 3: return x / 0",
    ),
}


@pytest.mark.parametrize(("source", "fault", "line"), BROKEN.values(), ids=BROKEN)
def test_what_kept_an_answer_from_being_defined_is_told_with_its_line(source, fault, line):
    cells = [PRACTICE_IMPORTS + source]
    _, start = run_cells(cells, "same_padding")
    first, second = [line for each in start["faults"] for line in _described(each, cells).splitlines()]
    assert first.startswith(fault)
    assert second.startswith(f"  {line}")
    assert not start["defined"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("def same_padding(:\n", ["SyntaxError: invalid syntax", "  line 2: def same_padding(:"]),
        ("n = input()\n", ["EOFError: EOF when reading a line", "  line 2: n = input()"]),
        (
            RIGHT.replace("same_padding", "my_padding"),
            ["it does not define same_padding", "  it defines my_padding"],
        ),
    ],
    ids=["a syntax error", "an input", "another name"],
)
def test_what_kept_an_answer_from_being_defined_is_said(run, tmp_path, source, told):
    path = answer_in(tmp_path, source)
    code, out, _ = run("check", "same_padding", "--file", path)
    assert code == 1
    assert out == "\n".join(
        [f"{path}: {told[0]}", told[1], "", "There is no same_padding to check: correct that and check again.", ""]
    )


def test_what_does_not_run_beside_an_answer_is_said_too(run, tmp_path):
    path = notebook_of(tmp_path, [PRACTICE_IMPORTS + RIGHT, "import nosuchmodule\n", "plot(3)"])
    code, out, _ = run("check", "same_padding", "--notebook", path)
    assert code == 0
    assert out.startswith("same_padding: passed")
    assert f"The rest of {path} did not run: ModuleNotFoundError: No module" in out
    assert "  code cell 2, line 1: import nosuchmodule" in out
    assert "  code cell 3, line 1: plot(3)" in out


def notebook_of(tmp_path, sources, name="mine.ipynb"):
    cells = [nbformat.v4.new_markdown_cell("# Mine"), *map(nbformat.v4.new_code_cell, sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / name)
    return tmp_path / name


def test_a_check_in_the_notebook_does_not_hide_why_the_answer_is_not_defined(run, tmp_path):
    sources = ["import math", "%%time\n" + RIGHT.replace(":", "", 1), "same_padding(3, 3, 1)", "print(same_padding)"]
    path = notebook_of(tmp_path, sources)
    _, out, _ = run("check", "same_padding", "--notebook", path)
    line = RIGHT.replace(":", "", 1).splitlines()[0]
    assert out.splitlines()[:2] == [f"{path}: SyntaxError: expected ':'", f"  code cell 2, line 2: {line}"]
    assert "NameError" not in out


@pytest.mark.parametrize(
    ("source", "why"), [("import os\nos._exit(3)\n", "exit code 3"), ("import os\nos.abort()\n", "6")]
)
def test_a_file_that_ends_its_process_is_said_to(run, tmp_path, source, why):
    path = answer_in(tmp_path, source)
    code, out, _ = run("check", "same_padding", "--file", path)
    assert code == 1
    assert out.startswith(f"{path}: its process ended (")
    assert why in out.splitlines()[0]


def test_a_file_that_does_not_come_to_its_end_is_said_to(run, tmp_path, monkeypatch):
    monkeypatch.setattr("cnncourse.checking.child_process.START_SECONDS", 0.01)
    _, out, _ = run("check", "same_padding", "--file", answer_in(tmp_path, "while True: pass\n"))
    assert "it did not run to its end within 0.01 s; take out what takes long" in out


def test_modules_and_files_beside_the_answer_are_found(run, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "beside_the_answer.py").write_text("import math\n")
    (tmp_path / "sub" / "numbers.csv").write_text("1")
    source = "from beside_the_answer import math\nopen('numbers.csv').close()\n" + RIGHT
    code, out, _ = run("check", "same_padding", "--file", answer_in(tmp_path / "sub", source))
    assert (code, out.count("\n")) == (0, 1)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"x = 1\ny = 2\nz = '\xfc'\n", "line 3 is not in utf-8; save it as UTF-8"),
        (b"# M\xfcller\n", "save it as UTF-8"),
        ("x = 1".encode("utf-16"), "its encoding is UTF-16; save it as UTF-8"),
        (b"# coding: klingon\n", "unknown encoding: klingon"),
    ],
)
def test_an_encoding_that_cannot_be_read_is_wrong_usage(run, tmp_path, content, told):
    (tmp_path / "mine.py").write_bytes(content)
    code, _, err = run("check", "same_padding", "--file", tmp_path / "mine.py")
    assert code == 2
    assert told in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("extra", ["%%time\n", "%matplotlib inline\n", "same_padding?\n", "t = %timeit -o 1\n"])
def test_a_notebook_is_read_as_jupyter_runs_it(run, tmp_path, extra):
    path = tmp_path / "MINE.IPYNB"
    cell = {"cell_type": "code", "source": extra + PRACTICE_IMPORTS + RIGHT, "metadata": {}, "outputs": []}
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"cells": [cell], "nbformat": 4}).encode())
    code, out, err = run("check", "same_padding", "--notebook", path)
    assert (code, err) == (0, "")
    assert out.startswith("same_padding: passed")
