"""The channel exercises give what torch and the package give."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnncourse import channels
from cnncourse.exercises import check, solved
from cnncourse.exercises.registry import find

SEEDS = (0, 3, 11)


def counted(in_channels, out_channels, kernel_size, bias=True, groups=1):
    layer = nn.Conv2d(in_channels, out_channels, kernel_size, bias=bias, groups=groups)
    return sum(parameter.numel() for parameter in layer.parameters())


def one_by_one(input, weight, bias=None):
    return F.conv2d(input, weight[:, :, None, None], bias)


def answers_to_flat_patches(weight):
    colours = torch.eye(weight.shape[1], dtype=weight.dtype)[:, :, None, None].expand(-1, -1, *weight.shape[2:])
    return F.conv2d(colours, weight)[:, :, 0, 0].T


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("count_parameters", counted),
        ("count_parameters", channels.count_parameters),
        ("pointwise_conv", one_by_one),
        ("pointwise_conv", channels.pointwise_conv),
        ("channel_sums", answers_to_flat_patches),
        ("channel_sums", channels.channel_sums),
        ("to_channels_first", channels.to_channels_first),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_the_solution_agrees_with(name, oracle, seed):
    for case in find(name).cases(seed):
        torch.testing.assert_close(solved(name)(**case.inputs), oracle(**case.inputs), msg=case.note)


def test_the_seeds_layer_costs_448():
    assert solved("count_parameters")(3, 16, (3, 3)) == 448


def test_a_photograph_keeps_its_pixels_in_place():
    photograph = np.zeros((1, 2, 3, 3), dtype=np.uint8)
    photograph[0, 1, 2] = 255, 51, 0
    planes = solved("to_channels_first")(photograph)
    assert planes.shape == (1, 3, 2, 3)
    torch.testing.assert_close(planes[0, :, 1, 2], torch.tensor([1.0, 0.2, 0.0]))
    assert planes.sum().item() == pytest.approx(1.2)


def test_a_count_must_be_an_int():
    assert check("count_parameters", lambda *args, **kwargs: float(counted(*args, **kwargs))).misconception == "floats"


def test_channels_first_must_be_float32():
    report = check("to_channels_first", lambda images: solved("to_channels_first")(images).double())
    assert report.misconception == "float64"
    wrong = [result for result in report.results if result.mismatch]
    assert {result.mismatch.sentence for result in wrong} == {"It has dtype float64, expected float32."}
    assert all("dtype" in result.case.varies for result in wrong)
