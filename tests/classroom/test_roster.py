"""A roster is recognised by its headings; anything else is refused."""

import pytest

from cnncourse.classroom.course import CourseError
from cnncourse.classroom.people import Person
from cnncourse.classroom.roster import read_roster
from tests.classroom.exporters import moodle_worksheet

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,ps1 (77)\n    Points Possible,,,,,10\n"
    '"Seventeen, Student",111,S17,student17,A,\n"Student, Test",999,,,A,\n'
)
GRADESCOPE = (
    "First Name,Last Name,SID,Email,Role\nStudent,17,S17,17@example.org,Student\nA,B,,t@example.org,Instructor\n"
)


@pytest.fixture
def read(tmp_path):
    def read(content, encoding="utf-8"):
        path = tmp_path / "roster.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return read_roster(path)

    return read


@pytest.mark.parametrize(
    "content",
    [
        "student,mail\nada,a@x\nben,b@x\n",
        "student;mail\nada;a@x\nben;b@x\n",
        "sep=;\r\nstudent;mail\r\nada;a@x\r\nben;b@x\r\n",
        "mail\tstudent\na@x\tada\nb@x\tben\n",
        "\ufeffStudent\nada\n\nben\n",
        "id\nada\nben\n",
        "ada\nben\n",
    ],
)
def test_a_list_of_ones_own_is_read_whatever_separates_it(read, content):
    assert [person.student for person in read(content)] == ["ada", "ben"]


def test_a_list_that_excel_saved_as_unicode_text_is_read(read):
    assert [person.student for person in read("student\tmail\nada\ta@x\n", "utf-16")] == ["ada"]


def test_moodles_worksheet_is_recognised(tmp_path):
    rows = [("Student 17", 1001, "17@example.org", "Tuesday, 1 December 2026, 11:30 AM")]
    worksheet = moodle_worksheet(tmp_path / "w.csv", rows)
    time = "2026-12-01T11:30:00+00:00"
    person = Person("17@example.org", "Student 17", email="17@example.org", moodle="1001", submitted_at=time)
    assert read_roster(worksheet) == [person]


def test_moodles_worksheet_of_blind_marking_is_recognised(tmp_path):
    worksheet = moodle_worksheet(tmp_path / "w.csv", [("", 1001, "", "-"), ("", 1002, "", "1/12/2026")], blind=True)
    assert read_roster(worksheet) == [
        Person("Participant_1001", moodle="1001"),
        Person("Participant_1002", moodle="1002"),
    ]


@pytest.mark.parametrize("identifier", ["ID", "Teilnehmernummer", "Identifiant"])
@pytest.mark.parametrize("who", ["Teilnehmer/in 10{}", "Participant10{}", "Participante 10{}"])
def test_moodles_worksheet_in_another_language_is_refused_with_what_to_do(read, identifier, who):
    head = f"{identifier},Name,E-Mail,Status,Bewertung,Bestwertung,Bewertung kann geändert werden,Zuletzt geändert"
    rows = "".join(f"{who.format(n)},Student {n},{n}@example.org,Abgegeben,,100.00,Ja,-\n" for n in (17, 18))
    with pytest.raises(CourseError, match="looks like Moodle's grading worksheet in another language; choose English"):
        read(f"{head}\n{rows}")


@pytest.mark.parametrize("last", ["Last name", "Surname"])
def test_moodles_participants_are_recognised(read, last):
    content = f"First name,{last},ID number,Email address\nStudent,17,S17,17@example.org\n"
    assert read(content) == [Person("17@example.org", "Student 17", email="17@example.org", sid="S17")]


def test_canvas_gradebook_is_recognised_without_rows_of_nobody(read):
    assert read(CANVAS) == [Person("student17", "Seventeen, Student", login="student17", sid="S17", canvas="111")]


def test_canvas_gradebook_with_the_names_apart_is_recognised(read):
    content = (
        "LastName,FirstName,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,,\nSeventeen,Student,111,,,A\n"
    )
    assert read(content) == [Person("Seventeen, Student_111", "Seventeen, Student", canvas="111")]


def test_gradescopes_roster_is_recognised_without_teachers(read):
    assert read(GRADESCOPE) == [Person("S17", "Student 17", email="17@example.org", sid="S17")]


@pytest.mark.parametrize(
    "content",
    [
        "import torch\ndef corr2d(image, kernel):\n    return image\n",
        "import torch\n",
        "x = 1\n",
        "Student 17,a@x\nStudent 18,b@x\n",
        "colour,shape\nred,round\n",
        "",
    ],
)
def test_anything_else_is_refused_with_the_headings_that_are_expected(read, content):
    with pytest.raises(CourseError, match=r"is no roster: it begins with .*; it needs a column student .*Identifier"):
        read(content)


@pytest.mark.parametrize("content", [b"student\n\xff\xfe\xfa\n", b'student\n"ada\n'])
def test_a_file_that_is_no_csv_is_refused(read, content):
    with pytest.raises(CourseError, match="cannot be read as CSV"):
        read(content)


@pytest.mark.parametrize("name", ["../up", ".hidden", "\u202egnp"])
def test_a_name_that_no_folder_can_have_is_refused(read, name):
    with pytest.raises(CourseError, match="which is no name of a student"):
        read(f"student\n{name}\n")


def test_a_heading_without_students_is_refused(read):
    with pytest.raises(CourseError, match="names nobody"):
        read("student\n")
