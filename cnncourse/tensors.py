"""What public functions take: dense tensors of real numbers, checked in one place before any arithmetic.

Each check names the argument, its value and what was expected.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
INTEGERS = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)


def check_tensor(
    tensor: Any, name: str, axes: str | None = None, *, floating: bool = False, finite: bool = False
) -> None:
    """Refuse what is no dense tensor of real numbers, or has other axes.

    Parameters
    ----------
    tensor : torch.Tensor
    name : str
        The argument's name, for the error message.
    axes : str, optional
        The axes that it must have, for instance "(N, C, H, W)"; any without it.
    floating : bool
        Refuse integers.
    finite : bool
        Refuse NaN and infinity.

    Raises
    ------
    TypeError
        If it is not a tensor, not dense or of another type of number.
    ValueError
        If it has another number of axes, or holds a number that is not finite.

    Examples
    --------
    >>> check_tensor(torch.zeros(3, 3), "image", "(N, C, H, W)")
    Traceback (most recent call last):
        ...
    ValueError: `image` must have the shape (N, C, H, W), not (3, 3)
    """
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"`{name}` must be a torch.Tensor, not {type(tensor).__name__}")
    if tensor.layout != torch.strided or tensor.is_nested:
        raise TypeError(f"`{name}` must be a dense tensor, not one of the layout {tensor.layout}")
    if tensor.dtype not in FLOATS + INTEGERS:
        raise TypeError(f"`{name}` must be of a real number type, not {tensor.dtype}")
    if floating and tensor.dtype not in FLOATS:
        raise TypeError(f"`{name}` must hold floating-point numbers, not {tensor.dtype}: call {name}.float() first")
    if axes is not None and tensor.ndim != count_axes(axes):
        raise ValueError(f"`{name}` must have the shape {axes}, not {tuple(tensor.shape)}")
    if finite and not torch.isfinite(tensor).all():
        wrong = tensor[~torch.isfinite(tensor)][0].item()
        raise ValueError(f"`{name}` must hold finite numbers, not {wrong}")


def count_axes(axes: str) -> int:
    """Count the axes in a shape's notation.

    Examples
    --------
    >>> count_axes("(N, C, H, W)"), count_axes("(N,)")
    (4, 1)
    """
    return sum(bool(axis.strip()) for axis in axes.strip("()").split(","))


def as_number(value: Any, name: str, low: float = -math.inf, high: float = math.inf) -> float:
    """Return `value` as a finite float in [low, high], or say which argument is wrong.

    Parameters
    ----------
    value : number
        An int, a float, or a NumPy or torch scalar; a bool or text is refused.
    name : str
        The argument's name, for the error message.
    low, high : float
        The smallest and the largest value allowed.

    Raises
    ------
    TypeError
        If `value` is not a real number.
    ValueError
        If it is not finite or out of range.

    Examples
    --------
    >>> as_number(0.5, "p", low=0, high=1)
    0.5
    """
    if isinstance(value, (bool, str, bytes)) or not hasattr(value, "__float__"):
        raise TypeError(f"`{name}` must be a number, not {value!r}")
    try:
        number = float(value)
    except (TypeError, ValueError, RuntimeError):  # an array or a tensor of several numbers
        raise TypeError(f"`{name}` must be one number, not {value!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"`{name}` must be finite, not {number}")
    if not low <= number <= high:
        bounds = f"at least {low:g}" if high == math.inf else f"from {low:g} to {high:g}"
        raise ValueError(f"`{name}` must be {bounds}, not {number:g}")
    return number


def check_choice(value: Any, name: str, choices: Iterable[str]) -> None:
    """Refuse a word that is not one of `choices`.

    Raises
    ------
    ValueError
        For another word, and for anything that is no text.

    Examples
    --------
    >>> check_choice("left", "role", ["input", "output"])
    Traceback (most recent call last):
        ...
    ValueError: `role` must be one of 'input', 'output', not 'left'
    """
    words = list(choices)
    if not isinstance(value, str) or value not in words:
        raise ValueError(f"`{name}` must be one of {', '.join(map(repr, words))}, not {value!r}")


def check_generator(generator: Any) -> None:
    """Refuse what is neither None nor a random number generator of torch.

    Raises
    ------
    TypeError
        For anything else, for instance a seed.
    """
    if generator is not None and not isinstance(generator, torch.Generator):
        raise TypeError(f"`generator` must be a torch.Generator, not {generator!r}")


def check_classes(labels: Any, name: str) -> None:
    """Refuse what is not a row of whole numbers.

    Raises
    ------
    TypeError
        If `labels` is not a tensor of integers.
    ValueError
        If it has another number of axes than one.
    """
    check_tensor(labels, name, "(N,)")
    if labels.dtype not in INTEGERS:
        raise TypeError(f"`{name}` must hold integers, not {labels.dtype}")
