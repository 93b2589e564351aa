"""Exercise: a convolution by one matrix product."""

import torch.nn.functional as F

from cnncourse.checking.record import exercise

from ..convolution.conv2d import CHANNELS_LAST, conv2d, input_channels_last


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


conv2d_im2col.add_visible(*conv2d.visible)
conv2d_im2col.random_cases(conv2d.fresh)

conv2d_im2col.mistake(
    "The weight is reshaped to (C_in * kh * kw, C_out) and transposed, which mixes the filters: reshape it to "
    "(C_out, C_in * kh * kw), one filter per row.",
    "filters-reshaped",
)(conv2d_im2col.edited("weight.flatten(1)", "weight.reshape(-1, len(weight)).T"))
conv2d_im2col.mistake(
    "A filter is flattened as all channels of one pixel, then those of the next: put one channel after the other, as "
    "in the columns.",
    "filters-channels-inside",
)(conv2d_im2col.edited("weight.flatten(1)", "weight.permute(0, 2, 3, 1).flatten(1)"))
conv2d_im2col.mistake(
    "The kernels are read down their columns: read them along their rows, as `F.unfold` reads the windows.",
    "filters-transposed",
)(conv2d_im2col.edited("weight.flatten(1)", "weight.mT.flatten(1)"))
conv2d_im2col.mistake(
    "The positions are reshaped to (W_out, H_out): the height comes first.", "rows-and-columns-swapped"
)(conv2d_im2col.edited("(rows, -1)", "(-1, rows)"))
conv2d_im2col.mistake(
    "The output is filled down its columns: the positions go along the rows.", "positions-down-columns"
)(conv2d_im2col.edited("(rows, -1))", "(-1, rows)).mT"))
conv2d_im2col.mistake(
    "The product (N, L, C_out) is reshaped to (N, C_out, ...), which scrambles it: transpose it first.",
    "channels-scrambled",
)(conv2d_im2col.edited("output.unflatten", "output.mT.reshape(output.shape).unflatten"))
conv2d_im2col.same_mistake("channels-scrambled")(
    conv2d_im2col.edited("if bias", "output = output.mT.reshape(output.shape)\n    if bias")
)
conv2d_im2col.mistake(
    "The product (C_out, N, L) is reshaped to (N, C_out, ...), which mixes the images: transpose it first.",
    "images-scrambled",
)(conv2d_im2col.edited("output.unflatten", "output.transpose(0, 1).reshape(output.shape).unflatten"))
conv2d_im2col.same_mistake("images-scrambled")(
    conv2d_im2col.edited("if bias", "output = output.transpose(0, 1).reshape(output.shape)\n    if bias")
)
conv2d_im2col.mistakes.extend(conv2d.mistakes)


@conv2d_im2col.variant(CHANNELS_LAST, adapt=input_channels_last)
def channels_last(input, weight, bias=None, stride=1, padding=0):
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
