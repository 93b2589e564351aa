"""The backward pass of a convolution, by hand: what `torch.autograd` would find, without recording anything.

Three gradients: of the input (the transposed convolution of the output's gradient), of the weight (the
cross-correlation of the input with that gradient) and of the bias (the sum of that gradient). Taught in the chapter
*How libraries compute it*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple

import numpy as np
import torch

from cnncourse.convolution.arguments import check_tensors
from cnncourse.convolution.im2col import conv2d_im2col, im2col_grad_input, im2col_grad_weight
from cnncourse.geometry import IntOrPair, as_integer, as_pair, output_shape
from cnncourse.tensors import check_tensor


class Algorithm(NamedTuple):
    """One way to compute a convolution: the forward pass and the two products of the backward pass."""

    forward: Callable
    grad_input: Callable
    grad_weight: Callable


class Convolution(torch.autograd.Function):
    """A convolution by any `Algorithm`, with its backward pass written by hand.

    A convolution is linear in the input and in the weight, and so is each of its two gradients in what it is made of:
    the derivative of each of these three products is made of the other two. Gradients can be taken any number of times.
    """

    @staticmethod
    def forward(
        ctx: Any, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, algorithm: Any, *geometry: Any
    ) -> torch.Tensor:
        ctx.save_for_backward(input, weight)
        ctx.algorithm, ctx.geometry = algorithm, geometry
        with _plain_arithmetic(input):
            output = algorithm.forward(input.resolve_neg(), weight.resolve_neg(), *geometry)
        return output if bias is None else output.add_(bias.view(-1, 1, 1))

    @staticmethod
    def backward(ctx: Any, grad_output: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        input, weight = ctx.saved_tensors
        grad_input = grad_weight = grad_bias = None
        if ctx.needs_input_grad[0]:
            grad_input = InputGradient.apply(grad_output, weight, input.shape, ctx.algorithm, *ctx.geometry)
        if ctx.needs_input_grad[1]:
            grad_weight = WeightGradient.apply(grad_output, input, weight.shape[2:], ctx.algorithm, *ctx.geometry)
        if ctx.needs_input_grad[2]:
            grad_bias = grad_output.sum((0, 2, 3))
        return grad_input, grad_weight, grad_bias, *[None] * (1 + len(ctx.geometry))


class InputGradient(torch.autograd.Function):
    """The gradient of the input: the transposed convolution of the output's gradient with the weight."""

    @staticmethod
    def forward(
        ctx: Any, grad_output: torch.Tensor, weight: torch.Tensor, shape: Any, algorithm: Any, *geometry: Any
    ) -> torch.Tensor:
        ctx.save_for_backward(grad_output, weight)
        ctx.algorithm, ctx.geometry = algorithm, geometry
        with _plain_arithmetic(grad_output):
            return algorithm.grad_input(_plain(grad_output), weight.resolve_neg(), shape, *geometry)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        grad_output, weight = ctx.saved_tensors
        for_grad = for_weight = None
        if ctx.needs_input_grad[0]:
            for_grad = Convolution.apply(grad, weight, None, ctx.algorithm, *ctx.geometry)
        if ctx.needs_input_grad[1]:
            for_weight = WeightGradient.apply(grad_output, grad, weight.shape[2:], ctx.algorithm, *ctx.geometry)
        return for_grad, for_weight, *[None] * (2 + len(ctx.geometry))


class WeightGradient(torch.autograd.Function):
    """The gradient of the weight: the cross-correlation of the input with the output's gradient."""

    @staticmethod
    def forward(
        ctx: Any, grad_output: torch.Tensor, input: torch.Tensor, kernel_size: Any, algorithm: Any, *geometry: Any
    ) -> torch.Tensor:
        ctx.save_for_backward(grad_output, input)
        ctx.algorithm, ctx.geometry = algorithm, geometry
        with _plain_arithmetic(input):
            return algorithm.grad_weight(_plain(grad_output), input.resolve_neg(), kernel_size, *geometry)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        grad_output, input = ctx.saved_tensors
        for_grad = for_input = None
        if ctx.needs_input_grad[0]:
            for_grad = Convolution.apply(input, grad, None, ctx.algorithm, *ctx.geometry)
        if ctx.needs_input_grad[1]:
            for_input = InputGradient.apply(grad_output, grad, input.shape, ctx.algorithm, *ctx.geometry)
        return for_grad, for_input, *[None] * (2 + len(ctx.geometry))


@contextmanager
def _plain_arithmetic(tensor: torch.Tensor) -> Iterator[None]:
    """Let products keep their type under autocast (`conv2d` has converted its arguments), and NumPy keep silent.

    NaN and infinity are results here, as in PyTorch.
    """
    device = tensor.device.type
    casting = torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)
    with np.errstate(all="ignore"), torch.autocast(device, enabled=False) if casting else nullcontext():
        yield


def _plain(grad: torch.Tensor) -> torch.Tensor:
    return grad.contiguous().resolve_neg()


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
    check_tensor(grad_output, "grad_output", "(N, O, H_out, W_out)")
    if grad_output.dtype != input.dtype:
        raise TypeError(f"`grad_output` must have the dtype of `input`, {input.dtype}, not {grad_output.dtype}")
    expected = len(input), len(weight), *output_shape(input.shape[2:], weight.shape[2:], *geometry)
    if grad_output.shape != expected:
        raise ValueError(f"`grad_output` must have the output's shape {expected}, not {tuple(grad_output.shape)}")
    algorithm = Algorithm(conv2d_im2col, im2col_grad_input, im2col_grad_weight)
    grad_input = InputGradient.apply(grad_output, weight, input.shape, algorithm, *geometry, groups)
    grad_weight = WeightGradient.apply(grad_output, input, weight.shape[2:], algorithm, *geometry, groups)
    return grad_input, grad_weight, grad_output.sum((0, 2, 3))
