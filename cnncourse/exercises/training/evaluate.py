"""Exercise: the accuracy of a classifier."""

import torch
from torch import nn

from cnncourse.checking.record import case, exercise
from cnncourse.exercises import random_inputs

from .train_one_epoch import classifier_batches


@exercise(points=5, minutes=12, after="train_one_epoch")
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


def _measured(note, varies, batches, weight, bias=None, training=True, one_shot=False):
    return case(
        note,
        varies=varies,
        probe="measure_accuracy",
        weight=weight,
        bias=torch.zeros(len(weight), dtype=weight.dtype) if bias is None else bias,
        batches=batches,
        training=training,
        one_shot=one_shot,
    )


_UNIT = torch.eye(3)


evaluate.add_visible(
    _measured(
        "one batch, half right",
        "basic",
        [(torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 3.0]]), torch.tensor([0, 1]))],
        _UNIT,
    ),
    _measured(
        "batches of unlike size",
        "batch",
        [
            (torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 3.0], [0.0, 5.0, 1.0]]), torch.tensor([0, 2, 2])),
            (torch.tensor([[1.0, -2.0, -1.0]]), torch.tensor([1])),
        ],
        _UNIT,
    ),
    _measured(
        "a model that was in eval mode, batches from a generator",
        "mode iterable",
        [
            (torch.tensor([[2.0, 1.0, 0.0], [3.0, 1.0, 2.0]]), torch.tensor([0, 2])),
            (torch.tensor([[1.0, -2.0, -1.0]]), torch.tensor([0])),
        ],
        _UNIT,
        training=False,
        one_shot=True,
    ),
)


@evaluate.random_cases
def _fresh(generator):
    for dtype, one_shot in ((torch.float32, True), (torch.float64, False)):
        yield _measured(
            f"a short last batch, {str(dtype).removeprefix('torch.')}",
            "batch dtype",
            classifier_batches(generator, (5, 5, 5, 2), 3, 4, dtype),
            random_inputs.tensor(generator, 4, 3, dtype=dtype),
            random_inputs.tensor(generator, 4, dtype=dtype),
            training=random_inputs.integer(generator, 0, 1) == 1,
            one_shot=one_shot,
        )


evaluate.mistake(
    "A short last batch weighs as much as a full one: count right answers and samples over all batches.",
    "mean-of-batch-accuracies",
)(_wrong(result=lambda rights, sizes: sum(r / n for r, n in zip(rights, sizes, strict=True)) / len(sizes)))
evaluate.mistake("The model is measured in the mode it happens to have: call model.eval() first.", "not-in-eval-mode")(
    _wrong(before=lambda model: model)
)
evaluate.mistake(
    "Every forward pass records a graph that nobody needs: measure under torch.no_grad().", "graph-recorded"
)(_wrong(graph=True))
evaluate.mistake("The model stays in eval mode: put back the mode that it had before.", "left-in-eval-mode")(
    _wrong(after=lambda model, was_training: model)
)
evaluate.mistake(
    "The model is always put in train mode at the end: it may have been in eval mode before.",
    "always-back-to-train-mode",
)(_wrong(after=lambda model, was_training: model.train()))
evaluate.mistake("This is a percentage: return a share from 0 to 1.", "percent")(
    _wrong(result=lambda rights, sizes: 100 * sum(rights) / sum(sizes))
)
evaluate.mistake("The right answers are counted: divide by the number of samples.", "count")(
    _wrong(result=lambda rights, sizes: sum(rights))
)
evaluate.mistake(
    "The right answers are divided by the number of batches: divide by the number of samples.", "divided-by-batches"
)(_wrong(result=lambda rights, sizes: sum(rights) / len(sizes)))
evaluate.mistake("This is the share of wrong answers: count the right ones.", "error-rate")(
    _wrong(result=lambda rights, sizes: 1 - sum(rights) / sum(sizes))
)
evaluate.mistake("Only the last batch is measured: add up over all batches.", "last-batch-only")(
    _wrong(result=lambda rights, sizes: rights[-1] / sizes[-1])
)


@evaluate.mistake("Only the first batch is measured: a `return` inside the loop ends it.")
def first_batch_only(model, batches):
    return evaluate(model, [next(iter(batches))])


evaluate.mistake(
    "The class with the smallest logit is taken: the largest one is the network's choice.", "smallest-logit"
)(_wrong(choose=lambda logits: logits.argmin(1)))
evaluate.mistake(
    "The largest logit itself is compared with the class: compare its position, argmax(dim=1).", "largest-value"
)(_wrong(choose=lambda logits: logits.max(1).values))


@evaluate.mistake("This is the mean loss: accuracy counts right answers.")
def loss(model, batches):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        losses = [nn.functional.cross_entropy(model(x), y, reduction="none") for x, y in batches]
    model.train(was_training)
    return torch.cat(losses).mean().item()


@evaluate.mistake("It asks for len(batches): a generator has none. Count the samples as they come.")
def needs_a_length(model, batches):
    size = len(batches)
    return _wrong(result=lambda rights, sizes: sum(rights) / sum(sizes) * size / size)(model, batches)


@evaluate.mistake("The accuracy is a tensor: return a Python float, with `.item()`.")
def tensor(model, batches):
    return torch.tensor(evaluate(model, batches))
