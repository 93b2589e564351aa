"""The command line's own streams: another encoding, a full disk, a closed output."""

import errno
import io
import subprocess
import sys

import pytest

from cnncourse import cli


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    return ended.value.code


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp437", "ascii", "utf-8"])
def test_characters_that_the_output_lacks_are_replaced(monkeypatch, encoding):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding))
    monkeypatch.setattr("cnncourse.exercises.api.hint", lambda *_: "about 3 → 4 ≈ größer")
    assert run("hint", "corr2d") == 0
    sys.stdout.flush()
    shown = written.getvalue().decode("utf-8" if encoding == "ascii" else encoding)  # click writes UTF-8 for ASCII
    assert shown.startswith("about 3 ")
    assert shown.endswith("größer\n")


class Full(io.StringIO):
    """A stream to a disk without space."""

    def write(self, text):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("arguments", [("exercises",), ("hint", "corr2d"), ("--help",), ("--version",)], ids=" ".join)
def test_an_output_that_is_full_is_one_sentence(monkeypatch, capsys, arguments):
    monkeypatch.setattr(sys, "stdout", Full())
    assert run(*arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith("cnncourse: the output cannot be written (No space left on device); free some space")
    assert err.count("\n") == 1


def test_both_streams_may_be_full(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Full())
    monkeypatch.setattr(sys, "stderr", Full())
    assert run("exercises") == 2


@pytest.mark.skipif(sys.platform != "linux", reason="a device of Linux")
def test_a_process_whose_output_is_full_ends_with_one_sentence():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cnncourse", "exercises"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "a.txt"), "a.txt cannot be used (Permission denied)"),
        (OSError(errno.ENOSPC, "No space left on device", "a.txt"), "a.txt cannot be used (No space left on device)"),
        (FileNotFoundError("run holds no model.pt"), "run holds no model.pt"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(monkeypatch, capsys, error, told):
    def fail(*_):
        raise error

    monkeypatch.setattr("cnncourse.exercises.api.hint", fail)
    assert run("hint", "corr2d") == 2
    err = capsys.readouterr().err
    assert err.startswith(f"cnncourse: {told}")
    assert err.count("\n") == 1


def test_an_output_that_is_closed_stops_nothing(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert run("exercises") == 0
