"""Do deeper plain networks train worse than shallow ones, and do residual connections prevent it?

For each seed six networks are trained on 1500 garments and judged on 1000 others. A first convolution of 4x4 with
stride 4 makes 16 maps of 7x7; then come 3x3 convolutions, until there are 9, 21 or 33 convolutions in all. Each is
followed by batch normalisation. The networks are plain, or residual: every second convolution adds the input of the
pair to its result. Data, order and steps are the same: 8 epochs of Adam with `one_cycle` up to 0.005, batches of 100.

- ``plain_9`` to ``residual_33`` with ``_loss`` and ``_train``: loss and accuracy on the training images, in evaluation
  mode; ``_test``: accuracy on the others;
- ``_gradient``: the size of the loss's gradient at the first 3x3 convolution over that at the last, before training.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnncourse.data import load_fashion_mnist
from cnncourse.models import ResidualBlock
from cnncourse.models.parts import normed_conv, seeded
from cnncourse.training import evaluate, fit, one_cycle, ordered_batches, predict

SEEDS = range(20)
DEPTHS = (9, 21, 33)
COLUMNS = ("loss", "train", "test", "gradient")
CHANNELS = 16


def run(seed: int) -> dict[str, float]:
    """Train the six networks from one seed."""
    train, test = garments("train", 1500), garments("test", 1000)
    figures = {}
    for depth in DEPTHS:
        for name in ("plain", "residual"):
            generator = torch.Generator().manual_seed(seed)
            model = seeded(lambda depth=depth, name=name: stack(depth, name == "residual"), generator)
            figures[f"{name}_{depth}_gradient"] = first_over_last(model, train)
            fit(
                model,
                train,
                epochs=8,
                batch_size=100,
                optimizer=torch.optim.Adam(model.parameters(), lr=0.005),
                schedule=one_cycle,
                generator=generator,
                progress=False,
            )
            logits, labels = predict(model, ordered_batches(*train))
            figures[f"{name}_{depth}_loss"] = F.cross_entropy(logits, labels).item()
            figures[f"{name}_{depth}_train"] = (logits.argmax(1) == labels).double().mean().item()
            figures[f"{name}_{depth}_test"] = evaluate(model, ordered_batches(*test))
    return {name: round(value, 4) for name, value in figures.items()}


def garments(split: str, count: int) -> tuple[Tensor, Tensor]:
    """Return the first `count` images and labels of a split."""
    images, labels = load_fashion_mnist(split)
    return images[:count], labels[:count]


def stack(depth: int, residual: bool) -> nn.Sequential:
    """Make a network of `depth` convolutions: one of 4x4 and pairs of 3x3."""
    return nn.Sequential(
        normed_conv(1, CHANNELS, 4, stride=4),
        *(ResidualBlock(CHANNELS, CHANNELS) if residual else plain_block() for _ in range((depth - 1) // 2)),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(CHANNELS, 10),
    )


def plain_block() -> nn.Sequential:
    """Make the two convolutions of a residual block without its sum."""
    return nn.Sequential(*(normed_conv(CHANNELS, CHANNELS, 3, padding=1) for _ in range(2)))


def first_over_last(model: nn.Module, data: tuple[Tensor, Tensor]) -> float:
    """Return the size of the gradient at the first 3x3 convolution over that at the last, for one batch."""
    weights = [layer.weight for layer in model.modules() if isinstance(layer, nn.Conv2d)]
    loss = F.cross_entropy(model.train()(data[0][:100]), data[1][:100])
    first, last = torch.autograd.grad(loss, [weights[1], weights[-1]])
    return (first.norm() / last.norm()).item()
