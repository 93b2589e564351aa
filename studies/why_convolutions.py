"""What do locality, shared weights and a global maximum each contribute to telling squares from circles?

The experiments of the chapter *Why convolutions*, with 1000 training and 2000 test images of `make_equal_shapes`.
Figures are shares of right answers unless stated otherwise.

- ``area_leaky``, ``area``, ``height``: no network. The class is the more frequent one, in the training images, of the
  same number of white pixels (in `make_shapes` and in `make_equal_shapes`) or of the same number of rows.
- ``dense_known``, ``dense``: the dense network on its training images and on others.
- ``local_known``, ``local``: `shapes_net` with the same windows, but weights of its own at every place (157,618
  parameters).
- ``shapes``: `shapes_net`, local and shared.
- ``dense_scrambled``, ``shapes_scrambled``: the same two after one permutation of the pixels of all images.
- ``dense_pixel``, ``shapes_pixel``: the share of decisions that change when the image moves by one pixel.
- ``dense_at_K``, ``shapes_at_K``, ``largest_at_K``: trained near the top left corner, tested K pixels further down and
  right. ``largest`` is `shapes_net` with a global maximum in the place of its second pooling.
- ``dense_circles_K``, ``shapes_circles_K``: the share of images called a circle there.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnncourse import models
from cnncourse.data import make_equal_shapes, make_shapes
from cnncourse.training import evaluate, fit, ordered_batches

SEEDS = range(20)
SHIFTS = range(0, 13, 2)
DENSE_EPOCHS, LOCAL_EPOCHS, EPOCHS = 60, 30, 8  # enough for each to know its training images
Data = tuple[Tensor, Tensor]


class LocallyConnected(nn.Module):
    """3x3 windows as in a convolution with padding 1, but weights and a bias of their own at every place."""

    def __init__(self, in_channels: int, out_channels: int, size: int):
        super().__init__()
        self.size = size
        bound = (in_channels * 9) ** -0.5  # as nn.Conv2d begins
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels * 9, size**2).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(out_channels, size**2).uniform_(-bound, bound))

    def forward(self, input: Tensor) -> Tensor:
        windows = F.unfold(input, 3, padding=1)  # (N, C*9, size*size)
        output = torch.einsum("nkp,okp->nop", windows, self.weight) + self.bias
        return output.unflatten(2, (self.size, self.size))


def local_net() -> nn.Sequential:
    """`shapes_net` without shared weights."""
    net = models.shapes_net()
    net.conv1, net.conv2 = LocallyConnected(1, 8, 28), LocallyConnected(8, 16, 9)
    return net


def largest_net() -> nn.Sequential:
    """`shapes_net` with the largest response of each of its 16 kernels instead of 3x3 maps of them."""
    net = models.shapes_net()
    net.pool2, net.linear = nn.AdaptiveMaxPool2d(1), nn.Linear(16, 2)
    return net


def run(seed: int) -> dict[str, float]:
    """Make the data and train every network from one seed."""
    generator = torch.Generator().manual_seed(seed)
    train, test = (make_equal_shapes(count, generator=generator) for count in (1000, 2000))
    leaky = [make_shapes(count, generator=generator) for count in (1000, 2000)]
    order = torch.randperm(28 * 28, generator=generator)

    def scrambled(data: Data) -> Data:
        return data[0].flatten(1)[:, order].reshape(data[0].shape), data[1]

    def trained(make, epochs: int, data: Data = train) -> nn.Module:
        torch.manual_seed(seed)
        model = make()
        fit(model, data, epochs=epochs, generator=torch.Generator().manual_seed(seed), progress=False)
        return model

    dense, shapes = trained(models.dense_shapes_net, DENSE_EPOCHS), trained(models.shapes_net, EPOCHS)
    local = trained(local_net, LOCAL_EPOCHS)
    figures = {
        "area_leaky": by_measure(area, *leaky),
        "area": by_measure(area, train, test),
        "height": by_measure(height, train, test),
        "dense_known": accuracy(dense, train),
        "dense": accuracy(dense, test),
        "local_known": accuracy(local, train),
        "local": accuracy(local, test),
        "shapes": accuracy(shapes, test),
        "dense_pixel": changed(dense, test[0]),
        "shapes_pixel": changed(shapes, test[0]),
    }
    for name, make, epochs in (
        ("dense", models.dense_shapes_net, DENSE_EPOCHS),
        ("shapes", models.shapes_net, EPOCHS),
    ):
        figures[f"{name}_scrambled"] = accuracy(trained(make, epochs, scrambled(train)), scrambled(test))
    corner, others = (make_equal_shapes(1000, generator=generator, centres=(5, 8)) for _ in range(2))
    others = balanced(others)
    for name, make, epochs in (
        ("dense", models.dense_shapes_net, DENSE_EPOCHS),
        ("shapes", models.shapes_net, EPOCHS),
        ("largest", largest_net, EPOCHS),
    ):
        model = trained(make, epochs, corner)
        for shift in SHIFTS:
            moved = others[0].roll((shift, shift), dims=(2, 3))
            figures[f"{name}_at_{shift}"] = accuracy(model, (moved, others[1]))
            if name != "largest":
                figures[f"{name}_circles_{shift}"] = decisions(model, moved).double().mean().item()
    return {name: round(value, 4) for name, value in figures.items()}


def balanced(data: Data) -> Data:
    """Keep as many squares as circles, so that a constant answer is right for exactly half."""
    squares, circles = ((data[1] == label).nonzero().flatten() for label in (0, 1))
    kept = torch.cat([squares[: len(circles)], circles[: len(squares)]])
    return data[0][kept], data[1][kept]


def accuracy(model: nn.Module, data: Data) -> float:
    return evaluate(model, ordered_batches(*data))


@torch.no_grad()
def decisions(model: nn.Module, images: Tensor) -> Tensor:
    return model(images).argmax(dim=1)


def changed(model: nn.Module, images: Tensor) -> float:
    """Share of decisions that change when the shape, if it has room, moves one pixel to the right."""
    free = images[images[..., -1].sum((1, 2)) == 0]
    return (decisions(model, free) != decisions(model, free.roll(1, dims=3))).double().mean().item()


def area(images: Tensor) -> Tensor:
    return images.sum((1, 2, 3)).long()


def height(images: Tensor) -> Tensor:
    return images.amax(3).sum((1, 2)).long()


def by_measure(measure, train: Data, test: Data) -> float:
    """Accuracy on `test` of the rule: the more frequent class, in `train`, of the same measure."""
    votes = torch.zeros(28 * 28 + 1).index_add(0, measure(train[0]), train[1] * 2.0 - 1)
    return ((votes[measure(test[0])] > 0).long() == test[1]).double().mean().item()
