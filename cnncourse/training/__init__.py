"""Training, from the single step to `fit`: losses, optimisers, batches, the loop, and how to judge the result."""

from .augmentation import random_erase, random_flip, random_shift
from .averaging import ema_update
from .batches import minibatches, ordered_batches
from .calibration import expected_calibration_error, reliability, temperature_scale
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
from .transfer import freeze, replace_head

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
    "ema_update",
    "evaluate",
    "expected_calibration_error",
    "fit",
    "fit_fashion",
    "fit_with_restarts",
    "freeze",
    "kaiming_std",
    "label_smoothing_loss",
    "minibatches",
    "one_cycle",
    "ordered_batches",
    "predict",
    "random_erase",
    "random_flip",
    "random_shift",
    "reliability",
    "relu",
    "replace_head",
    "sgd_step",
    "softmax",
    "temperature_scale",
    "train_one_epoch",
]
