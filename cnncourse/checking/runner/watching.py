"""Notice calls of functions that an exercise asks the learner to build."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch.nn.functional as F
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

# Family -> operators below autograd, by name. `Tensor.unfold` is `aten::unfold`, a view, and belongs to no family.
OPERATORS = {
    "convolution": re.compile(r"aten::.*conv(?!ert)|mkldnn::.*conv|.*::conv\d?d?"),
    "unfold": re.compile(r"aten::im2col"),
    "fold": re.compile(r"aten::col2im"),
    "softmax": re.compile(r"aten::_?(safe_|masked_)?(log_)?softmax"),
    "cross_entropy": re.compile(r"aten::(nll_loss|cross_entropy)"),
}
# Family -> functions that call other operators, so that their own name is not seen below autograd.
FUNCTIONS = {"cross_entropy": {F.cross_entropy, F.nll_loss}}


class _Operators(TorchDispatchMode):
    def __init__(self, families: Sequence[str], calls: set[str]) -> None:
        super().__init__()
        self.families, self.calls = families, calls

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Stay out of the compiler, whose import takes seconds at the first call."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func._schema.name
        self.calls.update(family for family in self.families if OPERATORS[family].match(name))
        return func(*args, **(kwargs or {}))


class _Functions(TorchFunctionMode):
    def __init__(self, families: Sequence[str], calls: set[str]) -> None:
        super().__init__()
        self.families, self.calls = families, calls

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.calls.update(family for family in self.families if func in FUNCTIONS.get(family, ()))
        return func(*args, **(kwargs or {}))


@contextmanager
def watch(families: Sequence[str]) -> Iterator[set[str]]:
    """Collect the families of refused functions that are called inside the block.

    Parameters
    ----------
    families : sequence of str
        Keys of `OPERATORS`.

    Yields
    ------
    set of str
        Grows while the block runs.
    """
    calls: set[str] = set()
    with ExitStack() as stack:
        if families:
            stack.enter_context(_Operators(families, calls))
        if any(family in FUNCTIONS for family in families):
            stack.enter_context(_Functions(families, calls))
        yield calls
