"""Batches of matrix products, written into existing memory: the step that takes most of the time.

Every algorithm except "direct" ends in matrix products, and on most processors NumPy's library (OpenBLAS, or Accelerate
on a Mac) is as fast as PyTorch's or faster: twice as fast on the AMD processor this course was measured on. A tensor on
the CPU and a NumPy array can share their memory, so nothing is copied.
"""

from __future__ import annotations

import numpy as np
import torch

NUMPY_DTYPES = (torch.float32, torch.float64)


def matmul_into(left: torch.Tensor, right: torch.Tensor, out: torch.Tensor) -> None:
    """Write ``left @ right`` into `out`, by NumPy on the CPU in float32 and float64 and by PyTorch elsewhere.

    Parameters
    ----------
    left, right : torch.Tensor
        (..., A, B) and (..., B, C), of one dtype, on one device; batch axes are broadcast.
    out : torch.Tensor
        (..., A, C), overwritten. Must not share memory with `left` or `right`.

    Notes
    -----
    NumPy has threads of its own: ``OMP_NUM_THREADS`` limits them, `torch.set_num_threads` does not.

    Examples
    --------
    >>> out = torch.empty(2, 2)
    >>> matmul_into(torch.eye(2), torch.ones(2, 2), out=out)
    >>> out.tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    if out.device.type == "cpu" and out.dtype in NUMPY_DTYPES:
        np.matmul(left.detach().numpy(), right.detach().numpy(), out=out.detach().numpy())
    else:
        torch.matmul(left, right, out=out)
