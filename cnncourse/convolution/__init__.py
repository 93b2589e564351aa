"""One operation, several algorithms, one signature.

`conv2d` calls one of the algorithms; the other functions are the parts that the chapters build.
"""

from cnncourse.convolution.backward import conv2d_backward
from cnncourse.convolution.direct import convolve2d, corr2d
from cnncourse.convolution.dispatch import METHODS, choose_method, conv2d
from cnncourse.convolution.im2col import col2im, im2col
from cnncourse.convolution.kernels import box_kernel, edge_kernel, laplacian_kernel

__all__ = [
    "METHODS",
    "box_kernel",
    "choose_method",
    "col2im",
    "conv2d",
    "conv2d_backward",
    "convolve2d",
    "corr2d",
    "edge_kernel",
    "im2col",
    "laplacian_kernel",
]
