"""Exercise: the gradient of max pooling."""

import torch
import torch.nn.functional as F

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor

from .windows import pair


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
        Without it the windows lie side by side.

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
                    place = int(input[n, c, top : top + kh, left : left + kw].argmax())  # the first maximum
                    grad_input[n, c, top + place // kw, left + place % kw] += grad_output[n, c, row, column]
    return grad_input


def _by_window(share, add=True):
    """Make a wrong answer that sends ``share(window of the input, gradient)`` to each window of the input."""

    def answer(grad_output, input, kernel_size, stride=None):
        (kh, kw), images = pair(kernel_size), len(input)
        sh, sw = (kh, kw) if stride is None else pair(stride)
        grad_input = torch.zeros_like(input)
        for row in range(grad_output.shape[2]):
            for column in range(grad_output.shape[3]):
                place = (..., slice(row * sh, row * sh + kh), slice(column * sw, column * sw + kw))
                values = input[place].flatten(2)  # (N, C, kh*kw)
                sent = share(values, grad_output[:, :, row, column, None], kw).reshape(images, -1, kh, kw)
                grad_input[place] = (
                    torch.where(sent == 0, grad_input[place], sent) if not add else (grad_input[place] + sent)
                )
        return grad_input

    return answer


def _one_hot(index, values):
    return F.one_hot(index, values.shape[2]).to(values.dtype)


def _to_first(values, gradient, width):
    return gradient * _one_hot(values.argmax(2), values)


def _to_last(values, gradient, width):
    return gradient * _one_hot(values.shape[2] - 1 - values.flip(2).argmax(2), values)


def _to_first_down(values, gradient, width):
    turned = values.unflatten(2, (-1, width)).mT.flatten(2)
    hot = _one_hot(turned.argmax(2), values)
    return gradient * hot.unflatten(2, (width, -1)).mT.flatten(2)


def _to_all(values, gradient, width):
    return gradient * (values == values.amax(2, keepdim=True))


def _shared(values, gradient, width):
    winners = (values == values.amax(2, keepdim=True)).to(values.dtype)
    return gradient * winners / winners.sum(2, keepdim=True)


def _evenly(values, gradient, width):
    return (gradient / values.shape[2]).expand_as(values)


def _everywhere(values, gradient, width):
    return gradient.expand_as(values)


def _ones(values, gradient, width):
    return _one_hot(values.argmax(2), values)


def _times_value(values, gradient, width):
    return gradient * values * _one_hot(values.argmax(2), values)


def _rearranged(change):
    def answer(grad_output, input, kernel_size, stride=None):
        kernel_size = pair(kernel_size)
        return max_pool2d_backward(
            grad_output, input, *change(kernel_size, kernel_size if stride is None else pair(stride))
        )

    return answer


def _upstream(generator, input, kernel_size, stride=None):
    output = F.max_pool2d(input, kernel_size, stride)
    return tensor(generator, *output.shape, dtype=input.dtype)


def _drawn(note, varies, generator, input, kernel_size, **options):
    upstream = _upstream(generator, input, kernel_size, **options)
    return case(note, varies=varies, grad_output=upstream, input=input, kernel_size=kernel_size, **options)


_TIE = torch.tensor([[1.0, 4.0], [4.0, 2.0]]).reshape(1, 1, 2, 2)


max_pool2d_backward.add_visible(
    case(
        "one window",
        varies="basic",
        grad_output=torch.tensor([[[[5.0]]]]),
        input=torch.tensor([[[[1.0, 2.0], [4.0, 3.0]]]]),
        kernel_size=2,
    ),
    case("a tie", varies="tie", grad_output=torch.tensor([[[[5.0]]]]), input=_TIE, kernel_size=2),
    case(
        "two windows that share their maximum",
        varies="overlap",
        grad_output=torch.tensor([[[[2.0, 3.0]]]]),
        input=torch.tensor([[[[1.0, 9.0, 0.0]]]]),
        kernel_size=(1, 2),
        stride=1,
    ),
    case(
        "a column that no window covers",
        varies="remainder",
        grad_output=torch.tensor([[[[2.0, -1.0]]]]),
        input=torch.tensor([[[[1.0, 3.0, 2.0, 6.0, 5.0], [0.0, 1.0, 7.0, 4.0, 8.0]]]]),
        kernel_size=2,
    ),
)


@max_pool2d_backward.random_cases
def _fresh(generator):
    for dtype in (torch.float64, torch.float32):
        kh, kw = integer(generator, 2, 3), integer(generator, 4, 5)
        height, width = (kh + 2 * integer(generator, 1, 2) + 1, kw + 3 * integer(generator, 1, 2) + 2)
        yield _drawn(
            f"two images, three channels, stride (2, 3) with a remainder, {str(dtype).removeprefix('torch.')}",
            "batch channels stride remainder dtype",
            generator,
            tensor(generator, 2, 3, height, width, dtype=dtype),
            (kh, kw),
            stride=(2, 3),
        )
    few = torch.randint(0, 3, (2, 2, 5, 7), generator=generator).double()
    yield _drawn("many ties, overlapping windows", "tie overlap", generator, few, (2, 3), stride=1)
    yield _drawn("all pixels alike", "tie", generator, torch.full((1, 2, 4, 6), -2.0, dtype=torch.float64), (2, 3))
    yield _drawn(
        "all numbers negative, windows side by side, a remainder",
        "negative remainder",
        generator,
        -1 - tensor(generator, 1, 2, 7, 7, dtype=torch.float64).abs(),
        (3, 2),
    )


@max_pool2d_backward.variant("A tie goes to the last maximum in row order.")
def last_tie(grad_output, input, kernel_size, stride=None):
    """Compute the gradient of max pooling's input from the gradient of its output; a tie goes to the last maximum."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    stride = (kh, kw) if stride is None else stride
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    grad_input = torch.zeros_like(input)
    for n, c, row, column in torch.cartesian_prod(*map(torch.arange, grad_output.shape)).tolist():
        window = grad_input[n, c, row * sh : row * sh + kh, column * sw : column * sw + kw]
        values = input[n, c, row * sh : row * sh + kh, column * sw : column * sw + kw]
        i, j = (values == values.max()).nonzero()[-1].tolist()
        window[i, j] += grad_output[n, c, row, column]
    return grad_input


max_pool2d_backward.mistake(
    "Every pixel that equals the maximum gets the gradient: only the first of them, in row order, does.", "tie-to-all"
)(_by_window(_to_all))
max_pool2d_backward.mistake(
    "Pixels that tie share the gradient: the first of them, in row order, gets all of it.", "tie-shared"
)(_by_window(_shared))
max_pool2d_backward.mistake("A tie goes to the last maximum: it goes to the first in row order.", "tie-to-last")(
    _by_window(_to_last)
)
max_pool2d_backward.mistake("A tie goes to the first maximum down the columns: go along the rows.", "tie-down-columns")(
    _by_window(_to_first_down)
)
max_pool2d_backward.mistake(
    "Where windows overlap, the last one overwrites the gradient of the others: add them up.", "overlap-overwritten"
)(_by_window(_to_first, add=False))
max_pool2d_backward.mistake(
    "The gradient is spread evenly over the window: that is average pooling; here the maximum gets all of it.",
    "spread-evenly",
)(_by_window(_evenly))
max_pool2d_backward.mistake("Every pixel of the window gets the gradient: only the maximum does.", "to-every-pixel")(
    _by_window(_everywhere)
)
max_pool2d_backward.mistake(
    "The maximum gets 1 instead of the output's gradient: pass `grad_output` on.", "upstream-ignored"
)(_by_window(_ones))
max_pool2d_backward.mistake(
    "The gradient is multiplied by the maximum's value: it is passed on as it is.", "times-the-value"
)(_by_window(_times_value))


@max_pool2d_backward.mistake(
    "The stride defaults to 1: without a stride the windows lie side by side, so it is the window's size."
)
def stride_one(grad_output, input, kernel_size, stride=None):
    return max_pool2d_backward(grad_output, input, kernel_size, 1 if stride is None else stride)


max_pool2d_backward.mistake("The stride is ignored: the window always moves on by its own size.", "stride-ignored")(
    _rearranged(lambda k, s: (k, k))
)
max_pool2d_backward.mistake("The stride's two numbers are swapped: the first is for the height.", "swapped-stride")(
    _rearranged(lambda k, s: (k, s[::-1]))
)
max_pool2d_backward.mistake(
    "The window is treated as square: its height is used for its width as well.", "square-window"
)(_rearranged(lambda k, s: (k[0], s)))


@max_pool2d_backward.mistake(
    "The maxima's places are taken from the first image for all of the batch: each image has its own."
)
def places_of_first_image(grad_output, input, kernel_size, stride=None):
    return max_pool2d_backward(grad_output, input[:1].expand_as(input).contiguous(), kernel_size, stride)


@max_pool2d_backward.mistake(
    "The gradient is smaller than the input: pixels that no window covers get 0, but they are there."
)
def remainder_cut(grad_output, input, kernel_size, stride=None):
    (kh, kw), (rows, columns) = pair(kernel_size), grad_output.shape[2:]
    sh, sw = (kh, kw) if stride is None else pair(stride)
    return max_pool2d_backward(grad_output, input, kernel_size, stride)[
        :, :, : (rows - 1) * sh + kh, : (columns - 1) * sw + kw
    ]
