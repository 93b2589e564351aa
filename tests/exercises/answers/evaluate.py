"""Answers to the exercise `evaluate`: right ones in several styles, and wrong ones."""

import numpy as np
import torch

from cnncourse import training

from . import edited


def evaluate_by_inference_mode(model, batches):
    mode = model.training
    model.train(False)
    with torch.inference_mode():
        hits = torch.cat([model(x).softmax(1).max(1).indices == y for x, y in batches])
    model.train(mode)
    return hits.float().mean().item()


@torch.no_grad()
def evaluate_row_by_row(model, batches):
    was = model.training
    model.eval()
    pairs = [pair for batch in batches for pair in zip(*batch, strict=True)]
    hits = [np.argmax(model(row[None])[0].numpy()) == int(y) for row, y in pairs]
    if was:
        model.train()
    return sum(hits) / len(hits)


def evaluate_in_both_modes(model, batches):
    modes = {module: module.training for module in model.modules()}
    try:
        model.eval()
        right = total = 0
        previous = torch.is_grad_enabled()
        torch.set_grad_enabled(False)
        for x, y in batches:
            right += torch.eq(torch.argmax(model(x), -1), y).sum()
            total += y.numel()
        torch.set_grad_enabled(previous)
    finally:
        for module, mode in modes.items():
            module.training = mode
    return float(right) / total


def evaluation(edit):
    return edited("evaluate", edit)


RIGHT = [
    evaluate_by_inference_mode,
    evaluate_row_by_row,
    evaluate_in_both_modes,
    training.evaluate,
    lambda model, batches: float(evaluate_by_inference_mode(model, list(batches))),
]

WRONG = [
    evaluation(("    model.eval()\n", "")),
    evaluation(("    model.eval()\n", "    model.train()\n")),
    evaluation(("    with torch.no_grad():", "    with torch.enable_grad():")),
    evaluation(("    model.train(was_training)\n", "")),
    evaluation(("    model.train(was_training)\n", "    model.train()\n")),
    evaluation(("    model.train(was_training)\n", "    model.train(not was_training)\n")),
    evaluation(("argmax(dim=1)", "argmin(dim=1)")),
    evaluation(("argmax(dim=1)", "argmax(dim=0)")),
    evaluation(("argmax(dim=1)", "argmax()")),
    evaluation(("right / count", "right // count")),
    evaluation(("right / count", "torch.tensor(right / count)")),
    evaluation(("right / count", "100 * right / count")),
    evaluation(("right / count", "round(right / count, 1)")),
    evaluation(("right / count", "right")),
    evaluation(("count += len(targets)", "count += 1")),
    evaluation(("count += len(targets)", "count += inputs.shape[1]")),
    evaluation(("right += (", "right = (")),
    evaluation((".sum().item()", ".all().item()")),
    evaluation((".sum().item()", ".float().mean().item()")),
    evaluation((" == targets", " != targets")),
    evaluation(("(model(inputs).argmax(dim=1) == targets)", "(model(inputs).sigmoid() > 0.5).float()")),
]
