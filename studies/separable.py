"""What accuracy do depthwise-separable convolutions cost on garments, and how many parameters do they save?

For each seed two networks are trained on 1500 garments and judged on 1000 others. A first 3x3 convolution of stride 2
makes 32 maps of 14x14; then come three blocks, to 64, 64 and 128 channels, of which the second has stride 2; then an
average and a linear layer. The blocks are dense 3x3 convolutions in one network and separable ones in the other.
Each convolution is followed by batch normalisation and ReLU. Data, order and steps are the same: 8 epochs of Adam with
`one_cycle` up to 0.005, batches of 100. ``wide`` is a separable network with 2.5 times as many channels.

- ``_accuracy``: on the others; ``_thousands``: parameters of the network, in thousands.
"""

import torch
from torch import nn

from cnncourse.models import DepthwiseSeparable
from cnncourse.models.parts import normed_conv, seeded
from cnncourse.training import evaluate, fit, one_cycle, ordered_batches

from .depth import garments

SEEDS = range(5)
COLUMNS = ("accuracy", "thousands")
NETWORKS = {"dense": (False, 1.0), "separable": (True, 1.0), "wide": (True, 2.5)}


def run(seed: int) -> dict[str, float]:
    """Train the networks from one seed."""
    train, test = garments("train", 1500), garments("test", 1000)
    figures: dict[str, float] = {}
    for name, (separable, width) in NETWORKS.items():
        generator = torch.Generator().manual_seed(seed)
        model = seeded(lambda separable=separable, width=width: network(separable, width), generator)
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
        figures[f"{name}_accuracy"] = round(evaluate(model, ordered_batches(*test)), 4)
        figures[f"{name}_thousands"] = sum(parameter.numel() for parameter in model.parameters()) / 1000
    return figures


def network(separable: bool, width: float) -> nn.Sequential:
    """Make a network of dense or separable blocks."""
    channels = [int(width * count) for count in (32, 64, 64, 128)]
    blocks = [
        DepthwiseSeparable(before, after, stride=stride)
        if separable
        else normed_conv(before, after, 3, padding=1, stride=stride)
        for before, after, stride in zip(channels, channels[1:], (1, 2, 1), strict=False)
    ]
    return nn.Sequential(
        normed_conv(1, channels[0], 3, padding=1, stride=2),
        *blocks,
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(channels[-1], 10),
    )
