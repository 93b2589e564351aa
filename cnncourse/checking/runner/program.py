"""Run the cells that define an answer: its own, those added beside it, and of other answers' cells what it needs."""

from __future__ import annotations
import __future__

import ast
import asyncio
import builtins
import contextlib
import dis
import inspect
import signal
import sys
import time
import types
from collections.abc import Iterator, Sequence

ADDED_SECONDS = 10  # for the cells beside the exercise's own; a cell that is cut short counts as one that raised
OWN, ADDED, OTHER = "own", "added", "other"


class Undefined:
    """Takes the place of an answer that no cell defines; calling it looks like calling a stub."""

    def __call__(self, *args: object, **kwargs: object) -> None:
        """Raise as a stub does."""
        raise NotImplementedError


class _NoIPython:
    """What `get_ipython()` returns here: every method does nothing."""

    def __getattr__(self, name: str) -> object:
        return lambda *args, **kwargs: None


def install_stand_in() -> None:
    """Let ``from cnncourse.exercises import check`` do nothing; nothing else of the course can be imported."""
    course, exercises = types.ModuleType("cnncourse"), types.ModuleType("cnncourse.exercises")
    course.__path__ = []
    vars(course)["exercises"] = exercises
    vars(exercises).update(dict.fromkeys(("check", "hint"), lambda *args, **kwargs: None))
    sys.modules.update({"cnncourse": course, "cnncourse.exercises": exercises})


class Program:
    """The cells of a file or a submission, parsed and ready to run for one exercise.

    Parameters
    ----------
    cells : sequence of (str, str)
        Role and plain Python source. Roles are "own", the exercise's cell; "added", the student's other cells; "other",
        solution cells of other exercises, of which only statements run that bind a name that is needed.
    """

    def __init__(self, cells: Sequence[tuple[str, str]]) -> None:
        read = [(role, *_parse(source)) for role, source in cells]
        needed = _needed(read)
        bound = {name for role, body, _ in read if role == OTHER for node in body for name in _bound(node)}
        self.withheld = bound - needed
        self.cells = []
        for role, body, broken in read:
            if role == OTHER:
                body = [node for node in body if _bound(node) & (needed | {"*"})]
            self.cells.append((role, body, broken))
        self.seconds_left = float(ADDED_SECONDS)
        self.flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # as in Jupyter; `from __future__` adds to them

    @property
    def needs_others(self) -> bool:
        """Whether statements of other solution cells are going to run."""
        return any(role == OTHER and body for role, body, _ in self.cells)

    def run(self, name: str) -> tuple[object, BaseException | None]:
        """Run the cells in order for the exercise `name`.

        Returns
        -------
        answer : object
            What the name is bound to at the end, else `Undefined`.
        error : BaseException or None
            The exception that ended an own cell.
        """
        namespace = {
            "__name__": "__main__",
            "display": lambda *args, **kwargs: None,
            "get_ipython": lambda: _NoIPython(),
        }
        fault = None
        for role, body, broken in self.cells:
            error = self._run_cell(role, body, namespace) or broken
            if role == OWN and error:
                fault = error
        return namespace.get(name, Undefined()), fault

    def _run_cell(self, role: str, body: list[ast.stmt], namespace: dict) -> BaseException | None:
        """Run statements until one raises; what ran before stays."""
        for node in body:
            try:
                with contextlib.nullcontext() if role == OWN else self._cut_short():
                    self._run_statement(node, f"<{role} cell>", namespace)
            except BaseException as error:
                if role == OTHER or (isinstance(error, NameError) and error.name in self.withheld):
                    continue  # a trial of another exercise: not this one's concern
                return error
        return None

    def _run_statement(self, node: ast.stmt, filename: str, namespace: dict) -> None:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                self.flags |= getattr(__future__, alias.name).compiler_flag
        code = compile(ast.Module([node], []), filename, "exec", self.flags, dont_inherit=True)
        waiting = eval(code, namespace)  # of a statement the value is None, unless it awaits
        if inspect.iscoroutine(waiting):
            asyncio.run(waiting)

    @contextlib.contextmanager
    def _cut_short(self) -> Iterator[None]:
        """Raise in what runs beside the exercise's own cell when it has had its time; a second is always left."""
        start = time.monotonic()
        signal.signal(signal.SIGALRM, _ring)
        signal.setitimer(signal.ITIMER_REAL, max(1.0, self.seconds_left))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.seconds_left -= time.monotonic() - start


def _ring(*_: object) -> None:
    raise TimeoutError("a cell beside the exercise's own took too long")


def _parse(source: str) -> tuple[list[ast.stmt], BaseException | None]:
    """Return a cell's statements, and the error that keeps it from being read."""
    try:
        return ast.parse(source).body, None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return [], error


def _needed(parsed: Sequence[tuple]) -> set[str]:
    """Names that the exercise's own cell uses and other solution cells may supply, with what those use in turn."""
    statements = [(role, node, _bound(node)) for role, body, _ in parsed for node in body]
    kept = {name for role, _, bound in statements if role != OTHER for name in bound}
    needed, waiting = set(), set()
    for role, node, _ in statements:
        if role == OWN:
            waiting |= _used(node)
    while waiting:
        needed |= waiting
        reached = set()
        for role, node, bound in statements:
            if role != OWN and bound & waiting:
                reached |= _used(node)
        waiting = reached - needed
    return needed - kept - set(dir(builtins))


def _used(node: ast.stmt) -> set[str]:
    """Global names that a statement reads, also inside functions and classes; what is local there is not meant."""
    try:
        codes = [compile(ast.Module([node], []), "", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names = set()
    while codes:
        code = codes.pop()
        names |= {step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_NAME", "LOAD_GLOBAL")}
        codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return names


def _bound(node: ast.stmt) -> set[str]:
    """Names that a top-level statement binds, "*" for a star import; not those inside functions or classes."""
    names: set[str] = set()
    waiting: list[ast.AST] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(part.name)
        elif isinstance(part, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in part.names}
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            names.add(part.id)
        elif not isinstance(part, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            waiting += ast.iter_child_nodes(part)
    return names
