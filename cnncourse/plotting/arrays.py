"""What the pictures accept: tensors and arrays of finite real numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes


def to_array(values: Any, name: str, finite: bool = True) -> np.ndarray:
    """Return a tensor, an array or nested sequences as a NumPy array.

    Parameters
    ----------
    values : tensor, array or nested sequences of numbers
        On any device, with or without gradient.
    name : str
        The argument's name, for error messages.
    finite : bool
        Refuse NaN and infinity.

    Returns
    -------
    ndarray
        float64; unsigned bytes stay as they are, since 255 is white there.

    Raises
    ------
    TypeError
        If the values are not real numbers.
    ValueError
        If there are none, or `finite` is True and one is not finite.

    Examples
    --------
    >>> to_array([[1, 2]], "image")
    array([[1., 2.]])
    """
    if hasattr(values, "detach"):  # a tensor, wherever it lives
        values = values.detach().cpu()
        if values.is_floating_point():
            values = values.double()  # NumPy has no bfloat16
        values = values.resolve_neg().resolve_conj()
    try:
        array = np.asarray(values)
    except (TypeError, ValueError) as error:  # rows of different lengths, or a type that NumPy does not have
        raise TypeError(f"`{name}` must hold real numbers in rows of equal length ({error})") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"`{name}` must hold real numbers, not {array.dtype}")
    if array.size == 0:
        raise ValueError(f"`{name}` must hold at least one number, not the shape {array.shape}")
    if finite and not np.isfinite(array).all():
        raise ValueError(f"`{name}` must hold finite numbers, not {array[~np.isfinite(array)][0]}")
    return array.astype(float) if array.dtype.kind in "bif" else array


def check_axes(ax: Any) -> None:
    """Refuse what is neither None nor a place to draw.

    Raises
    ------
    TypeError
        For anything else, for instance a figure.
    """
    if ax is not None and not isinstance(ax, Axes):
        raise TypeError(f"`ax` must be a matplotlib Axes, not {type(ax).__name__}")
