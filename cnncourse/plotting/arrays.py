"""What the pictures accept: tensors and arrays of finite real numbers."""

from __future__ import annotations

from typing import Any

import numpy as np


def to_array(values: Any, name: str, finite: bool = True) -> np.ndarray:
    if hasattr(values, "detach"):  # a tensor, wherever it lives
        values = values.detach().cpu()
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"`{name}` must hold real numbers, not {array.dtype}")
    if array.size == 0:
        raise ValueError(f"{name} is empty, shape {array.shape}")
    if finite and not np.isfinite(array).all():
        raise ValueError(f"{name} holds values that are not finite")
    return array.astype(float) if array.dtype.kind in "bif" else array
