"""Exercises of the chapter *Training*: losses, steps, batches, the loop, the network, and what keeps it steady."""

from . import (
    batch_norm2d,
    build_feature_stack,
    confusion_matrix,
    cross_entropy,
    dropout,
    evaluate,
    fashion_cnn,
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
        fashion_cnn,
        batch_norm2d,
        dropout,
    )
)
