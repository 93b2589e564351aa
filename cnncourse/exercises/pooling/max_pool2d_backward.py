"""Exercise: the gradient of max pooling."""

import torch
import torch.nn.functional as F

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor


@exercise(points=6, minutes=20, after="max_pool2d")
def max_pool2d_backward(grad_output, input, kernel_size, stride=None):
    """Compute the gradient of max pooling's input from the gradient of its output.

    Parameters
    ----------
    grad_output : torch.Tensor, shape (N, C, H_out, W_out)
    input : torch.Tensor, shape (N, C, H, W)
    kernel_size : int or (int, int)
        The window; an int stands for both axes, a pair is (height, width).
    stride : int or (int, int), optional
        By default the window's size.

    Returns
    -------
    torch.Tensor, shape (N, C, H, W)
    """
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    stride = (kh, kw) if stride is None else stride
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    images, channels, rows, columns = grad_output.shape
    grad_input = torch.zeros_like(input)
    for n in range(images):
        for c in range(channels):
            for row in range(rows):
                for column in range(columns):
                    top, left = row * sh, column * sw
                    window = input[n, c, top : top + kh, left : left + kw]
                    place = int(window.argmax())  # the first maximum
                    grad_input[n, c, top + place // kw, left + place % kw] += grad_output[n, c, row, column]
    return grad_input


def backward(note, varies, grad_output, input, kernel_size, **stride):
    return case(note, varies=varies, grad_output=grad_output, input=input, kernel_size=kernel_size, **stride)


FIVE, PAIR = torch.tensor([[[[5.0]]]]), torch.tensor([[[[2.0, 3]]]])
UNEVEN = torch.tensor([[1.0, 3, 2, 6, 5], [0, 1, 7, 4, 8]])[None, None]

max_pool2d_backward.add_visible(
    backward("one window", "basic default", FIVE, torch.tensor([[[[1.0, 2], [4, 3]]]]), 2),
    backward("a tie", "tie default", FIVE, torch.tensor([[[[1.0, 4], [4, 2]]]]), 2),
    backward(
        "two windows that share their maximum", "stride kernel", PAIR, torch.tensor([[[[1.0, 9, 0]]]]), (1, 2), stride=1
    ),
    backward("a column that no window covers", "remainder default", torch.tensor([[[[2.0, -1]]]]), UNEVEN, 2),
)


def drawn(note, varies, generator, input, kernel_size, **stride):
    output = F.max_pool2d(input, kernel_size, **stride)
    return backward(
        note, varies, 2 + tensor(generator, *output.shape, dtype=input.dtype).abs(), input, kernel_size, **stride
    )


@max_pool2d_backward.random_cases
def fresh(generator):
    def pixels(*shape, dtype=torch.float32):
        """Draw pixels that all differ."""
        count = torch.Size(shape).numel()
        return (torch.randperm(count, generator=generator) / 4 + 1).reshape(shape).to(dtype)

    yield drawn("windows side by side", "basic", generator, pixels(1, 1, 4, 6), 2, stride=2)
    yield drawn("the default stride", "default", generator, pixels(1, 1, 4, 6), 2)
    yield drawn("a wide window on one row", "kernel", generator, pixels(1, 1, 1, 9), (1, 3), stride=3)
    yield drawn("a tall window on one column", "kernel", generator, pixels(1, 1, 9, 1), (3, 1), stride=3)
    yield drawn("overlapping windows", "stride", generator, pixels(1, 1, 5, 7), 3, stride=(1, 2))
    yield drawn("gaps between the windows", "stride", generator, pixels(1, 1, 7, 9), 2, stride=(3, 4))
    yield drawn("pixels that no window covers", "remainder", generator, pixels(1, 1, 5, 7), 2, stride=2)
    yield drawn("the default stride of a wide window", "default kernel", generator, pixels(1, 1, 4, 9), (2, 3))
    yield drawn("two channels", "channels", generator, pixels(1, 2, 4, 6), 2, stride=2)
    yield drawn("two images", "batch", generator, pixels(2, 1, 4, 6), 2, stride=2)
    yield drawn("float64", "dtype", generator, pixels(1, 1, 4, 6, dtype=torch.float64), 2, stride=2)
    yield drawn("all pixels equal", "tie", generator, torch.full((1, 1, 4, 6), 2.0), 2, stride=2)
    corners = torch.tensor([[1.0, 5], [5, 1]]).repeat(2, 3)[None, None]
    yield drawn("two equal pixels in each window", "tie", generator, corners, 2, stride=2)
    few = torch.randint(0, 3, (2, 2, 5, 7), generator=generator).float() - 2
    yield drawn("many ties, overlapping windows", "tie stride batch channels", generator, few, (2, 3), stride=1)
    for dtype, tag in ((torch.float64, "dtype"), (torch.float32, "")):
        kernel_size = integer(generator, 2, 3), integer(generator, 4, 5)
        tags = f"batch channels kernel stride remainder {tag}"
        images = -pixels(2, 3, 8, 12, dtype=dtype)
        yield drawn("negative numbers, everything at once", tags, generator, images, kernel_size, stride=(2, 3))


def to_window(factor):
    """Make a wrong answer that adds the output's gradient, times `factor`, to all of its window."""
    return max_pool2d_backward.edited(
        "top + place // kw, left + place % kw] += ", f"top : top + kh, left : left + kw] += {factor} * "
    )


max_pool2d_backward.mistake(
    "Every pixel that equals the maximum gets the gradient: only the first of them, in row order, does.", "tie-to-all"
)(to_window("(window == window.max())"))
max_pool2d_backward.mistake(
    "Pixels that tie share the gradient: the first of them, in row order, gets all of it.", "tie-shared"
)(to_window("(window == window.max()) / (window == window.max()).sum()"))


@max_pool2d_backward.mistake("A tie goes to the last maximum: it goes to the first in row order.", "tie-to-last")
@max_pool2d_backward.variant("A tie goes to the last maximum in row order.")
def last_tie(grad_output, input, kernel_size, stride=None):
    """Compute the gradient of max pooling's input from the gradient of its output; a tie goes to the last maximum."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    stride = (kh, kw) if stride is None else stride
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    grad_input = torch.zeros_like(input)
    for n, c, row, column in torch.cartesian_prod(*map(torch.arange, grad_output.shape)).tolist():
        window = n, c, slice(row * sh, row * sh + kh), slice(column * sw, column * sw + kw)
        i, j = (input[window] == input[window].max()).nonzero()[-1].tolist()
        grad_input[window][i, j] += grad_output[n, c, row, column]
    return grad_input


max_pool2d_backward.mistake(
    "A tie goes to the first maximum down the columns: it goes to the first in row order.", "tie-down-columns"
)(
    max_pool2d_backward.edited(
        "window.argmax()", "window.T.argmax()", "place // kw", "place % kh", "place % kw", "place // kh"
    )
)
max_pool2d_backward.mistake(
    "Where windows overlap, the last one overwrites the gradient of the others: add them up.", "overlap-overwritten"
)(max_pool2d_backward.edited("+=", "="))
max_pool2d_backward.mistake(
    "The gradient is spread evenly over the window, as in average pooling: the maximum gets all of it.",
    "spread-evenly",
)(to_window("1 / (kh * kw)"))
max_pool2d_backward.mistake("Every pixel of the window gets the gradient: only the maximum does.", "to-every-pixel")(
    to_window("1")
)
max_pool2d_backward.mistake(
    "The maximum gets 1 instead of the output's gradient: pass `grad_output` on.", "upstream-ignored"
)(max_pool2d_backward.edited("+= grad_output[n, c, row, column]", "+= 1"))
max_pool2d_backward.mistake(
    "The gradient is multiplied by the maximum's value: pass it on as it is.", "times-the-value"
)(max_pool2d_backward.edited("+= ", "+= window.max() * "))
max_pool2d_backward.mistake(
    "Without `stride` the window moves by 1: by default it moves by its own size.", "stride-one"
)(max_pool2d_backward.edited("stride = (kh, kw) if", "stride = 1 if"))
max_pool2d_backward.mistake("`stride` is ignored: use the window's size only when `stride` is None.", "stride-ignored")(
    max_pool2d_backward.edited("sh, sw = (stride, stride) if isinstance(stride, int) else stride", "sh, sw = kh, kw")
)
max_pool2d_backward.mistake("The stride's two numbers are swapped: the first is for the height.", "swapped-stride")(
    max_pool2d_backward.edited("sh, sw =", "sw, sh =")
)
max_pool2d_backward.mistake(
    "The window is treated as square: read its height and its width separately.", "square-window"
)(max_pool2d_backward.edited("    sh, sw =", "    kw = kh\n    sh, sw ="))
max_pool2d_backward.mistake(
    "All images use the places of the first one's maxima: each image has its own.", "places-of-first-image"
)(max_pool2d_backward.edited("= input[n", "= input[0"))
max_pool2d_backward.mistake(
    "The gradient is smaller than the input: keep the pixels that no window covers, with gradient 0.", "remainder-cut"
)(max_pool2d_backward.edited("return grad_input", "return grad_input[:, :, : top + kh, : left + kw]"))
max_pool2d_backward.same_mistake("overlap-overwritten")(  # the whole window, with the zeros beside its maximum
    max_pool2d_backward.edited(
        "grad_input[n, c, top + place // kw, left + place % kw] += grad_output[n, c, row, column]",
        "mask = torch.zeros_like(window).flatten(); mask[place] = grad_output[n, c, row, column]\n"
        "                    grad_input[n, c, top : top + kh, left : left + kw] = mask.reshape(window.shape)",
    )
)
max_pool2d_backward.mistake(
    "Every pair is taken as (width, height): the first number is for the height.", "pairs-swapped"
)(
    max_pool2d_backward.edited(
        "kh, kw = (k", "kw, kh = (k", "sh, sw =", "sw, sh =", "stride = (kh, kw)", "stride = (kw, kh)"
    )
)
