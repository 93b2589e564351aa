"""Run a submission's cells for one exercise: the student's own, the exercise's, and of the rest what it needs."""

import ast
import builtins
import re
import sys
import types

OWN, ADDED, OTHER = "own", "added", "other"
RUN_BODY = ("%%time", "%%timeit", "%%capture", "%%prun")  # cell magics whose body is Python
MAGIC = re.compile(r"\s*(%{1,2}[A-Za-z]|!|\?|[\w.]+\?{1,2}\s*$)")


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


def run_cells(cells, name):
    """Run cells in the notebook's order for the exercise `name`.

    Parameters
    ----------
    cells : sequence of (role, source)
        Roles are "own", the exercise's cell; "added", the student's other cells; "other", solution cells of other
        exercises, of which only statements run that bind a name that is needed.
    name : str
        What the answer is called.

    Returns
    -------
    answer : object
        What the name is bound to at the end, else `Undefined`.
    fault : str
        The type of the exception that ended the exercise's own cell, or "".
    """
    parsed = [(role, *_parse(source)) for role, source in cells]
    needed = _needed(parsed)
    withheld = {bound for role, body, _ in parsed if role == OTHER for node in body for bound in _bound(node)} - needed
    namespace = {"__name__": "__main__", "display": lambda *args, **kwargs: None}
    fault = ""
    for role, body, broken in parsed:
        if role == OTHER:
            body = [node for node in body if _bound(node) & (needed | {"*"})]
        error = _run(body, namespace, role, withheld) or broken
        if role == OWN and error:
            fault = type(error).__name__[:100]
    return namespace.get(name, Undefined()), fault


def _run(body, namespace, role, withheld):
    """Run statements until one raises; what ran before stays."""
    for node in body:
        try:
            exec(compile(ast.Module([node], []), f"<{role} cell>", "exec"), namespace)
        except BaseException as error:
            if role == OTHER or (isinstance(error, NameError) and error.name in withheld):
                continue  # a trial of another exercise: not this one's concern
            return error
    return None


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
    'x = 7 \\\\\\n  % 4'
    """
    first, _, rest = source.lstrip().partition("\n")
    if first.startswith("%%"):
        return without_magics(rest) if first.startswith(RUN_BODY) else ""
    try:
        ast.parse(source)
    except SyntaxError:
        return "\n".join(line for line in source.splitlines() if not MAGIC.match(line))
    return source


def _needed(parsed):
    """Names that the exercise's own cell uses and other solution cells may supply, with what those use in turn."""
    statements = [(role, node) for role, body, _ in parsed for node in body]
    kept = {bound for role, node in statements if role != OTHER for bound in _bound(node)}
    needed, waiting = set(), set()
    for role, node in statements:
        if role == OWN:
            waiting |= _used(node)
    while waiting:
        needed |= waiting
        reached = set()
        for role, node in statements:
            if role != OWN and _bound(node) & waiting:
                reached |= _used(node)
        waiting = reached - needed
    return needed - kept - set(dir(builtins))


def _used(node):
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


def _bound(node):
    """Names that a top-level statement binds, "*" for a star import; not those inside functions or classes."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return set()
    return set().union(*(_bound(child) for child in ast.iter_child_nodes(node)))
