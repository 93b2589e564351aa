"""The tensor: a strided view of numbers in an array, with Python's protocols."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from . import autograd
from .dtypes import BOOLEAN, FLOATING, bool_, dtype
from .gaps import gap, refuse
from .printing import tensor_text
from .registry import METHODS, TORCH
from .shapes import Size, axis, dense_strides, expanded_strides, places


class Device:
    """The one device that there is."""

    type, index = "cpu", None

    def __init__(self, name: Any = "cpu") -> None:
        if str(getattr(name, "type", name)).partition(":")[0] != "cpu":
            gap(f"the device {name}")

    def __repr__(self) -> str:
        return "device(type='cpu')"

    def __str__(self) -> str:
        return "cpu"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device)

    def __hash__(self) -> int:
        return hash("cpu")

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class _TensorType(type):
    """Calling `Parameter` makes one over a tensor, calling `Tensor` one of float32 from sizes or from a list."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Parameter and args and isinstance(args[0], Tensor):
            return parameter(*args, **kwargs)
        if cls is not Tensor or kwargs:
            gap(f"torch.{cls.__name__}(...)")
        return of_type("float32")(*args)


def of_type(name: str) -> Callable:
    """Return the constructor of torch's old classes, such as `torch.FloatTensor`, for a type's name."""

    def construct(*args: Any) -> Any:
        from_content = len(args) == 1 and isinstance(args[0], list | tuple)
        return TORCH["tensor" if from_content else "empty"](*args, dtype=TORCH["types"][name])

    return construct


class _Named:
    """A constant of torch's that is known by its name.

    Parameters
    ----------
    name : str
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


STRIDED = _Named("strided")


class Tensor(metaclass=_TensorType):
    """A strided view of numbers. Made by `make`, never by calling the class."""

    _node: Any
    grad: Any
    layout, is_quantized, is_sparse, names, is_cuda = STRIDED, False, False, None, False
    __array_priority__ = 1000

    # what it is
    ndim = property(lambda self: len(self.shape))
    device = property(lambda self: Device())
    itemsize = property(lambda self: self.dtype.itemsize)
    nbytes = property(lambda self: self.numel() * self.dtype.itemsize)
    is_leaf = property(lambda self: self._node is None)
    grad_fn = property(lambda self: self._node)
    _version = property(lambda self: self._versions[0])
    T = property(lambda self: METHODS["permute"](self, *reversed(range(len(self.shape)))))
    mT = property(lambda self: METHODS["transpose"](self, -2, -1))
    data = property(lambda self: METHODS["detach"](self), lambda self, value: _replace(self, value))

    def _numbers(self) -> Sequence[Any]:
        """Return the numbers in row order; not to be changed."""
        if self._is_dense():
            if self._offset == 0 and len(self._storage) == self.numel():
                return self._storage
            return self._storage[self._offset : self._offset + self.numel()]
        storage = self._storage
        return [storage[place] for place in self._places()]

    def _places(self) -> list[int]:
        return places(self.shape, self._strides, self._offset)

    def _is_dense(self) -> bool:
        if self._strides == dense_strides(self.shape):
            return True
        dense = zip(self.shape, self._strides, dense_strides(self.shape), strict=True)
        return not self.numel() or all(size == 1 or stride == want for size, stride, want in dense)

    def _write(self, numbers: Sequence[Any]) -> None:
        """Store numbers of this type in row order. Whatever shares the storage sees them."""
        storage = self._storage
        for place, number in zip(self._places(), numbers, strict=True):
            storage[place] = number
        self._versions[0] += 1

    def _expanded(self, shape: Sequence[int]) -> Sequence[Any]:
        """Return the numbers as a broadcast shape shows them."""
        if tuple(self.shape) == tuple(shape):
            return self._numbers()
        storage = self._storage
        strides = expanded_strides(self.shape, self._strides, shape)
        return [storage[place] for place in places(shape, strides, self._offset)]

    def numel(self) -> int:
        return math.prod(self.shape)

    nelement = numel

    def dim(self) -> int:
        return len(self.shape)

    ndimension = dim

    def size(self, dim: Any = None) -> Any:
        return self.shape if dim is None else self.shape[axis(dim, len(self.shape))]

    def stride(self, dim: Any = None) -> Any:
        return self._strides if dim is None else self._strides[axis(dim, len(self.shape))]

    def storage_offset(self) -> int:
        return self._offset

    def element_size(self) -> int:
        return self.dtype.itemsize

    def is_floating_point(self) -> bool:
        return self.dtype.kind == FLOATING

    def is_complex(self) -> bool:
        return False

    def is_contiguous(self, memory_format: Any = None) -> bool:
        return self._is_dense()

    def data_ptr(self) -> int:
        return id(self._storage) + self._offset * self.dtype.itemsize

    def untyped_storage(self) -> Any:
        return _Storage(self._storage)

    def get_device(self) -> int:
        return -1

    # Python's protocols
    def __len__(self) -> int:
        if not self.shape:
            refuse(TypeError, "len() of a 0-d tensor")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self.shape:
            refuse(TypeError, "iteration over a 0-d tensor")
        return iter([self[index] for index in range(self.shape[0])])

    def item(self) -> Any:
        if self.numel() != 1:
            refuse(RuntimeError, f"a Tensor with {self.numel()} elements cannot be converted to Scalar")
        (number,) = self._numbers()
        return bool(number) if self.dtype is bool_ else number

    def tolist(self) -> Any:
        numbers = list(self._numbers())
        if self.dtype.kind == BOOLEAN:
            numbers = [bool(number) for number in numbers]
        if not self.shape:
            return numbers[0]
        for size in reversed(self.shape[1:]):
            count = len(numbers) // size if size else 0
            numbers = [numbers[step * size : (step + 1) * size] for step in range(count)]
        if not self.numel():
            return _empty_lists(self.shape)
        return numbers

    def __bool__(self) -> bool:
        if self.numel() != 1:
            many = "more than one value" if self.numel() else "no values"
            refuse(RuntimeError, f"Boolean value of Tensor with {many} is ambiguous")
        return bool(self.item())

    def __int__(self) -> int:
        number = self.item()
        if isinstance(number, float) and not math.isfinite(number):
            refuse(
                OverflowError if math.isinf(number) else ValueError,
                f"cannot convert float {'infinity' if math.isinf(number) else 'NaN'} to integer",
            )
        return int(number)

    def __float__(self) -> float:
        return float(self.item())

    def __index__(self) -> int:
        if self.dtype.kind == FLOATING or self.numel() != 1:
            refuse(TypeError, "only integer tensors of a single element can be converted to an index")
        return int(self.item())

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return tensor_text(self)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if not self.shape else object.__format__(self, spec)

    def __contains__(self, value: Any) -> bool:
        return bool((self == value).any())

    def __deepcopy__(self, memo: dict) -> Any:
        if self._node is not None:
            refuse(
                RuntimeError,
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the "
                "moment.",
            )
        copied = like(self, array(self.dtype.code, self._numbers()))
        copied.requires_grad = self.requires_grad
        copied.grad = None if self.grad is None else self.grad.clone()
        memo[id(self)] = copied
        return copied

    def __reduce_ex__(self, protocol: Any) -> Any:
        gap("pickling a tensor")

    # gradients
    def backward(
        self, gradient: Any = None, retain_graph: Any = None, create_graph: bool = False, inputs: Any = None
    ) -> None:
        if create_graph or inputs is not None:
            gap("Tensor.backward with create_graph or inputs")
        autograd.gradients(autograd.seeds([self], [gradient]), bool(retain_graph), None)

    def requires_grad_(self, requires_grad: bool = True) -> Any:
        if requires_grad and self.dtype.kind != FLOATING:
            refuse(RuntimeError, "only Tensors of floating point dtype can require gradients")
        if not requires_grad and self._node is not None:
            refuse(RuntimeError, "you can only change requires_grad flags of leaf variables.")
        self.requires_grad = bool(requires_grad)
        return self

    def register_hook(self, hook: Callable) -> Handle:
        if not self.requires_grad:
            refuse(RuntimeError, "cannot register a hook on a tensor that doesn't require gradient")
        hooks = self._hooks if self._node is None else self._node.hooks
        hooks.append(hook)
        return Handle(lambda: hooks.remove(hook))

    def retain_grad(self) -> None:
        if not self.requires_grad:
            refuse(RuntimeError, "can't retain_grad on Tensor that has requires_grad=False")
        if self._node is not None:
            self._node.hooks.append(lambda gradient: setattr(self, "grad", gradient))


class Parameter(Tensor):
    """A tensor that a module lists among its parameters."""

    def __deepcopy__(self, memo: dict) -> Any:
        copied = parameter(like(self, array(self.dtype.code, self._numbers())), self.requires_grad)
        memo[id(self)] = copied
        return copied


class _Storage:
    """The memory below tensors.

    Parameters
    ----------
    numbers : array.array
    """

    def __init__(self, numbers: array) -> None:
        self._numbers = numbers

    def data_ptr(self) -> int:
        return id(self._numbers)


class Handle:
    """What registering a hook returns.

    Parameters
    ----------
    forget : callable
    """

    def __init__(self, forget: Callable[[], None]) -> None:
        self._forget: Callable[[], None] | None = forget

    def remove(self) -> None:
        """Take the hook away; a second time does nothing."""
        forget, self._forget = self._forget, None
        if forget:
            forget()

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def make(
    storage: array,
    shape: Sequence[int],
    of: dtype,
    strides: Sequence[int] | None = None,
    offset: int = 0,
    base: Tensor | None = None,
    cls: type = Tensor,
) -> Tensor:
    """Return a tensor over numbers that are stored already.

    Parameters
    ----------
    storage : array.array
    shape : sequence of int
    of : dtype
        Of the storage.
    strides : sequence of int, optional
        In elements; those of a dense tensor by default.
    offset : int
    base : Tensor, optional
        The tensor that this one is a view of.
    cls : type
    """
    tensor = object.__new__(cls)
    tensor._storage, tensor.shape, tensor.dtype, tensor._offset = storage, Size(shape), of, offset
    tensor._strides = dense_strides(shape) if strides is None else tuple(strides)
    tensor.requires_grad, tensor.grad, tensor._node, tensor._hooks, tensor._stale = False, None, None, [], False
    tensor._base = base if base is None or base._base is None else base._base
    tensor._versions = [0] if base is None else base._versions
    return tensor


def like(tensor: Tensor, storage: array) -> Tensor:
    """Return a dense tensor of the same shape and type with other numbers."""
    return make(storage, tensor.shape, tensor.dtype)


def computed(numbers: Any, shape: Sequence[int], of: dtype) -> Tensor:
    """Return a new tensor of numbers in row order, which are rounded, cut or wrapped to the type."""
    return make(of.store(numbers), shape, of)


def view(tensor: Tensor, name: str, look: Callable[[Tensor], Tensor]) -> Tensor:
    """Return a view of a tensor; gradients go back to the places that it shows.

    Parameters
    ----------
    tensor : Tensor
    name : str
        Of the operation.
    look : callable
        From a tensor of the same shape to the view of it.
    """

    def backward(gradient: Tensor) -> list[Tensor]:
        whole = computed([0] * tensor.numel(), tensor.shape, tensor.dtype)
        storage = whole._storage
        for place, number in zip(look(whole)._places(), gradient._numbers(), strict=True):
            storage[place] += number
        return [whole]

    return autograd.record(look(tensor), name, [tensor], backward)


def sharing(tensor: Tensor, shape: Sequence[int], strides: Sequence[int], offset: int | None = None) -> Tensor:
    """Return a tensor over the same storage."""
    return make(tensor._storage, shape, tensor.dtype, strides, tensor._offset if offset is None else offset, tensor)


def parameter(tensor: Tensor, requires_grad: bool = True) -> Tensor:
    """Return a parameter over a tensor's numbers."""
    made = make(tensor._storage, tensor.shape, tensor.dtype, tensor._strides, tensor._offset, cls=Parameter)
    made._versions = tensor._versions
    return made.requires_grad_(requires_grad)


def change(tensor: Tensor, numbers: Any, name: str, inputs: Sequence[Tensor], backward: Callable) -> Tensor:
    """Write new numbers into a tensor and note how they were computed.

    Parameters
    ----------
    tensor : Tensor
    numbers : sequence
        In row order.
    name : str
    inputs : sequence of Tensor
        The tensor as it was, first, and what else was used.
    backward : callable
        See `autograd.Node`.
    """
    recorded = autograd.is_enabled() and any(each.requires_grad for each in inputs)
    if autograd.is_enabled() and tensor.requires_grad and tensor._node is None:
        refuse(RuntimeError, "a leaf Variable that requires grad is being used in an in-place operation.")
    base = tensor._base
    if recorded and base is not None:
        if base.requires_grad and base._node is None:
            refuse(RuntimeError, "a view of a leaf Variable that requires grad is being used in an in-place operation.")
        base._stale = True
    if any(stride == 0 and size > 1 for size, stride in zip(tensor.shape, tensor._strides, strict=True)):
        refuse(
            RuntimeError,
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
            "Please clone() the tensor before performing the operation.",
        )
    node = autograd.Node(name, inputs, backward, ()) if recorded else None
    tensor._write(tensor.dtype.store(numbers))
    if node is not None:
        tensor._node, tensor.requires_grad = node, True
    return tensor


def summed_to(gradient: Tensor, shape: Sequence[int]) -> Tensor:
    """Add up a gradient over the axes along which a tensor of `shape` was broadcast."""
    if tuple(gradient.shape) == tuple(shape):
        return gradient
    total = computed([0] * math.prod(shape), shape, gradient.dtype)
    storage = total._storage
    spread = places(gradient.shape, expanded_strides(shape, total._strides, gradient.shape))
    for place, number in zip(spread, gradient._numbers(), strict=True):
        storage[place] += number
    return total


def _replace(tensor: Tensor, value: Any) -> None:
    """``tensor.data = value``: the tensor shows other numbers from now on."""
    if not isinstance(value, Tensor) or value.dtype is not tensor.dtype:
        gap("data of another type")
    tensor._storage, tensor.shape, tensor._strides = value._storage, value.shape, value._strides
    tensor._offset, tensor._versions = value._offset, value._versions


def _empty_lists(shape: Sequence[int]) -> list:
    return [_empty_lists(shape[1:]) for _ in range(shape[0])] if len(shape) > 1 else []
