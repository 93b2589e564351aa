"""Views of the same numbers in another order or shape, and what joins tensors."""

from __future__ import annotations

import builtins
import itertools
import math
import operator
from collections.abc import Sequence
from typing import Any

from . import autograd
from .dtypes import promote, title
from .gaps import gap, refuse
from .registry import METHODS, operation
from .shapes import Size, axes, axis, broadcast, dense_strides, expanded_strides, places, sizes
from .tensors import Tensor, computed, sharing, view


def _check_tensor(name: str, input: Any) -> None:
    if not isinstance(input, Tensor):
        refuse(TypeError, f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")


def _given(name: str, places_: tuple, words: dict, word: str) -> tuple:
    """Return arguments that may be given one by one, as a sequence, or by name."""
    if set(words) - {word} or (words and places_):
        gap(f"{name} with {next(iter(words))}")
    return (words[word],) if words else places_


@operation("torch", "method")
def permute(input: Tensor, *axes_: Any, **words: Any) -> Tensor:
    _check_tensor("permute", input)
    dims = _given("permute", axes_, words, "dims")
    if len(dims) == 1 and isinstance(dims[0], tuple | list):
        (dims,) = dims
    if len(dims) != len(input.shape):
        refuse(
            RuntimeError,
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {len(input.shape)} is not equal to len(dims) = {len(dims)}",
        )
    order = tuple(axis(dim, len(input.shape)) for dim in dims)
    if len(set(order)) < len(order):
        refuse(RuntimeError, "permute(): duplicate dims are not allowed.")
    return view(input, "Permute", lambda t: sharing(t, [t.shape[a] for a in order], [t._strides[a] for a in order]))


@operation("torch", "method", names=("swapaxes", "swapdims"))
def transpose(input: Tensor, dim0: Any, dim1: Any) -> Tensor:
    _check_tensor("transpose", input)
    order = list(range(len(input.shape)))
    if order:
        one, two = axis(dim0, len(order)), axis(dim1, len(order))
        order[one], order[two] = two, one
    return permute(input, order) if order else view(input, "Transpose", lambda t: sharing(t, (), ()))


@operation("torch", "method")
def t(input: Tensor) -> Tensor:
    _check_tensor("t", input)
    if len(input.shape) > 2:
        refuse(RuntimeError, f"t() expects a tensor with <= 2 dimensions, but self is {len(input.shape)}D")
    return permute(input, *reversed(range(len(input.shape))))


@operation("torch", "method", names=("moveaxis",))
def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    ndim = len(input.shape)
    sources = [axis(dim, ndim) for dim in (source if isinstance(source, tuple | list) else (source,))]
    targets = [axis(dim, ndim) for dim in (destination if isinstance(destination, tuple | list) else (destination,))]
    if len(sources) != len(targets):
        refuse(RuntimeError, "movedim: Invalid source or destination dims")
    rest = iter(place for place in range(ndim) if place not in sources)
    order = [sources[targets.index(place)] if place in targets else next(rest) for place in range(ndim)]
    return permute(input, order)


def _new_shape(input: Tensor, given: Sequence[Any], name: str) -> Size:
    shape = list(sizes(given, name))
    unknown = [place for place, size in enumerate(shape) if size == -1]
    if len(unknown) > 1:
        refuse(RuntimeError, "only one dimension can be inferred")
    if any(size < -1 for size in shape):
        refuse(RuntimeError, f"invalid shape dimension {builtins.min(shape)}")
    if unknown:
        rest = math.prod(size for size in shape if size != -1)
        if not rest and not input.numel():
            refuse(
                RuntimeError,
                f"cannot reshape tensor of 0 elements into shape {shape} because the unspecified dimension size -1 can "
                f"be "
                "any value and is ambiguous",
            )
        if not rest or input.numel() % rest:
            refuse(RuntimeError, f"shape '{shape}' is invalid for input of size {input.numel()}")
        shape[unknown[0]] = input.numel() // rest
    if math.prod(shape) != input.numel():
        refuse(RuntimeError, f"shape '{list(shape)}' is invalid for input of size {input.numel()}")
    return Size(shape)


def _strides_for(tensor: Tensor, shape: Sequence[int]) -> tuple[int, ...] | None:
    """Return strides that show a tensor in another shape without moving a number; None if there are none."""
    if tensor._is_dense():
        return dense_strides(shape)
    blocks: list[list[int]] = []  # size and stride of axes that lie one behind the other
    for size, stride in zip(tensor.shape, tensor._strides, strict=True):
        if size == 1:
            continue
        if blocks and blocks[-1][1] == size * stride:
            blocks[-1] = [blocks[-1][0] * size, stride]
        else:
            blocks.append([size, stride])
    strides: list[int] = []
    for size in reversed(shape):
        if size == 1:
            strides.append(1)
            continue
        if not blocks or blocks[-1][0] % size:
            return None
        strides.append(blocks[-1][1])
        blocks[-1] = [blocks[-1][0] // size, blocks[-1][1] * size]
        if blocks[-1][0] == 1:
            blocks.pop()
    return tuple(reversed(strides))


@operation("method", names=())
def view_(self: Tensor, *shape: Any) -> Tensor:
    if len(shape) == 1 and hasattr(shape[0], "code"):
        if shape[0].itemsize != self.dtype.itemsize and 1 not in (shape[0].itemsize, self.dtype.itemsize):
            gap("Tensor.view with another type")
        return _as_bytes(self, shape[0])
    new = _new_shape(self, shape, "view")
    if _strides_for(self, new) is None:
        refuse(
            RuntimeError,
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            "contiguous subspaces). Use .reshape(...) instead.",
        )
    return view(self, "View", lambda t: sharing(t, new, _strides_for(t, new)))


METHODS["view"] = METHODS.pop("view_")


def _as_bytes(tensor: Tensor, of: Any) -> Tensor:
    """Read numbers as bytes, or bytes as numbers; a copy, while torch shares the memory."""
    from array import array

    content = array(tensor.dtype.code, tensor._numbers()).tobytes()
    storage = array(of.code)
    storage.frombytes(content)
    last = tensor.shape[-1] * tensor.dtype.itemsize // of.itemsize if tensor.shape else len(storage)
    return computed(storage, (*tensor.shape[:-1], last), of)


@operation("torch", "method")
def reshape(input: Tensor, *shape: Any, **words: Any) -> Tensor:
    _check_tensor("reshape", input)
    shape = (words["shape"],) if "shape" in words else shape
    new = _new_shape(input, shape, "reshape")
    if _strides_for(input, new) is None:
        input = input.clone()
    return view(input, "Reshape", lambda t: sharing(t, new, _strides_for(t, new)))


@operation("method")
def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    return reshape(self, tuple(other.shape))


@operation("method")
def view_as(self: Tensor, other: Tensor) -> Tensor:
    return METHODS["view"](self, tuple(other.shape))


@operation("torch", "method")
def ravel(input: Tensor) -> Tensor:
    return reshape(input, -1) if input.numel() else reshape(input, 0)


@operation("torch", "method")
def flatten(input: Tensor, start_dim: Any = 0, end_dim: Any = -1) -> Tensor:
    _check_tensor("flatten", input)
    if not input.shape:
        return reshape(input, 1)
    first, last = axis(start_dim, len(input.shape)), axis(end_dim, len(input.shape))
    if first > last:
        refuse(RuntimeError, "flatten() has invalid args: start_dim cannot come after end_dim")
    shape = input.shape
    return reshape(input, (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))


@operation("torch", "method")
def unflatten(input: Tensor, dim: Any, sizes: Any) -> Tensor:
    place = axis(dim, len(input.shape))
    return reshape(input, (*input.shape[:place], *sizes, *input.shape[place + 1 :]))


@operation("torch", "method")
def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    _check_tensor("squeeze", input)
    dropped = [place for place in axes(dim, len(input.shape)) if input.shape and input.shape[place] == 1]
    kept = [place for place in range(len(input.shape)) if place not in dropped]
    return view(input, "Squeeze", lambda t: sharing(t, [t.shape[k] for k in kept], [t._strides[k] for k in kept]))


@operation("torch", "method")
def unsqueeze(input: Tensor, dim: Any) -> Tensor:
    _check_tensor("unsqueeze", input)
    place = axis(dim, len(input.shape) + 1)

    def look(t: Tensor) -> Tensor:
        step = t._strides[place] * t.shape[place] if place < len(t.shape) else 1
        return sharing(t, (*t.shape[:place], 1, *t.shape[place:]), (*t._strides[:place], step, *t._strides[place:]))

    return view(input, "Unsqueeze", look)


@operation("method")
def expand(self: Tensor, *size: Any, **words: Any) -> Tensor:
    wanted = list(sizes(_given("expand", size, words, "size"), "expand"))
    extra = len(wanted) - len(self.shape)
    if extra < 0:
        refuse(
            RuntimeError,
            f"expand(torch.{title(self.dtype)}Tensor{{{list(self.shape)}}}, size={wanted}): the number of sizes "
            f"provided "
            f"({len(wanted)}) must be greater or equal to the number of dimensions in the tensor ({len(self.shape)})",
        )
    for place, want in enumerate(wanted):
        have = self.shape[place - extra] if place >= extra else None
        if want == -1 and have is not None:
            wanted[place] = have
        elif want < 0 or (have not in (None, 1) and want != have):
            refuse(
                RuntimeError,
                f"The expanded size of the tensor ({want}) must match the existing size ({have}) at non-singleton "
                f"dimension {place}.  Target sizes: {wanted}.  Tensor sizes: {list(self.shape)}",
            )
    return view(self, "Expand", lambda t: sharing(t, wanted, expanded_strides(t.shape, t._strides, wanted)))


@operation("method")
def expand_as(self: Tensor, other: Tensor) -> Tensor:
    return expand(self, tuple(other.shape))


@operation("torch", "method")
def broadcast_to(input: Tensor, size: Any) -> Tensor:
    return expand(input, size)


@operation("torch")
def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    shape = broadcast(*(each.shape for each in tensors))
    return tuple(expand(each, tuple(shape)) for each in tensors)


@operation("torch", "method")
def narrow(input: Tensor, dim: Any, start: Any, length: Any) -> Tensor:
    place, first, count = axis(dim, len(input.shape)), int(start), operator.index(length)
    size = input.shape[place]
    if count < 0 or not -size <= first <= size or (first % size if first < 0 else first) + count > size:
        refuse(RuntimeError, f"start ({first}) + length ({count}) exceeds dimension size ({size}).")
    first = first + size if first < 0 else first

    def look(t: Tensor) -> Tensor:
        shape = (*t.shape[:place], count, *t.shape[place + 1 :])
        return sharing(t, shape, t._strides, t._offset + first * t._strides[place])

    return view(input, "Narrow", look)


@operation("torch", "method")
def select(input: Tensor, dim: Any, index: Any) -> Tensor:
    place, number = axis(dim, len(input.shape)), operator.index(index)
    size = input.shape[place]
    if not -size <= number < size:
        refuse(
            IndexError,
            f"select(): index {number} out of range for tensor of size {list(input.shape)} at dimension {place}",
        )
    number %= size

    def look(t: Tensor) -> Tensor:
        shape, strides = t.shape[:place] + t.shape[place + 1 :], t._strides[:place] + t._strides[place + 1 :]
        return sharing(t, shape, strides, t._offset + number * t._strides[place])

    return view(input, "Select", look)


@operation("torch", "method")
def split(tensor: Tensor, split_size_or_sections: Any, dim: Any = 0) -> tuple[Tensor, ...]:
    place = axis(dim, len(tensor.shape))
    size = tensor.shape[place]
    if isinstance(split_size_or_sections, tuple | list):
        lengths = list(split_size_or_sections)
        if sum(lengths) != size:
            refuse(
                RuntimeError,
                f"split_with_sizes expects split_sizes to sum exactly to {size} (input tensor's size at dimension "
                f"{place}), "
                f"but got split_sizes={lengths}",
            )
    else:
        each = operator.index(split_size_or_sections)
        if each <= 0:
            refuse(RuntimeError, f"split expects split_size be non-negative, but got split_size={each}")
        lengths = [builtins.min(each, size - start) for start in range(0, size, each)] or [0]
    starts = [sum(lengths[:k]) for k in range(len(lengths))]
    return tuple(narrow(tensor, place, start, length) for start, length in zip(starts, lengths, strict=True))


@operation("torch", "method")
def chunk(input: Tensor, chunks: Any, dim: Any = 0) -> tuple[Tensor, ...]:
    count = operator.index(chunks)
    if count < 1:
        refuse(RuntimeError, f"chunk expects `chunks` to be greater than 0, got: {count}")
    size = input.shape[axis(dim, len(input.shape))]
    return split(input, builtins.max(math.ceil(size / count), 1), dim)


@operation("torch", "method")
def tensor_split(input: Tensor, indices_or_sections: Any, dim: Any = 0) -> tuple[Tensor, ...]:
    place = axis(dim, len(input.shape))
    size = input.shape[place]
    if isinstance(indices_or_sections, tuple | list):
        bounds = [0, *(builtins.min(bound, size) for bound in indices_or_sections), size]
    else:
        count = operator.index(indices_or_sections)
        if count < 1:
            refuse(RuntimeError, f"number of sections must be larger than 0, got {count}")
        bounds = [number * (size // count) + builtins.min(number, size % count) for number in range(count + 1)]
    return tuple(narrow(input, place, one, other - one) for one, other in itertools.pairwise(bounds))


@operation("torch", "method")
def diff(input: Tensor, n: int = 1, dim: Any = -1) -> Tensor:
    place = axis(dim, len(input.shape))
    for _ in range(n):
        size = input.shape[place]
        input = narrow(input, place, 1, size - 1) - narrow(input, place, 0, size - 1)
    return input


@operation("torch", "method")
def unbind(input: Tensor, dim: Any = 0) -> tuple[Tensor, ...]:
    place = axis(dim, len(input.shape))
    return tuple(select(input, place, number) for number in range(input.shape[place]))


@operation("method")
def unfold(self: Tensor, dimension: Any, size: Any, step: Any) -> Tensor:
    place, length, by = axis(dimension, len(self.shape)), operator.index(size), operator.index(step)
    if length > self.shape[place]:
        refuse(
            RuntimeError,
            f"maximum size for tensor at dimension {place} is {self.shape[place]} but size is {length}",
        )
    if by <= 0:
        refuse(RuntimeError, f"step is {by} but must be > 0")
    count = (self.shape[place] - length) // by + 1

    def look(t: Tensor) -> Tensor:
        shape = (*t.shape[:place], count, *t.shape[place + 1 :], length)
        strides = (*t._strides[:place], t._strides[place] * by, *t._strides[place + 1 :], t._strides[place])
        return sharing(t, shape, strides)

    return view(self, "Unfold", look)


@operation("torch", "method")
def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: Any = None) -> Tensor:
    shape, strides = tuple(size), tuple(stride)
    first = input._offset if storage_offset is None else storage_offset
    last = first + sum((n - 1) * s for n, s in zip(shape, strides, strict=True)) if math.prod(shape) else first
    if last >= len(input._storage):
        refuse(RuntimeError, "setStorage: sizes, strides and storage offset are out of bounds for the storage")
    if input.requires_grad:
        gap("the gradient of as_strided")
    return sharing(input, shape, strides, first)


@operation("torch", "method")
def diagonal(input: Tensor, offset: int = 0, dim1: Any = 0, dim2: Any = 1) -> Tensor:
    one, two = axis(dim1, len(input.shape)), axis(dim2, len(input.shape))
    rows, columns = input.shape[one], input.shape[two]
    length = builtins.max(builtins.min(rows + builtins.min(offset, 0), columns - builtins.max(offset, 0)), 0)
    kept = [place for place in range(len(input.shape)) if place not in (one, two)]

    def look(t: Tensor) -> Tensor:
        start = t._offset + (offset * t._strides[two] if offset > 0 else -offset * t._strides[one])
        shape = [*(t.shape[k] for k in kept), length]
        return sharing(t, shape, [*(t._strides[k] for k in kept), t._strides[one] + t._strides[two]], start)

    return view(input, "Diagonal", look)


@operation("torch", "method")
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    if len(input.shape) == 2:
        return globals()["diagonal"](input, diagonal).clone()
    if len(input.shape) != 1 or diagonal:
        gap("torch.diag of this shape")
    size = input.shape[0]
    numbers = [0] * (size * size)
    for place, number in enumerate(input._numbers()):
        numbers[place * (size + 1)] = number
    result = computed(numbers, (size, size), input.dtype)
    return autograd.record(result, "Diag", [input], lambda gradient: [globals()["diagonal"](gradient).clone()])


# tensors that are put together
def _tensors(name: str, tensors: Any) -> list[Tensor]:
    if not isinstance(tensors, tuple | list):
        refuse(
            TypeError,
            f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {type(tensors).__name__}",
        )
    for place, each in enumerate(tensors):
        if not isinstance(each, Tensor):
            refuse(
                TypeError,
                f"expected Tensor as element {place} in argument 0, but got {type(each).__name__}",
            )
    if not tensors:
        refuse(RuntimeError, f"{'torch.cat' if name == 'cat' else name}(): expected a non-empty list of Tensors")
    return list(tensors)


@operation("torch", names=("concat", "concatenate"))
def cat(tensors: Any, dim: Any = 0) -> Tensor:
    tensors = _tensors("cat", tensors)
    if any(not each.shape for each in tensors):
        refuse(RuntimeError, "zero-dimensional tensor (at position 0) cannot be concatenated")
    joined = [each for each in tensors if tuple(each.shape) != (0,)] or tensors[:1]
    first = joined[0]
    place = axis(dim, len(first.shape))
    for number, each in enumerate(joined):
        if len(each.shape) != len(first.shape):
            refuse(
                RuntimeError,
                f"Tensors must have same number of dimensions: got {len(first.shape)} and {len(each.shape)}",
            )
        for side, (have, want) in enumerate(zip(each.shape, first.shape, strict=True)):
            if side != place and have != want:
                refuse(
                    RuntimeError,
                    f"Sizes of tensors must match except in dimension {place}. Expected size {want} but got size "
                    f"{have} for "
                    f"tensor number {number} in the list.",
                )
    of = tensors[0].dtype
    for each in tensors[1:]:
        of = promote(of, each.dtype)
    shape = list(first.shape)
    shape[place] = sum(each.shape[place] for each in joined)
    outer, inner = math.prod(shape[:place]), math.prod(shape[place + 1 :])
    parts = [(each._numbers(), each.shape[place] * inner) for each in joined]
    numbers: list = []
    for row in range(outer):
        for content, width in parts:
            numbers += content[row * width : (row + 1) * width]
    starts = [sum(each.shape[place] for each in joined[:k]) for k in range(len(joined))]

    def backward(gradient: Tensor) -> list[Tensor]:
        pieces = zip(joined, starts, strict=True)
        return [narrow(gradient, place, start, each.shape[place]).to(each.dtype) for each, start in pieces]

    return autograd.record(computed(numbers, shape, of), "Cat", joined, backward)


@operation("torch")
def stack(tensors: Any, dim: Any = 0) -> Tensor:
    tensors = _tensors("stack", tensors)
    for number, each in enumerate(tensors):
        if tuple(each.shape) != tuple(tensors[0].shape):
            refuse(
                RuntimeError,
                f"stack expects each tensor to be equal size, but got {list(tensors[0].shape)} at entry 0 and "
                f"{list(each.shape)} at entry {number}",
            )
    place = axis(dim, len(tensors[0].shape) + 1)
    return cat([unsqueeze(each, place) for each in tensors], place)


@operation("torch")
def vstack(tensors: Any) -> Tensor:
    return cat([each if len(each.shape) > 1 else reshape(each, 1, -1) for each in _tensors("vstack", tensors)], 0)


@operation("torch")
def hstack(tensors: Any) -> Tensor:
    tensors = _tensors("hstack", tensors)
    return cat(tensors, 0 if len(tensors[0].shape) == 1 else 1)


@operation("torch", "method")
def flip(input: Tensor, *axes_: Any, **words: Any) -> Tensor:
    dims = _given("flip", axes_, words, "dims")
    if len(dims) == 1 and isinstance(dims[0], tuple | list):
        (dims,) = dims
    turned = axes(tuple(dims), len(input.shape)) if dims else ()
    strides = [-s if place in turned else s for place, s in enumerate(input._strides)]
    start = input._offset + sum(
        (input.shape[place] - 1) * input._strides[place] for place in turned if input.shape[place]
    )
    found = [input._storage[place] for place in places(input.shape, strides, start)] if input.numel() else []
    result = computed(found, input.shape, input.dtype)
    return autograd.record(result, "Flip", [input], lambda gradient: [flip(gradient, *turned)])


@operation("torch", "method")
def fliplr(input: Tensor) -> Tensor:
    return flip(input, 1)


@operation("torch", "method")
def flipud(input: Tensor) -> Tensor:
    return flip(input, 0)


@operation("torch", "method")
def rot90(input: Tensor, k: int = 1, dims: Any = (0, 1)) -> Tensor:
    one, two = (axis(dim, len(input.shape)) for dim in dims)
    k %= 4
    if k == 0:
        return input.clone()
    if k == 2:
        return flip(input, one, two)
    return transpose(flip(input, two), one, two) if k == 1 else flip(transpose(input, one, two), two)


@operation("torch", "method")
def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    if dims is None:
        return reshape(roll(ravel(input), shifts, 0), tuple(input.shape))
    if not isinstance(dims, tuple | list):
        shifts, dims = (shifts,), (dims,)
    for shift, dim in zip(shifts, dims, strict=True):
        size = input.shape[axis(dim, len(input.shape))]
        start = -shift % size if size else 0
        input = (
            cat([narrow(input, dim, start, size - start), narrow(input, dim, 0, start)], dim)
            if start
            else input.clone()
        )
    return input


@operation("torch", "method")
def tile(input: Tensor, *times_: Any, **words: Any) -> Tensor:
    dims = _given("tile", times_, words, "dims")
    if len(dims) == 1 and isinstance(dims[0], tuple | list):
        (dims,) = dims
    times = (1,) * (len(input.shape) - len(dims)) + tuple(dims)
    return repeat(input, *times)


@operation("method")
def repeat(self: Tensor, *repeats: Any, **words: Any) -> Tensor:
    times = sizes(_given("repeat", repeats, words, "repeats"), "repeat")
    if len(times) < len(self.shape):
        refuse(
            RuntimeError,
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor",
        )
    shape = (1,) * (len(times) - len(self.shape)) + tuple(self.shape)
    result = reshape(self, shape)
    for place, count in enumerate(times):
        if count == 0:
            result = narrow(result, place, 0, 0)
        elif count > 1:
            result = cat([result] * count, place)
    return result.clone() if result is self else result


@operation("torch", "method")
def repeat_interleave(self: Tensor, repeats: Any, dim: Any = None) -> Tensor:
    if dim is None:
        self, dim = ravel(self), 0
    place = axis(dim, len(self.shape))
    counts = repeats.tolist() if isinstance(repeats, Tensor) else repeats
    counts = [counts] * self.shape[place] if isinstance(counts, int) else counts
    chosen = [number for number, count in enumerate(counts) for _ in range(count)]
    index = (slice(None),) * place + (chosen,)
    return self[index]


@operation("torch")
def meshgrid(*tensors: Any, indexing: Any = None) -> tuple[Tensor, ...]:
    if len(tensors) == 1 and isinstance(tensors[0], tuple | list):
        tensors = tuple(tensors[0])
    if indexing not in ("ij", "xy"):
        gap("torch.meshgrid without indexing")
    if indexing == "xy" and len(tensors) > 1:
        first, second, *rest = meshgrid(tensors[1], tensors[0], *tensors[2:], indexing="ij")
        return (second, first, *rest)
    shape = [each.numel() for each in tensors]
    grids = []
    for place, each in enumerate(tensors):
        column = reshape(each, [-1 if side == place else 1 for side in range(len(tensors))])
        grids.append(expand(column, *shape))
    return tuple(grids)


@operation("torch")
def cartesian_prod(*tensors: Tensor) -> Tensor:
    grids = meshgrid(*tensors, indexing="ij")
    return stack([ravel(grid) for grid in grids], -1) if len(grids) > 1 else tensors[0].clone()


@operation("torch", "method")
def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    return _triangle(input, lambda row, column: column - row <= diagonal)


@operation("torch", "method")
def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    return _triangle(input, lambda row, column: column - row >= diagonal)


def _triangle(input: Tensor, keeps: Any) -> Tensor:
    rows, columns = input.shape[-2:]
    mask = [keeps(row, column) for row in range(rows) for column in range(columns)]
    inside = computed(mask, (rows, columns), _boolean())
    return METHODS["masked_fill"](input, METHODS["logical_not"](inside), 0)


def _boolean() -> Any:
    from .dtypes import bool_

    return bool_
