"""How large should first weights be, and what does batch normalisation change?

Three ways to start: PyTorch's default; ``he``, normal with variance 2 over the number of inputs of an output, biases 0;
``small``, 0.01 times normal, biases 0.

- ``spread_default`` and the others: the standard deviation of the numbers after ten 3x3 convolutions with ReLU and 32
  channels, for normal inputs of standard deviation 1;
- ``nine_default`` and the others: `batch_norm_net` without its normalisations, ``nine_normed_default`` and
  ``nine_normed_small`` with them: the mean loss of the last 5 of 20 steps of gradient descent (rate 0.1, batches of
  50 garments); guessing has log 10 = 2.303;
- ``two_default`` and ``two_small``: the accuracy of `two_conv_net` on 1000 garments after 5 epochs on 1000
  others, in the same steps.
"""

import torch
import torch.nn.functional as F
from torch import nn

from cnncourse import models
from cnncourse.data import load_fashion_mnist
from cnncourse.models.parts import seeded
from cnncourse.training import evaluate, minibatches, ordered_batches, train_one_epoch

from .initialisations import start_from

SEEDS = range(10)
STARTS = ("default", "he", "small")


def run(seed: int) -> dict[str, float]:
    """Measure and train from one seed."""
    figures = {f"spread_{start}": spread(seed, start) for start in STARTS}
    figures |= {f"nine_{start}": nine_convolutions(seed, start, normed=False) for start in STARTS}
    figures |= {f"nine_normed_{start}": nine_convolutions(seed, start, normed=True) for start in ("default", "small")}
    figures |= {f"two_{start}": two_convolutions(seed, start) for start in ("default", "small")}
    return {name: round(value, 4) for name, value in figures.items()}


@torch.no_grad()
def spread(seed: int, start: str) -> float:
    """Return the standard deviation after ten layers."""
    generator = torch.Generator().manual_seed(seed)
    layers = seeded(
        lambda: nn.Sequential(*(nn.Conv2d(32, 32, 3, padding=1) for _ in range(10))),
        generator,
    )
    start_from(layers, start, generator)
    maps = torch.randn(8, 32, 28, 28, generator=generator)
    for layer in layers:
        maps = F.relu(layer(maps))
    return maps.std().item()


def nine_convolutions(seed: int, start: str, normed: bool) -> float:
    """Return the loss of the last 5 of 20 steps."""
    images, labels = load_fashion_mnist("train")
    generator = torch.Generator().manual_seed(seed)
    model = models.build("batch_norm", generator)
    if not normed:
        for layer in list(model.modules()):
            if hasattr(layer, "norm"):
                layer.norm = nn.Identity()
    start_from(model, start, generator)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    batches = minibatches(images[:1000], labels[:1000], 50, generator)
    losses = [train_one_epoch(model, [batch], F.cross_entropy, optimizer) for batch in batches]
    return sum(losses[-5:]) / 5


def two_convolutions(seed: int, start: str) -> float:
    """Return the accuracy after five epochs."""
    (images, labels), test = load_fashion_mnist("train"), load_fashion_mnist("test")
    generator = torch.Generator().manual_seed(seed)
    model = models.build("two_conv", generator)
    start_from(model, start, generator)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(5):
        train_one_epoch(model, minibatches(images[:1000], labels[:1000], 50, generator), F.cross_entropy, optimizer)
    return evaluate(model, ordered_batches(*test))
