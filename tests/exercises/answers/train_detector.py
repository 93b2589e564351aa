"""Answers to the exercise `train_detector`: right ones in several styles, and wrong ones."""

import torch
import torch.nn.functional as F
from torch import nn

from . import edited


def detector_by_module(images, labels, digit, epochs=20, generator=None):
    largest = 16.0 if images.max() > 1 else 1.0
    x, y = (images / largest).float()[:, None], (labels == digit).float()
    layer = nn.Conv2d(1, 1, 8)
    nn.init.zeros_(layer.weight)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.5, momentum=0.9)
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=generator).split(32):
            loss = F.binary_cross_entropy_with_logits(layer(x[rows]).flatten(), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return layer.weight[0, 0] / largest, layer.bias


def detector_by_hand(images, labels, digit, epochs=20, generator=None):
    scale = float(images.max())
    x = torch.cat([images.flatten(1) / scale, torch.ones(len(images), 1, dtype=images.dtype)], 1)
    y = (labels == digit).to(x.dtype)
    weight = torch.zeros(65, dtype=x.dtype)
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=generator).split(16):
            weight -= 0.5 * x[rows].T @ (torch.sigmoid(x[rows] @ weight) - y[rows]) / len(rows)
    return weight[:64].reshape(8, 8) / scale, weight[64]


def detector_by_softmax(images, labels, digit, epochs=20, generator=None):
    x, y = images.flatten(1).float() / images.max(), (labels == digit).long()
    layer = nn.Linear(64, 2)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.05)
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=generator).split(64):
            optimizer.zero_grad()
            F.cross_entropy(layer(x[rows]), y[rows]).backward()
            optimizer.step()
    weight, bias = (values[1] - values[0] for values in (layer.weight.detach(), layer.bias.detach()))
    return weight.view(8, 8) / images.max(), bias.item()


def detector_by_lbfgs(images, labels, digit, epochs=20, generator=None):
    x, y = images.flatten(1).double(), (labels == digit).double()
    weight, bias = torch.zeros(64).double().requires_grad_(), torch.zeros(1).double().requires_grad_()
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=2, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        value = F.binary_cross_entropy_with_logits(x @ weight + bias, y) + 1e-3 * (weight**2).sum()
        value.backward()
        return value

    for _ in range(epochs):
        optimizer.step(loss)
    return [weight.detach().reshape(8, 8), bias.detach()]


def detector(*edits):
    return edited("train_detector", *edits)


RIGHT = [
    detector_by_module,
    detector_by_hand,
    detector_by_softmax,
    detector_by_lbfgs,
    lambda images, labels, digit, epochs=20, generator=None: detector_by_hand(
        images.double(), labels, digit, epochs, generator
    ),
]

WRONG = [
    detector(("labels == digit", "labels != digit")),
    detector(("labels == digit", "labels == 3")),
    detector(("(labels == digit)", "(digit * (labels == digit))")),
    detector(("(labels == digit)", "labels")),
    detector(("(labels == digit)", "(2 * (labels == digit).int() - 1)")),
    detector(("weight + bias, targets[rows]", "weight + bias, torch.ones_like(targets[rows])")),
    detector(("(inputs[rows] @ weight + bias, targets[rows])", "(targets[rows], inputs[rows] @ weight + bias)")),
    detector(("(inputs[rows] @ weight + bias,", "((inputs[rows] @ weight + bias).sigmoid(),")),
    detector(("F.binary_cross_entropy_with_logits", "F.mse_loss")),
    detector(("lr=0.05", "lr=1e-5")),
    detector(("lr=0.05", "lr=0.05, maximize=True")),
    detector(("            optimizer.step()\n", "")),
    detector(("            loss.backward()\n", "")),
    detector(("return kernel, bias", "return kernel.T, bias")),
    detector(("return kernel, bias", "return kernel.flip(0), bias")),
    detector(("return kernel, bias", "return -kernel, bias")),
    detector(("return kernel, bias", "return kernel.sigmoid(), bias")),
    detector(("return kernel, bias", "return kernel[None, None], bias")),
    detector(("return kernel, bias", "return kernel.flatten(), bias")),
    detector(("return kernel, bias.item()", "return kernel, bias.item(), 0")),
    detector(("return kernel, bias.item()", "return bias.item(), kernel")),
    detector(("return kernel, bias.item()", "return kernel")),
    detector(("return kernel, bias.item()", "return nn.Conv2d(1, 1, 8)")),
    detector(("return kernel, bias.item()", "return kernel, kernel[0]")),
    detector(("return kernel, bias.item()", "return kernel * float('nan'), 0.0")),
    detector(("    scale = images.max()\n", "    scale = images.max(); images /= scale\n")),
]
