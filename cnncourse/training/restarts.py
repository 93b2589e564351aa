"""Random restarts: train several initialisations at once and keep the one with the smallest validation loss.

A network of forty parameters often gets stuck: it has one kernel per layer, so no other kernel can do the work of one
that starts badly. Eight restarts cost little more than one, because `ParallelRestarts` trains them as one network
with grouped convolutions.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnncourse.models import ParallelRestarts

from .arguments import check_pair
from .callbacks import Callback
from .history import History
from .loop import fit
from .metrics import device_of
from .schedules import one_cycle

LEARNING_RATE = 0.05  # high: some restarts diverge, and they are not kept


class Restarts(NamedTuple):
    """The results of several restarts.

    Attributes
    ----------
    model : Module
        The one with the smallest validation loss.
    history : History
        Means over all restarts.
    losses, accuracies : Tensor
        ``(S,)``, on the validation images.
    """

    model: nn.Module
    history: History
    losses: Tensor
    accuracies: Tensor


def fit_with_restarts(
    networks: Sequence[nn.Module],
    train: tuple[Tensor, Tensor],
    validation: tuple[Tensor, Tensor],
    *,
    epochs: int,
    batch_size: int = 50,
    generator: torch.Generator | None = None,
    device: torch.device | str | None = None,
    progress: bool = True,
    callbacks: Sequence[Callback] = (),
) -> Restarts:
    """Train `networks` in parallel with Adam and `one_cycle`, and choose by validation loss.

    The choice uses the validation images, never the test images: the best of eight test scores overestimates the
    accuracy of the chosen network.

    Parameters
    ----------
    networks : sequence of Module
        See `cnncourse.models.ParallelRestarts`. Only the one that is returned changes; the others keep their initial
        weights.
    train, validation : (inputs, targets)
        Tensors ``(N, C, 28, 28)`` and ``(N,)`` int64.
    epochs, batch_size, generator, device, progress, callbacks
        As in `fit`.

    Returns
    -------
    Restarts
        ``model``, ``history``, and the validation ``losses`` and ``accuracies`` of all restarts.

    Raises
    ------
    TypeError, ValueError, FloatingPointError
        As `fit`; `ValueError` also without networks.

    Examples
    --------
    >>> from cnncourse import models
    >>> from cnncourse.data import hold_out, make_shapes
    >>> generator = torch.Generator().manual_seed(0)
    >>> images, labels, *validation = hold_out(*make_shapes(200, generator=generator), 50, generator)
    >>> networks = [models.build("one_kernel", generator) for _ in range(3)]
    >>> restarts = fit_with_restarts(networks, (images, labels), validation, epochs=2, generator=generator)
    >>> restarts.losses.shape, restarts.model is networks[restarts.losses.argmin()]
    (torch.Size([3]), True)
    """
    if not networks:
        raise ValueError("`networks` must hold at least one network, not 0")
    check_pair("train", train)
    check_pair("validation", validation)
    together = ParallelRestarts(networks)
    images, labels = validation

    def for_each(targets: Tensor) -> Tensor:
        return targets[:, None].expand(-1, len(networks))  # (N, S): every network has the same targets

    history = fit(
        together,
        (train[0], for_each(train[1])),
        (images, for_each(labels)),
        epochs=epochs,
        batch_size=batch_size,
        optimizer=torch.optim.Adam(together.parameters(), lr=LEARNING_RATE),
        schedule=one_cycle,
        generator=generator,
        device=device,
        progress=progress,
        callbacks=callbacks,
    )
    with torch.no_grad():
        logits = together(images.to(device_of(together))).cpu()
    losses = F.cross_entropy(logits, for_each(labels), reduction="none").mean(dim=0)
    accuracies = (logits.argmax(dim=1) == labels[:, None]).double().mean(dim=0)
    best = int(losses.argmin())
    together.copy_to(networks[best], best)
    networks[best].to(device_of(together)).eval()
    return Restarts(networks[best], history, losses, accuracies)
