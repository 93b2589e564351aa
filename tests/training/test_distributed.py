import socket
import subprocess
import sys
import textwrap

import pytest
import torch

from cnncourse.training import distributed

SCRIPT = """
import sys
import torch
from cnncourse import models
from cnncourse.training import Checkpoint, distributed, fit

generator = torch.Generator().manual_seed(0)
images, labels = torch.rand(96, 1, 28, 28, generator=generator), torch.randint(2, (96,), generator=generator)
if distributed.rank() == 1:
    generator.manual_seed(99)                     # the main process decides: weights, order of the samples
model = models.build("one_kernel", generator=generator)
history = fit(model, (images[:80], labels[:80]), (images[80:], labels[80:]), epochs=3, batch_size=16,
              generator=generator, device="cpu", callbacks=[Checkpoint(sys.argv[1] + ".pt")])
torch.save({"weights": model.state_dict(), "history": history.records}, f"{sys.argv[1]}-{distributed.rank()}")
"""


@pytest.fixture
def run(tmp_path):
    """Run the script in so many processes and return what each saved."""
    (tmp_path / "script.py").write_text(textwrap.dedent(SCRIPT))

    def run(processes):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        address = [f"--nproc_per_node={processes}", "--master_addr=127.0.0.1", f"--master_port={port}"]
        launcher = [sys.executable, "-m", "torch.distributed.run", *address] if processes > 1 else [sys.executable]
        command = [*launcher, str(tmp_path / "script.py"), str(tmp_path / str(processes))]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return [torch.load(tmp_path / f"{processes}-{rank}", weights_only=True) for rank in range(processes)]

    return run


@pytest.mark.slow
def test_two_processes_compute_the_weights_and_figures_of_one(run):
    (alone,) = run(1)
    for together in run(2):
        for name, expected in alone["weights"].items():
            assert torch.allclose(together["weights"][name], expected, rtol=0, atol=1e-5), name
        for row, expected in zip(together["history"], alone["history"], strict=True):
            assert row == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("length", [8, 9, 10, 2, 1])
def test_shares_are_equally_large_and_do_not_overlap(monkeypatch, length):
    monkeypatch.setattr(distributed, "count", lambda: 2)
    shares = []
    for rank in range(2):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        rows = torch.arange(length)
        shares.append([value for inputs, _ in distributed.my_share([(rows, rows)]) for value in inputs.tolist()])
    assert len(shares[0]) == len(shares[1]) == length // 2
    assert sorted(shares[0] + shares[1]) == list(range(length // 2 * 2))


def test_one_process_alone_is_the_main_one_and_has_every_sample():
    rows = torch.arange(5)
    assert distributed.count() == 1
    assert distributed.is_main()
    assert [inputs.tolist() for inputs, _ in distributed.my_share([(rows, rows)])] == [[0, 1, 2, 3, 4]]
    assert distributed.from_main("value") == "value"
