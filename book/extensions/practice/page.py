"""The checker on a page: the course's own engine, with the imitation of torch in the place of torch.

This file runs in the worker of a page, where neither torch nor the rest of the course exists. `begin` reads an answer
and `step` runs it on one case after the other; the worker calls both and reports each step, so that an endless loop
can be told from a long check. Everything that an answer may have changed is imported anew for the next one.
"""

from __future__ import annotations

import builtins
import html
import json
import math
import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

STAND_INS = ("extensions", "extensions.practice", "cnncourse", "cnncourse.exercises", "cnncourse.checking")
ABSENT = ("data", "layers", "models", "training", "interpretation")  # modules of the course that are not on the page
PRINTED = 2_000  # characters that are shown of what an answer prints
SHUT = ("js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core")  # ways from Python to JavaScript
RESTORED = (builtins, json, math, random)  # whose names an answer may have bound anew


class Absent(ModuleType):
    """A module of the course that is not on the page. Calling its functions is a gap."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        from .imitation.gaps import gap

        return lambda *args, **kwargs: gap(f"{self.__name__}.{name}")


class Shut:
    """A finder of modules, the first that is asked: there is no way to JavaScript."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        """Refuse the modules of Pyodide as Python refuses what is not there."""
        if name.partition(".")[0] in SHUT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


class Page:
    """The checker of a page.

    Parameters
    ----------
    root, book : pathlib.Path
        The folders that hold `cnncourse` and `extensions`.
    modules : mapping of str to str
        The module of each exercise's record, by the exercise's name.
    real_names : mapping of str to list of str
        What torch and NumPy have; see `imitation.namespaces.build`.
    """

    def __init__(self, root: Path, book: Path, modules: Mapping[str, str], real_names: Mapping[str, list[str]]) -> None:
        self.modules, self.real_names = modules, real_names
        self.folders = {"cnncourse": root / "cnncourse", "extensions": book / "extensions"}
        for name in [name for name in sys.modules if name.partition(".")[0] in SHUT]:
            del sys.modules[name]
        self.kept = set(sys.modules)
        own = [finder for finder in sys.meta_path if type(finder).__module__.partition(".")[0] not in SHUT]
        self.finders = [Shut, *own]
        self.names = [(module, dict(vars(module))) for module in RESTORED]
        self.attempt: Iterator[dict | None] = iter(())
        self.reset()

    def _install(self) -> None:
        """Put the imitation in the place of torch and NumPy, and let the checker be imported without the course."""
        for name in STAND_INS:
            if name not in sys.modules:
                top, _, rest = name.partition(".")
                package = sys.modules[name] = ModuleType(name)
                package.__path__ = [str(self.folders[top].joinpath(*filter(None, rest.split("."))))]
        course = sys.modules["cnncourse"]
        for last in ABSENT:
            sys.modules[f"cnncourse.{last}"] = Absent(f"cnncourse.{last}")
            setattr(course, last, sys.modules[f"cnncourse.{last}"])
        from extensions.practice.imitation import namespaces

        namespaces.install(self.real_names)
        sys.modules["cnncourse.exercises"].solved = lambda name: self.record(name).solved  # type: ignore[attr-defined]
        import_module("cnncourse.checking.checker")

    def reset(self) -> None:
        """Forget everything that was imported, and import it anew."""
        for name in set(sys.modules) - self.kept:
            del sys.modules[name]
        sys.meta_path[:] = self.finders
        self._restore_names()
        self._install()

    def record(self, name: str) -> Any:
        """Return an exercise's record."""
        from cnncourse.checking.record import exercises_in

        return next(one for one in exercises_in(import_module(self.modules[name])) if one.name == name)

    def begin(self, name: str, prepared: str, source: str) -> str:
        """Read an answer; `step` runs it.

        Parameters
        ----------
        name : str
            Of the exercise.
        prepared : str
            JSON of `data.without_repeats` of `Checker.prepare`.
        source : str
            What the reader wrote.

        Returns
        -------
        str
            JSON: None, or the verdict if there is nothing to run.
        """
        self.attempt = self._check(name, with_repeats(**json.loads(prepared)), source)
        return self.step()

    def step(self) -> str:
        """Run one case.

        Returns
        -------
        str
            JSON: None as long as there are more, then the verdict with ``status``, ``html``, ``text`` and ``printed``.
        """
        try:
            return json.dumps(next(self.attempt))
        except BaseException as error:  # not of the answer, which `observe` watches
            self._restore_names()
            sentence = "This page cannot judge this answer; use the notebook."
            return json.dumps(sentence_verdict("gap", sentence, f"{type(error).__name__}: {error}", ""))

    def _restore_names(self) -> None:
        for module, names in self.names:
            vars(module).update(names)

    def _check(self, name: str, prepared: dict, source: str) -> Iterator[dict | None]:
        from cnncourse.checking.checker import Checker
        from cnncourse.checking.compare import Observation
        from cnncourse.checking.faults import NotDefinedError, faults_of
        from cnncourse.checking.runner.__main__ import run
        from cnncourse.checking.runner.observing import Sink, observe
        from cnncourse.checking.runner.settings import standard_settings
        from cnncourse.checking.source import PRACTICE_IMPORTS

        from .imitation import gaps

        gaps.FOUND.clear()
        with standard_settings():
            checker = Checker(self.record(name), prepared=prepared)
        top = Sink(PRINTED)
        with redirect_stdout(top), redirect_stderr(top):
            answer, start = run([PRACTICE_IMPORTS, source], name)
        if gaps.FOUND:
            yield gap_verdict(gaps.FOUND[0], top.kept)
            return
        try:
            faults = [each | {"cell": max(each["cell"] - 1, 0)} for each in start["faults"]]  # not counting the imports
            fault = faults_of(start | {"faults": faults}, name, [source])
        except NotDefinedError as error:
            yield sentence_verdict("failed", f"There is no {name} to check.", str(error), top.kept)
            return
        yield None
        observed, printed = [], []
        for case in checker.cases:
            sink = Sink(PRINTED)
            material = checker.exercise.material(case)
            seen = observe(answer, case.probe, material, checker.exercise.refuses, printed=sink)
            if gaps.FOUND:
                yield gap_verdict(gaps.FOUND[0], top.kept + sink.kept)
                return
            observed.append(Observation.read(seen))
            printed.append(sink.kept)
            yield None
        with standard_settings():
            report = checker.report(observed)
            written = {"status": report.status, "html": report._repr_html_(), "text": str(report)}
        if fault and not report.passed:
            written["html"] = f"<pre>{html.escape(fault)}</pre>{written['html']}"
            written["text"] = f"{fault}\n\n{written['text']}"
        for form, quote in (("html", "&quot;"), ("text", '"')):
            written[form] = written[form].replace(f"hint({quote}{name}{quote})", "a hint below")
        shown = next((place for place, one in enumerate(report.results) if one is report.failing), 0)
        yield written | {"printed": top.kept + printed[shown]}


def with_repeats(rest: Any, texts: list[str]) -> Any:
    """Undo `data.without_repeats`."""
    if isinstance(rest, dict):
        if rest.keys() == {"text"}:
            return texts[rest["text"]]
        return {key: with_repeats(item, texts) for key, item in rest.items()}
    return [with_repeats(item, texts) for item in rest] if isinstance(rest, list) else rest


def gap_verdict(what: str, printed: str) -> dict:
    """Say what the page lacks: no word about the answer."""
    return sentence_verdict("gap", f"This page cannot run `{what}`; use the notebook.", "", printed)


def sentence_verdict(status: str, sentence: str, lines: str, printed: str) -> dict:
    """Make a verdict of a sentence and of lines that are shown as they are."""
    as_html = html.escape(sentence)
    while "`" in as_html:
        as_html = as_html.replace("`", "<code>", 1).replace("`", "</code>", 1)
    shown = f"<p>{as_html}</p>" + (f"<pre>{html.escape(lines)}</pre>" if lines else "")
    return {"status": status, "html": shown, "text": "\n".join(filter(None, (sentence, lines))), "printed": printed}
