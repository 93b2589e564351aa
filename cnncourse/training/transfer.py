"""Transfer: keep what a trained network has learned about images, and teach its last layers other classes.

References
----------
Yosinski, Clune, Bengio and Lipson, "How transferable are features in deep neural networks?" (2014),
https://arxiv.org/abs/1411.1792
"""

from collections.abc import Iterable

from torch import nn

from cnncourse.geometry import as_integer
from cnncourse.models.modes import check_module


def freeze(model: nn.Module, except_for: str | Iterable[str] = ()) -> None:
    """Let training change only the named parameters.

    Parameters
    ----------
    model : nn.Module
        Changed in place: afterwards the named parameters require a gradient, and no other does.
    except_for : str or iterable of str
        Names of parameters or of layers, as ``named_parameters()`` and ``named_modules()`` have them; a layer stands
        for all parameters in it. None named: all are frozen.

    Raises
    ------
    ValueError
        If a name belongs to no parameter of `model`.

    Notes
    -----
    The running statistics of batch normalisation are no parameters: in train mode a frozen network still adapts them
    to new images.

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(8, 2))
    >>> freeze(model, except_for="2")
    >>> [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    ['2.weight', '2.bias']
    """
    check_module(model)
    names = _as_names(except_for)
    parameters = dict(model.named_parameters())
    for name in names:
        if not any(_belongs(parameter, name) for parameter in parameters):
            raise ValueError(
                f"`except_for` must name parameters or layers of {type(model).__name__}, not {name!r}; it has "
                f"{', '.join(parameters) or 'none'}"
            )
    for parameter, values in parameters.items():
        values.requires_grad_(any(_belongs(parameter, name) for name in names))


def replace_head(model: nn.Module, layer_name: str, num_classes: int) -> None:
    """Put a new linear layer, with as many outputs as there are new classes, in place of a trained one.

    Parameters
    ----------
    model : nn.Module
        Changed in place.
    layer_name : str
        Name of the linear layer, as ``named_modules()`` has it.
    num_classes : int
        Outputs of the new layer, at least 1. It has the old layer's inputs, device and dtype, and a bias if that had
        one; its weights are drawn by torch's global generator.

    Raises
    ------
    ValueError
        If `model` has no linear layer of that name.

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(8, 6))
    >>> replace_head(model, "2", num_classes=4)
    >>> model[2]
    Linear(in_features=8, out_features=4, bias=True)
    """
    check_module(model)
    num_classes = as_integer(num_classes, "num_classes")
    layers = {name: layer for name, layer in model.named_modules() if name and isinstance(layer, nn.Linear)}
    if not isinstance(layer_name, str) or layer_name not in layers:
        listed = ", ".join(map(repr, layers)) or "none"
        raise ValueError(
            f"`layer_name` must name a linear layer of {type(model).__name__}, not {layer_name!r}; it has {listed}"
        )
    old = layers[layer_name]
    new = nn.Linear(
        old.in_features, num_classes, old.bias is not None, device=old.weight.device, dtype=old.weight.dtype
    )
    model.set_submodule(layer_name, new)


def _belongs(parameter: str, name: str) -> bool:
    return parameter == name or parameter.startswith(f"{name}.")


def _as_names(except_for: str | Iterable[str]) -> list[str]:
    if isinstance(except_for, str):
        return [except_for]
    names = list(except_for) if isinstance(except_for, Iterable) else [None]
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"`except_for` must be names of parameters or layers, not {except_for!r}")
    return names
