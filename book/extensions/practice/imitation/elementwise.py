"""Operations that treat each number by itself: arithmetic, comparisons, roots and exponentials."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from typing import Any

from . import autograd, dtypes
from .dtypes import BOOLEAN, FLOATING, INTEGRAL, dtype
from .gaps import gap, guarded, refuse
from .registry import METHODS, TORCH, operation
from .shapes import broadcast
from .tensors import Tensor, change, computed, like, summed_to

inf, nan = math.inf, math.nan


# Functions of Python's floats that give infinities and NaN where `math` raises.
def _divide(a: float, b: float) -> float:
    if b == 0:
        return nan if a == 0 or a != a else math.copysign(inf, a) * math.copysign(1.0, b)
    return a / b


def _exp(a: float) -> float:
    try:
        return math.exp(a)
    except OverflowError:
        return inf


def _expm1(a: float) -> float:
    try:
        return math.expm1(a)
    except OverflowError:
        return inf


def _log(a: float) -> float:
    return math.log(a) if a > 0 else (-inf if a == 0 else nan)


def _log1p(a: float) -> float:
    return math.log1p(a) if a > -1 else (-inf if a == -1 else nan)


def _sqrt(a: float) -> float:
    return math.sqrt(a) if a >= 0 else nan


def _power(a: float, b: float) -> float:
    if a == 0 and b < 0:
        return math.copysign(inf, a) if b % 2 == 1 else inf
    try:
        return math.pow(a, b)
    except OverflowError:
        return -inf if a < 0 and b % 2 == 1 else inf
    except ValueError:
        return nan


def _floor(a: float) -> float:
    return float(math.floor(a)) if math.isfinite(a) else a


def _ceil(a: float) -> float:
    return float(math.ceil(a)) if math.isfinite(a) else a


def _trunc(a: float) -> float:
    return float(math.trunc(a)) if math.isfinite(a) else a


def _sigmoid(a: float) -> float:
    return 1.0 / (1.0 + math.exp(-a)) if a >= 0 else (lambda e: e / (1.0 + e))(math.exp(a))


def _softplus(a: float) -> float:
    return builtins.max(a, 0.0) + math.log1p(math.exp(-builtins.abs(a))) if a == a else nan


def _sine(a: float) -> float:
    return math.sin(a) if math.isfinite(a) else nan


def _cosine(a: float) -> float:
    return math.cos(a) if math.isfinite(a) else nan


def _sign(a: float) -> float:
    return (a > 0) - (a < 0)


def _larger(a: float, b: float) -> float:
    return a if a != a or a > b or b == a else b


def _smaller(a: float, b: float) -> float:
    return a if a != a or a < b or b == a else b


# name -> (function, derivative from argument and result or None, whether whole numbers become floating)
UNARY: dict[str, tuple[Callable, Callable | None, bool]] = {
    "exp": (_exp, lambda x, y: y, True),
    "exp2": (lambda x: _power(2.0, x), lambda x, y: y * math.log(2), True),
    "expm1": (_expm1, lambda x, y: y + 1, True),
    "log": (_log, lambda x, y: _divide(1.0, x), True),
    "log2": (lambda x: _log(x) / math.log(2), lambda x, y: _divide(1.0, x * math.log(2)), True),
    "log10": (lambda x: math.log10(x) if x > 0 else _log(x), lambda x, y: _divide(1.0, x * math.log(10)), True),
    "log1p": (_log1p, lambda x, y: _divide(1.0, 1.0 + x), True),
    "sqrt": (_sqrt, lambda x, y: _divide(0.5, y), True),
    "rsqrt": (lambda x: _divide(1.0, _sqrt(x)), lambda x, y: -0.5 * y * y * y, True),
    "reciprocal": (lambda x: _divide(1.0, x), lambda x, y: -y * y, True),
    "sigmoid": (_sigmoid, lambda x, y: y * (1 - y), True),
    "tanh": (math.tanh, lambda x, y: 1 - y * y, True),
    "sin": (_sine, lambda x, y: _cosine(x), True),
    "cos": (_cosine, lambda x, y: -_sine(x), True),
    "erf": (math.erf, lambda x, y: 2 / math.sqrt(math.pi) * _exp(-x * x), True),
    "square": (lambda x: x * x, lambda x, y: 2 * x, False),
    "abs": (builtins.abs, lambda x, y: _sign(x), False),
    "neg": (operator.neg, lambda x, y: -1.0, False),
    "sign": (_sign, lambda x, y: 0.0, False),
    "floor": (_floor, lambda x, y: 0.0, False),
    "ceil": (_ceil, lambda x, y: 0.0, False),
    "trunc": (_trunc, lambda x, y: 0.0, False),
    "relu": (lambda x: x if x > 0 or x != x else x * 0, lambda x, y: 1.0 if x > 0 else 0.0, False),
}
# name -> (function, derivatives by each argument from arguments and result, or None)
BINARY: dict[str, tuple[Callable, Callable | None, Callable | None]] = {
    "add": (operator.add, lambda a, b, y: 1.0, lambda a, b, y: 1.0),
    "sub": (operator.sub, lambda a, b, y: 1.0, lambda a, b, y: -1.0),
    "mul": (operator.mul, lambda a, b, y: b, lambda a, b, y: a),
    "div": (_divide, lambda a, b, y: _divide(1.0, b), lambda a, b, y: -_divide(y, b)),
    "pow": (
        _power,
        lambda a, b, y: b * _power(a, b - 1) if b else 0.0,
        lambda a, b, y: y * _log(a) if a or b < 0 else 0.0,
    ),
    "maximum": (
        _larger,
        lambda a, b, y: 0.5 if a == b else float(a > b),
        lambda a, b, y: 0.5 if a == b else float(b > a),
    ),
    "minimum": (
        _smaller,
        lambda a, b, y: 0.5 if a == b else float(a < b),
        lambda a, b, y: 0.5 if a == b else float(b < a),
    ),
}
COMPARISONS = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
SAVES_NOTHING = {"add", "sub", "neg", "sign", "floor", "ceil", "trunc"}
SAVES_RESULT = {"exp", "sqrt", "sigmoid", "tanh", "relu", "rsqrt", "reciprocal"}


def unary(name: str, x: Tensor, in_place: bool = False) -> Tensor:
    """Apply one of `UNARY` to a tensor."""
    function, derivative, to_floating = UNARY[name]
    if not isinstance(x, Tensor):
        refuse(TypeError, f"{name}(): argument 'input' (position 1) must be Tensor, not {type(x).__name__}")
    of = x.dtype
    if of.kind == BOOLEAN and name in ("neg", "abs", "relu", "square"):
        gap(f"{name} of a bool tensor")
    if of.kind != FLOATING and to_floating:
        of = dtypes.default()
    if in_place and of is not x.dtype:
        refuse(
            RuntimeError,
            f"result type {dtypes.title(of)} can't be cast to the desired output type {dtypes.title(x.dtype)}",
        )
    integral = x.dtype.kind == INTEGRAL and name in ("floor", "ceil", "trunc")
    before = x._numbers()
    numbers = before if integral else [function(number) for number in before]
    result = None if in_place else computed(numbers, x.shape, of)
    after = numbers if result is None else result._numbers()
    inputs = list(before) if in_place else before

    def backward(gradient: Tensor) -> list[Tensor]:
        factors = map(derivative, inputs, after)
        return [computed([g * f for g, f in zip(gradient._numbers(), factors, strict=True)], x.shape, gradient.dtype)]

    if result is None:
        return change(x, numbers, name, [x], backward)
    saved = [] if name in SAVES_NOTHING else [result] if name in SAVES_RESULT else [x]
    return autograd.record(result, name, [x], backward, saved)


def as_operand(value: Any) -> Tensor | None:
    """Return a tensor for an operand of an operator; None if it is no number."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, bool | int | float):
        of = dtypes.of_number(value)
        number = computed([value], (), of if of.kind != FLOATING else dtypes.float64)
        number._number = True
        return number
    if hasattr(value, "_tensor"):  # an array or a scalar of the imitated NumPy
        return value._tensor
    return None


def common_type(*operands: Tensor) -> dtype:
    """Return the type of a result of several operands."""
    levels: tuple[list, list, list] = ([], [], [])
    for each in operands:
        if hasattr(each, "_number"):
            levels[2].append(each.dtype if each.dtype.kind != FLOATING else dtypes.default())
        else:
            levels[0 if each.shape else 1].append(each.dtype)
    return dtypes.result_type(*levels)


def binary(name: str, a: Any, b: Any, into: Tensor | None = None) -> Tensor:
    """Apply one of `BINARY` or `COMPARISONS` to two operands.

    Parameters
    ----------
    name : str
    a, b : Tensor or number
    into : Tensor, optional
        The operand `a`, if the result is written into it.
    """
    one, other = as_operand(a), as_operand(b)
    if one is None or other is None:
        strange = a if one is None else b
        refuse(TypeError, f"{name}(): argument must be Tensor or Number, not {type(strange).__name__}")
    shape = broadcast(one.shape, other.shape)
    of = common_type(one, other)
    left, right = one._expanded(shape), other._expanded(shape)
    if of.kind == FLOATING and of.code == "f" and name in COMPARISONS:  # a number is compared as a float of this type
        left = of.store(left) if one.dtype is not of else left
        right = of.store(right) if other.dtype is not of else right
    if name in COMPARISONS:
        if into is not None:
            gap(f"{name}_ in place")
        return computed(map(COMPARISONS[name], left, right), shape, dtypes.bool_)
    return _arithmetic(name, one, other, left, right, shape, of, into)


def _arithmetic(
    name: str, one: Tensor, other: Tensor, left: Any, right: Any, shape: Any, of: dtype, into: Tensor | None
) -> Tensor:
    function, by_left, by_right = BINARY[name]
    if of.kind == BOOLEAN:
        if name == "sub":
            refuse(
                NotImplementedError,
                "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
                "operator instead.",
            )
        if name not in ("add", "mul", "div", "maximum", "minimum"):
            gap(f"{name} of two bool tensors")
    if name == "div" and of.kind != FLOATING:
        of = dtypes.default()
    if name == "pow" and of.kind == INTEGRAL:
        if any(number < 0 for number in right) and hasattr(other, "_number"):
            refuse(RuntimeError, "Integers to negative integer powers are not allowed.")
        function = _whole_power
    if of.kind == FLOATING and of.code == "f":  # operands are rounded before they are used
        left = of.store(left) if one.dtype.name in ("int64", "int32", "float64") else left
        right = of.store(right) if other.dtype.name in ("int64", "int32", "float64") else right
    if into is not None:
        check_in_place(into, shape, of)
    numbers = list(map(function, left, right)) if of.kind != FLOATING else _floating(function, left, right)
    before = (list(left), list(right)) if into is not None else (left, right)
    result = None if into is not None else computed(numbers, shape, of)
    after = numbers if result is None else result._numbers()

    def backward(gradient: Tensor) -> list[Tensor | None]:
        parts: list[Tensor | None] = []
        for operand, derivative in ((one, by_left), (other, by_right)):
            if not operand.requires_grad or derivative is None:
                parts.append(None)
                continue
            factors = map(derivative, before[0], before[1], after)
            numbers = [g * f if f else 0.0 for g, f in zip(gradient._numbers(), factors, strict=True)]
            parts.append(summed_to(computed(numbers, shape, gradient.dtype), operand.shape))
        return parts

    inputs = [one, other]
    if into is not None:
        return change(into, numbers, name, inputs, backward)
    saved = []
    if name not in SAVES_NOTHING:  # a factor is needed only where the other operand has a gradient
        saved += [other] if one.requires_grad else []
        saved += [one] if other.requires_grad else []
    return autograd.record(result, name, inputs, backward, saved)


def _floating(function: Callable, left: Any, right: Any) -> list:
    try:
        return list(map(function, left, right))
    except OverflowError:  # a product of Python's floats never raises; a power of whole numbers may
        return [function(float(a), float(b)) for a, b in zip(left, right, strict=True)]


def _whole_power(a: int, b: int) -> int:
    if b >= 0:
        return builtins.pow(a, b, 2**64) if builtins.abs(a) > 1 else a**b
    return {1: 1, -1: 1 if b % 2 == 0 else -1}.get(a, 0)


def check_in_place(into: Tensor, shape: Any, of: dtype) -> None:
    """Refuse a result that does not fit the tensor that it is to be written into."""
    if tuple(shape) != tuple(into.shape):
        refuse(
            RuntimeError,
            f"output with shape {list(into.shape)} doesn't match the broadcast shape {list(shape)}",
        )
    kinds = dtypes.KINDS
    if kinds.index(of.kind) > kinds.index(into.dtype.kind):
        refuse(
            RuntimeError,
            f"result type {dtypes.title(of)} can't be cast to the desired output type {dtypes.title(into.dtype)}",
        )


def _install_unary(name: str) -> None:
    def function(input: Any) -> Tensor:
        return unary(name, input)

    def in_place(input: Any) -> Tensor:
        return unary(name, input, in_place=True)

    function.__name__, in_place.__name__ = name, f"{name}_"
    operation("torch", "method")(function)
    operation("method")(in_place)


for _name in UNARY:
    _install_unary(_name)
for _alias, _name in {"absolute": "abs", "negative": "neg"}.items():
    TORCH[_alias] = METHODS[_alias] = TORCH[_name]


def _install_comparison(name: str, *aliases: str) -> None:
    def function(input: Any, other: Any) -> Tensor:
        if not isinstance(input, Tensor):
            refuse(TypeError, f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
        return binary(name, input, other)

    function.__name__ = name
    operation("torch", "method", names=aliases)(function)


for _name, _aliases in {
    "eq": (),
    "ne": ("not_equal",),
    "lt": ("less",),
    "le": ("less_equal",),
    "gt": ("greater",),
    "ge": ("greater_equal",),
}.items():
    _install_comparison(_name, *_aliases)


def _scaled(alpha: Any, other: Any) -> Any:
    return other if alpha == 1 else binary("mul", other, alpha)


@operation("torch", "method")
def add(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    return binary("add", input, _scaled(alpha, other))


@operation("torch", "method", names=("subtract",))
def sub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    return binary("sub", input, _scaled(alpha, other))


@operation("torch", "method", names=("multiply",))
def mul(input: Any, other: Any) -> Tensor:
    return binary("mul", input, other)


@operation("torch", "method", names=("divide",))
def div(input: Any, other: Any, *, rounding_mode: Any = None) -> Tensor:
    if rounding_mode is None:
        return binary("div", input, other)
    if rounding_mode not in ("floor", "trunc"):
        refuse(
            RuntimeError,
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'",
        )
    return _divided(input, other, rounding_mode)


@operation("torch", "method", names=("true_divide",))
def true_divide(input: Any, other: Any) -> Tensor:
    return binary("div", input, other)


def _divided(a: Any, b: Any, rounding: str) -> Tensor:
    one, other = as_operand(a), as_operand(b)
    if one is None or other is None:
        refuse(TypeError, f"unsupported operand type(s) for //: '{type(a).__name__}' and '{type(b).__name__}'")
    shape, of = broadcast(one.shape, other.shape), common_type(one, other)
    left, right = one._expanded(shape), other._expanded(shape)
    if of.kind == BOOLEAN:
        gap("// of two bool tensors")
    if of.kind == FLOATING:
        whole = _floor if rounding == "floor" else _trunc
        return computed([whole(_divide(x, y)) for x, y in zip(left, right, strict=True)], shape, of)
    if 0 in right:
        refuse(RuntimeError, "ZeroDivisionError")
    if rounding == "floor":
        return computed(map(operator.floordiv, left, right), shape, of)
    return computed(
        [_sign(x) * _sign(y) * (builtins.abs(x) // builtins.abs(y)) for x, y in zip(left, right, strict=True)],
        shape,
        of,
    )


@operation("torch", "method")
def floor_divide(input: Any, other: Any) -> Tensor:
    return _divided(input, other, "floor")


@operation("torch", "method")
def remainder(input: Any, other: Any) -> Tensor:
    one, other = as_operand(input), as_operand(other)
    if one is None or other is None:
        refuse(TypeError, "unsupported operand type(s) for %")
    if one.requires_grad or other.requires_grad:
        gap("the gradient of %")
    shape, of = broadcast(one.shape, other.shape), common_type(one, other)
    left, right = one._expanded(shape), other._expanded(shape)
    if 0 in right:
        if of.kind != FLOATING:
            refuse(RuntimeError, "ZeroDivisionError")
        return computed([x % y if y else nan for x, y in zip(left, right, strict=True)], shape, of)
    return computed(map(operator.mod, left, right), shape, of)


@operation("torch", "method", names=("float_power",))
def pow(input: Any, exponent: Any) -> Tensor:
    return binary("pow", input, exponent)


@operation("torch", "method")
def maximum(input: Any, other: Any) -> Tensor:
    return _of_two_tensors("maximum", input, other)


@operation("torch", "method")
def minimum(input: Any, other: Any) -> Tensor:
    return _of_two_tensors("minimum", input, other)


def _of_two_tensors(name: str, input: Any, other: Any) -> Tensor:
    for place, each in ((1, input), (2, other)):
        if not isinstance(each, Tensor):
            word = "input" if place == 1 else "other"
            refuse(
                TypeError, f"{name}(): argument '{word}' (position {place}) must be Tensor, not {type(each).__name__}"
            )
    return binary(name, input, other)


@operation("torch", "method", names=("clip",))
def clamp(input: Any, min: Any = None, max: Any = None) -> Tensor:
    if min is None and max is None:
        refuse(RuntimeError, "torch.clamp: At least one of 'min' or 'max' must not be None")
    return _clamped(input, min, max)


def _clamped(x: Tensor, low: Any, high: Any) -> Tensor:
    for bound, name in ((low, "maximum"), (high, "minimum")):
        if bound is None:
            continue
        bound = as_operand(bound)
        shape, of = broadcast(x.shape, bound.shape), common_type(x, bound)
        if bound.requires_grad:
            gap("the gradient of a bound of clamp")
        pairs = list(zip(x._expanded(shape), bound._expanded(shape), strict=True))
        function = BINARY[name][0]
        result = computed([function(a, b) for a, b in pairs], shape, of)
        passes = [a >= b if name == "maximum" else a <= b for a, b in pairs]
        x = _masked(x, result, passes)
    return x


def _masked(x: Tensor, result: Tensor, passes: list[bool]) -> Tensor:
    """Record an operation that hands its gradient on where `passes` says so."""

    def backward(gradient: Tensor) -> list[Tensor]:
        numbers = [g if p else 0.0 for g, p in zip(gradient._numbers(), passes, strict=True)]
        return [summed_to(computed(numbers, gradient.shape, gradient.dtype), x.shape)]

    return autograd.record(result, "Clamp", [x], backward)


@operation("method", names=("clip_",))
def clamp_(input: Any, min: Any = None, max: Any = None) -> Tensor:
    return copy_(input, _clamped(input, min, max))


@operation("torch", "method")
def clamp_min(input: Any, min: Any) -> Tensor:
    return _clamped(input, min, None)


@operation("torch", "method")
def clamp_max(input: Any, max: Any) -> Tensor:
    return _clamped(input, None, max)


@operation("method")
def copy_(input: Tensor, src: Any) -> Tensor:
    numbers = (
        src._expanded(input.shape)
        if broadcast(input.shape, src.shape) == input.shape
        else refuse(
            RuntimeError, f"The size of tensor a {list(input.shape)} must match the size of tensor b {list(src.shape)}"
        )
    )
    return change(input, list(numbers), "CopyBackwards", [src], lambda gradient: [summed_to(gradient, src.shape)])


@operation("method")
def fill_(input: Tensor, value: Any) -> Tensor:
    number = value.item() if isinstance(value, Tensor) else value
    return change(input, [number] * input.numel(), "Fill", [], lambda gradient: [])


@operation("method")
def zero_(input: Tensor) -> Tensor:
    return change(input, [0] * input.numel(), "Zero", [], lambda gradient: [])


def _install_in_place(name: str) -> None:
    def function(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
        return binary(name, input, _scaled(alpha, other), into=input)

    function.__name__ = f"{name}_"
    operation("method")(function)


for _name in ("add", "sub", "mul", "div", "pow"):
    _install_in_place(_name)


@operation("torch", "method")
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    return binary("add", input, binary("mul", binary("mul", tensor1, tensor2), value))


def _check_lerp(input: Tensor, end: Tensor, weight: Any) -> None:
    for name, other in (("end", end), ("weight", weight)):
        if isinstance(other, Tensor) and other.ndim and other.dtype is not input.dtype:
            names = (
                f"{dtypes.title(input.dtype).lower()} for `{name}` but got dtype {dtypes.title(other.dtype).lower()}"
            )
            refuse(RuntimeError, f"expected dtype {names}")
    if input.dtype.kind != dtypes.FLOATING:
        kind = "tensor" if isinstance(weight, Tensor) and weight.ndim else "scalar"
        refuse(NotImplementedError, f"\"lerp_kernel_{kind}\" not implemented for '{dtypes.title(input.dtype)}'")


@operation("torch", "method")
def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    _check_lerp(input, end, weight)
    return binary("add", input, binary("mul", binary("sub", end, input), weight))


@operation("method")
def lerp_(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    _check_lerp(input, end, weight)
    return binary("add", input, binary("mul", binary("sub", end, input), weight), into=input)


@operation("torch")
def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    if not isinstance(condition, Tensor):
        refuse(TypeError, f"where(): argument 'condition' (position 1) must be Tensor, not {type(condition).__name__}")
    if input is None or other is None:
        return METHODS["nonzero"](condition, as_tuple=True)
    if condition.dtype is not dtypes.bool_:
        refuse(
            RuntimeError,
            f"where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{dtypes.title(condition.dtype)}",
        )
    one, two = as_operand(input), as_operand(other)
    if one is None or two is None:
        gap("torch.where of things that are no numbers")
    shape, of = broadcast(condition.shape, one.shape, two.shape), common_type(one, two)
    choice = condition._expanded(shape)
    chosen = zip(choice, one._expanded(shape), two._expanded(shape), strict=True)
    result = computed([a if c else b for c, a, b in chosen], shape, of)

    def backward(gradient: Tensor) -> list[Tensor]:
        parts = []
        for operand, wanted in ((one, 1), (two, 0)):
            numbers = [g if c == wanted else 0.0 for g, c in zip(gradient._numbers(), choice, strict=True)]
            parts.append(summed_to(computed(numbers, shape, gradient.dtype), operand.shape))
        return parts

    return autograd.record(result, "Where", [one, two], backward)


METHODS["where"] = guarded(lambda self, condition, other: where(condition, self, other))


@operation("torch", "method")
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    if mask.dtype is not dtypes.bool_:
        refuse(RuntimeError, f"masked_fill only supports boolean masks, but got mask with dtype {mask.dtype.name}")
    filled = where(mask, value if not isinstance(value, Tensor) else value.item(), input)
    return filled.to(input.dtype)


@operation("method")
def masked_fill_(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    return copy_(input, masked_fill(input, mask, value))


def _logical(name: str, function: Callable, bitwise: bool) -> None:
    def apply(input: Any, other: Any) -> Tensor:
        one, two = as_operand(input), as_operand(other)
        if one is None or two is None:
            refuse(TypeError, f"unsupported operand type(s) for {name}")
        shape, of = broadcast(one.shape, two.shape), common_type(one, two)
        if bitwise and of.kind == FLOATING:
            refuse(RuntimeError, f"\"{name}_cpu\" not implemented for '{dtypes.title(of)}'")
        left, right = one._expanded(shape), two._expanded(shape)
        if not bitwise:
            return computed([function(bool(a), bool(b)) for a, b in zip(left, right, strict=True)], shape, dtypes.bool_)
        return computed(map(function, left, right), shape, of)

    apply.__name__ = name
    operation("torch", "method")(apply)


for _name, _function in {"and": operator.and_, "or": operator.or_, "xor": operator.xor}.items():
    _logical(f"logical_{_name}", _function, bitwise=False)
    _logical(f"bitwise_{_name}", _function, bitwise=True)


@operation("torch", "method")
def logical_not(input: Tensor) -> Tensor:
    return computed([not number for number in input._numbers()], input.shape, dtypes.bool_)


@operation("torch", "method")
def bitwise_not(input: Tensor) -> Tensor:
    if input.dtype.kind == FLOATING:
        refuse(RuntimeError, f"\"bitwise_not_cpu\" not implemented for '{dtypes.title(input.dtype)}'")
    if input.dtype.kind == BOOLEAN:
        return logical_not(input)
    return computed([~number for number in input._numbers()], input.shape, input.dtype)


@operation("torch", "method")
def isnan(input: Tensor) -> Tensor:
    return computed([number != number for number in input._numbers()], input.shape, dtypes.bool_)


@operation("torch", "method")
def isinf(input: Tensor) -> Tensor:
    return computed([number in (inf, -inf) for number in input._numbers()], input.shape, dtypes.bool_)


@operation("torch", "method")
def isfinite(input: Tensor) -> Tensor:
    return computed([math.isfinite(number) for number in input._numbers()], input.shape, dtypes.bool_)


@operation("torch", "method")
def nan_to_num(input: Tensor, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Tensor:
    if input.requires_grad:
        gap("the gradient of nan_to_num")
    largest = 3.4028234663852886e38 if input.dtype.code == "f" else 1.7976931348623157e308
    high, low = largest if posinf is None else posinf, -largest if neginf is None else neginf
    numbers = [nan if x != x else high if x == inf else low if x == -inf else x for x in input._numbers()]
    return computed(numbers, input.shape, input.dtype)


@operation("torch", "method")
def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    scale = 10.0**decimals
    numbers = [builtins.round(x * scale) / scale if math.isfinite(x) else x for x in input._numbers()]
    if input.dtype.kind != FLOATING:
        return input.clone()
    return _masked(input, like(input, input.dtype.store(numbers)), [False] * input.numel())


def _operator(name: str, reflected: bool = False) -> Callable:
    function = {"floordiv": floor_divide, "mod": remainder}.get(name) or TORCH.get(name)

    @guarded
    def apply(self: Any, other: Any) -> Any:
        if as_operand(other) is None:
            if isinstance(other, str | bytes | list | tuple | dict | set) or other is None:
                return NotImplemented
            gap(f"an operator between a tensor and a {type(other).__name__}")
        return function(other, self) if reflected else function(self, other)

    return apply


ARITHMETIC = {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "truediv": "div",
    "floordiv": "floordiv",
    "mod": "mod",
    "pow": "pow",
}  # a method's name without its underscores, and the operation


def _in_place_operator(name: str) -> Callable:
    @guarded
    def apply(self: Any, other: Any) -> Any:
        if as_operand(other) is None:
            return NotImplemented
        return binary(name, self, other, into=self)

    return apply


for _word, _name in (ARITHMETIC | {word: f"bitwise_{word}" for word in ("and", "or", "xor")}).items():
    setattr(Tensor, f"__{_word}__", _operator(_name))
    setattr(Tensor, f"__r{_word}__", _operator(_name, reflected=True))
for _word, _name in {"add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "pow": "pow"}.items():
    setattr(Tensor, f"__i{_word}__", _in_place_operator(_name))


def _written_back(name: str) -> Callable:
    """Return an operator in place that computes a new tensor and writes it into the first operand."""
    function = {"floordiv": floor_divide, "mod": remainder}.get(name) or TORCH[name]

    @guarded
    def apply(self: Any, other: Any) -> Any:
        if as_operand(other) is None:
            return NotImplemented
        result = function(self, other)
        check_in_place(self, result.shape, result.dtype)
        return copy_(self, result)

    return apply


for _word, _name in {
    "floordiv": "floordiv",
    "mod": "mod",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
}.items():
    setattr(Tensor, f"__i{_word}__", _written_back(_name))


def _equality(name: str) -> Callable:
    compare = guarded(lambda self, other: NotImplemented if as_operand(other) is None else binary(name, self, other))
    return compare


for _name in COMPARISONS:
    setattr(Tensor, f"__{_name}__", _equality(_name))
Tensor.__neg__ = METHODS["neg"]
Tensor.__abs__ = METHODS["abs"]
Tensor.__pos__ = guarded(lambda self: self)
Tensor.__invert__ = bitwise_not
