"""Sizes and receptive fields: by hand, against torch, and the errors' texts."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnncourse.geometry import as_integer, as_pair, output_shape, output_size, receptive_field, same_padding

small = st.integers(1, 6)


def test_output_size_of_the_course_s_examples():
    assert output_size(28, 3) == 26
    assert output_size(28, 3, padding=1) == 28
    assert output_size(10, 3, stride=3) == 3  # the last step would leave the image
    assert output_size(7, 3, dilation=3) == 1


@settings(deadline=None, derandomize=True)
@given(size=st.integers(1, 20), kernel=small, stride=small, padding=st.integers(0, 4), dilation=small)
def test_output_size_is_what_torch_returns(size, kernel, stride, padding, dilation):
    assume(dilation * (kernel - 1) + 1 <= size + 2 * padding)
    result = F.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), None, stride, padding, dilation)
    assert output_size(size, kernel, stride, padding, dilation) == result.shape[2]


def test_output_shape_keeps_height_and_width_apart():
    assert output_shape((10, 12), (3, 5), (1, 2), (1, 2), (2, 1)) == (8, 6)
    assert output_shape(8, 3) == (6, 6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((4, 7), r"the kernel must cover at most the 4 pixels of the padded image \(size 4, padding 0\), not 7"),
        ((4, 3, 0), "`stride` must be at least 1, not 0"),
        ((4, 3, 1, -1), "`padding` must be at least 0, not -1"),
        ((0, 3), "`size` must be at least 1, not 0"),
    ],
)
def test_output_size_says_what_is_wrong(arguments, message):
    with pytest.raises(ValueError, match=message):
        output_size(*arguments)


def test_pairs_accept_what_torch_accepts():
    assert as_pair(2, "stride") == as_pair([2, 2], "stride") == as_pair(torch.Size([2, 2]), "stride") == (2, 2)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (1.5, TypeError, "`stride` must be an integer, not 1.5"),
        (True, TypeError, "`stride` must be an integer, not True"),
        ("same", TypeError, "`stride` must be an integer, not 'same'"),
        ((1, 2.0), TypeError, "`stride` must be an integer, not 2.0"),
        ((1, 2, 3), ValueError, r"`stride` must be one int or a pair of ints \(height, width\), not \(1, 2, 3\)"),
        ((1, 0), ValueError, "`stride` must be at least 1, not 0"),
    ],
)
def test_pairs_refuse_everything_else(value, error, message):
    with pytest.raises(error, match=message):
        as_pair(value, "stride")


def test_an_integer_may_come_from_any_integer_type():
    assert as_integer(torch.tensor(3), "groups") == 3


@settings(deadline=None, derandomize=True)
@given(size=st.integers(1, 40), kernel=small, stride=small)
def test_same_padding_is_the_smallest_that_leaves_the_stride_in_charge(size, kernel, stride):
    before, after = same_padding(size, kernel, stride)
    wanted = -(-size // stride)
    assert 0 <= before <= after <= before + 1
    assert (size + before + after - kernel) // stride + 1 == wanted
    if before + after:
        assert (size + before + after - 1 - kernel) // stride + 1 < wanted


def test_receptive_field_by_hand():
    assert receptive_field([]) == 1
    assert receptive_field([(3, 1)] * 3) == 7
    assert receptive_field([(3, 1), (2, 2), (3, 1)]) == 8
    assert receptive_field([(3, 1, 2), (3, 2), (1, 3), (2, 1, 4)]) == 5 + 2 + 4 * 6


@settings(deadline=None, derandomize=True)
@given(layers=st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)), max_size=3))
def test_receptive_field_is_where_the_gradient_reaches(layers):
    image = torch.zeros(1, 1, 150, requires_grad=True)
    seen = image
    for kernel, stride, dilation in layers:
        seen = F.conv1d(seen, torch.ones(1, 1, kernel), stride=stride, dilation=dilation)
    seen[0, 0, 0].backward()
    reached = image.grad[0, 0].nonzero()
    assert receptive_field(layers) == int(reached.max() - reached.min()) + 1


@pytest.mark.parametrize("layer", [(3,), (3, 1, 1, 1)])
def test_receptive_field_refuses_a_layer_of_another_length(layer):
    with pytest.raises(ValueError, match=r"`layers` must hold \(kernel, stride\) or \(kernel, stride, dilation\)"):
        receptive_field([layer])
