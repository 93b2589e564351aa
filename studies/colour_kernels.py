"""What do the kernels of the colour net sum to over many starts, and what do inputs of 0 to 255 do to its training?

For each seed the colour net is trained on 1000 images of `make_colour_shapes` for 20 epochs and tested on 1000 others.

- ``scaled``, ``bytes``: the share of right answers with inputs of 0 to 1, and of 0 to 255 from the same start.
- ``relu_scaled``, ``relu_bytes``: the same with ReLU in place of both tanh. ``bytes_start``: with tanh and inputs of 0
  to 255, the first layer's start weights divided by 255; ``bytes_start_steps``: its steps as well.
- ``gradient_ratio``: the length of the first gradient (of all parameters, one batch of 50) with inputs of 0 to 255,
  divided by that with 0 to 1; ``adam_ratio``: the same for the first step of Adam; ``saturated_scaled``,
  ``saturated_bytes``: the share of responses of the first tanh on shapes beyond 0.99, at the start.
- ``sum_F_COLOUR``: the sum of the kernel of filter F (1 or 2) for a colour after training; ``start_F_COLOUR``: before.
- ``change_COLOUR``: the largest change of one weight of that colour.
"""

import copy

import torch
from torch import Tensor, nn

from cnncourse import channels, models
from cnncourse.data import make_colour_shapes
from cnncourse.training import evaluate, fit, one_cycle, ordered_batches

SEEDS = range(20)
COLOURS = ("red", "green", "blue")
EPOCHS = 20
BRIGHTEST = 255


def run(seed: int) -> dict[str, float]:
    """Train the colour net twice from one start, with inputs of 0 to 1 and of 0 to 255."""
    generator = torch.Generator().manual_seed(seed)
    train, test = (make_colour_shapes(1000, generator=generator) for _ in range(2))
    torch.manual_seed(seed)
    start = models.colour_net()
    figures, lengths = {}, {}
    for name, factor in (("scaled", 1), ("bytes", BRIGHTEST)):
        model, batch = copy.deepcopy(start), (train[0][:50] * factor, train[1][:50])
        lengths[name] = first_step(copy.deepcopy(start), *batch)
        figures[f"saturated_{name}"] = saturated(start, batch[0])
        data = train[0] * factor, train[1]
        fit(model, data, epochs=EPOCHS, generator=torch.Generator().manual_seed(seed), progress=False)
        figures[name] = evaluate(model, ordered_batches(test[0] * factor, test[1]))
        if name == "scaled":
            figures |= kernels(start.conv1.weight.detach(), model.conv1.weight.detach())
    figures |= changed(start, train, test, seed)
    for position, name in enumerate(("gradient_ratio", "adam_ratio")):
        figures[name] = lengths["bytes"][position] / lengths["scaled"][position]
    return {name: round(value, 4) for name, value in figures.items()}


def changed(start: nn.Module, train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], seed: int) -> dict[str, float]:
    """Return the accuracies with ReLU, and with a first layer whose weights or steps are 255 times smaller."""
    ways = {
        "relu_scaled": (nn.ReLU, 1, 1, 1),
        "relu_bytes": (nn.ReLU, BRIGHTEST, 1, 1),
        "bytes_start": (nn.Tanh, BRIGHTEST, BRIGHTEST, 1),
        "bytes_start_steps": (nn.Tanh, BRIGHTEST, BRIGHTEST, BRIGHTEST),
    }
    figures = {}
    for name, (activation, factor, weights, steps) in ways.items():
        model = copy.deepcopy(start)
        model.tanh1, model.tanh2 = activation(), activation()
        with torch.no_grad():
            model.conv1.weight /= weights
        others = [values for key, values in model.named_parameters() if key != "conv1.weight"]
        first = {"params": [model.conv1.weight], "lr": 0.005 / steps, "eps": 1e-8 * steps}  # its gradients are larger
        fit(
            model,
            (train[0] * factor, train[1]),
            epochs=EPOCHS,
            optimizer=torch.optim.Adam([first, {"params": others}], lr=0.005),
            schedule=one_cycle,
            generator=torch.Generator().manual_seed(seed),
            progress=False,
        )
        figures[name] = evaluate(model, ordered_batches(test[0] * factor, test[1]))
    return figures


def first_step(model: nn.Module, images: Tensor, labels: Tensor) -> tuple[float, float]:
    """Return the length of the first gradient and of the first step of Adam, and take that step."""
    before = nn.utils.parameters_to_vector(model.parameters()).detach().clone()
    nn.functional.cross_entropy(model(images), labels).backward()
    gradient = torch.cat([parameter.grad.flatten() for parameter in model.parameters()])
    torch.optim.Adam(model.parameters(), lr=0.005).step()
    step = nn.utils.parameters_to_vector(model.parameters()).detach() - before
    return gradient.norm().item(), step.norm().item()


@torch.no_grad()
def saturated(model: nn.Module, images: Tensor) -> float:
    """Share of the responses of the first tanh, on the pixels of shapes, that lie beyond 0.99."""
    responses = model.tanh1(model.conv1(images)).abs()  # (N, 2, H, W)
    on_shape = (images.amax(1, keepdim=True) > 0).expand_as(responses)
    return (responses[on_shape] > 0.99).double().mean().item()


def kernels(start: Tensor, trained: Tensor) -> dict[str, float]:
    """Return the kernels' sums before and after training, and how far the weights of each colour moved."""
    figures = {}
    for word, weight in (("start", start), ("sum", trained)):
        for filter_, row in enumerate(channels.channel_sums(weight).tolist(), start=1):
            figures |= {f"{word}_{filter_}_{colour}": value for colour, value in zip(COLOURS, row, strict=True)}
    change = (trained - start).abs().amax(dim=(0, 2, 3)).tolist()
    return figures | {f"change_{colour}": value for colour, value in zip(COLOURS, change, strict=True)}
