"""Average the weights of many steps: noise from single batches cancels, and the average is often the better network.

References
----------
Polyak and Juditsky, "Acceleration of stochastic approximation by averaging" (1992).
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from cnncourse.tensors import as_number


@torch.no_grad()
def ema_update(averaged: Mapping[str, Tensor], current: Mapping[str, Tensor], decay: float) -> dict[str, Tensor]:
    """Take one step of an exponential moving average of a network's weights.

    Parameters
    ----------
    averaged, current : mapping of str to Tensor
        The average so far and the present values, as `state_dict` returns them: equal names and shapes. Neither is
        changed.
    decay : float
        What the average keeps of itself, in [0, 1]. It remembers about ``1 / (1 - decay)`` steps.

    Returns
    -------
    dict of str to Tensor
        ``decay * averaged + (1 - decay) * current`` for each tensor of floats, parameters and buffers alike; a copy
        of `current` for every other one, such as the number of batches that batch normalisation counts. All tensors are
        new and belong to no graph.

    Raises
    ------
    TypeError
        If `averaged` or `current` is not a mapping of names to tensors.
    ValueError
        If names or shapes differ, or `decay` is outside [0, 1].

    Notes
    -----
    What `state_dict` returns is no copy: it follows the network. Start the average with
    ``copy.deepcopy(model.state_dict())``.

    Examples
    --------
    >>> ema_update({"weight": torch.tensor([1.0])}, {"weight": torch.tensor([2.0])}, decay=0.75)
    {'weight': tensor([1.2500])}
    """
    for name, state in (("averaged", averaged), ("current", current)):
        _check_state(name, state)
    decay = as_number(decay, "decay", low=0, high=1)
    other = sorted(averaged.keys() ^ current.keys())
    if other:
        lacking = "averaged" if other[0] in current else "current"
        raise ValueError(
            f"`{lacking}` must have the same names as the other; it lacks {', '.join(map(repr, other[:3]))}"
        )
    for key, tensor in current.items():
        if tensor.shape != averaged[key].shape:
            shapes = f"{tuple(averaged[key].shape)} and {tuple(tensor.shape)}"
            raise ValueError(f"`averaged` and `current` must have equal shapes, not {shapes} for {key!r}")
    return {key: _averaged(averaged[key], tensor, decay) for key, tensor in current.items()}


def _averaged(old: Tensor, new: Tensor, decay: float) -> Tensor:
    return decay * old + (1 - decay) * new if new.is_floating_point() else new.clone()


def _check_state(name: str, state: Any) -> None:
    if not isinstance(state, Mapping):
        raise TypeError(f"`{name}` must be a dict of names and tensors, not {type(state).__name__}")
    for key, tensor in state.items():
        if not isinstance(key, str) or not isinstance(tensor, Tensor):
            raise TypeError(f"`{name}` must be a dict of names and tensors, not with {key!r}: {type(tensor).__name__}")
