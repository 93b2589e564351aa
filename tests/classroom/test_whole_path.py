"""From making an assignment to the marks: twelve generated students, every mark as a checker outside gives it."""

import contextlib
import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import warnings

import nbformat
import psutil
import pytest

from cnncourse.checking import marking
from cnncourse.checking.source import PRACTICE_IMPORTS
from cnncourse.classroom.course import Course
from cnncourse.exercises.registry import find
from tests.classroom.exporters import moodle_worksheet, moodle_zip

NAMES = ("corr2d", "same_padding", "sgd_step")
RIGHT = {name: find(name).source for name in NAMES}
STUBS = {name: find(name).stub() for name in NAMES}
ON_TIME, LATE = "Monday, 30 November 2026, 8:00 PM", "Wednesday, 2 December 2026, 8:00 AM"
FLIPPED = RIGHT["corr2d"].replace("* kernel)", "* kernel.flip(0, 1))")
FLOATS_ONLY = RIGHT["corr2d"].replace(
    "    height,", "    if image.dtype != torch.float32:\n        return None\n    height,"
)
BACKWARDS = RIGHT["same_padding"].replace("total // 2, total - total // 2", "total - total // 2, total // 2")
UPHILL = "def sgd_step(parameters, learning_rate):\n    with torch.no_grad():\n        for p in parameters: p += p.grad"
KINDS = (
    # kind, answers, when, status
    ("right", RIGHT, ON_TIME, "graded"),
    ("late", RIGHT, LATE, "graded"),
    ("wrong", {"corr2d": FLIPPED, "same_padding": BACKWARDS, "sgd_step": UPHILL}, ON_TIME, "graded"),
    ("partial", {**RIGHT, "corr2d": FLOATS_ONLY, "sgd_step": STUBS["sgd_step"]}, ON_TIME, "graded"),
    ("empty", STUBS, ON_TIME, "graded"),
    (
        "hostile",
        {**RIGHT, "corr2d": "import os\ndef corr2d(image, kernel):\n    os._exit(0)"},
        ON_TIME,
        "failed to run",
    ),
)
EACH = 2  # students of a kind
STUDENTS = {
    f"{kind} {number}": (answers, when, status) for number in range(EACH) for kind, answers, when, status in KINDS
}


@pytest.fixture(scope="module")
def course(tmp_path_factory, run, bubblewrap):
    folder = tmp_path_factory.mktemp("course")
    options = ["--exercises", ",".join(NAMES), "--due", "2026-12-01T12:00+00:00", "--seed", "5", "--points", "corr2d=6"]
    assert run("assignment", "create", "ps1", *options, "--course", folder) == 0
    submissions, worksheet = [], [("nobody there", 1000, "", "-")]
    for number, (student, (answers, when, _)) in enumerate(STUDENTS.items(), start=1001):
        notebook = nbformat.read(folder / "release" / "ps1" / "ps1.ipynb", as_version=4)
        for cell in notebook.cells:
            cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
        submissions.append((student, number, "ps1.ipynb", json.dumps(notebook)))
        worksheet.append((student, number, "", when))
    download = moodle_zip(folder / "download.zip", submissions)
    (folder / "roster.csv").write_text("student\n" + "\n".join([*STUDENTS, "nobody there"]))
    moodle_worksheet(folder / "worksheet.csv", worksheet)
    for roster in ("roster.csv", "worksheet.csv"):  # names first, then the numbers and times that Moodle knows
        assert run("assignment", "collect", "ps1", download, "--roster", folder / roster, "--course", folder) == 0
    assert run("grade", "ps1", "--jobs", "2", "--course", folder) == 0
    return folder


def rows(run, course):
    out = course / "marks.csv"
    assert run("gradebook", "ps1", "--csv", out, "--course", course) == 0
    with open(out, newline="", encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


@pytest.mark.sandbox
def test_every_mark_is_as_expected(course, run):
    assignment = Course(course).load("ps1")
    checkers = assignment.checkers()

    def mark(name, source):
        if "_exit" in source:
            return 0.0
        namespace = {}
        exec(PRACTICE_IMPORTS + source, namespace)
        checker = checkers[name]
        return assignment.points[name] * marking.mark(checker.report(checker.observe(namespace[name]))).share

    marks = rows(run, course)
    assert marks.keys() == {*STUDENTS, "nobody there"}
    assert marks["nobody there"]["status"] == "missing"
    for student, (answers, when, status) in STUDENTS.items():
        row = marks[student]
        expected = {name: mark(name, answers[name]) for name in NAMES}
        assert {name: float(row[name]) for name in NAMES} == pytest.approx(expected, abs=1e-6)
        assert float(row["total"]) == pytest.approx(sum(expected.values()), abs=1e-6)
        assert (row["status"], row["max"], row["late"]) == (status, "14", "yes" if when == LATE else "no")
    assert 0 < float(marks["partial 0"]["corr2d"]) < 6


@pytest.mark.sandbox
def test_moodle_gets_every_mark_by_the_participants_number(course, run, tmp_path):
    out = tmp_path / "moodle.csv"
    assert run("gradebook", "ps1", "--columns", "moodle", "--csv", out, "--course", course) == 0
    with open(out, newline="", encoding="utf-8") as file:
        marks = {row["Identifier"]: row["Grade"] for row in csv.DictReader(file)}
    assert len(marks) == len(STUDENTS) + 1
    assert (marks["Participant 1000"], marks["Participant 1001"]) == ("0", "14")


@pytest.mark.sandbox
def test_what_is_unchanged_is_not_graded_again(course, capsys, run):
    before = (course / "autograded" / "right 0" / "ps1" / "verdict.json").stat().st_mtime_ns
    assert run("grade", "ps1", "--student", "right 0", "--course", course) == 0
    assert "1 unchanged" in capsys.readouterr().out
    assert (course / "autograded" / "right 0" / "ps1" / "verdict.json").stat().st_mtime_ns == before


@pytest.mark.sandbox
def test_feedback_names_the_mistake_of_one_student_only(course, run):
    assert run("feedback", "ps1", "--course", course) == 0
    page = (course / "feedback" / "wrong 1" / "ps1" / "ps1.html").read_text(encoding="utf-8")
    assert "corr2d: 0 of 6" in page
    assert "The kernel is flipped on both axes" in page
    assert "wrong 0" not in page


@pytest.mark.sandbox
def test_the_report_counts_misconceptions(course, capsys, tmp_path, run):
    assert run("report", "ps1", "--plot", tmp_path / "plot.png", "--similar", "--course", course) == 0
    shown = capsys.readouterr().out
    assert f"{EACH}  corr2d: flipped-kernel" in shown
    assert f"{EACH}  same_padding: odd-pixel-before" in shown
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.sandbox
def test_nbgrader_sees_the_same_course(course):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nbgrader.apps.api import NbGraderAPI
        from nbgrader.coursedir import CourseDirectory

        api = NbGraderAPI(CourseDirectory(root=str(course), course_id=course.name))
        seen = {about["student"]: about for about in api.get_submissions("ps1")}
        submission = api.get_notebook_submission_indices("ps1", "ps1")
    assert seen["right 0"]["score"] == 14
    assert seen["right 0"]["autograded"]
    assert len(submission) == len(STUDENTS)


def is_fork_server(process):
    with contextlib.suppress(psutil.Error):  # it may have ended by now
        return "fork_server" in " ".join(process.cmdline())


@pytest.mark.slow
@pytest.mark.sandbox
def test_an_interrupted_run_leaves_nothing_and_goes_on(course, run):
    for verdict in course.glob("autograded/*/ps1/verdict.json"):  # all: the run must last until it is interrupted
        verdict.unlink()
    command = [sys.executable, "-m", "cnncourse", "grade", "ps1", "--jobs", "1", "--course", str(course)]
    grader = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests that run in the background ignore it
    )
    inside = []
    while not any(map(is_fork_server, inside)):
        time.sleep(0.05)
        inside = psutil.Process(grader.pid).children(recursive=True)
        assert grader.poll() is None
    grader.send_signal(signal.SIGINT)
    out, err = grader.communicate(timeout=120)
    assert grader.returncode == 130, (out, err)
    _, alive = psutil.wait_procs(inside, timeout=20)
    assert not alive
    assert not list(course.glob("**/*.part"))
    assert run("grade", "ps1", "--jobs", "1", "--course", course) == 0
    assert rows(run, course)["right 1"]["total"] == "14"


@pytest.mark.sandbox
def test_every_file_is_the_owners_alone(course):
    for path in course.rglob("*"):
        if path.name not in ("download.zip", "roster.csv", "worksheet.csv"):
            assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.slow
@pytest.mark.sandbox
def test_formgrader_shows_a_submission_and_runs_nothing(course, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    options = ["--ip=127.0.0.1", f"--port={port}", "--no-browser", "--allow-root", "--IdentityProvider.token="]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", *options],
        cwd=course,
        env={**os.environ, "HOME": str(tmp_path), **places},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def read(path):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return answer.read().decode()

    try:
        while True:
            assert server.poll() is None
            with contextlib.suppress(OSError):
                read("/api")
                break
            time.sleep(0.2)
        found = {about["student"]: about for about in json.loads(read("/formgrader/api/submitted_notebooks/ps1/ps1"))}
        page = read(f"/formgrader/submissions/{found['wrong 0']['id']}/")
        assert "corr2d-check" in page
        assert "flip" in page
        assert json.loads(read("/api/kernels")) == []
    finally:
        server.terminate()
        server.wait(30)
