"""Answers to channel_sums, written from its prompt alone."""

import torch

from cnncourse.exercises.answers import answer


@answer("channel_sums", "right")
def sends_flat_patches(weight):
    """Do the experiment: one flat patch for each colour."""
    O, C, kh, kw = weight.shape
    patches = torch.eye(C, dtype=weight.dtype)[:, :, None, None].expand(C, C, kh, kw)
    return torch.stack([(weight * p).sum(dim=(1, 2, 3)) for p in patches], dim=1)


@answer("channel_sums", "right")
def nested_lists(weight):
    rows = [[float(kernel.double().sum()) for kernel in filt] for filt in weight.detach()]
    return torch.tensor(rows, dtype=weight.dtype)


@answer("channel_sums", "sums over the input channels too: one number for each output channel", "over-input-channels")
def one_number_per_filter(weight):
    return weight.flatten(1).sum(dim=1)


@answer("channel_sums", "takes the mean of each kernel instead of the sum", "mean")
def means(weight):
    out_c, in_c = weight.shape[:2]
    return weight.reshape(out_c, in_c, -1).mean(-1)


@answer("channel_sums", "returns the sums transposed: (C, O)", "transposed")
def transposed(weight):
    result = torch.zeros(weight.shape[1], weight.shape[0], dtype=weight.dtype)
    for o in range(weight.shape[0]):
        for c in range(weight.shape[1]):
            result[c, o] = weight[o, c].sum()
    return result


@answer("channel_sums", "sums absolute values, so kernels that cancel out do not give 0", "magnitudes")
def absolute(weight):
    return weight.detach().abs().sum(dim=(-2, -1))


@answer(
    "channel_sums",
    "sums over the channels instead of the kernel's rows and columns: (kh, kw)",
    "channels-instead-of-pixels",
)
def wrong_axes(weight):
    return torch.sum(weight, dim=(0, 1))


@answer("channel_sums", "two mistakes: takes the mean; returns it transposed", "mean transposed")
def mean_transposed(weight):
    w = weight.permute(1, 0, 2, 3)
    return w.contiguous().view(w.size(0), w.size(1), -1).mean(dim=2)


@answer("channel_sums", "two mistakes: takes absolute values; divides each row by its sum", "magnitudes")
def normalised_share(weight):
    energy = torch.einsum("ocij->oc", weight.abs())
    return energy / energy.sum(dim=1, keepdim=True)
