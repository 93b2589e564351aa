"""The part of NumPy that answers use: an array is a tensor with NumPy's rules."""

from __future__ import annotations

import builtins
import itertools
import math
import operator
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from . import dtypes, elementwise, products, reductions
from .dtypes import BOOLEAN, FLOATING
from .gaps import gap, guarded, refuse
from .indexing import Place
from .printing import array2string, array_text
from .randomness import Generator
from .registry import METHODS, TORCH
from .shapes import broadcast, expanded_strides, places
from .tensors import Tensor, computed, make

NUMPY: dict[str, Any] = {}
SCALARS: dict[str, type] = {}


class DType:
    """The type of an array's numbers.

    Parameters
    ----------
    of : dtypes.dtype
    """

    def __init__(self, of: dtypes.dtype) -> None:
        self.of, self.name, self.itemsize = of, of.name, of.itemsize
        self.kind = "b" if of.kind == BOOLEAN else "f" if of.kind == FLOATING else "u" if not of.is_signed else "i"
        self.type = SCALARS.get(of.name)

    def __eq__(self, other: object) -> bool:
        known = isinstance(other, DType | str) or other in (float, int, bool) or other in SCALARS.values()
        return known and _dtype(other, None) is self.of

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"dtype('{self.name}')"

    def __str__(self) -> str:
        return self.name


def _dtype(given: Any, otherwise: Any) -> Any:
    """Return the imitation's type for everything that NumPy takes as one."""
    if given is None:
        return otherwise
    if isinstance(given, DType):
        return given.of
    if given in (float, int, bool):
        return {float: dtypes.float64, int: dtypes.int64, bool: dtypes.bool_}[given]
    if isinstance(given, type) and given in SCALARS.values():
        return given.of
    if isinstance(given, str):
        name = {
            "f4": "float32",
            "f8": "float64",
            "i4": "int32",
            "i8": "int64",
            "u1": "uint8",
            "int": "int64",
            "float": "float64",
        }
        if name.get(given, given) in dtypes.ALL:
            return dtypes.ALL[name.get(given, given)]
    gap(f"the NumPy type {given!r}")


class _ArrayType(type):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        gap(f"np.{cls.__name__}(...)")


class ndarray(metaclass=_ArrayType):
    """Numbers on a grid. Made by `over`, never by calling the class."""

    _tensor: Tensor
    _real: Collection[str] = ()
    __hash__ = None  # type: ignore[assignment]
    __array_priority__ = 0.0

    shape = property(lambda self: tuple(self._tensor.shape), lambda self, new: _reshape_in_place(self, new))
    ndim = property(lambda self: self._tensor.ndim)
    size = property(lambda self: self._tensor.numel())
    dtype = property(lambda self: DType(self._tensor.dtype))
    nbytes = property(lambda self: self._tensor.nbytes)
    itemsize = property(lambda self: self._tensor.dtype.itemsize)
    T = property(lambda self: over(self._tensor.permute(*reversed(range(self.ndim)))))
    strides = property(lambda self: tuple(stride * self.itemsize for stride in self._tensor._strides))
    flat = property(lambda self: iter([_scalar(number, self._tensor.dtype) for number in self._tensor._numbers()]))

    def __len__(self) -> int:
        if not self.shape:
            refuse(TypeError, "len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self.shape:
            refuse(TypeError, "iteration over a 0-d array")
        return iter([self[number] for number in range(len(self))])

    def __bool__(self) -> bool:
        if self.size != 1:
            refuse(
                ValueError,
                "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"
                if self.size
                else "The truth value of an empty array is ambiguous. Use `array.size > 0` to check.",
            )
        return bool(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __index__(self) -> int:
        if self.shape or self._tensor.dtype.kind == FLOATING:
            refuse(TypeError, "only integer scalar arrays can be converted to a scalar index")
        return int(self.item())

    def __repr__(self) -> str:
        return array_text(self)

    def __str__(self) -> str:
        return array2string(self) if self.shape else str(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if not self.shape else object.__format__(self, spec)

    def __contains__(self, value: Any) -> bool:
        return bool((self == value).any())

    def __deepcopy__(self, memo: dict) -> ndarray:
        return self.copy()

    def item(self, *place: int) -> Any:
        if place:
            return self[place if len(place) > 1 else place[0]].item()
        if self.size != 1:
            refuse(ValueError, "can only convert an array of size 1 to a Python scalar")
        return self._tensor.item()

    def tolist(self) -> Any:
        return self._tensor.tolist()

    def tobytes(self) -> bytes:
        return self._tensor.dtype.store(self._tensor._numbers()).tobytes()

    def __getattr__(self, name: str) -> Any:
        if name in ndarray._real:
            gap(f"ndarray.{name}")
        raise AttributeError(f"'numpy.ndarray' object has no attribute '{name}'")


class generic(ndarray):
    """A single number of NumPy's."""

    def __hash__(self) -> int:
        return hash(self._tensor.item())

    def __repr__(self) -> str:
        return f"np.{self._tensor.dtype.name}({self._tensor.item()!r})"

    def __str__(self) -> str:
        return str(self._tensor.item())


class _ScalarType(_ArrayType):
    def __call__(cls, value: Any = 0) -> Any:
        return _scalar(computed([value.item() if hasattr(value, "item") else value], (), cls.of).item(), cls.of)


for _name in ("bool", "uint8", "int8", "int16", "int32", "int64", "float32", "float64"):
    _shown = "bool_" if _name == "bool" else _name
    SCALARS[_name] = NUMPY[_shown] = _ScalarType(_shown, (generic,), {"of": dtypes.ALL[_name], "__module__": "numpy"})
ndarray.__module__ = generic.__module__ = "numpy"


def over(tensor: Tensor) -> ndarray:
    """Return the array over a tensor's numbers."""
    array = object.__new__(ndarray)
    array._tensor = tensor
    return array


def _scalar(number: Any, of: dtypes.dtype) -> Any:
    scalar = object.__new__(SCALARS[of.name])
    scalar._tensor = computed([number], (), of)
    return scalar


def shown(tensor: Tensor) -> Any:
    """Return an array, or a scalar where there is a single number."""
    return over(tensor) if tensor.shape else _scalar(tensor.item(), tensor.dtype)


def tensor_of(value: Any) -> Tensor:
    """Return the tensor of anything that NumPy reads as an array."""
    if isinstance(value, ndarray):
        return value._tensor
    if isinstance(value, Tensor):
        return value.detach()
    if isinstance(value, bool | int | float):
        of = dtypes.of_number(value)
        return computed([value], (), dtypes.float64 if of.kind == FLOATING else of)
    if isinstance(value, list | tuple | range):
        return _from_list(value)
    gap(f"an array of a {type(value).__name__}")


def _from_list(value: Sequence[Any]) -> Tensor:
    items = [tensor_of(item) for item in value]
    if not items:
        return computed([], (0,), dtypes.float64)
    if any(tuple(item.shape) != tuple(items[0].shape) for item in items):
        refuse(
            ValueError,
            "setting an array element with a sequence. The requested array has an inhomogeneous shape after "
            f"{len(items[0].shape) + 1 if items[0].shape else 1} dimensions.",
        )
    of = items[0].dtype
    for item in items[1:]:
        of = _promoted(of, item.dtype)
    numbers = list(itertools.chain.from_iterable(item._numbers() for item in items))
    return computed(numbers, (len(items), *items[0].shape), of)


def _promoted(one: dtypes.dtype, other: dtypes.dtype) -> dtypes.dtype:
    """Return the type of two arrays together: NumPy keeps every digit, so that int32 and float32 make float64."""
    if one is other:
        return one
    if FLOATING in (one.kind, other.kind):
        floating, whole = (one, other) if one.kind == FLOATING else (other, one)
        if whole.kind == FLOATING:
            return one if one.rank > other.rank else other
        return floating if whole.itemsize <= 2 or whole.kind == BOOLEAN else dtypes.float64
    if dtypes.uint8 in (one, other) and dtypes.int8 in (one, other):
        return dtypes.int16
    return dtypes.promote(one, other)


def _common(*values: Any) -> dtypes.dtype:
    """Return the type of an operation; Python's numbers only count by their kind."""
    arrays = [tensor_of(value).dtype for value in values if not _is_python_number(value)]
    numbers = [value for value in values if _is_python_number(value)]
    result = None
    for of in arrays:
        result = of if result is None else _promoted(result, of)
    for number in numbers:
        kind = dtypes.of_number(number)
        if result is None:
            result = dtypes.float64 if kind.kind == FLOATING else kind
        elif dtypes.KINDS.index(kind.kind) > dtypes.KINDS.index(result.kind):
            result = dtypes.float64 if kind.kind == FLOATING else dtypes.int64
        elif result.kind == "integral" and kind.kind == "integral" and not _fits(number, result):
            refuse(OverflowError, f"Python integer {number} out of bounds for {result.name}")
    return result


def _is_python_number(value: Any) -> bool:
    return isinstance(value, bool | int | float) and not isinstance(value, ndarray)


def _fits(number: int, of: dtypes.dtype) -> bool:
    bits = 8 * of.itemsize
    return 0 <= number < 1 << bits if not of.is_signed else -(1 << bits - 1) <= number < 1 << bits - 1


def function(*names: str) -> Callable[[Callable], Callable]:
    """Register a function of NumPy's, under its own name or others."""

    def register(own: Callable) -> Callable:
        call = guarded(own)
        for name in names or (own.__name__.strip("_"),):
            NUMPY[name] = call
        return call

    return register


def _broadcast(*tensors: Tensor) -> Any:
    try:
        return broadcast(*(tensor.shape for tensor in tensors))
    except RuntimeError:
        found = " ".join(f"({','.join(map(str, t.shape))}{',' if len(t.shape) == 1 else ''})" for t in tensors)
        refuse(ValueError, f"operands could not be broadcast together with shapes {found} ")


def _apply(name: str, one: Any, other: Any, out: Any = None) -> Any:
    """Apply a function of two arrays number by number."""
    left, right = tensor_of(one), tensor_of(other)
    shape, of = _broadcast(left, right), _common(one, other)
    if name in elementwise.COMPARISONS:
        compare = elementwise.COMPARISONS[name]
        return shown(computed(map(compare, left._expanded(shape), right._expanded(shape)), shape, dtypes.bool_))
    if name == "div" and of.kind != FLOATING:
        of = dtypes.float64
    if of.kind == BOOLEAN and name in ("sub", "pow"):
        refuse(
            TypeError,
            "numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, or the "
            "logical_xor function instead.",
        )
    if of.kind == BOOLEAN and name in ("floordiv", "mod"):
        of = dtypes.int8
    a, b = of.store(left._expanded(shape)), of.store(right._expanded(shape))
    result = shown(computed(_numbers(name, a, b, of), shape, of))
    if out is None:
        return result
    _write(out, result)
    return out


def _numbers(name: str, a: Sequence[Any], b: Sequence[Any], of: dtypes.dtype) -> list:
    if name == "floordiv":
        if of.kind == FLOATING:
            return [elementwise._floor(elementwise._divide(x, y)) for x, y in zip(a, b, strict=True)]
        return [x // y if y else 0 for x, y in zip(a, b, strict=True)]
    if name == "mod":
        if of.kind == FLOATING:
            return [x % y if y and math.isfinite(x) else math.nan for x, y in zip(a, b, strict=True)]
        return [x % y if y else 0 for x, y in zip(a, b, strict=True)]
    if name == "pow" and of.kind != FLOATING:
        if any(y < 0 for y in b):
            refuse(ValueError, "Integers to negative integer powers are not allowed.")
        return [elementwise._whole_power(x, y) for x, y in zip(a, b, strict=True)]
    if name in ("and", "or", "xor"):
        if of.kind == FLOATING:
            refuse(
                TypeError,
                f"ufunc 'bitwise_{name}' not supported for the input types, and the inputs could not be safely coerced "
                f"to any "
                "supported types according to the casting rule ''safe''",
            )
        return list(map({"and": operator.and_, "or": operator.or_, "xor": operator.xor}[name], a, b))
    return list(map(elementwise.BINARY[name][0], a, b))


def _write(target: ndarray, value: Any) -> None:
    """Write a result into an array of at most a lower kind, as ``+=`` does."""
    given = tensor_of(value)
    if dtypes.KINDS.index(given.dtype.kind) > dtypes.KINDS.index(target._tensor.dtype.kind):
        refuse(
            TypeError,
            f"Cannot cast ufunc output from dtype('{given.dtype.name}') to dtype('{target._tensor.dtype.name}') with "
            f"casting rule "
            "'same_kind'",
        )
    if tuple(given.shape) != target.shape:
        refuse(
            ValueError,
            f"non-broadcastable output operand with shape {target.shape} doesn't match the broadcast shape "
            f"{tuple(given.shape)}",
        )
    target._tensor._write(target._tensor.dtype.store(given._numbers()))


def _operator(name: str, reflected: bool = False) -> Callable:
    @guarded
    def apply(self: Any, other: Any) -> Any:
        if isinstance(other, Tensor) or other is None or isinstance(other, str | dict | set):
            return NotImplemented
        return _apply(name, other, self) if reflected else _apply(name, self, other)

    return apply


def _in_place(name: str) -> Callable:
    @guarded
    def apply(self: Any, other: Any) -> Any:
        result = _apply(name, self, other)
        if isinstance(self, generic):
            return result
        _write(self, result)
        return self

    return apply


for _word, _name in (elementwise.ARITHMETIC | {word: word for word in ("and", "or", "xor")}).items():
    setattr(ndarray, f"__{_word}__", _operator(_name))
    setattr(ndarray, f"__r{_word}__", _operator(_name, reflected=True))
    setattr(ndarray, f"__i{_word}__", _in_place(_name))
for _name in elementwise.COMPARISONS:
    setattr(ndarray, f"__{_name}__", _operator(_name))
for _words, _name in (
    (("add",), "add"),
    (("subtract",), "sub"),
    (("multiply",), "mul"),
    (("divide", "true_divide"), "div"),
    (("maximum",), "maximum"),
    (("minimum",), "minimum"),
    (("floor_divide",), "floordiv"),
    (("mod", "remainder"), "mod"),
    (("power",), "pow"),
    (("equal",), "eq"),
    (("not_equal",), "ne"),
    (("less",), "lt"),
    (("less_equal",), "le"),
    (("greater",), "gt"),
    (("greater_equal",), "ge"),
    (("bitwise_and",), "and"),
    (("bitwise_or",), "or"),
):
    for _word in _words:
        NUMPY[_word] = guarded(lambda x1, x2, out=None, name=_name: _apply(name, x1, x2, out))


def _unary(name: str) -> None:
    own, _, to_floating = elementwise.UNARY[name]

    def apply(x: Any, out: Any = None) -> Any:
        tensor = tensor_of(x)
        of = tensor.dtype
        if to_floating and of.kind != FLOATING:
            of = (
                dtypes.float32
                if of.itemsize == 2
                else dtypes.float64
                if of.itemsize > 2
                else gap(f"np.{name} of {of.name}")
            )
        if name in ("floor", "ceil", "trunc") and of.kind != FLOATING:
            return x
        result = shown(computed([own(number) for number in tensor._numbers()], tensor.shape, of))
        if out is not None:
            _write(out, result)
        return result

    for each in {"neg": ("negative",), "abs": ("abs", "absolute", "fabs")}.get(name, (name,)):
        NUMPY[each] = guarded(apply)


for _name in (
    "exp",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sqrt",
    "tanh",
    "sin",
    "cos",
    "square",
    "abs",
    "neg",
    "sign",
    "floor",
    "ceil",
    "trunc",
):
    _unary(_name)
ndarray.__neg__ = NUMPY["negative"]
ndarray.__abs__ = NUMPY["abs"]
ndarray.__pos__ = guarded(lambda self: self)
ndarray.__invert__ = guarded(lambda self: shown(METHODS["bitwise_not"](self._tensor)))


def _reshape_in_place(array: ndarray, new: Any) -> None:
    array._tensor = array._tensor.reshape(new)


# --- indexing -------------------------------------------------------------------------------------------------------


def _place(tensor: Tensor, index: Any) -> tuple[Place, Any, Any]:
    items = index if isinstance(index, tuple) else (index,)
    items = tuple(tensor_of(item) if isinstance(item, ndarray | list | range) else item for item in items)
    lists = [number for number, item in enumerate(items) if isinstance(item, Tensor) and item.shape]
    numbers = [
        number
        for number, item in enumerate(items)
        if hasattr(item, "__index__") and not isinstance(item, bool | Tensor)
    ]
    if lists and numbers:  # NumPy broadcasts a number with the lists; torch selects first
        items = tuple(
            computed([item], (1,), dtypes.int64) if number in numbers else item for number, item in enumerate(items)
        )
    for item in items:
        if isinstance(item, slice) and item.step is not None and item.step < 0:
            gap("a slice with a negative step")
        if isinstance(item, Tensor) and item.dtype is dtypes.uint8:
            gap("an index of type uint8")
        if isinstance(item, float) or (isinstance(item, Tensor) and item.dtype.kind == FLOATING):
            refuse(
                IndexError,
                "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays "
                "are valid "
                "indices"
                if isinstance(item, float)
                else "arrays used as indices must be of integer (or boolean) type",
            )
    try:
        place = Place(tensor.shape, items)
    except IndexError as error:
        refuse(IndexError, str(error).replace("for dimension", "for axis"))
    if place.lists:
        shape, found = place.picked(tensor)
    else:
        look = place.look(tensor)
        shape, found = look.shape, look
    return place, shape, found


@guarded
def _get(self: ndarray, index: Any) -> Any:
    tensor = self._tensor
    flipped = _flipped(self, index)
    if flipped is not None:
        return flipped
    place, shape, found = _place(tensor, index)
    if not place.lists:
        whole = not shape and not (isinstance(index, tuple) and any(item is Ellipsis for item in index))
        return shown(found) if whole else over(found)
    return over(computed([tensor._storage[each] for each in found], shape, tensor.dtype))


def _flipped(array: ndarray, index: Any) -> Any:
    """Read slices with a negative step: a copy, while NumPy shows a view."""
    items = index if isinstance(index, tuple) else (index,)
    if not any(isinstance(item, slice) and item.step is not None and item.step < 0 for item in items):
        return None
    if any(item is None or (item is Ellipsis and number) for number, item in enumerate(items)):
        gap("a slice with a negative step beside None")
    if items and items[0] is Ellipsis:
        items = (slice(None),) * (array.ndim - len(items) + 1) + items[1:]
    result = array
    for axis, item in enumerate(items):
        if isinstance(item, slice) and item.step is not None and item.step < 0:
            rows = list(range(*item.indices(array.shape[axis])))
            result = over(METHODS["index_select"](result._tensor, axis, computed(rows, (len(rows),), dtypes.int64)))
    rest = tuple(
        slice(None) if isinstance(item, slice) and item.step is not None and item.step < 0 else item for item in items
    )
    return result[rest]


@guarded
def _set(self: ndarray, index: Any, value: Any) -> None:
    tensor, given = self._tensor, tensor_of(value)
    place, shape, found = _place(tensor, index)
    where = found if place.lists else found._places()
    small = given
    while len(small.shape) > len(shape) and small.shape[0] == 1:
        small = small.squeeze(0)
    try:
        fits = broadcast(small.shape, shape) == shape
    except RuntimeError:
        fits = False
    if not fits:
        refuse(
            ValueError,
            f"could not broadcast input array from shape {_tuple(given.shape)} into shape {_tuple(shape)}"
            if not place.lists
            else f"shape mismatch: value array of shape {_tuple(given.shape)} could not be broadcast to indexing "
            f"result of shape {_tuple(shape)}",
        )
    if given.dtype.kind == FLOATING and tensor.dtype.kind != FLOATING and not all(map(math.isfinite, given._numbers())):
        refuse(
            ValueError if given._numbers()[0] != given._numbers()[0] else OverflowError,
            "cannot convert float to integer",
        )
    numbers = [
        small._storage[each]
        for each in places(shape, expanded_strides(small.shape, small._strides, shape), small._offset)
    ]
    for each, number in zip(where, tensor.dtype.store(numbers), strict=True):
        tensor._storage[each] = number
    tensor._versions[0] += 1


def _tuple(shape: Sequence[int]) -> str:
    return "(" + ",".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


ndarray.__getitem__ = _get
ndarray.__setitem__ = _set


# --- making arrays --------------------------------------------------------------------------------------------------


def _shape(shape: Any) -> tuple[int, ...]:
    found = tuple(shape) if isinstance(shape, tuple | list | Sequence) else (shape,)
    for size in found:
        if isinstance(size, float) or not hasattr(size, "__index__"):
            refuse(TypeError, f"'{type(size).__name__}' object cannot be interpreted as an integer")
        if operator.index(size) < 0:
            refuse(ValueError, "negative dimensions are not allowed")
    return tuple(operator.index(size) for size in found)


def _constant(name: str, value: int) -> None:
    def new(shape: Any, dtype: Any = None, order: Any = None) -> ndarray:
        return over(TORCH["full"](_shape(shape), value, dtype=_dtype(dtype, dtypes.float64)))

    def another(a: Any, dtype: Any = None, shape: Any = None) -> ndarray:
        own = tensor_of(a)
        return over(
            TORCH["full"](tuple(own.shape) if shape is None else _shape(shape), value, dtype=_dtype(dtype, own.dtype))
        )

    NUMPY[name], NUMPY[f"{name}_like"] = guarded(new), guarded(another)


for _name, _value in {"zeros": 0, "ones": 1, "empty": 0}.items():
    _constant(_name, _value)


@function()
def full(shape: Any, fill_value: Any, dtype: Any = None) -> ndarray:
    value = tensor_of(fill_value)
    return over(TORCH["full"](_shape(shape), value.item(), dtype=_dtype(dtype, value.dtype)))


@function()
def full_like(a: Any, fill_value: Any, dtype: Any = None) -> ndarray:
    own = tensor_of(a)
    return over(TORCH["full"](tuple(own.shape), fill_value, dtype=_dtype(dtype, own.dtype)))


@function()
def array(object: Any, dtype: Any = None, copy: bool = True, ndmin: int = 0) -> ndarray:
    own = tensor_of(object)
    if ndmin > len(own.shape):
        own = own.reshape((1,) * (ndmin - len(own.shape)) + tuple(own.shape))
    return over(computed(own._numbers(), own.shape, _dtype(dtype, own.dtype)))


@function("asarray", "asanyarray", "ascontiguousarray")
def asarray(a: Any, dtype: Any = None) -> ndarray:
    own = tensor_of(a)
    of = _dtype(dtype, own.dtype)
    return over(own if of is own.dtype else own.to(of))


@function()
def arange(*bounds: Any, dtype: Any = None) -> ndarray:
    numbers = [tensor_of(bound).item() for bound in bounds]
    whole = all(isinstance(number, int) for number in numbers)
    return over(TORCH["arange"](*numbers, dtype=_dtype(dtype, dtypes.int64 if whole else dtypes.float64)))


@function()
def linspace(start: Any, stop: Any, num: int = 50, dtype: Any = None) -> ndarray:
    return over(TORCH["linspace"](float(start), float(stop), num, dtype=_dtype(dtype, dtypes.float64)))


@function("eye", "identity")
def eye(N: int, M: Any = None, dtype: Any = None) -> ndarray:
    return over(TORCH["eye"](N, M, dtype=_dtype(dtype, dtypes.float64)))


@function()
def copy(a: Any) -> ndarray:
    return over(tensor_of(a).clone())


# --- shapes ---------------------------------------------------------------------------------------------------------


def _as_value_error(call: Callable) -> Any:
    """Run one of torch's functions where NumPy raises ValueError instead of RuntimeError."""
    try:
        return call()
    except (RuntimeError, IndexError) as error:
        if not getattr(error, "refused", False):
            raise
        refuse(ValueError, str(error))


@function()
def reshape(a: Any, *shape: Any, order: str = "C", newshape: Any = None) -> ndarray:
    if order != "C":
        gap("np.reshape in another order")
    own, wanted = tensor_of(a), shape if newshape is None else (newshape,)
    sizes = _shape_of_reshape(wanted)
    known = math.prod(size for size in sizes if size != -1)
    count = own.numel()
    if (sizes.count(-1) == 0 and known != count) or (sizes.count(-1) == 1 and (not known or count % known)):
        refuse(ValueError, f"cannot reshape array of size {count} into shape {_tuple(sizes)}")
    return over(_as_value_error(lambda: own.reshape(sizes)))


def _shape_of_reshape(given: Sequence[Any]) -> tuple[int, ...]:
    sizes = given[0] if len(given) == 1 and isinstance(given[0], tuple | list) else given
    return tuple(operator.index(size) for size in sizes)


@function()
def transpose(a: Any, axes: Any = None) -> ndarray:
    own = tensor_of(a)
    order = tuple(reversed(range(own.ndim))) if axes is None else tuple(axes)
    if len(order) != own.ndim:
        refuse(ValueError, "axes don't match array")
    return over(_as_value_error(lambda: own.permute(*order)))


def _of_tensor(numpy_name: str, method: str, *, copies: bool = False) -> None:
    def call(a: Any, *args: Any, **kwargs: Any) -> Any:
        words = {"axis": "dim", "source": "source", "destination": "destination"}
        result = _as_value_error(
            lambda: METHODS[method](tensor_of(a), *args, **{words.get(k, k): v for k, v in kwargs.items()})
        )
        return over(result.clone() if copies else result)

    NUMPY[numpy_name] = guarded(call)


for _own, _theirs in {
    "swapaxes": "transpose",
    "moveaxis": "movedim",
    "expand_dims": "unsqueeze",
    "squeeze": "squeeze",
    "broadcast_to": "expand",
    "tril": "tril",
    "triu": "triu",
    "diagonal": "diagonal",
    "diag": "diag",
    "fliplr": "fliplr",
    "flipud": "flipud",
    "roll": "roll",
    "ravel": "ravel",
}.items():
    _of_tensor(_own, _theirs)
_of_tensor("flatten", "ravel", copies=True)


@function()
def flip(m: Any, axis: Any = None) -> ndarray:
    own = tensor_of(m)
    axes = tuple(range(own.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return over(METHODS["flip"](own, *axes))


@function()
def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> ndarray:
    return over(METHODS["rot90"](tensor_of(m), k, axes))


def _list_of(arrays: Any) -> list[Tensor]:
    items = [tensor_of(item) for item in arrays]
    if not items:
        refuse(ValueError, "need at least one array to concatenate")
    of = items[0].dtype
    for item in items:
        of = _promoted(of, item.dtype)
    return [item.to(of) for item in items]


@function("concatenate", "concat")
def concatenate(arrays: Any, axis: int = 0) -> ndarray:
    return over(_as_value_error(lambda: TORCH["cat"](_list_of(arrays), axis)))


@function()
def stack(arrays: Any, axis: int = 0) -> ndarray:
    items = _list_of(arrays)
    if any(tuple(item.shape) != tuple(items[0].shape) for item in items):
        refuse(ValueError, "all input arrays must have the same shape")
    return over(TORCH["stack"](items, axis))


@function()
def vstack(tup: Any) -> ndarray:
    return over(_as_value_error(lambda: TORCH["vstack"](_list_of(tup))))


@function()
def hstack(tup: Any) -> ndarray:
    return over(_as_value_error(lambda: TORCH["hstack"](_list_of(tup))))


@function()
def repeat(a: Any, repeats: Any, axis: Any = None) -> ndarray:
    counts = tensor_of(repeats).tolist() if not isinstance(repeats, int) else repeats
    return over(METHODS["repeat_interleave"](tensor_of(a), counts, axis))


@function()
def tile(A: Any, reps: Any) -> ndarray:
    return over(METHODS["tile"](tensor_of(A), *(reps if isinstance(reps, tuple | list) else (reps,))))


@function()
def meshgrid(*xi: Any, indexing: str = "xy") -> tuple:
    return tuple(over(grid) for grid in TORCH["meshgrid"](*(tensor_of(x) for x in xi), indexing=indexing))


@function()
def pad(array: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> ndarray:
    own = tensor_of(array)
    widths = pad_width
    if isinstance(widths, int):
        widths = ((widths, widths),) * own.ndim
    widths = [tuple(width) if isinstance(width, tuple | list) else (width, width) for width in widths]
    if len(widths) == 1:
        widths = widths * own.ndim
    if len(widths) == 2 and own.ndim != 2 and all(isinstance(width, int) for width in pad_width):
        widths = [tuple(pad_width)] * own.ndim
    if len(widths) != own.ndim:
        refuse(
            ValueError,
            f"operands could not be broadcast together with remapped shapes [original->remapped]: ({len(widths)},2)",
        )
    widths = [tuple(operator.index(side) for side in width) for width in widths]
    if any(side < 0 for width in widths for side in width):
        refuse(ValueError, "index can't contain negative values")
    if mode != "constant" or not isinstance(constant_values, int | float):
        return _padded_from_inside(
            own, widths, {"edge": "replicate", "reflect": "reflect", "wrap": "circular"}.get(mode)
        )
    from .convolutions import _padded

    return over(_padded(own, [side for width in reversed(widths) for side in width], constant_values))


def _padded_from_inside(own: Tensor, widths: list, mode: Any) -> ndarray:
    from .convolutions import _padded_from_inside

    if mode is None:
        gap("np.pad in this mode")
    return over(_padded_from_inside(own, [side for width in reversed(widths) for side in width], mode))


@function("lib.stride_tricks.sliding_window_view")
def sliding_window_view(x: Any, window_shape: Any, axis: Any = None) -> ndarray:
    own = tensor_of(x)
    window = (window_shape,) if isinstance(window_shape, int) else tuple(window_shape)
    axes = tuple(range(own.ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    if len(window) != len(axes):
        refuse(
            ValueError, f"Must provide window_shape for all dimensions of `x`; got {len(window)} window_shape elements"
        )
    for place, size in zip(axes, window, strict=True):
        if size > own.shape[place]:
            refuse(ValueError, "window shape cannot be larger than input array shape")
        own = METHODS["unfold"](own, place, size, 1)
    return over(own)


@function("lib.stride_tricks.as_strided")
def as_strided(x: Any, shape: Any = None, strides: Any = None, writeable: bool = True) -> ndarray:
    own = tensor_of(x)
    steps = own._strides if strides is None else tuple(stride // own.dtype.itemsize for stride in strides)
    sizes = tuple(own.shape) if shape is None else tuple(shape)
    last = own._offset + builtins.sum((size - 1) * step for size, step in zip(sizes, steps, strict=True))
    if last >= len(own._storage) or builtins.min(steps, default=0) < 0:
        gap("np.lib.stride_tricks.as_strided beyond the array")
    return over(make(own._storage, sizes, own.dtype, steps, own._offset, own))


# --- reductions and products ----------------------------------------------------------------------------------------


def _reduction(name: str, method: str, floating: bool = False) -> None:
    def call(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, **words: Any) -> Any:
        own = tensor_of(a)
        out = words.pop("out", None)
        if words or out is not None:
            gap(f"np.{name} with {next(iter(words), 'out')}")
        of = _dtype(dtype, None)
        if of is None and floating and own.dtype.kind != FLOATING:
            of = dtypes.float64
        own = own if of is None else own.to(of)
        axes = axis if axis is None or isinstance(axis, tuple) else (axis,)
        if name in ("max", "min") and not own.numel():
            refuse(ValueError, f"zero-size array to reduction operation {name}imum which has no identity")
        return shown(METHODS[method](own, axes, keepdim=keepdims) if axes != () else own)

    for each in {"max": ("max", "amax"), "min": ("min", "amin")}.get(name, (name,)):
        NUMPY[each] = guarded(call)


for _own, _theirs in {"sum": "sum", "prod": "prod", "max": "amax", "min": "amin", "any": "any", "all": "all"}.items():
    _reduction(_own, _theirs)
_reduction("mean", "mean", floating=True)


def _spread(name: str, method: str) -> None:
    def call(a: Any, axis: Any = None, dtype: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
        own = tensor_of(a)
        own = own if own.dtype.kind == FLOATING else own.to(dtypes.float64)
        return shown(METHODS[method](own, axis, keepdim=keepdims, correction=ddof))

    NUMPY[name] = guarded(call)


_spread("var", "var")
_spread("std", "std")


@function()
def average(a: Any, axis: Any = None, weights: Any = None) -> Any:
    if weights is None:
        return NUMPY["mean"](a, axis)
    shares = NUMPY["asarray"](weights)
    if shares.shape != NUMPY["asarray"](a).shape:
        gap("np.average with weights of another shape")
    return NUMPY["sum"](_apply("mul", a, shares), axis) / NUMPY["sum"](shares, axis)


def _place_of_extreme(name: str) -> None:
    def call(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return shown(METHODS[name](tensor_of(a), axis, keepdim=keepdims))

    NUMPY[name] = guarded(call)


_place_of_extreme("argmax")
_place_of_extreme("argmin")


@function()
def cumsum(a: Any, axis: Any = None) -> ndarray:
    own = tensor_of(a)
    return over(METHODS["cumsum"](own.reshape(-1) if axis is None else own, 0 if axis is None else axis))


def _pair(a: Any, b: Any) -> tuple[Tensor, Tensor]:
    of = _promoted(tensor_of(a).dtype, tensor_of(b).dtype)
    return tensor_of(a).to(of), tensor_of(b).to(of)


@function()
def matmul(x1: Any, x2: Any) -> Any:
    one, two = _pair(x1, x2)
    if not one.shape or not two.shape:
        refuse(ValueError, "matmul: Input operand does not have enough dimensions")
    return shown(_as_value_error(lambda: products.matmul(one, two)))


@function()
def dot(a: Any, b: Any) -> Any:
    one, two = _pair(a, b)
    if not one.shape or not two.shape:
        return _apply("mul", a, b)
    if len(two.shape) > 2:
        gap("np.dot with an array of more than two axes")
    return shown(_as_value_error(lambda: products.matmul(one, two)))


ndarray.__matmul__ = NUMPY["matmul"]


@function()
def vdot(a: Any, b: Any) -> Any:
    one, two = _pair(a, b)
    return shown(products.matmul(one.reshape(-1), two.reshape(-1)))


@function()
def outer(a: Any, b: Any) -> ndarray:
    one, two = _pair(a, b)
    return over(one.reshape(-1, 1) * two.reshape(1, -1))


@function()
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    one, two = _pair(a, b)
    return over(_as_value_error(lambda: TORCH["tensordot"](one, two, axes)))


@function()
def einsum(subscripts: str, *operands: Any, optimize: Any = False) -> Any:
    of = dtypes.bool_
    for each in operands:
        of = _promoted(of, tensor_of(each).dtype)
    return shown(_as_value_error(lambda: TORCH["einsum"](subscripts, *(tensor_of(each).to(of) for each in operands))))


@function()
def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    mask = tensor_of(condition).to(dtypes.bool_)
    if x is None or y is None:
        return tuple(over(each) for each in METHODS["nonzero"](mask, as_tuple=True))
    of, one, two = _common(x, y), tensor_of(x), tensor_of(y)
    shape = _broadcast(mask, one, two)
    chosen = zip(mask._expanded(shape), one._expanded(shape), two._expanded(shape), strict=True)
    return shown(computed([a if c else b for c, a, b in chosen], shape, of))


@function()
def nonzero(a: Any) -> tuple:
    return tuple(over(each) for each in METHODS["nonzero"](tensor_of(a), as_tuple=True))


@function()
def clip(a: Any, a_min: Any = None, a_max: Any = None, **words: Any) -> Any:
    low, high = words.get("min", a_min), words.get("max", a_max)
    result = a if low is None else _apply("maximum", a, low)
    return result if high is None else _apply("minimum", result, high)


def _predicate(name: str) -> None:
    NUMPY[name] = guarded(lambda x: shown(METHODS[name](tensor_of(x))))


for _name in ("isnan", "isinf", "isfinite"):
    _predicate(_name)


@function()
def isclose(a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Any:
    one, two = _pair(a, b)
    return shown(reductions.isclose(one, two, rtol, atol, equal_nan))


@function()
def allclose(a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    return builtins.all(isclose(a, b, rtol, atol, equal_nan)._tensor._numbers())


@function()
def array_equal(a1: Any, a2: Any) -> bool:
    return METHODS["equal"](*_pair(a1, a2))


@function()
def unravel_index(indices: Any, shape: Any) -> tuple:
    number, found = operator.index(indices), []
    for size in reversed(_shape(shape)):
        found.append(_scalar(number % size, dtypes.int64))
        number //= size
    return tuple(reversed(found))


@function()
def ndindex(*shape: Any) -> Iterator[tuple[int, ...]]:
    sizes = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
    return iter(list(itertools.product(*(range(size) for size in sizes))))


@function()
def isscalar(element: Any) -> bool:
    return isinstance(element, bool | int | float | str | generic)


@function()
def ndim(a: Any) -> int:
    return tensor_of(a).ndim


@function()
def shape(a: Any) -> tuple[int, ...]:
    return tuple(tensor_of(a).shape)


@function()
def bincount(x: Any, weights: Any = None, minlength: int = 0) -> ndarray:
    return over(METHODS["bincount"](tensor_of(x), None if weights is None else tensor_of(weights), minlength))


@function()
def unique(ar: Any, return_counts: bool = False) -> Any:
    found = METHODS["unique"](tensor_of(ar), return_counts=return_counts)
    return tuple(over(each) for each in found) if return_counts else over(found)


@function("add.at")
def add_at(a: Any, indices: Any, b: Any) -> None:
    place, found_shape, found = _place(a._tensor, indices)
    where_ = found if place.lists else found._places()
    given = tensor_of(b)
    numbers = places(found_shape, expanded_strides(given.shape, given._strides, found_shape), given._offset)
    for each, number in zip(where_, numbers, strict=True):
        a._tensor._storage[each] += a._tensor.dtype.store([given._storage[number]])[0]


# --- random numbers -------------------------------------------------------------------------------------------------

GLOBAL = Generator()  # NumPy's own, beside torch's


@function("random.seed")
def seed(seed: Any = None) -> None:
    if seed is None:
        gap("np.random.seed() without a seed")
    GLOBAL.manual_seed(seed)


@function("random.get_state")
def get_state() -> Any:
    return GLOBAL.get_state()


@function("random.set_state")
def set_state(state: Any) -> None:
    GLOBAL.set_state(state)


def _below(bound: int) -> int:
    """Draw a whole number from 0 to `bound`, both included, as NumPy does: with a mask, until it fits."""
    mask = (1 << bound.bit_length()) - 1
    while (drawn := GLOBAL.bits() & mask) > bound:
        pass
    return drawn


@function("random.shuffle")
def shuffle(x: Any) -> None:
    for last in range(len(x) - 1, 0, -1):
        other = _below(last)
        if isinstance(x, ndarray):
            x[[last, other]] = x[[other, last]]
        else:
            x[last], x[other] = x[other], x[last]


@function("random.permutation")
def permutation(x: Any) -> ndarray:
    shuffled = NUMPY["arange"](operator.index(x)) if isinstance(x, int | generic) else array(x)
    shuffle(shuffled)
    return shuffled


@function("random.rand")
def rand(*shape: int) -> Any:
    return random_sample(shape)


@function("random.randint")
def randint(low: int, high: int | None = None, size: Any = (), dtype: Any = None) -> Any:
    if dtype is not None:
        gap("np.random.randint with a dtype")
    first, end = (0, operator.index(low)) if high is None else (operator.index(low), operator.index(high))
    if first >= end:
        refuse(ValueError, "low >= high")
    sizes = _shape(() if size is None else size)
    numbers = [first + (_below(end - first - 1) if end - first > 1 else 0) for _ in range(math.prod(sizes))]
    return shown(computed(numbers, sizes, dtypes.int64)) if sizes else numbers[0]


@function("random.random", "random.random_sample")
def random_sample(size: Any = ()) -> Any:
    sizes = _shape(size)
    numbers = [GLOBAL.double() for _ in range(math.prod(sizes))]
    return shown(computed(numbers, sizes, dtypes.float64)) if sizes else numbers[0]


# methods that are functions whose first argument is the array
for _name in (
    "sum",
    "prod",
    "mean",
    "max",
    "min",
    "any",
    "all",
    "var",
    "std",
    "argmax",
    "argmin",
    "cumsum",
    "reshape",
    "swapaxes",
    "squeeze",
    "ravel",
    "flatten",
    "repeat",
    "dot",
    "copy",
    "clip",
    "nonzero",
    "diagonal",
):
    setattr(ndarray, _name, NUMPY[_name])
ndarray.transpose = guarded(
    lambda self, *axes: NUMPY["transpose"](
        self, (axes[0] if len(axes) == 1 and isinstance(axes[0], tuple | list) else axes) or None
    )
)
ndarray.astype = guarded(lambda self, dtype, copy=True: over(tensor_of(self).to(_dtype(dtype, None), copy=copy)))
ndarray.fill = guarded(lambda self, value: self.__setitem__(Ellipsis, value))
ndarray.view = guarded(lambda self, *args: gap("ndarray.view") if args else over(self._tensor.detach()))


@guarded
def to_numpy(self: Tensor, *, force: bool = False) -> ndarray:
    """Return the array over a tensor's numbers."""
    if self.requires_grad and not force:
        refuse(RuntimeError, "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    return over(self.detach())


Tensor.numpy = to_numpy
Tensor.__array__ = guarded(lambda self, *args, **kwargs: to_numpy(self))
NUMPY.update(
    inf=math.inf,
    nan=math.nan,
    pi=math.pi,
    e=math.e,
    newaxis=None,
    ndarray=ndarray,
    generic=generic,
    dtype=lambda of: DType(_dtype(of, None)),
    array2string=guarded(array2string),
)
NUMPY["bool"] = SCALARS["bool"]
