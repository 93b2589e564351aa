"""How good is a trained network? Accuracy, the confusion matrix, and what can be read from it class by class."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cnncourse.geometry import as_integer
from cnncourse.models import evaluation_mode
from cnncourse.models.modes import check_module
from cnncourse.tensors import INTEGERS, check_tensor


@torch.no_grad()
def predict(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """Collect the logits of all samples, and the targets in the same order.

    Parameters
    ----------
    model : nn.Module
        Takes a batch of inputs, returns logits ``(n, K)``.
    batches : iterable of (inputs, targets)
        See `ordered_batches`. They are moved to the model's device.

    Returns
    -------
    logits : Tensor
        ``(N, K)``, on the CPU.
    targets : Tensor
        ``(N,)``, on the CPU.

    Raises
    ------
    ValueError
        If `batches` holds no samples.
    """
    check_module(model)
    device = device_of(model)
    all_logits, all_targets = [], []
    with evaluation_mode(model):
        for inputs, targets in batches:
            all_logits.append(model(inputs.to(device)).cpu())
            all_targets.append(targets.cpu())
    if not sum(len(targets) for targets in all_targets):
        raise ValueError("`batches` must hold at least one sample, not 0 (a generator can be used only once)")
    return torch.cat(all_logits), torch.cat(all_targets)


def evaluate(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]]) -> float:
    """Share of the samples whose largest logit belongs to the true class.

    Runs in eval mode without a graph; afterwards the model has its old mode.

    Parameters
    ----------
    model : nn.Module
        Takes a batch of inputs, returns logits ``(n, K)``.
    batches : iterable of (inputs, targets)
        See `ordered_batches`. They are moved to the model's device.

    Returns
    -------
    float
        Accuracy in [0, 1]. Every sample counts the same, also in a short last batch.

    Raises
    ------
    ValueError
        If `batches` holds no samples.

    Examples
    --------
    A "network" that returns its input, on three samples of which it gets two right:

    >>> scores = torch.tensor([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0]])
    >>> round(evaluate(nn.Identity(), [(scores, torch.tensor([0, 1, 1]))]), 3)
    0.667
    """
    logits, targets = predict(model, batches)
    return (logits.argmax(dim=1) == targets).double().mean().item()


def confusion_matrix(predictions: Tensor, targets: Tensor, num_classes: int) -> Tensor:
    """Count how often class `i` was taken for class `j`.

    Parameters
    ----------
    predictions, targets : Tensor
        ``(N,)``, integers in ``0 .. num_classes - 1``.
    num_classes : int
        K, at least 1. Needed because `targets` may lack the last class.

    Returns
    -------
    Tensor
        ``(K, K)`` int64; rows are true classes, columns predicted ones. The diagonal counts the right predictions.

    Raises
    ------
    ValueError
        If the shapes differ or a class number is out of range.

    Examples
    --------
    >>> confusion_matrix(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]), num_classes=2)
    tensor([[1, 1],
            [0, 1]])
    """
    for name, values in (("predictions", predictions), ("targets", targets)):
        check_tensor(values, name)
        if values.dtype not in INTEGERS:
            raise TypeError(f"`{name}` must hold integers, not {values.dtype}")
    num_classes = as_integer(num_classes, "num_classes")
    if predictions.shape != targets.shape or targets.ndim != 1:
        raise ValueError(
            f"`predictions` and `targets` must both have shape (N,), not {tuple(predictions.shape)} and "
            f"{tuple(targets.shape)} (take logits.argmax(dim=1) first)"
        )
    for name, values in (("predictions", predictions), ("targets", targets)):
        if len(values) and not (int(values.min()) >= 0 and int(values.max()) < num_classes):
            raise ValueError(
                f"`{name}` must be in 0..{num_classes - 1} for num_classes={num_classes}, "
                f"not from {int(values.min())} to {int(values.max())}"
            )
    cells = targets.long() * num_classes + predictions.long()
    return torch.bincount(cells, minlength=num_classes**2).view(num_classes, num_classes)


@dataclass(frozen=True, eq=False)
class ClassificationReport:
    """What a confusion matrix says class by class; `str()` prints it as a table.

    Attributes
    ----------
    confusion : Tensor
        ``(K, K)`` int64, rows are true classes.
    """

    confusion: Tensor

    @property
    def support(self) -> Tensor:
        """``(K,)`` int64: how many samples each class has."""
        return self.confusion.sum(dim=1)

    @property
    def accuracy(self) -> float:
        """Share of all samples that are right."""
        return (self.confusion.trace() / self.confusion.sum()).item()

    @property
    def precision(self) -> Tensor:
        """``(K,)``: of the samples called class k, the share that are; 0 where none was called so."""
        return self.confusion.diag() / self.confusion.sum(dim=0).clamp(min=1)

    @property
    def recall(self) -> Tensor:
        """``(K,)``: of the samples of class k, the share that were found; 0 where there are none."""
        return self.confusion.diag() / self.support.clamp(min=1)

    @property
    def f1(self) -> Tensor:
        """``(K,)``: harmonic mean of precision and recall."""
        return 2 * self.confusion.diag() / (self.support + self.confusion.sum(dim=0)).clamp(min=1)

    def __str__(self) -> str:
        lines = [f"{'class':>5} {'precision':>9} {'recall':>6} {'f1':>5} {'support':>7}"]
        columns = zip(self.precision, self.recall, self.f1, self.support, strict=True)
        for number, (precision, recall, f1, support) in enumerate(columns):
            lines.append(f"{number:>5} {precision:>9.3f} {recall:>6.3f} {f1:>5.3f} {support:>7}")
        lines.append(f"accuracy {self.accuracy:.3f} over {int(self.support.sum())} samples")
        return "\n".join(lines)


def classification_report(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]]) -> ClassificationReport:
    """Evaluate `model` class by class.

    Parameters
    ----------
    model : nn.Module
        Takes a batch of inputs, returns logits ``(n, K)``.
    batches : iterable of (inputs, targets)
        See `ordered_batches`.

    Returns
    -------
    ClassificationReport
        With ``confusion``, ``accuracy``, ``precision``, ``recall``, ``f1`` and ``support``; printable.

    Raises
    ------
    ValueError
        If `batches` holds no samples.

    Examples
    --------
    >>> scores = torch.tensor([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0]])
    >>> print(classification_report(nn.Identity(), [(scores, torch.tensor([0, 1, 1]))]))
    class precision recall    f1 support
        0     0.500  1.000 0.667       1
        1     1.000  0.500 0.667       2
    accuracy 0.667 over 3 samples
    """
    logits, targets = predict(model, batches)
    return ClassificationReport(confusion_matrix(logits.argmax(dim=1), targets, num_classes=logits.shape[1]))


def device_of(model: nn.Module) -> torch.device:
    """Where the parameters of `model` are; the CPU for a model without any."""
    return next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
