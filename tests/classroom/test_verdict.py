"""The file that keeps a verdict."""

from dataclasses import replace

import pytest

from cnncourse.classroom.course import Assignment, Course, CourseError
from cnncourse.classroom.verdict import GRADED, PERSON, Verdict, current_verdict, read_verdict, save_verdict

ASSIGNMENT = Assignment("ps1", {"corr2d": 4.0}, seed=1, due="2026-11-30T12:00:00+00:00")
VERDICT = Verdict(
    "Jos\u00e9",
    GRADED,
    "2026-12-01T11:00:00+00:00",
    1,
    {"corr2d": {"mark": 4.0, "points": 4.0}},
    ["late"],
    "abc",
    ["aGk="],
)


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def test_a_verdict_comes_back_as_it_was_saved(course):
    save_verdict(course, "ps1", VERDICT)
    assert read_verdict(course, "Jos\u00e9", "ps1") == VERDICT
    assert current_verdict(course, "Jos\u00e9", ASSIGNMENT) == VERDICT


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"student": "ada"}', '{"odd": 1}'])
def test_a_file_that_is_no_verdict_counts_as_none(course, content):
    save_verdict(course, "ps1", VERDICT)
    (course.graded("Jos\u00e9", "ps1") / "verdict.json").write_text(content)
    assert read_verdict(course, "Jos\u00e9", "ps1") is None


def test_who_was_not_graded_has_no_verdict(course):
    assert read_verdict(course, "ada", "ps1") is None
    assert current_verdict(course, "ada", ASSIGNMENT) is None


def test_a_verdict_on_other_exercises_is_refused(course):
    save_verdict(course, "ps1", VERDICT)
    other = replace(ASSIGNMENT, points={"corr2d": 4.0, "sgd_step": 4.0})
    with pytest.raises(CourseError, match="was graded before ps1 was made anew; run cnncourse grade ps1 first"):
        current_verdict(course, "Jos\u00e9", other)


def test_what_needs_a_person_says_why():
    verdict = Verdict("ada", GRADED)
    verdict.needs_person("its file is a link")
    assert (verdict.status, verdict.notes) == (PERSON, ["its file is a link"])
