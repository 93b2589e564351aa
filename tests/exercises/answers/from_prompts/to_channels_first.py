"""Answers to to_channels_first, written from its prompt alone."""

import numpy as np
import torch

from cnncourse.exercises.answers import answer


@answer("to_channels_first", "right")
def one_plane_per_colour(images):
    t = torch.as_tensor(images)
    planes = [t[..., k].to(torch.float32) / 255 for k in range(3)]
    return torch.stack(planes, dim=1)


@answer("to_channels_first", "right")
def lookup_table(images):
    """255 divisions are enough: look each byte up."""
    table = torch.linspace(0, 1, 256, dtype=torch.float64).float()
    array = np.ascontiguousarray(np.moveaxis(np.asarray(images), 3, 1))
    return table[torch.from_numpy(array).long()]


@answer("to_channels_first", "uses reshape, which mixes pixels and colours", "reshape")
def uses_reshape(images):
    x = torch.as_tensor(images).float() / 255.0
    N, H, W, C = x.shape
    return x.reshape(N, C, H, W)


@answer("to_channels_first", "swaps height and width: (N, 3, W, H)", "image-turned")
def transpose_last_first(images):
    images = torch.as_tensor(np.array(images))
    return images.transpose(1, 3).float().div(255)


@answer("to_channels_first", "does not scale to 0..1", "not-divided")
def not_scaled(images):
    if isinstance(images, np.ndarray):
        images = torch.from_numpy(images)
    return images.permute(0, 3, 1, 2).contiguous().float()


@answer("to_channels_first", "returns float64", "float64")
def double(images):
    a = np.asarray(images) / 255.0
    return torch.from_numpy(np.transpose(a, (0, 3, 1, 2)))


@answer("to_channels_first", "divides by the batch's largest value instead of 255", "own-range")
def by_own_maximum(images):
    x = torch.tensor(np.array(images), dtype=torch.float32).permute(0, 3, 1, 2)
    return x / x.max()


@answer("to_channels_first", "accepts NumPy arrays only: a tensor crashes", "numpy-only")
def numpy_only(images):
    x = images.astype(np.float32) / 255
    return torch.from_numpy(x.transpose(0, 3, 1, 2))


@answer("to_channels_first", "divides the bytes with //, so almost every value becomes 0", "integer-division")
def integer_division(images):
    x = torch.as_tensor(images)
    return torch.einsum("nhwc->nchw", x // 255).float()


@answer("to_channels_first", "orders the colours blue, green, red", "colours-reversed")
def bgr(images):
    x = torch.as_tensor(np.asarray(images)[..., ::-1].copy())  # cv2
    return x.permute(0, 3, 1, 2).to(torch.float32) / 255.0


@answer(
    "to_channels_first",
    "two mistakes: uses reshape, which mixes pixels and colours; divides by 256",
    "divided-by-256 reshape",
)
def reshape_and_256(images):
    images = np.array(images)
    n, h, w, c = images.shape
    return torch.tensor(images.reshape(n, c, h, w) / 256, dtype=torch.float32)


@answer("to_channels_first", "two mistakes: swaps height and width; scales to -1..1", "image-turned signed")
def swapped_and_centred(images):
    x = torch.as_tensor(images).permute(0, 3, 2, 1).float()
    return x / 127.5 - 1
