"""One operation: every method returns what torch returns, forward and backward, wherever it can be used."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnncourse.convolution import METHODS, conv2d, conv2d_backward

EVERYWHERE = [method for method in METHODS if method != "winograd"]
pair = st.tuples(st.integers(1, 3), st.integers(1, 3))


def randn(generator, *shape):
    return torch.randn(shape, dtype=torch.float64, generator=generator, requires_grad=True)


@st.composite
def convolutions(draw, only_3x3=False):
    """Draw (input, weight, bias) and (stride, padding, dilation, groups) that leave an output."""
    generator = torch.Generator().manual_seed(draw(st.integers(0, 999)))
    kernel, stride, dilation = ((3, 3), (1, 1), (1, 1)) if only_3x3 else (draw(pair), draw(pair), draw(pair))
    padding = draw(st.tuples(st.integers(0, 3), st.integers(0, 3)))
    size = [draw(st.integers(1, 9)) for _ in range(2)]
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    assume(all(s + 2 * p >= r for s, p, r in zip(size, padding, reach, strict=True)))
    groups, channels, filters = (draw(st.integers(1, 3)) for _ in range(3))
    input = randn(generator, draw(st.integers(0, 3)), groups * channels, *size)
    weight = randn(generator, groups * filters, channels, *kernel)
    bias = randn(generator, groups * filters) if draw(st.booleans()) else None
    return (input, weight, bias), (stride, padding, dilation, groups)


def assert_same(tensors, geometry, method):
    """Compare values and all gradients, under a random gradient from above."""
    ours, theirs = conv2d(*tensors, *geometry, method=method), F.conv2d(*tensors, *geometry)
    torch.testing.assert_close(ours, theirs)
    assert ours.is_contiguous()
    grad = torch.randn(theirs.shape, dtype=theirs.dtype, generator=torch.Generator().manual_seed(0))
    learned = [tensor for tensor in tensors if tensor is not None]
    expected = torch.autograd.grad(theirs, learned, grad)
    for our, their in zip(torch.autograd.grad(ours, learned, grad), expected, strict=True):
        torch.testing.assert_close(our, their)


@pytest.mark.parametrize("method", EVERYWHERE)
@settings(deadline=None, derandomize=True, max_examples=80)
@given(convolution=convolutions())
def test_values_and_gradients_equal_torch_s(method, convolution):
    assert_same(*convolution, method)


@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, derandomize=True, max_examples=40)
@given(convolution=convolutions(only_3x3=True))
def test_3x3_values_and_gradients_equal_torch_s(method, convolution):
    assert_same(*convolution, method)


@settings(deadline=None, derandomize=True)
@given(convolution=convolutions())
def test_the_backward_function_equals_autograd(convolution):
    (input, weight, _), geometry = convolution
    bias = torch.zeros(len(weight), dtype=torch.float64, requires_grad=True)
    output = F.conv2d(input, weight, bias, *geometry)
    grad = torch.randn(output.shape, dtype=output.dtype, generator=torch.Generator().manual_seed(1))
    expected = torch.autograd.grad(output, (input, weight, bias), grad)
    for our, their in zip(conv2d_backward(grad, input, weight, *geometry), expected, strict=True):
        torch.testing.assert_close(our, their)


@pytest.mark.parametrize("method", METHODS)
def test_gradients_and_their_gradients_by_finite_differences(method):
    generator = torch.Generator().manual_seed(0)
    tensors = randn(generator, 2, 2, 5, 4), randn(generator, 4, 1, 3, 3), randn(generator, 4)

    def operation(*tensors):
        return conv2d(*tensors, padding=(1, 2), groups=2, method=method)

    assert torch.autograd.gradcheck(operation, tensors)
    assert torch.autograd.gradgradcheck(operation, tensors)


@pytest.mark.parametrize("method", METHODS)
def test_a_gradient_penalty_reaches_the_weight_as_in_torch(method):
    generator = torch.Generator().manual_seed(1)
    weight, image = randn(generator, 3, 2, 3, 3), randn(generator, 1, 2, 6, 6)

    def penalty(conv):
        (grad,) = torch.autograd.grad(conv(image, weight).sum(), image, create_graph=True)
        return torch.autograd.grad(grad.square().sum(), weight)[0]

    expected = penalty(F.conv2d)
    assert expected.abs().sum() > 1
    torch.testing.assert_close(penalty(lambda *tensors: conv2d(*tensors, method=method)), expected)


@pytest.mark.parametrize("method", EVERYWHERE)
@settings(deadline=None, derandomize=True, max_examples=15)
@given(convolution=convolutions())
def test_second_gradients_equal_torch_s(method, convolution):
    tensors, geometry = convolution
    assume(len(tensors[0]))  # torch cannot differentiate an empty batch twice
    learned = tensors[:2]

    def second(conv):
        output = conv(*tensors, *geometry)
        first = torch.autograd.grad(output.pow(3).sum(), learned, create_graph=True)
        return torch.autograd.grad(sum(each.square().sum() for each in first), learned)

    for our, their in zip(second(partial(conv2d, method=method)), second(F.conv2d), strict=True):
        torch.testing.assert_close(our, their)


@pytest.mark.parametrize("method", METHODS)
def test_many_channels_and_images_cross_the_buffers_borders(method):
    generator = torch.Generator().manual_seed(0)
    tensors = randn(generator, 19, 70, 9, 11), randn(generator, 66, 70, 3, 3), None
    assert_same(tensors, ((1, 1), (1, 1), (1, 1), 1), method)


@pytest.mark.parametrize("method", EVERYWHERE)
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("kernel", "dilation"), [((3, 5), 1), ((4, 2), (1, 3)), ((2, 2), 2)])
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")
def test_padding_by_name_is_torch_s(method, padding, kernel, dilation):
    generator = torch.Generator().manual_seed(0)
    tensors = randn(generator, 2, 3, 9, 8), randn(generator, 4, 3, *kernel), randn(generator, 4)
    assert_same(tensors, (1, padding, dilation, 1), method)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-4), (torch.float16, 2e-2), (torch.bfloat16, 1e-1)])
def test_every_float_type_is_kept(method, dtype, tolerance):
    generator = torch.Generator().manual_seed(0)
    input, weight = (randn(generator, *shape).detach().to(dtype) for shape in ((2, 3, 7, 8), (4, 3, 3, 3)))
    output = conv2d(input, weight, method=method)
    assert output.dtype == dtype
    exact = F.conv2d(input.double(), weight.double())
    torch.testing.assert_close(output.double(), exact, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("method", ["direct", "shifted", "im2col", "auto"])
def test_integers_are_summed_exactly(method):
    input = torch.full((1, 2, 4, 4), 200, dtype=torch.uint8)
    weight = torch.full((1, 2, 3, 3), 3, dtype=torch.uint8)
    output = conv2d(input, weight, torch.tensor([1], dtype=torch.uint8), method=method)
    assert output.dtype == torch.int64
    assert output.unique().tolist() == [200 * 3 * 18 + 1]


@pytest.mark.parametrize("method", METHODS)
def test_memory_layout_does_not_matter_and_arguments_are_unchanged(method):
    generator = torch.Generator().manual_seed(0)
    input, weight = randn(generator, 2, 3, 12, 8).detach(), randn(generator, 4, 3, 3, 3).detach()
    layouts = [
        (input.contiguous(memory_format=torch.channels_last), weight.contiguous(memory_format=torch.channels_last)),
        (input[:, :, ::2], weight.mT),
        (input.mT, weight.flip(0)),
        (input[:1].expand(4, 3, 12, 8), weight[:1].expand(5, 3, 3, 3)),
    ]
    for image, filters in layouts:
        copies = image.clone(), filters.clone()
        torch.testing.assert_close(conv2d(image, filters, method=method), F.conv2d(image, filters))
        assert torch.equal(image, copies[0])
        assert torch.equal(filters, copies[1])


@pytest.mark.parametrize("method", METHODS)
def test_the_gradient_of_a_plain_sum_reaches_the_weight(method):
    image, weight = torch.ones(2, 1, 4, 4), torch.ones(1, 1, 3, 3, requires_grad=True)
    conv2d(image, weight, method=method).sum().backward()  # the gradient from above is one number, expanded
    torch.testing.assert_close(weight.grad, torch.full((1, 1, 3, 3), 8.0))


def test_conv2d_does_not_flip_the_kernel():
    image, weight = torch.arange(3.0).view(1, 1, 1, 3), torch.tensor([1.0, 10.0]).view(1, 1, 1, 2)
    for method in EVERYWHERE:
        torch.testing.assert_close(conv2d(image, weight, method=method), torch.tensor([[[[10.0, 21.0]]]]))
