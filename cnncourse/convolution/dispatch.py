"""`conv2d`: one signature in front of every algorithm."""

import torch

from cnncourse.convolution.backward import Algorithm, Convolution
from cnncourse.convolution.direct import conv2d_direct, direct_grad_input, direct_grad_weight
from cnncourse.convolution.im2col import conv2d_im2col, im2col_grad_input, im2col_grad_weight
from cnncourse.geometry import as_integer, as_pair, output_shape

ALGORITHMS = {
    "direct": Algorithm(conv2d_direct, direct_grad_input, direct_grad_weight),
    "im2col": Algorithm(conv2d_im2col, im2col_grad_input, im2col_grad_weight),
}


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1, method="auto"):
    """Cross-correlate a batch of images with a layer's filters, as `torch.nn.functional.conv2d`.

    Examples
    --------
    >>> conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 3, 3)).shape
    torch.Size([1, 1, 2, 2])
    """
    stride, dilation = as_pair(stride, "stride"), as_pair(dilation, "dilation")
    padding = as_pair(padding, "padding", minimum=0)
    groups = as_integer(groups, "groups")
    if weight.ndim != 4 or input.ndim != 4 or weight.shape[1] * groups != input.shape[1]:
        raise ValueError(
            f"weight expects {weight.shape[1] * groups} input channels (shape {tuple(weight.shape)}) "
            f"but input has {input.shape[1]} (shape {tuple(input.shape)})"
        )
    output_shape(input.shape[2:], weight.shape[2:], stride, padding, dilation)
    algorithm = ALGORITHMS["im2col" if method == "auto" else method]
    return Convolution.apply(input, weight, bias, algorithm, stride, padding, dilation, groups)
