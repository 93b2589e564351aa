"""Exercise: which classes are taken for which."""

import torch

from .. import drawing
from ..judging import Finding, agree, judge_by_value
from ..record import Exercise, Misconception, Variant, case


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


def _judge(case, observed, expected):
    finding = judge_by_value(case, observed, expected)
    if finding is None and observed.value.dtype != torch.int64:
        dtype = str(observed.value.dtype).removeprefix("torch.")
        return Finding("type", f"It holds numbers of type {dtype}, expected int64: these are counts.")
    return finding


def _agrees(case, one, other):
    return agree(case, one, other) and getattr(one.value, "dtype", None) == getattr(other.value, "dtype", None)


def _repeats_lost(predictions, targets, num_classes):
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64)
    matrix[targets, predictions] += 1
    return matrix


def _size_from_data(predictions, targets, num_classes):
    return confusion_matrix(predictions, targets, int(torch.cat([predictions, targets]).max()) + 1)


def _shares(predictions, targets, num_classes):
    counts = confusion_matrix(predictions, targets, num_classes)
    return counts / counts.sum(1, keepdim=True).clamp(min=1)


def _right_only(predictions, targets, num_classes):
    right = predictions == targets
    return confusion_matrix(predictions[right], targets[right], num_classes)


def _wrong_only(predictions, targets, num_classes):
    wrong = predictions != targets
    return confusion_matrix(predictions[wrong], targets[wrong], num_classes)


def _both_ways(predictions, targets, num_classes):
    matrix = confusion_matrix(predictions, targets, num_classes)
    return matrix + matrix.T


def _columns_are_true(predictions, targets, num_classes):
    """Count how often class i was the prediction for a sample of class j.

    Parameters
    ----------
    predictions, targets : torch.Tensor, shape (N,)
        Integers in 0 .. num_classes - 1.
    num_classes : int
        K; some classes may not occur.

    Returns
    -------
    torch.Tensor, shape (K, K), int64
        Rows are predicted classes, columns true ones.
    """
    cells = predictions * num_classes + targets
    return torch.bincount(cells, minlength=num_classes**2).reshape(num_classes, num_classes)


def _fresh(generator):
    for count, classes in ((20, 3), (12, 5), (1, 4)):
        yield case(
            "classes drawn at random",
            predictions=torch.randint(0, classes, (count,), generator=generator),
            targets=torch.randint(0, classes, (count,), generator=generator),
            num_classes=classes + drawing.integer(generator, 0, 1),
        )


EXERCISE = Exercise(
    solved=confusion_matrix,
    chapter="training",
    prompt="""
An accuracy of 0.9 hides which tenth is wrong. Count, for every true class (a row) and every predicted class (a column),
how many samples fall there: the diagonal is what went right, and a large number beside it is a pair of classes that the
network confuses. `num_classes` is given because a class may be missing from the data. Counts are int64.
""",
    objectives=("read and build a confusion matrix", "count repeated pairs"),
    out_of_scope=("shares instead of counts", "class numbers out of range"),
    visible=(
        case(
            "one mistake",
            predictions=torch.tensor([0, 1, 1]),
            targets=torch.tensor([0, 0, 1]),
            num_classes=2,
        ),
        case(
            "a pair that comes twice, a class that does not come at all",
            predictions=torch.tensor([1, 1, 0, 2]),
            targets=torch.tensor([2, 2, 0, 1]),
            num_classes=4,
        ),
    ),
    fresh=_fresh,
    judge=_judge,
    agrees=_agrees,
    misconceptions=(
        Misconception(
            "transposed",
            "Rows and columns are swapped: rows are true classes, columns predicted ones.",
            lambda predictions, targets, num_classes: confusion_matrix(targets, predictions, num_classes),
        ),
        Misconception(
            "repeats-lost",
            "A pair that comes several times is counted once: `matrix[targets, predictions] += 1` writes each place "
            "only once. Use a loop, bincount or index_put_ with accumulate=True.",
            _repeats_lost,
        ),
        Misconception(
            "size-from-data",
            "The matrix is as large as the largest class in the data: give it `num_classes` rows and columns.",
            _size_from_data,
        ),
        Misconception("shares", "The rows are divided by their sums: leave the counts as they are.", _shares),
        Misconception(
            "not-int64",
            "The counts have another number type: make the matrix int64.",
            lambda predictions, targets, num_classes: confusion_matrix(predictions, targets, num_classes).float(),
        ),
        Misconception(
            "right-only", "Only right predictions are counted: the others go beside the diagonal.", _right_only
        ),
        Misconception(
            "wrong-only", "Only wrong predictions are counted: the right ones go on the diagonal.", _wrong_only
        ),
        Misconception(
            "both-ways",
            "Every sample is counted twice, at (true, predicted) and at (predicted, true): once is enough.",
            _both_ways,
        ),
        Misconception(
            "list",
            "The matrix is a list of lists: return a tensor.",
            lambda predictions, targets, num_classes: confusion_matrix(predictions, targets, num_classes).tolist(),
        ),
    ),
    hints=(
        "Start with a K by K matrix of zeros. Which two numbers tell where a sample belongs?",
        "`matrix[true, predicted] += 1` for each sample, one at a time.",
        "Without a loop: `torch.bincount(targets * K + predictions, minlength=K * K).reshape(K, K)`.",
    ),
    points=3,
    minutes=8,
    variants=(
        Variant(
            "columns-are-true",
            "Here, as in some textbooks, the rows are predicted classes and the columns true ones.",
            _columns_are_true,
        ),
    ),
)
