"""Downloads of every platform are sorted by the platform's number and its times, or refused whole."""

import io
import json
import os
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from cnncourse.classroom.collect import collect, read_download, store
from cnncourse.classroom.course import Assignment, Course, CourseError
from cnncourse.classroom.people import People
from cnncourse.classroom.roster import read_roster
from tests.classroom.exporters import DOWNLOADED, canvas_zip, gradescope_zip, moodle_worksheet, moodle_zip, zipped

NOTEBOOK = json.dumps({"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}})
ASSIGNMENT = Assignment("ps1", {"corr2d": 4.0}, seed=1, due="2026-12-01T12:00:00+01:00")


def notebook(number):
    """A notebook that differs from others."""
    return NOTEBOOK + " " * number


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path / "course")


@pytest.fixture
def archive(tmp_path):
    return tmp_path / "download.zip"


def submitted(course):
    return {
        path.relative_to(course.submitted).as_posix(): path.read_text() for path in course.submitted.rglob("*.ipynb")
    }


def stamp(course, student):
    path = course.submitted / student / "ps1" / "timestamp.txt"
    return path.read_text() if path.exists() else None


def with_roster(course, roster, place, assignment=ASSIGNMENT):
    people = People.load(course, assignment)
    assignment = replace(assignment, roster=people.enrol(read_roster(roster)))
    return store(course, assignment, people, read_download(course, assignment, people, place))


# zips within uploads


def inner(**files):
    content = io.BytesIO()
    zipped(content, {name.replace("_", "."): text for name, text in files.items()})
    return content.getvalue()


def damaged():
    """A zip whose list of entries is whole, but not what it lists."""
    content = bytearray(inner(ps1_ipynb=NOTEBOOK))
    content[content.index(b"ps1.ipynb") + 12] ^= 255
    return bytes(content)


@pytest.mark.parametrize("files", [{"ps1_ipynb": NOTEBOOK}, {"mine_ipynb": NOTEBOOK}])
def test_the_only_notebook_in_a_zip_that_was_handed_in_is_taken(course, archive, files):
    moodle_zip(archive, [("Student 17", 1, "ps1.zip", inner(notes_txt="", **files))])
    collected, messages = collect(course, replace(ASSIGNMENT, due=None), archive)
    (name,) = (name.replace("_", ".") for name in files)
    assert collected == ["Student 17_1"]
    assert submitted(course) == {"Student 17_1/ps1/ps1.ipynb": NOTEBOOK}
    path = "Student 17_1_assignsubmission_file/ps1.zip"
    assert messages == [f"'{path}' is a zip; '{name}' in it is taken as 'ps1.ipynb'"]


@pytest.mark.parametrize("folders", [True, False])
def test_of_several_notebooks_in_a_zip_the_one_with_the_assignments_name_is_taken(course, archive, folders):
    upload = inner(ps1_ipynb=NOTEBOOK, scratch_ipynb=notebook(1))
    moodle_zip(archive, [("Student 17", 1, "homework.zip", upload)], folders=folders)
    assert collect(course, ASSIGNMENT, archive)[0] == ["Student 17_1"]
    assert submitted(course) == {"Student 17_1/ps1/ps1.ipynb": NOTEBOOK}


def test_a_zip_on_canvas_keeps_its_owner(course, archive):
    canvas_zip(archive, [("Seventeen, Student", 111, 222, "ps1.zip", False, inner(ps1_ipynb=NOTEBOOK))])
    assert collect(course, ASSIGNMENT, archive)[0] == ["seventeenstudent_111"]


@pytest.mark.parametrize(
    ("upload", "why"),
    [
        (lambda: inner(one_ipynb=NOTEBOOK, two_ipynb=NOTEBOOK), "a zip with 2 notebooks"),
        (lambda: inner(notes_txt=""), "a zip with 0 notebooks"),
        (lambda: inner(ps1_zip=inner(ps1_ipynb=NOTEBOOK)), "a zip with 0 notebooks"),  # one level is read
        (lambda: b"no zip", "a zip that is damaged"),
        (damaged, "a zip that is damaged"),
        (lambda: inner(**{"__/ps1_ipynb": NOTEBOOK}), "a zip that is hostile"),
    ],
)
def test_a_zip_that_cannot_be_taken_is_named_and_costs_nobody_else(course, archive, upload, why):
    zipped(archive, {"ada/ps1.zip": upload(), "bob/ps1.ipynb": NOTEBOOK})
    collected, messages = collect(course, replace(ASSIGNMENT, due=None), archive)
    assert collected == ["bob"]
    assert messages == [f"'ada/ps1.zip' is {why}; not taken"]


def test_a_zip_beside_its_notebook_is_not_taken(course, archive):
    zipped(archive, {"ada/ps1.zip": inner(ps1_ipynb=notebook(1)), "ada/ps1.ipynb": NOTEBOOK, "bob/ps1.ipynb": NOTEBOOK})
    messages = collect(course, replace(ASSIGNMENT, due=None), archive)[1]
    assert submitted(course)["ada/ps1/ps1.ipynb"] == NOTEBOOK
    assert messages == ["'ada/ps1.zip' is a zip beside 'ps1.ipynb'; not taken"]


# identity


def test_two_students_of_one_name_on_moodle_stay_two(course, archive):
    moodle_zip(archive, [("Student Seventeen", number, "ps1.ipynb", notebook(number % 9)) for number in (1001, 1002)])
    assert collect(course, ASSIGNMENT, archive)[0] == ["Student Seventeen_1001", "Student Seventeen_1002"]
    assert submitted(course) == {
        "Student Seventeen_1001/ps1/ps1.ipynb": notebook(1001 % 9),
        "Student Seventeen_1002/ps1/ps1.ipynb": notebook(1002 % 9),
    }


def test_participants_of_blind_marking_stay_apart(course, archive):
    moodle_zip(archive, [("", number, "ps1.ipynb", NOTEBOOK) for number in (1, 2, 3)], blind=True)
    assert collect(course, ASSIGNMENT, archive)[0] == ["Participant_1", "Participant_2", "Participant_3"]


def test_two_students_of_one_name_on_canvas_stay_two(course, archive):
    canvas_zip(archive, [("Seventeen, Student", user, user + 1, "ps1.ipynb", False, NOTEBOOK) for user in (111, 333)])
    assert collect(course, ASSIGNMENT, archive)[0] == ["seventeenstudent_111", "seventeenstudent_333"]


def test_two_students_of_one_name_without_id_on_gradescope_stay_two(course, archive):
    gradescope_zip(
        archive, [(number, [("Student 17", "", "")], "2026-11-30", "ps1.ipynb", NOTEBOOK) for number in (41, 42)]
    )
    assert collect(course, ASSIGNMENT, archive)[0] == ["submission_41", "submission_42"]


def test_work_of_students_without_a_group_is_nobodys(course, archive):
    zipped(archive, {"Default group_assignsubmission_file/ps1.ipynb": NOTEBOOK})
    messages = ["'Default group_assignsubmission_file/ps1.ipynb' does not tell whose it is; not taken"]
    assert collect(course, ASSIGNMENT, archive) == ([], messages)


def test_a_student_renamed_on_the_platform_keeps_the_folder(course, archive):
    collect(course, ASSIGNMENT, moodle_zip(archive, [("Student 17", 1001, "ps1.ipynb", NOTEBOOK)]))
    later = (2026, 12, 10, 9, 0, 0)
    moodle_zip(archive, [("Student Married", 1001, "ps1.ipynb", notebook(1))], when=later)
    assert collect(course, ASSIGNMENT, archive)[0] == ["Student 17_1001"]
    assert submitted(course) == {"Student 17_1001/ps1/ps1.ipynb": notebook(1)}


def test_who_was_collected_by_name_before_keeps_the_folder_unless_two_have_the_name(course, archive):
    for student in ("Student 17", "Student 18"):  # as version 0.1 collected from Moodle
        (course.submitted / student / "ps1").mkdir(parents=True)
    submissions = [("Student 17", 1001), ("Student 18", 1002), ("Student 18", 1003)]
    moodle_zip(archive, [(name, number, "ps1.ipynb", NOTEBOOK) for name, number in submissions])
    assert collect(course, ASSIGNMENT, archive)[0] == ["Student 17", "Student 18_1002", "Student 18_1003"]


def test_the_worksheet_gives_moodles_numbers_their_students(course, archive, tmp_path):
    rows = [("Student 17", 1001, "one@example.org", "-"), ("Student 17", 1002, "two@example.org", "-")]
    roster = moodle_worksheet(tmp_path / "worksheet.csv", rows)
    moodle_zip(archive, [("Student 17", 1002, "ps1.ipynb", NOTEBOOK)])
    assert with_roster(course, roster, archive)[0] == ["two@example.org"]


def test_work_of_several_people_is_given_to_each(course, archive):
    people = [("Student 17", 7, "a@example.org"), ("Student 18", 8, "b@example.org")]
    gradescope_zip(archive, [(42, people, "2026-11-30 11:30:00.512 Z", "ps1.ipynb", NOTEBOOK)])
    collected, messages = collect(course, ASSIGNMENT, archive)
    assert collected == ["7", "8"]
    assert "submission_42 is the work of 2 people, 7, 8; each of them gets it" in messages


# folders and names of files


@pytest.mark.parametrize(
    ("entry", "student"),
    [
        ("ada/ps1.ipynb", "ada"),
        ("downloads/ada/ps1.ipynb", "ada"),
        ("ada/ps1/ps1.ipynb", "ada"),
        ("submitted/ada/ps1/ps1.ipynb", "ada"),
        ("ada\\ps1.ipynb", "ada"),
        ("ada+ps1+2026-11-30 10:00:00 UTC+x1/ps1.ipynb", "ada"),
        ("Student 17_123456_assignsubmission_file_/ps1.ipynb", "Student 17_123456"),
        ("Student 17_123456_assignsubmission_file/my homework/src/ps1 (2).ipynb", "Student 17_123456"),
        ("Student 17_123456_assignsubmission_file_ps1.ipynb", "Student 17_123456"),
        ("seventeen_12345_67890_ps1.ipynb", "seventeen_12345"),
        ("van_der_seventeen_LATE_12345_67890_ps1-1.ipynb", "van_der_seventeen_12345"),
        ("seventeen_5_12345_67890_ps1.ipynb", "seventeen_5_12345"),
        ("seventeen_12345_67890_1_2_3.ipynb", "seventeen_12345"),
        ("anon_aB3xZ_222_ps1.ipynb", "anon_aB3xZ"),
        ("LATE_anon_Qq1zz_223_ps1.ipynb", "anon_Qq1zz"),
        ("_111_222_ps1.ipynb", "111"),
        ("assignment_1_export/submission_42/hw/ps1.ipynb", "submission_42"),
    ],
)
def test_a_notebook_is_given_to_the_student_whose_it_is(course, archive, entry, student):
    collected, _ = collect(course, ASSIGNMENT, zipped(archive, {entry: NOTEBOOK}))
    assert collected == [student]
    assert list(submitted(course)) == [f"{student}/ps1/ps1.ipynb"]


def test_a_folder_inside_an_upload_is_not_the_student(course, archive):
    zipped(archive, {"export/ada/src/ps1.ipynb": NOTEBOOK, "export/bob/ps1.ipynb": NOTEBOOK})
    assert collect(course, ASSIGNMENT, archive)[0] == ["ada", "bob"]


def test_the_outermost_folder_on_the_roster_is_the_student(course, archive, tmp_path):
    (tmp_path / "roster.csv").write_text("student\nada\nbob\n")
    files = {"section 1/ada/src/ps1.ipynb": NOTEBOOK, "section 2/bob/ada/ps1.ipynb": NOTEBOOK}
    assert with_roster(course, tmp_path / "roster.csv", zipped(archive, files))[0] == ["ada", "bob"]


def test_a_file_that_only_looks_like_canvas_stays_with_its_folder(course, archive):
    zipped(archive, {"ada/ps1_1_2_3.ipynb": NOTEBOOK, "bob/ps1.ipynb": NOTEBOOK})
    assert collect(course, ASSIGNMENT, archive)[0] == ["ada", "bob"]


PLANTED = ["bob_2_assignsubmission_file", "submission_7", "bob+ps1+2026-11-01 00:00:00 UTC"]


@pytest.mark.parametrize("planted", PLANTED)
def test_a_folder_that_a_student_called_as_a_platform_would_stays_theirs(course, archive, planted):
    zipped(archive, {f"ada/{planted}/ps1.ipynb": NOTEBOOK, "bob/ps1.ipynb": NOTEBOOK})
    assert collect(course, ASSIGNMENT, archive)[0] == ["ada", "bob"]
    moodle_zip(archive, [("Student 17", 1, f"{planted}/ps1.ipynb", NOTEBOOK)])
    assert collect(course, ASSIGNMENT, archive)[0] == ["Student 17_1"]


def test_downloads_of_two_sections_side_by_side_are_recognised(course, archive):
    folders = [f"section {number}/Student {number}_{number}_assignsubmission_file/ps1.ipynb" for number in (1, 2)]
    zipped(archive, dict.fromkeys(folders, NOTEBOOK))
    assert collect(course, ASSIGNMENT, archive)[0] == ["Student 1_1", "Student 2_2"]


def test_metadata_that_a_student_handed_in_on_gradescope_counts_for_nothing(course, archive):
    mine = "submission_42:\n  :submitters:\n  - :name: A\n    :sid: 8\n"
    gradescope_zip(
        archive,
        [
            (41, [("Student 17", 7, "")], "2026-11-30", "submission_metadata.yml", mine),
            (42, [("Student 18", 9, "")], "2026-11-30", "ps1.ipynb", NOTEBOOK),
        ],
    )
    assert collect(course, ASSIGNMENT, archive)[0] == ["9"]


@pytest.mark.parametrize(
    ("files", "guess"),
    [
        (
            ["ada/src/ps1.ipynb"],
            "taken by their folders: 1 notebook, such as 'ada/src/ps1.ipynb' as of 's",
        ),
        (
            ["s1/ada/ps1.ipynb", "s2/ada/ps1.ipynb", "eve/ps1.ipynb"],
            "taken by their folders: 2 notebooks, such as 's1/ada/ps1.ipynb' as of",
        ),
    ],
)
def test_a_guess_among_folders_is_said(course, archive, files, guess):
    messages = collect(course, ASSIGNMENT, zipped(archive, dict.fromkeys(files, NOTEBOOK)))[1]
    assert messages[0].startswith(guess)
    assert messages[0].endswith("; if that is wrong, add --roster")


def test_a_browsers_ending_behind_that_of_a_notebook_does_not_matter(course, archive):
    zipped(archive, {"ada/ps1.ipynb.txt": NOTEBOOK, "bob/ps1.ipynb.json": NOTEBOOK})
    assert collect(course, replace(ASSIGNMENT, due=None), archive) == (["ada", "bob"], [])


def test_a_name_that_no_folder_can_have_is_replaced_by_the_number(course, archive):
    names = ["x" * 300, "..", "\u202egnp", "new\nline"]
    files = [f"{name}_{number}_assignsubmission_file/ps1.ipynb" for number, name in enumerate(names)]
    zipped(archive, dict.fromkeys(files, NOTEBOOK))
    assert collect(course, ASSIGNMENT, archive)[0] == [f"Participant_{number}" for number in range(4)]


NAMES = [
    "\u5c71\u7530\u3000\u592a\u90ce",  # a full-width space
    "Student\u00a017",
    "\u0639\u0644\u06cc\u200c\u0631",  # a zero-width non-joiner
    "\u0915\u094d\u200d\u0937",  # a combining mark and a joiner
]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_people_have_are_taken(course, archive, name):
    moodle_zip(archive, [(name, 7, "ps1.ipynb", NOTEBOOK)])
    assert collect(course, ASSIGNMENT, archive)[0] == [f"{name}_7"]


def test_letters_taken_apart_by_macos_are_the_same_student(course, archive, tmp_path):
    (tmp_path / "roster.csv").write_text("Jose\u0301\n", encoding="utf-8")
    zipped(archive, {"Jose\u0301/ps1.ipynb": NOTEBOOK})
    assert with_roster(course, tmp_path / "roster.csv", archive)[0] == ["Jos\u00e9"]


@pytest.mark.parametrize("newer", ["ps1-Copy1.ipynb", "ps1 (1).ipynb", "ps1 - Copy (2).ipynb", "PS1-1.ipynb"])
def test_of_several_copies_with_one_time_the_highest_number_is_taken(course, archive, newer):
    files = [("Student 17", 1, "ps1.ipynb", NOTEBOOK), ("Student 17", 1, newer, notebook(1))]
    messages = collect(course, ASSIGNMENT, moodle_zip(archive, files))[1]
    assert submitted(course) == {"Student 17_1/ps1/ps1.ipynb": notebook(1)}
    assert (
        "Student 17_1: 'Student 17_1_assignsubmission_file/ps1.ipynb' is older or another notebook; not taken"
        in messages
    )


def test_another_assignments_notebook_is_no_copy(course, archive):
    files = {"ada/ps1.ipynb": NOTEBOOK, "ada/ps12.ipynb": notebook(1)}
    collect(course, ASSIGNMENT, zipped(archive, files))
    assert submitted(course) == {"ada/ps1/ps1.ipynb": NOTEBOOK}


def test_what_cannot_be_taken_is_named(course, archive):
    files = {"ps1.ipynb": NOTEBOOK, "ada/notes.txt": "", "ada/ps1.ipynb": NOTEBOOK, "__MACOSX/ada/._ps1.ipynb": ""}
    collected, messages = collect(course, replace(ASSIGNMENT, due=None), zipped(archive, files))
    assert collected == ["ada"]
    assert messages == [
        "not taken, since systems add them: 1 file, such as '__MACOSX/ada/._ps1.ipynb'",
        "'ada/notes.txt' is no notebook; not taken",
        "'ps1.ipynb' does not tell whose it is; not taken",
    ]


# times


def test_the_time_of_a_download_makes_nobody_late(course, archive):
    moodle_zip(archive, [("Student 17", 1, "ps1.ipynb", NOTEBOOK), ("Student 18", 2, "ps1.ipynb", NOTEBOOK)])
    messages = collect(course, ASSIGNMENT, archive)[1]
    assert messages == [
        "no time of hand-in is known for 2, which count as in time; "
        "Moodle's grading worksheet says when, add it with --roster"
    ]
    assert stamp(course, "Student 17_1") is None


def test_moodles_worksheet_says_who_is_late(course, archive, tmp_path):
    rows = [
        ("Student 17", 1, "a@example.org", "Tuesday, 1 December 2026, 10:59 AM"),
        ("Student 18", 2, "b@example.org", "Wednesday, 2 December 2026, 1:00 PM"),
        ("Student 19", 3, "c@example.org", "-"),
    ]
    moodle_zip(archive, [(name, number, "ps1.ipynb", NOTEBOOK) for name, number, _, _ in rows])
    messages = with_roster(course, moodle_worksheet(tmp_path / "worksheet.csv", rows), archive)[1]
    assert messages[0] == "b@example.org: late, 2 days begun"
    assert stamp(course, "a@example.org") == "2026-12-01 10:59:00 UTC"
    assert stamp(course, "c@example.org") is None


def test_the_worksheet_may_follow_the_zip(course, archive, tmp_path):
    moodle_zip(archive, [("Student 17", 1, "ps1.ipynb", NOTEBOOK)])
    collect(course, ASSIGNMENT, archive)
    rows = [("Student 17", 1, "a@example.org", "Tuesday, 1 December 2026, 10:59 AM")]
    collected, messages = with_roster(course, moodle_worksheet(tmp_path / "worksheet.csv", rows), archive)
    assert (collected, messages) == ([], ["1 is as collected before"])
    assert stamp(course, "Student 17_1") == "2026-12-01 10:59:00 UTC"


def test_a_time_of_an_earlier_worksheet_is_not_that_of_a_later_upload(course, archive, tmp_path):
    rows = [("Student 17", 1, "a@example.org", "Tuesday, 1 December 2026, 10:59 AM")]
    moodle_zip(archive, [("Student 17", 1, "ps1.ipynb", NOTEBOOK)])
    with_roster(course, moodle_worksheet(tmp_path / "worksheet.csv", rows), archive)
    moodle_zip(archive, [("Student 17", 1, "ps1.ipynb", notebook(1))], when=(2026, 12, 10, 9, 0, 0))
    assert collect(course, ASSIGNMENT, archive)[0] == ["a@example.org"]
    assert stamp(course, "a@example.org") is None


def test_canvas_says_who_is_late_and_an_extension_here_counts(course, archive):
    assignment = replace(ASSIGNMENT, extensions={"nineteen_3": "2026-12-05T00:00:00+00:00"}, late_grace=10.0)
    people = [("Seventeen", 1, False), ("Eighteen", 2, True), ("Nineteen", 3, True)]
    canvas_zip(archive, [(name, user, 5550 + user, "ps1.ipynb", late, NOTEBOOK) for name, user, late in people])
    messages = collect(course, assignment, archive)[1]
    assert messages[:3] == [
        "eighteen_2: Canvas says that it is late, not how late; the first day is assumed",
        "eighteen_2: late, 1 day begun",
        "nineteen_3: late for Canvas, but has an extension here; Canvas does not say when, so in time",
    ]
    assert stamp(course, "seventeen_1") is None


def test_gradescope_says_when_it_was_handed_in(course, archive):
    gradescope_zip(
        archive, [(42, [("Student 17", 7, "a@example.org")], "2026-12-01 11:30:00.512 Z", "ps1.ipynb", NOTEBOOK)]
    )
    assert collect(course, ASSIGNMENT, archive) == (["7"], ["7: late, 1 day begun"])


@pytest.mark.parametrize(
    "text", ["2026-12-02 15:58:23.948203 UTC", "2026-12-02 10:58:23.948203 America/New_York", "2026-12-02T15:58:23Z"]
)
def test_nbgraders_own_time_is_kept(course, archive, text):
    collect(course, ASSIGNMENT, zipped(archive, {"ada/ps1/ps1.ipynb": NOTEBOOK, "ada/ps1/timestamp.txt": text}))
    assert stamp(course, "ada") == text
    assert ASSIGNMENT.days_late("ada", "2026-12-02T15:58:23+00:00") == 2


def test_a_time_that_a_student_put_into_the_upload_counts_for_nothing(course, archive):
    files = [("Student 17", 1, "ps1.ipynb", NOTEBOOK), ("Student 17", 1, "timestamp.txt", "2026-11-01 00:00:00 UTC")]
    collect(course, ASSIGNMENT, moodle_zip(archive, files))
    assert stamp(course, "Student 17_1") is None


def test_a_folder_of_the_exchange_says_when(course, archive):
    zipped(archive, {"ada+ps1+2026-12-01 12:00:00 UTC/ps1.ipynb": NOTEBOOK})
    assert collect(course, ASSIGNMENT, archive)[1] == ["ada: late, 1 day begun"]


def test_the_newest_of_several_is_taken_and_the_others_are_named(course, archive):
    archive = zipped(archive, {"ada/ps1.ipynb": NOTEBOOK})
    assignment = replace(ASSIGNMENT, due=None)
    assert collect(course, assignment, archive)[0] == ["ada"]
    zipped(archive, {"ada/ps1.ipynb": notebook(1)}, when=(2026, 12, 9, 8, 0, 0))
    assert collect(course, assignment, archive) == ([], ["ada: what was collected before is not older; kept"])
    zipped(archive, {"ada/ps1.ipynb": notebook(2)}, when=(2026, 12, 9, 10, 0, 0))
    assert collect(course, assignment, archive) == (["ada"], [])
    written = (course.submitted / "ada" / "ps1" / "ps1.ipynb").stat().st_mtime
    assert written == datetime(2026, 12, 9, 10, tzinfo=timezone.utc).timestamp()
    assert DOWNLOADED < (2026, 12, 9, 10)


# what is refused


@pytest.mark.parametrize("place", [".", "submitted", "submitted/ada", ".."])
def test_a_course_folder_is_not_collected_into_itself(course, archive, place):
    collect(course, ASSIGNMENT, zipped(archive, {"ada/ps1.ipynb": NOTEBOOK}))
    before = submitted(course)
    with pytest.raises(CourseError, match="is the course folder, lies in it or holds it; give the folder or zip"):
        collect(course, ASSIGNMENT, course.folder / place)
    assert submitted(course) == before


def test_a_broken_archive_is_refused_whole(course, archive):
    zipped(archive, {"ada/ps1.ipynb": NOTEBOOK, "bob/ps1.ipynb": os.urandom(5000)})
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF
    archive.write_bytes(content)
    with pytest.raises(CourseError, match=r"the entry 'bob/ps1\.ipynb' is damaged"):
        collect(course, ASSIGNMENT, archive)
    assert not course.submitted.exists()
    archive.write_bytes(b"not a zip")
    with pytest.raises(CourseError, match="it cannot be read"):
        collect(course, ASSIGNMENT, archive)


def test_a_folder_is_collected_without_its_links(course, tmp_path):
    download = tmp_path / "download"
    (download / "ada").mkdir(parents=True)
    (download / "ada" / "ps1.ipynb").write_text(NOTEBOOK)
    (download / "bob").symlink_to(download / "ada")
    collected, messages = collect(course, ASSIGNMENT, download)
    assert collected == ["ada"]
    assert "'bob' is a link or a device; links are never copied" in messages
