"""Make tensors: from Python's numbers, of one value, of steps, at random; and convert them."""

from __future__ import annotations

import builtins
import math
import operator
from array import array
from collections.abc import Sequence
from typing import Any

from . import autograd, dtypes
from .dtypes import FLOATING, dtype
from .gaps import gap, refuse
from .registry import operation
from .shapes import Size, sizes
from .tensors import Device, Tensor, computed, like, make

LARGEST = 20_000_000  # elements; a page has little memory


def plain(tensor: Tensor, requires_grad: Any, device: Any = None, layout: Any = None) -> Tensor:
    """Finish a new tensor as the words of the factory functions ask for."""
    if device is not None:
        Device(device)
    if layout is not None:
        gap("layout")
    return tensor.requires_grad_(True) if requires_grad else tensor


def _of(given: Any) -> dtype:
    if given is None or isinstance(given, dtype):
        return given or dtypes.default()
    if given in (float, int, bool):
        return {float: dtypes.float64, int: dtypes.int64, bool: dtypes.bool_}[given]
    refuse(TypeError, f"dtype must be torch.dtype, not {builtins.type(given).__name__}")


def check_size(shape: Sequence[int]) -> None:
    """Refuse negative sizes; say that tensors which are too large for a page cannot be made here."""
    for size in shape:
        if size < 0:
            refuse(RuntimeError, "zeros: Dimension size must be non-negative.")
    if math.prod(shape) > LARGEST:
        gap(f"a tensor of {math.prod(shape)} elements")


def filled(shape: Sequence[int], value: Any, of: dtype) -> Tensor:
    """Return a tensor of one value."""
    check_size(shape)
    return make(of.store([value]) * math.prod(shape), shape, of)


@operation("torch")
def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    return plain(_from_data(data, dtype, copy=True), requires_grad, device)


@operation("torch", names=("asarray",))
def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    return plain(_from_data(data, dtype, copy=False), False, device)


def _from_data(data: Any, of: Any, copy: bool) -> Tensor:
    own = data if isinstance(data, Tensor) else getattr(data, "_tensor", None)
    if own is not None:
        of = own.dtype if of is None else _of(of)
        if not copy:
            return own if of is own.dtype else own.to(of)
        return computed(own._numbers(), own.shape, of)
    shape: list[int] = []
    numbers = _flat(data, shape, 0)
    if of is None:
        kinds = {dtypes.of_number(number) for number in numbers}
        of = dtypes.default()
        for kind in (dtypes.default(), dtypes.int64, dtypes.bool_):
            if kind in kinds:
                of = kind
                break
    return computed(numbers, shape, _of(of))


def _flat(data: Any, shape: list[int], depth: int) -> list:
    if isinstance(data, bool | int | float):
        return [data]
    if isinstance(data, Tensor) and not data.shape:
        return [data.item()]
    if hasattr(data, "_tensor") and not data._tensor.shape:
        return [data._tensor.item()]
    if isinstance(data, str | bytes):
        refuse(TypeError, f"new(): invalid data type '{builtins.type(data).__name__}'")
    if isinstance(data, Tensor) or hasattr(data, "_tensor"):
        data = data.tolist()
    if not isinstance(data, list | tuple | range):
        if hasattr(data, "__len__") and hasattr(data, "__getitem__"):
            gap(f"a tensor of a {builtins.type(data).__name__}")
        refuse(RuntimeError, f"Could not infer dtype of {builtins.type(data).__name__}")
    if depth == len(shape):
        shape.append(len(data))
    elif shape[depth] != len(data):
        refuse(ValueError, f"expected sequence of length {shape[depth]} at dim {depth} (got {len(data)})")
    found: list = []
    for item in data:
        nested = not isinstance(item, bool | int | float) and not (isinstance(item, Tensor) and not item.shape)
        if not nested and depth + 1 < len(shape):
            refuse(TypeError, f"expected sequence at dim {depth + 1} (got {builtins.type(item).__name__})")
        if nested and found and depth + 1 == len(shape):
            refuse(TypeError, f"not a sequence: {builtins.type(item).__name__}")
        found += _flat(item, shape, depth + 1)
    return found


def _install_constant(name: str, value: int) -> None:
    def function(
        *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, layout: Any = None, **words: Any
    ) -> Tensor:
        size = (words.pop("size"),) if "size" in words else size
        if words:
            gap(f"torch.{name} with {next(iter(words))}")
        return plain(filled(sizes(size, name), value, _of(dtype)), requires_grad, device, layout)

    def as_another(
        input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, **words: Any
    ) -> Tensor:
        if not isinstance(input, Tensor):
            refuse(
                TypeError,
                f"{name}_like(): argument 'input' (position 1) must be Tensor, not {builtins.type(input).__name__}",
            )
        return plain(filled(input.shape, value, dtype or input.dtype), requires_grad, device)

    def new(self: Tensor, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
        return plain(filled(sizes(size, f"new_{name}"), value, dtype or self.dtype), requires_grad, device)

    function.__name__, as_another.__name__, new.__name__ = name, f"{name}_like", f"new_{name}"
    operation("torch")(function)
    operation("torch")(as_another)
    operation("method")(new)


for _name, _value in {"zeros": 0, "ones": 1, "empty": 0}.items():
    _install_constant(_name, _value)


@operation("torch")
def full(size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    if not isinstance(size, tuple | list):
        refuse(
            TypeError, f"full(): argument 'size' (position 1) must be tuple of ints, not {builtins.type(size).__name__}"
        )
    value = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    of = dtypes.of_number(value) if dtype is None else _of(dtype)
    return plain(filled(sizes((size,), "full"), value, of), requires_grad, device)


@operation("torch")
def full_like(input: Tensor, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    return plain(filled(input.shape, fill_value, dtype or input.dtype), False, device)


@operation("method")
def new_full(self: Tensor, size: Any, fill_value: Any, *, dtype: Any = None) -> Tensor:
    return filled(sizes((size,), "new_full"), fill_value, dtype or self.dtype)


@operation("method")
def new_tensor(self: Tensor, data: Any, *, dtype: Any = None) -> Tensor:
    return _from_data(data, dtype or self.dtype, copy=True)


def _number(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.item()
    if hasattr(value, "_tensor"):
        return value._tensor.item()
    if not isinstance(value, bool | int | float):
        refuse(TypeError, f"must be Number, not {builtins.type(value).__name__}")
    return value


@operation("torch")
def arange(
    *bounds: Any,
    start: Any = None,
    end: Any = None,
    step: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    given = [each for each in (start, end, step) if each is not None]
    numbers = [_number(each) for each in (*bounds, *given)] if not (bounds and given) else None
    if numbers is None:
        numbers = [_number(bounds[0]), _number(bounds[1] if len(bounds) > 1 else end)]
        numbers = [*numbers, _number(step)] if step is not None else numbers
        if len(bounds) == 1 and end is None:
            numbers = [0, _number(bounds[0]), _number(step)]
    if not 1 <= len(numbers) <= 3:
        refuse(TypeError, "arange() received an invalid combination of arguments")
    if len(numbers) == 1:
        numbers = [0, numbers[0]]
    first, last, by = (*numbers, 1)[:3]
    if by == 0:
        refuse(RuntimeError, "step must be nonzero")
    if (by > 0 and first > last) or (by < 0 and first < last):
        refuse(RuntimeError, "upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(each, int) for each in (first, last, by))
    of = (dtypes.int64 if whole else dtypes.default()) if dtype is None else _of(dtype)
    count = max_zero(math.ceil((last - first) / by)) if not whole else len(range(first, last, by))
    check_size((count,))
    return plain(computed([first + place * by for place in range(count)], (count,), of), requires_grad, device)


def max_zero(number: int) -> int:
    """Return a number, or 0 if it is negative."""
    return builtins.max(number, 0)


@operation("torch")
def linspace(start: Any, end: Any, steps: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    first, last, count = _number(start), _number(end), operator.index(steps)
    step = (last - first) / (count - 1) if count > 1 else 0.0
    half = count // 2
    numbers = [first + step * k if k < half or count == 1 else last - step * (count - 1 - k) for k in range(count)]
    return plain(computed(numbers, (count,), _of(dtype)), False, device)


@operation("torch")
def eye(n: Any, m: Any = None, *, dtype: Any = None, device: Any = None) -> Tensor:
    rows = operator.index(n)
    columns = rows if m is None else operator.index(m)
    check_size((rows, columns))
    numbers = [1 if row == column else 0 for row in range(rows) for column in range(columns)]
    return plain(computed(numbers, (rows, columns), _of(dtype)), False, device)


@operation("torch")
def from_numpy(ndarray: Any) -> Tensor:
    if not hasattr(ndarray, "_tensor"):
        refuse(TypeError, f"expected np.ndarray (got {builtins.type(ndarray).__name__})")
    return ndarray._tensor


@operation("torch")
def frombuffer(buffer: Any, *, dtype: Any, count: int = -1, offset: int = 0) -> Tensor:
    if dtype is not dtypes.uint8 or count != -1 or offset:
        gap("torch.frombuffer of another type than uint8")
    return make(array("B", buffer), (len(buffer),), dtypes.uint8)


# conversions
@operation("method")
def to(
    self: Tensor, *targets: Any, dtype: Any = None, device: Any = None, copy: bool = False, non_blocking: Any = False
) -> Tensor:
    for target in targets:
        if isinstance(target, dtypes.dtype):
            dtype = target
        elif isinstance(target, Tensor):
            dtype = target.dtype
        elif target in (float, int, bool):
            dtype = _of(target)
        elif isinstance(target, str | Device):
            Device(target)
        else:
            refuse(
                TypeError, f"to() received an invalid combination of arguments - got ({builtins.type(target).__name__})"
            )
    if device is not None:
        Device(device)
    if dtype is None or (dtype is self.dtype and not copy):
        return self.clone() if copy else self
    result = computed(self._numbers(), self.shape, _of(dtype))
    return autograd.record(result, "ToCopy", [self], lambda gradient: [to(gradient, self.dtype)])


@operation("method")
def type(self: Tensor, dtype: Any = None) -> Any:
    if dtype is None:
        return f"torch.{dtypes.title(self.dtype)}Tensor"
    if isinstance(dtype, str):
        gap("Tensor.type with a name")
    return to(self, dtype)


@operation("method")
def type_as(self: Tensor, other: Tensor) -> Tensor:
    return to(self, other.dtype)


def _install_conversion(name: str, of: dtype) -> None:
    def convert(self: Tensor) -> Tensor:
        return to(self, of)

    convert.__name__ = name
    operation("method")(convert)


for _name in ("float", "double", "half", "int", "long", "short", "bool"):
    _install_conversion(_name, dtypes.ALL[dtypes.ALIASES.get(_name, _name)])
_install_conversion("byte", dtypes.uint8)
_install_conversion("char", dtypes.int8)
_install_conversion("bfloat16", dtypes.bfloat16)


@operation("method")
def cpu(self: Tensor) -> Tensor:
    return self


@operation("torch", "method")
def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    result = like(input, input.dtype.store(input._numbers()))
    return autograd.record(result, "Clone", [input], lambda gradient: [gradient])


@operation("method")
def contiguous(self: Tensor, memory_format: Any = None) -> Tensor:
    return self if self._is_dense() else clone(self)


@operation("torch", "method")
def detach(input: Tensor) -> Tensor:
    return make(input._storage, input.shape, input.dtype, input._strides, input._offset, input)


@operation("method")
def detach_(self: Tensor) -> Tensor:
    self._node, self.requires_grad = None, False
    return self


@operation("torch")
def is_tensor(obj: Any) -> bool:
    return isinstance(obj, Tensor)


@operation("torch")
def numel(input: Tensor) -> int:
    return input.numel()


@operation("torch")
def is_floating_point(input: Tensor) -> bool:
    return input.dtype.kind == FLOATING


@operation("torch")
def result_type(tensor1: Any, tensor2: Any) -> dtype:
    from .elementwise import as_operand, common_type

    return common_type(as_operand(tensor1), as_operand(tensor2))


@operation("torch")
def promote_types(type1: dtype, type2: dtype) -> dtype:
    return dtypes.promote(type1, type2)


@operation("torch")
def broadcast_shapes(*shapes: Any) -> Size:
    from .shapes import broadcast

    return broadcast(*(shape if isinstance(shape, tuple | list) else (shape,) for shape in shapes))
