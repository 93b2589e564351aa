"""How many labelled images does a new task need, if the network has learned another one before?

For each seed `fast_fashion_net` first learns six garment classes (T-shirt, trouser, pullover, sandal, bag, ankle boot)
from 3000 images in five epochs. Then it gets a new last layer and learns a new task from 5, 10, 20 or 100 images of
each class: the other four garment classes (dress, coat, shirt, sneaker); digits enlarged to 28x28; or the course's
circles and squares. Every training takes 100 steps of Adam (`one_cycle`) with batches of 20, or of all images if there
are fewer.

- ``garments_5_frozen`` and so on: the accuracy on new images if only the last layer is trained (rate 0.01);
- ``_tuned``: if all layers are trained from the learned weights (rate 0.005);
- ``_scratch``: if all layers are trained from random weights (rate 0.005);
- ``_random``: if only the last layer is trained, on top of random weights (rate 0.01).
"""

import torch
from torch import Tensor, nn

from cnncourse import models
from cnncourse.data import load_fashion_mnist, make_shapes
from cnncourse.models.parts import seeded
from cnncourse.training import evaluate, fit, freeze, one_cycle, ordered_batches, replace_head

from .pocket import large_digits

SEEDS = range(5)  # a seed takes more than a minute
KNOWN, NEW = (0, 1, 2, 5, 8, 9), (3, 4, 6, 7)
COUNTS = (5, 10, 20, 100)
RATES = {"frozen": 0.01, "tuned": 0.005, "scratch": 0.005, "random": 0.01}
COLUMNS = tuple(RATES)
STEPS = 100


def run(seed: int) -> dict[str, float]:
    """Learn the six classes, then the new tasks, from one seed."""
    generator = torch.Generator().manual_seed(seed)
    learned = seeded(models.fast_fashion_net, generator)
    learn(learned, only(load_fashion_mnist("train"), KNOWN), epochs=5, batch=50, rate=0.005, generator=generator)
    tasks = {
        "garments": (only(load_fashion_mnist("train"), NEW), only(load_fashion_mnist("test"), NEW)),
        "digits": (large_digits("train"), large_digits("test")),
        "shapes": (make_shapes(1000, generator=generator), make_shapes(1000, generator=generator)),
    }
    figures = {}
    for task, (train, test) in tasks.items():
        for count in COUNTS:
            few = first_of_each(shuffled(train, generator), count)
            for way in RATES:
                figures[f"{task}_{count}_{way}"] = round(accuracy(way, learned, few, test, generator), 4)
    return figures


def accuracy(
    way: str, learned: nn.Module, few: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], generator: torch.Generator
) -> float:
    """Learn a new task from a few images in one way, and return the accuracy on new ones."""
    model = seeded(models.fast_fashion_net, generator)
    if way in ("frozen", "tuned"):
        model.load_state_dict(learned.state_dict() | {k: v for k, v in model.state_dict().items() if "linear" in k})
    with torch.random.fork_rng():
        torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
        replace_head(model, "linear", int(few[1].max()) + 1)
    if way in ("frozen", "random"):
        freeze(model, except_for="linear")
    batch = min(20, len(few[1]))
    learn(model, few, epochs=STEPS // -(-len(few[1]) // batch) or 1, batch=batch, rate=RATES[way], generator=generator)
    return evaluate(model, ordered_batches(*test))


def learn(
    model: nn.Module, data: tuple[Tensor, Tensor], epochs: int, batch: int, rate: float, generator: torch.Generator
) -> None:
    """Train with Adam and one cycle."""
    weights = [each for each in model.parameters() if each.requires_grad]
    fit(
        model,
        data,
        epochs=epochs,
        batch_size=batch,
        optimizer=torch.optim.Adam(weights, lr=rate),
        schedule=one_cycle,
        generator=generator,
        progress=False,
    )


def only(data: tuple[Tensor, Tensor], classes: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Keep the images of some classes, and number the classes anew."""
    images, labels = data
    chosen = torch.isin(labels, torch.tensor(classes))
    return images[chosen], torch.searchsorted(torch.tensor(classes), labels[chosen])


def shuffled(data: tuple[Tensor, Tensor], generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return the images and labels in another order."""
    order = torch.randperm(len(data[1]), generator=generator)
    return data[0][order], data[1][order]


def first_of_each(data: tuple[Tensor, Tensor], count: int) -> tuple[Tensor, Tensor]:
    """Keep the first images of each class."""
    images, labels = data
    chosen = torch.cat([torch.where(labels == each)[0][:count] for each in labels.unique()])
    return images[chosen], labels[chosen]
