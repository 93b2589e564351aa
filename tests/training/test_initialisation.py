import math

import pytest
import torch
import torch.nn.functional as F

from cnncourse.training import kaiming_std


def test_a_convolution_adds_up_channels_times_pixels():
    assert kaiming_std((16, 8, 3, 3), "linear") == 1 / math.sqrt(72)


def test_a_dense_layer_adds_up_its_inputs():
    assert kaiming_std((10, 8), "relu") == 0.5


@pytest.mark.parametrize(("nonlinearity", "activation"), [("linear", torch.clone), ("relu", F.relu)])
def test_ten_layers_keep_the_spread(nonlinearity, activation):
    generator = torch.Generator().manual_seed(0)
    numbers = torch.randn(200, 400, generator=generator)
    for _ in range(10):
        weight = torch.randn(400, 400, generator=generator) * kaiming_std((400, 400), nonlinearity)
        outputs = numbers @ weight.T
        numbers = activation(outputs)
    assert 0.5 < outputs.std() < 2


@pytest.mark.parametrize(
    ("shape", "nonlinearity", "error", "message"),
    [
        ((8, 8), "swish", ValueError, "`nonlinearity` must be one of linear, relu, tanh, not 'swish'"),
        ((8,), "relu", ValueError, r"`weight_shape` must have at least 2 sizes, not \(8,\)"),
        ((8, 0), "relu", ValueError, "`weight_shape` must be at least 1, not 0"),
        ((8, 2.0), "relu", TypeError, "`weight_shape` must be an integer, not 2.0"),
    ],
)
def test_bad_input_is_named(shape, nonlinearity, error, message):
    with pytest.raises(error, match=message):
        kaiming_std(shape, nonlinearity)
