"""Downloads from learning platforms are sorted, or refused whole."""

import json
import os
import zipfile

import pytest

from cnncourse.classroom.collect import collect, read_roster
from cnncourse.classroom.course import Assignment, Course, CourseError

NOTEBOOK = json.dumps({"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}})
WHEN = (2026, 11, 30, 12, 0, 0)
ASSIGNMENT = Assignment("ps1", {"corr2d": 4.0}, seed=1, due="2026-12-01T12:00:00+01:00")


def zipped(path, files):
    """Write a zip of {name: content or (time, content)}."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            when, content = content if isinstance(content, tuple) else (WHEN, content)
            info = zipfile.ZipInfo(name, when)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return path


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path / "course")


def submitted(course):
    return sorted(path.relative_to(course.submitted).as_posix() for path in course.submitted.rglob("*.ipynb"))


@pytest.mark.parametrize(
    ("entry", "student"),
    [
        ("ada/ps1.ipynb", "ada"),
        ("downloads/ada/ps1.ipynb", "ada"),
        ("ada/ps1/ps1.ipynb", "ada"),
        ("Ada Lovelace_123456_assignsubmission_file_/ps1.ipynb", "Ada Lovelace"),
        ("Ada Lovelace_123456_assignsubmission_file/ps1 (2).ipynb", "Ada Lovelace"),
        ("lovelaceada_12345_67890_ps1.ipynb", "lovelaceada"),
        ("lovelaceada_LATE_12345_67890_ps1-1.ipynb", "lovelaceada"),
        ("assignment_1_export/submission_42/ps1.ipynb", "submission_42"),
    ],
)
def test_a_notebook_is_given_to_the_student_whose_it_is(course, tmp_path, entry, student):
    collected, _ = collect(course, ASSIGNMENT, zipped(tmp_path / "d.zip", {entry: NOTEBOOK}))
    assert collected == [student]
    assert submitted(course) == [f"{student}/ps1/ps1.ipynb"]


def test_gradescope_says_whose_a_submission_is(course, tmp_path):
    metadata = "submission_42:\n  :submitters:\n  - :name: Ada Lovelace\n    :sid: ada\n    :email: a@example.org\n"
    files = {"e/submission_metadata.yml": metadata, "e/submission_42/ps1.ipynb": NOTEBOOK}
    assert collect(course, ASSIGNMENT, zipped(tmp_path / "d.zip", files))[0] == ["ada"]


def test_gradescope_says_when_it_was_handed_in_and_by_how_many(course, tmp_path):
    metadata = (
        "submission_42:\n  :submitters:\n  - :name: Ada\n    :sid: 7\n  - :name: Bob\n    :sid: 8\n"
        "  :created_at: 2026-12-01 11:30:00.512 Z\n"
    )
    files = {"e/submission_metadata.yml": metadata, "e/submission_42/ps1.ipynb": NOTEBOOK}
    collected, messages = collect(course, ASSIGNMENT, zipped(tmp_path / "d.zip", files))
    assert collected == ["7"]
    assert "submission_42 is the work of 2 people; taken as that of the first, 7" in messages
    assert "7: late, 1 day begun" in messages


def test_letters_taken_apart_by_macos_are_the_same_student(course, tmp_path):
    (tmp_path / "roster.csv").write_text("Jose\u0301\n", encoding="utf-8")
    collected, _ = collect(course, ASSIGNMENT, zipped(tmp_path / "d.zip", {"Jose\u0301/ps1.ipynb": NOTEBOOK}))
    assert collected == read_roster(tmp_path / "roster.csv") == ["Jos\u00e9"]


def test_the_newest_of_several_is_taken_and_the_others_are_named(course, tmp_path):
    newer = NOTEBOOK + " "
    files = {"a/ada/ps1.ipynb": NOTEBOOK, "b/ada/ps1.ipynb": ((2026, 12, 1, 0, 0, 0), newer)}
    _, messages = collect(course, ASSIGNMENT, zipped(tmp_path / "d.zip", files))
    assert (course.submitted / "ada" / "ps1" / "ps1.ipynb").read_text() == newer
    assert messages == ["ada: 'a/ada/ps1.ipynb' is older or another notebook; not taken"]
    older, messages = collect(course, ASSIGNMENT, zipped(tmp_path / "e.zip", {"ada/ps1.ipynb": NOTEBOOK}))
    assert (older, messages) == ([], ["ada: what was collected before is not older; kept"])


def test_who_is_late_is_said_and_an_extension_counts(course, tmp_path):
    files = {
        "ada/ps1.ipynb": ((2026, 12, 1, 13, 0, 0), NOTEBOOK),
        "bob/ps1.ipynb": ((2026, 12, 2, 13, 0, 0), NOTEBOOK),
        "eve_LATE_1_2_ps1.ipynb": NOTEBOOK,
    }
    assignment = Assignment(
        "ps1", {"corr2d": 4.0}, 1, due=ASSIGNMENT.due, extensions={"ada": "2026-12-05T00:00:00+00:00"}
    )
    _, messages = collect(course, assignment, zipped(tmp_path / "d.zip", files))
    assert messages == ["bob: late, 2 days begun", "eve: late, 1 day begun"]


def test_what_cannot_be_taken_is_named(course, tmp_path):
    files = {"ps1.ipynb": NOTEBOOK, "ada/notes.txt": "", "ada/ps1.ipynb": NOTEBOOK, "__MACOSX/ada/._ps1.ipynb": ""}
    collected, messages = collect(course, ASSIGNMENT, zipped(tmp_path / "d.zip", files))
    assert collected == ["ada"]
    assert messages == [
        "1 files that systems and platforms add, such as '__MACOSX/ada/._ps1.ipynb'; not taken",
        "'ps1.ipynb' does not tell whose it is; not taken",
        "'ada/notes.txt' is no notebook; not taken",
    ]


def test_a_broken_archive_is_refused_whole(course, tmp_path):
    place = zipped(tmp_path / "d.zip", {"ada/ps1.ipynb": NOTEBOOK, "bob/ps1.ipynb": os.urandom(5000)})
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 0xFF
    place.write_bytes(content)
    with pytest.raises(CourseError, match=r"the entry 'bob/ps1\.ipynb' is damaged"):
        collect(course, ASSIGNMENT, place)
    assert not course.submitted.exists()
    place.write_bytes(b"not a zip")
    with pytest.raises(CourseError, match="it cannot be read"):
        collect(course, ASSIGNMENT, place)


def test_a_folder_is_collected_without_its_links(course, tmp_path):
    download = tmp_path / "download"
    (download / "ada").mkdir(parents=True)
    (download / "ada" / "ps1.ipynb").write_text(NOTEBOOK)
    (download / "bob").symlink_to(download / "ada")
    collected, messages = collect(course, ASSIGNMENT, download)
    assert collected == ["ada"]
    assert "'bob' is a link or a device; links are never copied" in messages


def test_a_roster_is_read_by_its_header_or_its_first_column(tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("name,student\nAda,ada\nBob,bob\n")
    assert read_roster(roster) == ["ada", "bob"]
    roster.write_text("ada\nbob\n")
    assert read_roster(roster) == ["ada", "bob"]
    roster.write_text("student\n../up\n")
    with pytest.raises(CourseError, match="no name"):
        read_roster(roster)
