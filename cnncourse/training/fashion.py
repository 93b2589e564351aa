"""The recipe for Fashion-MNIST on an ordinary processor: what buys accuracy per second of two cores.

- *A small first layer.* On 28x28 pixels every channel costs most; each block pools before it normalises, so
  normalisation and activation touch a quarter of the values.
- *Half the bits.* Convolutions run in bfloat16 where the processor has instructions for it; weights, normalisation
  statistics and loss stay float32.
- *Free data.* A mirrored garment, or one a pixel further left, is still that garment. Towards the end the shifts stop:
  the network comes to rest on images as they are.
- *Several looks.* Evaluation averages the logits of an image and its mirror image; `ManyLooks` of shifted ones as well.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnncourse import models

from .callbacks import Callback, Run
from .history import History
from .loop import fit
from .schedules import one_cycle

MEAN, STD = 0.2860, 0.3530  # of the 60,000 training images
SHIFTED_SHARE = 0.6  # of the training; chosen on validation images


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
        self.register_buffer("pixels", torch.tensor(pixels))

    def forward(self, input: Tensor) -> Tensor:
        if not self.training:
            return input
        count, _, height, width = input.shape
        pixels = int(self.pixels)
        windows = F.pad(input, (pixels,) * 4).unfold(2, height, 1).unfold(3, width, 1)
        rows, columns = torch.randint(2 * pixels + 1, (2, count), device=input.device)
        shifted = windows[torch.arange(count, device=input.device), :, rows, columns]
        mirror = torch.rand(count, 1, 1, 1, device=input.device) < 0.5
        return torch.where(mirror, shifted.flip(3), shifted)


class StopShifting(Callback):
    """Stop the shifts of a `RandomShiftAndMirror` after a share of the training; mirroring goes on.

    Parameters
    ----------
    augment : RandomShiftAndMirror
    share : float, default 0.6
        From 0 to 1.
    """

    def __init__(self, augment: RandomShiftAndMirror, share: float = SHIFTED_SHARE):
        self.augment, self.share = augment, share

    def batch_end(self, run: Run) -> None:
        if run.progress >= self.share:
            self.augment.pixels.zero_()


class GarmentClassifier(nn.Module):
    """A network for garments with everything around it: augmentation, normalisation, bfloat16, and two looks.

    Shapes: ``(N, 1, 28, 28)`` in [0, 1] -> ``(N, 10)`` logits, float32.

    Parameters
    ----------
    generator : torch.Generator, optional
        Decides the weights of ``network``; torch's global generator without one.
    """

    def __init__(self, generator: torch.Generator | None = None):
        super().__init__()
        self.augment = RandomShiftAndMirror()
        self.network = models.build("garments", generator).to(memory_format=torch.channels_last)

    def forward(self, input: Tensor) -> Tensor:
        images = (self.augment(input) - MEAN) / STD
        if self.training:
            return self._logits(images)
        return (self._logits(images) + self._logits(images.flip(3))) / 2

    def _logits(self, images: Tensor) -> Tensor:
        images = images.contiguous(memory_format=torch.channels_last)
        with torch.autocast(images.device.type, torch.bfloat16, enabled=_fast_bfloat16(images.device)):
            logits = self.network(images)
        return logits.float()


class ManyLooks(nn.Module):
    """A classifier that also looks at its image a pixel up, down, left and right, and averages the logits.

    Shapes: as `classifier`; five times its work.

    Parameters
    ----------
    classifier : nn.Module
        Takes ``(N, C, H, W)``; the border that a shift uncovers is 0.
    """

    def __init__(self, classifier: nn.Module):
        super().__init__()
        self.classifier = classifier

    def forward(self, input: Tensor) -> Tensor:
        height, width = input.shape[2:]
        padded = F.pad(input, (1, 1, 1, 1))
        places = ((1, 1), (0, 1), (2, 1), (1, 0), (1, 2))
        looks = [self.classifier(padded[:, :, row : row + height, left : left + width]) for row, left in places]
        return torch.stack(looks).mean(dim=0)


def _fast_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return device.type == "cpu" and torch.cpu._is_avx512_bf16_supported()


def fit_garments(
    train: tuple[Tensor, Tensor],
    validation: tuple[Tensor, Tensor] | None = None,
    *,
    epochs: int,
    batch_size: int = 250,
    generator: torch.Generator | None = None,
    callbacks: Sequence[Callback] = (),
    **arguments,
) -> tuple[GarmentClassifier, History]:
    """Train a `GarmentClassifier` with AdamW and `one_cycle`.

    Parameters
    ----------
    train, validation, epochs, batch_size, generator, callbacks
        As in `fit`; images ``(N, 1, 28, 28)`` in [0, 1].
    **arguments
        `device` and `progress`, as in `fit`.

    Returns
    -------
    model : GarmentClassifier
        Trained, in eval mode.
    history : History
        One row an epoch.
    """
    model = GarmentClassifier(generator)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, betas=(0.9, 0.99), weight_decay=0.02)
    history = fit(
        model,
        train,
        validation,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
        schedule=one_cycle,
        generator=generator,
        callbacks=(*callbacks, StopShifting(model.augment)),
        **arguments,
    )
    return model, history
