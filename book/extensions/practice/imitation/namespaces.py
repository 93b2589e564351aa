"""Put the modules together under torch's names."""

from __future__ import annotations

import contextlib
import importlib
import math
import sys
from collections.abc import Collection, Iterator, Mapping
from types import ModuleType
from typing import Any

from . import (
    arrays,
    autograd,
    convolutions,
    datasets,
    dtypes,
    elementwise,
    functional,
    indexing,
    looks,
    modes,
    optim,
    products,
    randomness,
    reductions,  # noqa: F401 - each registers its operations
    watching,
)
from .gaps import FOUND, gap, refuse
from .modules import INIT, LAYERS
from .registry import FUNCTIONAL, METHODS, TORCH
from .shapes import Size
from .tensors import STRIDED, Device, Parameter, Tensor, of_type

REGISTERING = (convolutions, elementwise, functional, indexing, looks, products)


class Namespace(ModuleType):
    """A module of the imitation. A name that torch has and the imitation lacks is a gap."""

    _real: Collection[str] = ()

    def __getattr__(self, name: str) -> Any:
        if name in self._real:
            gap(f"{self.__name__}.{name}")
        raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")


def _tensor_attribute(self: Tensor, name: str) -> Any:
    if name in Tensor._real:
        gap(f"Tensor.{name}")
    raise AttributeError(f"'Tensor' object has no attribute '{name}'")


@contextlib.contextmanager
def fork_rng(*args: Any, **kwargs: Any) -> Iterator[None]:
    """Put the global generator back after the block."""
    state = randomness.default_generator.get_state()
    try:
        yield
    finally:
        randomness.default_generator.set_state(state)


def _grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: Any = None,
    create_graph: bool = False,
    allow_unused: Any = None,
) -> tuple:
    if create_graph:
        gap("torch.autograd.grad with create_graph")
    results = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    wanted = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    given = [grad_outputs] if isinstance(grad_outputs, Tensor) or grad_outputs is None else list(grad_outputs)
    given = given * len(results) if len(given) != len(results) else given
    for each in wanted:
        if not each.requires_grad:
            refuse(RuntimeError, "One of the differentiated Tensors does not require grad")
    found = autograd.gradients(autograd.seeds(results, given), bool(retain_graph), wanted)
    answers = tuple(found.get(id(autograd.edge_of(each))) for each in wanted)
    if any(each is None for each in answers) and not allow_unused:
        refuse(
            RuntimeError,
            "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if "
            "this is "
            "the desired behavior.",
        )
    return answers


def _set_default_dtype(of: Any) -> None:
    if not isinstance(of, dtypes.dtype) or not of.is_floating_point:
        refuse(TypeError, f"only floating-point types are supported as the default type, got {of}")
    dtypes.set_default(of)


def build(real: Mapping[str, Collection[str]]) -> dict[str, ModuleType]:
    """Make the modules.

    Parameters
    ----------
    real : mapping of str to collection of str
        The names that torch itself has: for "torch", "torch.nn", "torch.nn.functional", "Tensor", "Module", ...

    Returns
    -------
    dict
        From a module's name to the module, for `sys.modules`.
    """
    for name in ("cross_entropy", "nll_loss"):
        FUNCTIONAL[name] = watching.announced(FUNCTIONAL[name])
    Tensor._real = real.get("Tensor", ())
    Tensor.__getattr__ = _tensor_attribute
    TORCH["real names"], TORCH["types"] = {"Module": real.get("Module", ())}, dtypes.ALL
    for name, method in METHODS.items():
        if not hasattr(Tensor, name):
            setattr(Tensor, name, method)
    modules: dict[str, ModuleType] = {}

    def module(name: str, **content: Any) -> Namespace:
        made = Namespace(name)
        made._real = real.get(name, ())
        made.__path__ = []
        vars(made).update(content)
        modules[name] = made
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(modules[parent], last, made)
        return made

    operations = {name: value for name, value in TORCH.items() if name not in ("real names", "types")}
    module(
        "torch",
        **operations,
        **dtypes.ALL,
        **{alias: dtypes.ALL[name] for alias, name in dtypes.ALIASES.items()},
        **{f"{title}Tensor": of_type(name) for name, title in dtypes.CLASS_NAMES.items()},
        dtype=dtypes.dtype,
        Tensor=Tensor,
        Size=Size,
        device=Device,
        Generator=randomness.Generator,
        default_generator=randomness.default_generator,
        no_grad=modes.no_grad,
        enable_grad=modes.enable_grad,
        set_grad_enabled=modes.set_grad_enabled,
        inference_mode=modes.inference_mode,
        is_grad_enabled=autograd.is_enabled,
        is_inference_mode_enabled=lambda: False,
        is_autocast_enabled=lambda *_: False,
        is_anomaly_enabled=lambda: False,
        get_default_dtype=dtypes.default,
        set_default_dtype=_set_default_dtype,
        get_default_device=Device,
        set_default_device=Device,
        get_num_threads=lambda: 1,
        set_num_threads=lambda number: None,
        get_float32_matmul_precision=lambda: "highest",
        strided=STRIDED,
        contiguous_format="contiguous",
        preserve_format="preserve",
        inf=math.inf,
        nan=math.nan,
        pi=math.pi,
        e=math.e,
        newaxis=None,
        __version__="imitation",
    )
    module("torch.autograd", grad=_grad, set_detect_anomaly=lambda mode: None)
    module("torch.random", fork_rng=fork_rng, manual_seed=TORCH["manual_seed"])
    module(
        "torch.cuda",
        is_available=lambda: False,
        synchronize=lambda: None,
        manual_seed=lambda seed: None,
        manual_seed_all=lambda seed: None,
    )
    module("torch.backends")
    module("torch.backends.cudnn", deterministic=True, benchmark=False)
    module("torch.backends.mps", is_available=lambda: False)
    module("torch.nn", **LAYERS)
    module("torch.nn.functional", **FUNCTIONAL)
    module("torch.nn.init", **INIT)
    module("torch.nn.parameter", Parameter=Parameter)
    module("torch.nn.modules", **LAYERS)
    module("torch.nn.utils")
    module("torch.linalg")
    module("torch.special")
    module("torch.optim", Optimizer=optim.Optimizer, SGD=optim.SGD, Adam=optim.Adam, AdamW=optim.AdamW)
    module("torch.overrides", TorchFunctionMode=watching.FunctionMode)
    module("torch.utils")
    module(
        "torch.utils.data",
        Dataset=datasets.Dataset,
        TensorDataset=datasets.TensorDataset,
        DataLoader=datasets.DataLoader,
    )
    module("torch.utils._python_dispatch", TorchDispatchMode=watching.DispatchMode)
    arrays.ndarray._real = real.get("ndarray", ())
    plain = {name: value for name, value in arrays.NUMPY.items() if "." not in name}
    module("numpy", **plain, __version__="imitation", errstate=lambda **words: contextlib.nullcontext())
    module("numpy.lib")
    module("numpy.linalg")
    module("numpy.lib.stride_tricks", **_below("lib.stride_tricks"))
    module("numpy.random", **_below("random"))
    for name, value in _below("add").items():
        setattr(plain["add"], name, value)
    return modules


def _below(prefix: str) -> dict[str, Any]:
    """Return NumPy's functions whose name begins with a prefix and a dot."""
    start = prefix + "."
    return {name.removeprefix(start): value for name, value in arrays.NUMPY.items() if name.startswith(start)}


class _NotOnThePage:
    """The last finder of modules: one that is nowhere is a gap, not the learner's mistake."""

    def __init__(self, standard: Collection[str]) -> None:
        self.standard = standard

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Record that a module was asked for."""
        if name.partition(".")[0] not in self.standard:
            FOUND.append(f"import {name}")


def real_names() -> dict[str, list[str]]:
    """List what torch and NumPy themselves have, for `build`. Needs both."""
    import numpy
    import torch

    places = {
        "torch": torch,
        "Tensor": torch.Tensor,
        "Module": torch.nn.Module,
        "numpy": numpy,
        "ndarray": numpy.ndarray,
    }
    for name in (
        *SUBMODULES,
        "numpy.random",
        "numpy.lib",
        "numpy.linalg",
        "numpy.lib.stride_tricks",
        "torch.linalg",
        "torch.special",
    ):
        places[name] = importlib.import_module(name)
    return {name: sorted(dir(place)) for name, place in places.items()}


SUBMODULES = (
    "torch.autograd",
    "torch.random",
    "torch.cuda",
    "torch.backends",
    "torch.nn",
    "torch.nn.functional",
    "torch.nn.init",
    "torch.nn.parameter",
    "torch.nn.modules",
    "torch.nn.utils",
    "torch.optim",
    "torch.overrides",
    "torch.utils",
    "torch.utils.data",
)


def install(real: Mapping[str, Collection[str]]) -> None:
    """Let ``import torch`` find the imitation, and let modules that the page lacks be gaps."""
    sys.modules.update(build(real))
    sys.meta_path.append(_NotOnThePage((*sys.stdlib_module_names, "cnncourse", "tests", "extensions")))
