"""How large first weights should be, so that a signal neither dies nor explodes on its way through the layers.

References
----------
He et al., "Delving deep into rectifiers: surpassing human-level performance on ImageNet classification" (2015).
"""

import math
from collections.abc import Sequence

from cnncourse.geometry import as_integer

GAINS = {"linear": 1.0, "relu": math.sqrt(2), "tanh": 5 / 3}  # as torch.nn.init.calculate_gain


def kaiming_std(weight_shape: Sequence[int], nonlinearity: str) -> float:
    """Return the standard deviation of first weights that keeps the spread of a layer's numbers.

    An output adds up ``n`` products of independent numbers, so its variance is ``n`` times that of one product.

    Parameters
    ----------
    weight_shape : sequence of int
        Of a convolution ``(C_out, C_in // groups, kH, kW)``, or of a dense layer ``(out, in)``.
    nonlinearity : str
        What follows each layer: "relu", "tanh", or "linear" for nothing.

    Returns
    -------
    float
        ``gain / sqrt(n)``, with ``n`` the product of all sizes but the first.

    Raises
    ------
    TypeError
        If `weight_shape` is no sequence, or a size is not an int.
    ValueError
        If `nonlinearity` is another word, there are fewer than two sizes, or one is below 1.

    Examples
    --------
    >>> kaiming_std((16, 8, 3, 3), "relu")
    0.1666...
    """
    if not isinstance(nonlinearity, str) or nonlinearity not in GAINS:
        raise ValueError(f"`nonlinearity` must be one of {', '.join(GAINS)}, not {nonlinearity!r}")
    if not isinstance(weight_shape, Sequence) or isinstance(weight_shape, str):
        raise TypeError(f"`weight_shape` must be a sequence of ints, not {weight_shape!r}")
    sizes = [as_integer(size, "weight_shape") for size in weight_shape]
    if len(sizes) < 2:
        raise ValueError(f"`weight_shape` must have at least 2 sizes, not {tuple(weight_shape)}")
    return GAINS[nonlinearity] / math.sqrt(math.prod(sizes[1:]))
