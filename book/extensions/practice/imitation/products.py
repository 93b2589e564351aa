"""Sums of products: matrix products, einsum, tensordot."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Sequence
from typing import Any

from . import autograd
from .dtypes import BOOLEAN, title
from .gaps import gap, guarded, refuse
from .looks import reshape
from .registry import METHODS, operation
from .shapes import axis, broadcast, places
from .tensors import Tensor, computed
from .watching import dispatch


def contract(subscripts: Sequence[str], result: str, tensors: Sequence[Tensor], name: str) -> Tensor:
    """Multiply tensors and add up over the letters that the result lacks.

    Parameters
    ----------
    subscripts : sequence of str
        One letter an axis, for each tensor; a letter may occur once in each.
    result : str
        Letters of the result's axes.
    tensors : sequence of Tensor
        All of one type.
    name : str
        Of the operation.
    """
    sizes: dict[str, int] = {}
    for letters, tensor in zip(subscripts, tensors, strict=True):
        for letter, size in zip(letters, tensor.shape, strict=True):
            known = sizes.setdefault(letter, size)
            if known == 1:
                sizes[letter] = size
            elif size not in (1, known):
                refuse(
                    RuntimeError,
                    f"einsum(): subscript {letter} has size {size} for operand 1 which does not broadcast with "
                    f"previously "
                    f"seen size {known}",
                )
    summed = "".join(letter for letter in sizes if letter not in result)

    def walk(tensor: Tensor, letters: str, over: str) -> list[int]:
        strides = [
            0
            if letter not in letters or tensor.shape[letters.index(letter)] == 1
            else tensor._strides[letters.index(letter)]
            for letter in over
        ]
        return places([sizes[letter] for letter in over], strides)

    def rows(tensor: Tensor, letters: str) -> tuple[list[int], dict[int, list]]:
        """Return where each number of the result begins, and the numbers from there on."""
        starts = [start + tensor._offset for start in walk(tensor, letters, result)]
        steps, storage = walk(tensor, letters, summed), tensor._storage
        return starts, {start: [storage[start + step] for step in steps] for start in set(starts)}

    read = [rows(tensor, letters) for tensor, letters in zip(tensors, subscripts, strict=True)]
    if len(tensors) == 2:
        (starts, left), (others, right) = read
        numbers = [_dot(left[one], right[other]) for one, other in zip(starts, others, strict=True)]
    else:
        numbers = [
            sum(
                map(
                    math.prod, zip(*(content[start] for start, (_, content) in zip(at, read, strict=True)), strict=True)
                )
            )
            for at in zip(*(starts for starts, _ in read), strict=True)
        ]
    value = computed(numbers, [sizes[letter] for letter in result], tensors[0].dtype)

    def backward(gradient: Tensor) -> list[Tensor | None]:
        parts: list[Tensor | None] = []
        for number, (letters, tensor) in enumerate(zip(subscripts, tensors, strict=True)):
            if not tensor.requires_grad:
                parts.append(None)
                continue
            others = [k for k in range(len(tensors)) if k != number]
            found = letters if all(tensor.shape[k] == sizes[letter] for k, letter in enumerate(letters)) else None
            if found is None:
                gap("the gradient of an einsum that broadcasts")
            present = "".join(
                letter for letter in letters if letter in result or any(letter in subscripts[k] for k in others)
            )
            part = contract(
                [result, *(subscripts[k] for k in others)], present, [gradient, *(tensors[k] for k in others)], name
            )
            if present != letters:
                shape = [sizes[letter] if letter in present else 1 for letter in letters]
                part = reshape(part, shape).expand(*tensor.shape).contiguous()
            parts.append(part)
        return parts

    return autograd.record(value, name, tensors, backward, tensors if len(tensors) > 1 else ())


def _dot(left: Sequence[Any], right: Sequence[Any]) -> Any:
    return sum(map(operator.mul, left, right))


if hasattr(math, "sumprod"):  # Python 3.12, ten times as fast
    _dot = math.sumprod  # type: ignore[assignment]


def _same_type(name: str, tensors: Sequence[Tensor]) -> None:
    for each in tensors:
        if not isinstance(each, Tensor):
            refuse(TypeError, f"{name}(): argument must be Tensor, not {type(each).__name__}")
    first = tensors[0].dtype
    for each in tensors[1:]:
        if each.dtype is not first:
            refuse(
                RuntimeError,
                f"expected m1 and m2 to have the same dtype, but got: {_c_name(first)} != {_c_name(each.dtype)}",
            )
    if first.kind == BOOLEAN:
        refuse(RuntimeError, f"\"addmm_impl_cpu_\" not implemented for '{title(first)}'")


def _c_name(of: Any) -> str:
    names = {"float32": "float", "float64": "double", "int64": "long", "int32": "int", "uint8": "unsigned char"}
    return names.get(of.name, of.name)


@operation("torch", "method")
def matmul(input: Tensor, other: Tensor) -> Tensor:
    _same_type("matmul", (input, other))
    one, two = len(input.shape), len(other.shape)
    if not one or not two:
        refuse(
            RuntimeError,
            f"both arguments to matmul need to be at least 1D, but they are {one}D and {two}D",
        )
    inner = other.shape[0] if two == 1 else other.shape[-2]
    if input.shape[-1] != inner:
        if one == two == 1:
            refuse(
                RuntimeError,
                f"inconsistent tensor size, expected tensor [{input.shape[0]}] and src [{inner}] to have the same "
                f"number of "
                f"elements, but got {input.shape[0]} and {inner} elements respectively",
            )
        rows = math.prod(input.shape[:-1])
        refuse(
            RuntimeError,
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{input.shape[-1]} and "
            f"{inner}x{other.shape[-1] if two > 1 else 1})",
        )
    if one == two == 1:
        return contract(["k", "k"], "", [input, other], "Dot")
    if one == 1:
        return matmul(input.unsqueeze(0), other).squeeze(-2)
    if two == 1:
        letters = "abcdefgh"[: one - 1]
        return contract([letters + "k", "k"], letters, [input, other], "Mv")
    if one == two == 2:
        return dispatch("aten::mm", (input, other), lambda: contract(["mk", "kn"], "mn", [input, other], "Mm"))
    shape = broadcast(input.shape[:-2], other.shape[:-2])
    letters = "abcdefgh"[: len(shape)]
    left, right = input.expand(*shape, *input.shape[-2:]), other.expand(*shape, *other.shape[-2:])
    return contract([letters + "mk", letters + "kn"], letters + "mn", [left, right], "Bmm")


Tensor.__matmul__ = guarded(lambda self, other: matmul(self, other) if isinstance(other, Tensor) else NotImplemented)


def _of_dimensions(name: str, wanted: Sequence[int], tensors: Sequence[Tensor], message: str) -> None:
    _same_type(name, tensors)
    if [len(each.shape) for each in tensors] != list(wanted):
        refuse(RuntimeError, message)


@operation("torch", "method")
def mm(input: Tensor, mat2: Tensor) -> Tensor:
    _of_dimensions(
        "mm", (2, 2), (input, mat2), "self must be a matrix" if len(input.shape) != 2 else "mat2 must be a matrix"
    )
    return matmul(input, mat2)


@operation("torch", "method")
def mv(input: Tensor, vec: Tensor) -> Tensor:
    _of_dimensions(
        "mv",
        (2, 1),
        (input, vec),
        f"vector + matrix @ vector expected, got {len(vec.shape)}, {len(input.shape)}, {len(vec.shape)}",
    )
    return matmul(input, vec)


@operation("torch", "method")
def dot(input: Tensor, tensor: Tensor) -> Tensor:
    _of_dimensions(
        "dot",
        (1, 1),
        (input, tensor),
        f"1D tensors expected, but got {len(input.shape)}D and {len(tensor.shape)}D tensors",
    )
    return matmul(input, tensor)


@operation("torch", "method")
def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    _of_dimensions(
        "bmm",
        (3, 3),
        (input, mat2),
        "batch1 must be a 3D tensor" if len(input.shape) != 3 else "batch2 must be a 3D tensor",
    )
    if input.shape[0] != mat2.shape[0] or input.shape[2] != mat2.shape[1]:
        refuse(
            RuntimeError,
            f"Expected size for first two dimensions of batch2 tensor to be: [{input.shape[0]}, {input.shape[2]}] but "
            f"got: "
            f"[{mat2.shape[0]}, {mat2.shape[1]}].",
        )
    return matmul(input, mat2)


@operation("torch", "method", names=("ger",))
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    _of_dimensions("outer", (1, 1), (input, vec2), f"outer: Expected 1-D argument self, but got {len(input.shape)}-D")
    return input.unsqueeze(1) * vec2.unsqueeze(0)


@operation("torch", "method")
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor) -> Tensor:
    return input + mm(mat1, mat2)


@operation("torch")
def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    if isinstance(dims, int):
        left, right = list(range(len(a.shape) - dims, len(a.shape))), list(range(dims))
    else:
        left, right = ([side] if isinstance(side, int) else list(side) for side in dims)
    left, right = [axis(dim, len(a.shape)) for dim in left], [axis(dim, len(b.shape)) for dim in right]
    if len(left) != len(right):
        refuse(RuntimeError, "both dimension lists should have same length")
    _same_type("tensordot", (a, b))
    for one, two in zip(left, right, strict=True):
        if a.shape[one] != b.shape[two]:
            refuse(
                RuntimeError,
                f"contracted dimensions need to match, but first has size {a.shape[one]} in dim {one} and second has "
                f"size "
                f"{b.shape[two]} in dim {two}",
            )
    letters = [chr(97 + k) for k in range(len(a.shape))]
    others = [letters[left[right.index(k)]] if k in right else chr(65 + k) for k in range(len(b.shape))]
    result = [x for k, x in enumerate(letters) if k not in left] + [x for k, x in enumerate(others) if k not in right]
    return contract(["".join(letters), "".join(others)], "".join(result), [a, b], "Tensordot")


@operation("torch")
def einsum(equation: Any, *operands: Any) -> Tensor:
    if not isinstance(equation, str):
        gap("torch.einsum with lists of axes")
    if len(operands) == 1 and isinstance(operands[0], tuple | list):
        (operands,) = operands
    left, arrow, right = equation.replace(" ", "").partition("->")
    subscripts = left.split(",")
    for letters in [*subscripts, right]:
        if re.search(r"[^a-zA-Z.]", letters) or letters.replace("...", "").count("."):
            refuse(RuntimeError, f"einsum(): invalid subscript given in the equation string: {equation!r}")
    if len(subscripts) != len(operands):
        more = (
            "more operands were provided than specified in the equation"
            if len(operands) > len(subscripts)
            else ("fewer operands were provided than specified in the equation")
        )
        refuse(RuntimeError, f"einsum(): {more}")
    _same_type("einsum", operands)
    subscripts, right = _without_dots(subscripts, right, bool(arrow), operands)
    for number, (letters, tensor) in enumerate(zip(subscripts, operands, strict=True)):
        if len(letters) != len(tensor.shape):
            refuse(
                RuntimeError,
                f"einsum(): the number of subscripts in the equation ({len(letters)}) does not match the number of "
                f"dimensions "
                f"({len(tensor.shape)}) for operand {number} and no ellipsis was given",
            )
    if not arrow:
        every = "".join(subscripts)
        right += "".join(sorted(letter for letter in set(every) if every.count(letter) == 1 and letter.isalpha()))
    for letter in right:
        if right.count(letter) > 1:
            refuse(RuntimeError, f"einsum(): output subscript {letter} appears more than once in the output")
        if not any(letter in letters for letters in subscripts):
            refuse(
                RuntimeError,
                f"einsum(): output subscript {letter} does not appear in the equation for any input operand",
            )
    tensors = []
    for number, (letters, tensor) in enumerate(zip(subscripts, operands, strict=True)):
        while len(set(letters)) < len(letters):  # a diagonal
            letter = next(x for x in letters if letters.count(x) > 1)
            one, two = letters.index(letter), letters.rindex(letter)
            tensor = METHODS["diagonal"](tensor, 0, one, two)
            letters = (
                letters.replace(letter, "") + letter
                if letters.count(letter) == 2
                else gap("einsum of a triple diagonal")
            )
        subscripts[number] = letters
        tensors.append(tensor)
    return contract(subscripts, right, tensors, "Einsum")


def _without_dots(subscripts: list[str], right: str, arrow: bool, operands: Sequence[Tensor]) -> tuple[list[str], str]:
    """Write letters for the axes that an ellipsis stands for."""
    spare = "αβγδεζηθ"
    found, longest = [], 0
    for letters, tensor in zip(subscripts, operands, strict=True):
        if "..." in letters:
            count = len(tensor.shape) - (len(letters) - 3)
            if count < 0:
                refuse(
                    RuntimeError,
                    "einsum(): the number of subscripts in the equation is larger than the number of dimensions",
                )
            longest = max(longest, count)
            letters = letters.replace("...", spare[len(spare) - count :])
        found.append(letters)
    dots = spare[len(spare) - longest :] if longest else ""
    if not arrow:
        return found, dots
    return found, right.replace("...", dots)
