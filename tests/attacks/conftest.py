"""Grade a table of submissions in one run, and hand out what each one got."""

import csv
import json
import os
from pathlib import Path

import nbformat
import pytest

from cnncourse.classroom.isolation import why_unavailable
from cnncourse.exercises.registry import find
from tests.command_line import run

EXERCISES = ("corr2d", "max_pool2d", "sgd_step")
SECRET = "a-secret-of-the-grader-7c1f"


@pytest.fixture(scope="session")
def write_submission():
    """Return `write(course, student, answers, added)`, which fills a released notebook in."""

    def write(course, student, answers=(), added=()):
        notebook = nbformat.read(course / "release" / "ps1" / "ps1.ipynb", as_version=4)
        answers = {name: find(name).source for name in EXERCISES} | dict(answers)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in answers:
                cell.source = answers[name]
        for place, source in added:
            notebook.cells.insert(place, nbformat.v4.new_code_cell(source))
        folder = course / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        path = folder / "ps1.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def grade_table(tmp_path_factory, require, write_submission):
    """Return `grade(submissions)`: one run of the grader over ``{student: write(course)}``, and its rows by student."""
    why = why_unavailable()
    require(not why, why)

    def grade(submissions):
        course = tmp_path_factory.mktemp("course")
        create = ["assignment", "create", "ps1", "--exercises", ",".join(EXERCISES), "--seed", "17", "--course", course]
        assert run(*create) == 0
        for student, write in submissions.items():
            write(course, student)
        before = os.environ.get("GRADER_SECRET")
        os.environ["GRADER_SECRET"] = SECRET
        try:
            with pytest.MonkeyPatch.context() as shorter:  # what never ends is tried twice
                shorter.setattr("cnncourse.classroom.sandbox.CELLS_SECONDS", 12)
                shorter.setattr("cnncourse.classroom.sandbox.CALL_SECONDS", 3)
                assert run("grade", "ps1", "--jobs", "2", "--course", course) == 0
        finally:
            os.environ.pop("GRADER_SECRET") if before is None else None
        assert run("feedback", "ps1", "--course", course) == 0
        assert run("gradebook", "ps1", "--csv", course / "marks.csv", "--course", course) == 0
        with open(course / "marks.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
            return Path(course), {row["student"].removeprefix("'"): row for row in rows}  # "'=1+1" is no formula

    return grade
