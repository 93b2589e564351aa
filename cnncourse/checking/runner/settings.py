"""The settings under which answers are compared, whatever a session or a cell has set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import torch


@contextmanager
def standard_settings() -> Iterator[None]:
    """Give torch and NumPy the settings of a fresh process for a while.

    Covers the default dtype, the default device, inference mode, autocast, the precision of matrix products and what
    NumPy does about overflow. Afterwards everything is as before.

    Examples
    --------
    >>> torch.set_default_dtype(torch.float64)
    >>> with standard_settings():
    ...     torch.zeros(1).dtype
    torch.float32
    >>> torch.zeros(1).dtype
    torch.float64
    >>> torch.set_default_dtype(torch.float32)
    """
    dtype, precision = torch.get_default_dtype(), torch.get_float32_matmul_precision()
    with ExitStack() as stack:
        stack.callback(torch.set_default_dtype, dtype)
        torch.set_default_dtype(torch.float32)
        if precision != "highest":
            stack.callback(torch.set_float32_matmul_precision, precision)
            torch.set_float32_matmul_precision("highest")
        if torch.get_default_device().type != "cpu":  # a mode costs time at every call of torch
            stack.enter_context(torch.device("cpu"))
        if torch.is_inference_mode_enabled():
            stack.enter_context(torch.inference_mode(False))
        if torch.is_autocast_enabled("cpu"):
            stack.enter_context(torch.autocast("cpu", enabled=False))
        stack.enter_context(np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"))
        yield
