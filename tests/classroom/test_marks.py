"""Marks and feedback go back in the form that each platform's import reads."""

import csv
import io
import re
import zipfile

import pytest

from cnncourse.classroom.course import CourseError
from cnncourse.classroom.marks import csv_text, feedback_zip, importable
from cnncourse.classroom.people import Person

ROW = {"student": "Student 17_1001", "corr2d": 4.0, "total": 3.5, "max": 4.0, "late": "yes", "status": "graded"}
PERSONS = {
    "Student 17_1001": Person("Student 17_1001", name="Student 17", moodle="1001"),
    "seventeenstudent_111": Person("seventeenstudent_111", name="Seventeen, Student", canvas="111"),
    "anon_aB3xZ": Person("anon_aB3xZ", canvas="anon_aB3xZ"),
    "17@example.org": Person("17@example.org", name="Student 17", email="17@example.org"),
}


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


def row(student, **changes):
    return ROW | {"student": student} | changes


def test_moodle_gets_the_columns_that_its_offline_grading_reads():
    (mark,) = table(csv_text([ROW], "moodle", "ps1", PERSONS))
    assert mark["Identifier"] == "Participant 1001"
    assert mark["Grade"] == "3.5"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", mark["Last modified (grade)"])


def test_canvas_gets_the_users_id():
    assert csv_text([row("seventeenstudent_111")], "canvas", "ps1", PERSONS) == (
        'Student,ID,SIS User ID,SIS Login ID,Section,ps1\n    Points Possible,,,,,4\n"Seventeen, Student",111,,,,3.5\n'
    )


def test_gradescope_gets_the_email():
    (mark,) = table(csv_text([row("17@example.org")], "gradescope", "ps1", PERSONS))
    assert (mark["Email"], mark["Total Score"], mark["Max Points"]) == ("17@example.org", "3.5", "4")


@pytest.mark.parametrize(
    ("columns", "known"),
    [("moodle", ["Student 17_1001"]), ("canvas", ["seventeenstudent_111"]), ("gradescope", ["17@example.org"])],
)
def test_a_platform_gets_only_students_whom_it_can_tell(columns, known):
    rows = [row(student) for student in PERSONS]
    assert [mark["student"] for mark in importable(rows, columns, PERSONS)] == known
    assert len(table(csv_text(rows, columns, "ps1", PERSONS))) == len(known) + (columns == "canvas")
    with pytest.raises(CourseError, match=f"no student can be exported: {columns} needs a"):
        csv_text([row("nobody")], columns, "ps1", PERSONS)


def test_who_is_not_graded_yet_gets_no_grade():
    ungraded = row("Student 17_1001", corr2d=None, total=None, status="not graded yet")
    assert csv_text([ungraded]).splitlines()[1] == "Student 17_1001,,,4,yes,not graded yet"
    assert importable([ungraded], "moodle", PERSONS) == []


@pytest.mark.parametrize("name", ["=1+1", "+49 17", "-rf", "@SUM(A1)", "\t=1+1"])
def test_no_cell_of_a_csv_is_a_formula(name):
    assert table(csv_text([row(name)]))[0]["student"] == f"'{name}"


def test_names_with_commas_quotes_and_accents_come_back_from_csv_as_they_were():
    names = ["Seventeen, Student", 'the "first"', "Jos\u00e9", " spaces ", "a;b"]
    assert [mark["student"] for mark in table(csv_text([row(name) for name in names]))] == names


def test_no_marks_are_an_empty_file():
    assert csv_text([]) == ""


def test_moodle_finds_the_number_in_the_name_of_each_page():
    persons = PERSONS | {"x": Person("x", name="Student_18", moodle="1002")}
    pages = [("Student 17_1001", "<p>one</p>"), ("x", "<p>two</p>"), ("17@example.org", "<p>three</p>")]
    with zipfile.ZipFile(io.BytesIO(feedback_zip(pages, "ps_1", persons))) as archive:
        found = {tuple(name.split("_", 4)): archive.read(name).decode() for name in archive.namelist()}
    assert found == {  # importziplib.php takes the second part as the number, the next two as the plugin
        ("Student 17", "1001", "assignsubmission", "file", "ps_1.html"): "<p>one</p>",
        ("Student 18", "1002", "assignsubmission", "file", "ps_1.html"): "<p>two</p>",
    }
