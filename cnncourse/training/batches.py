"""Cut a data set into batches by indexing whole tensors: no Python work per sample.

A thousand images that go through ``Dataset.__getitem__`` one by one are a thousand Python calls and a thousand small
copies per epoch; one fancy index per batch does the same in one.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from cnncourse.geometry import as_integer
from cnncourse.tensors import check_generator


def minibatches(
    inputs: Tensor, targets: Tensor, batch_size: int, generator: torch.Generator | None = None
) -> Iterator[tuple[Tensor, Tensor]]:
    """Shuffle the samples, then hand them out batch by batch: one epoch.

    Parameters
    ----------
    inputs : Tensor
        ``(N, ...)``, any shape behind the first axis.
    targets : Tensor
        ``(N, ...)``, one target for each row of `inputs`.
    batch_size : int
        Samples per batch, at least 1. The last batch holds what is left over.
    generator : torch.Generator, optional
        Where the order comes from; torch's global generator without one.

    Returns
    -------
    iterator of (Tensor, Tensor)
        Every sample once, still paired with its target.

    Raises
    ------
    ValueError
        If the lengths differ or `batch_size` is below 1.

    Examples
    --------
    >>> inputs, targets = torch.arange(5), torch.arange(5) * 10
    >>> [len(batch) for batch, _ in minibatches(inputs, targets, 2)]
    [2, 2, 1]
    """
    _expect_pairs(inputs, targets, batch_size)
    check_generator(generator)
    where = generator.device if generator is not None else "cpu"
    order = torch.randperm(len(inputs), generator=generator, device=where).to(inputs.device)
    return _by_rows(inputs, targets, batch_size, order)


def ordered_batches(inputs: Tensor, targets: Tensor, batch_size: int = 500) -> Iterator[tuple[Tensor, Tensor]]:
    """Hand out the samples batch by batch in their order, for evaluation.

    Parameters, returns and errors are those of `minibatches`, without its generator.

    Examples
    --------
    >>> [batch.tolist() for batch, _ in ordered_batches(torch.arange(5), torch.arange(5), 2)]
    [[0, 1], [2, 3], [4]]
    """
    _expect_pairs(inputs, targets, batch_size)
    return (
        (inputs[start : start + batch_size], targets[start : start + batch_size])
        for start in range(0, len(inputs), batch_size)
    )


def _by_rows(inputs: Tensor, targets: Tensor, batch_size: int, order: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        yield inputs[rows], targets[rows.to(targets.device)]


def _expect_pairs(inputs: Tensor, targets: Tensor, batch_size: int) -> None:
    for name, tensor in (("inputs", inputs), ("targets", targets)):
        if not isinstance(tensor, Tensor) or tensor.ndim == 0:
            given = "a single number" if isinstance(tensor, Tensor) else type(tensor).__name__
            raise TypeError(f"`{name}` must be a torch.Tensor with one row for each sample, not {given}")
    if len(inputs) != len(targets):
        raise ValueError(
            f"`inputs` and `targets` must be equally long, not {len(inputs)} and {len(targets)} "
            f"(shapes {tuple(inputs.shape)} and {tuple(targets.shape)})"
        )
    as_integer(batch_size, "batch_size")
