"""Files are written whole or not at all; the user's folders follow the platform's rules."""

import os
import stat
import sys
import tempfile

import platformdirs
import pytest

from cnncourse.files import atomic_write, cache_folder, expect_writable, state_folder


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


@pytest.mark.parametrize("use", [expect_writable, lambda path: atomic_write(path, "new")], ids=["try", "write"])
def test_an_error_names_the_file_and_not_the_temporary_one(tmp_path, use):
    (tmp_path / "file").write_text("old")
    (tmp_path / "folder").mkdir()
    for path, error in (
        (tmp_path / "file" / "new", NotADirectoryError),
        (tmp_path / "folder", IsADirectoryError),
        (tmp_path / ("n" * 300) / "new", OSError),
    ):
        with pytest.raises(error) as raised:
            use(path)
        assert raised.value.filename == str(path)
        assert raised.value.strerror
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_trying_leaves_nothing_but_the_folder(tmp_path):
    expect_writable(tmp_path / "new" / "file")
    assert [path.name for path in tmp_path.rglob("*")] == ["new"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path):
    import resource

    (tmp_path / "file").write_text("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="file"):
            atomic_write(tmp_path / "file", "x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


@pytest.mark.skipif(sys.platform == "win32", reason="users of POSIX")
@pytest.mark.parametrize("answer", [RuntimeError("no home"), "~/.cache/cnncourse"], ids=["an error", "no path"])
def test_without_a_home_the_folders_are_temporary_ones_of_this_user(monkeypatch, tmp_path, answer):
    def ask(*_, **__):
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(platformdirs, "user_cache_dir", ask)
    monkeypatch.setattr(platformdirs, "user_state_dir", ask)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    own = tmp_path / f"cnncourse-{os.getuid()}"
    assert (cache_folder(), state_folder()) == (own / "cache", own / "state")
    assert list(tmp_path.iterdir()) == []
