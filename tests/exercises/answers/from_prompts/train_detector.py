"""Answers to train_detector, written from its prompt alone."""

from collections import namedtuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from cnncourse.exercises.answers import answer


@answer("train_detector", "right")
def adam_on_scaled_pixels(images, labels, digit, epochs=20, generator=None):
    scale = 16.0 if images.max() > 1 else 1.0
    x = images.reshape(len(images), 64).float() / scale
    y = (labels == digit).float()
    w = torch.zeros(64, requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    opt = torch.optim.Adam([w, b], lr=0.05)
    for _ in range(epochs):
        for idx in torch.randperm(len(x), generator=generator).split(16):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(x[idx] @ w + b, y[idx]).backward()
            opt.step()
    return (w.detach() / scale).reshape(8, 8), float(b)


@answer("train_detector", "right")
def standardised_by_hand(images, labels, digit, epochs=20, generator=None):
    """Plain SGD on standardised pixels in double precision; fold mean and deviation back afterwards."""
    Detector = namedtuple("Detector", ["kernel", "bias"])
    X = images.detach().numpy().reshape(-1, 64).astype(np.float64)
    mean, std = X.mean(0), X.std() + 1e-12
    X = (X - mean) / std
    y = (labels.numpy() == digit).astype(np.float64)
    w, b = np.zeros(64), 0.0
    for epoch in range(epochs):
        order = torch.randperm(len(X), generator=generator).numpy()
        for start in range(0, len(X), 8):
            rows = order[start : start + 8]
            p = 1 / (1 + np.exp(-(X[rows] @ w + b)))
            error = (p - y[rows]) / len(rows)
            w -= 0.1 * X[rows].T @ error
            b -= 0.1 * error.sum()
    kernel = w / std
    return Detector(torch.tensor(kernel.reshape(8, 8), dtype=torch.float32), float(b - kernel @ mean))


@answer("train_detector", "returns the kernel for scaled pixels, not for the pixels as they were given", "unknown")
def kernel_not_scaled_back(images, labels, digit, epochs=20, generator=None):
    x = images.float()
    x = (x - x.mean()) / x.std()
    y = (labels == digit).float()
    layer = nn.Conv2d(1, 1, 8)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.02)
    for epoch in range(epochs):
        perm = torch.randperm(len(x), generator=generator)
        for i in range(0, len(x), 16):
            j = perm[i : i + 16]
            loss = F.binary_cross_entropy_with_logits(layer(x[j, None]).flatten(), y[j])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return layer.weight.detach()[0, 0], layer.bias.item()


@answer(
    "train_detector", "takes target 0 for the digit and 1 for the rest, so the answer is reversed", "against-the-digit"
)
def reversed_targets(images, labels, digit, epochs=20, generator=None):
    s = images.max()
    flat = images.flatten(1) / s
    target = (labels != digit).to(flat.dtype)
    model = nn.Linear(64, 1).to(flat.dtype)
    opt = torch.optim.Adam(model.parameters(), lr=0.05)
    bce = nn.BCEWithLogitsLoss()
    for _ in range(epochs):
        for batch in torch.randperm(len(flat), generator=generator).split(32):
            opt.zero_grad()
            bce(model(flat[batch])[:, 0], target[batch]).backward()
            opt.step()
    return (model.weight.data / s).view(8, 8), float(model.bias)


@answer(
    "train_detector",
    "takes only one step each epoch with a small learning rate, so it always says no",
    "no-to-everything",
)
def too_few_steps(images, labels, digit, epochs=20, generator=None):
    x = images.reshape(-1, 64).float() / images.max()
    y = (labels == digit).float()
    net = nn.Linear(64, 1)
    nn.init.zeros_(net.weight)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(epochs):
        optimizer.zero_grad()
        out = net(x).squeeze(1)
        loss = nn.functional.binary_cross_entropy_with_logits(out, y)
        loss.backward()
        optimizer.step()
    return (net.weight.detach() / images.max()).reshape(8, 8), net.bias.item()


@answer(
    "train_detector",
    "applies a sigmoid before a loss that applies it again, so training is far too slow",
    "no-to-everything",
)
def double_sigmoid(images, labels, digit, epochs=20, generator=None):
    m = float(images.max())
    x = images.float() / m
    y = (labels == digit).float()
    k = torch.zeros(8, 8, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    opt = torch.optim.SGD([k, b], lr=0.1)
    for _ in range(epochs):
        for i in torch.randperm(len(x), generator=generator).split(32):
            pred = torch.sigmoid((x[i] * k).sum((1, 2)) + b)
            loss = F.binary_cross_entropy_with_logits(pred, y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
    return k.detach() / m, b.item()


@answer("train_detector", "returns the kernel as 64 numbers and not as (8, 8)", "kernel-of-another-shape")
def flat_kernel(images, labels, digit, epochs=20, generator=None):
    top = images.max().item()
    X, t = images.reshape(len(images), -1).float() / top, (labels == digit).float()
    w, b = torch.zeros(64), 0.0
    for _ in range(epochs):
        for idx in torch.randperm(len(X), generator=generator).split(10):
            e = torch.sigmoid(X[idx] @ w + b) - t[idx]
            w -= 0.5 * X[idx].T @ e / len(idx)
            b -= 0.5 * e.mean().item()
    return w / top, b


@answer("train_detector", "right")  # a tensor of one number is a bias: the contract asks that kernel and bias detect
def tensor_bias(images, labels, digit, epochs=20, generator=None):
    top = images.max()
    x = (images / top).float().flatten(1)
    y = (labels == digit).float().unsqueeze(1)
    linear = nn.Linear(64, 1)
    opt = torch.optim.Adam(linear.parameters(), lr=0.03)
    for _ in range(epochs):
        for idx in torch.randperm(len(x), generator=generator).split(8):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(linear(x[idx]), y[idx]).backward()
            opt.step()
    return linear.weight.detach().reshape(8, 8) / top, linear.bias.detach()


@answer(
    "train_detector",
    "no training: the kernel is the digit's mean image minus the mean of the rest",
    "difference-of-means",
)
def mean_image(images, labels, digit, epochs=20, generator=None):
    x = images.float()
    yes, no = x[labels == digit].mean(0), x[labels != digit].mean(0)
    kernel = yes - no
    return kernel, float(-(kernel * (yes + no)).sum() / 2)


@answer(
    "train_detector",
    "two mistakes: takes the labels themselves as targets; returns the kernel for scaled pixels",
    "unknown",
)
def labels_as_targets(images, labels, digit, epochs=20, generator=None):
    x = (images / images.max()).float().reshape(-1, 64)
    y = labels.float()
    fc = nn.Linear(64, 1)
    opt = torch.optim.SGD(fc.parameters(), lr=0.05)
    for _ in range(epochs):
        for idx in torch.randperm(len(x), generator=generator).split(32):
            loss = F.mse_loss(fc(x[idx]).squeeze(1), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    return fc.weight.detach().view(8, 8), fc.bias.item()


@answer("train_detector", "reversed targets", "against-the-digit")
def reversed_and_tensor(images, labels, digit, epochs=20, generator=None):
    top = images.max()
    x = images.float() / top
    y = 1 - (labels == digit).float()
    conv = nn.Conv2d(1, 1, kernel_size=8)
    opt = torch.optim.Adam(conv.parameters(), lr=0.03)
    for _ in range(epochs):
        for idx in torch.randperm(len(x), generator=generator).split(16):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(conv(x[idx].unsqueeze(1)).view(-1), y[idx]).backward()
            opt.step()
    return conv.weight.data.view(8, 8) / top, conv.bias.data
