"""Train the two networks that run inside the figure InsideNetwork, and write their files.

    python tools/train_inside_networks.py [FOLDER]

Into FOLDER (cnncourse/figures/weights unless you name another) go `shapes.f16` and `fashion.f16`, the weights as
`export_weights` writes them, and `networks.json`: how they were trained, what the *rounded* weights reach on test
images, with which versions, when. One thread and fixed seeds: the same machine and versions give the same bytes. The
garments are all 60,000 of Fashion-MNIST, which `load_fashion_mnist(..., full=True)` finds or fetches; the test images
are looked at once, after the training.
"""

import argparse
import datetime
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from cnncourse import models
from cnncourse.data import DataError, load_fashion_mnist, make_shapes
from cnncourse.figures.networks import FOLDER, NETWORKS, export_weights, import_weights
from cnncourse.files import atomic_write
from cnncourse.training import evaluate, fit, one_cycle, ordered_batches
from cnncourse.training.tasks import versions


def drawn_shapes(split: str) -> tuple[Tensor, Tensor]:
    """Draw 10,000 shapes to learn from, or 10,000 others to judge by."""
    return make_shapes(10_000, generator=torch.Generator().manual_seed({"train": 0, "test": 2**32}[split]))


def fashion_images(split: str) -> tuple[Tensor, Tensor]:
    """Load all garments of a split."""
    return load_fashion_mnist(split, full=True)


@dataclass(frozen=True)
class Recipe:
    """How one network is trained: with AdamW and `one_cycle`, by `cnncourse.training.fit`.

    Weight decay keeps the logits small: the answers are less boastful, and 32 bits compute them to the fifth decimal.
    """

    load: Callable[[str], tuple[Tensor, Tensor]]
    data: str
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    seed: int


RECIPES = {
    "shapes": Recipe(
        drawn_shapes, "make_shapes", epochs=6, batch_size=50, learning_rate=0.01, weight_decay=0.1, seed=0
    ),
    "fashion": Recipe(
        fashion_images, "Fashion-MNIST, full", epochs=12, batch_size=100, learning_rate=0.01, weight_decay=0.1, seed=0
    ),
}


def train(name: str, images: Tensor, labels: Tensor, epochs: int | None = None) -> nn.Module:
    """Train the network `name` by its recipe; other `epochs` are for tests."""
    recipe = RECIPES[name]
    generator = torch.Generator().manual_seed(recipe.seed)
    model = models.build(NETWORKS[name], generator)
    fit(
        model,
        (images, labels),
        epochs=recipe.epochs if epochs is None else epochs,
        batch_size=recipe.batch_size,
        optimizer=torch.optim.AdamW(model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay),
        schedule=one_cycle,
        generator=generator,
        progress=sys.stderr.isatty(),
    )
    return model


def accuracy(name: str, weights: bytes, test: tuple[Tensor, Tensor]) -> float:
    """Return the share of test images that the network with the rounded `weights` gets right."""
    return evaluate(import_weights(models.build(NETWORKS[name]), weights), ordered_batches(*test))


def make_files(folder: Path) -> dict:
    """Train both networks, write the three files, and return the content of `networks.json`."""
    made, networks = {}, {}
    for name, recipe in RECIPES.items():
        images, labels = recipe.load("train")
        made[name] = weights = export_weights(train(name, images, labels))
        networks[name] = {
            "model": NETWORKS[name],
            "parameters": len(weights) // 2,
            "data": recipe.data,
            "train_images": len(images),
            "epochs": recipe.epochs,
            "batch_size": recipe.batch_size,
            "learning_rate": recipe.learning_rate,
            "weight_decay": recipe.weight_decay,
            "seed": recipe.seed,
            "test_images": len(recipe.load("test")[0]),
            "test_accuracy": accuracy(name, weights, recipe.load("test")),
            "sha256": hashlib.sha256(weights).hexdigest(),
        }
    networks["fashion"]["subset_accuracy"] = accuracy("fashion", made["fashion"], load_fashion_mnist("test"))
    record = {"networks": networks, "versions": versions(), "date": datetime.date.today().isoformat()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, weights in made.items():
        atomic_write(folder / f"{name}.f16", weights)
    atomic_write(folder / "networks.json", json.dumps(record, indent=2) + "\n")
    return record


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line, make the files, print what was reached; return the exit code."""
    parser = argparse.ArgumentParser(description="Train the networks of the figure InsideNetwork.")
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER, help="where the files go")
    torch.set_num_threads(1)  # the sums of several threads round differently from run to run
    try:
        record = make_files(parser.parse_args(arguments).folder)
    except (DataError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for name, network in record["networks"].items():
        print(f"{name}: {network['test_accuracy']:.2%} of {network['test_images']:,} test images are right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
