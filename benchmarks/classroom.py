"""A class on Moodle: from its download of distinct submissions of five exercises to marks and feedback."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cnncourse.exercises.registry import find
from tests.classroom.exporters import moodle_worksheet, moodle_zip

from .measure import machine

EXERCISES = ("corr2d", "max_pool2d", "edge_kernel", "sgd_step", "softmax")
JOBS = 2
RESULT = Path("build/benchmarks/classroom.json")


def run(quick=False, threads=1, students=60):
    """Measure each step for a class; write build/benchmarks/classroom.json.

    Parameters
    ----------
    quick : bool
        Six students.
    threads : int
        Ignored: each sandbox runs one thread.
    students : int
        How many.
    """
    students = 6 if quick else students
    seconds = {}
    with tempfile.TemporaryDirectory(prefix="cnncourse-") as folder:
        course = Path(folder, "course")
        create = ["assignment", "create", "ps1", "--exercises", ",".join(EXERCISES), "--due", "2026-12-01T23:59+01:00"]
        seconds["create"] = _timed(course, *create, "--seed", "17")
        download, worksheet = write_class(Path(folder), course / "release" / "ps1" / "ps1.ipynb", students)
        seconds["collect"] = _timed(course, "assignment", "collect", "ps1", download, "--roster", worksheet)
        seconds["grade"] = _timed(course, "grade", "ps1", "--jobs", JOBS)
        seconds["grade again"] = _timed(course, "grade", "ps1", "--jobs", JOBS)
        seconds["feedback"] = _timed(course, "feedback", "ps1", "--moodle", Path(folder, "feedback.zip"))
        marks = Path(folder, "marks.csv")
        seconds["gradebook"] = _timed(course, "gradebook", "ps1", "--columns", "moodle", "--csv", marks)
    result = {"students": students, "jobs": JOBS, "load": os.getloadavg()[1], "seconds": seconds}
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps({"machine": machine(), **result}, indent=2) + "\n", encoding="utf-8")
    table = Table("step", "seconds")
    for step, passed in seconds.items():
        table.add_row(step, f"{passed:.1f}")
    Console().print(f"{students} students, {JOBS} jobs, {os.cpu_count()} cores, load {result['load']:.1f}")
    Console().print(table)


def write_class(folder, release, students):
    """Write Moodle's download and worksheet: every third answer has a mistake, and no two notebooks are alike.

    Returns
    -------
    download, worksheet : pathlib.Path
    """
    notebook = json.loads(release.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") in EXERCISES]
    submissions, rows = [], []
    for number in range(students):
        for place, cell in enumerate(cells):
            source = find(EXERCISES[place]).source
            wrong = source.replace("return ", "return -") if (number + place) % 3 == 0 else source
            cell["source"] = f"# written by student {number}\n{wrong}"
        person = f"Student {number}", 1000 + number
        submissions.append((*person, "ps1.ipynb", json.dumps(notebook)))
        rows.append((*person, f"s{number}@example.org", "Monday, 30 November 2026, 8:00 PM"))
    return moodle_zip(folder / "download.zip", submissions), moodle_worksheet(folder / "worksheet.csv", rows)


def _timed(course, *arguments):
    start = time.perf_counter()
    command = [sys.executable, "-m", "cnncourse", *map(str, arguments), "--course", str(course)]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start
