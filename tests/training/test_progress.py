import io
import sys
from types import SimpleNamespace

import pytest

from cnncourse.training.progress import progress_bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


def kernel(allow_stdin):
    shell = SimpleNamespace(kernel=SimpleNamespace(_allow_stdin=allow_stdin))
    return SimpleNamespace(get_ipython=lambda: shell)


def pipe(monkeypatch):
    """Let stderr be no terminal, and no notebook run."""
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))


def test_a_terminal_gets_a_bar_that_vanishes_at_the_end(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress_bar(True) as bar:
        bar.update(0.5)
        bar.refresh()
        assert "50%" in sys.stderr.getvalue()
    assert sys.stderr.getvalue().endswith("\r")


def test_a_file_or_a_pipe_gets_nothing(monkeypatch):
    pipe(monkeypatch)
    with progress_bar(True) as bar:
        bar.update(0.5)
        bar.set_postfix({"loss": "0.1"})
    assert sys.stderr.getvalue() == ""


@pytest.mark.parametrize("allow_stdin", [True, False])
def test_a_notebook_gets_a_bar_only_when_somebody_could_answer(monkeypatch, allow_stdin):
    pipe(monkeypatch)
    monkeypatch.setitem(sys.modules, "IPython", kernel(allow_stdin))
    with progress_bar(True) as bar:
        assert bar.disable is not allow_stdin


def test_no_bar_when_none_is_wanted(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress_bar(False) as bar:
        bar.update(1.0)
    assert sys.stderr.getvalue() == ""
