"""Grading beside `nbgrader autograde`: the same thirty submissions of five torch exercises, one machine, one run."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from cnncourse.exercises.registry import find

from .measure import machine

EXERCISES = ("corr2d", "max_pool2d", "edge_kernel", "sgd_step", "softmax")
JOBS = 2
RESULT = Path("build/benchmarks/grading.json")


def run(quick=False, threads=1):
    """Measure the throughput of both graders and the memory of ours; write build/benchmarks/grading.json.

    Parameters
    ----------
    quick : bool
        Six submissions instead of thirty, and 60 instead of 1,000 for the memory.
    threads : int
        Ignored: each sandbox runs one thread.
    """
    with tempfile.TemporaryDirectory(prefix="cnncourse-") as folder:
        course = Path(folder)
        _call("assignment", "create", "ps1", "--exercises", ",".join(EXERCISES), "--seed", "17", "--course", course)
        _submit(course, range(6 if quick else 30))
        ours = _timed(lambda: _call("grade", "ps1", "--jobs", str(JOBS), "--course", course))
        shutil.rmtree(course / "autograded")
        theirs = _timed(lambda: _nbgrader(course))
        few = _peak_memory(course)
        _submit(course, range(60 if quick else 1000))
        many = _peak_memory(course)
    result = {
        "submissions": 6 if quick else 30,
        "seconds": {"cnncourse grade --jobs 2": ours, "nbgrader autograde": theirs},
        "ratio": theirs / ours,
        "peak_memory_mb": {"few": few, "many": many},
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps({"machine": machine(), **result}, indent=2) + "\n", encoding="utf-8")
    table = Table("grader", "seconds", "submissions a minute")
    for name, seconds in result["seconds"].items():
        table.add_row(name, f"{seconds:.1f}", f"{60 * result['submissions'] / seconds:.1f}")
    Console().print(table)
    Console().print(f"ratio {result['ratio']:.2f}; peak memory {few:.0f} MB, with many submissions {many:.0f} MB")


def _submit(course, numbers):
    """Write right and wrong submissions: every third has a mistake."""
    notebook = nbformat.read(course / "release" / "ps1" / "ps1.ipynb", as_version=4)
    for number in numbers:
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in EXERCISES:
                cell.source = find(name).source.replace("return ", "return -" if number % 3 == 0 else "return ")
        path = course / "submitted" / f"student{number:04}" / "ps1" / "ps1.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)


def _timed(action):
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _call(*arguments):
    command = [sys.executable, "-m", "cnncourse", *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _nbgrader(course):
    program = Path(sys.executable).parent
    environment = {"PATH": f"{program}:/usr/bin:/bin", "HOME": str(course), "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [program / "nbgrader", "autograde", "ps1", "--create"],
        cwd=course,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _peak_memory(course):
    """Megabytes that the grading process itself held at most, over every submission there is."""
    shutil.rmtree(course / "autograded", ignore_errors=True)
    code = (
        "import resource, sys; from cnncourse.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    command = [sys.executable, "-c", code, "grade", "ps1", "--jobs", str(JOBS), "--course", str(course)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(out.splitlines()[-1])
