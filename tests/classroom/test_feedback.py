"""A page of feedback: complete, nothing hidden in it, nothing of the student's alive in it."""

import re

import pytest

from cnncourse.classroom.course import Assignment
from cnncourse.classroom.feedback import feedback_page
from cnncourse.classroom.grade import empty_record
from cnncourse.classroom.verdict import FAILED, GRADED, MISSING, Verdict, read_verdict, save_verdict

ASSIGNMENT = Assignment("ps1", {"corr2d": 4.0}, seed=987654321, late_penalty=0.1)


def page(record=None, assignment=ASSIGNMENT, comment="", **about):
    record = empty_record(4.0, "failed") | (record or {})
    verdict = Verdict(**{"student": "ada", "status": GRADED, "exercises": {"corr2d": record}} | about)
    comments = {"corr2d": comment}
    return feedback_page(assignment, assignment.exercises(), verdict, {"corr2d": record["mark"]}, comments)


def test_a_right_answer_is_told_so_and_gets_no_hints():
    text = page({"mark": 4.0, "status": "passed"})
    assert "4 of 4 points" in text
    assert "Right in every case." in text
    assert "Hints" not in text


def test_a_wrong_answer_gets_its_sentence_its_call_and_hints():
    text = page({"sentence": "The kernel is flipped.", "call": [["called", "corr2d(image)"], ["returned", "0"]]})
    assert "<p>The kernel is flipped.</p>" in text
    assert "called: corr2d(image)\nreturned: 0" in text
    assert "<summary>Hints</summary>" in text


@pytest.mark.parametrize("status", [MISSING, FAILED])
def test_the_status_is_on_the_page_unless_it_was_graded(status):
    assert f"Status: {status}." in page(status=status)
    assert "Status" not in page()


def test_lateness_is_on_the_page_with_what_it_cost():
    right = {"mark": 4.0, "status": "passed"}
    text = page(right, days_late=2)
    assert "Handed in 2 days late, which cost 0.8 points." in text
    assert "3.2 of 4 points" in text
    free = Assignment("ps1", {"corr2d": 4.0}, seed=1)
    assert "Handed in late." in page(right, free, days_late=2)


def test_lateness_costs_no_more_than_there_is():
    assert "0 of 4 points" in page({"mark": 0.2}, days_late=9)


def test_what_came_from_a_student_or_a_person_is_text():
    script = "<script>alert(1)</script>"
    text = page({"sentence": script, "call": [[script, script]]}, student=script, comment=script)
    assert "<script" not in text
    assert text.count("&lt;script&gt;") == 6
    assert "default-src 'none'" in text


def test_figures_are_pictures_inside_the_page_and_nothing_is_loaded():
    text = page(figures=["aGVsbG8="])
    assert 'alt="Your figure 1" src="data:image/png;base64,aGVsbG8="' in text
    assert not re.search(r'(src|href)="(?!data:)', text)


def test_the_hidden_seed_is_not_on_the_page():
    assert "987654321" not in page()


def test_nothing_graded_is_one_sentence_that_names_the_next_command(course, run, capsys):
    assert run("feedback", "ps1", "--course", course.folder) == 2
    assert "nothing is graded yet; run cnncourse grade ps1 first" in capsys.readouterr().err
    assert not (course.folder / "feedback").exists()


def test_who_has_no_verdict_gets_no_page_and_the_others_do(course, run, capsys):
    (course.submitted / "bob").mkdir()
    records = {name: empty_record(4.0, "failed") for name in ("corr2d", "sgd_step")}
    save_verdict(course, "ps1", Verdict("ada", GRADED, exercises=records))
    assert run("feedback", "ps1", "--course", course.folder) == 0
    assert "1 pages of feedback" in capsys.readouterr().out
    assert (course.feedback("ada", "ps1") / "ps1.html").exists()
    assert not (course.feedback("bob", "ps1")).exists()


def test_a_preview_makes_one_page(course, run):
    records = {name: empty_record(4.0, "failed") for name in ("corr2d", "sgd_step")}
    for student in ("ada", "bob"):
        (course.submitted / student).mkdir(exist_ok=True)
        save_verdict(course, "ps1", Verdict(student, GRADED, exercises=records))
    assert run("feedback", "ps1", "--preview", "bob", "--course", course.folder) == 0
    assert [path.name for path in (course.folder / "feedback").iterdir()] == ["bob"]
    assert read_verdict(course, "ada", "ps1") is not None
