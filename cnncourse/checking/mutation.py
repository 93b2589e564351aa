"""Mutate the solved functions mechanically and count how many mutants the checks catch.

A mutant is a solution with one small change: an operator, a constant, a comparison, the
order of a pair, a dropped term, keyword or statement. One that passes is either equivalent (it computes the same, and
the bank's `equivalents` say why) or a hole in the cases.
"""

from __future__ import annotations

import ast
import copy
import random
import signal
from collections.abc import Collection
from contextlib import contextmanager

from .checker import Checker
from .source import PRACTICE_IMPORTS

MODULES = ("torch", "F", "nn", "np", "math")
SECONDS = 10  # that a mutant may take; a loop that does not end is caught

OPERATORS = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div, ast.Add), ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div, ast.Mult), ast.Pow: (ast.Mult,), ast.Mod: (ast.FloorDiv,),
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.And: (ast.Or,), ast.Or: (ast.And,),
}  # fmt: skip


def mutants(source):
    """Yield every mutant of a source.

    Parameters
    ----------
    source : str
        One function or class.

    Yields
    ------
    (str, str)
        What was changed ("line 3: a + b -> a - b"), and the mutated source.

    Examples
    --------
    >>> for change, _ in mutants("def total(a, b):\\n    return a + b\\n"):
    ...     print(change)
    line 2: a + b -> a - b
    line 2: a + b -> a
    line 2: a + b -> b
    """
    tree = ast.parse(source)
    documentation = {id(node.body[0]) for node in ast.walk(tree) if _documented(node)}
    for parent in ast.walk(tree):
        for field, index, node in _children(parent):
            if id(node) in documentation:
                continue
            for replacement in _replacements(node):
                line, before = node.lineno, ast.unparse(node)
                mutated = _replaced(tree, parent, field, index, replacement)
                after = ast.unparse(replacement)
                if before != after:
                    yield f"line {line}: {_short(before)} -> {_short(after)}", mutated


def _documented(node):
    return isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None


def _children(parent):
    for field, value in ast.iter_fields(parent):
        if isinstance(value, list):
            yield from ((field, i, node) for i, node in enumerate(value) if isinstance(node, ast.expr | ast.stmt))
        elif isinstance(value, ast.expr):
            yield field, None, value


def _replaced(tree, parent, field, index, replacement):
    original = getattr(parent, field)
    if index is None:
        setattr(parent, field, replacement)
    else:
        setattr(parent, field, [*original[:index], replacement, *original[index + 1 :]])
    source = ast.unparse(ast.fix_missing_locations(tree))
    setattr(parent, field, original)
    return source


def _short(text):
    return " ".join(text.split())[:60]


def _replacements(node):
    """Yield what may stand in a node's place."""
    match node:
        case ast.Constant(value=bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(value=int() | float()):
            yield ast.Constant(node.value + 1)
            yield ast.Constant(node.value - 1)
        case ast.BinOp():
            yield from (_with(node, op=other()) for other in OPERATORS.get(type(node.op), ()))
            yield from (node.left, node.right)
        case ast.BoolOp():
            yield from (_with(node, op=other()) for other in OPERATORS[type(node.op)])
            yield from node.values
        case ast.Compare(ops=[op]):
            yield from (_with(node, ops=[other()]) for other in OPERATORS.get(type(op), ()))
        case ast.UnaryOp():
            yield node.operand
        case ast.IfExp():
            yield from (node.body, node.orelse)
        case ast.Tuple(elts=[_, _]) | ast.List(elts=[_, _]):
            yield _with(node, elts=node.elts[::-1])
        case ast.Slice():
            yield from _slices(node)
        case ast.Call():
            yield from _calls(node)
        case ast.AugAssign():
            yield ast.Assign([node.target], node.value)
            yield from (_with(node, op=other()) for other in OPERATORS.get(type(node.op), ()))
            yield ast.Pass()
        case ast.Expr() | ast.Assign() | ast.Raise():
            yield ast.Pass()
        case ast.If():
            yield _with(node, test=ast.Constant(True))
            yield _with(node, test=ast.Constant(False))
        case ast.With():
            yield ast.If(ast.Constant(True), node.body, [])


def _slices(node):
    for name in ("lower", "upper", "step"):
        if getattr(node, name) is not None:
            yield _with(node, **{name: None})


def _calls(node):
    if len(node.args) == 2:
        yield _with(node, args=node.args[::-1])
    for position in range(len(node.keywords)):
        yield _with(node, keywords=node.keywords[:position] + node.keywords[position + 1 :])
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    if owner is not None and not (isinstance(owner, ast.Name) and owner.id in MODULES):
        yield owner


def _with(node, **changes):
    changed = copy.copy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


class Late(BaseException):
    """The mutant took too long."""


@contextmanager
def _limited(seconds):
    def stop(signum, frame):
        raise Late

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def survives(checker: Checker, source: str) -> bool:
    """Tell whether a mutant passes every case of a checker."""
    namespace = {}
    try:
        with _limited(SECONDS):
            exec(compile(f"{PRACTICE_IMPORTS}\n{source}", "<mutant>", "exec"), namespace)
            return checker.smallest_failing(namespace[checker.exercise.name]) is None
    except (Late, Exception):
        return False


def measure(checker: Checker, equivalent: Collection[str], limit: int | None = None) -> tuple[int, list[str]]:
    """Count the mutants of a checker's solution and list the survivors.

    Parameters
    ----------
    checker : Checker
    equivalent : collection of str
        Changes after which the solution computes the same, as `mutants` describes them; they are left out.
    limit : int, optional
        Try a sample of this many, the same one every time.

    Returns
    -------
    (int, list of str)
        How many mutants were tried, and what was changed in those that survived.
    """
    tried = [(change, source) for change, source in mutants(checker.exercise.source) if change not in equivalent]
    if limit is not None and limit < len(tried):
        tried = random.Random(0).sample(tried, limit)
    return len(tried), [change for change, source in tried if survives(checker, source)]
