"""Plain values written as Python, for notebooks that stand alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch


def literal(value: object) -> str:
    """Write a plain value as an expression over ``torch``, ``np``, ``inf`` and ``nan``.

    Parameters
    ----------
    value : plain value

    Returns
    -------
    str

    Examples
    --------
    >>> literal({"kernel": torch.tensor([[1.0, -1.0]]), "stride": (1, 2)})
    "{'kernel': torch.tensor([[1.0, -1.0]], dtype=torch.float32), 'stride': (1, 2)}"
    """
    if isinstance(value, torch.Tensor):
        text = f"torch.tensor({value.tolist()!r}, dtype={value.dtype})"
        return text if value.numel() else f"torch.zeros({tuple(value.shape)!r}, dtype={value.dtype})"
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()!r}, dtype='{value.dtype}').reshape({value.shape!r})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(literal, value)) + ("," if len(value) == 1 else "") + ")"
    return repr(value)


def size(value: Any) -> int:
    """Count the numbers in a plain value."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return int(np.prod(value.shape))
    if isinstance(value, dict) or hasattr(value, "items"):
        return sum(map(size, value.values()))
    return sum(map(size, value)) if isinstance(value, list | tuple) else 1
