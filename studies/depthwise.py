"""Is a depthwise-separable convolution as much faster as it has fewer multiplications, and if not, why?

Times on one processor core: medians of calls in random turns, as ratios within one run; a seed is one such run. Four
layers move the same number of values: batches of 4 maps, from 16 channels of 112x112 to 512 channels of 14x14 (half as
many). A dense 3x3 convolution is compared with a separable one (depthwise 3x3, then pointwise), both with as many
channels out as in. The process keeps the memory that it frees, except where it says "fresh".

- ``_ratio``: time of the dense convolution over that of the separable one.
- ``_depthwise``, ``_pointwise``: time per multiplication, over the dense convolution's.
- ``_7x7``: time of a depthwise convolution with 7x7 kernels over that with 3x3 ones; the multiplications are 49 / 9.
- ``_fresh``: as ``_ratio``, but the operating system provides, and zeroes, fresh memory for every result.
- ``dense_far``, ``depthwise_far``: 64 channels of 56x56, time per image in a batch of 64 images, which no cache holds,
  over that in a batch of one.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from unittest.mock import patch

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.measure import interleaved

SEEDS = range(5)
TIMED = True  # another run gives other figures
COLUMNS = ("ratio", "depthwise", "pointwise", "7x7", "fresh")
LAYERS = {16: 112, 64: 56, 256: 28, 512: 14}  # channels -> height and width
IMAGES = 4
SECONDS = 2.0  # for each group of contenders
KEPT, FRESH = 2**30, 2**17  # bytes; a larger array comes from the operating system and goes back to it


def run(seed: int, seconds: float = SECONDS) -> dict[str, float]:
    """Time everything once, in two new processes."""
    figures = in_process(KEPT, times, seed, seconds) | in_process(FRESH, times_fresh, seed, seconds)
    return {name: round(value, 4) for name, value in figures.items()}


def in_process(threshold, function, *arguments):
    """Call a function in a new process in which glibc keeps freed memory up to a threshold."""
    options = {f"MALLOC_{name}_THRESHOLD_": str(threshold) for name in ("MMAP", "TRIM")}
    with (
        patch.dict(os.environ, options),
        ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool,
    ):
        return pool.submit(function, *arguments).result()


@torch.no_grad()
def times(seed: int, seconds: float) -> dict[str, float]:
    """Time the layers and their parts, and batches near and far."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(seed)
    figures = {}
    for channels in LAYERS:
        maps, weights = layer(channels, generator)
        taken = interleaved(both(maps, weights) | parts(maps, weights), seconds, turns=7)
        figures[f"{channels}_ratio"] = taken["dense"] / taken["separable"]
        figures[f"{channels}_depthwise"] = taken["depthwise"] / taken["dense"] * channels
        figures[f"{channels}_pointwise"] = taken["pointwise"] / taken["dense"] * 9
        figures[f"{channels}_7x7"] = taken["7x7"] / taken["depthwise"]
    return figures | far(seconds, generator)


@torch.no_grad()
def times_fresh(seed: int, seconds: float) -> dict[str, float]:
    """Time the layers in a process that gets fresh memory for every result."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(seed)
    figures = {}
    for channels in LAYERS:
        taken = interleaved(both(*layer(channels, generator)), seconds, turns=7)
        figures[f"{channels}_fresh"] = taken["dense"] / taken["separable"]
    return figures


def layer(channels: int, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
    """Draw the maps and the weights of a layer."""
    shapes = {"dense": (channels, 3), "1x1": (channels, 1), "3x3": (1, 3), "7x7": (1, 7)}
    weights = {
        name: torch.rand(channels, seen, side, side, generator=generator) for name, (seen, side) in shapes.items()
    }
    return torch.rand(IMAGES, channels, LAYERS[channels], LAYERS[channels], generator=generator), weights


def both(maps, weights):
    """Return the two convolutions that are compared."""

    def separable():
        middle = F.conv2d(maps, weights["3x3"], padding=1, groups=maps.shape[1])
        return F.conv2d(middle, weights["1x1"])

    return {"dense": lambda: F.conv2d(maps, weights["dense"], padding=1), "separable": separable}


def parts(maps, weights):
    """Return the parts of the separable convolution, and a depthwise one with larger kernels."""
    channels = maps.shape[1]
    return {
        "depthwise": lambda: F.conv2d(maps, weights["3x3"], padding=1, groups=channels),
        "pointwise": lambda: F.conv2d(maps, weights["1x1"]),
        "7x7": lambda: F.conv2d(maps, weights["7x7"], padding=3, groups=channels),
    }


def far(seconds: float, generator: torch.Generator) -> dict[str, float]:
    """Time a layer of 64 channels for one image and for a batch of 64."""
    maps, weights = layer(64, generator)
    batches = {1: maps[:1], 64: maps.repeat(16, 1, 1, 1)}
    contenders = {}
    for count, batch in batches.items():
        contenders["dense", count] = lambda batch=batch: F.conv2d(batch, weights["dense"], padding=1)
        contenders["depthwise", count] = lambda batch=batch: F.conv2d(batch, weights["3x3"], padding=1, groups=64)
    taken = interleaved(contenders, seconds, turns=7)
    return {f"{name}_far": taken[name, 64] / 64 / taken[name, 1] for name in ("dense", "depthwise")}
