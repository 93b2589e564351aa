"""Which first weights let nine plain convolutions learn, with and without batch normalisation?

For each seed a network is trained on 2000 garments and judged on 1000 others: a convolution of 4x4 with stride 4 makes
16 maps of 7x7, eight 3x3 convolutions follow, each with a ReLU, then a mean over each map and a linear layer. Five
epochs X
- ``_spread``: the standard deviation of the numbers behind the ninth ReLU, over that behind the first, before training;
- ``_loss``: the loss on the training images after the training; ``_test``: the accuracy on the others.
"""

import torch
from torch import Tensor, nn

from cnncourse.models.parts import normed_conv, seeded
from cnncourse.training import fit, one_cycle

from .depth import CHANNELS, garments
from .pocket import loss_and_test

SEEDS = range(20)
STARTS = ("small", "small_convs", "default", "xavier", "he")
COLUMNS = ("spread", "loss", "test")


def run(seed: int) -> dict[str, float]:
    """Train the ten networks from one seed."""
    train = garments("train", 2000)
    figures = {}
    for name in ("plain", "normed"):
        for start in STARTS:
            generator = torch.Generator().manual_seed(seed)
            model = seeded(lambda name=name: stack(name == "normed"), generator)
            start_from(model, start, generator)
            figures[f"{name}_{start}_spread"] = round(spread(model, train[0][:200]), 6)
            fit(
                model,
                train,
                epochs=5,
                batch_size=50,
                optimizer=torch.optim.Adam(model.parameters(), lr=0.002),
                schedule=one_cycle,
                generator=generator,
                progress=False,
            )
            loss, test = loss_and_test(model, train)
            figures |= {f"{name}_{start}_loss": loss, f"{name}_{start}_test": test}
    return figures


def stack(normed: bool) -> nn.Sequential:
    """Make the network of nine convolutions."""
    convs = [normed_conv(1, CHANNELS, 4, stride=4)]
    convs += [normed_conv(CHANNELS, CHANNELS, 3, padding=1) for _ in range(8)]
    if not normed:
        for conv in convs:
            conv.norm = nn.Identity()
            conv.conv.bias = nn.Parameter(torch.zeros(CHANNELS))
    return nn.Sequential(*convs, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(CHANNELS, 10))


def start_from(model: nn.Module, start: str, generator: torch.Generator) -> None:
    """Draw the weights of all convolutions and linear layers anew."""
    drawn = {"default": (), "small_convs": nn.Conv2d}.get(start, (nn.Conv2d, nn.Linear))
    for layer in model.modules():
        if not isinstance(layer, drawn):
            continue
        inputs, outputs = layer.weight[0].numel(), layer.weight[:, 0].numel()
        std = {"xavier": (2 / (inputs + outputs)) ** 0.5, "he": (2 / inputs) ** 0.5}.get(start, 0.01)
        nn.init.normal_(layer.weight, std=std, generator=generator)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


@torch.no_grad()
def spread(model: nn.Sequential, images: Tensor) -> float:
    """Return the standard deviation behind the ninth ReLU over that behind the first, in training mode."""
    first = model.train()[0](images)
    return (model[1:9](first).std() / first.std()).item()
