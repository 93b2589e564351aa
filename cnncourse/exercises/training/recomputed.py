"""Compute again what the layers of an answer say they did: what a probe reports about a network is not believed.

A probe runs beside the answer, which can replace it. So a hidden case asks for evidence (weights, inputs and outputs of
each layer), and here, in the process that decides, the outputs are computed from the weights and the inputs.
"""

import torch
import torch.nn.functional as F

CLOSE = {"rtol": 1e-3, "atol": 1e-4}
UNFIT = "What the layers computed does not follow from their weights and inputs."
NOT_AN_ACTIVATION = "Between the layers only activations may stand, which take each number by itself."


def recomputed_broken(steps, images, output):
    """Yield what is wrong with the evidence of a network.

    Parameters
    ----------
    steps : list of dict
        See `runner.models.run_stack`.
    images : torch.Tensor, shape (N, C, H, W)
        What the network was given.
    output : torch.Tensor
        What it returned.

    Yields
    ------
    str
    """
    given = images
    for step in steps:
        if not torch.allclose(layer_output(step), step["output"], **CLOSE):
            yield UNFIT
            return
        if not any(is_activation(given, part) for part in crops(step["input"], given)):
            yield NOT_AN_ACTIVATION
            return
        given = step["output"]
    if output.numel() != given.numel() or not is_activation(given, output.reshape(given.shape)):
        yield UNFIT


def layer_output(step):
    """Compute a layer's output from what it is made of and its input."""
    layer, taken = step["layer"], step["input"]
    if layer.startswith("convolution"):
        options = (step[name] for name in ("stride", "padding", "dilation", "groups"))
        return F.conv2d(taken, step["weight"], step["bias"], *options)
    if layer.startswith("linear"):
        return F.linear(taken, step["weight"], step["bias"])
    if step["window"]:
        pool = F.max_pool2d if layer == "max pooling" else F.avg_pool2d
        return pool(taken, *step["window"])
    height_and_width = step["output"].shape[2:] if step["output"].ndim == 4 else (1, 1)
    pool = F.adaptive_max_pool2d if layer == "max pooling" else F.adaptive_avg_pool2d
    return pool(taken, height_and_width).reshape(step["output"].shape)


def crops(taken, given):
    """Yield the parts of a layer's input that may be the output before it: all of it, or it without its padding."""
    if taken.ndim != 4 or given.ndim != 4:
        if taken.numel() == given.numel():
            yield taken.reshape(given.shape)
        return
    (height, width), (rows, columns) = given.shape[2:], taken.shape[2:]
    for top in range(rows - height + 1):
        for left in range(columns - width + 1):
            yield taken[:, :, top : top + height, left : left + width]


def is_activation(before, after):
    """Tell whether `after` is a function of `before`, number by number: an activation, or the numbers as they were.

    Sorted by `before`, the values of such a function rise and fall a few times at most. Batch normalisation and dropout
    treat equal numbers of different channels or places differently, so that their values jump up and down.
    """
    if before.shape != after.shape:
        return False
    before, after = before.flatten().double(), after.flatten().double()
    ordered = after[before.argsort()]
    way, span = ordered.diff().abs().sum().item(), (after.max() - after.min()).item()
    return way <= 4 * span + 1e-3
