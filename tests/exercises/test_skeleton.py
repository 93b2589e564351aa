"""A new exercise begins with two files that work; the audit lists what is to be written in them."""

import importlib.util
import sys

import pytest

from cnncourse.checking.record import exercises_in
from cnncourse.exercises.audit import audit
from cnncourse.exercises.skeleton import write_skeleton


def test_the_skeleton_works_and_the_audit_says_that_it_is_not_written(tmp_path, monkeypatch):
    code, text = write_skeleton(tmp_path / "own", "triple")
    assert text.name == "triple.md"
    spec = importlib.util.spec_from_file_location("triple", code)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "triple", module)
    spec.loader.exec_module(module)
    (record,) = exercises_in(module)
    assert (record.name, record.chapter) == ("triple", "own")
    assert audit(record) == ["triple: it still contains '(to be written)'"]


def test_nothing_is_written_over(tmp_path):
    _, text = write_skeleton(tmp_path, "triple")
    text.write_text("mine")
    (tmp_path / "triple.py").unlink()
    with pytest.raises(FileExistsError, match=r"triple\.md exists; choose another name"):
        write_skeleton(tmp_path, "triple")
    assert not (tmp_path / "triple.py").exists()
    assert text.read_text() == "mine"


@pytest.mark.parametrize("name", ["2d", "class", "a-b", ""])
def test_a_name_that_python_does_not_take_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match=f"`name` must be a Python name, not '{name}'"):
        write_skeleton(tmp_path, name)
