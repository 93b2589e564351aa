"""Answers to the exercises as people write them: a module an exercise, with lists ``RIGHT`` and ``WRONG``."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from cnncourse.exercises.registry import find


def edited(name, *edits):
    """Make an answer by edits of the solution's source, each a pair (old text, new text)."""
    source = find(name).source
    for old, new in edits:
        assert old in source, old
        source = source.replace(old, new)
    namespace = {"torch": torch, "F": F, "np": np, "nn": nn}
    exec(source, namespace)
    return namespace[name]
