"""One record per exercise: the only source of its box, its stub, its check, its hidden cases and its feedback."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import torch

from .judging import agree, judge_by_value
from .probes import encode, observe

PRACTICE_IMPORTS = """\
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
"""


@dataclass(frozen=True)
class Case:
    """One observation of an answer: plain inputs, and the probe that uses them.

    Parameters
    ----------
    note : str
        What the case looks at, for authors and for the report: "stride (2, 3) with a remainder".
    inputs : mapping of str to plain value
        For the probe "call", the answer's arguments by name, in the signature's order; for other probes, theirs.
    probe : str
        Name in `probes.PROBES`.
    tolerance : float, optional
        Overrides the bank's own: 1e-6 for float64 inputs, else 1e-5, times max(1, largest expected magnitude).
    """

    note: str
    inputs: Mapping[str, object]
    probe: str = "call"
    tolerance: float | None = None

    @property
    def size(self):
        """How much a reader has to look at: the number of array elements in the inputs."""
        return sum(
            value.numel() if isinstance(value, torch.Tensor) else value.size if isinstance(value, np.ndarray) else 1
            for value in self.inputs.values()
        )

    def with_inputs(self, **inputs):
        """Return the same case with some inputs replaced."""
        return replace(self, inputs={**self.inputs, **inputs})


def case(note, /, *, probe="call", tolerance=None, **inputs):
    """Write a case down: ``case("one pixel", image=torch.ones(1, 1), kernel=torch.ones(1, 1))``."""
    return Case(note, inputs, probe, tolerance)


@dataclass(frozen=True)
class Misconception:
    """A plausible mistake: its stable id, one sentence for the learner, and an answer that makes it.

    Parameters
    ----------
    id : str
        Unique within the exercise.
    sentence : str
        What is wrong, and what to do.
    wrong : callable
        Makes exactly this mistake; it has the solved function's parameters.
    also : sequence of callable
        The same mistake made in ways that do not behave alike.
    """

    id: str
    sentence: str
    wrong: Callable
    also: tuple[Callable, ...] = ()

    @property
    def ways(self):
        """All answers that make the mistake."""
        return (self.wrong, *self.also)


@dataclass(frozen=True)
class Variant:
    """The same exercise with one rule changed, for assignments: the published solution must not pass it.

    Parameters
    ----------
    id : str
        Stable, unique within the exercise.
    rule : str
        The sentence that replaces or amends the prompt.
    solved : callable
        The solution under the changed rule, same parameters. It stands alone under `PRACTICE_IMPORTS`, and its
        docstring is the changed stub's.
    judge : callable, optional
        Replaces the exercise's own where the changed rule needs it.
    adapt : callable, optional
        ``adapt(case)`` changes a case of the exercise where the changed rule wants other inputs.
    """

    id: str
    rule: str
    solved: Callable
    judge: Callable | None = None
    adapt: Callable | None = None

    def source_as(self, name):
        """Return the solution's source under the name of the exercise, which is what learners are asked to write."""
        source = textwrap.dedent(inspect.getsource(self.solved))
        return re.sub(rf"\b{self.solved.__name__}\b", name, source)


@dataclass(frozen=True)
class Exercise:
    """An exercise, whole.

    Parameters
    ----------
    solved : callable
        The solution: exactly the signature of the table in the instructors' contract; it stands alone under
        `PRACTICE_IMPORTS`, and its docstring is the stub's.
    chapter : str
        Stem of the chapter: "convolution".
    prompt : str
        Markdown for the learner; it says why before what.
    objectives, out_of_scope : sequence of str
        What the exercise trains, and what it does not ask for.
    visible : sequence of Case
        Shown to learners, smallest first.
    fresh : callable
        ``fresh(generator)`` yields further cases drawn from a `torch.Generator`.
    misconceptions : sequence of Misconception
    hints : sequence of str
        From a nudge to nearly the answer.
    points, minutes : int
    prerequisites : sequence of str
        Names of exercises to solve first.
    refuses : sequence of str
        Families of functions (keys of `judging.FAMILIES`) that are to be built, not called.
    judge : callable
        ``judge(case, observed, expected)`` returns None if the observation is right, else a `Finding`.
    agrees : callable
        ``agrees(case, one, other)`` tells whether two observations behave alike: how a misconception is recognised.
    variants : sequence of Variant
    """

    solved: Callable
    chapter: str
    prompt: str
    objectives: tuple[str, ...]
    visible: tuple[Case, ...]
    fresh: Callable[[torch.Generator], Iterable[Case]]
    misconceptions: tuple[Misconception, ...]
    hints: tuple[str, ...]
    points: int
    minutes: int
    out_of_scope: tuple[str, ...] = ()
    prerequisites: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    judge: Callable = judge_by_value
    agrees: Callable = agree
    variants: tuple[Variant, ...] = field(default=())

    @property
    def name(self):
        """The name of the solved function or class."""
        return self.solved.__name__

    @cached_property
    def signature(self):
        """The call as a learner writes it: ``corr2d(image, kernel)``."""
        return f"{self.name}{inspect.signature(self.solved)}"

    @cached_property
    def source(self):
        """The solution's source, which runs under `PRACTICE_IMPORTS`."""
        return textwrap.dedent(inspect.getsource(self.solved))

    @cached_property
    def stub(self):
        """The solution's signature and docstring, each body taken out."""
        return stub_of(self.source)

    def cases(self, seed):
        """List the visible cases, then the fresh ones that this seed gives.

        Parameters
        ----------
        seed : int

        Returns
        -------
        list of Case
        """
        generator = torch.Generator().manual_seed(seed)
        return [*self.visible, *self.fresh(generator)]

    def material(self, case):
        """Encode a case's inputs for its probe.

        Parameters
        ----------
        case : Case

        Returns
        -------
        dict
            JSON material for `probes.observe`, the same in the reader's process and in the sandbox.
        """
        if case.probe != "call":
            return encode(dict(case.inputs))
        names = list(inspect.signature(self.solved).parameters)
        leading = [name for name, given in zip(names, case.inputs, strict=False) if name == given]
        positional = tuple(case.inputs[name] for name in leading)
        keyword = {name: value for name, value in case.inputs.items() if name not in leading}
        return encode({"args": positional, "kwargs": keyword})

    def observe(self, answer, case):
        """Observe an answer on a case, in this process."""
        return observe(answer, case.probe, self.material(case), self.refuses)


def stub_of(source):
    """Take the bodies out of a function's or class's source, keeping signatures, docstrings and comments above them.

    Parameters
    ----------
    source : str
        A single function or class.

    Returns
    -------
    str
        The same source, each body replaced by ``raise NotImplementedError``.

    Examples
    --------
    >>> print(stub_of('def double(x):\\n    "Twice x."\\n    return 2 * x\\n'))
    def double(x):
        "Twice x."
        raise NotImplementedError
    """
    lines = source.splitlines()
    (definition,) = ast.parse(source).body
    functions = [definition] if isinstance(definition, ast.FunctionDef) else list(_methods(definition))
    for function in reversed(functions):
        first, *rest = function.body
        documented = ast.get_docstring(function) is not None
        start = first.end_lineno if documented else first.lineno - 1
        indent = " " * (function.col_offset + 4)
        lines[start : (rest or [first])[-1].end_lineno] = [f"{indent}raise NotImplementedError"]
    return "\n".join(lines)


def _methods(definition):
    return (node for node in definition.body if isinstance(node, ast.FunctionDef))
