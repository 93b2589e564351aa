"""Batch normalisation, written out.

References
----------
Ioffe and Szegedy, "Batch Normalization" (2015), https://arxiv.org/abs/1502.03167.
"""

import torch
from torch import Tensor

from cnncourse.tensors import as_number, check_tensor


def batch_norm2d(
    input: Tensor,
    gamma: Tensor,
    beta: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Give every channel mean 0 and variance 1, then let it learn its own scale and shift.

    In training, the statistics are those of the present batch, over samples and positions; they are also blended into
    the running ones. In evaluation the running ones are used, so that the output for one image does not depend on the
    others in the batch. A bias in the layer before would be subtracted again at once: leave it out.

    Parameters
    ----------
    input : Tensor
        ``(N, C, H, W)``.
    gamma, beta : Tensor
        ``(C,)``, learned scale and shift.
    running_mean, running_var : Tensor
        ``(C,)``, updated in place when `training` is true.
    training : bool
        Which statistics to use.
    momentum : float, default 0.1
        Share of the present batch in the running statistics.
    eps : float, default 1e-5
        Added to the variance, against division by 0.

    Returns
    -------
    Tensor
        ``(N, C, H, W)``, as `torch.nn.functional.batch_norm`.

    Raises
    ------
    ValueError
        If `input` does not have four axes, or there is a single value per channel in training (it has no variance).

    Notes
    -----
    The batch is divided by its biased variance (over ``n``), the running variance takes the unbiased one (over
    ``n - 1``).

    Examples
    --------
    >>> images = torch.tensor([1.0, 3.0]).view(2, 1, 1, 1)
    >>> mean, var = torch.zeros(1), torch.ones(1)
    >>> batch_norm2d(images, torch.ones(1), torch.zeros(1), mean, var, training=True).flatten()
    tensor([-1.0000,  1.0000])
    >>> mean, var                                     # 0.9 * old + 0.1 * (mean 2, unbiased variance 2)
    (tensor([0.2000]), tensor([1.1000]))
    """
    check_tensor(input, "input", floating=True)
    if input.ndim != 4:
        raise ValueError(f"`input` must have shape (N, C, H, W), not {tuple(input.shape)}")
    if 0 in input.shape[1:]:
        raise ValueError(f"`input` must have at least one channel and one pixel, not the shape {tuple(input.shape)}")
    momentum, eps = as_number(momentum, "momentum", low=0, high=1), as_number(eps, "eps", low=0)
    values = {"gamma": gamma, "beta": beta, "running_mean": running_mean, "running_var": running_var}
    for name, value in values.items():
        check_tensor(value, name, floating=True)
        if value.shape != input.shape[1:2]:
            raise ValueError(f"`{name}` must have the shape ({input.shape[1]},), not {tuple(value.shape)}")
    if training:
        count = input.numel() // input.shape[1]
        if count < 2:
            raise ValueError(
                f"`input` must have more than one value per channel in training, not shape {tuple(input.shape)}"
            )
        mean = input.mean(dim=(0, 2, 3))
        var = input.var(dim=(0, 2, 3), correction=0)
        with torch.no_grad():
            running_mean.lerp_(mean.to(running_mean.dtype), momentum)
            running_var.lerp_(var.to(running_var.dtype) * count / (count - 1), momentum)
    else:
        mean, var = running_mean, running_var
    mean, var, gamma, beta = (values.view(1, -1, 1, 1) for values in (mean, var, gamma, beta))
    return (input - mean) / torch.sqrt(var + eps) * gamma + beta
