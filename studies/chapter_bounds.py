"""How far do the trained numbers of the chapters spread over seeds?

A chapter prints "accuracy ≈ 0.75", since the digits depend on the machine. For each seed the cells that lead to such
lines run as they are in the notebook, with ``1000 * seed`` added to every seed in them: other images and weights,
another order. Seed 0 is the chapter itself. Each figure is the number behind one line. A hidden cell holds
the number just computed to the recorded range with `cnncourse.studies.within_study`.
"""

import contextlib
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import matplotlib as mpl
import torch
from matplotlib import pyplot as plt

SEEDS = range(20)
BOOK = Path(__file__).parents[1] / "book"


class Bound(NamedTuple):
    """A number that a chapter prints.

    Attributes
    ----------
    cell : str
        Id of the cell that prints it.
    value : str
        The number, in the chapter's own names, once the cell has run.
    """

    cell: str
    value: str


CELLS = {  # what has to run, in this order
    "architectures": "imports data train",
    "interpretation": "imports digits detector-fails detector-mended correlations train-shapes planted methods judge "
    "garments",
    "training": "imports garments small-start loop double-softmax-fails cure split train test-once",
}
ACCURACY = "evaluate({}, ordered_batches(*{}))"
BOUNDS = {
    "architectures": {
        "lenet5": Bound("train", "accuracies['lenet5']"),
        "resnet8": Bound("train", "accuracies['resnet8']"),
    },
    "interpretation": {
        "detector": Bound("detector-mended", "accuracies['right']"),
        "decayed": Bound("detector-mended", "accuracies['right, decayed']"),
        "wrong_alike": Bound("correlations", "matches['wrong']"),
        "right_alike": Bound("correlations", "matches['right']"),
        "decayed_alike": Bound("correlations", "matches['right, decayed']"),
        "shapes_kernels": Bound("train-shapes", ACCURACY.format("shapes_net", "test")),
        "one_kernel": Bound("train-shapes", ACCURACY.format("one_kernel_net", "test")),
        "planted": Bound("planted", "accuracy"),
        "occlusion": Bound("judge", "scores['occlusion'][0]"),
        "saliency": Bound("judge", "scores['saliency'][0]"),
        "grad_cam": Bound("judge", "scores['grad_cam'][0]"),
        "occlusion_shuffled": Bound("judge", "scores['occlusion'][1]"),
        "saliency_shuffled": Bound("judge", "scores['saliency'][1]"),
        "grad_cam_shuffled": Bound("judge", "scores['grad_cam'][1]"),
        "garments": Bound("garments", "accuracy"),
    },
    "training": {
        "first_loop": Bound("loop", "accuracy"),
        "best_start": Bound("cure", "best"),
        "validation": Bound("train", "reached"),
        "test": Bound("test-once", "accuracy"),
    },
}


def run(seed: int, chapters: Iterable[str] = tuple(CELLS)) -> dict[str, float]:
    """Run the cells of the chapters from one seed."""
    with (
        torch.random.fork_rng(),
        mpl.rc_context(),
        patch.object(plt, "show", lambda: plt.close("all")),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        return {name: round(value, 4) for chapter in chapters for name, value in numbers(chapter, seed).items()}


def numbers(chapter: str, seed: int) -> dict[str, float]:
    """Run the cells of one chapter and return the numbers behind its bounds."""
    notebook = json.loads((BOOK / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    sources = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
    names, found = {}, {}
    for cell in CELLS[chapter].split():
        exec(sources[cell].replace("manual_seed(", f"manual_seed({1000 * seed} + "), names)
        found |= {name: eval(bound.value, names) for name, bound in BOUNDS[chapter].items() if bound.cell == cell}
    return found
