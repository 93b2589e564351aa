"""The definition, by hand."""

import pytest
import torch

from cnncourse.convolution import conv2d, convolve2d, corr2d


def test_corr2d_of_the_course_s_matrices():
    image = torch.arange(9).view(3, 3)
    assert corr2d(image, torch.tensor([[0, 1], [2, 3]])).tolist() == [[19, 25], [37, 43]]
    edge = torch.ones(6, 8)
    edge[:, 2:6] = 0
    found = corr2d(edge, torch.tensor([[1.0, -1.0]]))
    assert found.tolist() == [[0, 1, 0, 0, 0, -1, 0]] * 6


def test_an_edge_answers_30_as_in_the_course():
    image = torch.tensor([[10.0] * 3 + [0.0] * 3] * 6)
    kernel = torch.tensor([[1.0, 0.0, -1.0]] * 3)
    assert corr2d(image, kernel).tolist() == [[0, 30, 30, 0]] * 4


def test_convolution_flips_and_cross_correlation_does_not():
    image, kernel = torch.arange(20.0).view(4, 5), torch.tensor([[1.0, 2.0, 0.0], [0.0, 5.0, -1.0]])
    torch.testing.assert_close(convolve2d(image, kernel), corr2d(image, kernel.flip(0, 1)))
    assert not torch.equal(convolve2d(image, kernel), corr2d(image, kernel))
    torch.testing.assert_close(corr2d(image, kernel), conv2d(image[None, None], kernel[None, None])[0, 0])


def test_corr2d_of_bytes_does_not_overflow():
    image = torch.full((2, 2), 255, dtype=torch.uint8)
    assert corr2d(image, image).item() == 4 * 255 * 255


def test_a_kernel_as_small_as_one_pixel_and_as_large_as_the_image():
    image = torch.arange(6.0).view(2, 3)
    torch.testing.assert_close(corr2d(image, torch.tensor([[2.0]])), 2 * image)
    assert corr2d(image, image).tolist() == [[55]]


@pytest.mark.parametrize("operation", [corr2d, convolve2d])
def test_the_two_axes_and_the_size_are_checked(operation):
    with pytest.raises(ValueError, match=r"`image` must have two axes \(height, width\), not the shape \(1, 3, 3\)"):
        operation(torch.zeros(1, 3, 3), torch.zeros(2, 2))
    with pytest.raises(ValueError, match=r"`kernel` must have two axes \(height, width\), not the shape \(2,\)"):
        operation(torch.zeros(3, 3), torch.zeros(2))
    with pytest.raises(ValueError, match=r"the kernel must cover at most the 3 pixels .*, not 4"):
        operation(torch.zeros(3, 3), torch.zeros(4, 1))
