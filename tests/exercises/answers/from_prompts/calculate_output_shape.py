"""Answers to calculate_output_shape, written from its prompt alone."""

import math

from cnncourse.exercises.answers import answer


@answer("calculate_output_shape", "right")
def count_with_range(image_size, kernel, stride, padding):
    # just count where the kernel can start
    result = []
    for n, k, s, p in zip(image_size, kernel, stride, padding):
        if s < 1 or p < 0:
            raise ValueError(f"bad stride {s} or padding {p}")
        padded = n + p + p
        if k > padded:
            raise ValueError("kernel does not fit")
        starts = range(0, padded - k + 1, s)
        result.append(len(starts))
    return result


@answer("calculate_output_shape", "right")
def divmod_helper(image_size, kernel, stride, padding):
    if any(x < 1 for x in stride):
        raise ValueError("stride must be positive")
    if min(padding) < 0:
        raise ValueError("padding must not be negative")

    def one_axis(axis):
        room = image_size[axis] + 2 * padding[axis] - kernel[axis]
        if room < 0:
            raise ValueError("kernel larger than padded image")
        steps, _ = divmod(room, stride[axis])
        return steps + 1

    return [one_axis(0), one_axis(1)]


@answer("calculate_output_shape", "forgets the + 1: counts the steps instead of the positions", "no-plus-one")
def without_plus_one(image_size, kernel, stride, padding):
    H, W = image_size
    kh, kw = kernel
    sh, sw = stride
    ph, pw = padding
    if sh < 1 or sw < 1:
        raise ValueError("stride must be at least 1")
    if ph < 0 or pw < 0:
        raise ValueError("padding must be >= 0")
    if kh > H + 2 * ph or kw > W + 2 * pw:
        raise ValueError("kernel too big")
    H_out = (H - kh + 2 * ph) // sh
    W_out = (W - kw + 2 * pw) // sw
    return [H_out, W_out]


@answer("calculate_output_shape", "counts the padding once instead of on both sides", "one-sided-padding")
def padding_once(image_size, kernel, stride, padding):
    out = []
    for i in range(2):
        if stride[i] < 1:
            raise ValueError("stride")
        if padding[i] < 0:
            raise ValueError("padding")
        size = image_size[i] + padding[i]
        if size < kernel[i]:
            raise ValueError("kernel is larger than image")
        out.append((size - kernel[i]) // stride[i] + 1)
    return out


@answer("calculate_output_shape", "rounds up, so a step that leaves the image is counted", "rounds-up")
def rounds_up(image_size, kernel, stride, padding):
    if stride[0] < 1 or stride[1] < 1 or padding[0] < 0 or padding[1] < 0:
        raise ValueError("invalid stride or padding")
    if image_size[0] + 2 * padding[0] < kernel[0] or image_size[1] + 2 * padding[1] < kernel[1]:
        raise ValueError("invalid kernel")
    h = math.ceil((image_size[0] + 2 * padding[0] - kernel[0]) / stride[0]) + 1
    w = math.ceil((image_size[1] + 2 * padding[1] - kernel[1]) / stride[1]) + 1
    return [h, w]


@answer("calculate_output_shape", "rounds to the nearest integer instead of down", "unknown")
def rounds_to_nearest(image_size, kernel, stride, padding):
    def conv_size(n, k, s, p):
        if k > n + 2 * p or s < 1 or p < 0:
            raise ValueError("can't compute an output size")
        return round((n + 2 * p - k) / s) + 1

    return [conv_size(n, k, s, p) for n, k, s, p in zip(image_size, kernel, stride, padding)]


@answer(
    "calculate_output_shape", "compares the kernel with the unpadded image, so a legal kernel is refused", "unknown"
)
def compares_unpadded(image_size, kernel, stride, padding):
    for n, k in zip(image_size, kernel):
        if k > n:
            raise ValueError(f"kernel ({k}) is larger than the image ({n})")
    for s in stride:
        if s < 1:
            raise ValueError(f"stride {s} < 1")
    for p in padding:
        if p < 0:
            raise ValueError(f"padding {p} < 0")
    return [(n - k + 2 * p) // s + 1 for n, k, s, p in zip(image_size, kernel, stride, padding)]


@answer("calculate_output_shape", "uses the height's stride for the width too", "stride-of-the-height")
def copy_paste(image_size, kernel, stride, padding):
    if kernel[0] > image_size[0] + 2 * padding[0] or kernel[1] > image_size[1] + 2 * padding[1]:
        raise ValueError("kernel larger than padded image")
    if stride[0] < 1 or stride[1] < 1:
        raise ValueError("stride smaller than 1")
    if padding[0] < 0 or padding[1] < 0:
        raise ValueError("negative padding")
    new_height = int((image_size[0] - kernel[0] + 2 * padding[0]) / stride[0]) + 1
    new_width = int((image_size[1] - kernel[1] + 2 * padding[1]) / stride[0]) + 1
    return [new_height, new_width]


@answer(
    "calculate_output_shape",
    "two mistakes: returns [width, height]; raises no error for a negative padding",
    "swapped-axes no-refusal",
)
def width_first(image_size, kernel, stride, padding):
    height, width = image_size
    if kernel[0] > height + 2 * padding[0] or kernel[1] > width + 2 * padding[1]:
        raise ValueError("kernel does not fit")
    if min(stride) <= 0:
        raise ValueError("stride has to be positive")
    out_w = (width - kernel[1] + 2 * padding[1]) // stride[1] + 1
    out_h = (height - kernel[0] + 2 * padding[0]) // stride[0] + 1
    return [out_w, out_h]


@answer(
    "calculate_output_shape",
    "two mistakes: divides only the padding by the stride (no brackets); raises no error",
    "no-refusal",
)
def wrong_precedence(image_size, kernel, stride, padding):
    h_out = image_size[0] - kernel[0] + 2 * padding[0] // stride[0] + 1
    w_out = image_size[1] - kernel[1] + 2 * padding[1] // stride[1] + 1
    return [h_out, w_out]
