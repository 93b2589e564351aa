"""Exercise: which classes are taken for which."""

import torch

from cnncourse.checking.compare import Mismatch, agree, compare_values
from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer


@exercise(points=3, minutes=8)
def confusion_matrix(predictions, targets, num_classes):
    """Count how often class i was taken for class j.

    Parameters
    ----------
    predictions, targets : torch.Tensor, shape (N,)
        Integers in 0 .. num_classes - 1.
    num_classes : int
        K; some classes may not occur.

    Returns
    -------
    torch.Tensor, shape (K, K), int64
        Rows are true classes, columns predicted ones.
    """
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64)
    for predicted, true in zip(predictions.tolist(), targets.tolist(), strict=True):
        matrix[true, predicted] += 1
    return matrix


@confusion_matrix.comparison
def _compare(case, observed, expected):
    mismatch = compare_values(case, observed, expected)
    if mismatch is None and observed.value.dtype != torch.int64:
        dtype = str(observed.value.dtype).removeprefix("torch.")
        return Mismatch("type", f"It holds numbers of type {dtype}, expected int64: these are counts.")
    return mismatch


@confusion_matrix.agreement
def _agree(case, one, other):
    return agree(case, one, other) and getattr(one.value, "dtype", None) == getattr(other.value, "dtype", None)


confusion_matrix.add_visible(
    case(
        "one mistake",
        varies="basic",
        predictions=torch.tensor([0, 1, 1]),
        targets=torch.tensor([0, 0, 1]),
        num_classes=2,
    ),
    case(
        "a pair that comes twice, a class that does not come at all",
        varies="classes",
        predictions=torch.tensor([1, 1, 0, 2]),
        targets=torch.tensor([2, 2, 0, 1]),
        num_classes=4,
    ),
)


@confusion_matrix.random_cases
def _fresh(generator):
    for count, classes in ((20, 3), (12, 5), (1, 4)):
        yield case(
            "classes drawn at random",
            varies="classes batch",
            predictions=torch.randint(0, classes, (count,), generator=generator),
            targets=torch.randint(0, classes, (count,), generator=generator),
            num_classes=classes + integer(generator, 0, 1),
        )


@confusion_matrix.variant("Here, as in some textbooks, the rows are predicted classes and the columns true ones.")
def columns_are_true(predictions, targets, num_classes):
    """Count how often class i was the prediction for a sample of class j.

    Returns
    -------
    torch.Tensor, shape (K, K), int64
        Rows are predicted classes, columns true ones.
    """
    cells = predictions * num_classes + targets
    return torch.bincount(cells, minlength=num_classes**2).reshape(num_classes, num_classes)


confusion_matrix.mistake("Rows and columns are swapped: rows are true classes, columns predicted ones.", "transposed")(
    lambda predictions, targets, num_classes: confusion_matrix(targets, predictions, num_classes)
)


@confusion_matrix.mistake(
    "A pair that comes several times is counted once: `matrix[targets, predictions] += 1` writes each place "
    "only once. Use a loop, bincount or index_put_ with accumulate=True."
)
def repeats_lost(predictions, targets, num_classes):
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64)
    matrix[targets, predictions] += 1
    return matrix


@confusion_matrix.mistake(
    "The matrix is as large as the largest class in the data: give it `num_classes` rows and columns."
)
def size_from_data(predictions, targets, num_classes):
    return confusion_matrix(predictions, targets, int(torch.cat([predictions, targets]).max()) + 1)


@confusion_matrix.mistake("The rows are divided by their sums: leave the counts as they are.")
def shares(predictions, targets, num_classes):
    counts = confusion_matrix(predictions, targets, num_classes)
    return counts / counts.sum(1, keepdim=True).clamp(min=1)


confusion_matrix.mistake("The counts have another number type: make the matrix int64.", "not-int64")(
    lambda predictions, targets, num_classes: confusion_matrix(predictions, targets, num_classes).float()
)


@confusion_matrix.mistake("Only right predictions are counted: the others go beside the diagonal.")
def right_only(predictions, targets, num_classes):
    right = predictions == targets
    return confusion_matrix(predictions[right], targets[right], num_classes)


@confusion_matrix.mistake("Only wrong predictions are counted: the right ones go on the diagonal.")
def wrong_only(predictions, targets, num_classes):
    wrong = predictions != targets
    return confusion_matrix(predictions[wrong], targets[wrong], num_classes)


@confusion_matrix.mistake(
    "Every sample is counted twice, at (true, predicted) and at (predicted, true): once is enough."
)
def both_ways(predictions, targets, num_classes):
    matrix = confusion_matrix(predictions, targets, num_classes)
    return matrix + matrix.T


confusion_matrix.mistake("The matrix is a list of lists: return a tensor.", "list")(
    lambda predictions, targets, num_classes: confusion_matrix(predictions, targets, num_classes).tolist()
)
