"""Read and write by index: numbers, slices, None, ellipses, lists, tensors of integers and masks."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Sequence
from typing import Any

from . import autograd, dtypes
from .dtypes import BOOLEAN, FLOATING, title
from .elementwise import as_operand
from .gaps import gap, guarded, refuse
from .looks import select
from .registry import METHODS, operation
from .shapes import Size, axis, broadcast, expanded_strides, places
from .tensors import Tensor, change, computed, make, sharing, summed_to, view


def _as_index(item: Any) -> Any:
    """Return a tensor for what picks many places; everything else as it is."""
    if isinstance(item, Tensor):
        if item.dtype.kind == FLOATING:
            refuse(IndexError, "tensors used as indices must be long, int, byte or bool tensors")
        return int(item.item()) if not item.shape and item.dtype.kind != BOOLEAN else item
    if hasattr(item, "_tensor"):
        return _as_index(item._tensor)
    if isinstance(item, list | range):
        if not item:
            return computed([], (0,), dtypes.int64)
        from .creation import tensor

        return _as_index(tensor(list(item)))
    if item is None or item is Ellipsis or isinstance(item, slice | bool):
        return item
    if hasattr(item, "__index__"):
        return operator.index(item)
    if isinstance(item, float | str):
        refuse(
            IndexError,
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
            f"(got {type(item).__name__})",
        )
    gap(f"an index of type {type(item).__name__}")


def _masks_as_places(items: list) -> list:
    """Replace every mask by the numbers of the places that it picks."""
    result: list = []
    for item in items:
        if isinstance(item, Tensor) and not item.shape and item.dtype.kind == BOOLEAN:
            result.append(bool(item.item()))
        elif isinstance(item, Tensor) and (item.dtype.kind == BOOLEAN or item.dtype is dtypes.uint8):
            found = [place for place, number in enumerate(item._numbers()) if number]
            for number, size in enumerate(item.shape):
                step = math.prod(item.shape[number + 1 :])
                picked = make(
                    dtypes.int64.store([place // step % size for place in found]), (len(found),), dtypes.int64
                )
                picked._mask = (tuple(item.shape), number)
                result.append(picked)
        else:
            result.append(item)
    return result


def _taken(item: Any) -> int:
    """Return the number of axes that an index uses up."""
    if item is None or isinstance(item, bool):
        return 0
    if isinstance(item, Tensor) and (item.dtype.kind == BOOLEAN or item.dtype is dtypes.uint8):
        return len(item.shape)
    return 1


class Place:
    """What an index picks of tensors of one shape.

    Parameters
    ----------
    shape : tuple of int
        Of the tensors.
    index : object
        As it stands between the brackets.
    """

    def __init__(self, shape: Sequence[int], index: Any) -> None:
        items = [_as_index(item) for item in (index if isinstance(index, tuple) else (index,))]
        used = sum(_taken(item) for item in items if item is not Ellipsis)
        if sum(item is Ellipsis for item in items) > 1:
            gap("two ellipses in an index")
        if used > len(shape):
            refuse(IndexError, f"too many indices for tensor of dimension {len(shape)}")
        if not any(item is Ellipsis for item in items):
            items.append(Ellipsis)
        dots = next(number for number, item in enumerate(items) if item is Ellipsis)
        items[dots : dots + 1] = [slice(None)] * (len(shape) - used)
        items = _masks_as_places(items)
        self.steps: list[tuple[str, Any]] = []  # what is done to each axis, in order
        at = 0
        for item in items:
            if item is None:
                self.steps.append(("new", None))
                continue
            if isinstance(item, bool):  # picks all or nothing, along a new axis
                self.steps.append(("new list", computed([0] * item, (int(item),), dtypes.int64)))
                continue
            size = shape[at]
            if isinstance(item, slice):
                self.steps.append(("slice", self._range(item, size)))
            elif isinstance(item, Tensor):
                self.steps.append(("list", self._checked(item, size, at, shape)))
            else:
                if not -size <= item < size:
                    refuse(IndexError, f"index {item} is out of bounds for dimension {at} with size {size}")
                self.steps.append(("number", item % size))
            at += 1
        self.lists = [item for kind, item in self.steps if kind.endswith("list")]

    @staticmethod
    def _range(item: slice, size: int) -> range:
        for bound in (item.start, item.stop, item.step):
            if bound is not None and not hasattr(bound, "__index__"):
                refuse(TypeError, "slice indices must be integers or None or have an __index__ method")
        step = 1 if item.step is None else operator.index(item.step)
        if step <= 0:
            refuse(ValueError, "step must be greater than zero")
        return range(
            *slice(*(None if b is None else operator.index(b) for b in (item.start, item.stop))).indices(size)[:2], step
        )

    @staticmethod
    def _checked(item: Tensor, size: int, at: int, shape: Sequence[int]) -> Tensor:
        mask = getattr(item, "_mask", None)
        if mask is not None and mask[0] and size != mask[0][mask[1]]:
            refuse(
                IndexError,
                f"The shape of the mask {list(mask[0])} at index {mask[1]} does not match the shape of the indexed "
                f"tensor "
                f"{list(shape)} at index {at}",
            )
        for number in item._numbers():
            if not -size <= number < size:
                refuse(IndexError, f"index {number} is out of bounds for dimension {at} with size {size}")
        return item

    def look(self, tensor: Tensor) -> Tensor:
        """Return the view that numbers, slices and None pick; axes of lists stay whole."""
        shape, strides, offset = [], [], tensor._offset
        at = 0
        for kind, item in self.steps:
            if kind.startswith("new"):
                shape.append(1)
                strides.append(0)
                continue
            size, stride = tensor.shape[at], tensor._strides[at]
            at += 1
            if kind == "number":
                offset += item * stride
            elif kind == "slice":
                shape.append(len(item))
                strides.append(stride * item.step)
                offset += item.start * stride if len(item) else 0
            else:
                shape.append(size)
                strides.append(stride)
        return sharing(tensor, shape, strides, offset)

    def picked(self, tensor: Tensor) -> tuple[Size, list[int]]:
        """Return the shape of what lists pick, and where its numbers lie in the tensor's storage."""
        seen = self.look(tensor)
        try:
            together = broadcast(*(item.shape for item in self.lists))
        except RuntimeError:
            shapes = ", ".join(str(list(item.shape)) for item in self.lists)
            refuse(IndexError, f"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}")
        kept = [kind for kind, _ in self.steps if kind != "number"]
        of_lists = [place for place, kind in enumerate(kept) if kind.endswith("list")]
        steps = [0] * math.prod(together)
        for place, item in zip(of_lists, self.lists, strict=True):
            size, stride = seen.shape[place], seen._strides[place]
            spread = item._expanded(together)
            steps = [step + number % size * stride for step, number in zip(steps, spread, strict=True)]
        adjacent = of_lists[-1] - of_lists[0] == len(of_lists) - 1
        front = of_lists[0] if adjacent else 0
        others = [place for place in range(len(kept)) if place not in of_lists]
        before = [place for place in others if place < front]
        after = [place for place in others if place >= front]

        def spread_of(axes: list[int]) -> list[int]:
            return places([seen.shape[a] for a in axes], [seen._strides[a] for a in axes], 0)

        start = seen._offset
        first, last = spread_of(before), spread_of(after)
        found = [start + one + two + three for one, two, three in itertools.product(first, steps, last)]
        shape = Size((*(seen.shape[a] for a in before), *together, *(seen.shape[a] for a in after)))
        return shape, found


@operation("method")
def __getitem__(self: Tensor, index: Any) -> Tensor:
    if type(index) is int and self.shape:  # by far the most frequent
        return select_number(self, index)
    place = Place(self.shape, index)
    if not place.lists:
        return view(self, "Slice", place.look)
    shape, found = place.picked(self)
    storage = self._storage
    result = computed([storage[each] for each in found], shape, self.dtype)

    def backward(gradient: Tensor) -> list[Tensor]:
        whole = computed([0] * self.numel(), self.shape, gradient.dtype)
        for each, number in zip(place.picked(whole)[1], gradient._numbers(), strict=True):
            whole._storage[each] += number
        return [whole]

    return autograd.record(result, "Index", [self], backward)


def select_number(tensor: Tensor, index: int) -> Tensor:
    """Return ``tensor[index]`` for a number."""
    size = tensor.shape[0]
    if not -size <= index < size:
        refuse(IndexError, f"index {index} is out of bounds for dimension 0 with size {size}")
    return select(tensor, 0, index)


@operation("method")
def __setitem__(self: Tensor, index: Any, value: Any) -> None:
    given = as_operand(value)
    if given is None:
        if isinstance(value, list | tuple):
            refuse(TypeError, f"can't assign a {type(value).__name__} to a torch.{title(self.dtype)}Tensor")
        gap(f"assigning a {type(value).__name__}")
    place = Place(self.shape, index)
    if place.lists:
        shape, found = place.picked(self)
    else:
        seen = place.look(self)
        shape, found = seen.shape, seen._places()
    value_shape = list(given.shape)
    while len(value_shape) > len(shape) and value_shape[0] == 1:
        value_shape.pop(0)
    fits = len(value_shape) <= len(shape) and all(
        have in (1, want) for have, want in zip(reversed(value_shape), reversed(shape), strict=False)
    )
    if not fits:
        _refuse_value(place, shape, given)
    if place.lists and given.dtype is not self.dtype and not hasattr(given, "_number"):
        refuse(
            RuntimeError,
            f"Index put requires the source and destination dtypes match, got {title(self.dtype)} for the destination "
            f"and "
            f"{title(given.dtype)} for the source.",
        )
    small = given if len(value_shape) == len(given.shape) else given.reshape(value_shape)
    strides = expanded_strides(small.shape, small._strides, shape)
    numbers = [small._storage[each] for each in places(shape, strides, small._offset)]
    _put(self, place, found, numbers, small, shape)


def _refuse_value(place: Place, shape: Sequence[int], given: Tensor) -> None:
    if place.lists:
        refuse(
            RuntimeError,
            f"shape mismatch: value tensor of shape {list(given.shape)} cannot be broadcast to indexing result of "
            f"shape "
            f"{list(shape)}",
        )
    for back in range(1, len(given.shape) + 1):
        want, have = (shape[-back] if back <= len(shape) else None), given.shape[-back]
        if want is not None and have not in (1, want):
            refuse(
                RuntimeError,
                f"The expanded size of the tensor ({want}) must match the existing size ({have}) at non-singleton "
                f"dimension "
                f"{len(shape) - back}.  Target sizes: {list(shape)}.  Tensor sizes: {list(given.shape)}",
            )
    refuse(
        RuntimeError,
        f"expand(torch.{title(given.dtype)}Tensor{{{list(given.shape)}}}, size={list(shape)}): the number of sizes "
        f"provided "
        f"({len(shape)}) must be greater or equal to the number of dimensions in the tensor ({len(given.shape)})",
    )


def _put(
    tensor: Tensor, place: Place, found: Sequence[int], numbers: list, given: Tensor, shape: Sequence[int]
) -> None:
    recorded = autograd.is_enabled() and (tensor.requires_grad or given.requires_grad)
    if recorded:
        # Of the whole tensor: what it was keeps its gradient except where it is written over.
        def backward(gradient: Tensor) -> list[Tensor | None]:
            own = gradient.clone()
            of_value = [gradient_storage(gradient, each) for each in places_in(gradient)]
            for each in places_in(own):
                own._storage[each] = 0.0
            part = computed(of_value, shape, gradient.dtype)
            return [own, summed_to(part, given.shape) if given.requires_grad else None]

        def places_in(whole: Tensor) -> list[int]:
            return place.picked(whole)[1] if place.lists else place.look(whole)._places()

        def gradient_storage(gradient: Tensor, each: int) -> float:
            return gradient._storage[each]

        was_stale, base = tensor._stale, given._base
        after = list(tensor._numbers())
        before_places = {each: number for number, each in enumerate(tensor._places())}
        for each, number in zip(found, tensor.dtype.store(numbers), strict=True):
            after[before_places[each]] = number
        if was_stale and base is tensor:  # `a[i] += b`: the changed view is written back
            tensor._stale = False
        change(tensor, after, "CopySlices", [tensor, given], backward)
        return
    stored = tensor.dtype.store(numbers)
    for each, number in zip(found, stored, strict=True):
        tensor._storage[each] = number
    tensor._versions[0] += 1


Tensor.__getitem__ = METHODS["__getitem__"]
Tensor.__setitem__ = METHODS["__setitem__"]
Tensor.__delitem__ = guarded(lambda self, index: refuse(TypeError, "Tensor does not support deleting items"))


@operation("torch", "method")
def index_select(input: Tensor, dim: Any, index: Tensor) -> Tensor:
    place = axis(dim, len(input.shape))
    if index.dtype not in (dtypes.int64, dtypes.int32):
        refuse(RuntimeError, "index_select(): Expected dtype int32 or int64 for index")
    return input[(slice(None),) * place + (index,)]


@operation("torch", "method")
def take_along_dim(input: Tensor, indices: Tensor, dim: Any = None) -> Tensor:
    if dim is None:
        return input.reshape(-1)[indices.reshape(-1)]
    return gather(input, dim, indices)


@operation("torch", "method")
def gather(input: Tensor, dim: Any, index: Tensor) -> Tensor:
    place = axis(dim, len(input.shape))
    if not isinstance(index, Tensor) or index.dtype is not dtypes.int64:
        refuse(RuntimeError, "gather(): Expected dtype int64 for index")
    _check_dimensions("gather", input, index)
    for side, (have, want) in enumerate(zip(index.shape, input.shape, strict=True)):
        if side != place and have > want:
            refuse(
                RuntimeError,
                f"Size does not match at dimension {side} expected index {list(index.shape)} to be no larger than self "
                f"{list(input.shape)} apart from dimension {place}",
            )
    grid = _along(index, place, input.shape[place])
    return input[grid]


def _along(index: Tensor, place: int, size: int) -> tuple[Tensor, ...]:
    for number in index._numbers():
        if not 0 <= number < size:
            refuse(RuntimeError, f"index {number} is out of bounds for dimension {place} with size {size}")
    grid = []
    for side, length in enumerate(index.shape):
        shape = [length if other == side else 1 for other in range(len(index.shape))]
        grid.append(index if side == place else computed(range(length), shape, dtypes.int64))
    return tuple(grid)


def _check_dimensions(name: str, input: Tensor, index: Tensor) -> None:
    if len(index.shape) != len(input.shape):
        refuse(
            RuntimeError,
            f"Index tensor must have the same number of dimensions as {'input' if name == 'gather' else 'self'} tensor",
        )


@operation("method")
def scatter_(self: Tensor, dim: Any, index: Tensor, src: Any) -> Tensor:
    place = axis(dim, len(self.shape))
    _check_dimensions("scatter", self, index)
    self[_along(index, place, self.shape[place])] = _source(src, index)
    return self


def _source(src: Any, index: Tensor) -> Any:
    if not isinstance(src, Tensor) or tuple(src.shape) == tuple(index.shape):
        return src
    return src[tuple(slice(0, size) for size in index.shape)]


@operation("torch", "method")
def scatter(input: Tensor, dim: Any, index: Tensor, src: Any) -> Tensor:
    return scatter_(input.clone(), dim, index, src)


@operation("method")
def scatter_add_(self: Tensor, dim: Any, index: Tensor, src: Tensor) -> Tensor:
    if src.dtype is not self.dtype:
        refuse(RuntimeError, "scatter(): Expected self.dtype to be equal to src.dtype")
    place = axis(dim, len(self.shape))
    _check_dimensions("scatter", self, index)
    return _accumulate(self, _along(index, place, self.shape[place]), _source(src, index))


@operation("torch", "method")
def scatter_add(input: Tensor, dim: Any, index: Tensor, src: Tensor) -> Tensor:
    return scatter_add_(input.clone(), dim, index, src)


@operation("method")
def index_add_(self: Tensor, dim: Any, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    place = axis(dim, len(self.shape))
    return _accumulate(self, (slice(None),) * place + (index,), source if alpha == 1 else source * alpha)


@operation("torch", "method")
def index_add(input: Tensor, dim: Any, index: Tensor, source: Tensor) -> Tensor:
    return index_add_(input.clone(), dim, index, source)


@operation("method")
def index_put_(self: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    if accumulate:
        return _accumulate(self, tuple(indices), values)
    self[tuple(indices)] = values
    return self


@operation("torch", "method")
def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    return index_put_(input.clone(), indices, values, accumulate)


def _accumulate(tensor: Tensor, index: Any, values: Tensor) -> Tensor:
    """Add values at an index; a place that is named twice gets both."""
    place = Place(tensor.shape, index)
    shape, found = place.picked(tensor)
    dense = {each: number for number, each in enumerate(tensor._places())}
    after = list(tensor._numbers())
    for each, number in zip(found, values._expanded(shape), strict=True):
        after[dense[each]] += number

    def backward(gradient: Tensor) -> list[Tensor]:
        seen = gradient._storage
        part = computed([seen[each] for each in place.picked(gradient.contiguous())[1]], shape, gradient.dtype)
        return [gradient, summed_to(part, values.shape)]

    return change(tensor, after, "IndexPut", [tensor, values], backward)


@operation("torch", "method")
def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    found = [place for place, number in enumerate(input._numbers()) if number]
    columns = []
    for number, size in enumerate(input.shape):
        step = math.prod(input.shape[number + 1 :])
        columns.append([place // step % size for place in found])
    if as_tuple:
        return tuple(computed(column, (len(found),), dtypes.int64) for column in columns)
    rows = list(itertools.chain.from_iterable(zip(*columns, strict=True))) if columns else []
    return computed(rows, (len(found), len(input.shape)), dtypes.int64)


@operation("torch")
def argwhere(input: Tensor) -> Tensor:
    return nonzero(input)


@operation("torch", "method")
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    shape = broadcast(input.shape, mask.shape)
    return input.expand(*shape)[mask.expand(*shape)]


@operation("torch", "method")
def take(input: Tensor, index: Tensor) -> Tensor:
    return input.reshape(-1)[index]
