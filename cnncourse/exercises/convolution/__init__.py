"""Exercises of the chapter *Convolution*: sizes, sliding products, edge kernels, and learning one."""

from . import calculate_output_shape, conv2d, convolve2d, corr2d, edge_kernel, learn_kernel, same_padding

EXERCISES = tuple(
    module.EXERCISE
    for module in (calculate_output_shape, corr2d, convolve2d, conv2d, same_padding, edge_kernel, learn_kernel)
)
