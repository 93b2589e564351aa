"""Layers: drop-in for torch.nn's, which is the oracle."""

import copy

import pytest
import torch
from torch import nn

from cnncourse import layers
from cnncourse.convolution import METHODS


def twins(name, *arguments, **options):
    """Build the same layer of the course's and of torch's, with the same parameters."""
    ours, theirs = getattr(layers, name)(*arguments, **options), getattr(nn, name)(*arguments, **options)
    theirs.load_state_dict(ours.state_dict())
    return ours.double(), theirs.double()


@pytest.mark.parametrize(
    ("name", "arguments", "options"),
    [
        ("Conv2d", (4, 6, (3, 2)), {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2), "groups": 2}),
        ("Conv2d", (4, 6, (3, 5)), {"padding": "same", "bias": False}),
        ("MaxPool2d", (3,), {"stride": 2, "padding": 1}),
        ("AvgPool2d", ((2, 3),), {"padding": (1, 1), "count_include_pad": False}),
    ],
)
@pytest.mark.parametrize("shape", [(2, 4, 7, 8), (4, 7, 8)])
def test_layers_compute_and_learn_as_torch_s(name, arguments, options, shape):
    ours, theirs = twins(name, *arguments, **options)
    assert repr(ours) == repr(theirs)
    image = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    outputs = ours(image), theirs(image)
    torch.testing.assert_close(*outputs)
    grad = torch.randn(outputs[0].shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    for (_, our), (_, their) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        torch.testing.assert_close(
            *(torch.autograd.grad(o, p, grad, retain_graph=True)[0] for o, p in zip(outputs, (our, their), strict=True))
        )
    torch.testing.assert_close(*(torch.autograd.grad(output, image, grad)[0] for output in outputs))


@pytest.mark.parametrize("method", METHODS)
def test_a_network_trains_alike_with_every_method(method):
    def network(kit, **options):
        return nn.Sequential(kit.Conv2d(1, 4, 3, padding=1, **options), nn.ReLU(), kit.MaxPool2d(2), nn.Flatten())

    theirs = network(nn).double()
    ours = network(layers, method=method).double()
    ours.load_state_dict(theirs.state_dict())
    images = torch.randn(5, 1, 6, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for model in (ours, theirs):
        optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            optimiser.zero_grad()
            model(images).square().mean().backward()
            optimiser.step()
    for our, their in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(our, their)


def test_layers_can_be_copied():
    layer = layers.Conv2d(1, 2, 3, method="fft")
    assert copy.deepcopy(layer).method == "fft"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: layers.Conv2d(1, 1, 3, padding_mode="reflect"), "`padding_mode` must be \"zeros\", not 'reflect'"),
        (lambda: layers.Conv2d(1, 1, 3, method="fast"), "`method` must be one of direct, .*, not 'fast'"),
        (lambda: layers.MaxPool2d(2, ceil_mode=True), "ceil_mode is not available in cnncourse.layers"),
        (lambda: layers.MaxPool2d(2, dilation=2), "dilation is not available"),
        (lambda: layers.MaxPool2d(2, return_indices=True), "return_indices is not available"),
        (lambda: layers.AvgPool2d(2, divisor_override=3), "divisor_override is not available"),
    ],
)
def test_what_is_not_there_is_refused_when_the_layer_is_built(build, message):
    with pytest.raises(ValueError, match=message):
        build()
