"""Kernels by name, each named after what it responds to.

All are for cross-correlation: a positive output means that the picture under the window looks like the kernel.

References
----------
J. M. S. Prewitt, "Object Enhancement and Extraction", in *Picture Processing and Psychopictorics*, 1970.
"""

import torch

from cnncourse.geometry import as_integer


def edge_kernel(direction: str) -> torch.Tensor:
    """Build a kernel that responds to edges of one direction and ignores the other.

    Parameters
    ----------
    direction : {"vertical", "horizontal"}
        The direction of the *edge*: a vertical edge is where brightness changes from left to right.

    Returns
    -------
    torch.Tensor, float32
        (3, 3), Prewitt's mask, summing to 0: positive where brightness rises to the right (vertical edge) or downwards
        (horizontal edge), negative where it falls, 0 on a flat patch and on edges of the other direction.

    Raises
    ------
    ValueError
        If `direction` is another word.

    Examples
    --------
    >>> edge_kernel("vertical")
    tensor([[-1.,  0.,  1.],
            [-1.,  0.,  1.],
            [-1.,  0.,  1.]])
    """
    if direction not in ("vertical", "horizontal"):
        raise ValueError(f'`direction` must be "vertical" or "horizontal", not {direction!r}')
    vertical = torch.tensor([[-1.0, 0.0, 1.0]] * 3)
    return vertical if direction == "vertical" else vertical.T.contiguous()


def laplacian_kernel() -> torch.Tensor:
    """Build the 4-neighbour Laplacian: each pixel against the mean of its neighbours.

    It is sometimes called a corner detector. Its output is 2 at the corner of a white square, but also 1 along every
    edge: it detects any change of slope.

    Returns
    -------
    torch.Tensor, float32
        (3, 3), summing to 0, positive where a pixel is brighter than its neighbours.

    Examples
    --------
    >>> laplacian_kernel()
    tensor([[ 0., -1.,  0.],
            [-1.,  4., -1.],
            [ 0., -1.,  0.]])
    """
    return torch.tensor([[0.0, -1.0, 0.0], [-1.0, 4.0, -1.0], [0.0, -1.0, 0.0]])


def box_kernel(size: int = 3) -> torch.Tensor:
    """Build the averaging kernel, which blurs.

    Parameters
    ----------
    size : int
        Height and width, at least 1.

    Returns
    -------
    torch.Tensor, float32
        (size, size), summing to 1.

    Examples
    --------
    >>> box_kernel(2)
    tensor([[0.2500, 0.2500],
            [0.2500, 0.2500]])
    """
    size = as_integer(size, "size")
    return torch.full((size, size), 1 / size**2)
