"""Convolutional neural networks, taught: the package behind the course."""

from cnncourse.convolution import conv2d
from cnncourse.pooling import avg_pool2d, max_pool2d

__all__ = ["avg_pool2d", "conv2d", "max_pool2d"]

__version__ = "0.1.0"
