"""Named kernels do what their names say."""

import pytest
import torch

from cnncourse.convolution import box_kernel, corr2d, edge_kernel, laplacian_kernel


def test_edge_kernels_answer_to_their_own_direction_only():
    rising_right = torch.arange(5.0).repeat(5, 1)
    rising_down = rising_right.T
    for direction, own, other in (
        ("vertical", rising_right, rising_down),
        ("horizontal", rising_down, rising_right),
    ):
        kernel = edge_kernel(direction)
        assert kernel.shape == (3, 3)
        assert kernel.sum() == 0
        assert (corr2d(own, kernel) > 0).all()
        assert (corr2d(-own, kernel) < 0).all()
        assert (corr2d(other, kernel) == 0).all()


def test_edge_kernel_refuses_another_word():
    with pytest.raises(ValueError, match='`direction` must be "vertical" or "horizontal", not \'diagonal\''):
        edge_kernel("diagonal")


def test_the_laplacian_answers_2_at_a_corner_and_1_along_an_edge():
    square = torch.zeros(7, 7)
    square[2:, 2:] = 1
    answer = corr2d(square, laplacian_kernel())
    assert answer[1, 1] == 2
    assert answer[1, 3] == 1
    assert answer[3, 3] == 0


def test_a_box_kernel_averages():
    assert box_kernel(4).sum() == 1
    with pytest.raises(ValueError, match="`size` must be at least 1, not 0"):
        box_kernel(0)
