import json

import pytest

from benchmarks import training


@pytest.fixture
def instant(monkeypatch, tmp_path):
    """Trainings that take no time: the accuracy is told by task and seed."""
    monkeypatch.chdir(tmp_path)
    calls = []

    def train(task, folder, progress, seed=0, budget=None):
        calls.append((task, seed, budget, training.torch.get_num_threads()))
        return {"test_accuracy": 0.99 + 0.01 * seed, "cpu_seconds": 1.0 + seed, "wall_seconds": 2.0}

    subset = {"validation_accuracy": 0.885, "cpu_seconds": 20.0, "wall_seconds": 11.0}
    monkeypatch.setattr(training, "train", train)
    monkeypatch.setattr(training, "train_subset", lambda seed: subset)
    threads = training.torch.get_num_threads()
    yield calls
    training.torch.set_num_threads(threads)


def test_the_quick_run_covers_every_task_and_writes_what_it_prints(instant, capsys):
    training.run(quick=True)
    assert instant == [
        ("shapes", 0, None, 1),
        ("shapes", 1, None, 1),
        ("colour-shapes", 0, None, 1),
        ("colour-shapes", 1, None, 1),
        ("fashion", 0, 5, 2),
    ]
    printed = capsys.readouterr().out
    assert "99.00% .. 100.00%" in printed
    assert "88.50%" in printed
    record = json.loads(training.RESULT.read_text())
    assert record["quick"] is True
    assert [report["test_accuracy"] for report in record["results"]["colour net"]] == [0.99, 1.0]


def test_the_whole_run_has_a_row_for_every_goal(instant):
    training.run(threads=4)
    record = json.loads(training.RESULT.read_text())
    assert set(record["results"]) == set(training.GOALS)
    assert [len(runs) for runs in record["results"].values()] == [20, 20, 1, 1, 1]
    assert instant[-1] == ("fashion", 0, 180, 4)
