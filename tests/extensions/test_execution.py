"""When chapters run again, when pages are made anew, and how kernels talk."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from extensions import execution
from extensions.execution import configure, source_digest

KERNEL = """
from extensions.execution import encrypt_kernels
from jupyter_client.manager import start_new_kernel
encrypt_kernels()
manager, client = start_new_kernel()
client.execute_interactive("print(6 * 7)", timeout=60)
client.stop_channels()
manager.shutdown_kernel()
"""


@pytest.fixture
def configured(tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "encrypt_kernels", lambda: None)
    for name in ("CNNCOURSE_SITE", "OMP_NUM_THREADS", "MPLBACKEND"):
        monkeypatch.setenv(name, "1")  # what configure sets is put back

    def configured():
        config = SimpleNamespace()
        configure(SimpleNamespace(srcdir=tmp_path, outdir=tmp_path / "_build" / "html"), config)
        return config

    return configured


def test_pages_are_made_anew_when_a_style_changes_and_chapters_are_not_run_again(tmp_path, configured):
    style = tmp_path / "book" / "static" / "course.css"
    style.parent.mkdir(parents=True)
    seen = []
    for text in ("a {}", "a {}", "b {}"):
        style.write_text(text)
        seen.append(configured())
    assert seen[0].cnncourse_looks == seen[1].cnncourse_looks != seen[2].cnncourse_looks
    assert seen[0].nb_execution_cache_path == seen[2].nb_execution_cache_path


def test_a_backend_in_the_environment_does_not_take_the_pictures_away(configured):
    configured()
    assert "MPLBACKEND" not in os.environ


def test_only_what_outputs_depend_on_runs_the_chapters_again(tmp_path):
    (tmp_path / "classroom").mkdir()
    (tmp_path / "pooling.py").write_text("1")
    before = source_digest(tmp_path)
    (tmp_path / "classroom" / "sandbox.py").write_text("1")
    (tmp_path / "figure.js").write_text("1")
    assert source_digest(tmp_path) == before
    (tmp_path / "pooling.py").write_text("2")
    assert source_digest(tmp_path) != before


def test_a_kernel_runs_without_the_warning_that_it_is_not_encrypted():
    path = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", KERNEL],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"PYTHONPATH": path},
        check=True,
    )
    assert done.stdout == "42\n"
    assert "without encryption" not in done.stderr
