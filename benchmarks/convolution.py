"""Convolution, pooling and a training step, beside PyTorch's and beside the seeds'."""

import json
from datetime import date
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import nn

from benchmarks import seeds
from benchmarks.measure import extra_memory, interleaved, machine
from cnncourse import conv2d, layers, max_pool2d
from cnncourse.convolution import METHODS, choose_method
from cnncourse.convolution.winograd import winograd_filters, winograd_product

RESULT = Path("build/benchmarks/convolution.json")
FEW_NUMBERS = 2**25  # the largest unfolded batch that a bare product is measured on


class Shape(NamedTuple):
    """One convolution to measure."""

    name: str
    input: tuple
    weight: tuple
    stride: int = 1
    padding: int = 0
    groups: int = 1


SHAPES = [
    Shape("S0", (10, 3, 64, 64), (32, 3, 3, 3)),
    Shape("S1", (1, 3, 224, 224), (64, 3, 7, 7), stride=2, padding=3),
    Shape("S2", (32, 16, 28, 28), (32, 16, 3, 3), padding=1),
    Shape("S3", (8, 64, 56, 56), (64, 64, 3, 3), padding=1),
    Shape("S4", (16, 128, 14, 14), (256, 128, 1, 1)),
    Shape("S6", (8, 256, 28, 28), (256, 256, 3, 3), padding=1),
    Shape("128 channels", (8, 128, 28, 28), (128, 128, 3, 3), padding=1),
    Shape("512 channels", (8, 512, 14, 14), (512, 512, 3, 3), padding=1),
    Shape("depthwise 3x3", (8, 64, 56, 56), (64, 1, 3, 3), padding=1, groups=64),
    Shape("dense 21x21", (4, 16, 64, 64), (16, 16, 21, 21), padding=10),
    Shape("depthwise 21x21", (4, 64, 64, 64), (64, 1, 21, 21), padding=10, groups=64),
]
FIRST = ["S0", "S1", "S2", "S3", "S4"]
QUICK = ["S0", "S2", "S4", "128 channels", "dense 21x21"]
POOLS = [((30, 3, 64, 64), 2, 2), ((128, 16, 28, 28), 2, 2), ((32, 64, 56, 56), 3, 2)]


def run(quick=False, threads=1):
    """Measure everything, print the tables, write the numbers to `RESULT`."""
    torch.set_num_threads(threads)
    effort = {"seconds": 0.3, "turns": 1} if quick else {"seconds": 3.0, "turns": 3}
    effort["threads"] = threads
    console = Console(width=110)
    tasks = [
        *((measure_shape, shape) for shape in SHAPES if shape.name in QUICK or not quick),
        *((measure_pool, pool) for pool in POOLS[: 1 if quick else None]),
        (measure_training, None),
    ]
    results = {}
    for measure, what in track(tasks, "Measuring", console=Console(stderr=True)):
        name, rows = measure(what, **effort)
        results[name] = rows
    for table in (details(results), goals(results)):
        console.print(table)
    record = {
        "date": date.today().isoformat(),
        "quick": quick,
        "threads": threads,
        "machine": machine(),
        "results": results,
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(record, indent=2) + "\n")
    console.print(f"{machine()['processor']}, {threads} thread(s), {date.today()}; all numbers in {RESULT}")


def measure_shape(shape, **effort):
    """Measure every method, F.conv2d, the bare product and the seeds on one shape."""
    generator = torch.Generator().manual_seed(0)
    input, weight = (torch.randn(size, generator=generator) for size in (shape.input, shape.weight))
    geometry = {"stride": shape.stride, "padding": shape.padding, "groups": shape.groups}
    contenders = {"F.conv2d": lambda: F.conv2d(input, weight, **geometry)}
    for method in METHODS:
        wanted = {
            "direct": shape.name == "S0",  # the definition takes seconds elsewhere, and says nothing new
            "fft": shape.weight[2] > 3 or shape.name == "S0",  # so do spectra of small kernels
            "winograd": shape.weight[2:] == (3, 3) and shape.stride == 1,
        }
        if wanted.get(method, True):
            contenders[method] = lambda method=method: conv2d(input, weight, **geometry, method=method)
    if "winograd" in contenders:
        filters = winograd_filters(weight, shape.groups)
        contenders["winograd, filters ready"] = lambda: winograd_product(input, filters, (shape.padding,) * 2)
    expected = F.conv2d(input.double(), weight.double(), **geometry)
    positions = expected.numel() // len(weight)
    if weight[0].numel() * positions * shape.groups <= FEW_NUMBERS:
        rows = weight.view(shape.groups, -1, weight[0].numel())
        columns = torch.randn(shape.groups, rows.shape[2], positions, generator=generator)
        product = torch.mm if shape.groups == 1 else torch.bmm
        operands = (rows[0], columns[0]) if shape.groups == 1 else (rows, columns)
        contenders["torch.mm"] = lambda: product(*operands)
    if shape.name == "S0":
        contenders["seed, loops"] = lambda: seeds.loop_conv2d(input, weight, shape.stride, shape.padding)
    if shape.name in FIRST:
        contenders["seed, im2col"] = lambda: seeds.loop_im2col_conv2d(input, weight, shape.stride, shape.padding)
    with torch.no_grad():
        rows = _rows(interleaved(contenders, **effort), "F.conv2d")
        for name, call in contenders.items():
            if name != "torch.mm":
                rows[name]["error"] = ((call() - expected).abs().max() / expected.abs().max()).item()
            if not name.startswith("seed"):
                rows[name]["memory"] = extra_memory(call)
    choice = choose_method(shape.input, shape.weight, shape.stride, shape.padding, 1, shape.groups)
    rows["auto"]["choice"] = choice._asdict()
    return shape.name, rows


def measure_pool(pool, **effort):
    """Measure max pooling, forward alone and with its backward pass."""
    size, window, stride = pool
    generator = torch.Generator().manual_seed(0)
    input = torch.randn(size, generator=generator).requires_grad_()
    grad = torch.randn(max_pool2d(input, window, stride).shape, generator=generator)
    pools = {"F.max_pool2d": F.max_pool2d, "max_pool2d": max_pool2d}
    if pool == POOLS[0]:
        pools["seed"] = seeds.loop_max_pool2d  # its backward pass takes minutes on the larger ones

    def forward(pool):
        with torch.no_grad():
            return pool(input, window, stride)

    def both(pool):
        return torch.autograd.grad(pool(input, window, stride), input, grad)[0]

    rows = {}
    for part, run in (("forward", forward), ("forward + backward", both)):
        contenders = {f"{name}, {part}": lambda pool=pool, run=run: run(pool) for name, pool in pools.items()}
        expected = contenders[f"F.max_pool2d, {part}"]()
        rows |= _rows(interleaved(contenders, **effort), f"F.max_pool2d, {part}")
        for name, call in contenders.items():
            rows[name]["error"] = (call() - expected).abs().max().item()
    return f"pool {size} {window}x{window} stride {stride}", rows


def measure_training(_, **effort):
    """Measure one step of SGD on the two-conv net, batch 128."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(128, 1, 28, 28, generator=generator)
    targets = torch.randint(10, (128,), generator=generator)

    def network(kit):
        return nn.Sequential(
            *(kit.Conv2d(1, 16, 3, padding=1), nn.ReLU(), kit.MaxPool2d(2)),
            *(kit.Conv2d(16, 32, 3, padding=1), nn.ReLU(), kit.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(32 * 7 * 7, 10)),
        )

    def step(model):
        optimiser = torch.optim.SGD(model.parameters(), lr=0.01)

        def run():
            optimiser.zero_grad()
            F.cross_entropy(model(images), targets).backward()
            optimiser.step()

        return run

    contenders = {
        "torch.nn": step(network(nn)),
        "cnncourse.layers": step(network(layers)),
        "seed": step(seeds.Network()),
    }
    return "training step, batch 128", _rows(interleaved(contenders, **effort), "torch.nn")


def _rows(times, reference):
    """Turn times into rows with their ratios to the reference and to the bare product."""
    return {
        name: {
            "seconds": taken,
            "ratio": taken / times[reference],
            "to_mm": taken / times["torch.mm"] if "torch.mm" in times else None,
        }
        for name, taken in times.items()
    }


def details(results):
    """Lay out every measurement, one line each."""
    table = Table(title="Time and memory beside PyTorch's")
    for heading in ("what", "who", "ms", "/ torch", "/ torch.mm", "memory / torch", "largest error"):
        table.add_column(heading, justify="left" if heading in ("what", "who") else "right")
    for name, rows in results.items():
        memory = next(iter(rows.values())).get("memory")
        for who, row in rows.items():
            choice = f" = {row['choice']['method']}" if "choice" in row else ""
            table.add_row(
                name,
                who + choice,
                f"{1000 * row['seconds']:.2f}",
                f"{row['ratio']:.2f}",
                f"{row['to_mm']:.2f}" if row["to_mm"] else "",
                f"{row['memory'] / memory:.2f}" if memory and row.get("memory") is not None else "",
                f"{row['error']:.0e}" if "error" in row else "",
            )
            name = ""
        table.add_section()
    return table


def goals(results):
    """Lay out the goals of this course beside what was measured."""

    def ratio(shape, who, key="ratio"):
        return results.get(shape, {}).get(who, {}).get(key)

    def best(shape):
        return min((row["ratio"] for who, row in results.get(shape, {}).items() if who in METHODS), default=None)

    def worst(shapes, measure):
        return max((measure(shape) for shape in shapes if shape in results), default=None)

    wide = ["128 channels", "S6", "512 channels"]
    pools = [name for name in results if name.startswith("pool")]
    step = "training step, batch 128"
    lines = [
        (
            "im2col / bare torch.mm of its size, worst of S0-S4",
            [ratio(shape, "seed, im2col", "to_mm") for shape in FIRST],
            1.15,
            worst(FIRST, lambda shape: ratio(shape, "im2col", "to_mm")),
        ),
        ("im2col / F.conv2d at S0", [ratio("S0", "seed, im2col")], 1.4, ratio("S0", "im2col")),
    ]
    for shape in FIRST:
        goal = 1.0 if shape in ("S0", "S4") else 2.0
        lines.append((f"best of ours / F.conv2d at {shape}", [ratio(shape, "seed, im2col")], goal, best(shape)))
    lines += [
        (
            "winograd / im2col, worst of 64 channels and more",
            [],
            1.0,
            worst(["S3", *wide], lambda shape: ratio(shape, "winograd") / ratio(shape, "im2col")),
        ),
        (
            "winograd, filters ready / F.conv2d, worst of 128-512 channels",
            [],
            1.0,
            worst(wide, lambda shape: ratio(shape, "winograd, filters ready")),
        ),
        ("fft / F.conv2d, dense 21x21", [], 0.4, ratio("dense 21x21", "fft")),
        ("fft / F.conv2d, depthwise 21x21", [], 0.1, ratio("depthwise 21x21", "fft")),
        ("shifted: peak memory / F.conv2d's at S3", [], 1.1, _memory_ratio(results.get("S3"), "shifted")),
        (
            "auto / the fastest of ours, worst shape",
            [],
            1.25,
            worst(list(results)[: -len(pools) - 1], lambda shape: ratio(shape, "auto") / best(shape)),
        ),
    ]
    for part, goal in (("forward", 0.2), ("forward + backward", 1.0)):
        for pool in pools:
            measured = ratio(pool, f"max_pool2d, {part}")
            lines.append((f"max {pool}, {part} / torch's", [ratio(pool, f"seed, {part}")], goal, measured))
    ours = ratio(step, "cnncourse.layers")
    lines.append(("training step, cnncourse.layers / torch.nn", [ratio(step, "seed")], 1.5, ours))
    table = Table(title="Speed to reach (median ratios, this run)")
    for heading in ("what", "seed", "goal", "measured", ""):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for what, seed, goal, measured in lines:
        table.add_row(
            what,
            _range(seed),
            f"{goal:.2f}",
            "not measured" if measured is None else f"{measured:.2f}",
            "" if measured is None else "reached" if measured <= goal else "missed",
        )
    return table


def _memory_ratio(rows, who):
    """Divide the memory of one call by that of PyTorch's, where both are known."""
    if not rows or not rows["F.conv2d"]["memory"]:
        return None
    return rows[who]["memory"] / rows["F.conv2d"]["memory"]


def _range(values):
    """Write one number, or several as "lowest-highest"."""
    known = [f"{value:.0f}" for value in sorted(value for value in values if value is not None)]
    return "-".join(dict.fromkeys([*known[:1], *known[-1:]]))
