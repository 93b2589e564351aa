"""The exercises of the chapter *Architectures*: the solutions against autograd and the package's blocks."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse import geometry, models
from cnncourse.exercises import solved

NUMBERS = st.integers(1, 4)
LAYERS = st.lists(st.tuples(NUMBERS, NUMBERS) | st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=4)


@settings(deadline=None)
@given(LAYERS)
def test_receptive_field_equals_the_package(layers):
    assert solved("receptive_field")(layers) == geometry.receptive_field(layers)


@pytest.mark.parametrize("layers", [[(3, 1), (2, 2), (3, 1)], [(3, 2, 2), (2, 1)], [(1, 3), (2, 1)], [(4, 1, 3)]])
def test_receptive_field_is_what_the_gradient_reaches(layers):
    image = torch.ones(1, 1, 200, requires_grad=True)
    output = image
    for kernel, stride, *dilation in layers:
        output = torch.nn.functional.conv1d(output, torch.ones(1, 1, kernel), None, stride, 0, *dilation)
    output[0, 0, 3].backward()
    seen = image.grad[0, 0].nonzero()
    assert solved("receptive_field")(layers) == (seen.max() - seen.min() + 1).item()


@pytest.mark.parametrize("name", ["ResidualBlock", "DepthwiseSeparable"])
@pytest.mark.parametrize("arguments", [(4, 4), (4, 6), (4, 4, 1), (4, 4, 2)])
@pytest.mark.parametrize("training", [True, False])
def test_a_block_equals_the_package(name, arguments, training):
    mine = solved(name)(*arguments).train(training)
    theirs = getattr(models, name)(*arguments).train(training)
    generator = torch.Generator().manual_seed(0)
    for own, other in zip(mine.state_dict().values(), theirs.state_dict().values(), strict=True):
        own.copy_(torch.rand(own.shape, generator=generator) + 0.5)
        other.copy_(own)
    images = torch.randn(2, 4, 7, 8, generator=generator)
    assert torch.equal(mine(images), theirs(images))
