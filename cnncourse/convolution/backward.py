"""The backward pass of a convolution, by hand: what `torch.autograd` would find, without recording anything.

Three gradients: of the input (the transposed convolution of the output's gradient), of the weight (the
cross-correlation of the input with it) and of the bias (its sum). Taught in the chapter *How libraries compute it*.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch.autograd.function import once_differentiable

from cnncourse.convolution.arguments import check_tensors
from cnncourse.convolution.im2col import im2col_grad_input, im2col_grad_weight
from cnncourse.geometry import IntOrPair, as_integer, as_pair, output_shape


class Algorithm(NamedTuple):
    """One way to compute a convolution: the forward pass and the two products of the backward pass."""

    forward: Callable
    grad_input: Callable
    grad_weight: Callable


class Convolution(torch.autograd.Function):
    """A convolution by any `Algorithm`, with its backward pass written by hand."""

    @staticmethod
    def forward(
        ctx: Any, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, algorithm: Any, *geometry: Any
    ) -> torch.Tensor:
        ctx.save_for_backward(input, weight)
        ctx.algorithm, ctx.geometry = algorithm, geometry
        output = algorithm.forward(input, weight, *geometry)
        return output if bias is None else output.add_(bias.view(-1, 1, 1))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        input, weight = ctx.saved_tensors
        grad_output = grad_output.contiguous()
        grad_input = grad_weight = grad_bias = None
        if ctx.needs_input_grad[0]:
            grad_input = ctx.algorithm.grad_input(grad_output, weight, input.shape, *ctx.geometry)
        if ctx.needs_input_grad[1]:
            grad_weight = ctx.algorithm.grad_weight(grad_output, input, weight.shape[2:], *ctx.geometry)
        if ctx.needs_input_grad[2]:
            grad_bias = grad_output.sum((0, 2, 3))
        return grad_input, grad_weight, grad_bias, *[None] * (1 + len(ctx.geometry))


def conv2d_backward(
    grad_output: torch.Tensor,
    input: torch.Tensor,
    weight: torch.Tensor,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Compute all three gradients of a convolution, as autograd would.

    Parameters
    ----------
    grad_output : torch.Tensor
        (N, O, H_out, W_out), the gradient of the loss with respect to the convolution's output.
    input, weight : torch.Tensor
        (N, C, H, W) and (O, C // groups, kh, kw), as in the forward pass.
    stride, padding, dilation, groups
        As in the forward pass; `padding` in numbers.

    Returns
    -------
    tuple of three tensors
        ``(grad_input, grad_weight, grad_bias)``, shaped like the input, the weight and (O,).

    Raises
    ------
    TypeError, ValueError
        As `conv2d`, and if `grad_output` does not have the shape of its output.

    Examples
    --------
    A pixel's gradient counts the windows that see it:

    >>> image, weight = torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2)
    >>> grad_input, grad_weight, grad_bias = conv2d_backward(torch.ones(1, 1, 2, 2), image, weight)
    >>> grad_input
    tensor([[[[1., 2., 1.],
              [2., 4., 2.],
              [1., 2., 1.]]]])
    >>> grad_bias
    tensor([4.])
    """
    groups = as_integer(groups, "groups")
    check_tensors(input, weight, None, groups)
    geometry = as_pair(stride, "stride"), as_pair(padding, "padding", minimum=0), as_pair(dilation, "dilation")
    expected = len(input), len(weight), *output_shape(input.shape[2:], weight.shape[2:], *geometry)
    if grad_output.shape != expected:
        raise ValueError(f"`grad_output` must have the output's shape {expected}, not {tuple(grad_output.shape)}")
    grad_input = im2col_grad_input(grad_output, weight, input.shape, *geometry, groups)
    grad_weight = im2col_grad_weight(grad_output, input, weight.shape[2:], *geometry, groups)
    return grad_input, grad_weight, grad_output.sum((0, 2, 3))
