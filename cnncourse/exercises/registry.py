"""The bank: every exercise by name, in the order of the book."""

from __future__ import annotations

import difflib
import sys
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

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
    "channels": ("count_parameters", "pointwise_conv", "channel_sums", "to_channels_first"),
    "pooling": ("max_pool2d", "avg_pool2d", "max_pool2d_backward"),
    "im2col": ("im2col", "conv2d_im2col", "col2im", "conv2d_backward"),
    "training": (
        "softmax",
        "cross_entropy",
        "label_smoothing_loss",
        "sgd_step",
        "kaiming_std",
        "minibatches",
        "train_one_epoch",
        "evaluate",
        "confusion_matrix",
        "build_feature_stack",
        "fashion_cnn",
        "batch_norm2d",
        "dropout",
    ),
    "architectures": ("residual_block", "depthwise_separable", "receptive_field"),
    "better_training": ("random_shift", "ema_update", "expected_calibration_error"),
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

    Examples
    --------
    >>> list(bank())[:2]
    ['calculate_output_shape', 'corr2d']
    """
    modules = (import_module(f"{__package__}.{chapter}.{file}") for chapter in FILES for file in FILES[chapter])
    return {exercise.name: exercise for module in modules for exercise in exercises_in(module)}


def load_folder(folder: Path) -> dict[str, Exercise]:
    """Load the exercises of a bank of one's own.

    Parameters
    ----------
    folder : pathlib.Path
        Of Python files, each with an exercise, and a Markdown file of the same name beside each. They are run here:
        they are trusted.

    Returns
    -------
    dict of str to Exercise

    Raises
    ------
    ValueError
        If there is no exercise, or a file cannot be loaded; the sentence names the file.

    Examples
    --------
    >>> import tempfile
    >>> from cnncourse.exercises.skeleton import write_skeleton
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = write_skeleton(Path(folder), "mirrored")
    ...     list(load_folder(Path(folder)))
    ['mirrored']
    """
    own: dict[str, Exercise] = {}
    for path in sorted(folder.glob("*.py")):
        name = f"bank_{path.stem}"
        spec = spec_from_file_location(name, path)
        assert spec is not None  # a file that ends in .py has a spec and a loader
        assert spec.loader is not None
        module = sys.modules[name] = module_from_spec(spec)  # where `inspect` looks for the source of a class
        try:
            spec.loader.exec_module(module)
        except ImportError as error:
            if (error.name or "").startswith("cnncourse.exercises"):
                raise ValueError(
                    f"{path} is written for version 0.1 of the course; write it with @exercise and put its text into "
                    f"{path.stem}.md, as the chapter for instructors shows"
                ) from error
            raise ValueError(f"{path} raised {type(error).__name__} ({error}); fix it and try again") from error
        except Exception as error:
            raise ValueError(f"{path} raised {type(error).__name__} ({error}); fix it and try again") from error
        own |= {exercise.name: exercise for exercise in exercises_in(module)}
    if not own:
        raise ValueError(f"{folder} has no Python file with an exercise; the chapter for instructors shows one")
    return own


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

    Parameters
    ----------
    name : str
    seed : int, default 0
        Of the cases beyond the visible ones.

    Returns
    -------
    Checker

    Raises
    ------
    KeyError
        For a name that the bank does not have.

    Examples
    --------
    >>> checker_for("corr2d") is checker_for("corr2d")
    True
    """
    return Checker(find(name), seed)
