"""Dropout, written out.

References
----------
Srivastava et al., "Dropout" (2014), https://jmlr.org/papers/v15/srivastava14a.html.
"""

import torch
from torch import Tensor

from cnncourse.tensors import as_number, check_generator, check_tensor


def dropout(input: Tensor, p: float, training: bool, generator: torch.Generator | None = None) -> Tensor:
    """Set each value to 0 with probability `p` and scale the rest up, anew at every call.

    What is kept is divided by ``1 - p`` (*inverted* dropout): the expected value stays the same, and evaluation needs
    no correction.

    Parameters
    ----------
    input : Tensor
        Any shape, floats.
    p : float
        Probability of dropping a value, in [0, 1]; 1 gives zeros.
    training : bool
        False: `input` is returned unchanged.
    generator : torch.Generator, optional
        Where the random numbers come from; torch's global generator without one.

    Returns
    -------
    Tensor
        Shape and dtype of `input`.

    Raises
    ------
    ValueError
        If `p` is outside [0, 1].

    Examples
    --------
    >>> dropout(torch.ones(8), p=0.5, training=True, generator=torch.Generator().manual_seed(0)).unique()
    tensor([0., 2.])
    >>> dropout(torch.ones(3), p=0.5, training=False)
    tensor([1., 1., 1.])
    """
    check_tensor(input, "input", floating=True)
    check_generator(generator)
    if not 0 <= as_number(p, "p") <= 1:
        raise ValueError(f"`p` must be in [0, 1], not {p}")
    if not training:
        return input
    if p == 1:
        return torch.zeros_like(input)
    where = generator.device if generator is not None else input.device
    kept = torch.rand(input.shape, generator=generator, device=where) >= p
    return input * kept.to(input.device) / (1 - p)
