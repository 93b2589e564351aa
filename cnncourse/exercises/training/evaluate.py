"""Exercise: the accuracy of a classifier."""

import torch

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import tensor


@exercise(points=5, minutes=12, after="train_one_epoch")
def evaluate(model, batches):
    """Measure the share of samples whose largest logit belongs to the true class.

    Parameters
    ----------
    model : nn.Module
        Takes a batch of inputs, returns logits (n, K).
    batches : iterable of (inputs, targets)
        The last batch may be short; a generator, which has no length, is allowed.

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


def measure(note, varies, batches, weight, bias=None, training=False, one_shot=False):
    """Make a case that looks at the accuracy and, where types or modes are the subject, at those."""
    bias = torch.zeros(len(weight)) if bias is None else bias
    parts = ["accuracy"]
    if "dtype" in varies:
        parts.append("float")
    if "mode" in varies:
        parts += ["graph recorded", "training afterwards"]
    given = {"weight": weight, "bias": bias, "batches": batches, "training": training, "one_shot": one_shot}
    return case(note, varies=varies, probe="measure_accuracy", **given, parts=parts)


SAME = torch.eye(3)  # as weight: the logits are the inputs
TWO = (torch.tensor([[2.0, 1, 0], [0, 1, 3]]), torch.tensor([0, 1]))
ALSO_TWO = (torch.tensor([[2.0, 1, 0], [3, 1, 2]]), torch.tensor([0, 2]))
THREE = (torch.tensor([[2.0, 1, 0], [0, 1, 3], [0, 5, 1]]), torch.tensor([0, 2, 2]))
NEGATIVE = torch.tensor([[1.0, -2, -1]])

evaluate.add_visible(
    measure("one batch, half right", "basic", [TWO], SAME),
    measure("batches of unlike size", "batch remainder", [THREE, (NEGATIVE, torch.tensor([1]))], SAME),
    measure(
        "a model that was in train mode, float64",
        "mode dtype",
        [(ALSO_TWO[0].double(), ALSO_TWO[1])],
        SAME.double(),
        training=True,
    ),
    measure(
        "a model that was in eval mode, batches from a generator",
        "mode iterable batch remainder",
        [ALSO_TWO, (NEGATIVE, torch.tensor([0]))],
        SAME,
        one_shot=True,
    ),
)


@evaluate.random_cases
def fresh(generator):
    def drawn(note, varies, sizes, dtype=torch.float32, **options):
        """Draw batches of which at least one sample, but not every one, is right; the last sample is wrong."""
        weight, bias = tensor(generator, 4, 3, dtype=dtype), tensor(generator, 4, dtype=dtype)
        batches = []
        for size in sizes:
            inputs = tensor(generator, size, 3, dtype=dtype)
            targets = (inputs @ weight.T + bias).argmax(1)
            targets[-1] = (targets[-1] + 1) % 4
            batches.append((inputs, targets))
        return measure(note, varies, batches, weight, bias, **options)

    yield drawn("one batch", "basic", (4,))
    yield drawn("two batches", "batch", (4, 4))
    yield drawn("a short last batch", "remainder", (5, 5, 2))
    yield drawn("a model in train mode", "mode", (4,), training=True)
    yield drawn("a model in eval mode", "mode", (4,))
    yield drawn("a generator", "iterable", (4,), one_shot=True)
    yield drawn("float64", "dtype", (4,), torch.float64)
    for training in (True, False):
        tags = "batch remainder iterable dtype mode"
        options = {"training": training, "one_shot": True}
        yield drawn(f"everything at once, training={training}", tags, (5, 5, 3), torch.float64, **options)


evaluate.mistake(
    "A short last batch weighs as much as a full one: count over all batches, then divide.", "mean-of-batch-accuracies"
)(evaluate.edited("sum().item()", "double().mean().item()", "count += len(targets)", "count += 1"))
evaluate.mistake("The model is measured in the mode it happens to have: call model.eval() first.", "not-in-eval-mode")(
    evaluate.edited("model.eval()", "pass")
)
evaluate.mistake(
    "Every forward pass records a graph that is not needed: measure under torch.no_grad().", "graph-recorded"
)(evaluate.edited("no_grad", "enable_grad"))
evaluate.mistake("The model stays in eval mode: restore the mode that it had before.", "left-in-eval-mode")(
    evaluate.edited("model.train(was_training)", "pass")
)
evaluate.mistake(
    "The model always ends in train mode: it may have been in eval mode before.", "always-back-to-train-mode"
)(evaluate.edited("model.train(was_training)", "model.train()"))
evaluate.mistake("This is a percentage: return a share from 0 to 1.", "percent")(
    evaluate.edited("right / count", "100 * right / count")
)
evaluate.mistake("The right answers are counted: divide by the number of samples.", "count")(
    evaluate.edited("right / count", "right")
)
evaluate.mistake(
    "The right answers are divided by the number of batches: divide by the number of samples.", "divided-by-batches"
)(evaluate.edited("count += len(targets)", "count += 1"))
evaluate.mistake("This is the share of wrong answers: count the right ones.", "error-rate")(evaluate.edited("==", "!="))
evaluate.mistake("Only the last batch is measured: add up over all batches.", "last-batch-only")(
    evaluate.edited("right +=", "right =", "count +=", "count =")
)
evaluate.mistake("Only the first batch is measured: a `return` inside the loop ends it.", "first-batch-only")(
    lambda model, batches: evaluate(model, [next(iter(batches))])
)
evaluate.mistake(
    "The class with the smallest logit is taken: the largest one is the network's choice.", "smallest-logit"
)(evaluate.edited("argmax", "argmin"))
evaluate.mistake(
    "The largest logit itself is compared with the class: compare its position, argmax(dim=1).", "largest-value"
)(evaluate.edited("argmax", "amax"))
evaluate.mistake("This is the mean loss: accuracy counts right answers.", "loss")(
    evaluate.edited(
        "(model(inputs).argmax(dim=1) == targets).sum()", "F.cross_entropy(model(inputs), targets, reduction='sum')"
    )
)
evaluate.mistake("It calls len(batches), but a generator has no length: count the samples.", "needs-a-length")(
    lambda model, batches: evaluate(model, [batches[index] for index in range(len(batches))])
)
evaluate.mistake("The accuracy is a tensor: return a Python float, with `.item()`.", "tensor")(
    evaluate.edited("right / count", "torch.tensor(right / count)")
)
