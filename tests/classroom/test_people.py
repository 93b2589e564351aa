"""Who is who: identifiers come before names, and a name that two have tells nothing."""

import pytest

from cnncourse.classroom.course import Assignment, Course, CourseError
from cnncourse.classroom.people import FILE, People, Person
from cnncourse.classroom.platforms.origin import CANVAS, FOLDERS, GRADESCOPE, MOODLE, Origin

ASSIGNMENT = Assignment("ps1", {"corr2d": 4.0}, seed=1)
NOBODY = set()


def test_a_number_counts_before_a_name():
    people = People([Person("a", name="Student 17", moodle="1001"), Person("b", name="Student 18")])
    assert people.folder_of(Origin(MOODLE, "Student 18", "1001"), NOBODY) == "a"
    assert people.folder_of(Origin(MOODLE, "Student 18", "1002"), NOBODY) == "b"
    assert people.persons["b"].moodle == "1002"


def test_the_same_name_with_another_number_is_another_student():
    people = People([Person("a", name="Student 17", moodle="1001")])
    assert people.folder_of(Origin(MOODLE, "Student 17", "1002"), NOBODY) == "Student 17_1002"


def test_a_name_that_two_have_is_nobodys():
    people = People([Person("Student 17")])
    origins = [Origin(MOODLE, "Student 17", "1"), Origin(MOODLE, "student 17", "2")]
    assert [people.folder_of(origin, {"student 17"}) for origin in origins] == ["Student 17_1", "student 17_2"]


def test_a_participant_without_a_name_is_not_the_folder_of_all_participants():
    assert People([Person("Participant")]).folder_of(Origin(MOODLE, "Participant", "7"), NOBODY) == "Participant_7"


@pytest.mark.parametrize("known", [Person("7"), Person("x", sid="7"), Person("7", name="Student 17", sid="7")])
def test_a_student_id_of_gradescope_finds_the_student(known):
    assert People([known]).folder_of(Origin(GRADESCOPE, "Student 17", "7"), NOBODY) == known.student


def test_a_folder_may_be_called_by_name_or_email():
    people = People([Person("17@example.org", name="Student 17", email="17@example.org")])
    for name in ("17@example.org", "Student\u00a017", "STUDENT 17"):
        assert people.folder_of(Origin(FOLDERS, name), NOBODY) == "17@example.org"


def test_a_roster_that_comes_later_keeps_the_folders():
    people = People()
    people.folder_of(Origin(CANVAS, "seventeenstudent", "111"), NOBODY)
    rows = [Person("student17", "Seventeen, Student", login="student17", canvas="111"), Person("student18")]
    assert people.enrol(rows) == ["seventeenstudent_111", "student18"]
    assert people.persons["seventeenstudent_111"].login == "student17"


def test_two_on_a_roster_with_one_name_are_not_merged_with_one_who_is_known():
    people = People([Person("Student 17_1", name="Student 17", moodle="1")])
    rows = [Person(f"{mail}@x", "Student 17", email=f"{mail}@x") for mail in "ab"]
    assert people.enrol(rows) == ["a@x", "b@x"]


def test_a_student_is_found_by_whatever_names_one_student():
    people = People([Person("a@x", "Student 17", email="a@x", moodle="1"), Person("b@x", "Student 17", sid="S18")])
    assert [people.find(text) for text in ("a@x", "1", "s18")] == ["a@x", "a@x", "b@x"]
    with pytest.raises(CourseError, match=r"'Student 17' may be a@x or b@x; name a student by"):
        people.find("Student 17")
    with pytest.raises(CourseError, match="'Student 71' is neither on the roster nor has handed in"):
        people.find("Student 71")


def test_the_register_is_kept_without_times(tmp_path):
    course = Course(tmp_path)
    person = Person("a@x", "Student 17", moodle="1", submitted_at="2026-12-01T00:00:00+00:00")
    People([person]).save(course, ASSIGNMENT)
    assert People.load(course, ASSIGNMENT).persons == {"a@x": Person("a@x", "Student 17", moodle="1")}
    (course.source("ps1") / FILE).write_text("{")
    with pytest.raises(CourseError, match=r"students\.json cannot be read .*; restore it from a backup"):
        People.load(course, ASSIGNMENT)


def test_who_handed_in_and_who_is_on_the_roster_is_known_without_a_register(tmp_path):
    (tmp_path / "submitted" / "ada" / "ps1").mkdir(parents=True)
    (tmp_path / "submitted" / "eve" / "ps2").mkdir(parents=True)
    assignment = Assignment("ps1", {"corr2d": 4.0}, seed=1, roster=["bob"])
    assert set(People.load(Course(tmp_path), assignment).persons) == {"ada", "bob"}
