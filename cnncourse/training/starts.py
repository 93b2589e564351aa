"""The cure for unlucky starts: train several at once, keep the one that validation images like best.

A network of forty parameters is easily stuck: with a single kernel a layer, a kernel that starts badly has no
neighbour to do its work. How good a start was is known only afterwards, but eight of them cost little more than
one, since grouped convolutions run them side by side in one network.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .callbacks import Callback
from .history import History
from .loop import fit
from .metrics import device_of
from .schedules import one_cycle

LEARNING_RATE = 0.05  # bold: a start that is thrown off by it is not the one that is kept


class SideBySide(nn.Module):
    """Several networks of the kind "conv, tanh, pool, twice, then linear" that share nothing but their input.

    Shapes: ``(N, C, 28, 28)`` -> ``(N, 2, S)``: for each of the S networks its two logits. The layers of all
    networks are the groups of one wide layer.

    Parameters
    ----------
    networks : sequence of Module
        From `models.one_kernel_net`, `models.shapes_net` or `models.colour_net`, all from the same.
    """

    def __init__(self, networks: Sequence[nn.Module]):
        super().__init__()
        self.count = len(networks)
        self.parts = nn.ParameterDict()
        for name in networks[0].state_dict():
            together = torch.cat([network.state_dict()[name] for network in networks])
            self.parts[name.replace(".", "_")] = nn.Parameter(together.clone())

    def forward(self, input: Tensor) -> Tensor:
        parts, count = self.parts, self.count
        # tanh never falls: pooling before it picks the same pixels as after it, and leaves it a ninth of the work.
        maps = F.conv2d(input, parts["conv1_weight"], parts["conv1_bias"], padding=1)
        maps = F.max_pool2d(maps, 3).tanh()
        maps = F.conv2d(maps, parts["conv2_weight"], parts["conv2_bias"], padding=1, groups=count)
        maps = F.max_pool2d(maps, 3).tanh()
        linear = parts["linear_weight"].view(2 * count, -1, *maps.shape[2:])  # a kernel as large as the map
        return F.conv2d(maps, linear, parts["linear_bias"], groups=count).view(len(input), count, 2).transpose(1, 2)

    @torch.no_grad()
    def copy_to(self, network: nn.Module, index: int) -> None:
        """Give the weights of network number `index` to `network`."""
        for name, parameter in network.named_parameters():
            parameter.copy_(self.parts[name.replace(".", "_")].chunk(self.count)[index])


class Starts(NamedTuple):
    """What became of several starts.

    Attributes
    ----------
    model : Module
        The one with the smallest validation loss.
    history : History
        Means over all starts.
    losses, accuracies : Tensor
        ``(S,)``, on the validation images.
    """

    model: nn.Module
    history: History
    losses: Tensor
    accuracies: Tensor


def fit_starts(
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
) -> Starts:
    """Train `networks` side by side with Adam and `one_cycle`, and choose by validation loss.

    The choice uses the validation images, never the test images: the best of eight test scores would be a score
    that luck has a part in.

    Parameters
    ----------
    networks : sequence of Module
        See `SideBySide`; their own weights are the starts and stay as they are, but for the one that is
        returned.
    train, validation : (inputs, targets)
        Tensors ``(N, C, 28, 28)`` and ``(N,)`` int64.
    epochs, batch_size, generator, device, progress, callbacks
        As in `fit`.

    Returns
    -------
    Starts
        ``model``, ``history``, and the validation ``losses`` and ``accuracies`` of all starts.

    Examples
    --------
    >>> from cnncourse import models
    >>> from cnncourse.data import hold_out, make_shapes
    >>> generator = torch.Generator().manual_seed(0)
    >>> images, labels, *validation = hold_out(*make_shapes(200, generator=generator), 50, generator)
    >>> networks = [models.build("one_kernel", generator) for _ in range(3)]
    >>> starts = fit_starts(networks, (images, labels), validation, epochs=2, generator=generator)
    >>> starts.losses.shape, starts.model is networks[starts.losses.argmin()]
    (torch.Size([3]), True)
    """
    together = SideBySide(networks)
    images, labels = validation

    def for_each(targets: Tensor) -> Tensor:
        return targets[:, None].expand(-1, len(networks))  # (N, S): the same answer is right for every network

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
    return Starts(networks[best], history, losses, accuracies)
