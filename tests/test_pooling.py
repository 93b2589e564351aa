"""Pooling: by hand, then against torch with all it does about padding, ties and NaN."""

from math import comb

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnncourse.pooling import (
    avg_pool2d,
    blur_pool2d,
    global_avg_pool2d,
    max_pool2d,
    max_pool2d_backward,
    min_pool2d,
    subsample2d,
    sum_pool2d,
)

pair = st.tuples(st.integers(1, 4), st.integers(1, 4))


@st.composite
def pools(draw):
    """Draw an image with many ties, and windows that fit."""
    kernel, stride = draw(pair), draw(pair)
    padding = tuple(draw(st.integers(0, length // 2)) for length in kernel)
    size = [draw(st.integers(1, 7)) for _ in range(2)]
    assume(all(s + 2 * p >= k for s, p, k in zip(size, padding, kernel, strict=True)))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 999)))
    image = torch.randint(-4, 1, (draw(st.integers(0, 2)), draw(st.integers(1, 2)), *size), generator=generator)
    return image.double().requires_grad_(), kernel, stride, padding


def both_gradients(ours, theirs, image):
    grad = torch.randn(theirs.shape, dtype=theirs.dtype, generator=torch.Generator().manual_seed(0))
    return (torch.autograd.grad(output, image, grad)[0] for output in (ours, theirs))


def test_max_pool_of_the_course_s_matrices():
    matrix = torch.tensor([[3, 0, 5, 2], [1, 2, 7, 5], [4, 3, 2, 1], [3, 1, 0, 4]]).view(1, 1, 4, 4)
    assert max_pool2d(matrix, 2).tolist() == [[[[3, 7], [4, 4]]]]
    ramp = torch.arange(16.0).view(1, 1, 4, 4)
    assert max_pool2d(ramp, 3).tolist() == [[[[10]]]]
    assert max_pool2d(ramp, 3, padding=1, stride=2).tolist() == [[[[5, 7], [13, 15]]]]
    assert max_pool2d(ramp, (2, 3), stride=(2, 3), padding=(1, 1)).tolist() == [[[[1, 3], [9, 11], [13, 15]]]]


def test_average_of_the_course_s_matrix():
    assert avg_pool2d(torch.arange(9.0).view(1, 1, 3, 3), 2, stride=1).tolist() == [[[[2, 3], [5, 6]]]]


@settings(deadline=None, derandomize=True)
@given(pools())
def test_max_pool_equals_torch_s_with_its_gradient(pool):
    image, *windows = pool
    ours, theirs = max_pool2d(image, *windows), F.max_pool2d(image, *windows)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    torch.testing.assert_close(*both_gradients(ours, theirs, image))


@settings(deadline=None, derandomize=True)
@given(pools())
def test_min_pool_is_the_max_pool_of_the_negative(pool):
    image, *windows = pool
    ours, theirs = min_pool2d(image, *windows), -F.max_pool2d(-image, *windows)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    torch.testing.assert_close(*both_gradients(ours, theirs, image))


@settings(deadline=None, derandomize=True)
@given(pools(), st.booleans())
def test_avg_pool_equals_torch_s_with_its_gradient(pool, count_include_pad):
    image, *windows = pool
    ours = avg_pool2d(image, *windows, count_include_pad=count_include_pad)
    theirs = F.avg_pool2d(image, *windows, count_include_pad=count_include_pad)
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(*both_gradients(ours, theirs, image))


@settings(deadline=None, derandomize=True)
@given(pools())
def test_the_backward_function_equals_autograd(pool):
    image, *windows = pool
    output = F.max_pool2d(image, *windows)
    grad = torch.randn(output.shape, dtype=output.dtype, generator=torch.Generator().manual_seed(1))
    expected = torch.autograd.grad(output, image, grad)[0]
    torch.testing.assert_close(max_pool2d_backward(grad, image, *windows), expected)


def test_a_tie_goes_to_the_first_maximum_in_row_order():
    image = torch.tensor([[1.0, 4.0], [4.0, 4.0]]).view(1, 1, 2, 2)
    assert max_pool2d_backward(torch.ones(1, 1, 1, 1), image, 2).tolist() == [[[[0, 1], [0, 0]]]]


@pytest.mark.parametrize("windows", [(2, 2, 0), (3, 2, 1), (2, 1, 1), (3, 1, 1)])
def test_nan_and_infinity_are_treated_as_torch_treats_them(windows):
    nan, infinity = torch.nan, torch.inf
    image = torch.tensor(
        [[nan, 1, nan, 2], [3, nan, -infinity, -infinity], [-infinity] * 4, [1, 1, -infinity, infinity]]
    ).view(1, 1, 4, 4)
    image = image.double().requires_grad_()
    ours, theirs = max_pool2d(image, *windows), F.max_pool2d(image, *windows)
    torch.testing.assert_close(ours, theirs, equal_nan=True)
    torch.testing.assert_close(*both_gradients(ours, theirs, image))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int64, torch.float16, torch.bfloat16])
def test_max_and_min_keep_the_type_and_padding_never_wins(dtype):
    image = torch.tensor([[3, 9], [4, 5]], dtype=dtype).view(1, 1, 2, 2)
    for pooled, expected in ((max_pool2d(image, 2, 2, 1), [3, 9, 4, 5]), (min_pool2d(image, 2, 2, 1), [3, 9, 4, 5])):
        assert pooled.dtype == dtype
        assert pooled.flatten().tolist() == expected


def test_sums_of_bytes_do_not_overflow():
    image = torch.full((1, 1, 2, 2), 200, dtype=torch.uint8)
    assert sum_pool2d(image, 2).item() == 800


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_averaged_as_torch_averages_it(dtype):
    image = torch.randn(1, 2, 30, 30, generator=torch.Generator().manual_seed(0)).to(dtype)
    torch.testing.assert_close(avg_pool2d(image, 10), F.avg_pool2d(image, 10))


@pytest.mark.parametrize("pool", [max_pool2d, min_pool2d, avg_pool2d, sum_pool2d])
def test_gradients_and_their_gradients_by_finite_differences(pool):
    image = torch.randn(1, 2, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    assert torch.autograd.gradcheck(lambda image: pool(image, (3, 2), (2, 1), (1, 1)), image)
    assert torch.autograd.gradgradcheck(lambda image: pool(image, (3, 2), (2, 1), (1, 1)), image)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(pools(), st.sampled_from(["max", "avg"]))
def test_second_gradients_equal_torch_s(pool, kind):
    image, *windows = pool
    assume(len(image))  # torch cannot differentiate an empty batch twice

    def second(pool):
        (first,) = torch.autograd.grad(pool(image, *windows).pow(3).sum(), image, create_graph=True)
        return torch.autograd.grad(first.square().sum(), image)[0]

    ours, theirs = {"max": (max_pool2d, F.max_pool2d), "avg": (avg_pool2d, F.avg_pool2d)}[kind]
    torch.testing.assert_close(second(ours), second(theirs))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    pools(), st.sampled_from([torch.inf, -torch.inf, torch.nan]), st.integers(0, 99), st.sampled_from(["max", "avg"])
)
def test_an_odd_gradient_reaches_the_pixels_that_torch_s_reaches(pool, odd, place, kind):
    image, *windows = pool
    ours, theirs = {"max": (max_pool2d, F.max_pool2d), "avg": (avg_pool2d, F.avg_pool2d)}[kind]
    expected = theirs(image, *windows)
    assume(expected.numel())
    grad = torch.randn(expected.shape, dtype=expected.dtype, generator=torch.Generator().manual_seed(0))
    grad.view(-1)[place % grad.numel()] = odd
    given = (torch.autograd.grad(output, image, grad)[0] for output in (ours(image, *windows), expected))
    torch.testing.assert_close(*given, equal_nan=True)


def test_other_memory_layouts_give_the_same():
    image = torch.randn(2, 3, 6, 8, generator=torch.Generator().manual_seed(0))
    expected = F.max_pool2d(image, 2)
    for layout in (image.contiguous(memory_format=torch.channels_last), image.mT.contiguous().mT):
        torch.testing.assert_close(max_pool2d(layout, 2), expected)
    torch.testing.assert_close(max_pool2d(image[:, :, ::2, 1::3], 2), F.max_pool2d(image[:, :, ::2, 1::3], 2))


@pytest.mark.parametrize("pool", [max_pool2d, sum_pool2d, avg_pool2d])
def test_a_window_of_one_pixel_copies(pool):
    image = torch.ones(1, 1, 2, 2)
    pool(image, 1).zero_()
    assert image.eq(1).all()


def test_subsampling_and_global_average():
    image = torch.arange(24.0).view(1, 2, 3, 4)
    assert subsample2d(image, (2, 3)).tolist() == [[[[0, 3], [8, 11]], [[12, 15], [20, 23]]]]
    torch.testing.assert_close(global_avg_pool2d(image), F.adaptive_avg_pool2d(image, 1))


def test_blur_pool_of_a_single_bright_pixel_is_the_binomial_kernel():
    image = torch.zeros(1, 1, 5, 5)
    image[0, 0, 2, 2] = 16
    assert blur_pool2d(image, 3, 1)[0, 0, 1:4, 1:4].tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    assert blur_pool2d(image, 3, 2)[0, 0].tolist() == [[0, 0, 0], [0, 4, 0], [0, 0, 0]]
    assert blur_pool2d(16 * image, (1, 5), 1)[0, 0, 2].tolist() == [16, 64, 96, 64, 16]


@settings(deadline=None, derandomize=True)
@given(
    size=pair,
    sides=st.tuples(st.sampled_from([1, 3, 5, 7]), st.sampled_from([1, 3, 5])),
    stride=pair,
    batch=st.integers(0, 2),
)
def test_blur_pool_equals_a_depthwise_convolution_with_its_gradient(size, sides, stride, batch):
    image = torch.randn(batch, 3, *size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    image.requires_grad_()
    across = [torch.tensor([comb(side - 1, k) for k in range(side)], dtype=torch.float64) for side in sides]
    kernel = torch.outer(*across) / 2 ** (sum(sides) - 2)
    border = [sides[1] // 2, sides[1] // 2, sides[0] // 2, sides[0] // 2]
    padded = F.pad(image, border, mode="replicate")
    theirs = F.conv2d(padded, kernel.expand(3, 1, *sides), stride=stride, groups=3)
    ours = blur_pool2d(image, sides, stride)
    assert ours.shape == subsample2d(image, stride).shape
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(*both_gradients(ours, theirs, image))


def test_blur_pool_without_blur_is_subsampling_and_a_flat_image_stays_flat():
    image = torch.rand(2, 3, 7, 6, generator=torch.Generator().manual_seed(0))
    assert torch.equal(blur_pool2d(image, 1, (2, 3)), subsample2d(image, (2, 3)))
    assert torch.equal(blur_pool2d(torch.ones(1, 1, 7, 6), 5), torch.ones(1, 1, 4, 3))


def test_blur_pool_has_gradients_of_gradients():
    image = torch.randn(1, 2, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    assert torch.autograd.gradcheck(blur_pool2d, image)
    assert torch.autograd.gradgradcheck(blur_pool2d, image)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((torch.zeros(2, 4, 4),), ValueError, r"must have the shape \(N, C, H, W\), not \(2, 4, 4\)"),
        ((torch.zeros(1, 1, 4, 4), 2), ValueError, "`kernel_size` must be odd, not 2"),
        ((torch.zeros(1, 1, 4, 4), (3, 4)), ValueError, r"`kernel_size` must be odd, not \(3, 4\)"),
        ((torch.zeros(1, 1, 4, 4), 3, 0), ValueError, "`stride` must be at least 1, not 0"),
        (
            (torch.zeros(1, 1, 4, 4, dtype=torch.int64),),
            TypeError,
            "`input` must hold floating-point numbers, not torch.int64",
        ),
        (([[1.0]],), TypeError, "`input` must be a torch.Tensor, not list"),
    ],
)
def test_blur_pool_says_what_is_wrong(arguments, error, message):
    with pytest.raises(error, match=message):
        blur_pool2d(*arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((torch.zeros(2, 4, 4), 2), ValueError, r"`input` must have the shape \(N, C, H, W\), not \(2, 4, 4\)"),
        (
            (torch.zeros(1, 1, 4, 4), 2, 1, 2),
            ValueError,
            r"`padding` must be at most half the window of \(2, 2\), not \(2, 2\)",
        ),
        ((torch.zeros(1, 1, 4, 4), 5), ValueError, "the kernel must cover at most the 4 pixels .*, not 5"),
        ((torch.zeros(1, 1, 4, 4), 2, 0), ValueError, "`stride` must be at least 1, not 0"),
        ((torch.zeros(1, 1, 4, 4, dtype=torch.bool), 2), TypeError, "of a real number type, not torch.bool"),
        (([[1.0]], 1), TypeError, "`input` must be a torch.Tensor, not list"),
    ],
)
def test_pools_say_what_is_wrong(arguments, error, message):
    for pool in (max_pool2d, min_pool2d, sum_pool2d, avg_pool2d):
        with pytest.raises(error, match=message):
            pool(*arguments)


def test_an_average_of_integers_is_refused():
    with pytest.raises(TypeError, match=r"`input` must hold floating-point numbers, not torch.int64"):
        avg_pool2d(torch.arange(16).view(1, 1, 4, 4), 2)


def test_the_backward_function_refuses_a_gradient_of_another_shape():
    with pytest.raises(ValueError, match=r"`grad_output` must have the shape \(1, 1, 2, 2\), not \(1, 1, 4, 4\)"):
        max_pool2d_backward(torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 4, 4), 2)
