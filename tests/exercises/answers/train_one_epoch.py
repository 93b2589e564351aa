"""Answers to the exercise `train_one_epoch`: right ones in several styles, and wrong ones."""

import numpy as np
import torch

from cnncourse import training

from . import edited


def epoch_that_clears_afterwards(model, batches, loss_fn, optimizer):
    losses, sizes = [], []
    for inputs, targets in batches:
        model.train()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        model.zero_grad()
        losses.append(loss.item())
        sizes.append(inputs.shape[0])
    model.eval()
    return float(np.average(losses, weights=sizes))


def epoch_by_tensors(model, batches, loss_fn, optimizer):
    model.train()
    total, count = torch.zeros(()), 0
    for x, y in list(batches):
        optimizer.zero_grad(set_to_none=False)
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        total = total + loss.detach() * x.size(0)
        count += x.size(0)
    return (total / count).item()


def epoch_with_closures(model, batches, loss_fn, optimizer):
    model.train()
    total = count = 0
    for x, y in batches:

        def closure(x=x, y=y):
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            return loss

        total += optimizer.step(closure).item() * len(x)
        count += len(x)
    return total / count


def epoch(edit):
    """Make a wrong answer by an edit of the solution's source."""
    return edited("train_one_epoch", edit)


RIGHT = [
    epoch_that_clears_afterwards,
    epoch_by_tensors,
    epoch_with_closures,
    training.train_one_epoch,
    lambda model, batches, loss_fn, optimizer: epoch_with_closures(model.train(True), batches, loss_fn, optimizer),
]

WRONG = [
    epoch(("    model.train()\n", "    model.eval()\n")),
    epoch(("        optimizer.zero_grad()\n", "")),
    epoch(("        optimizer.step()\n", "        optimizer.step()\n        optimizer.step()\n")),
    epoch(("        loss.backward()\n", "")),
    epoch(("loss.item() * len(targets)", "loss.item()")),
    epoch(("loss.item() * len(targets)", "loss")),
    epoch(("count += len(targets)", "count += 1")),
    epoch(("return total / count", "return total")),
    epoch(("return total / count", "return loss.item()")),
    epoch(("return total / count", "return loss")),
    epoch(("return total / count", "pass")),
    epoch(("    return total / count", "        return total / count")),
    epoch(("total += loss.item() * len(targets)", "total = loss.item() * len(targets)")),
    epoch(("count += len(targets)", "count = len(targets)")),
    epoch(("count += len(targets)", "count += targets.max().item() + 1")),
    epoch(("loss.item() * len(targets)", "loss.item() * inputs.shape[1]")),
    epoch(("loss = loss_fn(model(inputs), targets)", "loss = loss_fn(targets, model(inputs))")),
    epoch(("model(inputs)", "model(inputs).detach()")),
    epoch(("model(inputs)", "model(inputs).softmax(1)")),
    epoch(("    for inputs, targets in batches", "    for inputs, targets in list(batches)[:-1]")),
    epoch(("    for inputs, targets in batches", "    for inputs, targets in 2 * list(batches)")),
    epoch(("    for inputs, targets in batches", "    for inputs, targets in list(batches)[::-1]")),
    epoch(("        optimizer.step()\n", "        [p.data.sub_(0.5 * p.grad) for p in model.parameters()]\n")),
    epoch(("loss.backward()", "(loss * len(targets)).backward()")),
]
