"""Run a submission's cells for one exercise: the student's own, the exercise's, and of the rest what it needs."""

import ast
import builtins
import contextlib
import dis
import re
import signal
import sys
import time
import types

ADDED_SECONDS = 10  # for the cells beside the exercise's own; a cell that is cut short counts as one that raised
OWN, ADDED, OTHER = "own", "added", "other"
RUN_BODY = ("%%time", "%%timeit", "%%capture", "%%prun")  # cell magics whose body is Python
MAGIC = re.compile(r"(?m)^([ \t]*)(?:[\w, ]+=\s*)?(?:%{1,2}[A-Za-z]|!|\?|[\w.]+\?{1,2}[ \t]*$).*$")


class Undefined:
    """Stands for an answer that no cell defines; using it looks like a stub."""

    def __call__(self, *args, **kwargs):
        raise NotImplementedError


def install_stand_in():
    """Let ``from cnncourse.exercises import check`` do nothing; nothing else of the course can be imported."""
    course, exercises = types.ModuleType("cnncourse"), types.ModuleType("cnncourse.exercises")
    course.__path__ = []
    course.exercises = exercises
    exercises.check = exercises.hint = lambda *args, **kwargs: None
    sys.modules.update({"cnncourse": course, "cnncourse.exercises": exercises})


class Program:
    """A submission's cells, read and ready to run for one exercise.

    Parameters
    ----------
    cells : sequence of (role, source)
        Roles are "own", the exercise's cell; "added", the student's other cells; "other", solution cells of other
        exercises, of which only statements run that bind a name that is needed.
    """

    def __init__(self, cells):
        read = [(role, *_parse(source)) for role, source in cells]
        needed = _needed(read)
        bound = {name for role, body, _ in read if role == OTHER for node in body for name in _bound(node)}
        self.withheld = bound - needed
        self.cells = []
        for role, body, broken in read:
            if role == OTHER:
                body = [node for node in body if _bound(node) & (needed | {"*"})]
            self.cells.append((role, body, broken))
        self.seconds_left = ADDED_SECONDS

    @property
    def needs_others(self):
        """Whether statements of other solution cells are going to run."""
        return any(role == OTHER and body for role, body, _ in self.cells)

    def run(self, name):
        """Run the cells in the notebook's order for the exercise `name`.

        Returns
        -------
        answer : object
            What the name is bound to at the end, else `Undefined`.
        fault : str
            The type of the exception that ended the exercise's own cell, or "".
        """
        namespace = {"__name__": "__main__", "display": lambda *args, **kwargs: None}
        fault = ""
        for role, body, broken in self.cells:
            error = self._run_cell(role, body, namespace) or broken
            if role == OWN and error:
                fault = type(error).__name__[:100]
        return namespace.get(name, Undefined()), fault

    def _run_cell(self, role, body, namespace):
        """Run statements until one raises; what ran before stays."""
        for node in body:
            try:
                with contextlib.nullcontext() if role == OWN else self._cut_short():
                    exec(compile(ast.Module([node], []), f"<{role} cell>", "exec"), namespace)
            except BaseException as error:
                if role == OTHER or (isinstance(error, NameError) and error.name in self.withheld):
                    continue  # a trial of another exercise: not this one's concern
                return error
        return None

    @contextlib.contextmanager
    def _cut_short(self):
        """Raise in what runs beside the exercise's own cell when it has had its time; a second is always left."""
        start = time.monotonic()
        signal.signal(signal.SIGALRM, _ring)
        signal.setitimer(signal.ITIMER_REAL, max(1.0, self.seconds_left))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.seconds_left -= time.monotonic() - start


def _ring(*_):
    raise TimeoutError("a cell beside the exercise's own took too long")


def _parse(source):
    """Return a cell's statements, and the error that keeps it from being read."""
    try:
        return ast.parse(without_magics(source)).body, None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return [], error


def without_magics(source):
    """Take the notebook's own commands out of a cell that is not Python as it stands.

    Examples
    --------
    >>> without_magics("%matplotlib inline\\nx = 7 \\\\\\n  % 4")
    'pass\\nx = 7 \\\\\\n  % 4'
    """
    first, _, rest = source.lstrip().partition("\n")
    if first.startswith("%%"):
        return without_magics(rest) if first.startswith(RUN_BODY) else ""
    try:
        ast.parse(source)
    except SyntaxError:
        return MAGIC.sub(r"\1pass", source)
    return source


def _needed(parsed):
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


def _used(node):
    """Global names that a statement reads, also inside functions and classes; what is local there is not meant."""
    try:
        codes = [compile(ast.Module([node], []), "", "exec")]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names = set()
    while codes:
        code = codes.pop()
        names |= {step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_NAME", "LOAD_GLOBAL")}
        codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return names


def _bound(node):
    """Names that a top-level statement binds, "*" for a star import; not those inside functions or classes."""
    names, waiting = set(), [node]
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
