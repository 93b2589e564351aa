"""Training, from the single step to `fit`: losses, optimisers, batches, the loop, and how to judge the result."""

from .batches import minibatches, ordered_batches
from .callbacks import Budget, Callback, EarlyStopping, Run
from .checkpoints import Checkpoint
from .fashion import fit_fashion
from .history import History
from .initialisation import kaiming_std
from .loop import fit, train_one_epoch
from .losses import cross_entropy, label_smoothing_loss, relu, softmax
from .metrics import ClassificationReport, classification_report, confusion_matrix, evaluate, predict
from .normalisation import batch_norm2d
from .optimisers import SGD, sgd_step
from .regularisation import dropout
from .restarts import fit_with_restarts
from .schedules import constant, one_cycle

__all__ = [
    "SGD",
    "Budget",
    "Callback",
    "Checkpoint",
    "ClassificationReport",
    "EarlyStopping",
    "History",
    "Run",
    "batch_norm2d",
    "classification_report",
    "confusion_matrix",
    "constant",
    "cross_entropy",
    "dropout",
    "evaluate",
    "fit",
    "fit_fashion",
    "fit_with_restarts",
    "kaiming_std",
    "label_smoothing_loss",
    "minibatches",
    "one_cycle",
    "ordered_batches",
    "predict",
    "relu",
    "sgd_step",
    "softmax",
    "train_one_epoch",
]
