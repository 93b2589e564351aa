"""Progress survives damaged files, full disks and several notebooks at once; a check never fails because of it."""

import json
import os
import sys
import tempfile
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnncourse.checking import progress

NOBODY = 65534
WHOLE = json.dumps({"conv2d": "passed", "im2col": "passed"}, indent=1)


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "state_folder", lambda: tmp_path / "state")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("CNNCOURSE_NO_PROGRESS", raising=False)
    progress._say.cache_clear()
    (tmp_path / "state").mkdir()
    return tmp_path / "state" / "progress.json"


def record(name, status="passed"):
    progress.record(SimpleNamespace(exercise=SimpleNamespace(name=name), status=status))


def copies(path):
    return sorted(each for each in path.parent.iterdir() if "damaged" in each.name)


def files(path):
    return sorted(each.name for each in path.parent.iterdir() if each.suffix != ".lock")


def test_a_status_is_added_to_those_that_are_there(path, capsys):
    path.write_text(WHOLE)
    record("softmax", "failed")
    assert progress.read() == {"conv2d": "passed", "im2col": "passed", "softmax": "failed"}
    record("softmax")
    record("softmax", "failed")
    record("dropout", "not attempted")
    assert progress.read() == {"conv2d": "passed", "im2col": "passed", "softmax": "passed"}
    assert capsys.readouterr().err == ""


def test_what_another_version_recorded_is_kept(path):
    path.write_text('{"conv2d": {"status": "passed", "on": "2027-01-01"}}')
    record("im2col")
    assert json.loads(path.read_text()) == {"conv2d": {"status": "passed", "on": "2027-01-01"}, "im2col": "passed"}
    assert progress.read() == {"im2col": "passed"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(length=st.integers(0, len(WHOLE) - 1))
def test_a_file_cut_anywhere_is_kept_beside_the_new_one(path, capsys, length):
    for each in path.parent.iterdir():
        each.unlink()
    progress._say.cache_clear()
    path.write_text(WHOLE[:length])
    record("softmax")
    assert json.loads(path.read_text()) == {"softmax": "passed"}
    assert [copy.read_text() for copy in copies(path)] == [WHOLE[:length]]
    assert f"it is kept as {copies(path)[0].name}" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"[]", b"3", b"null", b"\xff\xfe{\x00}", b"[" * 100_000, b'{"a": "b"} x'])
def test_what_is_no_record_is_kept_too(path, content):
    path.write_bytes(content)
    record("softmax")
    assert json.loads(path.read_text()) == {"softmax": "passed"}
    assert copies(path)[0].read_bytes() == content


def test_a_second_damaged_file_does_not_replace_the_first(path):
    for content in ("one", "two"):
        path.write_text(content)
        record("softmax")
    assert [copy.read_text() for copy in copies(path)] == ["one", "two"]


def test_reading_a_damaged_file_says_so_and_leaves_it(path, capsys):
    path.write_text("{")
    assert progress.read() == {}
    assert "is damaged" in capsys.readouterr().err
    assert files(path) == ["progress.json"]


def test_notebooks_that_record_at_once_lose_nothing(path):
    names = [[f"exercise_{number}_{each}" for each in range(15)] for number in range(6)]
    threads = [threading.Thread(target=lambda own=own: [record(name) for name in own]) for own in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(progress.read()) == sorted(name for own in names for name in own)


def a_folder_in_its_place(path):
    path.mkdir()


def a_file_in_place_of_the_folder(path):
    path.parent.rmdir()
    path.parent.write_text("mine")


@pytest.mark.parametrize("block", [a_folder_in_its_place, a_file_in_place_of_the_folder])
def test_what_cannot_be_written_is_said_once_and_raises_nothing(path, capsys, block):
    block(path)
    before = sorted(path.parent.parent.rglob("*"))
    record("softmax")
    record("dropout")
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert f"progress is not kept, since {path} cannot be written" in err
    assert [each for each in sorted(path.parent.parent.rglob("*")) if each.suffix != ".lock"] == before


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize("before", [None, WHOLE])
def test_a_full_disk_is_said_and_leaves_what_was_there(path, capsys, before):
    import resource

    if before:
        path.write_text(before)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        record("softmax")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files(path) == (["progress.json"] if before else [])
    assert not before or path.read_text() == before
    assert "progress is not kept" in capsys.readouterr().err


@pytest.fixture
def bound(monkeypatch):
    """A folder of a user whom permissions bind, and that user for the length of the test: for root, no user at all."""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to all but root
        monkeypatch.setattr(progress, "state_folder", lambda: Path(folder))
        root = os.geteuid() == 0
        if root:
            os.chown(folder, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        yield Path(folder)
        if root:
            os.seteuid(0)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_file_that_may_not_be_read_is_not_replaced(path, bound, capsys):
    record("softmax")  # the folder takes files
    path = bound / "progress.json"
    path.write_text(WHOLE)
    path.chmod(0)
    with pytest.raises(PermissionError):
        path.read_text()
    record("softmax")
    path.chmod(0o600)
    assert path.read_text() == WHOLE
    assert "progress is not kept" in capsys.readouterr().err


def test_a_stream_that_takes_nothing_stops_no_check(path, monkeypatch):
    with open(os.devnull, "w") as closed:
        pass
    monkeypatch.setattr(sys, "stderr", closed)
    path.mkdir()
    record("softmax")
