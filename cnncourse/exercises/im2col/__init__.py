"""Exercises of the chapter *How libraries compute it*: convolution as one matrix product, and the way back."""

from . import col2im, conv2d_backward, conv2d_im2col, im2col

EXERCISES = tuple(module.EXERCISE for module in (im2col, conv2d_im2col, col2im, conv2d_backward))
