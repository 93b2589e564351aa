"""The convolution benchmark: how it measures and how it judges. No test here looks at a clock's reading."""

import io

import pytest
import torch
from rich.console import Console

from benchmarks import convolution, seeds
from benchmarks.measure import extra_memory, interleaved


def test_contenders_take_random_turns_and_a_slow_one_still_gets_its_own():
    turns = []
    contenders = {name: lambda name=name: turns.append(name) for name in ("first", "second")}
    times = interleaved(contenders, seconds=0, turns=4)
    assert list(times) == ["first", "second"]
    assert turns[:2] == ["first", "second"]  # warm-up
    assert sorted(turns[2:]) == ["first"] * 4 + ["second"] * 4
    assert all(set(turns[turn : turn + 2]) == {"first", "second"} for turn in range(2, 10, 2))


def test_extra_memory_sees_what_a_call_takes():
    taken = extra_memory(lambda: bytearray(b"x") * 50_000_000)
    assert taken is None or 40_000_000 < taken < 80_000_000


def test_every_contender_computes_the_same():
    shape = convolution.Shape("S0", (2, 3, 9, 8), (4, 3, 3, 3), padding=1)
    _, rows = convolution.measure_shape(shape, seconds=0, turns=1)
    assert {"F.conv2d", "torch.mm", "seed, loops", "seed, im2col", "direct", "auto"} <= set(rows)
    assert all(row["error"] < 1e-4 for name, row in rows.items() if name != "torch.mm")
    _, rows = convolution.measure_pool(((2, 3, 8, 8), 3, 2), seconds=0, turns=1)
    assert all(row["error"] == 0 for row in rows.values())


def test_the_seeds_network_takes_the_batch_of_the_benchmark():
    assert seeds.Network()(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


@pytest.mark.parametrize(("measured", "verdict"), [(1.2, "reached"), (1.6, "missed")])
def test_the_goals_name_what_is_missed_and_what_was_not_measured(measured, verdict):
    results = {"training step, batch 128": {"cnncourse.layers": {"ratio": measured}, "seed": {"ratio": 30.0}}}
    console = Console(width=110, file=io.StringIO())
    console.print(convolution.goals(results))
    lines = console.file.getvalue().splitlines()
    line = next(line for line in lines if "training step" in line)
    assert verdict in line
    assert f"{measured:.2f}" in line
    assert sum("not measured" in line for line in lines) == 13
