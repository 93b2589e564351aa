"""Probes of the chapter *Interpretation*: networks to look into, built from plain numbers."""

import torch
from torch import nn

from .calls import probe


@probe
def look_inside(answer, image, layer_name, seed, training, parts):
    """Let the answer fetch a layer's output from a small network with weights drawn from a seed.

    The activations after its convolutions and the sum after its layer `mix`, which a skip connection leads around, work
    in place, its blocks are nested, and it holds a dropout layer behind everything that is looked at.

    Returns
    -------
    dict
        Those of these parts that are asked for: the answer's own value; whether it hangs on a graph; hooks left
        behind; whether the modes of the modules, the parameters and the buffers are as before.
    """
    model = _Network(seed).train(training)
    modes = [module.training for module in model.modules()]
    before = [values.clone() for values in model.state_dict().values()]
    maps = answer(model, image, layer_name)
    after = model.state_dict().values()
    observed = {
        "maps": maps,
        "detached": not (isinstance(maps, torch.Tensor) and maps.requires_grad),
        "hooks left": sum(_count_hooks(module) for module in model.modules()),
        "modes kept": [module.training for module in model.modules()] == modes,
        "weights kept": all(torch.equal(old, new) for old, new in zip(before, after, strict=True)),
    }
    return {part: observed[part] for part in parts}


class _Network(nn.Module):
    """Two blocks of convolution and in-place ReLU, a residual 1x1 convolution, pooling, dropout, a linear layer.

    It takes (N, 2, H, W) to (N, 3).
    """

    def __init__(self, seed):
        super().__init__()
        self.features = nn.Sequential(
            nn.Sequential(nn.Conv2d(2, 3, (3, 2), padding=1), nn.ReLU(inplace=True)),
            nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True)),
        )
        self.mix = nn.Conv2d(4, 4, 1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 3))
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) / 2)

    def forward(self, input):
        if input.ndim != 4:  # a convolution would take a single image, and guess its axes
            raise ValueError(f"the network takes batches (N, C, H, W), not shape {tuple(input.shape)}")
        features = self.features(input)
        return self.head(self.pool(self.mix(features).add_(features)).flatten(1))


def _count_hooks(module):
    return sum(len(value) for name, value in vars(module).items() if name.endswith("_hooks"))


@probe
def occlude(answer, image, target, patch_size, stride, weight, bias, fill):
    """Let the answer cover patches before a network whose logits are `sin(weight @ pixels + bias)`.

    `fill` is given only if it is not None.
    """
    options = {} if fill is None else {"fill": fill}
    return answer(_Waves(weight, bias), image, target, patch_size, stride, **options)


class _Waves(nn.Module):
    """Logits of every sign that no patch simply adds to."""

    def __init__(self, weight, bias):
        super().__init__()
        self.weight, self.bias = nn.Parameter(weight.clone()), nn.Parameter(bias.clone())

    def forward(self, input):
        if input.ndim != 4:
            raise ValueError(f"the network takes batches (N, C, H, W), not shape {tuple(input.shape)}")
        return 3 * torch.sin(input.flatten(1) @ self.weight.T + self.bias)


@probe
def detect(answer, images, labels, digit, seed):
    """Let the answer train a detector; a seed of None keeps its defaults."""
    if seed is None:
        return answer(images, labels, digit)
    return answer(images, labels, digit, epochs=20, generator=torch.Generator().manual_seed(seed))
