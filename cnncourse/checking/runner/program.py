"""Run the cells that define an answer: its own, those added beside it, and of other answers' cells what it needs."""

from __future__ import annotations
import __future__

import ast
import asyncio
import builtins
import contextlib
import dis
import inspect
import linecache
import re
import signal
import sys
import time
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .jupyter import Shell, run_without_accelerator

ADDED_SECONDS = 10  # for the cells beside the exercise's own; a cell that is cut short counts as one that raised
open_file = open  # cells may bind the name in builtins
OWN, ADDED, OTHER = "own", "added", "other"
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


class Undefined:
    """Takes the place of an answer that no cell defines; calling it looks like calling a stub."""

    def __call__(self, *args: object, **kwargs: object) -> None:
        """Raise as a stub does."""
        raise NotImplementedError


def install_stand_in() -> None:
    """Let ``from cnncourse.exercises import check`` do nothing; nothing else of the course can be imported."""
    course, exercises = types.ModuleType("cnncourse"), types.ModuleType("cnncourse.exercises")
    course.__path__ = []
    vars(course)["exercises"] = exercises
    vars(exercises).update(dict.fromkeys(("check", "hint"), lambda *args, **kwargs: None))
    sys.modules.update({"cnncourse": course, "cnncourse.exercises": exercises})


@dataclass
class Cell:
    """A cell, parsed.

    Parameters
    ----------
    role : str
        "own", "added" or "other".
    body : list of ast.stmt
        The statements that are to run.
    broken : BaseException or None
        The error that keeps the cell from being read.
    filename : str
        Under which its source is known to `inspect` and to tracebacks.
    flags : int
        For the compiler: what the cell's own ``from __future__`` statements switch on.
    """

    role: str
    body: list[ast.stmt]
    broken: BaseException | None
    filename: str
    flags: int


class Program:
    """The cells of a file or a submission, parsed and ready to run for one exercise.

    Parameters
    ----------
    cells : sequence of (str, str)
        Role and plain Python source. Roles are "own", the cells that hold the exercise's answer; "added", the student's
        other cells; "other", cells of other exercises, of which only statements run that bind a name that is needed.
    """

    def __init__(self, cells: Sequence[tuple[str, str]]) -> None:
        self.cells = [_parse(role, source, number) for number, (role, source) in enumerate(cells, start=1)]
        needed = _needed(self.cells)
        bound = {name for cell in self.cells if cell.role == OTHER for node in cell.body for name in _bound(node)}
        self.withheld = bound - needed
        for cell in self.cells:
            if cell.role == OTHER:
                cell.body = [node for node in cell.body if _bound(node) & (needed | {"*"})]
        self.sources = [source for _, source in cells]
        self.faults: list[tuple[str, BaseException]] = []
        self.seconds_left = float(ADDED_SECONDS)
        self.namespace: dict = {"__name__": "__main__", "display": lambda *args, **kwargs: None}
        self.shell = Shell(self.namespace)

    @property
    def needs_others(self) -> bool:
        """Whether statements of other exercises' cells are going to run."""
        return any(cell.role == OTHER and cell.body for cell in self.cells)

    def run(self, name: str) -> tuple[object, BaseException | None]:
        """Run the cells in order for the exercise `name`.

        A statement that raises does not keep the definitions below it from running. What raised NameError and defines
        something is tried again at the end: a notebook's cells may have been run in another order.

        Returns
        -------
        answer : object
            What the name is bound to at the end, or was bound to last if that cannot be called; `Undefined` if nothing
            binds it.
        error : BaseException or None
            The first exception in the last own cell that raised one. `faults` lists those of added cells, too.
        """
        namespace = self.namespace
        run_without_accelerator(self.sources)
        answer: object = Undefined()
        unnamed: list[tuple[Cell, ast.stmt, BaseException]] = []
        inherited = 0  # `annotations` stays on for later cells, as in IPython
        for cell in self.cells:
            cell.flags |= inherited
            inherited |= cell.flags & __future__.annotations.compiler_flag
            error = self._run_cell(cell, unnamed) or cell.broken
            if error and cell.role != OTHER:
                self.faults.append((cell.role, error))
            if callable(namespace.get(name)):
                answer = namespace[name]
        for cell, node, error in unnamed:
            if not any(bound in namespace for bound in _bound(node)) and self._try(cell, node) is None:
                self.faults = [fault for fault in self.faults if fault[1] is not error]
        if callable(namespace.get(name)) or isinstance(answer, Undefined):
            answer = namespace.get(name, answer)
        return answer, next((error for role, error in reversed(self.faults) if role == OWN), None)

    def _run_cell(self, cell: Cell, unnamed: list) -> BaseException | None:
        """Run statements; after one that raises, only those that define something."""
        first = None
        before: set[str] = set()  # what statements above have bound
        for node in cell.body:
            bound = _bound(node)
            if first is None or isinstance(node, DEFINITIONS) or (bound and not bound & before):
                error = self._try(cell, node)
                if isinstance(error, NameError) and bound:
                    unnamed.append((cell, node, error))
                if error and cell.role != OTHER and not (isinstance(error, NameError) and error.name in self.withheld):
                    first = first or error
            before |= bound
        return first

    def _try(self, cell: Cell, node: ast.stmt) -> BaseException | None:
        """Run a statement; return what it raises."""
        self.namespace["get_ipython"] = lambda: self.shell  # again: IPython's own, if imported, finds no shell here
        try:
            least = 1.0 if isinstance(node, DEFINITIONS) else 0.1
            with contextlib.nullcontext() if cell.role == OWN else self._cut_short(least):
                flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | cell.flags
                code = compile(ast.Module([node], []), cell.filename, "exec", flags, dont_inherit=True)
                waiting = eval(code, self.namespace)  # of a statement the value is None, unless it awaits
                if inspect.iscoroutine(waiting):
                    asyncio.run(waiting)
        except BaseException as error:
            return error
        return None

    @contextlib.contextmanager
    def _cut_short(self, least: float) -> Iterator[None]:
        """Raise in what runs beside the own cells when it has had its time; `least` seconds are always left."""
        start, seconds = _time_used(), max(least, self.seconds_left)

        def ring(*_: object) -> None:
            left = seconds - (_time_used() - start)
            if left <= 0.01:
                raise TimeoutError("a cell beside the exercise's own took too long")
            signal.setitimer(signal.ITIMER_REAL, left)  # it waited for a processor meanwhile

        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.seconds_left -= _time_used() - start


def _time_used() -> float:
    """Return the seconds that this process has run or slept; where Linux tells, without its waits for a processor."""
    waited = 0.0
    with contextlib.suppress(OSError, ValueError, IndexError), open_file("/proc/self/schedstat") as schedule:
        waited = int(schedule.read().split()[1]) / 1e9
    return time.monotonic() - waited


def place_of(error: BaseException) -> dict[str, int]:
    """Find where in the cells an exception was raised, as deep in its traceback as a cell is known.

    Returns
    -------
    dict
        ``cell`` and ``line``, from 1; 0 where that is not known.
    """
    places = [(step.tb_frame.f_code.co_filename, step.tb_lineno) for step in _steps(error)]
    if isinstance(error, SyntaxError):
        places.append((error.filename or "", error.lineno or 0))
    for filename, line in reversed(places):
        if number := re.fullmatch(r"<cell (\d+)>", filename):
            return {"cell": int(number[1]), "line": line}
    return {"cell": 0, "line": 0}


def _steps(error: BaseException) -> Iterator[types.TracebackType]:
    step = error.__traceback__
    while step:
        yield step
        step = step.tb_next


def _parse(role: str, source: str, number: int) -> Cell:
    filename = f"<cell {number}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    try:
        body, broken = ast.parse(source, filename).body, None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        body, broken = [], error
    return Cell(role, body, broken, filename, _future_flags(body))


def _future_flags(body: Sequence[ast.stmt]) -> int:
    flags = 0
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(getattr(__future__, alias.name, None), "compiler_flag", 0)
    return flags


def _needed(cells: Sequence[Cell]) -> set[str]:
    """Names that the exercise's own cell uses and other exercises' cells may supply, with what those use in turn."""
    statements = [(cell.role, node, _bound(node)) for cell in cells for node in cell.body]
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
