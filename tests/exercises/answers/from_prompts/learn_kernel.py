"""Answers to learn_kernel, written from its prompt alone."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from cnncourse.exercises.answers import answer


@answer("learn_kernel", "right")
def autograd_loop(image, target, kernel_size, learning_rate=0.03, steps=200):
    kernel = torch.randn(kernel_size, dtype=image.dtype, requires_grad=True)
    windows = image.unfold(0, kernel_size[0], 1).unfold(1, kernel_size[1], 1)
    for _ in range(steps):
        prediction = (windows * kernel).sum(dim=(-1, -2))
        loss = F.mse_loss(prediction, target)
        (g,) = torch.autograd.grad(loss, kernel)
        with torch.no_grad():
            kernel -= learning_rate * g
    return kernel.detach()


@answer("learn_kernel", "right")
def gradient_by_hand(image, target, kernel_size, learning_rate=0.03, steps=200):
    """Linear regression: each window is a row of X."""
    img = image.detach().numpy().astype(np.float64)
    X = np.lib.stride_tricks.sliding_window_view(img, tuple(kernel_size)).reshape(-1, kernel_size[0] * kernel_size[1])
    y = target.detach().numpy().astype(np.float64).ravel()
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w -= learning_rate * 2 * X.T @ (X @ w - y) / len(y)
    return torch.tensor(w.reshape(kernel_size), dtype=image.dtype)


@answer("learn_kernel", "follows the gradient upwards", "uphill")
def ascends(image, target, kernel_size, learning_rate=0.03, steps=200):
    kh, kw = kernel_size
    k = torch.zeros(kh, kw, dtype=image.dtype, requires_grad=True)
    for i in range(steps):
        pred = torch.zeros_like(target)
        for a in range(kh):
            for b in range(kw):
                pred = pred + k[a, b] * image[a : a + target.shape[0], b : b + target.shape[1]]
        loss = ((pred - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            k += learning_rate * k.grad
            k.grad.zero_()
    return k.detach()


@answer(
    "learn_kernel", "sums the squared error instead of averaging, so the steps are too long and diverge", "summed-loss"
)
def d2l_sum(image, target, kernel_size, learning_rate=0.03, steps=200):
    conv2d = nn.Conv2d(1, 1, kernel_size=tuple(kernel_size), bias=False).to(image.dtype)
    X = image.reshape(1, 1, *image.shape)
    Y = target.reshape(1, 1, *target.shape)
    for _ in range(steps):
        Y_hat = conv2d(X)
        l = (Y_hat - Y) ** 2
        conv2d.zero_grad()
        l.sum().backward()
        conv2d.weight.data[:] -= learning_rate * conv2d.weight.grad
    return conv2d.weight.data.reshape(tuple(kernel_size))


@answer(
    "learn_kernel", "never clears the gradient, so the steps add up and the kernel oscillates", "gradient-accumulates"
)
def gradient_not_cleared(image, target, kernel_size, learning_rate=0.03, steps=200):
    weight = torch.zeros(1, 1, kernel_size[0], kernel_size[1], dtype=image.dtype, requires_grad=True)
    for step in range(steps):
        out = F.conv2d(image[None, None], weight)[0, 0]
        loss = torch.mean((out - target) ** 2)
        loss.backward()
        with torch.no_grad():
            weight -= learning_rate * weight.grad
    return weight.detach()[0, 0]


@answer("learn_kernel", "ignores the number of steps and always takes 10", "unknown")
def ten_steps(image, target, kernel_size, learning_rate=0.03, steps=200):
    conv = nn.Conv2d(1, 1, tuple(kernel_size), bias=False).to(image.dtype)
    optimizer = torch.optim.SGD(conv.parameters(), lr=learning_rate)
    criterion = nn.MSELoss()
    x, y = image.unsqueeze(0).unsqueeze(0), target.unsqueeze(0).unsqueeze(0)
    for epoch in range(10):
        optimizer.zero_grad()
        loss = criterion(conv(x), y)
        loss.backward()
        optimizer.step()
    return conv.weight.detach().squeeze(0).squeeze(0)


@answer("learn_kernel", "returns the kernel flipped, as for a mathematical convolution", "flipped")
def flipped_kernel(image, target, kernel_size, learning_rate=0.03, steps=200):
    k = torch.zeros(tuple(kernel_size), dtype=image.dtype).requires_grad_()
    opt = torch.optim.SGD([k], lr=learning_rate)
    for _ in range(steps):
        opt.zero_grad()
        # convolution flips the kernel
        out = F.conv2d(image[None, None], k.flip(0, 1)[None, None])
        F.mse_loss(out.squeeze(), target.squeeze()).backward()
        opt.step()
    return k.detach()


@answer(
    "learn_kernel", "two mistakes: follows the absolute error, not the squared one; sums over the pixels", "unknown"
)
def absolute_error(image, target, kernel_size, learning_rate=0.03, steps=200):
    kh, kw = kernel_size
    kernel = torch.rand(kh, kw, dtype=image.dtype)
    patches = image.unfold(0, kh, 1).unfold(1, kw, 1)
    for _ in range(steps):
        error = torch.einsum("ijkl,kl->ij", patches, kernel) - target
        grad = torch.einsum("ijkl,ij->kl", patches, torch.sign(error))
        kernel = kernel - learning_rate * grad
    return kernel
