"""Layers that change images: at random in training, or several ways in evaluation."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnncourse.geometry import as_integer

from .modes import check_module


def cut_windows(images: Tensor, border: int, offsets: Tensor) -> Tensor:
    """Put a border of zeros around the images and cut out of each a window of its old size.

    Parameters
    ----------
    images : Tensor
        ``(N, C, H, W)``, any number type.
    border : int
        Pixels on each side, at least 0.
    offsets : Tensor
        ``(2, N)`` integers from 0 to ``2 * border``: the top row and the left column of each window. `border` leaves
        an image where it is; less moves it down or to the right.

    Returns
    -------
    Tensor
        Shape and dtype of `images`.

    Examples
    --------
    >>> cut_windows(torch.tensor([[[[1, 2, 3]]]]), 1, torch.tensor([[1], [2]]))
    tensor([[[[2, 3, 0]]]])
    """
    height, width = images.shape[2:]
    windows = F.pad(images, (border,) * 4).unfold(2, height, 1).unfold(3, width, 1)  # views: nothing is copied
    return windows[torch.arange(len(images), device=images.device), :, offsets[0], offsets[1]]


class RandomShiftAndMirror(nn.Module):
    """In training, move each image by up to `pixels` and mirror every second one; in evaluation, do nothing.

    Like dropout it draws from torch's global generator, which `fit` seeds for it.

    Shapes: ``(N, C, H, W)`` -> ``(N, C, H, W)``.

    Parameters
    ----------
    pixels : int, default 1
        Largest shift along each axis; what comes in at the border is 0. It is a buffer, which checkpoints keep.
    """

    def __init__(self, pixels: int = 1):
        super().__init__()
        self.pixels: Tensor
        self.register_buffer("pixels", torch.tensor(as_integer(pixels, "pixels", minimum=0)))

    def forward(self, input: Tensor) -> Tensor:
        if not self.training:
            return input
        pixels = int(self.pixels)
        offsets = torch.randint(2 * pixels + 1, (2, len(input)), device=input.device)
        shifted = cut_windows(input, pixels, offsets)
        mirror = torch.rand(len(input), 1, 1, 1, device=input.device) < 0.5
        return torch.where(mirror, shifted.flip(3), shifted)


class Augmented(nn.Module):
    """A network that sees changed images in training, and images as they are in evaluation.

    Shapes: as `network`.

    Parameters
    ----------
    network : nn.Module
        Takes ``(N, C, H, W)``.
    change : callable
        Takes a batch of images and returns as many, for instance `cnncourse.training.random_flip`. Without a generator
        of its own it draws from torch's global one, which `fit` seeds for it, as for dropout.

    Examples
    --------
    >>> model = Augmented(nn.Flatten(), lambda images: -images)
    >>> model(torch.ones(1, 1, 1, 2)), model.eval()(torch.ones(1, 1, 1, 2))
    (tensor([[-1., -1.]]), tensor([[1., 1.]]))
    """

    def __init__(self, network: nn.Module, change: Callable[[Tensor], Tensor]):
        super().__init__()
        check_module(network, "network")
        if not callable(change):
            raise TypeError(f"`change` must be a function of a batch of images, not {change!r}")
        self.network, self.change = network, change

    def forward(self, input: Tensor) -> Tensor:
        return self.network(self.change(input) if self.training else input)


class TestTimeAugmentation(nn.Module):
    """Average the logits of a classifier over five images: as given, and moved by one pixel up, down, left and right.

    Shapes: as `classifier`; five times its work.

    Parameters
    ----------
    classifier : nn.Module
        Takes ``(N, C, H, W)``; the border that a shift uncovers is 0.
    """

    __test__ = False  # pytest collects classes by this prefix

    def __init__(self, classifier: nn.Module):
        super().__init__()
        check_module(classifier, "classifier")
        self.classifier = classifier

    def forward(self, input: Tensor) -> Tensor:
        height, width = input.shape[2:]
        padded = F.pad(input, (1, 1, 1, 1))
        corners = ((1, 1), (0, 1), (2, 1), (1, 0), (1, 2))
        logits = [self.classifier(padded[:, :, top : top + height, left : left + width]) for top, left in corners]
        return torch.stack(logits).mean(dim=0)
