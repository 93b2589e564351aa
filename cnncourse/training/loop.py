"""The training loop: one epoch written out, and `fit`, the same with everything that long runs need.

The chapter `training` builds `train_one_epoch`; `fit` calls it, so what the chapter teaches is what the course
trains with.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnncourse.geometry import as_integer
from cnncourse.models import evaluation_mode

from . import arguments, distributed
from .batches import minibatches, ordered_batches
from .callbacks import Callback, Run
from .history import History
from .metrics import device_of
from .progress import progress_bar
from .schedules import constant, one_cycle

DEFAULT_LEARNING_RATE = 0.005


def train_one_epoch(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
) -> float:
    """Take one optimiser step per batch, in train mode.

    Parameters
    ----------
    model : nn.Module
        Is left in train mode.
    batches : iterable of (inputs, targets)
        For instance `minibatches`. They are moved to the model's device.
    loss_fn : callable
        ``loss_fn(outputs, targets)`` returns the mean over the batch, a scalar.
    optimizer : torch.optim.Optimizer
        Updates the parameters of `model`.

    Returns
    -------
    float
        Mean loss per *sample*, each measured just before its batch's step. A short last batch counts for the
        samples it has; the mean of batch means would count it as a full one.

    Raises
    ------
    ValueError
        If `batches` is empty.
    FloatingPointError
        If the loss is not a finite number any more.

    Examples
    --------
    >>> model = nn.Linear(1, 2)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    >>> inputs, targets = torch.tensor([[-1.0], [1.0]]), torch.tensor([0, 1])
    >>> losses = [train_one_epoch(model, [(inputs, targets)], F.cross_entropy, optimizer) for _ in range(10)]
    >>> losses[-1] < losses[0]
    True
    """
    device = device_of(model)
    model.train()
    total, count = 0.0, 0
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs.to(device)), targets.to(device))
        if not math.isfinite(loss.item()):
            raise FloatingPointError(f"the loss is {loss.item()} after {count} samples")
        loss.backward()
        optimizer.step()
        total += loss.item() * len(targets)
        count += len(targets)
    if count == 0:
        raise ValueError("`batches` must hold at least one sample, not 0 (a generator can be used only once)")
    return total / count


def fit(
    model: nn.Module,
    train: tuple[Tensor, Tensor],
    validation: tuple[Tensor, Tensor] | None = None,
    *,
    epochs: int,
    batch_size: int = 50,
    optimizer: torch.optim.Optimizer | None = None,
    schedule: Callable[[float], float] | None = None,
    generator: torch.Generator | None = None,
    device: torch.device | str | None = None,
    progress: bool = True,
    callbacks: Sequence[Callback] = (),
) -> History:
    """Train a classifier that returns logits, with cross-entropy.

    Parameters
    ----------
    model : nn.Module
        Inputs to logits ``(n, K)``; no softmax at its end. It is trained in place and left on `device`, in eval
        mode.
    train : (inputs, targets)
        Tensors ``(N, ...)`` and ``(N,)`` int64. They are moved to `device` once and indexed batch by batch.
    validation : (inputs, targets), optional
        Evaluated after each epoch.
    epochs : int
        Passes over the data, at least 1.
    batch_size : int, default 50
        Samples per optimiser step, over all processes together.
    optimizer : torch.optim.Optimizer, optional
        Built on ``model.parameters()``. Without one: Adam with learning rate 0.005.
    schedule : callable, optional
        Maps the share of the training done (0..1) to a factor of the optimiser's learning rate: `constant`, `one_cycle`
        or your own. Without one: `one_cycle` for fit's own optimiser, `constant` for yours.
    generator : torch.Generator, optional
        Decides the order of the samples and, through a seed of its own for each epoch, what dropout draws: same
        start and same generator, same weights. Without one it is seeded from torch's global generator.
    device : torch.device or str, optional
        Where to train: "cuda", or "mps" on a Mac. Without one the model stays where it is.
    progress : bool, default True
        Show a bar while training, if somebody is watching (see `progress_bar`).
    callbacks : sequence of Callback
        `EarlyStopping`, `Checkpoint`, `Budget` or your own, called in this order.

    Returns
    -------
    History
        One row per epoch; it prints and plots itself. ``note`` says why training ended early, if it did.

    Raises
    ------
    TypeError
        If an argument, the inputs or the targets have another type; nothing is trained then.
    ValueError
        If a number is out of range, or model, inputs and targets do not fit together; nothing is trained then.
    FloatingPointError
        If the loss stops being a number.

    Notes
    -----
    After an error during training the weights are those of the last finished epoch, and the model is in eval mode.
    Ctrl-C does not throw the work away: the weights go back to the last finished epoch and the history is
    returned. Under ``torchrun`` the same call trains with several processes, see
    `cnncourse.training.distributed`.

    Examples
    --------
    >>> from cnncourse import models
    >>> from cnncourse.data import make_shapes
    >>> generator = torch.Generator().manual_seed(0)
    >>> images, labels = make_shapes(200, generator=generator)
    >>> model = models.build("shapes", generator=generator)
    >>> history = fit(model, (images, labels), epochs=4, generator=generator)
    >>> len(history), history[-1]["train_loss"] < history[0]["train_loss"]
    (4, True)
    """
    epochs, batch_size = as_integer(epochs, "epochs"), as_integer(batch_size, "batch_size")
    arguments.check_objects(model, optimizer, schedule, generator, callbacks)
    data = {"train": train} if validation is None else {"train": train, "validation": validation}
    for name, pair in data.items():
        arguments.check_pair(name, pair)
    settings = {"batch_size": batch_size, **{name: arguments.described(pair) for name, pair in data.items()}}
    device = arguments.as_device(device_of(model) if device is None else device)
    model.to(device)
    data = {name: (inputs.to(device), targets.to(device)) for name, (inputs, targets) in data.items()}
    for name, pair in data.items():
        arguments.check_fit(name, model, pair)
    if schedule is None:
        schedule = one_cycle if optimizer is None else constant
    if optimizer is None:
        optimizer = torch.optim.Adam(model.parameters(), lr=DEFAULT_LEARNING_RATE)
    if generator is None:
        generator = torch.Generator().manual_seed(int(torch.randint(2**62, ())))
    run = Run(model, optimizer, generator, epochs, settings=settings, callbacks=tuple(callbacks))
    with distributed.joined(device):
        if batch_size % distributed.count():
            raise ValueError(
                f"`batch_size` must be a multiple of the {distributed.count()} processes sharing it, not {batch_size}"
            )
        arguments.check_single_sample(model, data["train"][0], batch_size, distributed.count())
        generator.set_state(distributed.from_main(generator.get_state()))
        with progress_bar(progress and distributed.is_main()) as bar:
            _run_epochs(run, data["train"], data.get("validation"), batch_size, schedule, bar)
    return run.history


def _run_epochs(run: Run, train: Any, validation: Any, batch_size: int, schedule: Callable, bar: Any) -> None:
    """Train until the last epoch or a reason to stop; leave a finished epoch's weights and the full rates."""
    full_rates = [group["lr"] for group in run.optimizer.param_groups]
    for callback in run.callbacks:
        callback.start(run)
    run.progress = run.epoch / run.epochs
    network = distributed.wrap(run.model)
    finished = copy.deepcopy(run.model.state_dict())
    try:
        while run.epoch < run.epochs and not run.stop:
            with _own_randomness(run.generator):
                inputs, targets = train
                batches = minibatches(inputs, targets, batch_size, run.generator)
                steps = math.ceil(len(targets) / batch_size)
                batches = _paced(run, batches, steps, schedule, full_rates, bar)
                loss = train_one_epoch(network, distributed.my_share(batches), F.cross_entropy, run.optimizer)
            loss = (distributed.total(torch.tensor(loss, dtype=torch.float64)) / distributed.count()).item()
            rate = run.optimizer.param_groups[0]["lr"]
            figures = {"train_loss": loss, **_validated(run.model, validation)}
            finished = copy.deepcopy(run.model.state_dict())
            run.history.append(epoch=run.epoch + 1, **figures, learning_rate=rate)
            run.epoch += 1
            bar.set_postfix({name: f"{value:.3f}" for name, value in figures.items()})
            for callback in run.callbacks:
                callback.epoch_end(run)
    except KeyboardInterrupt:
        run.model.load_state_dict(finished)
        run.stop = f"interrupted in epoch {run.epoch + 1}: the weights are those after epoch {run.epoch}"
    except FloatingPointError as error:
        run.model.load_state_dict(finished)
        raise FloatingPointError(
            f"training diverged in epoch {run.epoch + 1}: {error}. Try a smaller learning rate (it is at most "
            f"{max(full_rates):g}), inputs scaled to about -1..1, and look for nan in the data; the weights are those "
            f"after epoch {run.epoch}"
        ) from None
    except BaseException:
        run.model.load_state_dict(finished)
        raise
    finally:
        run.model.eval()
        for group, rate in zip(run.optimizer.param_groups, full_rates, strict=True):
            group["lr"] = rate
    for callback in run.callbacks:
        callback.end(run)
    run.history.note = run.stop


def _paced(run: Run, batches: Iterator, steps: int, schedule: Callable, full_rates: list[float], bar: Any) -> Iterator:
    """Hand out the batches of an epoch: set the learning rate before each, call the callbacks after each."""
    for number, batch in enumerate(batches, start=1):
        for group, rate in zip(run.optimizer.param_groups, full_rates, strict=True):
            group["lr"] = rate * schedule(run.progress)
        yield batch  # the caller takes its optimiser step before it asks for the next
        run.progress = (run.epoch + number / steps) / run.epochs
        for callback in run.callbacks:
            callback.batch_end(run)
        bar.set_description(f"epoch {run.epoch + 1}/{run.epochs}", refresh=False)
        bar.update(run.progress - bar.n)
        if run.stop:
            return


@contextmanager
def _own_randomness(generator: torch.Generator) -> Iterator[None]:
    """Let dropout draw from a seed of `generator`'s, and put torch's global generator back afterwards."""
    seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
    with torch.random.fork_rng():
        torch.manual_seed(seed + distributed.rank())  # each process drops values of its own
        yield


def _validated(model: nn.Module, validation: tuple[Tensor, Tensor] | None) -> dict[str, float]:
    """Return the columns that validation data add to a row of the history."""
    if validation is None:
        return {}
    distributed.same_buffers(model)
    figures = torch.zeros(3, dtype=torch.float64)  # summed loss, right answers, answers
    with torch.no_grad(), evaluation_mode(model):
        for inputs, targets in distributed.my_share(ordered_batches(*validation)):
            logits = model(inputs)
            loss = F.cross_entropy(logits, targets, reduction="sum")
            right = (logits.argmax(dim=1) == targets).sum()
            figures += torch.tensor([loss.item(), right.item(), targets.numel()], dtype=torch.float64)
    loss, right, answers = distributed.total(figures).tolist()
    return {"validation_loss": loss / answers, "validation_accuracy": right / answers}
