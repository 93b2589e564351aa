"""What cells find around them in Jupyter and not here: the shell, modules that `%%writefile` writes, a GPU."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import InspectLoader, MetaPathFinder
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

ACCELERATORS = ("cuda", "mps")


class Shell:
    """What `get_ipython()` returns: it keeps the modules that ``%%writefile`` writes; all else does nothing.

    Parameters
    ----------
    namespace : dict
        Of the cells; ``%run`` of a written module runs there.
    """

    def __init__(self, namespace: dict) -> None:
        self.namespace, self.written = namespace, WrittenModules()

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None

    def run_cell_magic(self, magic: str, line: str, cell: str) -> None:
        """Keep the module that ``%%writefile`` writes."""
        if magic in ("writefile", "file"):
            *options, name = line.split() or [""]
            self.written.add(name, cell, append="-a" in options or "--append" in options)

    def run_line_magic(self, magic: str, line: str) -> None:
        """Run what ``%run`` runs, if it was written by ``%%writefile``."""
        source = self.written.get_source(module_name(line.strip())) if magic == "run" else None
        if source is not None:
            exec(compile(source, line.strip(), "exec", dont_inherit=True), self.namespace)


class WrittenModules(MetaPathFinder, InspectLoader):
    """Finds and loads modules whose source is kept here and in no file."""

    def __init__(self) -> None:
        self.sources: dict[str, str] = {}

    def add(self, path: str, source: str, append: bool = False) -> None:
        """Keep the source of a module; from then on it can be imported."""
        name = module_name(path)
        self.sources[name] = (self.sources.get(name, "") if append else "") + source
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)  # as in Jupyter, before what is installed

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        """Return how to load a module that was written; None for others."""
        return importlib.util.spec_from_loader(name, self, is_package=False) if name in self.sources else None

    def get_source(self, name: str) -> str | None:
        """Return a module's source; None for others."""
        return self.sources.get(name)


def module_name(path: str) -> str:
    """Return the name under which a file beside the notebook is imported.

    Examples
    --------
    >>> module_name("./mine.py")
    'mine'
    """
    return path.strip("'\"").removeprefix("./").removesuffix(".py")


class WithoutAccelerator(TorchFunctionMode):
    """Runs on the processor what asks for a GPU; use it as a context manager."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call a function of torch with the processor in place of a GPU."""
        if func is torch.Tensor.cuda:
            return args[0]
        if func is torch.device:  # a name only; torch looks up its own modules by it
            return func(*args, **(kwargs or {}))
        return func(*map(_here, args), **{name: _here(value) for name, value in (kwargs or {}).items()})


def _here(value: Any) -> Any:
    if isinstance(value, torch.device):
        return torch.device("cpu") if value.type in ACCELERATORS else value
    if isinstance(value, str):
        return "cpu" if value.partition(":")[0] in ACCELERATORS else value
    return value


def run_without_accelerator(sources: Sequence[str]) -> None:
    """Enter `WithoutAccelerator` for the rest of this process if sources name a GPU and torch has none."""
    named = any(name in source for source in sources for name in ACCELERATORS)
    if not named or torch.cuda.is_available() or torch.backends.mps.is_available():
        return
    WithoutAccelerator().__enter__()
    set_default_device = torch.set_default_device
    torch.set_default_device = lambda device: set_default_device(_here(device))
    torch.cuda.synchronize = lambda device=None: None
