"""Shapes, strides and axes: integers only."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

from .gaps import refuse


class Size(tuple):
    """A tensor's shape."""

    def numel(self) -> int:
        """Return the number of elements."""
        return math.prod(self)

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def __getitem__(self, index: Any) -> Any:
        item = tuple.__getitem__(self, index)
        return Size(item) if isinstance(index, slice) else item

    def __add__(self, other: Any) -> Size:
        if not isinstance(other, tuple):
            refuse(TypeError, f'can only concatenate tuple (not "{type(other).__name__}") to tuple')
        return Size(tuple(self) + tuple(other))

    def __mul__(self, times: Any) -> Size:
        return Size(tuple.__mul__(self, times))


def dense_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the strides of a tensor without gaps, in elements.

    Examples
    --------
    >>> dense_strides((2, 3, 4))
    (12, 4, 1)
    """
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def places(shape: Sequence[int], strides: Sequence[int], offset: int = 0) -> list[int]:
    """List where the numbers of a view lie in its storage, in row order.

    Examples
    --------
    >>> places((2, 3), (1, 2))
    [0, 2, 4, 1, 3, 5]
    """
    found = [offset]
    for size, stride in zip(shape, strides, strict=True):
        if stride:
            steps = range(0, size * stride, stride)
            found = [place + step for place in found for step in steps]
        else:
            found = [place for place in found for _ in range(size)]
    return found


def axis(dim: Any, ndim: int) -> int:
    """Return an axis counted from 0.

    Raises
    ------
    IndexError
        If there is no such axis.
    """
    if isinstance(dim, bool) or not hasattr(dim, "__index__"):
        refuse(TypeError, f"argument 'dim' must be int, not {type(dim).__name__}")
    dim = operator.index(dim)
    bound = max(ndim, 1)
    if not -bound <= dim < bound:
        refuse(
            IndexError, f"Dimension out of range (expected to be in range of [{-bound}, {bound - 1}], but got {dim})"
        )
    return dim % bound


def axes(dims: Any, ndim: int) -> tuple[int, ...]:
    """Return axes counted from 0; all of them for None and for an empty sequence."""
    if dims is None or (isinstance(dims, tuple | list) and not dims):
        return tuple(range(ndim))
    found = tuple(axis(dim, ndim) for dim in (dims if isinstance(dims, tuple | list) else (dims,)))
    for place, each in enumerate(found):
        if each in found[:place]:
            refuse(RuntimeError, f"dim {each} appears multiple times in the list of dims")
    return found if ndim else ()


def sizes(given: Sequence[Any], name: str) -> Size:
    """Read sizes that are given one by one or as one sequence."""
    if len(given) == 1 and isinstance(given[0], tuple | list):
        given = given[0]
    elif len(given) == 1 and isinstance(given[0], float | str):
        kind = type(given[0]).__name__
        refuse(TypeError, f"{name}(): argument 'size' (position 1) must be tuple of ints, not {kind}")
    for place, size in enumerate(given):
        if isinstance(size, bool) or not hasattr(size, "__index__"):
            refuse(
                TypeError,
                f"{name}(): argument 'size' (position 1) must be tuple of ints, but found element of type "
                f"{type(size).__name__} at pos {place}",
            )
    return Size(operator.index(size) for size in given)


def broadcast(*shapes: Sequence[int]) -> Size:
    """Return the shape that several shapes have together.

    Raises
    ------
    RuntimeError
        If two sizes differ and neither is 1.

    Examples
    --------
    >>> broadcast((3, 1), (4,))
    torch.Size([3, 4])
    """
    result = [1] * max((len(shape) for shape in shapes), default=0)
    for shape in shapes:
        for back in range(1, len(shape) + 1):
            have, want = result[-back], shape[-back]
            if want == 1 or have == want:
                continue
            if have != 1:
                refuse(
                    RuntimeError,
                    f"The size of tensor a ({have}) must match the size of tensor b ({want}) at non-singleton "
                    f"dimension {len(result) - back}",
                )
            result[-back] = want
    return Size(result)


def expanded_strides(shape: Sequence[int], strides: Sequence[int], target: Sequence[int]) -> tuple[int, ...]:
    """Return the strides with which a view has a broadcast shape: 0 along axes that repeat."""
    extra = len(target) - len(shape)
    own = zip(shape, strides, target[extra:], strict=True)
    return (0,) * extra + tuple(0 if size == 1 and size != want else stride for size, stride, want in own)


def without(shape: Sequence[int], reduced: Sequence[int], keepdim: bool) -> Size:
    """Return a shape without the axes that were reduced, or with 1 for them."""
    if keepdim:
        return Size(1 if place in reduced else size for place, size in enumerate(shape))
    return Size(size for place, size in enumerate(shape) if place not in reduced)
