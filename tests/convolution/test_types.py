"""Number types, autocast and sizes of zero: as torch, or one clear error."""

import pytest
import torch
import torch.nn.functional as F

from cnncourse import layers
from cnncourse.convolution import METHODS, conv2d, conv2d_backward
from cnncourse.pooling import avg_pool2d, blur_pool2d, global_avg_pool2d, max_pool2d, sum_pool2d

OTHER_TYPES = [
    torch.bool,
    torch.complex64,
    torch.uint16,
    torch.uint32,
    torch.uint64,
    torch.float8_e4m3fn,
]


def randn(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("dtype", OTHER_TYPES)
def test_other_types_are_refused_by_name(dtype):
    image = torch.zeros(1, 1, 6, 6).to(dtype)
    for operation in (
        lambda: conv2d(image, image),
        lambda: max_pool2d(image, 2),
        lambda: sum_pool2d(image, 2),
        lambda: blur_pool2d(image),
        lambda: global_avg_pool2d(image),
    ):
        with pytest.raises(TypeError, match=f"`input` must be of a real number type, not {dtype}"):
            operation()


def test_what_is_not_dense_is_refused():
    with pytest.raises(TypeError, match=r"`input` must be a dense tensor, not one of the layout torch.sparse_coo"):
        conv2d(torch.zeros(1, 1, 6, 6).to_sparse(), torch.zeros(1, 1, 3, 3))


@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64])
def test_all_other_integers_are_summed_in_int64(dtype):
    image = torch.full((1, 1, 4, 4), 100, dtype=dtype)
    assert conv2d(image, image[:, :, :2, :2]).unique().tolist() == [40_000]
    assert sum_pool2d(image, 2).unique().tolist() == [400]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.float64])
def test_autocast_converts_as_for_torch_s_own_convolution(method, dtype):
    image, weight, bias = randn(2, 3, 8, 9).to(dtype), randn(4, 3, 3, 3).to(dtype), randn(4).to(dtype)
    learned = [tensor.requires_grad_() for tensor in (image, weight, bias)]
    with torch.autocast("cpu", torch.bfloat16):
        ours, theirs = conv2d(*learned, padding=1, method=method), F.conv2d(*learned, padding=1)
        assert ours.dtype == theirs.dtype
        tolerance = {"rtol": 0.1, "atol": 0.1} if ours.dtype == torch.bfloat16 else {}
        torch.testing.assert_close(ours, theirs, **tolerance)
        found = torch.autograd.grad(ours.double().square().sum(), learned)
    wanted = torch.autograd.grad(theirs.double().square().sum(), learned)
    for our, their in zip(found, wanted, strict=True):
        assert our.dtype == dtype
        scale = their.double().abs().max()
        assert (our.double() - their.double()).abs().max() <= (0.05 * scale if tolerance else 1e-9 * scale)


def test_a_network_of_our_layers_trains_under_autocast():
    network = torch.nn.Sequential(
        *(layers.Conv2d(1, 4, 3), torch.nn.ReLU(), layers.MaxPool2d(2), layers.AvgPool2d(2), torch.nn.Flatten()),
        torch.nn.Linear(36, 2),
    )
    with torch.autocast("cpu", torch.bfloat16):
        output = network(randn(3, 1, 14, 14))
        assert output.dtype == torch.bfloat16
        output.float().sum().backward()
    assert all(parameter.grad.dtype == torch.float32 for parameter in network.parameters())


@pytest.mark.parametrize("method", METHODS)
def test_an_empty_batch_is_an_empty_result_with_gradients_of_zero(method):
    image, weight = torch.zeros(0, 2, 6, 6), randn(3, 2, 3, 3).requires_grad_()
    output = conv2d(image, weight, method=method)
    assert output.shape == (0, 3, 4, 4)
    assert torch.autograd.grad(output.sum(), weight)[0].count_nonzero() == 0
    assert max_pool2d(image, 2).shape == avg_pool2d(image, 2).shape == (0, 2, 3, 3)


@pytest.mark.parametrize("shape", [(1, 0, 4, 4), (1, 2, 0, 4), (0, 2, 4, 0)])
def test_images_without_pixels_are_refused(shape):
    image = torch.zeros(shape)
    weight = torch.zeros(1, max(1, shape[1]), 2, 2)
    for operation in (
        lambda: conv2d(image, weight, padding=1),
        lambda: max_pool2d(image, 2, padding=1),
        lambda: avg_pool2d(image, 2, padding=1),
        lambda: blur_pool2d(image),
        lambda: global_avg_pool2d(image),
    ):
        with pytest.raises(ValueError, match="`input` must have at least one channel and one pixel, not the shape"):
            operation()


def test_the_backward_functions_want_a_gradient_of_the_same_type():
    image, weight = torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 2, 2)
    with pytest.raises(
        TypeError, match=r"`grad_output` must have the dtype of `input`, torch.float32, not torch.int64"
    ):
        conv2d_backward(torch.ones(1, 1, 3, 3, dtype=torch.int64), image, weight)
    with pytest.raises(TypeError, match=r"`grad_output` must be a torch.Tensor, not list"):
        conv2d_backward([[1.0]], image, weight)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("odd", [float("nan"), float("inf"), 3e38])
@pytest.mark.filterwarnings("error")
def test_no_warning_of_numpy_leaks(method, odd):
    image = torch.full((1, 2, 8, 8), odd).requires_grad_()
    output = conv2d(image, torch.full((2, 2, 3, 3), odd), method=method)
    output.backward(torch.full_like(output, odd))
    assert image.grad.shape == image.shape


@pytest.mark.parametrize("method", METHODS)
def test_views_of_negatives_and_conjugates_are_read_right(method):
    image = torch.complex(randn(1, 1, 6, 6), randn(1, 1, 6, 6) + 1).conj().imag  # a view with the negative bit
    weight = randn(1, 1, 3, 3)
    torch.testing.assert_close(conv2d(image, weight, method=method), F.conv2d(image, weight), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(conv2d(randn(1, 1, 9, 9), image, method="im2col"), F.conv2d(randn(1, 1, 9, 9), image))


def test_shapes_alone_pass_through_on_the_meta_device():
    for kernel, channels in ((11, 1), (3, 64)):
        image = torch.empty(2, channels, 30, 30, device="meta")
        weight = torch.empty(channels, channels, kernel, kernel, device="meta")
        assert conv2d(image, weight).shape == F.conv2d(image, weight).shape
