"""What do locality, shared weights and a global maximum each contribute to telling squares from circles?

The experiments of the chapter *Why convolutions*. `make_equal_shapes` draws four images at each of 324 places. A seed
chooses 250 of them for training (1000 images); the other 74 are for the test (296 images), so that no test image is a
training image. Figures are shares of right answers unless stated otherwise.

- ``area_leaky``: no network. The class is the more frequent one, in 1000 training images of `make_shapes`, of the same
  number of white pixels.
- ``dense_known``, ``dense``: the dense network on its training images and on others; ``dense_early`` after 60 epochs.
- ``linear_known``, ``linear``: a single linear layer.
- ``local_known``, ``local``: `shapes_net` with the same windows, but weights of its own at every place (157,618
  parameters).
- ``shapes_known``, ``shapes``: `shapes_net`, local and shared.
- ``dense_scrambled_known``, ``dense_scrambled``, ``shapes_scrambled_known``, ``shapes_scrambled``: the dense
  network and `shapes_net` after one permutation of the pixels of all images.
- ``dense_pixel``, ``shapes_pixel``: the share of decisions that change when the image moves by one pixel, from one test
  place to another.
- ``dense_at_K``, ``shapes_at_K``, ``largest_at_K``: trained at 16 places near the top left corner, tested K pixels
  further down and right, without the places at which it was trained; with K = 0 on the training images. ``largest`` is
  `shapes_net` with a global maximum in the place of its second pooling.
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
DENSE_EPOCHS, EPOCHS, CORNER_EPOCHS = 200, 30, 100  # enough for each to know its training images
EARLY_EPOCHS = 60
PLACES = torch.cartesian_prod(torch.arange(5, 23), torch.arange(5, 23))  # all at which the shapes lie inside
CORNER = torch.cartesian_prod(torch.arange(5, 9), torch.arange(5, 9))
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


def linear_net() -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 2))


def largest_net() -> nn.Sequential:
    """`shapes_net` with the largest response of each of its 16 kernels instead of 3x3 maps of them."""
    net = models.shapes_net()
    net.pool2, net.linear = nn.AdaptiveMaxPool2d(1), nn.Linear(16, 2)
    return net


def run(seed: int) -> dict[str, float]:
    """Make the data and train every network from one seed."""
    generator = torch.Generator().manual_seed(seed)
    leaky = [make_shapes(count, generator=generator) for count in (1000, 2000)]
    shuffled = PLACES[torch.randperm(len(PLACES), generator=generator)]
    test_places = shuffled[250:]
    train, test = make_equal_shapes(shuffled[:250]), make_equal_shapes(test_places)
    order = torch.randperm(28 * 28, generator=generator)

    def scrambled(data: Data) -> Data:
        return data[0].flatten(1)[:, order].reshape(data[0].shape), data[1]

    def trained(make, epochs: int, data: Data = train) -> nn.Module:
        torch.manual_seed(seed)
        model = make()
        fit(model, data, epochs=epochs, generator=torch.Generator().manual_seed(seed), progress=False)
        return model

    figures = {"area_leaky": by_measure(area, *leaky)}
    models_of = {}
    for name, make, epochs in (
        ("dense", models.dense_shapes_net, DENSE_EPOCHS),
        ("linear", linear_net, DENSE_EPOCHS),
        ("local", local_net, EPOCHS),
        ("shapes", models.shapes_net, EPOCHS),
    ):
        model = models_of[name] = trained(make, epochs)
        figures |= {f"{name}_known": accuracy(model, train), name: accuracy(model, test)}
        if name in ("dense", "shapes"):
            model = trained(make, epochs, scrambled(train))
            figures[f"{name}_scrambled_known"] = accuracy(model, scrambled(train))
            figures[f"{name}_scrambled"] = accuracy(model, scrambled(test))
            figures[f"{name}_pixel"] = changed(models_of[name], test_places)
    figures["dense_early"] = accuracy(trained(models.dense_shapes_net, EARLY_EPOCHS), test)

    for name, make in (("dense", models.dense_shapes_net), ("shapes", models.shapes_net), ("largest", largest_net)):
        model = trained(make, CORNER_EPOCHS, make_equal_shapes(CORNER))
        for shift in SHIFTS:
            moved = make_equal_shapes(without(CORNER + shift, CORNER) if shift else CORNER)
            figures[f"{name}_at_{shift}"] = accuracy(model, moved)
            if name != "largest":
                figures[f"{name}_circles_{shift}"] = decisions(model, moved[0]).double().mean().item()
    return {name: round(value, 4) for name, value in figures.items()}


def without(places: Tensor, others: Tensor) -> Tensor:
    """Return the places that are not among the others."""
    return places[~(places[:, None] == others).all(2).any(1)]


def accuracy(model: nn.Module, data: Data) -> float:
    return evaluate(model, ordered_batches(*data))


@torch.no_grad()
def decisions(model: nn.Module, images: Tensor) -> Tensor:
    return model(images).argmax(dim=1)


def changed(model: nn.Module, places: Tensor) -> float:
    """Share of decisions that change when the shape moves one pixel to the right, from one of the places to another."""
    right = places + torch.tensor([0, 1])
    pairs = (right[:, None] == places).all(2).any(1)
    before, after = (decisions(model, make_equal_shapes(centres[pairs])[0]) for centres in (places, right))
    return (before != after).double().mean().item()


def area(images: Tensor) -> Tensor:
    return images.sum((1, 2, 3)).long()


def by_measure(measure, train: Data, test: Data) -> float:
    """Accuracy on `test` of the rule: the more frequent class, in `train`, of the same measure."""
    votes = torch.zeros(28 * 28 + 1).index_add(0, measure(train[0]), train[1] * 2.0 - 1)
    return ((votes[measure(test[0])] > 0).long() == test[1]).double().mean().item()
