"""Unfolding and folding back: torch's, and adjoint to each other."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnncourse.convolution import col2im, im2col

pair = st.tuples(st.integers(1, 3), st.integers(1, 3))


@settings(deadline=None, derandomize=True)
@given(
    size=st.tuples(st.integers(1, 8), st.integers(1, 8)),
    windows=st.tuples(pair, pair, st.tuples(st.integers(0, 2), st.integers(0, 2)), pair),
    seed=st.integers(0, 99),
)
def test_both_ways_equal_torch_s_and_are_adjoint(size, windows, seed):
    kernel, stride, padding, dilation = windows
    assume(all(s + 2 * p > d * (k - 1) for s, p, d, k in zip(size, padding, dilation, kernel, strict=True)))
    generator = torch.Generator().manual_seed(seed)
    image = torch.randn(2, 3, *size, dtype=torch.float64, generator=generator)
    columns = im2col(image, *windows)
    torch.testing.assert_close(columns, F.unfold(image, kernel, dilation, padding, stride))
    other = torch.randn(columns.shape, dtype=torch.float64, generator=generator)
    folded = col2im(other, image.shape, *windows)
    torch.testing.assert_close(folded, F.fold(other, size, kernel, dilation, padding, stride))
    torch.testing.assert_close((columns * other).sum(), (image * folded).sum())


def test_both_can_be_differentiated():
    image = torch.randn(1, 2, 4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    assert torch.autograd.gradcheck(lambda image: im2col(image, 2, padding=1), image)
    columns = im2col(image.detach(), 2).requires_grad_()
    assert torch.autograd.gradcheck(lambda columns: col2im(columns, image.shape, 2), columns)


def test_im2col_keeps_integers():
    columns = im2col(torch.arange(4, dtype=torch.uint8).view(1, 1, 2, 2), 2)
    assert columns.dtype == torch.uint8
    assert columns.flatten().tolist() == [0, 1, 2, 3]


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"`input` must have the shape \(N, C, H, W\), not \(3, 3\)"):
        im2col(torch.zeros(3, 3), 2)
    with pytest.raises(ValueError, match=r"the kernel must cover at most the . pixels .*, not 4"):
        im2col(torch.zeros(1, 1, 3, 3), 4)
    with pytest.raises(
        ValueError, match=r"`columns` must have the shape \(1, 4, 4\) for these windows, not \(1, 4, 5\)"
    ):
        col2im(torch.zeros(1, 4, 5), (1, 1, 3, 3), 2)
    with pytest.raises(ValueError, match=r"`input_shape` must be \(N, C, H, W\), not \(3, 3\)"):
        col2im(torch.zeros(1, 4, 4), (3, 3), 2)
