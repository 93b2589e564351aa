"""Exercise: a convolutional layer's gradients."""

import torch
import torch.nn.functional as F

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor

from .im2col import pair


@exercise(points=10, minutes=35, after="conv2d max_pool2d_backward", refuses="convolution")
def conv2d_backward(grad_output, input, weight, stride=1, padding=0):
    """Compute the gradients of a convolutional layer's input, weight and bias.

    Parameters
    ----------
    grad_output : torch.Tensor, shape (N, C_out, H_out, W_out)
    input : torch.Tensor, shape (N, C_in, H, W)
    weight : torch.Tensor, shape (C_out, C_in, kh, kw)
    stride, padding : int or (int, int)
        As in the forward pass; an int stands for both axes, a pair is (height, width).

    Returns
    -------
    grad_input : torch.Tensor, shape (N, C_in, H, W)
    grad_weight : torch.Tensor, shape (C_out, C_in, kh, kw)
    grad_bias : torch.Tensor, shape (C_out,)
    """
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    (height, width), (kh, kw) = input.shape[2:], weight.shape[2:]
    padded = F.pad(input, (pw, pw, ph, ph))
    grad_padded, grad_weight = torch.zeros_like(padded), torch.zeros_like(weight)
    for row in range(grad_output.shape[2]):
        for column in range(grad_output.shape[3]):
            grad = grad_output[:, :, row, column]  # (N, C_out)
            window = (..., slice(row * sh, row * sh + kh), slice(column * sw, column * sw + kw))
            grad_weight += torch.einsum("no,ncij->ocij", grad, padded[window])
            grad_padded[window] += torch.einsum("no,ocij->ncij", grad, weight)
    grad_input = grad_padded[:, :, ph : ph + height, pw : pw + width]
    return grad_input, grad_weight, grad_output.sum(dim=(0, 2, 3))


def _altered(change):
    """Make a wrong answer out of the right one: `change` alters the arguments, stride and padding as pairs."""

    def answer(grad_output, input, weight, stride=1, padding=0):
        return conv2d_backward(*change(grad_output, input, weight, pair(stride), pair(padding)))

    return answer


def _then(change):
    """Make a wrong answer that spoils the gradients; `change` gets the three and the arguments."""

    def answer(grad_output, input, weight, stride=1, padding=0):
        gradients = conv2d_backward(grad_output, input, weight, stride, padding)
        return change(*gradients, grad_output, weight)

    return answer


def _upstream_ones(grad_output, input, weight, stride, padding):
    return torch.ones_like(grad_output), input, weight, stride, padding


def _bias_mean(grad_input, grad_weight, grad_bias, grad_output, weight):
    return grad_input, grad_weight, grad_output.mean(dim=(0, 2, 3))


def _bias_over_batch_only(grad_input, grad_weight, grad_bias, grad_output, weight):
    return grad_input, grad_weight, grad_output.sum(dim=0)


def _bias_counts(grad_input, grad_weight, grad_bias, grad_output, weight):
    return grad_input, grad_weight, torch.full_like(grad_bias, grad_output[:, 0].numel())


def _batch_mean(grad_input, grad_weight, grad_bias, grad_output, weight):
    return grad_input, grad_weight / len(grad_output), grad_bias / len(grad_output)


def _weight_mean(grad_input, grad_weight, grad_bias, grad_output, weight):
    return grad_input, grad_weight / len(grad_output), grad_bias


def _weight_flipped(grad_input, grad_weight, grad_bias, grad_output, weight):
    return grad_input, grad_weight.flip(2, 3), grad_bias


def _reversed(grad_input, grad_weight, grad_bias, grad_output, weight):
    return grad_bias, grad_weight, grad_input


def _weight_first(grad_input, grad_weight, grad_bias, grad_output, weight):
    return grad_weight, grad_bias, grad_input


def _without_bias(grad_input, grad_weight, grad_bias, grad_output, weight):
    return grad_input, grad_weight


def _not_cropped(grad_output, input, weight, stride=1, padding=0):
    ph, pw = pair(padding)
    return conv2d_backward(grad_output, F.pad(input, (pw, pw, ph, ph)), weight, stride)


conv2d_backward.add_visible(
    case(
        "one window",
        varies="basic",
        grad_output=torch.tensor([[[[2.0]]]]),
        input=torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]),
        weight=torch.tensor([[[[1.0, 0.0], [-1.0, 5.0]]]]),
    ),
    case(
        "overlapping windows",
        varies="overlap",
        grad_output=torch.tensor([[[[1.0, -2.0]]]]),
        input=torch.tensor([[[[1.0, 2.0, 3.0]]]]),
        weight=torch.tensor([[[[4.0, 5.0]]]]),
    ),
    case(
        "padding and a stride",
        varies="padding stride",
        grad_output=torch.tensor([[[[1.0, 3.0]]]]),
        input=torch.tensor([[[[1.0, 2.0]]]]),
        weight=torch.tensor([[[[4.0, 5.0]]]]),
        stride=(1, 2),
        padding=(0, 1),
    ),
    case(
        "two images, one channel to two",
        varies="batch channels",
        grad_output=torch.tensor([[1.0, 2.0], [3.0, -1.0]]).reshape(2, 2, 1, 1),
        input=torch.tensor([[1.0, 2.0], [0.0, 5.0]]).reshape(2, 1, 1, 2),
        weight=torch.tensor([[1.0, 2.0], [3.0, 4.0]]).reshape(2, 1, 1, 2),
    ),
)


@conv2d_backward.random_cases
def _fresh(generator):
    for dtype in (torch.float64, torch.float32):
        kh, kw = integer(generator, 2, 3), integer(generator, 4, 5)
        rows, columns = 3, 2
        height, width = kh - 2 + 2 * (rows - 1) + 1, kw - 4 + 3 * (columns - 1) + integer(generator, 1, 2)
        yield case(
            f"two images, three channels to four, stride (2, 3) with a remainder, padding (1, 2), "
            f"{str(dtype).removeprefix('torch.')}",
            varies="batch channels stride padding remainder dtype",
            grad_output=tensor(generator, 2, 4, rows, columns, dtype=dtype),
            input=tensor(generator, 2, 3, height, width, dtype=dtype),
            weight=tensor(generator, 4, 3, kh, kw, dtype=dtype),
            stride=(2, 3),
            padding=(1, 2),
        )
    yield case(
        "one number for both axes, overlapping windows",
        varies="default overlap",
        grad_output=tensor(generator, 1, 3, 2, 3, dtype=torch.float64),
        input=tensor(generator, 1, 2, 4, 6, dtype=torch.float64),
        weight=tensor(generator, 3, 2, 3, 3, dtype=torch.float64),
        stride=2,
        padding=1,
    )
    yield case(
        "two images, no padding",
        varies="batch axis",
        grad_output=tensor(generator, 2, 2, 3, 3, dtype=torch.float64),
        input=tensor(generator, 2, 1, 4, 5, dtype=torch.float64),
        weight=tensor(generator, 2, 1, 2, 3, dtype=torch.float64),
    )


@conv2d_backward.variant("Return the mean over the images, instead of the sum, for the gradients of weight and bias.")
def batch_mean(grad_output, input, weight, stride=1, padding=0):
    """Compute a convolutional layer's gradients; those of weight and bias are means over the batch.

    Returns
    -------
    grad_weight : torch.Tensor, shape (C_out, C_in, kh, kw)
        Mean over the images.
    grad_bias : torch.Tensor, shape (C_out,)
        Mean over the images.
    """
    settings = {"kernel_size": tuple(weight.shape[2:]), "stride": stride, "padding": padding}
    columns = F.unfold(input, **settings)  # (N, C_in*kh*kw, L)
    grads = grad_output.flatten(2)  # (N, C_out, L)
    grad_weight = (grads @ columns.mT).mean(dim=0).reshape(weight.shape)
    grad_input = F.fold(weight.flatten(1).T @ grads, tuple(input.shape[2:]), **settings)
    return grad_input, grad_weight, grads.sum(dim=2).mean(dim=0)


conv2d_backward.mistake(
    "The output's gradient is taken to be 1 everywhere: multiply by `grad_output`.", "upstream-ignored"
)(_altered(_upstream_ones))
conv2d_backward.mistake(
    "The bias's gradient is a mean: it is the sum of the output's gradient over images and positions.", "bias-mean"
)(_then(_bias_mean))
conv2d_backward.mistake(
    "The bias's gradient is summed over the images only: sum over the positions as well.", "bias-over-batch-only"
)(_then(_bias_over_batch_only))
conv2d_backward.mistake(
    "The bias's gradient only counts the positions: sum the output's gradient over them.", "bias-counts"
)(_then(_bias_counts))
conv2d_backward.mistake(
    "The gradients of weight and bias are averaged over the batch: sum them; the loss has averaged already.",
    "batch-mean",
)(_then(_batch_mean))
conv2d_backward.mistake(
    "The weight's gradient is averaged over the batch: sum it; the loss has averaged already.", "weight-mean"
)(_then(_weight_mean))
conv2d_backward.mistake(
    "The weight's gradient is flipped: the window is laid on it as in the forward pass.", "weight-flipped"
)(_then(_weight_flipped))


@conv2d_backward.mistake(
    "The input's gradient uses the flipped kernel at each position: added up window by window, the kernel is "
    "laid down as it is. (A full convolution of the gradient flips it by itself.)"
)
def input_flipped(grad_output, input, weight, stride=1, padding=0):
    _, grad_weight, grad_bias = conv2d_backward(grad_output, input, weight, stride, padding)
    return conv2d_backward(grad_output, input, weight.flip(2, 3), stride, padding)[0], grad_weight, grad_bias


@conv2d_backward.mistake("Where windows overlap, the last one overwrites the input's gradient: add them up.")
def overwritten(grad_output, input, weight, stride=1, padding=0):
    (sh, sw), (ph, pw), (kh, kw) = pair(stride), pair(padding), weight.shape[2:]
    grad_padded = torch.zeros_like(F.pad(input, (pw, pw, ph, ph)))
    for row in range(grad_output.shape[2]):
        for column in range(grad_output.shape[3]):
            window = torch.einsum("no,ocij->ncij", grad_output[:, :, row, column], weight)
            grad_padded[:, :, row * sh : row * sh + kh, column * sw : column * sw + kw] = window
    grad_input = grad_padded[:, :, ph : ph + input.shape[2], pw : pw + input.shape[3]]
    return grad_input, *conv2d_backward(grad_output, input, weight, stride, padding)[1:]


conv2d_backward.mistake("The input's gradient still has the padding: crop it to the input's shape.", "not-cropped")(
    _not_cropped
)


@conv2d_backward.mistake(
    "The padding is cropped after the image only: it lies before it as well, so start at (ph, pw)."
)
def cropped_from_the_corner(grad_output, input, weight, stride=1, padding=0):
    grad_padded, grad_weight, grad_bias = _not_cropped(grad_output, input, weight, stride, padding)
    return grad_padded[:, :, : input.shape[2], : input.shape[3]], grad_weight, grad_bias


@conv2d_backward.mistake(
    "The input's gradient is smaller than the input: pixels that no window covers get 0, but they are there."
)
def remainder_cut(grad_output, input, weight, stride=1, padding=0):
    (sh, sw), (ph, pw), (rows, columns) = pair(stride), pair(padding), grad_output.shape[2:]
    grad_input, grad_weight, grad_bias = conv2d_backward(grad_output, input, weight, stride, padding)
    height = (rows - 1) * sh + weight.shape[2] - 2 * ph
    width = (columns - 1) * sw + weight.shape[3] - 2 * pw
    return grad_input[:, :, :height, :width], grad_weight, grad_bias


@conv2d_backward.mistake("The gradients of weight and bias see only the first image: sum over the batch.")
def first_image_only(grad_output, input, weight, stride=1, padding=0):
    grad_input, _, _ = conv2d_backward(grad_output, input, weight, stride, padding)
    return grad_input, *conv2d_backward(grad_output[:1], input[:1], weight, stride, padding)[1:]


conv2d_backward.mistake(
    "The gradients come in the wrong order: return (grad_input, grad_weight, grad_bias).", "order-reversed"
)(_then(_reversed))
conv2d_backward.mistake(
    "The weight's gradient comes first: return (grad_input, grad_weight, grad_bias).", "weight-first"
)(_then(_weight_first))
conv2d_backward.mistake("The bias's gradient is missing: return three gradients.", "bias-missing")(_then(_without_bias))
