"""Files are written whole or not at all; the user's folders follow the platform's rules."""

import os
import stat
import sys

import pytest

from cnncourse.files import atomic_write, cache_folder, state_folder


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("content", ["größer\n", b"\x00\xff"], ids=["text", "bytes"])
def test_the_content_is_written_and_its_folder_made(tmp_path, content):
    atomic_write(tmp_path / "new" / "file", content)
    assert (tmp_path / "new" / "file").read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_new_file_gets_the_umask_and_an_old_one_keeps_its_permissions(tmp_path):
    before = os.umask(0o027)
    try:
        atomic_write(tmp_path / "file", "new")
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "file") == 0o640
    (tmp_path / "file").chmod(0o600)
    atomic_write(tmp_path / "file", "newer")
    assert mode_of(tmp_path / "file") == 0o600


@pytest.mark.parametrize("fault", [OSError("full"), KeyboardInterrupt()], ids=["OSError", "Ctrl-C"])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, fault):
    (tmp_path / "file").write_text("old")

    def fail(*_):
        raise fault

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(type(fault)):
        atomic_write(tmp_path / "file", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


@pytest.mark.skipif(sys.platform != "linux", reason="folders of Linux")
def test_folders_follow_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "s"))
    assert (cache_folder(), state_folder()) == (tmp_path / "c" / "cnncourse", tmp_path / "s" / "cnncourse")
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state_folder() == tmp_path / ".local" / "state" / "cnncourse"
