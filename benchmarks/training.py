"""What training reaches and what it costs: the table of results, each row from the same code as ``cnncourse train``.

The small networks are trained on one thread and their cost is processor time; the garments get two threads and a budget
of wall time, so they want a quiet machine.
"""

import json
import tempfile
from datetime import date
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table

from cnncourse.data import hold_out, load_fashion_mnist
from cnncourse.training import fit_fashion
from cnncourse.training.tasks import Stopwatch, train, versions

from .measure import machine

RESULT = Path("build/benchmarks/training.json")
SEEDS = 20


def run(quick: bool = False, threads: int = 1) -> None:
    """Measure every row, print the table, write the numbers to `RESULT`.

    Parameters
    ----------
    quick : bool, default False
        Two seeds instead of twenty, five seconds instead of sixty, and no row of 180 s.
    threads : int, default 1
        For the garments; at least two, as their goals say.
    """
    seeds = 2 if quick else SEEDS
    budgets = (5,) if quick else (60, 180)
    jobs = [
        *(("one-kernel shapes net", "shapes", {"seed": seed}) for seed in range(seeds)),
        *(("colour net", "colour-shapes", {"seed": seed}) for seed in range(seeds)),
        *((f"full Fashion-MNIST, {budget} s", "fashion", {"budget": budget}) for budget in budgets),
    ]
    reports: dict[str, list[dict]] = {}
    for row, task, arguments in track(jobs, "Training", console=Console(stderr=True)):
        torch.set_num_threads(max(2, threads) if task == "fashion" else 1)
        with tempfile.TemporaryDirectory() as folder:
            reports.setdefault(row, []).append(train(task, folder, progress=False, **arguments))
    torch.set_num_threads(max(2, threads))
    reports["embedded subset"] = [train_subset(seed=0)]
    Console(width=110).print(table(reports))
    record = {"date": date.today().isoformat(), "quick": quick, "machine": machine(), "versions": versions()}
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps({**record, "results": reports}, indent=2) + "\n", encoding="utf-8")


def train_subset(seed: int) -> dict:
    """Train on the garments that come with the package, as the chapter does; 1000 of them are for validation."""
    stopwatch, generator = Stopwatch(), torch.Generator().manual_seed(seed)
    *learn, images, labels = hold_out(*load_fashion_mnist("train"), 1000, generator)
    _, history = fit_fashion(
        tuple(learn), (images, labels), epochs=12, batch_size=50, generator=generator, progress=False
    )
    cpu_seconds, wall_seconds = stopwatch.read()
    accuracy = history["validation_accuracy"][-1]
    return {"validation_accuracy": accuracy, "cpu_seconds": cpu_seconds, "wall_seconds": wall_seconds}


GOALS = {
    "one-kernel shapes net": "99.5 % test in 20 of 20, 3 CPU s",
    "colour net": "99.5 % test in 20 of 20, 5 CPU s",
    "full Fashion-MNIST, 60 s": "93 % test",
    "full Fashion-MNIST, 180 s": "94 % test",
    "embedded subset": "88 % validation, 40 s",
}


def table(reports: dict[str, list[dict]]) -> Table:
    """Lay out one line a row: accuracies and costs from the lowest to the highest."""
    table = Table(title="Training: accuracy and cost")
    for heading in ("what", "runs", "accuracy", "at least 99.5 %", "CPU s", "wall s", "goal"):
        table.add_column(heading)
    for row, runs in reports.items():
        judged = "validation_accuracy" if row == "embedded subset" else "test_accuracy"
        accuracies = [report[judged] for report in runs]
        table.add_row(
            row,
            str(len(runs)),
            _spread(accuracies, "{:.2%}"),
            str(sum(accuracy >= 0.995 for accuracy in accuracies)),
            _spread([report["cpu_seconds"] for report in runs], "{:.2f}"),
            _spread([report["wall_seconds"] for report in runs], "{:.1f}"),
            GOALS.get(row, ""),
        )
    return table


def _spread(values: list[float], form: str) -> str:
    lowest, highest = form.format(min(values)), form.format(max(values))
    return lowest if lowest == highest else f"{lowest} .. {highest}"
