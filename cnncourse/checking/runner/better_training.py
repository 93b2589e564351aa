"""Probes of the chapter *Better training*: augmentation and weight averaging."""

import torch

from .calls import probe


@probe
def shift_often(answer, images, max_shift, seed, calls, states):
    """Let the answer shift the same images several times with one generator; with `states` with others as well.

    Returns
    -------
    dict
        Whether the images that are given are changed; then what the generator gives and, with `states`, one in the same
        state and one with another seed: the results of all calls in one tensor, or the first that is no tensor of the
        images' shape.
    """
    changed = []

    def shifted(number):
        generator = torch.Generator().manual_seed(number)
        results = []
        for _ in range(calls):
            given = images.clone()
            results.append(answer(given, max_shift, generator))
            changed.append(not torch.equal(given, images))
            if not isinstance(results[-1], torch.Tensor) or results[-1].shape != images.shape:
                return results[-1]
        return torch.stack(results)

    seeds = {"generator": seed, "same state": seed, "other seed": seed + 1} if states else {"generator": seed}
    observed = {name: shifted(number) for name, number in seeds.items()}
    return {"argument changed": any(changed), **observed}


@probe
def average_once(answer, averaged, current, decay, trainable, parts):
    """Let the answer take one step of an average; with `trainable` the current floats require a gradient.

    Returns
    -------
    dict
        Those of these parts that are asked for: the answer's own value; whether any of its tensors requires a gradient;
        whether tensors of integers are integers again; whether an argument is changed; whether an argument that is
        changed later changes the answer's value, too. None for what cannot be seen in a value of another type.
    """
    old, new = ({name: values.clone() for name, values in given.items()} for given in (averaged, current))
    for values in new.values():
        values.requires_grad_(trainable and values.is_floating_point())
    weights = answer(old, new, decay)
    observed = {"weights": weights}
    if isinstance(weights, dict) and all(isinstance(values, torch.Tensor) for values in weights.values()):
        integers = [name for name in weights if name in current and not current[name].is_floating_point()]
        kept = {name: values.detach().clone() for name, values in weights.items()}
        observed |= {
            "graph kept": any(values.requires_grad for values in weights.values()),
            "integers stay integers": not any(weights[name].is_floating_point() for name in integers),
            "argument changed": not (_equal(old, averaged) and _equal(new, current)),
        }
        with torch.no_grad():
            for values in (*old.values(), *new.values()):
                values += 1
        observed["changes with an argument"] = not _equal(weights, kept)
        observed["weights"] = kept
    return {part: observed.get(part) for part in parts}


def _equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(values, other[name]) for name, values in one.items())
