"""The pooling exercises give what torch and the package give."""

import pytest
import torch
import torch.nn.functional as F

from cnncourse import pooling
from cnncourse.exercises import solved
from cnncourse.exercises.registry import find

SEEDS = (0, 3, 11)


def by_autograd(grad_output, input, kernel_size, stride=None):
    leaf = input.clone().requires_grad_()
    return torch.autograd.grad(F.max_pool2d(leaf, kernel_size, stride), leaf, grad_output)[0]


def test_max_pooling_of_the_matrix_by_hand():
    matrix = torch.tensor([[3.0, 0, 5, 2], [1, 2, 7, 5], [4, 3, 2, 1], [3, 1, 0, 4]]).reshape(1, 1, 4, 4)
    assert solved("max_pool2d")(matrix, 2).tolist() == [[[[3, 7], [4, 4]]]]


def test_padding_never_wins_a_maximum():
    assert solved("max_pool2d")(torch.full((1, 1, 2, 2), -3.0), 2, padding=1).tolist() == [[[[-3, -3], [-3, -3]]]]


def test_both_divisors_by_hand():
    row = torch.tensor([[[[4.0, 8.0]]]])
    assert solved("avg_pool2d")(row, (1, 2), 1, (0, 1)).tolist() == [[[[2, 6, 4]]]]
    assert solved("avg_pool2d")(row, (1, 2), 1, (0, 1), count_include_pad=False).tolist() == [[[[4, 6, 8]]]]


def test_a_tie_goes_to_the_first_maximum_in_row_order():
    tie = torch.tensor([[[[1.0, 4.0], [4.0, 2.0]]]])
    assert solved("max_pool2d_backward")(torch.tensor([[[[5.0]]]]), tie, 2).tolist() == [[[[0, 5], [0, 0]]]]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("max_pool2d", F.max_pool2d),
        ("max_pool2d", pooling.max_pool2d),
        ("avg_pool2d", F.avg_pool2d),
        ("avg_pool2d", pooling.avg_pool2d),
        ("max_pool2d_backward", by_autograd),
        ("max_pool2d_backward", pooling.max_pool2d_backward),
    ],
    ids=["max torch", "max package", "average torch", "average package", "backward torch", "backward package"],
)
def test_the_solution_agrees_with(name, oracle, seed):
    for case in find(name).cases(seed):
        torch.testing.assert_close(solved(name)(**case.inputs), oracle(**case.inputs), msg=case.note)


@pytest.mark.parametrize("seed", SEEDS)
def test_minimum_pooling_is_the_packages(seed):
    (minimum,) = (variant for variant in find("max_pool2d").variants if variant.id == "minimum")
    for case in find("max_pool2d").cases(seed):
        assert torch.equal(minimum.solved(**case.inputs), pooling.min_pool2d(**case.inputs))
