"""The algorithms that the course started from, written anew: the measure of how far it has come."""

import torch
import torch.nn.functional as F


def loop_conv2d(input, weight, stride, padding):
    """Convolve by loops over images and positions, all filters at once."""
    padded = F.pad(input, [padding] * 4)
    kh, kw = weight.shape[2:]
    rows, columns = (padded.shape[2] - kh) // stride + 1, (padded.shape[3] - kw) // stride + 1
    output = torch.zeros(len(input), len(weight), rows, columns)
    for image in range(len(input)):
        for row in range(rows):
            for column in range(columns):
                top, left = row * stride, column * stride
                window = padded[image, :, top : top + kh, left : left + kw]
                output[image, :, row, column] = (window * weight).sum((1, 2, 3))
    return output


def loop_im2col_conv2d(input, weight, stride, padding):
    """Convolve by im2col that is filled by a loop over positions."""
    padded = F.pad(input, [padding] * 4)
    kh, kw = weight.shape[2:]
    rows, columns = (padded.shape[2] - kh) // stride + 1, (padded.shape[3] - kw) // stride + 1
    unfolded = torch.zeros(len(input), weight[0].numel(), rows * columns)
    for row in range(rows):
        for column in range(columns):
            top, left = row * stride, column * stride
            window = padded[:, :, top : top + kh, left : left + kw]
            unfolded[:, :, row * columns + column] = window.reshape(len(input), -1)
    return (weight.flatten(1) @ unfolded).view(len(input), -1, rows, columns)


def loop_max_pool2d(input, size, stride):
    """Pool by a window matrix that is filled by a loop over positions."""
    rows, columns = (input.shape[2] - size) // stride + 1, (input.shape[3] - size) // stride + 1
    windows = torch.zeros(*input.shape[:2], size * size, rows * columns)
    for row in range(rows):
        for column in range(columns):
            top, left = row * stride, column * stride
            windows[..., row * columns + column] = input[:, :, top : top + size, left : left + size].flatten(2)
    return windows.max(dim=2)[0].view(*input.shape[:2], rows, columns)


class Network(torch.nn.Module):
    """The two-conv net with the loops above in place of layers."""

    def __init__(self):
        super().__init__()
        self.first, self.second = torch.nn.Conv2d(1, 16, 3), torch.nn.Conv2d(16, 32, 3)
        self.linear = torch.nn.Linear(32 * 7 * 7, 10)

    def forward(self, images):
        """Return logits (N, 10) for images (N, 1, 28, 28)."""
        for layer in (self.first, self.second):
            images = loop_im2col_conv2d(images, layer.weight, 1, 1) + layer.bias.view(-1, 1, 1)
            images = loop_max_pool2d(images.relu(), 2, 2)
        return self.linear(images.flatten(1))
