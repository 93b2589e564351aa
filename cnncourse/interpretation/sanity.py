"""A test that an explanation must pass: it changes when the network's weights are shuffled.

References
----------
J. Adebayo, J. Gilmer, M. Muelly, I. Goodfellow, M. Hardt and B. Kim, "Sanity Checks for Saliency Maps", 2018,
https://arxiv.org/abs/1810.03292
"""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn

from cnncourse.geometry import as_integer
from cnncourse.models.modes import check_module
from cnncourse.tensors import check_generator, check_tensor


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
        The same layers with the same numbers in each, so of the same scale, in random order.

    Examples
    --------
    >>> layer = nn.Linear(3, 4)
    >>> other = shuffled_weights(layer, torch.Generator().manual_seed(0))
    >>> torch.equal(layer.weight, other.weight), layer.weight.sum().isclose(other.weight.sum()).item()
    (False, True)
    """
    check_module(model)
    check_generator(generator)
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
        ``(N,)``, from -1 to 1: 1 for maps alike up to scale and offset, 0 for unrelated ones. 0 also for a map that is
        the same everywhere.

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
    for name, maps in (("first", first), ("second", second)):
        check_tensor(maps, name, finite=True)
        if maps.numel() == 0:
            raise ValueError(f"`{name}` must hold at least one map with pixels, not the shape {tuple(maps.shape)}")
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
    """Measure how much of an explanation remains when the network's weights are shuffled.

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
        Mean `map_similarity` with the maps of the trained network. Near 0: the maps show what was learned. Near 1: they
        would look the same if nothing had been learned.

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
    check_module(model)
    draws = as_integer(draws, "draws")
    if not callable(explain):
        raise TypeError(f"`explain` must be a function of a model, not {explain!r}")
    maps = explain(model)
    similar = [map_similarity(maps, explain(shuffled_weights(model, generator))) for _ in range(draws)]
    return torch.cat(similar).mean().item()
