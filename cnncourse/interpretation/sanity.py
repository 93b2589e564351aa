"""A test that an explanation must pass: it changes when the network forgets what it has learned.

References
----------
J. Adebayo, J. Gilmer, M. Muelly, I. Goodfellow, M. Hardt and B. Kim, "Sanity Checks for Saliency Maps", 2018,
https://arxiv.org/abs/1810.03292
"""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn


@torch.no_grad()
def shuffled_weights(model: nn.Module, generator: torch.Generator | None = None) -> nn.Module:
    """Copy a network and put the numbers of each of its parameters in a random order.

    Parameters
    ----------
    model : nn.Module
        Not changed.
    generator : torch.Generator, optional
        Torch's global generator without one.

    Returns
    -------
    nn.Module
        The same layers with the same numbers in each, so of the same scale, but knowing nothing.

    Examples
    --------
    >>> layer = nn.Linear(3, 4)
    >>> other = shuffled_weights(layer, torch.Generator().manual_seed(0))
    >>> torch.equal(layer.weight, other.weight), layer.weight.sum().isclose(other.weight.sum()).item()
    (False, True)
    """
    copy = deepcopy(model)
    for parameter in copy.parameters():
        order = torch.randperm(parameter.numel(), generator=generator).to(parameter.device)
        parameter.copy_(parameter.flatten()[order].reshape(parameter.shape))
    return copy


def map_similarity(first: Tensor, second: Tensor) -> Tensor:
    """Correlate maps, pixel by pixel.

    Parameters
    ----------
    first, second : Tensor
        ``(N, H, W)``.

    Returns
    -------
    Tensor
        ``(N,)``, from -1 to 1: 1 for maps alike up to scale and offset, 0 for unrelated ones. A map that is the same
        everywhere shows nothing, and is related to nothing: 0.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> maps = torch.tensor([[[1.0, 2.0, 3.0]]])
    >>> [round(map_similarity(maps, other).item(), 3) for other in (5 * maps + 1, -maps, torch.ones(1, 1, 3))]
    [1.0, -1.0, 0.0]
    """
    if first.ndim != 3 or first.shape != second.shape:
        raise ValueError(
            "`first` and `second` must have the same shape (N, H, W), "
            f"not {tuple(first.shape)} and {tuple(second.shape)}"
        )
    first, second = (maps.flatten(1) - maps.mean((1, 2))[:, None] for maps in (first.double(), second.double()))
    sizes = first.norm(dim=1) * second.norm(dim=1)
    return (first * second).sum(dim=1) / torch.where(sizes > 1e-12, sizes, torch.inf)


def weight_randomisation(
    explain: Callable[[nn.Module], Tensor], model: nn.Module, draws: int = 5, generator: torch.Generator | None = None
) -> float:
    """Ask how much of an explanation remains when the network's weights are shuffled.

    Parameters
    ----------
    explain : callable
        ``explain(model)`` returns maps (N, H, W), of the same images each time.
    model : nn.Module
        The trained network. Not changed.
    draws : int, default 5
        How many shuffled networks to average over, at least 1.
    generator : torch.Generator, optional
        Torch's global generator without one.

    Returns
    -------
    float
        Mean `map_similarity` with the maps of the trained network. Near 0: the maps show what was learned. Near 1:
        they would look the same if nothing had been learned, and so explain nothing.

    Raises
    ------
    ValueError
        If `draws` is less than 1.

    Examples
    --------
    An "explanation" that shows the image itself does not even look at the network:

    >>> picture = torch.arange(4.0).reshape(1, 2, 2)
    >>> round(weight_randomisation(lambda model: picture, nn.Linear(2, 2)), 3)
    1.0
    """
    if draws < 1:
        raise ValueError(f"`draws` must be at least 1, not {draws}")
    maps = explain(model)
    similar = [map_similarity(maps, explain(shuffled_weights(model, generator))) for _ in range(draws)]
    return torch.cat(similar).mean().item()
