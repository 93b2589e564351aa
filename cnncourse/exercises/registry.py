"""The bank: every exercise by name, in the order of the book."""

from __future__ import annotations

import difflib
from functools import cache, lru_cache
from importlib import import_module

from cnncourse.checking.checker import Checker
from cnncourse.checking.record import Exercise, exercises_in

FILES = {  # chapter -> files of its exercises, in the order of the book
    "convolution": (
        "calculate_output_shape",
        "corr2d",
        "convolve2d",
        "conv2d",
        "same_padding",
        "edge_kernel",
        "learn_kernel",
    ),
    "pooling": ("max_pool2d", "avg_pool2d", "max_pool2d_backward"),
    "im2col": ("im2col", "conv2d_im2col", "col2im", "conv2d_backward"),
    "channels": ("count_parameters", "pointwise_conv", "channel_sums", "to_channels_first"),
    "training": (
        "softmax",
        "cross_entropy",
        "sgd_step",
        "minibatches",
        "train_one_epoch",
        "evaluate",
        "confusion_matrix",
        "build_feature_stack",
        "fashion_cnn",
        "batch_norm2d",
        "dropout",
    ),
    "architectures": ("receptive_field",),
    "interpretation": ("activation_maps", "occlusion_map", "grad_cam", "train_detector"),
}
CHAPTERS = tuple(FILES)


@cache
def bank() -> dict[str, Exercise]:
    """Load every record.

    Returns
    -------
    dict of str to Exercise
        In the order of the book.
    """
    modules = (import_module(f"{__package__}.{chapter}.{file}") for chapter in FILES for file in FILES[chapter])
    return {exercise.name: exercise for module in modules for exercise in exercises_in(module)}


def find(name: object) -> Exercise:
    """Return the record of an exercise.

    Parameters
    ----------
    name : str

    Returns
    -------
    Exercise

    Raises
    ------
    KeyError
        For a name that the bank does not have; it lists the nearest names.

    Examples
    --------
    >>> find("corr2d").chapter
    'convolution'
    >>> find("cor2d")
    Traceback (most recent call last):
        ...
    KeyError: "there is no exercise 'cor2d'; the nearest are corr2d, conv2d, ..."
    """
    exercises = bank()
    if isinstance(name, str) and name in exercises:
        return exercises[name]
    shown = repr(name[:60]) if isinstance(name, str) else f"of type {type(name).__name__}"
    nearest = difflib.get_close_matches(name[:60], exercises, n=3, cutoff=0.3) if isinstance(name, str) else []
    listed = f"; the nearest are {', '.join(nearest)}" if nearest else "; exercises() lists them all"
    raise KeyError(f"there is no exercise {shown}{listed}")


@lru_cache(maxsize=128)
def checker_for(name: str, seed: int = 0) -> Checker:
    """Return the checker of an exercise, made once.

    Raises
    ------
    KeyError
        For a name that the bank does not have.
    """
    return Checker(find(name), seed)
