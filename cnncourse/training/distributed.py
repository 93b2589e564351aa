"""Several processes, one training: what `fit` needs when it is started by ``torchrun``.

``torchrun --nproc_per_node=2 script.py`` starts the same script twice. Each process has the whole network and its own
share of every batch; after each backward pass the gradients are averaged (`DistributedDataParallel`), so all of them
take the same step. Without torchrun, all functions work with one process.

Notes
-----
The average over processes is the average over the batch only if all shares are equally large. Hence
`batch_size` must be a multiple of the number of processes, and of the last, short batch up to one sample less
than that is left out; shuffling leaves out others in the next epoch. Batch normalisation uses the statistics of
each share alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


def own_device(device: torch.device | str) -> torch.device:
    """Return `device`; for "cuda" without a number, the GPU of this process.

    Examples
    --------
    >>> own_device("cpu")
    device(type='cpu')
    """
    device = torch.device(device)
    if device.type == "cuda" and device.index is None:
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
    return device


@contextmanager
def joined(device: torch.device) -> Iterator[None]:
    """Join the other processes for a while, if torchrun started any and nobody has joined them yet."""
    must_join = int(os.environ.get("WORLD_SIZE", 1)) > 1 and not dist.is_initialized()
    if must_join:
        if device.type == "cuda":
            torch.cuda.set_device(device)  # where nccl sends from
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        if must_join:
            dist.destroy_process_group()


def count() -> int:
    """Return how many processes are joined; 1 when training alone."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """Return the number of this process, from 0; also right before and after it has joined the others."""
    return dist.get_rank() if dist.is_initialized() else int(os.environ.get("RANK", 0))


def is_main() -> bool:
    """Tell whether this is the process that writes files and draws the progress bar."""
    return rank() == 0


def wrap(model: nn.Module) -> nn.Module:
    """Let the backward pass of `model` average gradients over the processes; alone, `model` itself."""
    if count() == 1:
        return model
    return nn.parallel.DistributedDataParallel(model)


def my_share(batches: Iterable[tuple[Tensor, Tensor]]) -> Iterator[tuple[Tensor, Tensor]]:
    """Take this process's part of each batch; no sample is in two parts, and the parts are equally large."""
    for inputs, targets in batches:
        mine = slice(rank() if count() > 1 else 0, len(targets) - len(targets) % count(), count())
        if len(targets) >= count():
            yield inputs[mine], targets[mine]


def total(values: Tensor) -> Tensor:
    """Sum a tensor of figures over the processes."""
    if count() > 1:
        values = values.cuda() if dist.get_backend() == "nccl" else values
        dist.all_reduce(values)
    return values


def from_main(value: Any) -> Any:
    """Give every process the main one's `value`: for decisions that must agree, such as whether the time is up."""
    if count() == 1:
        return value
    box = [value]
    dist.broadcast_object_list(box)
    return box[0]


def same_buffers(model: nn.Module) -> None:
    """Give every process the main one's running statistics, before they evaluate together."""
    if count() > 1:
        for buffer in model.buffers():
            dist.broadcast(buffer, src=0)
