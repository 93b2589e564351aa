"""What Jupyter has and the runner has not: the shell, modules written by a cell, a GPU."""

import sys

import pytest
import torch

from cnncourse.checking.child_process import observe_in_child
from cnncourse.checking.notebooks import to_python
from cnncourse.checking.runner.jupyter import WithoutAccelerator
from cnncourse.checking.runner.program import Program
from cnncourse.exercises.registry import find


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    """Forget modules and finders of the test."""
    before = set(sys.modules)
    monkeypatch.setattr(sys, "meta_path", sys.meta_path.copy())
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def answer_of(*sources):
    answer, error = Program([("own", to_python(source)) for source in sources]).run("f")
    assert error is None, error
    return answer()


def test_a_module_written_by_a_cell_is_imported_and_no_file_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written = "%%writefile ./written_by_a_cell.py\ndef f():\n    return 1\n"
    assert answer_of(written, "from written_by_a_cell import f") == 1
    assert not list(tmp_path.iterdir())


def test_a_written_module_may_be_appended_to_and_run():
    cells = ["%%file one.py\nx = 1\n", "%%writefile -a one.py\ndef f():\n    return x\n", "%run one.py"]
    assert answer_of(*cells) == 1


@pytest.mark.parametrize(
    "source",
    [
        "get_ipython().run_line_magic('matplotlib', 'inline')",
        "from IPython import get_ipython\nget_ipython().run_line_magic('matplotlib', 'inline')",
        "if 'google.colab' in str(get_ipython()):\n    x = 1 / 0",
        "files = !ls\nt = %timeit -o 1 / 0\n%run nothing.py",
        "%%timeit\n1 / 0",
        "%%bash\nexit 1",
        "%%writefile",
    ],
)
def test_the_shell_does_nothing_else(source):
    assert answer_of(source, "def f():\n    return 1") == 1


@pytest.mark.parametrize(
    "create",
    [
        lambda: torch.zeros(2, device="cuda"),
        lambda: torch.zeros(2, device=torch.device("cuda", 0)),
        lambda: torch.tensor([0.0], device="cuda:0"),
        lambda: torch.zeros(2).cuda(),
        lambda: torch.zeros(2).to("mps"),
        lambda: torch.nn.Linear(2, 1).to("cuda").weight,
        lambda: torch.nn.Linear(2, 1).cuda().weight,
        lambda: torch.zeros(2).to(torch.float64).to(device="cuda"),
        lambda: torch.randn(2, device="cuda", generator=torch.Generator()),
    ],
)
def test_what_asks_for_a_gpu_runs_on_the_processor(create):
    with WithoutAccelerator():
        assert create().device == torch.device("cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_an_answer_that_names_cuda_is_run_without_a_gpu():
    exercise = find("corr2d")
    source = "import torch\ntorch.set_default_device('cuda')\n" + exercise.source.replace(
        "    height,", "    image = image.cuda(); kernel = kernel.to('cuda'); torch.cuda.synchronize()\n    height,"
    )
    assert ".cuda()" in source
    observed, fault = observe_in_child(exercise, [source], exercise.visible)
    assert (fault, {one.outcome for one in observed}) == ("", {"returned"})
