"""Where the published book teaches what an exercise asks for: links for feedback."""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata

from cnncourse.checking.record import Exercise

from .registry import bank

HEADINGS = {  # exercise -> heading of the section in its chapter
    "calculate_output_shape": "Where the window may stand",
    "corr2d": "The loop",
    "convolve2d": "Is the kernel flipped?",
    "conv2d": "Batches and channels",
    "same_padding": "Where the window may stand",
    "edge_kernel": "The response to an edge",
    "learn_kernel": "Gradient descent on two numbers",
    "max_pool2d": "The largest of each window",
    "avg_pool2d": "Kinds of pooling",
    "max_pool2d_backward": "The way back",
    "im2col": "One row, one column, one product",
    "conv2d_im2col": "A whole layer",
    "col2im": "The way back",
    "conv2d_backward": "The way back",
    "count_parameters": "A kernel for each channel",
    "pointwise_conv": "One by one",
    "channel_sums": "Reading the kernels",
    "to_channels_first": "What a picture is in memory",
    "softmax": "Softmax",
    "cross_entropy": "Cross-entropy",
    "label_smoothing_loss": "Label smoothing",
    "sgd_step": "Steps downhill",
    "kaiming_std": "Where the weights start",
    "minibatches": "The loop",
    "train_one_epoch": "The loop",
    "evaluate": "The loop",
    "confusion_matrix": "What is taken for what",
    "build_feature_stack": "Garments for real",
    "FashionCNN": "Garments for real",
    "batch_norm2d": "Batch normalisation",
    "dropout": "Dropout",
    "ResidualBlock": "What a residual block does",
    "DepthwiseSeparable": "Fewer multiplications",
    "receptive_field": "How far does it see?",
    "random_shift": "Augmentation",
    "ema_update": "Averaged weights",
    "expected_calibration_error": "Calibration",
    "activation_maps": "Through every layer",
    "occlusion_map": "Which pixels decide?",
    "grad_cam": "Which pixels decide?",
    "train_detector": "A kernel as large as the image",
}

PAGES = {"learn_kernel": "learning_kernels"}  # taught in another chapter than that of its folder


@cache
def site() -> str:
    """Return the address of the published book, from the package's metadata; "" if the package is not installed."""
    try:
        addresses = metadata("cnncourse").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    return next((address.split(", ", 1)[1] for address in addresses if address.startswith("Homepage, ")), "")


def section(exercise: Exercise) -> tuple[str, str] | None:
    """Return where the book teaches what an exercise asks for.

    Parameters
    ----------
    exercise : Exercise

    Returns
    -------
    (heading, address) or None
        None for an exercise of another bank, and if the package is not installed.

    Examples
    --------
    >>> from .registry import find
    >>> section(find("learn_kernel"))
    ('Gradient descent on two numbers', 'https://.../book/learning_kernels.html#gradient-descent-on-two-numbers')
    """
    if bank().get(exercise.name) is not exercise or not site():
        return None
    heading = HEADINGS[exercise.name]
    return heading, f"{site()}book/{page(exercise)}.html#{anchor(heading)}"


def page(exercise: Exercise) -> str:
    """Return the stem of the chapter that teaches an exercise.

    Parameters
    ----------
    exercise : Exercise

    Returns
    -------
    str

    Examples
    --------
    >>> from .registry import find
    >>> page(find("learn_kernel")), page(find("corr2d"))
    ('learning_kernels', 'convolution')
    """
    return PAGES.get(exercise.name, exercise.chapter)


def anchor(heading: str) -> str:
    """Write a heading as the book's pages write its id.

    Examples
    --------
    >>> anchor("How far does it see?")
    'how-far-does-it-see'
    """
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")
