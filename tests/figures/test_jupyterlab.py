"""A figure and a prediction in JupyterLab: state is Python's, both ways, and keys stay inside."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest

CELLS = [
    "from cnncourse.figures import ConvolutionExplorer\nexplorer = ConvolutionExplorer()\nexplorer",
    "print('at', explorer.row, explorer.column)",
    "explorer.kernel_size = 5",
    "print('kernel', explorer.kernel[0], explorer.row)",
    "from cnncourse.figures import predict\npredict('dropout-draws', answer=3)",
]


@pytest.fixture
def lab(tmp_path, require):
    """Serve a notebook in JupyterLab and return its address."""
    jupyter = shutil.which("jupyter-lab", path=str(Path(sys.executable).parent))
    require(jupyter, "jupyterlab is not installed")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    (tmp_path / "figure.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    private = {
        name: str(tmp_path / name)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    options = [
        f"--port={port}",
        "--no-browser",
        "--allow-root",
        "--IdentityProvider.token=course",
        "--ServerApp.ip=127.0.0.1",
    ]
    server = subprocess.Popen(
        [
            jupyter,
            *options,
            "--LabApp.news_url=None",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ],
        cwd=tmp_path,
        env=os.environ | private | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    reader = threading.Thread(target=server.stderr.read, daemon=True)  # a full pipe would stop the server
    try:
        log = []
        for line in server.stderr:  # ends when the server does
            log.append(line)
            if "is running at" in line:
                break
        else:
            pytest.fail("".join(log))
        reader.start()
        yield f"http://127.0.0.1:{port}/lab/tree/figure.ipynb?token=course&reset"
    finally:
        server.terminate()
        server.wait(timeout=30)
        if reader.ident:
            reader.join()
        server.stderr.close()


@pytest.mark.slow
@pytest.mark.browser
def test_a_widget_syncs_both_ways_and_its_keys_stay_inside(lab, chromium):
    page = chromium.new_page(viewport={"width": 1280, "height": 1400})
    page.goto(lab)
    cells = page.locator(".jp-Notebook .jp-Cell")
    cells.nth(3).wait_for(timeout=90_000)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").wait_for(timeout=90_000)  # the kernel is there

    def run(number):
        cells.nth(number).locator(".jp-InputArea-editor").click()
        page.keyboard.press("Shift+Enter")

    run(0)
    grid = page.get_by_role("grid", name="Input")
    grid.wait_for(timeout=90_000)
    grid.locator("[tabindex='0']").focus()
    for key in ["ArrowDown", "ArrowRight", "a", "b", "d", "d", "ArrowRight"]:
        page.keyboard.press(key)
    assert cells.count() == 5  # `a` and `b` would have inserted cells, `d d` deleted one
    run(1)
    page.get_by_text("at 3 3").wait_for(timeout=60_000)
    run(2)
    page.get_by_role("grid", name="Output").locator("[role=row]").nth(3).wait_for()
    weights = "document.querySelector('[data-lm-suppress-shortcuts]').shadowRoot.querySelectorAll('.kernel .cell')"
    page.wait_for_function(f"{weights}.length === 25")
    run(3)
    page.get_by_text("kernel [-1, -1, 0, 1, 1] 3").wait_for(timeout=60_000)
    run(4)
    form = page.locator("form.cnn-predict")
    form.wait_for()
    count = cells.count()  # one more: the last cell was run
    form.get_by_label("Your prediction").press_sequentially("b1")  # `b` would insert a cell
    form.get_by_label("Your prediction").fill("1")
    page.keyboard.press("Enter")
    form.get_by_text("1 is 3 times too small.").wait_for()
    assert form.get_by_text("The answer: 3").is_visible()
    assert cells.count() == count
