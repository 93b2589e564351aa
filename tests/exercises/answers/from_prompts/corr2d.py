"""Answers to corr2d, written from its prompt alone."""

import numpy as np
import torch

from cnncourse.exercises.answers import answer


@answer("corr2d", "right")
def d2l_style(image, kernel):
    h, w = kernel.shape
    Y = image.new_zeros((image.shape[0] - h + 1, image.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (image[i : i + h, j : j + w] * kernel).sum()
    return Y


@answer("corr2d", "right")
def shifted_copies(image, kernel):
    """One shifted copy of the image for each number of the kernel."""
    kh, kw = kernel.shape
    H, W = image.shape
    return sum(kernel[a, b] * image[a : H - kh + 1 + a, b : W - kw + 1 + b] for a in range(kh) for b in range(kw))


@answer("corr2d", "flips the kernel as mathematical convolution does", "flipped-kernel")
def scipy_memory(image, kernel):
    # convolution = flip the kernel by 180 degrees and slide
    k = np.rot90(kernel.detach().numpy(), 2)
    img = image.detach().numpy()
    out = np.zeros((img.shape[0] - k.shape[0] + 1, img.shape[1] - k.shape[1] + 1), dtype=img.dtype)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            out[y, x] = np.sum(img[y : y + k.shape[0], x : x + k.shape[1]] * k)
    return torch.from_numpy(out)


@answer("corr2d", "leaves out the last row and the last column of positions", "missing-last-position")
def misses_last_position(image, kernel):
    kh, kw = kernel.shape
    H, W = image.shape
    rows = []
    for i in range(H - kh):
        row = []
        for j in range(W - kw):
            patch = image[i : i + kh, j : j + kw]
            row.append((patch * kernel).sum())
        rows.append(torch.stack(row))
    return torch.stack(rows)


@answer("corr2d", "pads with zeros so that the output is as large as the image", "padded")
def same_size(image, kernel):
    kh, kw = kernel.shape
    padded = torch.zeros(image.shape[0] + kh - 1, image.shape[1] + kw - 1, dtype=image.dtype)
    padded[kh // 2 : kh // 2 + image.shape[0], kw // 2 : kw // 2 + image.shape[1]] = image
    output = torch.zeros_like(image)
    for r in range(image.shape[0]):
        for c in range(image.shape[1]):
            output[r, c] = torch.sum(padded[r : r + kh, c : c + kw] * kernel)
    return output


@answer("corr2d", "takes the output's shape from the image, so a border of zeros remains", "unknown")
def output_like_image(image, kernel):
    result = torch.zeros_like(image)
    k1, k2 = kernel.shape
    for i in range(image.shape[0] - k1 + 1):
        for j in range(image.shape[1] - k2 + 1):
            result[i, j] = (image[i : i + k1, j : j + k2] * kernel).sum()
    return result


@answer("corr2d", "takes the kernel's height for its width too, so a kernel that is not square fails", "square-kernel")
def square_kernel_only(image, kernel):
    k = kernel.shape[0]
    h = image.shape[0] - k + 1
    w = image.shape[1] - k + 1
    windows = image.unfold(0, k, 1).unfold(1, k, 1)
    return (windows * kernel).sum(dim=(2, 3)).reshape(h, w)


@answer("corr2d", "two mistakes: takes the mean instead of the sum; swaps rows and columns of the output", "mean")
def mean_and_transposed(image, kernel):
    kh, kw = kernel.shape
    out = []
    for x in range(image.shape[1] - kw + 1):
        col = []
        for y in range(image.shape[0] - kh + 1):
            col.append((image[y : y + kh, x : x + kw] * kernel).mean())
        out.append(torch.stack(col))
    return torch.stack(out)
