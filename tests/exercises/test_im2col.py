"""The im2col exercises give what torch and the package give."""

import pytest
import torch
import torch.nn.functional as F

import cnncourse
from cnncourse import convolution
from cnncourse.exercises import solved
from cnncourse.exercises.registry import find

SEEDS = (0, 3, 11)


def fold(columns, input_shape, kernel_size, stride=1, padding=0):
    return F.fold(columns, tuple(input_shape[2:]), kernel_size, padding=padding, stride=stride)


def unfold(input, kernel_size, stride=1, padding=0):
    return F.unfold(input, kernel_size, padding=padding, stride=stride)


def by_autograd(grad_output, input, weight, stride=1, padding=0):
    leaves = input.clone(), weight.clone(), weight.new_zeros(len(weight))
    for leaf in leaves:
        leaf.requires_grad_()
    return torch.autograd.grad(F.conv2d(*leaves, stride, padding), leaves, grad_output)


def test_four_windows_by_hand():
    image = torch.arange(1.0, 10).reshape(1, 1, 3, 3)
    assert solved("im2col")(image, 2).tolist() == [[[1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]]


def test_the_middle_pixel_comes_back_four_times():
    assert solved("col2im")(torch.ones(1, 4, 4), (1, 1, 3, 3), 2).tolist() == [[[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]]


def test_gradients_of_one_window_by_hand():
    grad, window, kernel = (torch.tensor(values).reshape(1, 1, 1, -1) for values in ([2.0], [1.0, 3.0], [4.0, 5.0]))
    gradients = solved("conv2d_backward")(grad, window, kernel)
    assert [gradient.flatten().tolist() for gradient in gradients] == [[8, 10], [2, 6], [2]]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("im2col", unfold),
        ("im2col", convolution.im2col),
        ("col2im", fold),
        ("col2im", convolution.col2im),
        ("conv2d_im2col", F.conv2d),
        ("conv2d_im2col", cnncourse.conv2d),
        ("conv2d_backward", by_autograd),
        ("conv2d_backward", convolution.conv2d_backward),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_the_solution_agrees_with(name, oracle, seed):
    for case in find(name).cases(seed):
        torch.testing.assert_close(tuple(solved(name)(**case.inputs)), tuple(oracle(**case.inputs)), msg=case.note)


@pytest.mark.parametrize("seed", SEEDS)
def test_col2im_is_the_adjoint_of_im2col(seed):
    generator = torch.Generator().manual_seed(seed)
    for case in find("col2im").cases(seed):
        columns, shape, *_ = case.inputs.values()
        settings = {name: case.inputs[name] for name in ("kernel_size", "stride", "padding") if name in case.inputs}
        image = torch.randn(shape, generator=generator, dtype=torch.float64)
        there = (solved("im2col")(image, **settings) * columns).sum()
        back = (image * solved("col2im")(columns.double(), shape, **settings)).sum()
        torch.testing.assert_close(there, back)
