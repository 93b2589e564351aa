"""Exercises of the chapter *Pooling*: the largest of a window, its mean, and the way back."""

from . import avg_pool2d, max_pool2d, max_pool2d_backward

EXERCISES = tuple(module.EXERCISE for module in (max_pool2d, avg_pool2d, max_pool2d_backward))
