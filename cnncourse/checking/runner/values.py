"""Plain values: all that passes between an answer and the comparison.

A plain value is None, a bool, an int, a float, a string, a dense real tensor or NumPy array, or a list, tuple or
string-keyed dict of plain values; a subclass of these three, such as a named tuple, is read as the one that it extends,
with the methods of that one. `encode` turns a plain value into JSON material, `decode` turns it back and trusts
nothing: types, shapes and sizes are checked before a byte is read. Whatever is not plain becomes `Opaque`, which equals
nothing.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float16, torch.bfloat16, torch.float32, torch.float64,
        torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.bool,
    )
}  # fmt: skip
MAX_BYTES = 64_000_000  # of one array, decoded
MAX_DEPTH = 20
MAX_ITEMS = 100_000  # of one list, tuple or dict
MAX_TEXT = 10_000  # characters
MAX_INT = 2**200


@dataclass(frozen=True)
class Opaque:
    """A value that is not plain; only a description of it is known.

    Parameters
    ----------
    description : str
        For the reader of a report: "an object of type Foo", "a sparse tensor".
    """

    description: str


def encode(value: Any, depth: int = 0) -> Any:
    """Turn a value into JSON material.

    Parameters
    ----------
    value : object
        Anything. What is not plain becomes an `Opaque` in `decode`.

    Returns
    -------
    dict, list, str, int, float, bool or None
        Material that `json.dumps` accepts.

    Examples
    --------
    >>> encode((1, [2.5, "three"]))
    {'tuple': [1, {'list': [2.5, 'three']}]}
    >>> decode(encode((1, [2.5, "three"])))
    (1, [2.5, 'three'])
    """
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        return value if abs(value) <= MAX_INT else _opaque("an enormous int")
    if kind is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if kind is str:
        return value[:MAX_TEXT]
    if kind is torch.Tensor or kind is torch.nn.Parameter:
        return _encode_tensor(value)
    if kind is np.ndarray:
        return _encode_array(value)
    if isinstance(value, np.generic) and kind.__module__ == "numpy":
        return encode(value.item(), depth)
    container = next((base for base in (list, tuple, dict) if issubclass(kind, base)), None)
    if container:
        items: list = list(container.items(value) if container is dict else container.__iter__(value))
        if depth >= MAX_DEPTH or len(items) > MAX_ITEMS:
            return _opaque(f"a {container.__name__} too large or too deep to read")
        if container is dict:
            if not all(type(key) is str for key, _ in items):
                return _opaque("a dict whose keys are not all strings")
            return {"dict": {key: encode(item, depth + 1) for key, item in items}}
        return {container.__name__: [encode(item, depth + 1) for item in items]}
    return _opaque(_name_of(kind))


def decode(material: Any, depth: int = 0) -> Any:
    """Turn JSON material back into a value, checking everything.

    Parameters
    ----------
    material : object
        What `encode` returned, or what somebody passes off as that.

    Returns
    -------
    object
        The plain value; tensors are `torch.Tensor`, arrays `numpy.ndarray`, anything else `Opaque`.

    Raises
    ------
    ValueError
        If the material is not of the form that `encode` writes.
    """
    if material is None or isinstance(material, bool | float):
        return material
    if isinstance(material, int):
        if abs(material) > MAX_INT:
            raise ValueError("an int is larger than a plain value may be")
        return material
    if isinstance(material, str):
        if len(material) > MAX_TEXT:
            raise ValueError(f"a string of {len(material)} characters; at most {MAX_TEXT} are allowed")
        return material
    if not isinstance(material, dict) or len(material) != 1 or depth > MAX_DEPTH:
        raise ValueError("not the encoding of a plain value")
    ((tag, content),) = material.items()
    if tag == "float" and content in ("nan", "inf", "-inf"):
        return float(content)
    if tag == "opaque" and isinstance(content, str):
        return Opaque(content[:200])
    if tag in ("tensor", "array"):
        return _decode_array(content, as_tensor=tag == "tensor")
    if tag in ("list", "tuple") and isinstance(content, list) and len(content) <= MAX_ITEMS:
        items = [decode(item, depth + 1) for item in content]
        return items if tag == "list" else tuple(items)
    if tag == "dict" and isinstance(content, dict) and len(content) <= MAX_ITEMS:
        return {key: decode(item, depth + 1) for key, item in content.items()}
    raise ValueError(f"not the encoding of a plain value: {str(tag)[:40]!r}")


def _opaque(description: str) -> dict:
    return {"opaque": description}


def _name_of(kind: type) -> str:
    """Name a type without running its code: `type.__name__` cannot be overridden by a metaclass here."""
    return f"an object of type {type.__dict__['__name__'].__get__(kind)[:100]}"


def _encode_tensor(tensor: torch.Tensor) -> dict:
    if tensor.layout is not torch.strided:
        return _opaque("a sparse tensor")
    if tensor.is_quantized or tensor.is_complex() or tensor.dtype not in DTYPES.values():
        return _opaque(f"a tensor of dtype {str(tensor.dtype).removeprefix('torch.')}")
    if tensor.device.type == "meta":
        return _opaque("a tensor without data (device meta)")
    if tensor.numel() * tensor.element_size() > MAX_BYTES:
        return _opaque(f"a tensor of {tensor.numel()} elements, too many to read")
    # `contiguous` would keep odd strides on axes of length 1, which cannot be viewed as bytes.
    dense = tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
    content = dense.reshape(-1).view(torch.uint8).numpy()
    return {"tensor": _packed(str(tensor.dtype).removeprefix("torch."), tensor.shape, content.tobytes())}


def _encode_array(array: np.ndarray) -> dict:
    if array.dtype.name not in DTYPES:
        return _opaque(f"a NumPy array of dtype {array.dtype.name}")
    if array.nbytes > MAX_BYTES:
        return _opaque(f"a NumPy array of {array.size} elements, too many to read")
    return {"array": _packed(array.dtype.name, array.shape, array.tobytes())}


def _packed(dtype: str, shape: Sequence[int], content: bytes) -> dict:
    return {
        "dtype": dtype,
        "shape": [int(size) for size in shape],
        "data": base64.b64encode(content).decode("ascii"),
    }


def _decode_array(content: Any, as_tensor: bool) -> torch.Tensor | np.ndarray:
    if not isinstance(content, dict) or set(content) != {"dtype", "shape", "data"}:
        raise ValueError("an encoded array has the keys dtype, shape and data")
    dtype, shape, data = content["dtype"], content["shape"], content["data"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise ValueError(f"an encoded array has dtype {str(dtype)[:40]!r}")
    sizes_are_fine = isinstance(shape, list) and len(shape) <= 16 and all(type(n) is int and n >= 0 for n in shape)
    if not sizes_are_fine or max(shape, default=0) > MAX_BYTES or not isinstance(data, str):
        raise ValueError("an encoded array has a malformed shape or malformed data")
    num_bytes = math.prod(shape) * DTYPES[dtype].itemsize
    if num_bytes > MAX_BYTES or len(data) != 4 * math.ceil(num_bytes / 3):
        raise ValueError(f"an encoded array of shape {tuple(shape)} does not fit its data")
    raw = bytearray(base64.b64decode(data, validate=True))
    if len(raw) != num_bytes:
        raise ValueError(f"an encoded array of shape {tuple(shape)} does not fit its data")
    if not num_bytes:
        tensor = torch.empty(shape, dtype=DTYPES[dtype])
    else:
        tensor = torch.frombuffer(raw, dtype=torch.uint8)
        if dtype == "bool":
            tensor = tensor.ne(0)
        tensor = tensor.view(DTYPES[dtype]).reshape(shape)
    return tensor if as_tensor else tensor.numpy()
