"""Several small networks as one: grouped convolutions train them in little more time than a single one takes."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ParallelRestarts(nn.Module):
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
        if not networks or any(not isinstance(network, nn.Module) for network in networks):
            raise ValueError(f"`networks` must hold at least one network, and nothing else, not {networks!r}")
        self.count = len(networks)
        self.parts = nn.ParameterDict()
        for name in networks[0].state_dict():
            together = torch.cat([network.state_dict()[name] for network in networks])
            self.parts[name.replace(".", "_")] = nn.Parameter(together.clone())

    def forward(self, input: Tensor) -> Tensor:
        parts, count = self.parts, self.count
        # tanh is increasing: pooling before it gives the same maxima as after it, with a ninth of the work for tanh.
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
