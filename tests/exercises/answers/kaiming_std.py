"""Answers to the exercise `kaiming_std`: right ones in several styles, and wrong ones."""

import math

import numpy as np
import torch
from torch import nn

from cnncourse import training

from . import edited

WORDS = ("linear", "relu", "tanh")


def with_torch(weight_shape, nonlinearity):
    if nonlinearity not in WORDS:
        raise ValueError(nonlinearity)
    fan_in, _ = nn.init._calculate_fan_in_and_fan_out(torch.empty(weight_shape))
    return nn.init.calculate_gain(nonlinearity) / fan_in**0.5


def loop(weight_shape, nonlinearity):
    n = 1
    for size in weight_shape[1:]:
        n *= size
    if nonlinearity == "relu":
        return (2 / n) ** 0.5
    if nonlinearity == "tanh":
        return 5 / 3 * n**-0.5
    if nonlinearity == "linear":
        return n**-0.5
    raise ValueError("relu, tanh or linear")


def numpys(weight_shape, nonlinearity):
    _, *rest = weight_shape
    try:
        variance = {"linear": 1, "relu": 2, "tanh": 25 / 9}[nonlinearity] / np.prod(rest)
    except KeyError:
        raise ValueError("unknown") from None
    return float(np.sqrt(variance))


def matched(weight_shape, nonlinearity):
    match nonlinearity:
        case "linear":
            gain = 1
        case "relu":
            gain = 2**0.5
        case "tanh":
            gain = 5 / 3
        case other:
            raise ValueError(f"no {other}")
    return gain / np.sqrt(math.prod(weight_shape) / weight_shape[0])


RIGHT = [with_torch, loop, numpys, matched, training.kaiming_std]

WRONG = [
    lambda weight_shape, nonlinearity: 0.01,
    lambda weight_shape, nonlinearity: None,
    lambda weight_shape, nonlinearity: "0.1",
    lambda weight_shape, nonlinearity: loop(weight_shape, "relu"),
    lambda weight_shape, nonlinearity: loop(weight_shape, nonlinearity) * 2,
    lambda weight_shape, nonlinearity: round(loop(weight_shape, nonlinearity), 2),
    lambda weight_shape, nonlinearity: loop(weight_shape, nonlinearity) if len(weight_shape) == 4 else 0.0,
    lambda weight_shape, nonlinearity: nn.init.kaiming_normal_(torch.empty(weight_shape)).std().item(),
    lambda weight_shape, nonlinearity: loop(weight_shape[::-1], nonlinearity),
    edited("kaiming_std", ("weight_shape[1:]", "weight_shape[:-1]")),
    edited("kaiming_std", ("5 / 3", "3 / 5")),
    edited("kaiming_std", ("5 / 3", "math.sqrt(2)")),
    edited("kaiming_std", ("math.sqrt(2)", "0.5")),
    edited("kaiming_std", ("ValueError", "KeyError")),
    edited("kaiming_std", ("raise ValueError", "return ValueError")),
    edited("kaiming_std", ("math.prod(weight_shape[1:])", "sum(weight_shape[1:])")),
]
