"""Exercise: the gradient of max pooling."""

import torch
import torch.nn.functional as F

from .. import drawing
from ..record import Exercise, Misconception, Variant, case
from .windows import pair


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


def max_pool2d_backward_last_tie(grad_output, input, kernel_size, stride=None):
    """Compute the gradient of max pooling's input from the gradient of its output; a tie goes to the last maximum.

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
    grad_input = torch.zeros_like(input)
    for n, c, row, column in torch.cartesian_prod(*map(torch.arange, grad_output.shape)).tolist():
        window = grad_input[n, c, row * sh : row * sh + kh, column * sw : column * sw + kw]
        values = input[n, c, row * sh : row * sh + kh, column * sw : column * sw + kw]
        i, j = (values == values.max()).nonzero()[-1].tolist()
        window[i, j] += grad_output[n, c, row, column]
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


def _stride_one(grad_output, input, kernel_size, stride=None):
    return max_pool2d_backward(grad_output, input, kernel_size, 1 if stride is None else stride)


def _rearranged(change):
    def answer(grad_output, input, kernel_size, stride=None):
        kernel_size = pair(kernel_size)
        return max_pool2d_backward(
            grad_output, input, *change(kernel_size, kernel_size if stride is None else pair(stride))
        )

    return answer


def _places_of_first_image(grad_output, input, kernel_size, stride=None):
    return max_pool2d_backward(grad_output, input[:1].expand_as(input).contiguous(), kernel_size, stride)


def _remainder_cut(grad_output, input, kernel_size, stride=None):
    (kh, kw), (rows, columns) = pair(kernel_size), grad_output.shape[2:]
    sh, sw = (kh, kw) if stride is None else pair(stride)
    return max_pool2d_backward(grad_output, input, kernel_size, stride)[
        :, :, : (rows - 1) * sh + kh, : (columns - 1) * sw + kw
    ]


def _upstream(generator, input, kernel_size, stride=None):
    output = F.max_pool2d(input, kernel_size, stride)
    return drawing.tensor(generator, *output.shape, dtype=input.dtype)


def _drawn(note, generator, input, kernel_size, **options):
    upstream = _upstream(generator, input, kernel_size, **options)
    return case(note, grad_output=upstream, input=input, kernel_size=kernel_size, **options)


def _fresh(generator):
    for dtype in (torch.float64, torch.float32):
        kh, kw = drawing.integer(generator, 2, 3), drawing.integer(generator, 4, 5)
        height, width = kh + 2 * drawing.integer(generator, 1, 2) + 1, kw + 3 * drawing.integer(generator, 1, 2) + 2
        yield _drawn(
            f"two images, three channels, stride (2, 3) with a remainder, {str(dtype).removeprefix('torch.')}",
            generator,
            drawing.tensor(generator, 2, 3, height, width, dtype=dtype),
            (kh, kw),
            stride=(2, 3),
        )
    few = torch.randint(0, 3, (2, 2, 5, 7), generator=generator).double()
    yield _drawn("many ties, overlapping windows", generator, few, (2, 3), stride=1)
    yield _drawn("all pixels alike", generator, torch.full((1, 2, 4, 6), -2.0, dtype=torch.float64), (2, 3))
    yield _drawn(
        "all numbers negative, windows side by side, a remainder",
        generator,
        -1 - drawing.tensor(generator, 1, 2, 7, 7, dtype=torch.float64).abs(),
        (3, 2),
    )


_TIE = torch.tensor([[1.0, 4.0], [4.0, 2.0]]).reshape(1, 1, 2, 2)

EXERCISE = Exercise(
    solved=max_pool2d_backward,
    chapter="pooling",
    prompt="""
Only the winner of a window moved the output, so only the winner hears about it: the whole gradient of an output goes
back to the pixel that was the window's maximum, and the others get nothing. Where windows overlap, one pixel may win
several times; then its gradients add up. A tie goes to the first maximum in row order, as in torch.
""",
    objectives=("send a gradient back through a maximum", "add where windows overlap", "break ties as torch does"),
    out_of_scope=("padding", "speed"),
    visible=(
        case(
            "one window",
            grad_output=torch.tensor([[[[5.0]]]]),
            input=torch.tensor([[[[1.0, 2.0], [4.0, 3.0]]]]),
            kernel_size=2,
        ),
        case("a tie", grad_output=torch.tensor([[[[5.0]]]]), input=_TIE, kernel_size=2),
        case(
            "two windows that share their maximum",
            grad_output=torch.tensor([[[[2.0, 3.0]]]]),
            input=torch.tensor([[[[1.0, 9.0, 0.0]]]]),
            kernel_size=(1, 2),
            stride=1,
        ),
        case(
            "a column that no window covers",
            grad_output=torch.tensor([[[[2.0, -1.0]]]]),
            input=torch.tensor([[[[1.0, 3.0, 2.0, 6.0, 5.0], [0.0, 1.0, 7.0, 4.0, 8.0]]]]),
            kernel_size=2,
        ),
    ),
    fresh=_fresh,
    misconceptions=(
        Misconception(
            "tie-to-all",
            "Every pixel that equals the maximum gets the gradient: only the first of them, in row order, does.",
            _by_window(_to_all),
        ),
        Misconception(
            "tie-shared",
            "Pixels that tie share the gradient: the first of them, in row order, gets all of it.",
            _by_window(_shared),
        ),
        Misconception(
            "tie-to-last", "A tie goes to the last maximum: it goes to the first in row order.", _by_window(_to_last)
        ),
        Misconception(
            "tie-down-columns",
            "A tie goes to the first maximum down the columns: go along the rows.",
            _by_window(_to_first_down),
        ),
        Misconception(
            "overlap-overwritten",
            "Where windows overlap, the last one overwrites the gradient of the others: add them up.",
            _by_window(_to_first, add=False),
        ),
        Misconception(
            "spread-evenly",
            "The gradient is spread evenly over the window: that is average pooling; here the maximum gets all of it.",
            _by_window(_evenly),
        ),
        Misconception(
            "to-every-pixel",
            "Every pixel of the window gets the gradient: only the maximum does.",
            _by_window(_everywhere),
        ),
        Misconception(
            "upstream-ignored",
            "The maximum gets 1 instead of the output's gradient: pass `grad_output` on.",
            _by_window(_ones),
        ),
        Misconception(
            "times-the-value",
            "The gradient is multiplied by the maximum's value: it is passed on as it is.",
            _by_window(_times_value),
        ),
        Misconception(
            "stride-one",
            "The stride defaults to 1: without a stride the windows lie side by side, so it is the window's size.",
            _stride_one,
        ),
        Misconception(
            "stride-ignored",
            "The stride is ignored: the window always moves on by its own size.",
            _rearranged(lambda k, s: (k, k)),
        ),
        Misconception(
            "swapped-stride",
            "The stride's two numbers are swapped: the first is for the height.",
            _rearranged(lambda k, s: (k, s[::-1])),
        ),
        Misconception(
            "square-window",
            "The window is treated as square: its height is used for its width as well.",
            _rearranged(lambda k, s: (k[0], s)),
        ),
        Misconception(
            "places-of-first-image",
            "The maxima's places are taken from the first image for all of the batch: each image has its own.",
            _places_of_first_image,
        ),
        Misconception(
            "remainder-cut",
            "The gradient is smaller than the input: pixels that no window covers get 0, but they are there.",
            _remainder_cut,
        ),
    ),
    hints=(
        "Start with zeros of the input's shape. One output, one window: which single pixel changes?",
        "`window.argmax()` gives the first maximum as a flat index: row `index // kw`, column `index % kw`.",
        "`grad_input[n, c, top + index // kw, left + index % kw] += grad_output[n, c, row, column]`: `+=`, not `=`.",
    ),
    points=6,
    minutes=20,
    prerequisites=("max_pool2d",),
    variants=(Variant("last-tie", "A tie goes to the last maximum in row order.", max_pool2d_backward_last_tie),),
)
