"""Exercise: a convolutional layer's gradients."""

from dataclasses import replace

import torch
import torch.nn.functional as F

from cnncourse.checking.compare import compare_values
from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor


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


def backward(note, varies, grad_output, input, weight, **settings):
    """Write a case down; the arrays are tensors or nested lists."""
    grad_output, input, weight = map(torch.as_tensor, (grad_output, input, weight))
    return case(note, varies=varies, grad_output=grad_output, input=input, weight=weight, **settings)


TWO_GRADS = [[[[1.0]], [[2]]], [[[3]], [[-1]]]]
TWO_IMAGES, TWO_FILTERS = [[[[1.0, 2]]], [[[0, 5]]]], [[[[1.0, 2]]], [[[3, 4]]]]
STRIDED = {"stride": (1, 2), "padding": (0, 1)}

conv2d_backward.add_visible(
    backward("one window", "basic bias", [[[[2.0]]]], [[[[1.0, 2], [3, 4]]]], [[[[1.0, 0], [-1, 5]]]]),
    backward("overlapping windows", "kernel bias", [[[[1.0, -2]]]], [[[[1.0, 2, 3]]]], [[[[4.0, 5]]]]),
    backward(
        "padding and a stride", "padding stride kernel bias", [[[[1.0, 3]]]], [[[[1.0, 2]]]], [[[[4.0, 5]]]], **STRIDED
    ),
    backward("two images, one channel to two", "batch channels kernel bias", TWO_GRADS, TWO_IMAGES, TWO_FILTERS),
)


@conv2d_backward.random_cases
def fresh(generator):
    def drawn(note, varies, grad_output, input, weight, dtype=torch.float32, **settings):
        shapes = grad_output, input, weight
        return backward(note, varies, *(tensor(generator, *shape, dtype=dtype) + 3 for shape in shapes), **settings)

    grads, image, kernel = (1, 1, 2, 4), (1, 1, 3, 5), (1, 1, 2, 2)
    yield drawn("one image, one channel", "basic", grads, image, kernel)
    yield drawn("the gradient of the bias", "bias", grads, image, kernel)
    yield drawn("a wide kernel", "kernel", (1, 1, 2, 3), image, (1, 1, 2, 3))
    yield drawn("a tall kernel", "kernel", (1, 1, 1, 5), image, (1, 1, 3, 1))
    yield drawn("a stride with a remainder", "stride", (1, 1, 2, 3), (1, 1, 5, 9), kernel, stride=(2, 3))
    yield drawn("one stride for both axes", "stride", (1, 1, 2, 3), (1, 1, 5, 7), kernel, stride=2)
    yield drawn("padding (1, 2)", "padding", (1, 1, 4, 8), image, kernel, padding=(1, 2))
    yield drawn("one padding for both axes", "padding", (1, 1, 4, 6), image, kernel, padding=1)
    yield drawn("two channels to three", "channels", (1, 3, 2, 4), (1, 2, 3, 5), (3, 2, 2, 2))
    yield drawn("two images", "batch", (2, 1, 2, 4), (2, 1, 3, 5), kernel)
    yield drawn("float64", "dtype", grads, image, kernel, torch.float64)
    for dtype, tag in ((torch.float64, "dtype"), (torch.float32, "")):
        kh, kw = integer(generator, 2, 3), integer(generator, 4, 5)
        shapes = (2, 4, 3, 2), (2, 3, kh + 3, kw - 1 + integer(generator, 1, 2)), (4, 3, kh, kw)
        note = f"two images, three channels to four, stride (2, 3) with a remainder, padding (1, 2), {dtype}"
        tags = f"batch channels kernel stride padding bias {tag}"
        yield drawn(note, tags, *shapes, dtype=dtype, stride=(2, 3), padding=(1, 2))


def counted(case, value):
    """Return all three gradients where the bias is looked at, else those of input and weight."""
    return tuple(value)[:2] if "bias" not in case.varies and isinstance(value, tuple | list) else value


conv2d_backward.counted = counted


@conv2d_backward.comparison
def compare(case, observed, expected):
    observed, expected = (replace(each, value=counted(case, each.value)) for each in (observed, expected))
    return compare_values(case, observed, expected)


conv2d_backward.mistake(
    "The output's gradient is taken to be 1 everywhere: multiply by `grad_output`.", "upstream-ignored"
)(conv2d_backward.edited("sh, sw = ", "grad_output = torch.ones_like(grad_output)\n    sh, sw = "))
conv2d_backward.mistake(
    "The bias's gradient is a mean: sum the output's gradient over images and positions.", "bias-mean"
)(conv2d_backward.edited("grad_output.sum", "grad_output.mean"))
conv2d_backward.mistake(
    "The bias's gradient is summed over the images only: sum over the positions as well.", "bias-over-batch-only"
)(conv2d_backward.edited("dim=(0, 2, 3)", "dim=0"))
conv2d_backward.mistake(
    "The bias's gradient only counts the positions: sum the output's gradient over them.", "bias-counts"
)(conv2d_backward.edited("grad_output.sum", "torch.ones_like(grad_output).sum"))


@conv2d_backward.mistake(
    "The gradients of weight and bias are averaged over the batch: sum them; the loss has averaged already."
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
    "The weight's gradient is averaged over the batch: sum it; the loss has averaged already.", "weight-mean"
)(conv2d_backward.edited("return grad_input, grad_weight", "return grad_input, grad_weight / len(input)"))
conv2d_backward.mistake(
    "The weight's gradient is flipped: do not flip it; the forward pass does not flip the kernel.", "weight-flipped"
)(conv2d_backward.edited("return grad_input, grad_weight", "return grad_input, grad_weight.flip(2, 3)"))
conv2d_backward.mistake(
    "The input's gradient uses the flipped kernel at each position: when you add window by window, do not flip it. "
    "(Only the form as a full convolution of the gradient flips the kernel.)",
    "input-flipped",
)(conv2d_backward.edited("grad, weight)", "grad, weight.flip(2, 3))"))
conv2d_backward.mistake(
    "Where windows overlap, the last one overwrites the input's gradient: add them up.", "overwritten"
)(conv2d_backward.edited("grad_padded[window] += ", "grad_padded[window] = "))
conv2d_backward.mistake("The input's gradient still has the padding: crop it to the input's shape.", "not-cropped")(
    conv2d_backward.edited("[:, :, ph : ph + height, pw : pw + width]", "")
)
conv2d_backward.mistake(
    "The padding is cropped after the image only: it is in front of it as well, so start at (ph, pw).",
    "cropped-from-the-corner",
)(conv2d_backward.edited("ph : ph + height, pw : pw + width", ":height, :width"))
conv2d_backward.mistake(
    "`[pad:-pad]` is empty where the padding is 0: crop with `[ph : ph + height]`.", "negative-crop"
)(conv2d_backward.edited("ph : ph + height, pw : pw + width", "ph:-ph, pw:-pw"))
conv2d_backward.mistake(
    "The input's gradient is smaller than the input: keep the pixels that no window covers; their gradient is 0.",
    "remainder-cut",
)(conv2d_backward.edited("ph : ph + height, pw : pw + width", "ph : row * sh + kh - ph, pw : column * sw + kw - pw"))
conv2d_backward.mistake(
    "The gradients of weight and bias come from the first image only: sum over the batch.", "first-image-only"
)(conv2d_backward.edited("grad, padded[window]", "grad[:1], padded[window][:1]", "output.sum", "output[:1].sum"))
conv2d_backward.mistake(
    "The gradients come in the wrong order: return (grad_input, grad_weight, grad_bias).", "order-reversed"
)(conv2d_backward.edited("return grad_input", "return (grad_input", "(0, 2, 3))", "(0, 2, 3)))[::-1]"))
conv2d_backward.mistake(
    "The weight's gradient comes first: return (grad_input, grad_weight, grad_bias).", "weight-first"
)(conv2d_backward.edited("return grad_input, ", "return ", "(0, 2, 3))", "(0, 2, 3)), grad_input"))
conv2d_backward.mistake("The bias's gradient is missing: return three gradients.", "bias-missing")(
    conv2d_backward.edited(", grad_output.sum(dim=(0, 2, 3))", "")
)
