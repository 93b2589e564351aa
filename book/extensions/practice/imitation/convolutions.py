"""Windows that slide: padding, convolution, pooling, unfold and fold, with their gradients."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Iterator, Sequence
from typing import Any

from . import autograd, dtypes
from .dtypes import FLOATING, title
from .gaps import gap, refuse
from .indexing import index_add_
from .looks import stack
from .products import contract
from .registry import METHODS, operation
from .shapes import dense_strides, places
from .tensors import Tensor, computed, make
from .watching import dispatch


def pair(value: Any, name: str, count: int = 2) -> tuple[int, ...]:
    """Read one number for all axes, or one for each."""
    if isinstance(value, tuple | list):
        values = tuple(value) * (count if len(value) == 1 else 1)
        if len(values) != count:
            refuse(
                RuntimeError,
                f"expected {name} to be a single integer value or a list of {count} values, but got {list(value)}",
            )
    else:
        values = (value,) * count
    for each in values:
        if isinstance(each, bool) or not hasattr(each, "__index__"):
            refuse(
                TypeError, f"argument '{name}' must be tuple of ints, but found element of type {type(each).__name__}"
            )
    return tuple(operator.index(each) for each in values)


@operation("F")
def pad(input: Tensor, pad: Any, mode: str = "constant", value: Any = None) -> Tensor:
    amounts = list(pad)
    if len(amounts) % 2:
        refuse(RuntimeError, f"Padding length must be divisible by 2, got {len(amounts)}")
    if len(amounts) // 2 > len(input.shape):
        refuse(
            RuntimeError,
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(amounts)} and input of dimension {len(input.shape)}",
        )
    for each in amounts:
        if isinstance(each, bool) or not hasattr(each, "__index__"):
            refuse(TypeError, f"pad(): argument 'pad' (position 2) must be tuple of ints, not {type(each).__name__}")
    amounts = [operator.index(each) for each in amounts]
    if mode == "constant":
        return _padded(input, amounts, 0 if value is None else value)
    if mode not in ("reflect", "replicate", "circular"):
        refuse(NotImplementedError, f"Unrecognised padding mode {mode}")
    if value not in (None, 0, 0.0):
        refuse(ValueError, f'Padding mode "{mode}" doesn\'t take in value argument')
    if len(amounts) // 2 not in (len(input.shape) - 1, len(input.shape) - 2):
        refuse(NotImplementedError, "Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now")
    return _padded_from_inside(input, amounts, mode)


def _sides(ndim: int, amounts: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Pair each axis with what is added before and after it."""
    for number in range(len(amounts) // 2):
        yield ndim - 1 - number, amounts[2 * number], amounts[2 * number + 1]


def _padded(input: Tensor, amounts: Sequence[int], value: Any) -> Tensor:
    shape, starts, kept = list(input.shape), [0] * len(input.shape), [slice(None)] * len(input.shape)
    for place, before, after in _sides(len(shape), amounts):
        size = shape[place] + before + after
        if size < 0:
            refuse(
                RuntimeError,
                f"The input size {shape[place]}, plus negative padding {before} and {after}, resulted in a negative "
                f"output size",
            )
        starts[place] = max(before, 0)
        kept[place] = slice(max(-before, 0), shape[place] + min(after, 0))
        shape[place] = size
    inner = input.detach()[tuple(kept)] if input.shape else input
    result = make(input.dtype.store([value]) * math.prod(shape), shape, input.dtype)
    strides = dense_strides(shape)
    begin = sum(start * stride for start, stride in zip(starts, strides, strict=True))
    where = places(inner.shape, strides, begin)
    for place, number in zip(where, inner._numbers(), strict=True):
        result._storage[place] = number

    def backward(gradient: Tensor) -> list[Tensor]:
        return [_padded(gradient.contiguous(), [-amount for amount in amounts], 0)]

    return autograd.record(result, "ConstantPadNd", [input], backward)


def _padded_from_inside(input: Tensor, amounts: Sequence[int], mode: str) -> Tensor:
    for place, before, after in _sides(len(input.shape), amounts):
        size = input.shape[place]
        if mode == "reflect" and max(before, after) >= size:
            refuse(
                RuntimeError,
                "Argument #4: Padding size should be less than the corresponding input dimension, but got: padding "
                f"({before}, {after}) at dimension {place} of input {list(input.shape)}",
            )
        if mode == "circular" and max(before, after) > size:
            refuse(RuntimeError, "Padding value causes wrapping around more than once.")
        if min(before, after) < 0:
            gap("negative padding that is not constant")
        found = []
        for number in range(-before, size + after):
            if mode == "replicate":
                found.append(min(max(number, 0), size - 1))
            elif mode == "circular":
                found.append(number % size)
            else:
                found.append(-number if number < 0 else 2 * (size - 1) - number if number >= size else number)
        input = input[(slice(None),) * place + (found,)]
    return input


# --- convolution ----------------------------------------------------------------------------------------------------


def _check_types(name: str, input: Any, weight: Any, bias: Any) -> None:
    for word, position, each in (("input", 1, input), ("weight", 2, weight)):
        if not isinstance(each, Tensor):
            refuse(
                TypeError,
                f"{name}(): argument '{word}' (position {position}) must be Tensor, not {type(each).__name__}",
            )
    if input.dtype is not weight.dtype:
        refuse(
            RuntimeError,
            f"Input type (torch.{title(input.dtype)}Tensor) and weight type (torch.{title(weight.dtype)}Tensor) should "
            f"be the "
            "same or input should be a MKLDNN tensor and weight is a dense tensor",
        )
    if bias is not None and bias.dtype is not input.dtype:
        refuse(
            RuntimeError, f"Input type ({title(input.dtype)}) and bias type ({title(bias.dtype)}) should be the same"
        )
    if input.dtype.kind != FLOATING:
        gap("a convolution of whole numbers")


def _convolution(
    name: str,
    axes: int,
    input: Tensor,
    weight: Tensor,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
) -> Tensor:
    _check_types(name, input, weight, bias)
    if len(weight.shape) != axes + 2:
        refuse(
            RuntimeError,
            f"expected {axes + 2}D weight, but got {len(weight.shape)}-dimensional weight of size {list(weight.shape)} "
            f"instead"
            if len(weight.shape) not in (3, 4, 5)
            else f"Expected {len(weight.shape) - 1}D (unbatched) or {len(weight.shape)}D (batched) input to "
            f"conv{len(weight.shape) - 2}d, but got input of size: {list(input.shape)}",
        )
    if len(input.shape) not in (axes + 1, axes + 2):
        refuse(
            RuntimeError,
            f"Expected {axes + 1}D (unbatched) or {axes + 2}D (batched) input to {name}, but got input of size: "
            f"{list(input.shape)}",
        )
    steps, gaps = pair(stride, "stride", axes), pair(dilation, "dilation", axes)
    if isinstance(padding, str):
        input, padding = _padded_by_name(input, weight, padding, steps, gaps, axes)
    edges = pair(padding, "padding", axes)
    if any(step <= 0 for step in steps):
        refuse(RuntimeError, "non-positive stride is not supported")
    if any(edge < 0 for edge in edges):
        refuse(RuntimeError, "negative padding is not supported")
    if any(each <= 0 for each in gaps):
        refuse(RuntimeError, "dilation should be greater than zero")
    batched = len(input.shape) == axes + 2
    x = input if batched else input.unsqueeze(0)
    if groups < 1:
        refuse(RuntimeError, "non-positive groups is not supported")
    if x.shape[1] != weight.shape[1] * groups:
        refuse(
            RuntimeError,
            f"Given groups={groups}, weight of size {list(weight.shape)}, expected input{list(x.shape)} to have "
            f"{weight.shape[1] * groups} channels, but got {x.shape[1]} channels instead",
        )
    if weight.shape[0] % groups:
        refuse(
            RuntimeError,
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of "
            f"size "
            f"{list(weight.shape)} instead",
        )
    if bias is not None and tuple(bias.shape) != (weight.shape[0],):
        refuse(
            RuntimeError,
            f"Given weight of size {list(weight.shape)}, expected bias to be 1-dimensional with {weight.shape[0]} "
            f"elements, "
            f"but got bias of size {list(bias.shape)} instead",
        )
    spread = [gap_ * (size - 1) + 1 for gap_, size in zip(gaps, weight.shape[2:], strict=True)]
    padded_size = [size + 2 * edge for size, edge in zip(x.shape[2:], edges, strict=True)]
    if any(size < window for size, window in zip(padded_size, spread, strict=True)):
        shown = " x ".join(map(str, padded_size))
        refuse(
            RuntimeError,
            f"Calculated padded input size per channel: ({shown}). Kernel size: ({' x '.join(map(str, spread))}). "
            f"Kernel size "
            "can't be greater than actual input size",
        )

    def compute() -> Tensor:
        padded = _padded(x, [edge for edge in reversed(edges) for _ in range(2)], 0) if any(edges) else x
        result = _sliding_products(padded, weight, steps, gaps, groups)
        return result if bias is None else result + bias.reshape(1, -1, *(1,) * axes)

    args = (x, weight, bias, list(steps), list(edges), list(gaps), False, [0] * axes, groups)
    result = dispatch("aten::convolution", args, compute)
    return result if batched else result.squeeze(0)


def _padded_by_name(
    input: Tensor, weight: Tensor, padding: str, steps: Any, gaps: Any, axes: int
) -> tuple[Tensor, Any]:
    if padding == "valid":
        return input, 0
    if padding != "same":
        refuse(RuntimeError, f"Invalid padding string: '{padding}'")
    if any(step != 1 for step in steps):
        refuse(RuntimeError, "padding='same' is not supported for strided convolutions")
    amounts: list[int] = []
    for gap_, size in zip(reversed(gaps), reversed(weight.shape[2:]), strict=True):
        total = gap_ * (size - 1)
        amounts += [total // 2, total - total // 2]
    return _padded(input, amounts, 0), 0


def _windows(x: Tensor, kernel: Sequence[int], steps: Sequence[int], gaps: Sequence[int]) -> Tensor:
    """Return a view (samples, channels, *outputs, *kernel) of the windows."""
    sizes = [
        (size - gap_ * (k - 1) - 1) // step + 1
        for size, k, step, gap_ in zip(x.shape[2:], kernel, steps, gaps, strict=True)
    ]
    own = x._strides[2:]
    strides = (
        *x._strides[:2],
        *(stride * step for stride, step in zip(own, steps, strict=True)),
        *(stride * gap_ for stride, gap_ in zip(own, gaps, strict=True)),
    )
    return make(x._storage, (*x.shape[:2], *sizes, *kernel), x.dtype, strides, x._offset, x)


def _sliding_products(x: Tensor, weight: Tensor, steps: Sequence[int], gaps: Sequence[int], groups: int) -> Tensor:
    """Convolve an input that is padded already; the gradients are written out."""
    axes = len(steps)
    outputs, window = "xyz"[:axes], "uvw"[:axes]
    each = weight.shape[0] // groups

    def grouped(tensor: Tensor) -> Tensor:
        return tensor.reshape(tensor.shape[0], groups, tensor.shape[1] // groups, *tensor.shape[2:])

    dense, kernels = x.detach().contiguous(), weight.detach().contiguous()
    filters = kernels.reshape(groups, each, *weight.shape[1:])
    seen = _windows(dense, weight.shape[2:], steps, gaps)
    seen = make(
        seen._storage,
        (seen.shape[0], groups, seen.shape[1] // groups, *seen.shape[2:]),
        seen.dtype,
        (seen._strides[0], seen._strides[1] * (seen.shape[1] // groups), *seen._strides[1:]),
        seen._offset,
    )
    places_of = f"ngc{outputs}{window}"
    with autograd.enabled(False):
        product = contract([places_of, f"goc{window}"], f"ngo{outputs}", [seen, filters], "Conv")
    result = computed(product._numbers(), (x.shape[0], weight.shape[0], *product.shape[3:]), x.dtype)

    def backward(gradient: Tensor) -> list[Tensor | None]:
        given = grouped(gradient.contiguous())
        of_input = of_weight = None
        if weight.requires_grad:
            of_weight = contract([places_of, f"ngo{outputs}"], f"goc{window}", [seen, given], "Conv").reshape(
                *weight.shape
            )
        if x.requires_grad:
            spread = contract([f"ngo{outputs}", f"goc{window}"], places_of, [given, filters], "Conv")
            of_input = computed([0.0] * x.numel(), x.shape, x.dtype)
            where = _windows(of_input, weight.shape[2:], steps, gaps)._places()
            storage = of_input._storage
            for place, number in zip(where, spread._numbers(), strict=True):
                storage[place] += number
        return [of_input, of_weight]

    return autograd.record(result, "Convolution", [x, weight], backward, [x, weight])


@operation("torch", "F")
def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,
) -> Tensor:
    return _convolution("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


@operation("torch", "F")
def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,
) -> Tensor:
    return _convolution("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


@operation("torch", "F")
def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: Any = 1,
    dilation: Any = 1,
) -> Tensor:
    _check_types("conv_transpose2d", input, weight, bias)
    steps, edges, gaps = pair(stride, "stride"), pair(padding, "padding"), pair(dilation, "dilation")
    extra = pair(output_padding, "output_padding")
    if groups != 1 or len(input.shape) != 4 or len(weight.shape) != 4:
        gap("conv_transpose2d with groups or without a batch")
    samples, channels, height, width = input.shape
    if channels != weight.shape[0]:
        refuse(
            RuntimeError,
            f"Given transposed=1, weight of size {list(weight.shape)}, expected input{list(input.shape)} to have "
            f"{weight.shape[0]} channels, but got {channels} channels instead",
        )
    # Insert zeros between the pixels, pad, and correlate with the kernel turned by 180 degrees.
    spread = [(size - 1) * step + 1 for size, step in zip((height, width), steps, strict=True)]
    zeros = make(
        input.dtype.store([0]) * (samples * channels * math.prod(spread)), (samples, channels, *spread), input.dtype
    )
    zeros[:, :, :: steps[0], :: steps[1]] = input
    borders = [gap_ * (size - 1) - edge for gap_, size, edge in zip(gaps, weight.shape[2:], edges, strict=True)]
    around = [borders[1], borders[1] + extra[1], borders[0], borders[0] + extra[0]]
    turned = METHODS["flip"](weight, 2, 3).transpose(0, 1)
    return _convolution("conv2d", 2, _padded(zeros, around, 0), turned, bias, 1, 0, gaps, 1)


# --- pooling --------------------------------------------------------------------------------------------------------


def _pool_sizes(
    name: str,
    input: Tensor,
    window: Sequence[int],
    steps: Sequence[int],
    edges: Sequence[int],
    gaps: Sequence[int],
    ceil_mode: bool,
) -> list[int]:
    if not isinstance(input, Tensor):
        refuse(TypeError, f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    if len(input.shape) not in (3, 4):
        refuse(
            RuntimeError,
            f"Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but "
            f"got:{list(input.shape)}",
        )
    if any(step <= 0 for step in steps):
        refuse(RuntimeError, "stride should not be zero")
    if any(size <= 0 for size in window):
        refuse(RuntimeError, "kernel size should be greater than zero, but got " + " ".join(map(str, window)))
    if any(edge > size // 2 for edge, size in zip(edges, window, strict=True)) or any(edge < 0 for edge in edges):
        refuse(
            RuntimeError,
            f"pad should be at most half of effective kernel size, but got pad={edges[0]}, kernel_size={window[0]} and "
            f"dilation={gaps[0]}",
        )
    sizes = []
    for size, k, step, edge, gap_ in zip(input.shape[-2:], window, steps, edges, gaps, strict=True):
        left = size + 2 * edge - gap_ * (k - 1) - 1
        count = (-(-left // step) if ceil_mode else left // step) + 1
        if ceil_mode and (count - 1) * step >= size + edge:
            count -= 1
        sizes.append(count)
    if any(size < 1 for size in sizes):
        refuse(
            RuntimeError,
            f"Given input size: ({'x'.join(map(str, input.shape[-3:]))}). Calculated output size: "
            f"({input.shape[-3]}x{sizes[0]}x{sizes[1]}). Output size is too small",
        )
    return sizes


def _pool_windows(
    shape: Sequence[int],
    sizes: Sequence[int],
    window: Sequence[int],
    steps: Sequence[int],
    edges: Sequence[int],
    gaps: Sequence[int],
) -> Iterator[list[int]]:
    """For each window of an image, where its pixels lie in the image; what hangs over the border is left out."""
    height, width = shape
    for row, column in itertools.product(range(sizes[0]), range(sizes[1])):
        rows = [row * steps[0] - edges[0] + k * gaps[0] for k in range(window[0])]
        columns = [column * steps[1] - edges[1] + k * gaps[1] for k in range(window[1])]
        yield [r * width + c for r in rows if 0 <= r < height for c in columns if 0 <= c < width]


@operation("torch", "F")
def max_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    window = pair(kernel_size, "kernel_size")
    steps, edges, gaps = (
        pair(window if stride is None else stride, "stride"),
        pair(padding, "padding"),
        pair(dilation, "dilation"),
    )
    sizes = _pool_sizes("max_pool2d", input, window, steps, edges, gaps, ceil_mode)
    windows = list(_pool_windows(input.shape[-2:], sizes, window, steps, edges, gaps))
    args = (input, list(window), list(steps), list(edges), list(gaps), ceil_mode)
    found = dispatch("aten::max_pool2d_with_indices", args, lambda: _largest_of(input, windows, sizes))
    return found if return_indices else found[0]


def _largest_of(input: Tensor, windows: list, sizes: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Return the largest number of each window, and where it lies in its image."""
    area = math.prod(input.shape[-2:])
    images = math.prod(input.shape[:-2])
    numbers, before, found = [], input._numbers(), []
    for image in range(images):
        for pixels in windows:
            best = pixels[0]
            for pixel in pixels:
                number = before[image * area + pixel]
                if number > before[image * area + best] or number != number:
                    best = pixel
            found.append(best)
            numbers.append(before[image * area + best])
    shape = (*input.shape[:-2], *sizes)
    result = computed(numbers, shape, input.dtype)
    per_image = len(windows)

    def backward(gradient: Tensor) -> list[Tensor]:
        parts = [0.0] * input.numel()
        for number, (value, pixel) in enumerate(zip(gradient._numbers(), found, strict=True)):
            parts[number // per_image * area + pixel] += value
        return [computed(parts, input.shape, input.dtype)]

    autograd.record(result, "MaxPool2DWithIndices", [input], backward)
    return result, computed(found, shape, dtypes.int64)


@operation("F")
def avg_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: Any = None,
) -> Tensor:
    window = pair(kernel_size, "kernel_size")
    steps, edges = pair(window if stride is None else stride, "stride"), pair(padding, "padding")
    sizes = _pool_sizes("avg_pool2d", input, window, steps, edges, (1, 1), ceil_mode)
    if input.dtype.kind != FLOATING:
        refuse(RuntimeError, f"\"avg_pool2d_out_frame\" not implemented for '{title(input.dtype)}'")
    windows = list(_pool_windows(input.shape[-2:], sizes, window, steps, edges, (1, 1)))
    if divisor_override is not None:
        shares = [divisor_override] * len(windows)
    elif count_include_pad:  # the padding counts; what hangs over it in `ceil_mode` does not
        spans = [
            [min(place * step - edge + k, size + edge) - (place * step - edge) for place in range(count)]
            for count, step, edge, k, size in zip(sizes, steps, edges, window, input.shape[-2:], strict=True)
        ]
        shares = [rows * columns for rows in spans[0] for columns in spans[1]]
    else:
        shares = [len(pixels) for pixels in windows]
    args = (input, list(window), list(steps), list(edges), ceil_mode)
    return dispatch("aten::avg_pool2d", args, lambda: _weighted_windows("AvgPool2D", input, windows, shares, sizes))


def _weighted_windows(name: str, input: Tensor, windows: list, shares: list, sizes: Sequence[int]) -> Tensor:
    area, images, before = math.prod(input.shape[-2:]), math.prod(input.shape[:-2]), input._numbers()
    numbers = [
        sum(before[image * area + pixel] for pixel in pixels) / share
        for image in range(images)
        for pixels, share in zip(windows, shares, strict=True)
    ]
    result = computed(numbers, (*input.shape[:-2], *sizes), input.dtype)

    def backward(gradient: Tensor) -> list[Tensor]:
        parts = [0.0] * input.numel()
        values = iter(gradient._numbers())
        for image in range(images):
            for pixels, share in zip(windows, shares, strict=True):
                value = next(values) / share
                for pixel in pixels:
                    parts[image * area + pixel] += value
        return [computed(parts, input.shape, input.dtype)]

    return autograd.record(result, name, [input], backward)


def _adaptive_windows(input: Tensor, output_size: Any) -> tuple[list[int], list[list[int]]]:
    wanted = output_size if isinstance(output_size, tuple | list) else (output_size, output_size)
    sizes = [
        have if want is None else operator.index(want) for want, have in zip(wanted, input.shape[-2:], strict=True)
    ]
    spans = [
        [range(place * have // want, -(-(place + 1) * have // want)) for place in range(want)]
        for want, have in zip(sizes, input.shape[-2:], strict=True)
    ]
    width = input.shape[-1]
    return sizes, [[r * width + c for r in rows for c in columns] for rows in spans[0] for columns in spans[1]]


@operation("F")
def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    sizes, windows = _adaptive_windows(input, output_size)
    if input.dtype.kind != FLOATING:
        refuse(RuntimeError, f"\"adaptive_avg_pool2d\" not implemented for '{title(input.dtype)}'")
    shares = [len(pixels) for pixels in windows]
    name = "aten::mean" if tuple(sizes) == (1, 1) else "aten::_adaptive_avg_pool2d"
    return dispatch(name, (input, sizes), lambda: _weighted_windows("AdaptiveAvgPool2D", input, windows, shares, sizes))


@operation("F")
def adaptive_max_pool2d(input: Tensor, output_size: Any) -> Tensor:
    sizes, windows = _adaptive_windows(input, output_size)

    def compute() -> Tensor:
        flat = METHODS["flatten"](input, -2)
        parts = [METHODS["max"](flat[..., pixels], -1).values for pixels in windows]
        return stack(parts, -1).reshape(*input.shape[:-2], *sizes)

    return dispatch("aten::adaptive_max_pool2d", (input, sizes), compute)


# --- windows as columns ---------------------------------------------------------------------------------------------


def _columns(
    shape: Sequence[int], kernel: Any, dilation: Any, padding: Any, stride: Any
) -> tuple[list[list[int]], Sequence[int], int]:
    """Return, for each row of the matrix of columns, where its pixels lie in the padded image; and sizes."""
    window, gaps = pair(kernel, "kernel_size"), pair(dilation, "dilation")
    edges, steps = pair(padding, "padding"), pair(stride, "stride")
    if min(window) <= 0 or min(steps) <= 0 or min(gaps) <= 0:
        word = "kernel size" if min(window) <= 0 else "stride" if min(steps) <= 0 else "dilation"
        refuse(RuntimeError, f"{word} should be greater than zero, but got {word.replace(' ', '_')} of another kind")
    if min(edges) < 0:
        refuse(
            RuntimeError,
            f"padding should be non-negative, but got padding_height: {edges[0]} padding_width: {edges[1]}",
        )
    padded = [size + 2 * edge for size, edge in zip(shape, edges, strict=True)]
    counts = [
        (size - g * (k - 1) - 1) // step + 1 for size, k, g, step in zip(padded, window, gaps, steps, strict=True)
    ]
    if min(counts) < 1:
        refuse(
            RuntimeError,
            f"Given input with spatial size ({shape[0]}, {shape[1]}), kernel_size={window}, dilation={gaps}, "
            f"padding={edges}, "
            f"stride={steps}, calculated shape of the array of sliding blocks as ({counts[0]}, {counts[1]}), but its "
            "components must be at least one.",
        )
    rows = []
    for u, v in itertools.product(range(window[0]), range(window[1])):
        rows.append(
            [
                (row * steps[0] + u * gaps[0]) * padded[1] + column * steps[1] + v * gaps[1]
                for row in range(counts[0])
                for column in range(counts[1])
            ]
        )
    return rows, edges, math.prod(counts)


@operation("F")
def unfold(input: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    if len(input.shape) not in (3, 4):
        refuse(
            RuntimeError,
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, "
            "but "
            f"got: {list(input.shape)}",
        )
    rows, edges, count = _columns(input.shape[-2:], kernel_size, dilation, padding, stride)
    if input.dtype.kind != FLOATING:
        refuse(NotImplementedError, f"\"im2col_out_cpu\" not implemented for '{title(input.dtype)}'")
    x = input if len(input.shape) == 4 else input.unsqueeze(0)
    flat = METHODS["flatten"](_padded(x, (edges[1], edges[1], edges[0], edges[0]), 0), 2)
    picked = [place for row in rows for place in row]

    def compute() -> Tensor:
        return flat[:, :, picked].reshape(x.shape[0], x.shape[1] * len(rows), count)

    columns = dispatch("aten::im2col", (input, kernel_size, dilation, padding, stride), compute)
    return columns if len(input.shape) == 4 else columns.squeeze(0)


@operation("F")
def fold(
    input: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    size = pair(output_size, "output_size")
    if len(input.shape) not in (2, 3):
        refuse(
            RuntimeError,
            f"Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size, but got: {list(input.shape)}",
        )
    rows, edges, count = _columns(size, kernel_size, dilation, padding, stride)
    x = input if len(input.shape) == 3 else input.unsqueeze(0)
    if x.shape[1] % len(rows):
        refuse(
            RuntimeError,
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)="
            f"{x.shape[1]} and kernel_size={pair(kernel_size, 'kernel_size')}.",
        )
    if x.shape[2] != count:
        refuse(
            RuntimeError,
            f"Given output_size={size}, expected size of input's dimension 2 to match the calculated number of sliding "
            f"blocks "
            f"{count}, but got input.size(2)={x.shape[2]}.",
        )
    channels = x.shape[1] // len(rows)
    padded = [length + 2 * edge for length, edge in zip(size, edges, strict=True)]
    whole = make(
        x.dtype.store([0]) * (x.shape[0] * channels * math.prod(padded)),
        (x.shape[0], channels, math.prod(padded)),
        x.dtype,
    )
    picked = computed([place for row in rows for place in row], (len(rows) * count,), dtypes.int64)
    content = x.reshape(x.shape[0], channels, len(rows) * count)
    dispatch("aten::col2im", (input, output_size, kernel_size), lambda: index_add_(whole, 2, picked, content))
    image = whole.reshape(x.shape[0], channels, *padded)
    image = image[:, :, edges[0] : padded[0] - edges[0], edges[1] : padded[1] - edges[1]]
    image = image.contiguous()
    return image if len(input.shape) == 3 else image.squeeze(0)
