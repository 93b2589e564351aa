"""How close to their bounds do the trained numbers of the chapters come?

A chapter prints "accuracy above 0.7: True", since the digits behind it depend on the machine. For each seed the cells
that lead to such lines are run as they stand in the notebook, with ``1000 * seed`` added to every seed in them: other
images, other weights, another order. Seed 0 is the chapter itself. Each figure is the number behind one line, and
`tests/test_studies.py` holds that the bound in the line is two points away from the worst of them.
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
    """A line that a chapter prints.

    Attributes
    ----------
    cell : str
        Id of the cell that prints it.
    line : str
        Regular expression of the line; its group is the bound.
    value : str
        The number behind it, in the chapter's own names, once the cell has run.
    below : bool
        Whether the number is to lie below the bound, not above.
    """

    cell: str
    line: str
    value: str
    below: bool = False


CELLS = {  # what has to run, in this order
    "why_convolutions": "imports data dense-parameters dense-training conv-training scramble scramble-training "
    "corner-shapes shift-nets shift-training shift-bounds one-pixel",
    "architectures": "imports data train",
    "interpretation": "imports digits detector-fails detector-mended correlations train-shapes planted methods judge "
    "garments",
    "training": "imports garments small-start loop double-softmax-fails cure split train test-once",
}
CHANGED = "(decisions({0}, inputs) != decisions({0}, moved)).double().mean().item()"
ON_MARK = "interpretation.localisation_score(methods['{}'](planted_net, *inputs), unseen.marks)"
SHUFFLED = "interpretation.weight_randomisation(lambda model: methods['{}'](model, *inputs), planted_net, 3, seeded(0))"
DETECTED = (
    "(lambda kernel, bias: (((new_images * kernel).sum((1, 2)) + bias > 0) == (new_labels == 3)).double().mean())"
    "(*interpretation.train_detector(images, labels, 3, generator=seeded(0), weight_decay={})).item()"
)
ACCURACY = "evaluate({}, ordered_batches(*{}))"
BOUNDS = {
    "why_convolutions": {
        "dense_known": Bound("dense-training", "training images above ([0-9.]+): True", "accuracy(dense, train)"),
        "dense_new": Bound("dense-training", "new images above ([0-9.]+): +False", "accuracy(dense, test)", below=True),
        "shapes": Bound("conv-training", "new images above ([0-9.]+): True", "accuracy(convolutional, test)"),
        "dense_scrambled": Bound(
            "scramble-training", "changes by less than ([0-9.]+): True", "abs(change)", below=True
        ),
        "shapes_scrambled": Bound("scramble-training", "loses more than ([0-9.]+): True", "lost"),
        "at_home": Bound(
            "shift-training", "at home, above ([0-9.]+): True", "min(curve[0] for curve in curves.values())"
        ),
        "dense_moved": Bound("shift-bounds", "dense below ([0-9.]+) after.*: +True", "curves['dense'][1]", below=True),
        "shapes_moved": Bound(
            "shift-bounds", "convolutional below ([0-9.]+) at.*: +True", "curves['convolutional'][-1]", below=True
        ),
        "largest_moved": Bound("shift-bounds", "response above ([0-9.]+) through.*: True", "lowest"),
        "dense_pixel": Bound("one-pixel", "dense: more than ([0-9.]+%) of.*: True", CHANGED.format("dense")),
        "shapes_pixel": Bound(
            "one-pixel", "convolutional: more than ([0-9.]+%) of.*: False", CHANGED.format("convolutional"), below=True
        ),
    },
    "architectures": {
        "lenet5": Bound("train", "lenet5: .* above ([0-9.]+): True", ACCURACY.format("networks['lenet5']", "held")),
        "resnet8": Bound("train", "resnet8: .* above ([0-9.]+): True", ACCURACY.format("networks['resnet8']", "held")),
    },
    "interpretation": {
        "detector": Bound("detector-mended", "right  .* above ([0-9.]+): True", DETECTED.format(0.0)),
        "decayed": Bound("detector-mended", "decayed .* above ([0-9.]+): True", DETECTED.format(0.01)),
        "wrong_alike": Bound("correlations", "wrong .* above ([0-9.]+) True", "best_match(kernels['wrong'])[1]"),
        "right_alike": Bound("correlations", "right  .* above ([0-9.]+) True", "best_match(kernels['right'])[1]"),
        "decayed_alike": Bound(
            "correlations", "decayed .* above ([0-9.]+) True", "best_match(kernels['right, decayed'])[1]"
        ),
        "shapes_kernels": Bound("train-shapes", "above ([0-9.]+): True", ACCURACY.format("shapes_net", "test")),
        "one_kernel": Bound("train-shapes", "above ([0-9.]+): True", ACCURACY.format("one_kernel_net", "test")),
        "planted": Bound("planted", "above ([0-9.]+): True", "accuracy"),
        "occlusion": Bound("judge", "occlusion .* mark above ([0-9.]+): True", ON_MARK.format("occlusion")),
        "saliency": Bound("judge", "saliency .* mark above ([0-9.]+): True", ON_MARK.format("saliency")),
        "grad_cam": Bound("judge", "grad_cam .* mark above ([0-9.]+): True", ON_MARK.format("grad_cam")),
        "occlusion_shuffled": Bound(
            "judge", "occlusion .* shuffled below ([0-9.]+): True", SHUFFLED.format("occlusion"), below=True
        ),
        "saliency_shuffled": Bound(
            "judge", "saliency .* shuffled below ([0-9.]+): True", SHUFFLED.format("saliency"), below=True
        ),
        "grad_cam_shuffled": Bound(
            "judge", "grad_cam .* shuffled below ([0-9.]+): True", SHUFFLED.format("grad_cam"), below=True
        ),
        "garments": Bound("garments", "above ([0-9.]+): True", "accuracy"),
    },
    "training": {
        "first_loop": Bound("loop", "right on others, above ([0-9.]+): True", ACCURACY.format("model", "others")),
        "best_start": Bound("cure", "the chosen one, above ([0-9.]+): +True", "best"),
        "validation": Bound("train", "validation accuracy above ([0-9.]+): True", "reached"),
        "test": Bound("test-once", "accuracy above ([0-9.]+): True", "accuracy"),
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
