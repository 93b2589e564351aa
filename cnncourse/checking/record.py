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
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import ModuleType

import numpy as np
import torch

from .compare import Mismatch, Observation, agree, compare_values
from .rules import by_rules
from .runner import encode, observe
from .source import definition_of, renamed, stub_of, with_docstring
from .text import Text, read_text

TAGS = {
    "basic": "the idea on a small plain input",
    "axis": "axes that are not alike: height and width, rows and columns, batch and classes",
    "bias": "with or without a bias",
    "batch": "several samples, one sample, batches of unlike size",
    "channels": "several channels in or out",
    "classes": "how many classes there are, and which occur",
    "default": "an argument is left out",
    "dilation": "gaps inside a kernel",
    "dtype": "another number type than float32",
    "error": "the call must raise",
    "extreme": "very large, very small or infinite numbers",
    "groups": "grouped channels",
    "iterable": "a generator or another iterable without a length",
    "kernel": "the size of the kernel or window",
    "layers": "how many layers there are, and how they are nested",
    "mode": "training or evaluation, gradients on or off",
    "negative": "negative numbers",
    "overlap": "windows that overlap",
    "padding": "padding",
    "random": "what a random generator decides",
    "remainder": "a last step that would leave the image",
    "setting": "a number that controls the method: a learning rate, a probability, a momentum",
    "state": "what is updated in place or kept between calls",
    "stride": "the stride",
    "tie": "equal numbers that compete",
    "zero": "zeros where a division or a maximum looks",
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
    """

    note: str
    inputs: Mapping[str, object]
    varies: tuple[str, ...] = ()
    probe: str = "call"
    tolerance: float | None = None

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
    note: str, /, *, varies: str = "", probe: str = "call", tolerance: float | None = None, **inputs: object
) -> Case:
    """Write a case down.

    Parameters
    ----------
    note : str
        What the case looks at.
    varies : str
        Keys of `TAGS`, separated by spaces.
    probe : str, default "call"
        Name in `runner.PROBES`.
    tolerance : float, optional
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
        raise ValueError(f"`varies` names {unknown[0]!r}, which is not a tag; the tags are {', '.join(TAGS)}")
    return Case(note, inputs, tags, probe, tolerance)


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
    """An exercise, whole. Make one with the decorator `exercise`; calling it calls the solution.

    Parameters
    ----------
    solved : callable
        The solution: exactly the signature of the table in the instructors' contract; it stands alone under
        `PRACTICE_IMPORTS`, and its docstring is the stub's.
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
    variants : list of Variant
    fresh : callable
        ``fresh(generator)`` yields further cases drawn from a `torch.Generator`.
    compare : callable
        ``compare(case, observed, expected)`` returns None if the observation is right, else a `Mismatch`.
    agree : callable
        ``agree(case, one, other)`` tells whether two observations behave alike: how a mistake is recognised.
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
    variants: list[Variant] = field(default_factory=list)
    fresh: Callable[[torch.Generator], Iterable[Case]] = lambda generator: ()
    compare: Callable[[Case, Observation, Observation], Mismatch | None] = compare_values
    agree: Callable[[Case, Observation, Observation], bool] = agree

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Call the solution."""
        return self.solved(*args, **kwargs)

    # How its file fills it ----------------------------------------------------------------------------------------

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

    def same_mistake(self, id: str) -> Callable[[Callable], Callable]:
        """Register the decorated answer as another way to make the mistake with this id."""
        (known,) = (known for known in self.mistakes if known.id == id)

        def register(way: Callable) -> Callable:
            known.ways.append(way)
            return way

        return register

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
        self.compare, self.agree = by_rules(broken)
        return broken

    def comparison(self, compare: Callable) -> Callable:
        """Take the decorated function as `compare`."""
        self.compare = compare
        return compare

    def agreement(self, agree: Callable) -> Callable:
        """Take the decorated function as `agree`."""
        self.agree = agree
        return agree

    # What is made of it -------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name of the solved function or class."""
        return self.solved.__name__

    @property
    def prompt(self) -> str:
        """Markdown for the learner; it says why before what."""
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
    def signature(self) -> str:
        """The call as a learner writes it: ``corr2d(image, kernel)``."""
        return f"{self.name}{inspect.signature(self.solved)}"

    @cached_property
    def source(self) -> str:
        """The solution's source, which runs under `PRACTICE_IMPORTS`."""
        return definition_of(self.solved)

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
        return with_docstring(changed, self.source)

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

    def observe(self, answer: object, case: Case) -> dict:
        """Observe an answer on a case, in this process; see `runner.observe`."""
        return observe(answer, case.probe, self.material(case), self.refuses)


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
    """

    def make(solved: Callable) -> Exercise:
        file = Path(inspect.getsourcefile(solved))
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
