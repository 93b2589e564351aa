"""What version 0.1 wrote is still read: a graded course folder and a progress file (commit 2419893).

In the course, student17 is right; student18 is a day late, flips the kernel, and was given 2.5 points and a comment by
hand; student19 ends the process; student20 handed nothing in. `marks.csv` is what version 0.1 exported.
"""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from cnncourse.checking import progress
from cnncourse.classroom.isolation import why_unavailable
from cnncourse.exercises import check, solved
from tests.classroom.exporters import moodle_zip
from tests.command_line import run

OLD = Path(__file__).parent / "fixtures" / "version_0_1"
COMMENT = "Right idea: see section 2 on the flip."
SENTENCE = "The kernel is flipped on both axes"


def marks(course):
    assert run("gradebook", "ps1", "--csv", course / "marks.csv", "--course", course) == 0
    return (course / "marks.csv").read_text(encoding="utf-8")


def page(course, student):
    return (course / "feedback" / student / "ps1" / "ps1.html").read_text(encoding="utf-8")


@pytest.fixture
def course(tmp_path):
    """A copy of the old course under another name, as an instructor may have moved it."""
    return shutil.copytree(OLD / "course", tmp_path / "autumn")


def test_old_marks_are_exported_unchanged_before_anything_is_graded_again(course):
    assert marks(course) == (OLD / "marks.csv").read_text(encoding="utf-8")


def test_an_old_course_takes_a_resubmission_from_moodle_into_the_old_folder(course, tmp_path):
    marks(course)
    notebook = (course / "submitted" / "student17" / "ps1" / "ps1.ipynb").read_bytes() + b"\n"
    later = (2099, 1, 1, 0, 0, 0)
    submissions = [("student17", 1017, "ps1.ipynb", notebook), ("student20", 1020, "ps1.ipynb", notebook)]
    download = moodle_zip(tmp_path / "download.zip", submissions, when=later)
    assert run("assignment", "collect", "ps1", download, "--course", course) == 0
    folders = sorted(path.name for path in (course / "submitted").iterdir())
    assert folders == ["student17", "student18", "student19", "student20"]
    assert (course / "submitted" / "student17" / "ps1" / "ps1.ipynb").read_bytes() == notebook
    assert "student20,,,,10,,not graded yet" in marks(course)


def test_an_old_assignment_is_edited_and_keeps_its_seed(course):
    record = course / "source" / "ps1" / "assignment.json"
    before = json.loads(record.read_text(encoding="utf-8"))
    assert run("assignment", "edit", "ps1", "--late-penalty", "0", "--course", course) == 0
    assert marks(course).splitlines()[2] == "student18,2.5,6,8.5,10,yes,graded"  # 1 point of penalty less
    after = json.loads(record.read_text(encoding="utf-8"))
    assert {name: after[name] for name in before} == before | {"late_penalty": 0.0}


def test_old_verdicts_become_feedback_with_what_was_given_by_hand(course):
    shutil.rmtree(course / "feedback")
    assert run("feedback", "ps1", "--course", course) == 0
    text = page(course, "student18")
    assert "corr2d: 2.5 of 4" in text
    assert SENTENCE in text
    assert COMMENT in text
    assert "7.5 of 10 points" in text
    assert "missing" in page(course, "student20")


def test_old_verdicts_are_counted_in_the_report(course, capsys):
    assert run("report", "ps1", "--similar", "--course", course) == 0
    assert "1  corr2d: flipped-kernel" in capsys.readouterr().out


@pytest.mark.sandbox
def test_an_old_course_graded_again_keeps_its_marks_and_loses_nothing(course, require, capsys):
    why = why_unavailable()
    require(not why, why)
    for path in course.rglob("verdict.json"):  # as if written by a release with another number: the work is run again
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"key": ""}), encoding="utf-8")
    before = {path.relative_to(course) for path in course.rglob("*") if path.is_file()}
    untouched = [path for path in before if path.parts[0] in ("source", "release", "submitted")]
    assert run("grade", "ps1", "--jobs", "1", "--course", course) == 0
    assert "0 unchanged" in capsys.readouterr().out
    assert marks(course) == (OLD / "marks.csv").read_text(encoding="utf-8")
    assert run("feedback", "ps1", "--course", course) == 0
    text = page(course, "student18")
    assert SENTENCE in text
    assert COMMENT in text
    assert before <= {path.relative_to(course) for path in course.rglob("*")}
    for path in untouched:
        assert (course / path).read_bytes() == (OLD / "course" / path).read_bytes(), path
    for student in ("student17", "student18", "student19", "student20"):
        place = Path("autograded", student, "ps1", "verdict.json")
        old, new = (json.loads((folder / place).read_text(encoding="utf-8")) for folder in (OLD / "course", course))
        for verdict in (old, new):
            verdict.pop("key")
        worded = ("exercises", "notes")
        assert {name: new[name] for name in old if name not in worded} == {
            name: value for name, value in old.items() if name not in worded
        }
        assert [note.partition(":")[0] for note in new["notes"]] == [note.partition(":")[0] for note in old["notes"]]
        for name, record in old["exercises"].items():
            assert {key: new["exercises"][name][key] for key in record if key not in ("call", "sentence")} == {
                key: value for key, value in record.items() if key not in ("call", "sentence")
            }
    with sqlite3.connect(course / "gradebook.db") as book:
        kept = book.execute("select manual_score from grade where manual_score is not null").fetchall()
    assert kept == [(2.5,)]


def test_an_old_assignment_with_an_old_bank_stops_with_the_new_form(course, capsys):
    record = course / "source" / "ps1" / "assignment.json"
    (course / "mine").mkdir()
    shutil.copy(OLD / "twice.py", course / "mine")
    record.write_text(json.dumps(json.loads(record.read_text()) | {"bank": str(course / "mine")}))
    for command in ("feedback", "report"):
        assert run(command, "ps1", "--course", course) == 2
        message = capsys.readouterr().err.splitlines()[-1]
        assert "twice.py is written for version 0.1" in message
        assert "text into twice.md" in message


@pytest.fixture
def old_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("CNNCOURSE_NO_PROGRESS", raising=False)
    target = tmp_path / "cnncourse" / "progress.json"
    target.parent.mkdir()
    return shutil.copy(OLD / "progress.json", target)


def test_an_old_progress_file_is_read_where_version_0_1_wrote_it(old_progress):
    assert progress.progress_file() == old_progress
    assert progress.read() == {"corr2d": "passed", "max_pool2d": "failed"}


def test_a_check_keeps_what_an_old_progress_file_says(old_progress, capsys):
    assert run("exercises") == 0
    assert "corr2d" in capsys.readouterr().out
    check("max_pool2d", lambda *arguments, **keywords: solved("max_pool2d")(*arguments, **keywords))
    check("corr2d", lambda image, kernel: image)
    assert progress.read() == {"corr2d": "passed", "max_pool2d": "passed"}
