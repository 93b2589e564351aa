"""Probes of the chapter *Training*: steps, batches, epochs and layers that keep state."""

from itertools import islice

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from .calls import probe

LOSSES = {"cross entropy": F.cross_entropy, "mean squared error": F.mse_loss}


@probe
def two_steps(answer, parameters, trainable, gradients, learning_rate, one_shot, state):
    """Let the answer take two steps.

    With `state` each gradient is added to what the step before has left of it; else it replaces that.

    Returns
    -------
    dict
        After each step: the parameters' values; with `state` whether each gradient is cleared (None or zeros); whether
        each parameter is still what it was to autograd.
    """
    held = [nn.Parameter(values.clone(), fixed) for values, fixed in zip(parameters, trainable, strict=True)]
    seen = {"parameters": [], **({"gradients cleared": []} if state else {}), "still trainable": []}
    for _ in range(2):
        for parameter, gradient in zip(held, gradients, strict=True):
            if not state:
                parameter.grad = None
            if gradient is not None and parameter.requires_grad:
                with torch.enable_grad():
                    (parameter * gradient).sum().backward()
        answer((parameter for parameter in held) if one_shot else list(held), learning_rate)
        seen["parameters"].append([parameter.detach().clone() for parameter in held])
        if state:
            seen["gradients cleared"].append([p.grad is None or not p.grad.any().item() for p in held])
        seen["still trainable"].append(
            [p.is_leaf and p.requires_grad == was for p, was in zip(held, trainable, strict=True)]
        )
    return seen


@probe
def one_epoch(answer, inputs, targets, batch_size):
    """List the batches of one epoch, drawn with torch's global generator."""
    return list(islice(answer(inputs, targets, batch_size), 2 * len(inputs) + 2))


@probe
def many_epochs(answer, inputs, targets, batch_size, seed):
    """List the batches of several epochs, by the generator that each was drawn with."""

    def epoch(**generator):
        return list(islice(answer(inputs, targets, batch_size, **generator), 2 * len(inputs) + 2))

    return _with_generators(epoch, seed)


@probe
def train_epoch(answer, weight, bias, batches, loss, learning_rate, momentum, one_shot):
    """Let the answer train a linear classifier, which starts in eval mode, for one epoch.

    Returns
    -------
    dict
        Whether each forward pass was in train mode, the number of the optimiser's steps, the answer's own value, and
        the parameters at the end.
    """
    model = nn.Sequential(_linear(weight, bias)).eval()
    modes = []
    model[0].register_forward_hook(lambda layer, inputs, outputs: modes.append(layer.training))
    optimizer = _CountingSGD(model.parameters(), lr=learning_rate, momentum=momentum)
    given = [(inputs.clone(), targets.clone()) for inputs, targets in batches]
    value = answer(model, iter(given) if one_shot else given, LOSSES[loss], optimizer)
    return {
        "train mode": all(modes),
        "steps": optimizer.steps,
        "loss": value,
        "parameters": [parameter.detach().clone() for parameter in model.parameters()],
    }


class _CountingSGD(torch.optim.SGD):
    steps = 0

    def step(self, closure=None):
        self.steps += 1
        return super().step(closure)


@probe
def measure_accuracy(answer, weight, bias, batches, training, one_shot, parts):
    """Let the answer evaluate a classifier whose logits change sign in train mode.

    Returns
    -------
    dict
        Those of these parts that are asked for: the accuracy, whether it is a float, whether any forward pass recorded
        a graph, and the model's mode afterwards.
    """
    model = nn.Sequential(_linear(weight, bias), _Moody()).train(training)
    graphs = []
    model[0].register_forward_hook(lambda layer, inputs, outputs: graphs.append(outputs.requires_grad))
    given = [(inputs.clone(), targets.clone()) for inputs, targets in batches]
    value = answer(model, iter(given) if one_shot else given)
    observed = {
        "accuracy": value.item() if isinstance(value, torch.Tensor) and value.numel() == 1 else value,
        "float": isinstance(value, float | np.float64),
        "graph recorded": any(graphs),
        "training afterwards": model.training,
    }
    return {part: observed[part] for part in parts}


class _Moody(nn.Module):
    """A layer that, like dropout, does in train mode what nobody wants in evaluation."""

    def forward(self, logits):
        return -logits if self.training else logits


@probe
def normalise(answer, input, gamma, beta, running_mean, running_var, training, state, options):
    """Normalise one batch; with `state` the running statistics are looked at, too, in the tensors that were given."""
    mean, var = running_mean.clone(), running_var.clone()
    output = answer(input, gamma, beta, mean, var, training, **options)
    return {"output": output, "running_mean": mean, "running_var": var} if state else {"output": output}


@probe
def drop(answer, input, p, training, seed):
    """Drop values several times, by the generator that each time was drawn with."""
    return _with_generators(lambda **generator: answer(input, p, training, **generator), seed)


def _with_generators(draw, seed):
    """Call `draw` with generators in known states, and with torch's global one in known states."""

    def seeded(number):
        return torch.Generator().manual_seed(number)

    generator = seeded(seed)
    results = {
        "generator": draw(generator=generator),
        "generator, next": draw(generator=generator),
        "generator, same state": draw(generator=seeded(seed)),
        "generator, other seed": draw(generator=seeded(seed + 1)),
    }
    torch.manual_seed(seed)
    results |= {"global": draw(), "global, next": draw()}
    torch.manual_seed(seed)
    return results | {"global, same state": draw()}


def _linear(weight, bias):
    layer = nn.Linear(weight.shape[1], weight.shape[0], dtype=weight.dtype)
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer
