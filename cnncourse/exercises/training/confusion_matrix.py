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


confusion_matrix.add_visible(
    case(
        "one mistake",
        varies="basic",
        predictions=torch.tensor([0, 1, 1]),
        targets=torch.tensor([0, 0, 1]),
        num_classes=2,
    ),
    case(
        "a pair that occurs twice, and a class that does not occur",
        varies="classes tie",
        predictions=torch.tensor([1, 1, 0, 2]),
        targets=torch.tensor([2, 2, 0, 1]),
        num_classes=4,
    ),
)


@confusion_matrix.random_cases
def fresh(generator):
    def pairs(note, varies, predictions, targets, num_classes):
        given = {"predictions": torch.tensor(predictions), "targets": torch.tensor(targets)}
        return case(note, varies=varies, **given, num_classes=num_classes)

    low = integer(generator, 0, 1)
    yield pairs("one right, one wrong", "basic", [2, low], [2, 1 - low], 3)
    yield pairs("one sample", "basic", [low], [2], 3)
    yield pairs("classes that do not occur", "classes", [2, low], [2, 1 - low], integer(generator, 5, 8))
    yield pairs("a pair that occurs three times", "tie", [2, low, low, low], [2, 2, 2, 2], 3)
    yield pairs("right pairs that occur twice", "tie", [2, low, 2, low], [2, low, 2, low], 3)
    for count, classes in ((20, 3), (12, 5)):
        predictions, targets = torch.randint(0, classes, (2, count), generator=generator).tolist()
        yield pairs("classes drawn at random", "classes tie", predictions, targets, classes + integer(generator, 0, 1))


@confusion_matrix.comparison
def compare(case, observed, expected):
    mismatch = compare_values(case, observed, expected)
    if mismatch is None and observed.value.dtype != torch.int64:
        dtype = str(observed.value.dtype).removeprefix("torch.")
        return Mismatch("type", f"It holds numbers of type {dtype}, expected int64: these are counts.")
    return mismatch


@confusion_matrix.agreement
def alike(case, one, other):
    return agree(case, one, other) and getattr(one.value, "dtype", None) == getattr(other.value, "dtype", None)


confusion_matrix.mistake("Rows and columns are swapped: rows are true classes, columns predicted ones.", "transposed")(
    confusion_matrix.edited("true, predicted]", "predicted, true]")
)


@confusion_matrix.mistake(
    "A pair that occurs several times is counted once: `matrix[targets, predictions] += 1` writes each place "
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


@confusion_matrix.same_mistake("size-from-data")
def classes_that_occur(predictions, targets, num_classes):
    seen = torch.unique(torch.cat([predictions, targets]))
    return confusion_matrix(predictions, targets, num_classes)[seen][:, seen]


confusion_matrix.mistake("The rows are divided by their sums: leave the counts as they are.", "shares")(
    confusion_matrix.edited("return matrix", "return matrix / matrix.sum(1, keepdim=True).clamp(min=1)")
)
confusion_matrix.mistake("The counts have another number type: make the matrix int64.", "not-int64")(
    confusion_matrix.edited("return matrix", "return matrix.float()")
)
confusion_matrix.mistake("Only right predictions are counted: count the others beside the diagonal.", "right-only")(
    confusion_matrix.edited("+= 1", "+= predicted == true")
)
confusion_matrix.mistake("Only wrong predictions are counted: count the right ones on the diagonal.", "wrong-only")(
    confusion_matrix.edited("+= 1", "+= predicted != true")
)
confusion_matrix.mistake(
    "Every sample is counted twice, at (true, predicted) and at (predicted, true): once is enough.", "both-ways"
)(confusion_matrix.edited("return matrix", "return matrix + matrix.T"))
confusion_matrix.mistake("The matrix is a list of lists: return a tensor.", "list")(
    confusion_matrix.edited("return matrix", "return matrix.tolist()")
)


@confusion_matrix.mistake("The counts end at the last pair that occurs: give `bincount` minlength=num_classes**2.")
def counts_cut(predictions, targets, num_classes):
    return torch.bincount(targets * num_classes + predictions).reshape(num_classes, num_classes)


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
