"""Exercise: one epoch of training."""

import torch
from torch import nn

from cnncourse.checking.record import case, exercise
from cnncourse.exercises import random_inputs


@exercise(points=5, minutes=15, after="sgd_step minibatches")
def train_one_epoch(model, batches, loss_fn, optimizer):
    """Take one optimiser step a batch, in train mode.

    Parameters
    ----------
    model : nn.Module
    batches : iterable of (inputs, targets)
        The last batch may be short; a generator, without a length, will do.
    loss_fn : callable
        `loss_fn(outputs, targets)` returns the mean loss of the batch.
    optimizer : torch.optim.Optimizer
        Over the parameters of `model`.

    Returns
    -------
    float
        Mean loss per sample, each measured just before its batch's step.
    """
    model.train()
    total, count = 0.0, 0
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(targets)
        count += len(targets)
    return total / count


def _epoch(
    *,
    mode=nn.Module.train,
    clear=True,
    step=lambda optimizer: optimizer.step(),
    step_first=False,
    after=False,
    result=lambda losses, sizes: sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / sum(sizes),
):
    """Make a wrong answer: one epoch in which a part can be another."""

    def answer(model, batches, loss_fn, optimizer):
        mode(model)
        losses, sizes = [], []
        for inputs, targets in batches:
            if clear:
                optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            if step_first:
                step(optimizer)
            loss.backward()
            if not step_first:
                step(optimizer)
            losses.append(loss_fn(model(inputs), targets) if after else loss)
            sizes.append(len(targets))
        value = result([loss.detach() for loss in losses], sizes)
        return value.item() if isinstance(value, torch.Tensor) else value

    return answer


def _trained(
    note, varies, batches, weight, bias, loss="cross entropy", learning_rate=0.5, momentum=0.0, one_shot=False
):
    return case(
        note,
        varies=varies,
        probe="train_epoch",
        weight=weight,
        bias=bias,
        batches=batches,
        loss=loss,
        learning_rate=learning_rate,
        momentum=momentum,
        one_shot=one_shot,
    )


def classifier_batches(generator, sizes, features, classes, dtype=torch.float32):
    """Draw batches of these sizes: inputs (n, features) and targets (n,)."""
    return [
        (
            random_inputs.tensor(generator, size, features, dtype=dtype),
            torch.randint(0, classes, (size,), generator=generator),
        )
        for size in sizes
    ]


train_one_epoch.add_visible(
    _trained(
        "one batch",
        "basic",
        [(torch.tensor([[1.0], [-1.0]]), torch.tensor([0, 1]))],
        torch.tensor([[0.5], [-0.5]]),
        torch.zeros(2),
    ),
    _trained(
        "two batches of unlike size",
        "batch",
        [(torch.tensor([[1.0], [-1.0], [2.0]]), torch.tensor([0, 1, 1])), (torch.tensor([[3.0]]), torch.tensor([1]))],
        torch.tensor([[0.5], [-0.5]]),
        torch.tensor([0.1, -0.2]),
    ),
    _trained(
        "batches from a generator",
        "iterable",
        [(torch.tensor([[1.0, 0.0]]), torch.tensor([1])), (torch.tensor([[0.0, 2.0]]), torch.tensor([0]))],
        torch.tensor([[1.0, -1.0], [0.0, 0.5]]),
        torch.zeros(2),
        one_shot=True,
    ),
)


@train_one_epoch.random_cases
def _fresh(generator):
    for dtype, one_shot, momentum in ((torch.float32, True, 0.9), (torch.float64, False, 0.0)):
        yield _trained(
            f"a short last batch, {str(dtype).removeprefix('torch.')}, momentum {momentum}",
            "batch dtype setting",
            classifier_batches(generator, (4, 4, 1), 3, 3, dtype),
            random_inputs.tensor(generator, 3, 3, dtype=dtype),
            random_inputs.tensor(generator, 3, dtype=dtype),
            momentum=momentum,
            learning_rate=0.1,
            one_shot=one_shot,
        )
    yield _trained(
        "another loss",
        "setting",
        [(x, random_inputs.tensor(generator, len(x), 2)) for x, _ in classifier_batches(generator, (3, 3, 2), 2, 2)],
        random_inputs.tensor(generator, 2, 2),
        random_inputs.tensor(generator, 2),
        loss="mean squared error",
        learning_rate=0.05,
    )


train_one_epoch.mistake(
    "A short last batch weighs as much as a full one: weight each batch's mean by its number of samples.",
    "mean-of-batch-means",
)(_epoch(result=lambda losses, sizes: sum(losses) / len(losses)))


@train_one_epoch.mistake(
    "The gradients of earlier batches are still there: call optimizer.zero_grad() for every batch."
)
def gradients_pile_up(model, batches, loss_fn, optimizer):
    optimizer.zero_grad()
    return _epoch(clear=False)(model, batches, loss_fn, optimizer)


train_one_epoch.mistake(
    "The model is not switched to train mode: call model.train() before the batches.", "not-in-train-mode"
)(_epoch(mode=lambda model: model))


@train_one_epoch.mistake("The optimiser steps once, after all batches: it takes one step a batch.")
def one_step_an_epoch(model, batches, loss_fn, optimizer):
    value = _epoch(step=lambda optimizer: None, clear=False)(model, batches, loss_fn, optimizer)
    optimizer.step()
    return value


train_one_epoch.mistake(
    "The optimiser steps while there are no gradients, so nothing moves: zero_grad comes before backward, and "
    "step after it.",
    "steps-without-gradients",
)(_epoch(step_first=True))
train_one_epoch.mistake(
    "The optimiser never steps, so nothing is learned: call optimizer.step() after loss.backward().", "never-steps"
)(_epoch(step=lambda optimizer: None))
train_one_epoch.mistake("The losses of all samples are summed: divide by the number of samples.", "sum-of-losses")(
    _epoch(result=lambda losses, sizes: sum(loss * n for loss, n in zip(losses, sizes, strict=True)))
)
train_one_epoch.mistake(
    "The batches' means are summed: weight each by its number of samples, and divide by the number of all.",
    "sum-of-batch-means",
)(_epoch(result=lambda losses, sizes: sum(losses)))
train_one_epoch.mistake(
    "The batches' means are summed and divided by the number of samples: weight each mean by its batch's size.",
    "means-divided-by-samples",
)(_epoch(result=lambda losses, sizes: sum(losses) / sum(sizes)))
train_one_epoch.mistake(
    "The sum over samples is divided by the number of batches: divide by the number of samples.",
    "sums-divided-by-batches",
)(_epoch(result=lambda losses, sizes: sum(x * n for x, n in zip(losses, sizes, strict=True)) / len(losses)))
train_one_epoch.mistake("Only the last batch's loss is returned: average over all samples.", "last-loss")(
    _epoch(result=lambda losses, sizes: losses[-1])
)
train_one_epoch.mistake(
    "The loss is measured again after the step: use the one that the gradients came from.", "loss-after-the-step"
)(_epoch(after=True))


@train_one_epoch.mistake("Only the first batch is used: a `return` inside the loop ends it.")
def first_batch_only(model, batches, loss_fn, optimizer):
    return train_one_epoch(model, [next(iter(batches))], loss_fn, optimizer)


@train_one_epoch.mistake("It asks for len(batches): a generator has none. Count the samples as they come.")
def needs_a_length(model, batches, loss_fn, optimizer):
    count = len(batches)
    return _epoch(result=lambda losses, sizes: sum(losses) / count)(model, batches, loss_fn, optimizer)


@train_one_epoch.mistake("The mean is a tensor: return a Python float, with `.item()`.")
def tensor(model, batches, loss_fn, optimizer):
    return torch.tensor(train_one_epoch(model, batches, loss_fn, optimizer))


@train_one_epoch.mistake(
    "Gradients are switched off, so there is nothing to go backward through: leave no_grad to evaluation."
)
def no_graph(model, batches, loss_fn, optimizer):
    with torch.no_grad():
        return train_one_epoch(model, batches, loss_fn, optimizer)
