"""Layouts, pointwise convolution and parameter counts."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnncourse.channels import channel_sums, count_parameters, pointwise_conv, to_channels_first


def test_channels_move_and_pixels_stay():
    images = np.arange(2 * 2 * 4 * 3, dtype=np.uint8).reshape(2, 2, 4, 3)
    before = images.copy()
    result = to_channels_first(images)
    assert result.shape == (2, 3, 2, 4)
    assert result.dtype == torch.float32
    assert result.is_contiguous()
    for channel in range(3):
        np.testing.assert_allclose(result[:, channel].numpy(), images[..., channel] / 255, rtol=1e-6)
    result.zero_()
    np.testing.assert_array_equal(images, before)


def test_channels_first_takes_tensors_and_awkward_arrays():
    images = torch.full((1, 2, 2, 3), 255, dtype=torch.uint8)
    assert to_channels_first(images).eq(1).all()
    flipped = np.zeros((1, 2, 2, 3), np.uint8)[:, ::-1]
    flipped.setflags(write=False)
    assert to_channels_first(flipped).eq(0).all()


@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (np.zeros((1, 2, 2, 3)), TypeError, r"`images` must be uint8 \(0..255\), not float64"),
        (np.zeros((2, 2, 3), np.uint8), ValueError, r"`images` must have the shape \(N, H, W, 3\), not \(2, 2, 3\)"),
        (np.zeros((1, 3, 2, 2), np.uint8), ValueError, r"not \(1, 3, 2, 2\)"),
    ],
)
def test_channels_first_refuses_other_images(images, error, message):
    with pytest.raises(error, match=message):
        to_channels_first(images)


def test_pointwise_conv_is_a_1x1_convolution():
    generator = torch.Generator().manual_seed(0)
    input = torch.randn(2, 3, 4, 5, dtype=torch.float64, generator=generator)
    weight = torch.randn(4, 3, dtype=torch.float64, generator=generator)
    bias = torch.randn(4, dtype=torch.float64, generator=generator)
    expected = F.conv2d(input, weight[:, :, None, None], bias)
    torch.testing.assert_close(pointwise_conv(input, weight, bias), expected)
    torch.testing.assert_close(pointwise_conv(input, weight), expected - bias.view(-1, 1, 1))


@pytest.mark.parametrize(
    ("input", "weight", "bias", "message"),
    [
        ((3, 4, 4), (2, 3), None, r"`input` must have the shape \(N, C, H, W\), not \(3, 4, 4\)"),
        ((1, 3, 4, 4), (3, 2), None, r"`weight` must have the shape \(O, 3\)"),
        ((1, 3, 4, 4), (2, 3), (3,), r"`bias` must have the shape \(2,\), not \(3,\)"),
    ],
)
def test_pointwise_conv_names_the_shape_that_does_not_fit(input, weight, bias, message):
    with pytest.raises(ValueError, match=message):
        pointwise_conv(torch.zeros(input), torch.zeros(weight), None if bias is None else torch.zeros(bias))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("channels", "filters", "kernel", "groups"), [(3, 16, (3, 3), 1), (4, 8, (1, 5), 4), (6, 4, 2, 2)]
)
def test_count_parameters_counts_what_torch_learns(channels, filters, kernel, groups, bias):
    layer = nn.Conv2d(channels, filters, kernel, groups=groups, bias=bias)
    expected = sum(parameter.numel() for parameter in layer.parameters())
    assert count_parameters(channels, filters, kernel, bias=bias, groups=groups) == expected


def test_count_parameters_refuses_groups_that_do_not_divide():
    with pytest.raises(
        ValueError, match=r"`groups` must be a divisor of in_channels \(3\) and out_channels \(4\), not 2"
    ):
        count_parameters(3, 4, 3, groups=2)


def test_channel_sums_are_the_answer_to_a_flat_patch():
    weight = torch.arange(24.0).view(2, 3, 2, 2)
    flat = torch.zeros(3, 3, 2, 2)
    for colour in range(3):
        flat[colour, colour] = 1
    torch.testing.assert_close(channel_sums(weight), F.conv2d(flat, weight)[:, :, 0, 0].T)


def test_channel_sums_refuse_a_single_kernel():
    with pytest.raises(ValueError, match=r"`weight` must have the shape \(O, C, kh, kw\), not \(3, 3\)"):
        channel_sums(torch.zeros(3, 3))
