"""The record of one exercise: the only source of its box, its stub, its check, its hidden cases and its feedback.

An exercise is a Python file and a Markdown file of the same name. The Python file holds the solution, its cases and
its known mistakes; the Markdown file holds the text (see :mod:`cnncourse.checking.text`)::

    @exercise(points=4, minutes=10, after="calculate_output_shape", refuses="convolution")
    def corr2d(image, kernel):
        "Slide a kernel over an image."
        ...

    corr2d.add_visible(case("one pixel", varies="basic", image=torch.ones(1, 1), kernel=torch.ones(1, 1)))

    @corr2d.random_cases
    def drawn(generator):
        yield case("random numbers", varies="kernel", image=tensor(generator, 4, 5), kernel=tensor(generator, 2, 3))

    @corr2d.mistake("The kernel is flipped: lay it down as it is.")
    def flipped_kernel(image, kernel):
        return corr2d(image, kernel.flip(0, 1))

    @corr2d.variant("Flip the kernel before it slides.")
    def flipped(image, kernel):
        ...
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from .compare import Mismatch, Observation, agree, alike, compare_values, parts_of
from .rules import by_rules
from .runner import encode, observe
from .source import PRACTICE_IMPORTS, definition_of, renamed, stub_of, with_docstring, wrap_docstrings
from .text import Text, read_text


def _all(case: Case, value: Any) -> Any:
    return value


TAGS = {  # a short name, then after a colon what it means
    "basic": "the plain case: the idea on a small input",
    "axis": "unequal axes: height and width, rows and columns, batch and classes",
    "bias": "the bias: with one or without",
    "batch": "batches: several samples, one sample, batches of unlike size",
    "channels": "channels: several of them in or out",
    "classes": "classes: how many there are, and which occur",
    "default": "defaults: an argument is left out",
    "dilation": "dilation: gaps inside a kernel",
    "dtype": "number types: others than float32",
    "error": "refusals: calls that must raise",
    "extreme": "extreme numbers: very large, very small or infinite",
    "groups": "groups: grouped channels",
    "iterable": "iterables: a generator or another one without a length",
    "kernel": "kernel sizes: of a kernel or window",
    "layers": "layers: how many there are, and how they are nested",
    "mode": "modes: training or evaluation, gradients on or off",
    "negative": "negative numbers",
    "overlap": "overlaps: windows that share pixels",
    "padding": "padding",
    "random": "randomness: what a random generator decides",
    "remainder": "remainders: a last step that would leave the image",
    "setting": "settings: what controls the method, such as a learning rate, a probability or an activation's name",
    "state": "state: what is updated in place or kept between calls",
    "stride": "strides",
    "tie": "ties: equal numbers that compete",
    "zero": "zeros: where a division or a maximum looks",
}


@dataclass(frozen=True)
class Case:
    """One observation of an answer: plain inputs, and the probe that uses them.

    Parameters
    ----------
    note : str
        What the case looks at, for authors and for the report: "stride (2, 3) with a remainder".
    inputs : mapping of str to plain value
        For the probe "call", the answer's arguments by name, in the signature's order; for other probes, theirs.
    varies : tuple of str
        Keys of `TAGS`: what sets this case apart from the plainest one.
    probe : str
        Name in `runner.PROBES`.
    tolerance : float, optional
        Overrides the default: 1e-6 for float64 inputs, else 1e-5, times max(1, largest expected magnitude).
    reference : mapping of str to plain value
        What only the comparison uses. It never reaches the process that runs an answer.
    """

    note: str
    inputs: Mapping[str, object]
    varies: tuple[str, ...] = ()
    probe: str = "call"
    tolerance: float | None = None
    reference: Mapping[str, object] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How much a reader has to look at: the number of array elements in the inputs."""
        return sum(
            value.numel() if isinstance(value, torch.Tensor) else value.size if isinstance(value, np.ndarray) else 1
            for value in self.inputs.values()
        )

    def with_inputs(self, **inputs: object) -> Case:
        """Return the same case with some inputs replaced."""
        return replace(self, inputs={**self.inputs, **inputs})


def case(
    note: str,
    /,
    *,
    varies: str = "",
    probe: str = "call",
    tolerance: float | None = None,
    reference: Mapping[str, object] | None = None,
    **inputs: object,
) -> Case:
    """Make a case.

    Parameters
    ----------
    note : str
        What the case looks at.
    varies : str
        Keys of `TAGS`, separated by spaces.
    probe : str, default "call"
        Name in `runner.PROBES`.
    tolerance, reference : optional
        See `Case`.
    **inputs : plain value
        The arguments by name.

    Returns
    -------
    Case

    Raises
    ------
    ValueError
        For a tag that is not in `TAGS`.

    Examples
    --------
    >>> case("two rows", varies="axis batch", image=torch.ones(2, 1)).varies
    ('axis', 'batch')
    """
    tags = tuple(varies.split())
    unknown = [tag for tag in tags if tag not in TAGS]
    if unknown:
        raise ValueError(f"`varies` must name tags, not {unknown[0]!r}; the tags are {', '.join(TAGS)}")
    return Case(note, inputs, tags, probe, tolerance, reference or {})


@dataclass(frozen=True)
class Mistake:
    """A known mistake: its stable id, one sentence for the learner, and the answers that make it.

    Parameters
    ----------
    id : str
        Unique within the exercise: "flipped-kernel".
    sentence : str
        What is wrong, and what to do.
    ways : list of callable
        Answers that make exactly this mistake, with the solution's parameters. They need not behave alike.
    """

    id: str
    sentence: str
    ways: list[Callable]


@dataclass(frozen=True)
class Variant:
    """The same exercise with one rule changed, for assignments: the published solution must not pass it.

    Parameters
    ----------
    id : str
        Stable, unique within the exercise.
    rule : str
        The sentence that amends the prompt.
    solved : callable
        The solution under the changed rule, same parameters. It stands alone under `PRACTICE_IMPORTS`. Its docstring
        states only what differs from the published one.
    compare : callable or None
        Replaces the exercise's own where the changed rule needs it.
    adapt : callable or None
        ``adapt(case)`` changes a case of the exercise where the changed rule wants other inputs.
    """

    id: str
    rule: str
    solved: Callable
    compare: Callable | None = None
    adapt: Callable | None = None


@dataclass(eq=False)
class Exercise:
    """An exercise. Make one with the decorator `exercise`; calling it calls the solution.

    Parameters
    ----------
    solved : callable
        The solution, with exactly the published signature. It runs alone under `PRACTICE_IMPORTS`, and its docstring is
        the stub's.
    chapter : str
        Stem of the chapter: "convolution".
    text : Text
        Prompt, objectives, hints, and what is not asked for.
    points, minutes : int
    prerequisites : tuple of str
        Names of exercises to solve first.
    refuses : tuple of str
        Families of functions (keys of `compare.FAMILIES`) that are to be built, not called.
    visible : list of Case
        Shown to learners, smallest first.
    mistakes : list of Mistake
        Of two that explain an answer equally well, the first is named.
    unmarked : list of callable
        Ways to make a mistake whose marks depend on the numbers that a seed gives.
    variants : list of Variant
    fresh : callable
        ``fresh(generator)`` yields further cases drawn from a `torch.Generator`.
    compare : callable
        ``compare(case, observed, expected)`` returns None if the observation is right, else a `Mismatch`.
    agree : callable
        ``agree(case, one, other)`` tells whether two observations behave alike: how a mistake is recognised.
    sentences : callable or None
        ``sentences(case, value)`` lists the rules that a value breaks, where the exercise compares by rules.
    counted : callable
        ``counted(case, value)`` returns the parts of a value that count in a case, where a comparison leaves some out.
    pairs : bool
        Whether two mistakes may be made in one solution to recognise both; not where each case is a training.
    """

    solved: Callable
    chapter: str
    text: Text
    points: int
    minutes: int
    prerequisites: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    visible: list[Case] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    unmarked: list[Callable] = field(default_factory=list)
    variants: list[Variant] = field(default_factory=list)
    fresh: Callable[[torch.Generator], Iterable[Case]] = lambda generator: ()
    compare: Callable[[Case, Observation, Observation], Mismatch | None] = compare_values
    agree: Callable[[Case, Observation, Observation], bool] = agree
    sentences: Callable[[Case, object], list[str]] | None = None
    pairs: bool = True
    counted: Callable[[Case, Any], Any] = _all

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Call the solution."""
        return self.solved(*args, **kwargs)

    # Filling the record -------------------------------------------------------------------------------------------

    def add_visible(self, *cases: Case) -> None:
        """Add visible cases, smallest first."""
        self.visible.extend(cases)

    def random_cases(self, fresh: Callable) -> Callable:
        """Take the decorated generator function as the source of the cases that are drawn from a seed."""
        self.fresh = fresh
        return fresh

    def mistake(self, sentence: str, id: str | None = None) -> Callable[[Callable], Callable]:
        """Register the decorated answer as a known mistake.

        Parameters
        ----------
        sentence : str
            What is wrong, and what to do.
        id : str, optional
            By default the function's name with hyphens: ``flipped_kernel`` becomes "flipped-kernel".

        Returns
        -------
        callable
            A decorator that returns the answer unchanged.
        """

        def register(way: Callable) -> Callable:
            self.mistakes.append(Mistake(id or _id_of(way), sentence, [way]))
            return way

        return register

    def same_mistake(self, id: str, marked: bool = True) -> Callable[[Callable], Callable]:
        """Register the decorated answer as another way to make the mistake with this id.

        Parameters
        ----------
        id : str
        marked : bool, default True
            Whether the audit compares its marks: not where the numbers of a case decide whether it is wrong there.

        Returns
        -------
        callable
            A decorator that returns the answer unchanged.
        """
        (known,) = (known for known in self.mistakes if known.id == id)

        def register(way: Callable) -> Callable:
            known.ways.append(way)
            if not marked:
                self.unmarked.append(way)
            return way

        return register

    def edited(self, *edits: str) -> Callable:
        """Make a wrong answer: the solution with pieces of its source replaced.

        Parameters
        ----------
        *edits : str
            An old text and the new one, then the next old text and the new one. Each old text is replaced wherever it
            occurs.

        Returns
        -------
        callable
            Runs under `PRACTICE_IMPORTS`, as the solution does.

        Raises
        ------
        ValueError
            For an old text that is not in the source, and for one without a new text.

        Examples
        --------
        >>> from cnncourse.exercises.registry import find
        >>> find("receptive_field").edited("jump *= stride", "jump = stride")([(3, 2), (3, 2), (3, 1)])
        11
        """
        if len(edits) % 2:
            raise ValueError(f"`edits` must come in pairs of an old and a new text, not {len(edits)} texts")
        source = self.source
        for old, new in zip(edits[::2], edits[1::2], strict=True):
            if old not in source:
                raise ValueError(f"`edits` must replace text from the source of {self.name}, not {old!r}")
            source = source.replace(old, new)
        namespace: dict = {}
        exec(f"{PRACTICE_IMPORTS}\n{source}", namespace)
        way = namespace[self.name]
        way.edits = edits
        return way

    def variant(
        self, rule: str, id: str | None = None, *, compare: Callable | None = None, adapt: Callable | None = None
    ) -> Callable[[Callable], Callable]:
        """Register the decorated function as the solution under a changed rule; see `Variant`."""

        def register(solved: Callable) -> Callable:
            self.variants.append(Variant(id or _id_of(solved), rule, solved, compare, adapt))
            return solved

        return register

    def rules(self, broken: Callable) -> Callable:
        """Compare by rules instead of values: the decorated function yields a sentence for each rule that is broken."""
        self.compare, self.agree, self.sentences = by_rules(broken)
        return broken

    def comparison(self, compare: Callable) -> Callable:
        """Take the decorated function as `compare`."""
        self.compare = compare
        return compare

    def agreement(self, agree: Callable) -> Callable:
        """Take the decorated function as `agree`."""
        self.agree = agree
        return agree

    # What follows from the record ---------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name of the solved function or class."""
        return self.solved.__name__

    @property
    def prompt(self) -> str:
        """Markdown for the learner: the purpose, then the task."""
        return self.text.prompt

    @property
    def objectives(self) -> tuple[str, ...]:
        """What the exercise trains."""
        return self.text.objectives

    @property
    def out_of_scope(self) -> tuple[str, ...]:
        """What the exercise does not ask for."""
        return self.text.out_of_scope

    @property
    def hints(self) -> tuple[str, ...]:
        """From a nudge to nearly the answer."""
        return self.text.hints

    @cached_property
    def parameters(self) -> list[str]:
        """The names of the solution's parameters."""
        return list(inspect.signature(self.solved).parameters)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The names of what the solution returns, from its docstring; empty where it returns one thing."""
        documented = inspect.getdoc(self.solved) or ""
        section = re.search(r"^Returns\n-+\n(.*?)(?:\n\n|\Z)", documented, re.DOTALL | re.MULTILINE)
        named = re.findall(r"^(\w+) : ", section[1], re.MULTILINE) if section else []
        return tuple(named) if len(named) > 1 else ()

    @cached_property
    def signature(self) -> str:
        """The call as a learner writes it: ``corr2d(image, kernel)``."""
        return f"{self.name}{inspect.signature(self.solved)}"

    @cached_property
    def source(self) -> str:
        """The solution's source, which runs under `PRACTICE_IMPORTS`; its docstring is wrapped."""
        return wrap_docstrings(definition_of(self.solved))

    def solution(self, variant: Variant | None = None) -> str:
        """Return the source of the solution under the exercise's name and with the whole docstring.

        Parameters
        ----------
        variant : Variant, optional
            Return the solution under its changed rule.

        Returns
        -------
        str
        """
        if variant is None:
            return self.source
        changed = renamed(definition_of(variant.solved), variant.solved.__name__, self.name)
        return wrap_docstrings(with_docstring(changed, self.source))

    def stub(self, variant: Variant | None = None) -> str:
        """Return the solution's signature and docstring, each body taken out; of a variant, with its changed rule."""
        return stub_of(self.solution(variant))

    def cases(self, seed: int) -> list[Case]:
        """List the visible cases, then the fresh ones that this seed gives."""
        generator = torch.Generator().manual_seed(seed)
        return [*self.visible, *self.fresh(generator)]

    def material(self, case: Case) -> dict:
        """Encode a case's inputs for its probe.

        Parameters
        ----------
        case : Case

        Returns
        -------
        dict
            JSON material for `runner.observe`, the same in the reader's process and in the sandbox.
        """
        if case.probe != "call":
            return encode(dict(case.inputs))
        leading = [name for name, given in zip(self.parameters, case.inputs, strict=False) if name == given]
        positional = tuple(case.inputs[name] for name in leading)
        keyword = {name: value for name, value in case.inputs.items() if name not in leading}
        return encode({"args": positional, "kwargs": keyword})

    def observe(self, answer: object, case: Case, silent: bool = True) -> dict:
        """Observe an answer on a case, in this process; see `runner.observe`."""
        return observe(answer, case.probe, self.material(case), self.refuses, silent)

    def symptoms(self, case: Case, observed: Observation) -> dict[str, object]:
        """Take what an answer returned apart: the rules that it breaks, the parts of its value, or the whole."""
        if self.sentences:
            return dict.fromkeys(self.sentences(case, observed.value), True)
        return parts_of(self.counted(case, observed.value)) if self._compares_parts else {"": observed}

    def alike(self, case: Case, one: object, other: object) -> bool:
        """Tell whether two symptoms of one name are alike."""
        if isinstance(one, Observation) and isinstance(other, Observation):
            return self.agree(case, one, other)
        return alike(case, one, other)

    @property
    def _compares_parts(self) -> bool:
        return self.agree is agree and (self.compare is compare_values or self.counted is not _all)


def exercise(
    *,
    points: int,
    minutes: int,
    after: str = "",
    refuses: str = "",
) -> Callable[[Callable], Exercise]:
    """Make an exercise of the decorated solution and of the Markdown file beside its own file.

    Parameters
    ----------
    points, minutes : int
    after : str
        Names of the exercises to solve first, separated by spaces.
    refuses : str
        Families of functions that are to be built, not called, separated by spaces (keys of `compare.FAMILIES`).

    Returns
    -------
    callable
        A decorator; the decorated name becomes the `Exercise`.

    Raises
    ------
    ValueError
        If the Markdown file is missing or has no prompt.

    Examples
    --------
    >>> from cnncourse.exercises.convolution.corr2d import corr2d  # below @exercise(points=4, minutes=10, ...)
    >>> corr2d.name, corr2d.chapter, corr2d.points
    ('corr2d', 'convolution', 4)
    """

    def make(solved: Callable) -> Exercise:
        file = Path(inspect.getfile(solved))
        return Exercise(
            solved=solved,
            chapter=file.parent.name,
            text=read_text(file.with_suffix(".md")),
            points=points,
            minutes=minutes,
            prerequisites=tuple(after.split()),
            refuses=tuple(refuses.split()),
        )

    return make


def exercises_in(module: ModuleType) -> Iterator[Exercise]:
    """Yield the exercises that a module defines itself, in order."""
    for value in vars(module).values():
        if isinstance(value, Exercise) and value.solved.__module__ == module.__name__:
            yield value


def _id_of(function: Callable) -> str:
    return function.__name__.strip("_").replace("_", "-")
