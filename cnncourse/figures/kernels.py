"""The kernel of a figure and its size: two settings that have to agree."""

from __future__ import annotations

import numpy as np


def square_kernel(kernel: list[list[float]] | None, kernel_size: int | None, default: int = 3) -> dict:
    """Return `kernel` and `kernel_size` as settings that agree; without a kernel, the vertical edge of that size.

    Raises
    ------
    ValueError
        If the kernel is not square or not of the size that is asked for.

    Examples
    --------
    >>> square_kernel(None, 2)
    {'kernel_size': 2, 'kernel': [[-1, 1], [-1, 1]]}
    """
    if kernel is None:
        size = default if kernel_size is None else kernel_size
        row = [1] if size == 1 else np.sign(2 * np.arange(size) - size + 1).tolist()
        return {"kernel_size": size, "kernel": [row] * size}
    try:
        shape = np.shape(kernel)
    except ValueError:  # rows of different lengths
        shape = ()
    if len(shape) != 2:
        return {"kernel": kernel}  # the setting itself says what is wrong
    if shape[0] != shape[1]:
        raise ValueError(f"`kernel` must be square, not {shape[0]} x {shape[1]}")
    if kernel_size not in (None, shape[0]):
        raise ValueError(f"`kernel_size` must be {shape[0]}, the rows of `kernel`, not {kernel_size}: give one of them")
    return {"kernel_size": shape[0], "kernel": kernel}
