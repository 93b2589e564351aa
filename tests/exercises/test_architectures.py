"""The exercise of the chapter *Architectures*: the solution against autograd."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse import geometry
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
