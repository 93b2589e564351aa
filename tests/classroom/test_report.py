"""The mistakes of a class are counted by what happened."""

from cnncourse.classroom.course import Assignment
from cnncourse.classroom.report import mistakes
from cnncourse.classroom.verdict import FAILED, GRADED, MISSING, Verdict


def record(status, sentence="", misconception=None):
    return {"corr2d": {"status": status, "sentence": sentence, "misconception": misconception}}


def test_an_answer_that_did_not_run_is_told_from_an_empty_one_and_from_another_mistake():
    verdicts = [
        Verdict("student17", FAILED, exercises=record("not attempted", "Its cell raised SyntaxError.")),
        Verdict("student18", GRADED, exercises=record("not attempted")),
        Verdict("student19", GRADED, exercises=record("failed", "It returned None.")),
        Verdict("student20", GRADED, exercises=record("failed", "The kernel is flipped.", "flipped-kernel")),
        Verdict("student21", MISSING, exercises=record("not attempted")),
        Verdict("student22", GRADED, exercises=record("passed")),
    ]
    found = mistakes(Assignment("ps1", {"corr2d": 4.0}, seed=1), verdicts)
    assert {what: count for _, what, _, count in found} == {
        "did not run": 1,
        "not attempted": 1,
        "another mistake": 1,
        "flipped-kernel": 1,
    }
