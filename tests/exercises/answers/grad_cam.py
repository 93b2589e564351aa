"""Answers to the exercise `grad_cam`: right ones in several styles, and wrong ones."""

import numpy as np
import torch
import torch.nn.functional as F

from . import edited


def cam_by_einsum(activations, gradients):
    maps = F.relu(torch.einsum("nc,nchw->nhw", gradients.mean((2, 3)), activations))
    return maps / (maps.amax((1, 2), keepdim=True) + 1e-8)


def cam_by_loops(activations, gradients):
    maps = []
    for a, g in zip(activations, gradients, strict=True):
        total = torch.zeros(a.shape[1:], dtype=a.dtype)
        for channel, slope in zip(a, g, strict=True):
            total += channel * slope.mean()
        total = torch.maximum(total, torch.zeros(()))
        maps.append(total / total.max() if total.max() > 0 else total)
    return torch.stack(maps)


def cam_by_sums(activations, gradients):
    maps = (gradients.sum((-2, -1), keepdim=True) * activations).mean(1).relu()
    return torch.nan_to_num(maps / maps.flatten(1).max(1).values[:, None, None])


def cam_by_numpy(activations, gradients):
    a, g = activations.numpy(), gradients.numpy()
    maps = np.maximum((a * g.mean(axis=(2, 3), keepdims=True)).sum(axis=1), 0)
    return torch.from_numpy(maps / np.maximum(maps.max(axis=(1, 2), keepdims=True), 1e-12))


def maps(*edits):
    return edited("activation_maps", *edits)


def cam(*edits):
    return edited("grad_cam", *edits)


RIGHT = [
    cam_by_einsum,
    cam_by_loops,
    cam_by_sums,
    cam_by_numpy,
    lambda activations, gradients: cam_by_einsum(activations.double(), gradients.double()),
]

WRONG = [
    cam((".clamp(min=0)", "")),
    cam((".clamp(min=0)", ".abs()")),
    cam((".clamp(min=0)", ".clamp(max=0)")),
    cam((".clamp(min=0)", ".sigmoid()")),
    cam(("gradients.mean(dim=(2, 3), keepdim=True)", "gradients")),
    cam(("gradients.mean(dim=(2, 3), keepdim=True)", "gradients.abs().mean(dim=(2, 3), keepdim=True)")),
    cam(("gradients.mean(dim=(2, 3), keepdim=True)", "gradients.mean(dim=(2, 3), keepdim=True).relu()")),
    cam(("gradients.mean(dim=(2, 3), keepdim=True)", "gradients.mean(dim=(0, 2, 3), keepdim=True)")),
    cam(("gradients.mean(dim=(2, 3), keepdim=True)", "gradients.mean(dim=1, keepdim=True)")),
    cam(("gradients.mean(dim=(2, 3), keepdim=True)", "gradients.mean(dim=(2, 3), keepdim=True).softmax(1)")),
    cam(("gradients.mean(dim=(2, 3), keepdim=True)", "activations.mean(dim=(2, 3), keepdim=True)")),
    cam(("(weights * activations)", "(weights * gradients)")),
    cam(("(weights * activations)", "(weights * activations).clamp(min=0)")),
    cam(("(weights * activations)", "(weights + activations)")),
    cam((".sum(dim=1)", ".amax(dim=1)")),
    cam((".sum(dim=1)", ".sum(dim=1, keepdim=True)")),
    cam((".sum(dim=1)", "[:, 0]")),
    cam(("maps / torch.where(largest > 0, largest, 1.0)", "maps")),
    cam(("maps / torch.where(largest > 0, largest, 1.0)", "maps / largest")),
    cam(("maps / torch.where(largest > 0, largest, 1.0)", "maps / (maps.max() + 1e-8)")),
    cam(("maps / torch.where(largest > 0, largest, 1.0)", "maps / (maps.norm() + 1e-8)")),
    cam(("maps / torch.where(largest > 0, largest, 1.0)", "(maps / torch.where(largest > 0, largest, 1.0))[0]")),
    cam(("maps / torch.where(largest > 0, largest, 1.0)", "maps / largest.clamp(min=1)")),
    cam(("amax(dim=(1, 2), keepdim=True)", "amax(dim=2, keepdim=True)")),
    cam(("amax(dim=(1, 2), keepdim=True)", "amax(dim=1, keepdim=True)")),
]
