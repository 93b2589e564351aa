"""Operations that make one number of many: sums, means, extremes, norms, orders."""

from __future__ import annotations

import builtins
import itertools
import math
from bisect import bisect_left, bisect_right
from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any

from . import autograd, dtypes
from .dtypes import FLOATING, title
from .elementwise import as_operand, binary
from .gaps import gap, refuse
from .registry import METHODS, operation
from .shapes import Size, axes, axis, dense_strides, expanded_strides, places, without
from .tensors import Tensor, computed, like
from .watching import dispatch

Extreme = namedtuple("Extreme", ("values", "indices"))
CENTRE = namedtuple("var_mean", ("var", "mean"))


def rows_of(tensor: Tensor, reduced: Sequence[int]) -> list[list]:
    """Return the numbers that are reduced to one, for each number of the result."""
    kept = [place for place in range(len(tensor.shape)) if place not in reduced]
    starts = places([tensor.shape[k] for k in kept], [tensor._strides[k] for k in kept], tensor._offset)
    steps = places([tensor.shape[r] for r in reduced], [tensor._strides[r] for r in reduced])
    storage = tensor._storage
    return [[storage[start + step] for step in steps] for start in starts]


def _spread(gradient: Tensor, shape: Sequence[int], reduced: Sequence[int]) -> Sequence[Any]:
    """Return the gradient of a reduced tensor in the places of the whole one."""
    kept = Size(1 if place in reduced else size for place, size in enumerate(shape))
    strides = expanded_strides(kept, dense_strides(kept), shape)
    numbers = gradient._numbers()
    return [numbers[place] for place in places(shape, strides)]


def _check_tensor(name: str, input: Any) -> None:
    if not isinstance(input, Tensor):
        refuse(
            TypeError, f"{name}(): argument 'input' (position 1) must be Tensor, not {builtins.type(input).__name__}"
        )


@operation("torch", "method")
def sum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    _check_tensor("sum", input)
    if dtype is not None:
        input = input.to(dtype)
    reduced = axes(dim, len(input.shape))
    of = dtypes.int64 if input.dtype.kind != FLOATING else input.dtype
    add = math.fsum if of.kind == FLOATING and all(map(math.isfinite, input._numbers())) else builtins.sum
    result = computed([add(row) for row in rows_of(input, reduced)], without(input.shape, reduced, keepdim), of)
    return autograd.record(
        result,
        "Sum",
        [input],
        lambda gradient: [like(input, input.dtype.store(_spread(gradient, input.shape, reduced)))],
    )


@operation("torch", "method")
def mean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    _check_tensor("mean", input)
    if dtype is not None:
        input = input.to(dtype)
    if input.dtype.kind != FLOATING:
        refuse(
            RuntimeError,
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: "
            f"{title(input.dtype)}",
        )
    reduced = axes(dim, len(input.shape))
    count = math.prod(input.shape[place] for place in reduced)

    def compute() -> Tensor:
        return binary("div", sum(input, reduced if input.shape else None, keepdim), count)

    return dispatch("aten::mean", (input, list(reduced)), compute)


@operation("torch", "method")
def nansum(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    return sum(METHODS["masked_fill"](input, METHODS["isnan"](input), 0), dim, keepdim)


@operation("torch", "method")
def prod(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    if input.requires_grad:
        gap("the gradient of prod")
    reduced = axes(dim, len(input.shape))
    of = dtype or (dtypes.int64 if input.dtype.kind != FLOATING else input.dtype)
    return computed(map(math.prod, rows_of(input, reduced)), without(input.shape, reduced, keepdim), of)


def _correction(unbiased: Any, correction: Any) -> float:
    if isinstance(unbiased, bool):
        return 1 if unbiased else 0
    return 1 if correction is None else correction


@operation("torch", "method")
def var(
    input: Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Tensor:
    _check_tensor("var", input)
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if input.dtype.kind != FLOATING:
        refuse(RuntimeError, "var(): Expected a floating point or complex tensor")
    reduced = axes(dim, len(input.shape))
    count = math.prod(input.shape[place] for place in reduced)
    centred = binary("sub", input, mean(input, reduced or None, True))
    left = count - _correction(unbiased, correction)
    squares = sum(binary("mul", centred, centred), reduced or None, keepdim)
    return binary("div", squares, left) if left > 0 else binary("mul", squares, math.inf if count > 1 else math.nan)


@operation("torch", "method")
def std(
    input: Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Tensor:
    if isinstance(input, Tensor) and input.dtype.kind != FLOATING:
        refuse(RuntimeError, "std(): Expected a floating point or complex tensor")
    return METHODS["sqrt"](var(input, dim, unbiased, keepdim, correction=correction))


@operation("torch")
def var_mean(
    input: Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Any:
    return CENTRE(var(input, dim, unbiased, keepdim, correction=correction), mean(input, dim, keepdim))


@operation("torch")
def std_mean(
    input: Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Any:
    return CENTRE(std(input, dim, unbiased, keepdim, correction=correction), mean(input, dim, keepdim))


def _best(numbers: Sequence[Any], sign: int) -> int:
    """Return where the largest number is (the smallest for sign -1); NaN comes before all, the first of equals wins."""
    best = 0
    for place, number in enumerate(numbers):
        if number != number:
            return place
        if (number - numbers[best]) * sign > 0 or (sign * number == math.inf and sign * numbers[best] < math.inf):
            best = place
    return best


def _extreme(name: str, sign: int, input: Tensor, dim: Any, keepdim: bool, shared: bool) -> tuple[Tensor, Tensor]:
    """Return extremes and their places; a gradient goes to one place, or in equal shares to all that are extreme."""
    _check_tensor(name, input)
    reduced = (
        axes(dim, len(input.shape)) if dim is None or isinstance(dim, tuple | list) else (axis(dim, len(input.shape)),)
    )
    if any(input.shape[place] == 0 for place in reduced if input.shape):
        if dim is None:
            message = f"{name}(): Expected reduction dim to be specified for input.numel() == 0."
            if name.startswith("arg"):
                refuse(IndexError, message)
            refuse(RuntimeError, f"{message} Specify the reduction dim with the 'dim' argument.")
        refuse(IndexError, f"{name}(): Expected reduction dim {reduced[0]} to have non-zero size.")
    reduced = reduced if input.shape else ()
    rows = rows_of(input, reduced)
    chosen = [_best(row, sign) for row in rows]
    shape = without(input.shape, reduced, keepdim)
    values = computed([row[place] for row, place in zip(rows, chosen, strict=True)], shape, input.dtype)

    def backward(gradient: Tensor) -> list[Tensor]:
        positions = _positions(input.shape, reduced)
        numbers = [0.0] * input.numel()
        for each, (row, place, where) in zip(
            gradient._numbers(), zip(rows, chosen, positions, strict=True), strict=True
        ):
            winners = [k for k, number in enumerate(row) if number == row[place]] if shared else [place]
            for winner in winners:
                numbers[where[winner]] += each / len(winners)
        return [computed(numbers, input.shape, input.dtype)]

    autograd.record(values, name.capitalize(), [input], backward)
    return values, computed(chosen, shape, dtypes.int64)


def _positions(shape: Sequence[int], reduced: Sequence[int]) -> list[list[int]]:
    strides = dense_strides(shape)
    kept = [place for place in range(len(shape)) if place not in reduced]
    starts = places([shape[k] for k in kept], [strides[k] for k in kept])
    steps = places([shape[r] for r in reduced], [strides[r] for r in reduced])
    return [[start + step for step in steps] for start in starts]


def _install_extreme(name: str, sign: int) -> None:
    elementwise = "maximum" if sign > 0 else "minimum"

    def function(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
        if isinstance(dim, Tensor) or other is not None:
            return METHODS[elementwise](input, other if other is not None else dim)
        if dim is None:
            return _extreme(name, sign, input, None, False, shared=True)[0]
        return Extreme(*_extreme(name, sign, input, dim, keepdim, shared=False))

    def everywhere(input: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
        wanted = None if dim == () else dim

        def compute() -> Tensor:
            return _extreme(f"a{name}", sign, input, wanted, keepdim, shared=True)[0]

        return dispatch(f"aten::a{name}", (input, dim, keepdim), compute)

    def place(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
        return _extreme(f"arg{name}", sign, input, dim, keepdim, shared=False)[1]

    function.__name__, everywhere.__name__, place.__name__ = name, f"a{name}", f"arg{name}"
    for each in (function, everywhere, place):
        operation("torch", "method")(each)


_install_extreme("max", 1)
_install_extreme("min", -1)


def _install_truth(name: str, function: Callable) -> None:
    def reduce(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
        reduced = axes(dim, len(input.shape))
        of = dtypes.uint8 if input.dtype is dtypes.uint8 else dtypes.bool_
        return computed(map(function, rows_of(input, reduced)), without(input.shape, reduced, keepdim), of)

    reduce.__name__ = name
    operation("torch", "method")(reduce)


_install_truth("any", builtins.any)
_install_truth("all", builtins.all)


@operation("torch", "method")
def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    reduced = axes(dim, len(input.shape))
    counts = [builtins.sum(1 for number in row if number) for row in rows_of(input, reduced)]
    return computed(counts, without(input.shape, reduced, False), dtypes.int64)


@operation("torch", "method")
def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    reduced = axes(dim, len(input.shape))
    highest = METHODS["amax"](input.detach(), reduced, True)
    highest = METHODS["masked_fill"](highest, METHODS["isinf"](highest), 0)
    total = METHODS["log"](sum(METHODS["exp"](binary("sub", input, highest)), reduced, keepdim))
    return binary("add", total, highest if keepdim else highest.reshape(tuple(total.shape)))


@operation("torch", "method")
def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False) -> Tensor:
    if p not in ("fro", 2, 1):
        gap(f"a norm of order {p}")
    magnitude = METHODS["abs"](input)
    if p == 1:
        return sum(magnitude, dim, keepdim)
    return METHODS["sqrt"](sum(binary("mul", magnitude, magnitude), dim, keepdim))


def _running(name: str, function: Callable) -> None:
    def accumulate(input: Tensor, dim: Any) -> Tensor:
        if input.requires_grad:
            gap(f"the gradient of {name}")
        place = axis(dim, len(input.shape))
        of = dtypes.int64 if input.dtype.kind != FLOATING else input.dtype
        numbers = [0] * input.numel()
        for row, where in zip(rows_of(input, (place,)), _positions(input.shape, (place,)), strict=True):
            for target, number in zip(where, itertools.accumulate(row, function), strict=True):
                numbers[target] = number
        return computed(numbers, input.shape, of)

    accumulate.__name__ = name
    operation("torch", "method")(accumulate)


_running("cumsum", lambda a, b: a + b)
_running("cumprod", lambda a, b: a * b)


@operation("torch", "method")
def sort(input: Tensor, dim: Any = -1, descending: bool = False, stable: bool = False) -> Any:
    place = axis(dim, len(input.shape))
    order = argsort(input, place, descending)
    return Extreme(METHODS["gather"](input, place, order), order)


@operation("torch", "method")
def argsort(input: Tensor, dim: Any = -1, descending: bool = False, stable: bool = False) -> Tensor:
    place = axis(dim, len(input.shape))
    numbers = [0] * input.numel()
    for row, where in zip(rows_of(input, (place,)), _positions(input.shape, (place,)), strict=True):
        if builtins.any(number != number for number in row):
            gap("sorting NaN")
        order = builtins.sorted(range(len(row)), key=lambda k, row=row: -row[k] if descending else row[k])
        for target, number in zip(where, order, strict=True):
            numbers[target] = number
    return computed(numbers, input.shape, dtypes.int64)


@operation("torch", "method")
def topk(input: Tensor, k: Any, dim: Any = -1, largest: bool = True, sorted: bool = True) -> Any:
    place = axis(dim, len(input.shape))
    if k > input.shape[place]:
        refuse(RuntimeError, "selected index k out of range")
    order = METHODS["narrow"](argsort(input, place, largest), place, 0, k)
    return Extreme(METHODS["gather"](input, place, order), order)


@operation("torch", "method")
def unique(
    input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: Any = None
) -> Any:
    if return_inverse or dim is not None:
        gap("torch.unique with return_inverse or dim")
    numbers = list(input._numbers())
    distinct = builtins.sorted(set(numbers))
    values = computed(distinct, (len(distinct),), input.dtype)
    if not return_counts:
        return values
    return values, computed([numbers.count(each) for each in distinct], (len(distinct),), dtypes.int64)


@operation("torch", "method")
def bincount(input: Tensor, weights: Any = None, minlength: int = 0) -> Tensor:
    if len(input.shape) != 1 or input.dtype.kind != "integral" or builtins.any(n < 0 for n in input._numbers()):
        refuse(RuntimeError, "bincount only supports 1-d non-negative integral inputs.")
    size = builtins.max([minlength, *(number + 1 for number in input._numbers())])
    numbers: list = [0] * size
    shares = [1] * input.numel() if weights is None else weights._numbers()
    for number, share in zip(input._numbers(), shares, strict=True):
        numbers[number] += share
    return computed(numbers, (size,), dtypes.int64 if weights is None else dtypes.float64)


@operation("torch")
def isin(elements: Any, test_elements: Any) -> Tensor:
    one, two = as_operand(elements), as_operand(test_elements)
    wanted = set(two._numbers())
    return computed([number in wanted for number in one._numbers()], one.shape, dtypes.bool_)


@operation("torch")
def bucketize(input: Any, boundaries: Tensor, *, right: bool = False, out_int32: bool = False) -> Tensor:
    if not isinstance(boundaries, Tensor) or isinstance(input, list | tuple):
        refuse(TypeError, "bucketize() received an invalid combination of arguments")
    if boundaries.ndim != 1:
        refuse(RuntimeError, f"boundaries tensor must be 1 dimension, but got dim({boundaries.ndim})")
    return searchsorted(boundaries, input, right=right, out_int32=out_int32)


@operation("torch")
def searchsorted(
    sorted_sequence: Tensor, input: Any, *, right: bool = False, side: Any = None, out_int32: bool = False
) -> Tensor:
    if side not in (None, "left", "right"):
        refuse(RuntimeError, f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if sorted_sequence.ndim != 1 or out_int32:
        gap("torch.searchsorted of several sequences or in 32 bits")
    edges, given = list(sorted_sequence._numbers()), as_operand(input)
    find = bisect_right if right or side == "right" else bisect_left
    numbers = [len(edges) if number != number else find(edges, number) for number in given._numbers()]
    return computed(numbers, given.shape, dtypes.int64)


@operation("torch", "method")
def median(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    if dim is not None or input.requires_grad:
        gap("torch.median along an axis")
    numbers = builtins.sorted(input._numbers())
    return computed([numbers[(len(numbers) - 1) // 2]], (), input.dtype)


@operation("torch", "method")
def equal(input: Tensor, other: Tensor) -> bool:
    if not isinstance(other, Tensor):
        refuse(TypeError, f"equal(): argument 'other' (position 2) must be Tensor, not {builtins.type(other).__name__}")
    return tuple(input.shape) == tuple(other.shape) and list(input._numbers()) == list(other._numbers())


@operation("torch", "method")
def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    if input.dtype is not other.dtype:
        refuse(RuntimeError, f"{title(input.dtype)} did not match {title(other.dtype)}")
    shape = METHODS["add"](input.detach(), other.detach()).shape
    near = [
        a == b
        or (equal_nan and a != a and b != b)
        or (math.isfinite(a) and math.isfinite(b) and abs(a - b) <= atol + rtol * abs(b))
        for a, b in zip(input._expanded(shape), other._expanded(shape), strict=True)
    ]
    return computed(near, shape, dtypes.bool_)


@operation("torch", "method")
def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    return builtins.all(isclose(input, other, rtol, atol, equal_nan)._numbers())


@operation("torch", "method")
def softmax(input: Tensor, dim: Any = None, dtype: Any = None) -> Tensor:
    return _softmax("softmax", input, dim, dtype, logarithm=False)


@operation("torch", "method")
def log_softmax(input: Tensor, dim: Any = None, dtype: Any = None) -> Tensor:
    return _softmax("log_softmax", input, dim, dtype, logarithm=True)


def _softmax(name: str, input: Tensor, dim: Any, dtype: Any, logarithm: bool) -> Tensor:
    _check_tensor(name, input)
    if dtype is not None:
        input = input.to(dtype)
    if dim is None:
        refuse(TypeError, f"{name}() received an invalid combination of arguments")
    if input.dtype.kind != FLOATING:
        refuse(NotImplementedError, f"\"{name}_lastdim_kernel_impl\" not implemented for '{title(input.dtype)}'")
    place = axis(dim, len(input.shape))
    return dispatch(f"aten::_{name}", (input, place, False), lambda: _softmaxed(input, place, logarithm))


def _softmaxed(input: Tensor, place: int, logarithm: bool) -> Tensor:
    reduced = (place,) if input.shape else ()
    numbers = [0.0] * input.numel()
    positions = _positions(input.shape, reduced)
    for row, where in zip(rows_of(input, reduced), positions, strict=True):
        highest = row[_best(row, 1)] if row else 0.0
        shifted = [number - highest if number != highest else 0.0 for number in row]
        if highest != highest or highest in (math.inf, -math.inf):
            shifted = [math.nan] * len(row)
        parts = [math.exp(number) if number == number else math.nan for number in shifted]
        total = builtins.sum(parts)
        for target, number, part in zip(where, shifted, parts, strict=True):
            numbers[target] = number - math.log(total) if logarithm and total == total else part / total
    result = computed(numbers, input.shape, input.dtype)
    after = result._numbers()

    def backward(gradient: Tensor) -> list[Tensor]:
        given, parts = gradient._numbers(), [0.0] * input.numel()
        for where in positions:
            if logarithm:
                total = builtins.sum(given[k] for k in where)
                for k in where:
                    parts[k] = given[k] - math.exp(after[k]) * total
            else:
                total = builtins.sum(given[k] * after[k] for k in where)
                for k in where:
                    parts[k] = after[k] * (given[k] - total)
        return [computed(parts, input.shape, input.dtype)]

    return autograd.record(result, "LogSoftmax" if logarithm else "Softmax", [input], backward, [result])
