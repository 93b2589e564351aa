"""Answers to the exercise `ema_update`: right ones in several styles, and wrong ones."""

import copy

import torch

from cnncourse import training

from . import edited


def comprehension(averaged, current, decay):
    return {
        name: (averaged[name] * decay + values.detach() * (1 - decay) if values.is_floating_point() else values.clone())
        for name, values in current.items()
    }


@torch.no_grad()
def lerp(averaged, current, decay):
    result = copy.deepcopy(averaged)
    for name, tensor in result.items():
        if torch.is_floating_point(tensor):
            tensor.mul_(decay).add_(current[name], alpha=1 - decay)
        else:
            tensor.copy_(current[name])
    return result


def by_dtype(averaged, current, decay):
    result = {}
    for key in averaged:
        if averaged[key].dtype in (torch.float32, torch.float64):
            result[key] = (current[key] + decay * (averaged[key] - current[key])).detach()
        else:
            result[key] = current[key].detach().clone()
    return result


def with_data(averaged, current, decay):
    result = {}
    for key, new in current.items():
        if "int" in str(new.dtype):
            result[key] = new.data + 0
        else:
            result[key] = decay * averaged[key].data + (1.0 - decay) * new.data
    return result


RIGHT = [comprehension, lerp, by_dtype, with_data, training.ema_update]


def ema(*edits):
    return edited("ema_update", *edits)


BLEND = "decay * averaged[name] + (1 - decay) * values"
WRONG = [
    lambda averaged, current, decay: None,
    lambda averaged, current, decay: averaged,
    lambda averaged, current, decay: current,
    lambda averaged, current, decay: comprehension(current, averaged, decay),
    lambda averaged, current, decay: comprehension(averaged, current, decay**2),
    lambda averaged, current, decay: list(comprehension(averaged, current, decay).values()),
    lambda averaged, current, decay: dict(list(comprehension(averaged, current, decay).items())[:1]),
    lambda averaged, current, decay: {
        k: v.item() for k, v in comprehension(averaged, current, decay).items() if not v.ndim
    },
    lambda averaged, current, decay: {k: decay * averaged[k] + (1 - decay) * v for k, v in current.items()},
    lambda averaged, current, decay: {k: averaged[k].lerp(v, 1 - decay) for k, v in current.items()},
    lambda averaged, current, decay: {
        k: v.requires_grad_(v.is_floating_point()) for k, v in comprehension(averaged, current, decay).items()
    },
    ema((BLEND, "decay * averaged[name]")),
    ema((BLEND, "(1 - decay) * values")),
    ema((BLEND, "averaged[name] + values")),
    ema((BLEND, "(averaged[name] + decay * values) / (1 + decay)")),
    ema((BLEND, "averaged[name] ** decay * values ** (1 - decay)")),
    ema(("values.is_floating_point()", 'name.endswith("weight")')),
    ema(("values.is_floating_point()", "values.ndim > 1")),
    ema(("values.clone()", "torch.zeros_like(values)")),
    ema(("values.clone()", "values + 1")),
    ema(("values.clone()", "averaged[name] + values")),
]
