"""What `fit` accepts: everything is checked here, before anything is trained."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from cnncourse.models import evaluation_mode

from . import distributed
from .callbacks import Callback

CLASS_NUMBERS = (torch.int64, torch.uint8)  # dtypes of targets that torch's cross-entropy takes


def check_objects(model: Any, optimizer: Any, schedule: Any, generator: Any, callbacks: Any) -> None:
    """Refuse what is not of the type that `fit` needs.

    Parameters
    ----------
    model, optimizer, schedule, generator, callbacks
        As they were given to `fit`.

    Raises
    ------
    TypeError
        If one of them has another type.
    ValueError
        If `model` has nothing to train, or `optimizer` was built on the parameters of another model.

    Examples
    --------
    >>> check_objects(nn.Linear(1, 2), None, None, 0, ())
    Traceback (most recent call last):
        ...
    TypeError: `generator` must be a torch.Generator, not 0
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"`model` must be a torch.nn.Module, not {_named(model)}")
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ValueError(f"`model` must have parameters that require a gradient; {type(model).__name__} has none")
    if optimizer is not None and not isinstance(optimizer, torch.optim.Optimizer):
        raise TypeError(f"`optimizer` must be a torch.optim.Optimizer, not {_named(optimizer)}")
    if optimizer is not None:
        own = {id(parameter) for parameter in model.parameters()}
        if not any(id(parameter) in own for group in optimizer.param_groups for parameter in group["params"]):
            raise ValueError("`optimizer` must be built on model.parameters(), not on those of another model")
    if schedule is not None and not callable(schedule):
        raise TypeError(f"`schedule` must be a function of the share done, not {_named(schedule)}")
    if generator is not None and not isinstance(generator, torch.Generator):
        raise TypeError(f"`generator` must be a torch.Generator, not {_named(generator)}")
    if not isinstance(callbacks, Sequence) or not all(isinstance(callback, Callback) for callback in callbacks):
        raise TypeError(f"`callbacks` must be a list of Callback objects, not {_named(callbacks)}")


def as_device(device: torch.device | str) -> torch.device:
    """Return `device` if this machine has it; for "cuda" without a number, the GPU of this process.

    Raises
    ------
    ValueError
        If torch knows no such device or cannot use it here.

    Examples
    --------
    >>> as_device("cpu")
    device(type='cpu')
    """
    try:
        own = distributed.own_device(device)
        torch.empty(0, device=own)
        return own
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise ValueError(f"`device` must be one that torch can use here, not {device!r} ({reason})") from error


def check_pair(name: str, data: Any) -> None:
    """Refuse training or validation data that are not a pair of tensors with one target for each input.

    Parameters
    ----------
    name : str
        "train" or "validation", for the message.
    data : object

    Raises
    ------
    TypeError
        If it is not a pair of tensors, or the targets are not whole numbers.
    ValueError
        If it is empty, or inputs and targets are not equally many.

    Examples
    --------
    >>> check_pair("train", (torch.zeros(20, 1, 8, 8), torch.zeros(20)))
    Traceback (most recent call last):
        ...
    TypeError: `train` must hold targets of dtype int64, not float32: convert class numbers with .long()
    """
    if not isinstance(data, tuple | list) or len(data) != 2:
        remedy = " (a dataset's tensors are in dataset.tensors)" if isinstance(data, torch.utils.data.Dataset) else ""
        raise TypeError(f"`{name}` must be a pair (inputs, targets) of tensors, not {_named(data)}{remedy}")
    if not all(isinstance(part, Tensor) for part in data):
        kinds = " and ".join(type(part).__name__ for part in data)
        raise TypeError(f"`{name}` must be a pair of tensors, not of {kinds}: torch.as_tensor converts arrays")
    inputs, targets = data
    if inputs.ndim == 0 or targets.ndim == 0 or len(inputs) != len(targets):
        shapes = f"{tuple(inputs.shape)} and {tuple(targets.shape)}"
        raise ValueError(f"`{name}` must hold one target for each input, not inputs and targets of shapes {shapes}")
    if len(inputs) == 0:
        raise ValueError(f"`{name}` must hold at least one sample, not 0")
    if targets.dtype not in CLASS_NUMBERS:
        dtype = _dtype(targets)
        raise TypeError(f"`{name}` must hold targets of dtype int64, not {dtype}: convert class numbers with .long()")


def check_fit(name: str, model: nn.Module, data: tuple[Tensor, Tensor]) -> None:
    """Try the model on the first samples, and refuse data that it or the loss cannot take.

    Parameters
    ----------
    name : str
        "train" or "validation", for the message.
    model : nn.Module
        Is tried in eval mode, without a graph; it and the random generators stay as they are.
    data : (Tensor, Tensor)
        On the model's device.

    Raises
    ------
    TypeError
        If the inputs have a dtype that the model does not take.
    ValueError
        If the model does not take the inputs' shape, or the targets do not fit its logits.

    Examples
    --------
    >>> check_fit("train", nn.Linear(4, 3), (torch.zeros(2, 4), torch.tensor([1, 3])))
    Traceback (most recent call last):
        ...
    ValueError: `train` must hold targets from 0 to 2, one number for each of the model's 3 logits, not 3
    """
    inputs, targets = data
    with torch.random.fork_rng(), torch.no_grad(), evaluation_mode(model):
        try:
            logits = model(inputs[:2])
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            raise _misfit(name, model, inputs, error) from error
    if not isinstance(logits, Tensor) or logits.ndim < 2 or len(logits) != len(inputs[:2]):
        got = f"the shape {tuple(logits.shape)}" if isinstance(logits, Tensor) else f"a {type(logits).__name__}"
        raise ValueError(
            f"`model` must return logits of shape (n, K), not {got} for {len(inputs[:2])} inputs of `{name}`"
        )
    expected = (len(inputs), *logits.shape[2:])
    if tuple(targets.shape) != expected:
        raise ValueError(f"`{name}` must hold targets of shape {expected}, not {tuple(targets.shape)}")
    wrong = targets[(targets < 0) | (targets >= logits.shape[1])]
    if len(wrong):
        raise ValueError(
            f"`{name}` must hold targets from 0 to {logits.shape[1] - 1}, one number for each of the model's "
            f"{logits.shape[1]} logits, not {wrong[0].item()}"
        )


def check_single_sample(model: nn.Module, inputs: Tensor, batch_size: int, processes: int) -> None:
    """Refuse a batch of one sample if the model cannot be trained on it, as with batch normalisation.

    Parameters
    ----------
    model : nn.Module
        Is tried in train mode; its weights, its statistics and the random generators stay as they are.
    inputs : Tensor
        All of them; the last batch holds what is left over.
    batch_size : int
    processes : int
        That share each batch.

    Raises
    ------
    ValueError
        If a share holds one sample and the model raises an error for it.

    Examples
    --------
    >>> check_single_sample(nn.BatchNorm1d(2), torch.zeros(9, 2), batch_size=4, processes=1)
    Traceback (most recent call last):
        ...
    ValueError: `batch_size` must not leave a batch of one sample, as 4 does with 9 samples: batch normalisation ...
    """
    batches = {min(batch_size, len(inputs)), len(inputs) % batch_size}
    if 1 not in {samples // processes for samples in batches}:
        return
    state, was_training = copy.deepcopy(model.state_dict()), model.training
    try:
        with torch.random.fork_rng(), torch.no_grad():
            model.train()
            model(inputs[:1])
    except ValueError as error:
        raise ValueError(
            f"`batch_size` must not leave a batch of one sample, as {batch_size} does with {len(inputs)} samples: "
            f"batch normalisation cannot use it ({error})"
        ) from error
    finally:
        model.load_state_dict(state)
        model.train(was_training)


def described(data: tuple[Tensor, Tensor]) -> str:
    """Describe data for a checkpoint, so that a run is resumed with the same: their number and a checksum.

    Examples
    --------
    >>> described((torch.zeros(3, 2), torch.tensor([0, 1, 1])))
    '3 samples with the targets c1035b2f'
    """
    targets = data[1].detach().cpu().long().contiguous()
    return f"{len(targets)} samples with the targets {zlib.crc32(targets.numpy().tobytes()):08x}"


def _misfit(name: str, model: nn.Module, inputs: Tensor, error: Exception) -> Exception:
    reason = f"{type(model).__name__} raised {type(error).__name__}: {str(error).partition(chr(10))[0]}"
    wanted = next(model.parameters())
    if inputs.dtype != wanted.dtype:
        return TypeError(
            f"`{name}` must hold inputs of the model's dtype {_dtype(wanted)}, not {_dtype(inputs)}: convert them with "
            f".to(torch.{_dtype(wanted)}) ({reason})"
        )
    return ValueError(f"`{name}` must hold inputs that the model takes, not of shape {tuple(inputs.shape)}: {reason}")


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _named(value: Any) -> str:
    """Name a value in a message: itself if that is short, else its type."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    shown = repr(value)
    return shown if isinstance(value, str | int | float | type(None)) and len(shown) < 40 else type(value).__name__
