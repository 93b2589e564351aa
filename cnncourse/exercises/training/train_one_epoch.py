"""Exercise: one epoch of training."""

import torch

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import tensor


@exercise(points=5, minutes=15, after="sgd_step minibatches")
def train_one_epoch(model, batches, loss_fn, optimizer):
    """Take one optimiser step per batch, in train mode.

    Parameters
    ----------
    model : nn.Module
    batches : iterable of (inputs, targets)
        The last batch may be short; a generator, which has no length, is allowed.
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


def train_epoch(note, varies, batches, weight, bias, *, loss="cross entropy", rate=0.5, momentum=0.0, one_shot=False):
    given = {"weight": weight, "bias": bias, "batches": batches, "loss": loss, "learning_rate": rate}
    return case(note, varies=varies, probe="train_epoch", **given, momentum=momentum, one_shot=one_shot)


def classifier_batches(generator, sizes, features, classes, dtype=torch.float32):
    """Draw batches of these sizes: inputs (n, features) and targets (n,)."""
    return [
        (tensor(generator, size, features, dtype=dtype), torch.randint(0, classes, (size,), generator=generator))
        for size in sizes
    ]


ONE = [(torch.tensor([[1.0], [-1]]), torch.tensor([0, 1]))]
UNLIKE = [(torch.tensor([[1.0], [-1], [2]]), torch.tensor([0, 1, 1])), (torch.tensor([[3.0]]), torch.tensor([1]))]
SINGLE = [(torch.tensor([[1.0, 0]]), torch.tensor([1])), (torch.tensor([[0.0, 2]]), torch.tensor([0]))]
WEIGHT, SQUARE, ZEROS = torch.tensor([[0.5], [-0.5]]), torch.tensor([[1.0, -1], [0, 0.5]]), torch.zeros(2)

train_one_epoch.add_visible(
    train_epoch("one batch", "basic", ONE, WEIGHT, ZEROS),
    train_epoch("two batches of unlike size", "batch remainder", UNLIKE, WEIGHT, torch.tensor([0.1, -0.2])),
    train_epoch("batches from a generator", "batch iterable", SINGLE, SQUARE, ZEROS, one_shot=True),
)


@train_one_epoch.random_cases
def fresh(generator):
    def drawn(note, varies, sizes, dtype=torch.float32, **options):
        batches = classifier_batches(generator, sizes, 3, 3, dtype)
        weight, bias = tensor(generator, 3, 3, dtype=dtype), tensor(generator, 3, dtype=dtype)
        return train_epoch(note, varies, batches, weight, bias, **options)

    yield drawn("one batch", "basic", (4,))
    yield drawn("three batches of one size", "batch", (3, 3, 3), rate=0.1)
    yield drawn("a short last batch", "remainder", (4, 4, 1), rate=0.1)
    yield drawn("a generator", "iterable", (4,), one_shot=True)
    yield drawn("momentum 0.9", "setting", (4,), momentum=0.9)
    (inputs, _), *_ = classifier_batches(generator, (3,), 2, 2)
    batches = [(inputs, tensor(generator, 3, 2))]
    weight, bias = tensor(generator, 2, 2), tensor(generator, 2)
    yield train_epoch("another loss", "setting", batches, weight, bias, loss="mean squared error", rate=0.05)
    yield drawn("float64", "dtype", (4,), torch.float64)
    options = {"rate": 0.1, "momentum": 0.9, "one_shot": True}
    yield drawn("everything at once", "batch remainder iterable setting dtype", (4, 4, 1), torch.float64, **options)


train_one_epoch.mistake(
    "A short last batch weighs as much as a full one: weight each mean by its batch's size.", "mean-of-batch-means"
)(train_one_epoch.edited("loss.item() * len(targets)", "loss.item()", "count += len(targets)", "count += 1"))
train_one_epoch.mistake(
    "The gradients of earlier batches are still there: call optimizer.zero_grad() for every batch.", "gradients-pile-up"
)(train_one_epoch.edited("optimizer.zero_grad()", "pass"))
train_one_epoch.mistake(
    "The model is not switched to train mode: call model.train() before the batches.", "not-in-train-mode"
)(train_one_epoch.edited("model.train()", "pass"))
train_one_epoch.mistake(
    "The optimiser takes one step, after all batches: it takes one step per batch.", "one-step-an-epoch"
)(
    train_one_epoch.edited(
        "optimizer.zero_grad()", "pass", "optimizer.step()", "pass", "return t", "optimizer.step()\n    return t"
    )
)
train_one_epoch.mistake(
    "The optimiser steps while there are no gradients, so nothing moves: call zero_grad before backward, and "
    "step after it.",
    "steps-without-gradients",
)(train_one_epoch.edited("loss.backward()", "loss.backward(); optimizer.zero_grad()"))
train_one_epoch.mistake(
    "The optimiser never steps, so nothing is learned: call optimizer.step() after loss.backward().", "never-steps"
)(train_one_epoch.edited("optimizer.step()", "pass"))
train_one_epoch.mistake("The losses of all samples are summed: divide by the number of samples.", "sum-of-losses")(
    train_one_epoch.edited("total / count", "total")
)
train_one_epoch.mistake(
    "The batches' means are summed: weight each by its batch's size, then divide by all samples.", "sum-of-batch-means"
)(train_one_epoch.edited("loss.item() * len(targets)", "loss.item()", "total / count", "total"))
train_one_epoch.mistake(
    "A sum of means is divided by the number of samples: weight each mean by its batch's size.",
    "means-divided-by-samples",
)(train_one_epoch.edited("loss.item() * len(targets)", "loss.item()"))
train_one_epoch.mistake(
    "The sum over samples is divided by the number of batches: divide by that of samples.", "sums-divided-by-batches"
)(train_one_epoch.edited("count += len(targets)", "count += 1"))
train_one_epoch.mistake("Only the last batch's loss is returned: average over all samples.", "last-loss")(
    train_one_epoch.edited("total / count", "loss.item()")
)
train_one_epoch.mistake(
    "The loss is measured again after the step: use the one that the gradients came from.", "loss-after-the-step"
)(train_one_epoch.edited("+= loss.item()", "+= loss_fn(model(inputs), targets).item()"))
train_one_epoch.mistake("Only the first batch is used: a `return` inside the loop ends it.", "first-batch-only")(
    train_one_epoch.edited("    return", "        return")
)
train_one_epoch.mistake("It calls len(batches), but a generator has no length: count the samples.", "needs-a-length")(
    train_one_epoch.edited(
        "0.0, 0", "0.0, len(batches)", "loss.item() * len(targets)", "loss.item()", "count += len(targets)", "pass"
    )
)
train_one_epoch.mistake("The mean is a tensor: return a Python float, with `.item()`.", "tensor")(
    train_one_epoch.edited("total / count", "torch.tensor(total / count)")
)
train_one_epoch.mistake(
    "Gradients are switched off, so backward() has nothing to work on: use no_grad for evaluation only.", "no-graph"
)(torch.no_grad()(train_one_epoch.solved))
train_one_epoch.same_mistake("needs-a-length")(train_one_epoch.edited("model.train()", "model.train(); len(batches)"))
train_one_epoch.mistake(
    "The batches are looped over twice, which a generator does not allow: count the samples in the same loop.",
    "loops-twice",
)(train_one_epoch.edited("0.0, 0", "0.0, sum(len(targets) for _, targets in batches)", "count += len(targets)", "pass"))
