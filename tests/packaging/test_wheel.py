"""The wheel alone serves every documented command and every chapter, without a checkout on the path."""

import importlib.metadata
import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from cnncourse.exercises.registry import find

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
CHAPTERS = sorted((ROOT / "book").glob("*.ipynb"))
RIGHT = "import math\n\n" + find("same_padding").source
WRONG = "def same_padding(input_size, kernel_size, stride):\n    return 0, 0\n"
RUN_CELLS = """
import json, sys
import matplotlib
matplotlib.use("Agg")
namespace = {"__name__": "__main__", "display": lambda *shown: None}
for cell in json.load(open(sys.argv[1], encoding="utf-8"))["cells"]:
    if cell["cell_type"] == "code":
        exec(compile("".join(cell["source"]), cell["id"], "exec"), namespace)
"""


def distributions(*requirements):
    """Return the distributions of this environment that the requirements need, and what those need in turn."""
    found, waiting = {}, [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        if requirement.name.lower() in found:
            continue
        distribution = importlib.metadata.distribution(requirement.name)
        found[requirement.name.lower()] = distribution
        for text in distribution.requires or ():
            needed = Requirement(text)
            extras = requirement.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(needed)
    return found.values()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """Build the wheel from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "-w", folder, ROOT], check=True, capture_output=True, cwd=folder)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def install(wheel, tmp_path_factory):
    """Return `install(extra)`: a Python that has the wheel, its dependencies and nothing else."""

    def make(extra=None):
        folder = tmp_path_factory.mktemp("environment")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        (packages,) = folder.glob("lib/*/site-packages")
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(packages)
            (name,) = (name for name in packed.namelist() if name.endswith(".dist-info/METADATA"))
            metadata = packed.read(name).decode()
        needed = [line.removeprefix("Requires-Dist: ") for line in metadata.splitlines() if "Requires-Dist" in line]
        requirements = [Requirement(text) for text in needed]
        chosen = [r for r in requirements if r.marker is None or r.marker.evaluate({"extra": extra or ""})]
        source = Path(sysconfig.get_paths()["purelib"])
        texts = [r.name + (f"[{','.join(r.extras)}]" if r.extras else "") for r in chosen]
        for distribution in distributions(*texts):
            for entry in {file.parts[0] for file in distribution.files} - {"..", "__pycache__"}:
                if not (packages / entry).exists():
                    (packages / entry).symlink_to(source / entry)
        return folder / "bin" / "python"

    return make


@pytest.fixture(scope="session")
def base(install):
    return install()


@pytest.fixture
def run(base, tmp_path):
    """Return `run(*arguments)`: run the command line of the installed wheel in an empty folder."""

    def call(*arguments):
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1"}
        command = [base, "-P" if sys.version_info >= (3, 11) else "-I", "-m", "cnncourse", *arguments]
        folder = tmp_path / "work"
        folder.mkdir(exist_ok=True)
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)

    return call


def test_the_wheel_holds_no_build_code_of_the_book_and_all_texts_of_the_bank(wheel):
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    assert not [name for name in names if "sphinx" in name or "quiz" in name or name.startswith(("tests", "book"))]
    assert len([name for name in names if name.startswith("cnncourse/exercises/") and name.endswith(".md")]) == 41
    assert {"cnncourse/py.typed", "cnncourse/studies/shifts.json"} <= set(names)


COMMANDS = ("--help", "--version", "exercises", "hint corr2d", "train --help", "predict --help", "grade --help")


@pytest.mark.parametrize("arguments", [*COMMANDS, "practice pooling --out practice.ipynb"])
def test_a_command_runs(run, arguments):
    result = run(*arguments.split())
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout


@pytest.mark.parametrize("form", ["--file", "--notebook"])
@pytest.mark.parametrize(("source", "code"), [(RIGHT, 0), (WRONG, 1)], ids=["right", "wrong"])
def test_an_answer_is_checked(run, tmp_path, form, source, code):
    path = tmp_path / ("mine.py" if form == "--file" else "mine.ipynb")
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    path.write_text(source if form == "--file" else json.dumps({"cells": [cell], "nbformat": 4}))
    result = run("check", "same_padding", form, str(path))
    assert (result.returncode, result.stderr) == (code, "")
    assert result.stdout.startswith(f"same_padding: {'failed' if code else 'passed'}")


def test_a_network_is_trained(run):
    result = run("train", "shapes", "--epochs", "1", "--out", "run")
    assert result.returncode == 0, result.stderr


@pytest.fixture(scope="session")
def lab(install):
    return install("lab")


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_runs_where_only_the_wheel_is(lab, tmp_path, chapter):
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    command = [lab, "-c", RUN_CELLS, chapter]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stderr[-2000:]
