"""Exercise: the accuracy of a classifier."""

import torch
from torch import nn

from .. import drawing
from ..record import Exercise, Misconception, case
from .train_one_epoch import classifier_batches


def evaluate(model, batches):
    """Measure the share of samples whose largest logit belongs to the true class.

    Parameters
    ----------
    model : nn.Module
        Takes a batch of inputs, returns logits (n, K).
    batches : iterable of (inputs, targets)
        The last batch may be short; a generator, without a length, will do.

    Returns
    -------
    float
        Accuracy over all samples, from 0 to 1.
    """
    was_training = model.training
    model.eval()
    right, count = 0, 0
    with torch.no_grad():
        for inputs, targets in batches:
            right += (model(inputs).argmax(dim=1) == targets).sum().item()
            count += len(targets)
    model.train(was_training)
    return right / count


def _wrong(
    *,
    before=nn.Module.eval,
    after=nn.Module.train,
    graph=False,
    choose=lambda logits: logits.argmax(1),
    result=lambda rights, sizes: sum(rights) / sum(sizes),
):
    """Make a wrong answer: an evaluation in which a part can be another."""

    def answer(model, batches):
        was_training = model.training
        before(model)
        rights, sizes = [], []
        with torch.set_grad_enabled(graph):
            for inputs, targets in batches:
                rights.append((choose(model(inputs)) == targets).sum().item())
                sizes.append(len(targets))
        after(model, was_training)
        return result(rights, sizes)

    return answer


def _first_batch_only(model, batches):
    return evaluate(model, [next(iter(batches))])


def _by_length(model, batches):
    size = len(batches)
    return _wrong(result=lambda rights, sizes: sum(rights) / sum(sizes) * size / size)(model, batches)


def _tensor(model, batches):
    return torch.tensor(evaluate(model, batches))


def _mean_loss(model, batches):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        losses = [nn.functional.cross_entropy(model(x), y, reduction="none") for x, y in batches]
    model.train(was_training)
    return torch.cat(losses).mean().item()


def _measured(note, batches, weight, bias=None, training=True, one_shot=False):
    return case(
        note,
        probe="measure_accuracy",
        weight=weight,
        bias=torch.zeros(len(weight), dtype=weight.dtype) if bias is None else bias,
        batches=batches,
        training=training,
        one_shot=one_shot,
    )


_UNIT = torch.eye(3)


def _fresh(generator):
    for dtype, one_shot in ((torch.float32, True), (torch.float64, False)):
        yield _measured(
            f"a short last batch, {str(dtype).removeprefix('torch.')}",
            classifier_batches(generator, (5, 5, 5, 2), 3, 4, dtype),
            drawing.tensor(generator, 4, 3, dtype=dtype),
            drawing.tensor(generator, 4, dtype=dtype),
            training=drawing.integer(generator, 0, 1) == 1,
            one_shot=one_shot,
        )


EXERCISE = Exercise(
    solved=evaluate,
    chapter="training",
    prompt="""
A loss is for the optimiser; people ask how often the network is right. Return the share of samples, over all batches,
whose largest logit belongs to the true class: a float from 0 to 1. Measure in eval mode, where dropout and batch norm
keep still, record no graph (it only costs memory), and leave the model in the mode that you found it in. `batches` may
be a generator: it has no length.
""",
    objectives=("measure accuracy over samples", "switch modes and switch back"),
    out_of_scope=("a mode of its own for each submodule: `model.train(was_training)` is enough", "an empty data set"),
    visible=(
        _measured(
            "one batch, half right",
            [(torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 3.0]]), torch.tensor([0, 1]))],
            _UNIT,
        ),
        _measured(
            "batches of unlike size",
            [
                (torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 3.0], [0.0, 5.0, 1.0]]), torch.tensor([0, 2, 2])),
                (torch.tensor([[1.0, -2.0, -1.0]]), torch.tensor([1])),
            ],
            _UNIT,
        ),
        _measured(
            "a model that was in eval mode, batches from a generator",
            [
                (torch.tensor([[2.0, 1.0, 0.0], [3.0, 1.0, 2.0]]), torch.tensor([0, 2])),
                (torch.tensor([[1.0, -2.0, -1.0]]), torch.tensor([0])),
            ],
            _UNIT,
            training=False,
            one_shot=True,
        ),
    ),
    fresh=_fresh,
    misconceptions=(
        Misconception(
            "mean-of-batch-accuracies",
            "A short last batch weighs as much as a full one: count right answers and samples over all batches.",
            _wrong(result=lambda rights, sizes: sum(r / n for r, n in zip(rights, sizes, strict=True)) / len(sizes)),
        ),
        Misconception(
            "not-in-eval-mode",
            "The model is measured in the mode it happens to have: call model.eval() first.",
            _wrong(before=lambda model: model),
        ),
        Misconception(
            "graph-recorded",
            "Every forward pass records a graph that nobody needs: measure under torch.no_grad().",
            _wrong(graph=True),
        ),
        Misconception(
            "left-in-eval-mode",
            "The model stays in eval mode: put back the mode that it had before.",
            _wrong(after=lambda model, was_training: model),
        ),
        Misconception(
            "always-back-to-train-mode",
            "The model is always put in train mode at the end: it may have been in eval mode before.",
            _wrong(after=lambda model, was_training: model.train()),
        ),
        Misconception(
            "percent",
            "This is a percentage: return a share from 0 to 1.",
            _wrong(result=lambda rights, sizes: 100 * sum(rights) / sum(sizes)),
        ),
        Misconception(
            "count",
            "The right answers are counted: divide by the number of samples.",
            _wrong(result=lambda rights, sizes: sum(rights)),
        ),
        Misconception(
            "divided-by-batches",
            "The right answers are divided by the number of batches: divide by the number of samples.",
            _wrong(result=lambda rights, sizes: sum(rights) / len(sizes)),
        ),
        Misconception(
            "error-rate",
            "This is the share of wrong answers: count the right ones.",
            _wrong(result=lambda rights, sizes: 1 - sum(rights) / sum(sizes)),
        ),
        Misconception(
            "last-batch-only",
            "Only the last batch is measured: add up over all batches.",
            _wrong(result=lambda rights, sizes: rights[-1] / sizes[-1]),
        ),
        Misconception(
            "first-batch-only",
            "Only the first batch is measured: a `return` inside the loop ends it.",
            _first_batch_only,
        ),
        Misconception(
            "smallest-logit",
            "The class with the smallest logit is taken: the largest one is the network's choice.",
            _wrong(choose=lambda logits: logits.argmin(1)),
        ),
        Misconception(
            "largest-value",
            "The largest logit itself is compared with the class: compare its position, argmax(dim=1).",
            _wrong(choose=lambda logits: logits.max(1).values),
        ),
        Misconception(
            "loss",
            "This is the mean loss: accuracy counts right answers.",
            _mean_loss,
        ),
        Misconception(
            "needs-a-length",
            "It asks for len(batches): a generator has none. Count the samples as they come.",
            _by_length,
        ),
        Misconception("tensor", "The accuracy is a tensor: return a Python float, with `.item()`.", _tensor),
    ),
    hints=(
        "Which three things must be as before when you are done, or must not happen at all?",
        "`(model(inputs).argmax(dim=1) == targets).sum().item()` counts a batch's right answers.",
        "Note `model.training`, call `model.eval()`, count under `torch.no_grad()`, then `model.train(was_training)`.",
    ),
    points=5,
    minutes=12,
    prerequisites=("train_one_epoch",),
)
