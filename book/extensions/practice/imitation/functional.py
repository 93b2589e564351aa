"""The rest of torch.nn.functional: activations, losses, normalisation, dropout, one-hot."""

from __future__ import annotations

import builtins
import math
from typing import Any

from . import autograd, dtypes, randomness
from .dtypes import FLOATING, title
from .elementwise import _softplus, binary
from .gaps import gap, refuse
from .products import matmul
from .reductions import log_softmax, mean, sum, var
from .registry import FUNCTIONAL, METHODS, TORCH, operation
from .shapes import axis
from .tensors import Tensor, computed, like
from .watching import dispatch

for _name in ("relu", "sigmoid", "tanh", "softmax", "log_softmax"):
    FUNCTIONAL[_name] = TORCH[_name]
FUNCTIONAL["relu_"] = METHODS["relu_"]


@operation("F")
def relu(input: Tensor, inplace: bool = False) -> Tensor:
    return METHODS["relu_"](input) if inplace else METHODS["relu"](input)


@operation("F")
def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    return TORCH["where"](input > 0, input, input * negative_slope)


@operation("F")
def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    return TORCH["where"](input > 0, input, METHODS["expm1"](METHODS["clamp"](input, None, 0)) * alpha)


@operation("F")
def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    if approximate != "none":
        gap("gelu with an approximation")
    return input * 0.5 * (METHODS["erf"](input / math.sqrt(2)) + 1)


@operation("F")
def silu(input: Tensor, inplace: bool = False) -> Tensor:
    return input * METHODS["sigmoid"](input)


@operation("F")
def softplus(input: Tensor) -> Tensor:
    return _stable_softplus(input)


def _stable_softplus(input: Tensor) -> Tensor:
    before = input._numbers()
    result = like(input, input.dtype.store([_softplus(number) for number in before]))

    def backward(gradient: Tensor) -> list[Tensor]:
        slopes = METHODS["sigmoid"](input.detach())
        return [gradient * slopes]

    return autograd.record(result, "Softplus", [input], backward, [input])


@operation("F")
def logsigmoid(input: Tensor) -> Tensor:
    return -_stable_softplus(-input)


@operation("F")
def linear(input: Tensor, weight: Tensor, bias: Any = None) -> Tensor:
    for word, each in (("input", input), ("weight", weight)):
        if not isinstance(each, Tensor):
            refuse(TypeError, f"linear(): argument '{word}' must be Tensor, not {type(each).__name__}")
    if input.dtype is not weight.dtype:
        refuse(
            RuntimeError,
            f"mat1 and mat2 must have the same dtype, but got {title(input.dtype)} and {title(weight.dtype)}",
        )
    if not input.shape or input.shape[-1] != weight.shape[-1]:
        rows = math.prod(input.shape[:-1])
        last = input.shape[-1] if input.shape else 1
        refuse(
            RuntimeError,
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{last} and {weight.shape[-1]}x{weight.shape[0]})",
        )
    turned = METHODS["t"](weight)

    def compute() -> Tensor:
        product = matmul(input, turned)
        return product if bias is None else product + bias

    if len(input.shape) != 2:
        return compute()
    return dispatch(
        "aten::mm" if bias is None else "aten::addmm",
        (input, turned) if bias is None else (bias, input, turned),
        compute,
    )


@operation("F")
def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    if tensor.dtype is not dtypes.int64:
        refuse(RuntimeError, "one_hot is only applicable to index tensor of type LongTensor.")
    numbers = tensor._numbers()
    if not numbers and num_classes == -1:
        refuse(RuntimeError, "Can not infer total number of classes from empty tensor.")
    if any(number < 0 for number in numbers):
        refuse(RuntimeError, "Class values must be non-negative.")
    count = builtins.max(numbers) + 1 if num_classes == -1 else num_classes
    if any(number >= count for number in numbers):
        refuse(RuntimeError, "Class values must be smaller than num_classes.")
    content = [1 if place == number else 0 for number in numbers for place in range(count)]
    return computed(content, (*tensor.shape, count), dtypes.int64)


def _reduced(losses: Tensor, reduction: str, count: Any = None) -> Tensor:
    if reduction == "none":
        return losses
    if reduction == "sum":
        return sum(losses)
    if reduction == "mean":
        return mean(losses) if count is None else sum(losses) / count
    refuse(ValueError, f"{reduction} is not a valid value for reduction")


@operation("F")
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    if len(input.shape) not in (1, 2):
        gap("nll_loss of more than two axes")
    if len(input.shape) == 2 and tuple(target.shape) != (input.shape[0],):
        refuse(
            ValueError,
            f"Expected input batch_size ({input.shape[0]}) to match target batch_size "
            f"({target.shape[0] if target.shape else 0}).",
        )
    if target.dtype is not dtypes.int64:
        refuse(RuntimeError, f"expected target dtype to be Long or Byte, but got {title(target.dtype)}")
    if weight is not None:
        gap("nll_loss with weights")
    classes = input.shape[-1]
    for number in target._numbers():
        if number != ignore_index and not 0 <= number < classes:
            refuse(IndexError, f"Target {number} is out of bounds.")
    kept = [place for place, number in enumerate(target._numbers()) if number != ignore_index]
    if len(kept) < target.numel():
        if reduction == "none":
            gap("nll_loss with ignored targets and no reduction")
        input, target = input[kept], target[kept]
    if len(input.shape) == 1:
        return -input[target.item()]

    def compute() -> Tensor:
        return _reduced(-METHODS["gather"](input, 1, target.unsqueeze(1)).squeeze(1), reduction)

    return dispatch("aten::nll_loss_forward", (input, target), compute)


@operation("F")
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    if not isinstance(input, Tensor) or not isinstance(target, Tensor):
        strange = target if isinstance(input, Tensor) else input
        refuse(TypeError, f"cross_entropy_loss(): argument must be Tensor, not {type(strange).__name__}")
    if weight is not None or len(input.shape) > 2:
        gap("cross_entropy with weights or more than two axes")
    scores = log_softmax(input, len(input.shape) - 1)
    if target.dtype.kind == FLOATING:
        if tuple(target.shape) != tuple(input.shape):
            if target.numel() == input.numel() // input.shape[-1]:
                refuse(RuntimeError, f"expected target dtype to be Long or Byte, but got {title(target.dtype)}")
            refuse(
                RuntimeError,
                f"Expected floating point type for target with class probabilities, got {title(target.dtype)}",
            )
        if label_smoothing:
            target = target * (1 - label_smoothing) + label_smoothing / input.shape[-1]
        return _reduced(-sum(scores * target, -1), reduction)
    loss = nll_loss(scores, target, ignore_index=ignore_index, reduction=reduction)
    if not label_smoothing:
        return loss
    if ignore_index in target._numbers():
        gap("label smoothing with ignored targets")
    return loss * (1 - label_smoothing) + _reduced(-mean(scores, -1), reduction) * label_smoothing


def _same_shape(name: str, input: Tensor, target: Tensor) -> None:
    if not isinstance(target, Tensor) or not isinstance(input, Tensor):
        refuse(TypeError, f"{name}(): argument must be Tensor")
    if tuple(input.shape) != tuple(target.shape):
        refuse(ValueError, f"Target size ({target.shape}) must be the same as input size ({input.shape})")


@operation("F")
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Tensor:
    _same_shape("binary_cross_entropy_with_logits", input, target)
    if weight is not None or pos_weight is not None:
        gap("binary_cross_entropy_with_logits with weights")
    return _reduced(_stable_softplus(input) - input * target, reduction)


@operation("F")
def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    if tuple(input.shape) != tuple(target.shape):
        refuse(
            ValueError,
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is deprecated. "
            f"Please "
            "ensure they have the same size.",
        )
    if any(not 0 <= number <= 1 for number in input._numbers()):
        refuse(RuntimeError, "all elements of input should be between 0 and 1")
    one = METHODS["clamp"](METHODS["log"](input), -100)
    other = METHODS["clamp"](METHODS["log"](1 - input), -100)
    return _reduced(-(target * one + (1 - target) * other), reduction)


def _paired(name: str, input: Tensor, target: Tensor) -> Tensor:
    if not isinstance(target, Tensor):
        refuse(AttributeError, f"'{type(target).__name__}' object has no attribute 'size'")
    if tuple(input.shape) != tuple(target.shape):
        gap(f"{name} of two shapes, of which torch warns")
    return binary("sub", input, target)


@operation("F")
def mse_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Tensor:
    difference = _paired("mse_loss", input, target)
    return _reduced(difference * difference, reduction)


@operation("F")
def l1_loss(
    input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Tensor:
    return _reduced(METHODS["abs"](_paired("l1_loss", input, target)), reduction)


@operation("F")
def normalize(input: Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Tensor:
    return input / METHODS["clamp"](METHODS["norm"](input, p, axis(dim, len(input.shape)), True), eps)


@operation("torch", "F")
def cosine_similarity(x1: Tensor, x2: Tensor, dim: Any = 1, eps: float = 1e-8) -> Tensor:
    one, two = METHODS["norm"](x1, 2, dim), METHODS["norm"](x2, 2, dim)
    return sum(x1 * x2, dim) / METHODS["clamp"](one * two, eps)


@operation("F")
def batch_norm(
    input: Tensor,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: Any = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    count = input.numel() // input.shape[1]
    if training and count == 1:
        refuse(ValueError, f"Expected more than 1 value per channel when training, got input size {input.shape}")
    args = (input, weight, bias, running_mean, running_var, training, momentum, eps)
    return dispatch("aten::native_batch_norm", args, lambda: (_normalised(*args),))[0]


def _normalised(
    input: Tensor,
    weight: Any,
    bias: Any,
    running_mean: Any,
    running_var: Any,
    training: bool,
    momentum: float,
    eps: float,
) -> Tensor:
    others = [place for place in range(len(input.shape)) if place != 1]
    count = input.numel() // input.shape[1]
    shape = [input.shape[1] if place == 1 else 1 for place in range(len(input.shape))]
    if training:
        centre, spread = mean(input, others), var(input, others, correction=0)
        if running_mean is not None:
            with autograd.enabled(False):
                unbiased = spread.detach() * (count / (count - 1))
                METHODS["copy_"](running_mean, running_mean * (1 - momentum) + centre.detach() * momentum)
                METHODS["copy_"](running_var, running_var * (1 - momentum) + unbiased * momentum)
    else:
        centre, spread = running_mean, running_var
    result = (input - centre.reshape(*shape)) * METHODS["rsqrt"](spread.reshape(*shape) + eps)
    result = result if weight is None else result * weight.reshape(*shape)
    return result if bias is None else result + bias.reshape(*shape)


@operation("F")
def layer_norm(input: Tensor, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Tensor:
    last = [len(input.shape) - 1 - place for place in range(len(tuple(normalized_shape)))]
    result = (input - mean(input, last, True)) * METHODS["rsqrt"](var(input, last, correction=0, keepdim=True) + eps)
    result = result if weight is None else result * weight
    return result if bias is None else result + bias


@operation("F")
def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    if not 0 <= p <= 1:
        refuse(ValueError, f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0 or not input.numel():
        return input
    if p == 1:
        return input * like(input, input.dtype.store([0] * input.numel()))
    noise = randomness.bernoulli_like(input, 1 - p) / (1 - p)
    return input * noise


@operation("F")
def interpolate(input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest") -> Tensor:
    if mode != "nearest" or size is not None or not isinstance(scale_factor, int):
        gap("interpolate other than by a whole factor")
    return METHODS["repeat_interleave"](METHODS["repeat_interleave"](input, scale_factor, -2), scale_factor, -1)
