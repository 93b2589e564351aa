"""Exercises of the chapter *Training*: losses, steps, batches, the loop, the network, and what keeps it steady."""

from . import (
    FashionCNN,
    batch_norm2d,
    build_feature_stack,
    confusion_matrix,
    cross_entropy,
    dropout,
    evaluate,
    minibatches,
    sgd_step,
    softmax,
    train_one_epoch,
)

EXERCISES = tuple(
    module.EXERCISE
    for module in (
        softmax,
        cross_entropy,
        sgd_step,
        minibatches,
        train_one_epoch,
        evaluate,
        confusion_matrix,
        build_feature_stack,
        FashionCNN,
        batch_norm2d,
        dropout,
    )
)
