"""Exercise: a convolution by one matrix product."""

import torch.nn.functional as F

from cnncourse.checking.record import exercise

from ..convolution.conv2d import channels_last, conv2d
from .im2col import pair


@exercise(points=6, minutes=15, after="conv2d im2col", refuses="convolution")
def conv2d_im2col(input, weight, bias=None, stride=1, padding=0):
    """Compute a convolutional layer's output by one matrix product.

    Parameters
    ----------
    input : torch.Tensor, shape (N, C_in, H, W)
    weight : torch.Tensor, shape (C_out, C_in, kh, kw)
    bias : torch.Tensor, shape (C_out,), optional
    stride, padding : int or (int, int)
        An int stands for both axes; a pair is (height, width).

    Returns
    -------
    torch.Tensor, shape (N, C_out, H_out, W_out)
    """
    kh, kw = weight.shape[2:]
    sh, _ = (stride, stride) if isinstance(stride, int) else stride
    ph, _ = (padding, padding) if isinstance(padding, int) else padding
    rows = (input.shape[2] + 2 * ph - kh) // sh + 1
    columns = F.unfold(input, (kh, kw), padding=padding, stride=stride)  # (N, C_in*kh*kw, L)
    output = weight.flatten(1) @ columns  # (C_out, C_in*kh*kw) @ (N, C_in*kh*kw, L) -> (N, C_out, L)
    if bias is not None:
        output = output + bias[:, None]
    return output.unflatten(2, (rows, -1))


def _products(input, weight, stride, padding, order=(0, 1, 2, 3)):
    """Multiply the columns with filters whose axes are flattened in another order: (N, C_out, L) and the rows."""
    filters = weight.permute(order).reshape(len(weight), -1)
    columns = F.unfold(input, tuple(weight.shape[2:]), padding=pair(padding), stride=pair(stride))
    rows = (input.shape[2] + 2 * pair(padding)[0] - weight.shape[2]) // pair(stride)[0] + 1
    return filters @ columns, rows


def _filters(order):
    """Make a wrong answer whose filters do not match the columns' order."""

    def answer(input, weight, bias=None, stride=1, padding=0):
        output, rows = _products(input, weight, stride, padding, order)
        output = output.unflatten(2, (rows, -1))
        return output if bias is None else output + bias[:, None, None]

    return answer


def _laid_out(arrange):
    """Make wrong answers that arrange the product (N, C_out, L) wrongly, before or after the bias is added."""

    def bias_first(input, weight, bias=None, stride=1, padding=0):
        output, rows = _products(input, weight, stride, padding)
        return arrange(output if bias is None else output + bias[:, None], rows)

    def bias_last(input, weight, bias=None, stride=1, padding=0):
        output = arrange(*_products(input, weight, stride, padding))
        return output if bias is None else output + bias[:, None, None]

    return bias_first, bias_last


def _columns_first(output, rows):
    return output.unflatten(2, (-1, rows))


def _columns_filled_first(output, rows):
    return output.unflatten(2, (-1, rows)).mT


def _scrambled(output, rows):
    return output.mT.reshape(output.shape).unflatten(2, (rows, -1))


def _images_scrambled(output, rows):
    return output.transpose(0, 1).reshape(output.shape).unflatten(2, (rows, -1))


conv2d_im2col.add_visible(*conv2d.visible)
conv2d_im2col.random_cases(conv2d.fresh)


@conv2d_im2col.variant(
    "Input and output have their channels last: (N, H, W, C_in) and (N, H_out, W_out, C_out). The weight stays "
    "(C_out, C_in, kh, kw).",
    "channels-last",
    adapt=channels_last,
)
def conv2d_im2col_channels_last(input, weight, bias=None, stride=1, padding=0):
    """Compute a convolutional layer's output by one matrix product, channels last.

    Parameters
    ----------
    input : torch.Tensor, shape (N, H, W, C_in)

    Returns
    -------
    torch.Tensor, shape (N, H_out, W_out, C_out)
    """
    kh, kw = weight.shape[2:]
    sh, _ = (stride, stride) if isinstance(stride, int) else stride
    ph, _ = (padding, padding) if isinstance(padding, int) else padding
    rows = (input.shape[1] + 2 * ph - kh) // sh + 1
    windows = F.unfold(input.permute(0, 3, 1, 2), (kh, kw), padding=padding, stride=stride).mT  # (N, L, C_in*kh*kw)
    output = windows @ weight.flatten(1).T  # (N, L, C_out)
    if bias is not None:
        output = output + bias
    return output.unflatten(1, (rows, -1))


@conv2d_im2col.mistake(
    "The weight is reshaped to (C_in * kh * kw, C_out) and turned, which mixes the filters: reshape it to "
    "(C_out, C_in * kh * kw), one filter a row."
)
def filters_reshaped(input, weight, bias=None, stride=1, padding=0):
    scrambled = weight.reshape(-1, len(weight)).T.reshape(weight.shape)
    return conv2d(input, scrambled, bias, stride, padding)


conv2d_im2col.mistake(
    "The filters are flattened with the channel innermost: a column holds one channel after the other, so does "
    "a filter.",
    "filters-channels-inside",
)(_filters((0, 2, 3, 1)))
conv2d_im2col.mistake(
    "The kernels are read down their columns: a column of the unfolded image reads its window along the rows.",
    "filters-transposed",
)(_filters((0, 1, 3, 2)))
conv2d_im2col.mistake(
    "The positions are folded to (W_out, H_out): the height comes first.", "rows-and-columns-swapped"
)(_laid_out(_columns_first)[0])
conv2d_im2col.mistake("The positions are folded down the columns: they follow the rows.", "positions-down-columns")(
    _laid_out(_columns_filled_first)[0]
)
conv2d_im2col.mistake(
    "The product (N, L, C_out) is reshaped to (N, C_out, ...), which scrambles it: transpose it first.",
    "channels-scrambled",
)(_laid_out(_scrambled)[0])
conv2d_im2col.same_mistake("channels-scrambled")(_laid_out(_scrambled)[1])
conv2d_im2col.mistake(
    "The product (C_out, N, L) is reshaped to (N, C_out, ...), which mixes the images: transpose it first.",
    "images-scrambled",
)(_laid_out(_images_scrambled)[0])
conv2d_im2col.same_mistake("images-scrambled")(_laid_out(_images_scrambled)[1])


conv2d_im2col.mistakes.extend(conv2d.mistakes)
