"""The rule behind method="auto"."""

import pytest
import torch

from cnncourse.convolution import choose_method, conv2d


@pytest.mark.parametrize(
    ("input", "weight", "options", "method", "reason"),
    [
        ((10, 3, 64, 64), (32, 3, 3, 3), {}, "im2col", "103,788 numbers fits the cache"),
        ((16, 128, 14, 14), (256, 128, 1, 1), {}, "im2col", "fits the cache"),
        ((1, 3, 224, 224), (64, 3, 7, 7), {"stride": 2, "padding": 3}, "shifted", "overflows the cache"),
        ((8, 64, 56, 56), (64, 64, 3, 3), {"padding": 1}, "winograd", "64 channels to 64"),
        ((8, 64, 56, 56), (64, 64, 3, 3), {"padding": 1, "stride": 2}, "im2col", "fits the cache"),
        ((4, 16, 64, 64), (16, 16, 21, 21), {"padding": 10}, "fft", "21x21 is a large kernel for 16 channels"),
        ((4, 64, 64, 64), (64, 1, 21, 21), {"groups": 64}, "fft", "large kernel for 1 channels"),
        ((4, 16, 64, 64), (16, 16, 21, 21), {"dtype": torch.int64}, "im2col", "integers are summed exactly"),
    ],
)
def test_the_choice_and_its_reason(input, weight, options, method, reason):
    choice = choose_method(input, weight, **options)
    assert choice.method == method
    assert reason in choice.reason


def test_auto_computes_with_the_method_it_names():
    generator = torch.Generator().manual_seed(0)
    image = torch.randn(1, 64, 8, 8, generator=generator)
    weight = torch.randn(64, 64, 3, 3, generator=generator)
    chosen = choose_method(image.shape, weight.shape).method
    assert torch.equal(conv2d(image, weight), conv2d(image, weight, method=chosen))
    assert not torch.equal(conv2d(image, weight), conv2d(image, weight, method="im2col"))
