"""Answers to grad_cam, written from its prompt alone."""

import numpy as np
import torch
import torch.nn.functional as F

from cnncourse.exercises.answers import answer


@answer("grad_cam", "right")
def einsum_cam(activations, gradients):
    weights = gradients.mean(dim=(2, 3))
    cam = torch.einsum("nc,nchw->nhw", weights, activations).relu()
    top = cam.amax(dim=(1, 2), keepdim=True)
    return torch.where(top > 0, cam / top, torch.zeros_like(cam))


@answer("grad_cam", "right")
def sums_cancel_in_the_scaling(activations, gradients):
    """Whether sums or means are taken does not matter: each map is divided by its maximum anyway."""
    alpha = gradients.flatten(2).sum(2)
    cams = []
    for a, w in zip(activations, alpha):
        cam = torch.tensordot(w, a, dims=1).clamp(min=0)
        biggest = cam.max()
        cams.append(cam / biggest if biggest > 0 else cam)
    return torch.stack(cams)


@answer("grad_cam", "right")
def numpy_double(activations, gradients):
    a = activations.detach().numpy().astype(np.float64)
    g = gradients.detach().numpy().astype(np.float64)
    heat = np.maximum((a * g.mean(axis=(2, 3), keepdims=True)).mean(axis=1), 0)
    peak = heat.max(axis=(1, 2), keepdims=True)
    peak[peak == 0] = 1
    return torch.tensor(heat / peak, dtype=activations.dtype)


@answer(
    "grad_cam", "averages the gradients over the batch too, so all images share their weights", "weights-over-the-batch"
)
def medium_tutorial(activations, gradients):
    pooled_gradients = torch.mean(gradients, dim=[0, 2, 3])
    activations = activations.clone()
    for i in range(activations.shape[1]):
        activations[:, i, :, :] *= pooled_gradients[i]
    heatmap = F.relu(torch.sum(activations, dim=1))
    return heatmap / (heatmap.amax(dim=(1, 2), keepdim=True) + 1e-12)


@answer("grad_cam", "forgets the ReLU, so there are negative values", "no-relu")
def no_relu(activations, gradients):
    w = gradients.mean((2, 3), keepdim=True)
    cam = (w * activations).sum(1)
    largest = cam.flatten(1).max(1).values.view(-1, 1, 1)
    return cam / largest.clamp(min=1e-12)


@answer("grad_cam", "divides by the batch's maximum instead of each map's own", "one-maximum-for-all")
def one_maximum(activations, gradients):
    weights = F.adaptive_avg_pool2d(gradients, 1)
    cam = F.relu((weights * activations).sum(dim=1))
    if cam.max() > 0:
        cam = cam / cam.max()
    return cam


@answer("grad_cam", "divides a map of zeros by 0, which gives nan", "zero-by-zero")
def nan_for_zeros(activations, gradients):
    weights = gradients.mean(dim=(2, 3), keepdim=True)
    cam = torch.clamp((weights * activations).sum(dim=1), min=0)
    return cam / cam.view(len(cam), -1).max(dim=1)[0][:, None, None]


@answer("grad_cam", "subtracts each map's minimum before it scales", "shifted-to-zero")
def min_max(activations, gradients):
    weights = torch.mean(gradients, dim=(2, 3))[..., None, None]
    cam = F.relu(torch.sum(weights * activations, dim=1))
    lo = cam.amin(dim=(1, 2), keepdim=True)
    hi = cam.amax(dim=(1, 2), keepdim=True)
    return (cam - lo) / (hi - lo + 1e-12)


@answer("grad_cam", "applies the ReLU to each weighted channel before the sum", "relu-too-early")
def relu_before_sum(activations, gradients):
    n, c, h, w = activations.shape
    cam = torch.zeros(n, h, w, dtype=activations.dtype)
    for i in range(n):
        for k in range(c):
            cam[i] += F.relu(gradients[i, k].mean() * activations[i, k])
        m = cam[i].max()
        if m != 0:
            cam[i] /= m
    return cam


@answer("grad_cam", "keeps only positive gradients before it averages them", "unknown")
def positive_gradients(activations, gradients):
    guided = F.relu(gradients)
    weights = guided.mean(dim=(2, 3), keepdim=True)
    cam = F.relu((weights * activations).sum(dim=1))
    return cam / (cam.amax(dim=(1, 2), keepdim=True) + 1e-8)


@answer(
    "grad_cam",
    "multiplies activations and gradients place by place, without averaging the gradients",
    "weights-not-averaged",
)
def hires_cam(activations, gradients):
    cam = (gradients * activations).sum(dim=1)
    cam = torch.maximum(cam, torch.zeros_like(cam))
    return cam / cam.amax(dim=(-2, -1), keepdim=True).clamp_min(1e-10)


@answer("grad_cam", "weighs the channels by the activations' mean and adds up the gradients", "arguments-swapped")
def roles_swapped(activations, gradients):
    alpha = activations.mean(dim=(2, 3), keepdim=True)
    cam = F.relu((alpha * gradients).sum(1))
    return cam / (cam.amax(dim=(1, 2), keepdim=True) + 1e-12)


@answer("grad_cam", "takes each channel's largest gradient instead of the mean", "largest-gradient")
def max_pooled(activations, gradients):
    w = F.adaptive_max_pool2d(gradients, 1)
    cam = F.relu((w * activations).sum(dim=1))
    peak = cam.amax(dim=(1, 2), keepdim=True)
    return torch.where(peak > 0, cam / peak.clamp(min=1e-30), cam)


@answer("grad_cam", "takes the absolute value instead of the ReLU", "absolute")
def absolute_value(activations, gradients):
    cam = (gradients.mean((2, 3), True) * activations).sum(1).abs()
    return cam / (cam.amax((1, 2), True) + 1e-12)


@answer(
    "grad_cam",
    "two mistakes: averages the gradients over the batch too; divides by the batch's maximum",
    "weights-over-the-batch one-maximum-for-all",
)
def keras_example(activations, gradients):
    pooled_grads = gradients.mean(dim=(0, 2, 3))
    # last_conv_layer_output @ pooled_grads[..., tf.newaxis]
    heatmap = (activations.permute(0, 2, 3, 1) @ pooled_grads[:, None]).squeeze(-1)
    heatmap = torch.relu(heatmap)
    return heatmap / torch.max(heatmap).clamp(min=1e-12)


@answer(
    "grad_cam",
    "two mistakes: forgets the ReLU; scales from the minimum to the maximum",
    "shifted-instead-of-relu no-relu",
)
def min_max_without_relu(activations, gradients):
    weights = gradients.mean(dim=(2, 3), keepdim=True)
    cam = (activations * weights).sum(dim=1)
    cam = cam - cam.amin(dim=(1, 2), keepdim=True)
    return cam / (cam.amax(dim=(1, 2), keepdim=True) + 1e-12)


@answer(
    "grad_cam",
    "two mistakes: divides by the batch's maximum; gives nan for maps of zeros",
    "zero-by-zero one-maximum-for-all",
)
def batch_maximum_nan(activations, gradients):
    cam = np.maximum(np.einsum("ncij,nc->nij", activations.numpy(), gradients.numpy().mean(axis=(2, 3))), 0)
    return torch.from_numpy(cam / np.max(cam))
