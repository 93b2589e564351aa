"""`cnncourse audit --answers FOLDER` counts what the checkers say of answers that people wrote."""

import pytest

from cnncourse.exercises.answers import judge, load_answers, summary
from tests.command_line import run

FILE = """
import torch
from cnncourse.exercises.answers import answer


@answer("softmax", "right")
def stable(logits):
    return (logits - logits.logsumexp(1, keepdim=True)).exp()


@answer("softmax", "the largest score is not subtracted", "overflow")
def plain(logits):
    return logits.exp() / logits.exp().sum(1, keepdim=True)


@answer("softmax", "the sum goes over the samples", "overflow")
def columns(logits):
    return (logits - logits.max(0).values).exp() / (logits - logits.max(0).values).exp().sum(0)


@answer("softmax", "a square root", "unknown")
def root(logits):
    return ((logits - logits.logsumexp(1, keepdim=True)) / 2).exp()


@answer("softmax", "right")
def refused(logits):
    return logits.softmax(1)
"""


def run_on(folder, text):
    (folder / "mine.py").write_text(text, encoding="utf-8")
    return judge(load_answers(folder))


def test_answers_are_counted_by_what_the_report_says(tmp_path):
    judged = run_on(tmp_path, FILE)
    kinds = {each.answer.written.__name__: each.kind for each in judged}
    assert kinds == {
        "stable": "accepted",
        "plain": "named",
        "columns": "falsely named",
        "root": "unnamed",
        "refused": "refused",
    }
    text = summary(judged)
    assert "2 right answers: 1 accepted, 1 refused" in text
    assert "3 wrong answers: 0 accepted, 1 (33%) named, 1 (33%) falsely named, 1 (33%) unnamed" in text
    assert "- softmax.columns: over-samples; it is: the sum goes over the samples" in text
    assert "- softmax: value, 12 of 13 cases wrong" in text
    assert "    root: a square root" in text


def test_the_command_prints_the_counts_and_fails_for_a_false_verdict(tmp_path, capsys):
    (tmp_path / "mine.py").write_text(FILE, encoding="utf-8")
    assert run("audit", "softmax", "--answers", tmp_path) == 1
    assert "2 right answers" in capsys.readouterr().out
    (tmp_path / "mine.py").write_text("", encoding="utf-8")
    assert run("audit", "--answers", tmp_path) == 2
    assert "has no Python file with an answer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no Python file with an answer"),
        ("1 / 0", "raised ZeroDivisionError"),
        (FILE.replace('"softmax", "right"', '"softmix", "right"', 1), "'softmix', which is no exercise"),
        (FILE.replace('"overflow"', '"overflown"', 1), "softmax has no mistake 'overflown'"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused(tmp_path, text, sentence):
    with pytest.raises(ValueError, match=sentence):
        run_on(tmp_path, text)
