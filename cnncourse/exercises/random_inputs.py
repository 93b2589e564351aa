"""Draw inputs for random cases: numbers that are easy to read."""

from __future__ import annotations

import torch


def tensor(generator: torch.Generator, *shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Draw numbers with at most two decimals, so that a failing call is easy to read.

    Parameters
    ----------
    generator : torch.Generator
    *shape : int
    dtype : torch.dtype, default torch.float32
        For integer types the numbers are 0 to 9.

    Returns
    -------
    torch.Tensor
    """
    if not dtype.is_floating_point:
        return torch.randint(0, 10, shape, generator=generator).to(dtype)
    return (torch.randn(shape, generator=generator, dtype=torch.float64) * 200).round().div(100).to(dtype)


def integer(generator: torch.Generator, low: int, high: int) -> int:
    """Draw an int from low to high, both included."""
    return int(torch.randint(low, high + 1, (), generator=generator))
