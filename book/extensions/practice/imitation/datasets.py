"""torch.utils.data: datasets in memory, and loaders that shuffle as torch shuffles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import randomness
from .creation import tensor
from .gaps import gap, refuse
from .looks import stack
from .tensors import Tensor


class Dataset:
    """Samples by number."""

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")


class TensorDataset(Dataset):
    """The rows of several tensors.

    Parameters
    ----------
    *tensors : Tensor
    """

    def __init__(self, *tensors: Tensor) -> None:
        if any(len(each) != len(tensors[0]) for each in tensors):
            refuse(AssertionError, "Size mismatch between tensors")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple:
        return tuple(each[index] for each in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class DataLoader:
    """Batches of a dataset.

    Parameters
    ----------
    dataset : Dataset
    batch_size : int
    shuffle : bool
    drop_last : bool
    generator : Generator, optional
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        generator: Any = None,
        **others: Any,
    ) -> None:
        if any(value not in (None, 0, False) for value in others.values()):
            gap(f"DataLoader with {next(iter(others))}")
        if batch_size is None or batch_size < 1:
            refuse(ValueError, f"batch_size should be a positive integer value, but got batch_size={batch_size}")
        self.dataset, self.batch_size, self.shuffle, self.drop_last = dataset, batch_size, shuffle, drop_last
        self.generator = generator

    def __len__(self) -> int:
        whole, rest = divmod(len(self.dataset), self.batch_size)
        return whole if self.drop_last or not rest else whole + 1

    def __iter__(self) -> Iterator[Any]:
        source = self.generator or randomness.default_generator
        source.bits64()  # torch draws a seed for worker processes first
        count = len(self.dataset)
        if self.shuffle:
            if self.generator is None:
                source = randomness.Generator().manual_seed(randomness.default_generator.bits64() % (1 << 63))
            order = list(randomness.randperm(count, generator=source)._numbers())
        else:
            order = list(range(count))
        for start in range(0, count, self.batch_size):
            chosen = order[start : start + self.batch_size]
            if len(chosen) == self.batch_size or not self.drop_last:
                yield collate([self.dataset[number] for number in chosen])


def collate(samples: list) -> Any:
    """Put samples together into a batch."""
    first = samples[0]
    if isinstance(first, Tensor):
        return stack(samples)
    if isinstance(first, bool | int | float):
        return tensor(samples)
    if isinstance(first, tuple | list):
        return [collate(list(column)) for column in zip(*samples, strict=True)]
    gap(f"a batch of {type(first).__name__}")
