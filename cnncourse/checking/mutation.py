"""Mutate the solved functions mechanically and count how many mutants the checks catch.

A mutant is a solution with one small change: an operator, a constant, a comparison, the order of a pair, a dropped
term, keyword or statement. One that passes every case is either equivalent (it computes the same, and the bank's
`equivalents` say why) or shows that a case is missing.
"""

from __future__ import annotations

import ast
import copy
import random
import signal
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeGuard

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


class Mutant(NamedTuple):
    """A changed solution: the statement before and after (of a compound statement its first line), the whole source."""

    before: str
    after: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a source.

    Parameters
    ----------
    source : str
        One function or class.

    Yields
    ------
    Mutant

    Examples
    --------
    >>> for mutant in mutants("def total(a, b):\\n    return a + b\\n"):
    ...     print(mutant.after)
    return a - b
    return a
    return b
    """
    tree = ast.parse(source)
    docstrings = {id(node.body[0]) for node in ast.walk(tree) if _has_docstring(node)}
    for statement, parent, field, index, node in _places(tree.body[0], tree, "body", 0):
        if id(node) in docstrings:
            continue
        before = _first_line(statement)
        for replacement in _replacements(node):
            original = getattr(parent, field)
            changed = replacement if index is None else [*original[:index], replacement, *original[index + 1 :]]
            setattr(parent, field, changed)
            after = _first_line(replacement if node is statement else statement)
            mutated = ast.unparse(ast.fix_missing_locations(tree))
            setattr(parent, field, original)
            if before != after:
                yield Mutant(before, after, mutated)


def _has_docstring(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.ClassDef]:
    return isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None


def _places(statement: Any, parent: Any, field: str, index: int | None) -> Any:
    """Yield each node below (and with) the one at this place, its innermost statement, and where it can be replaced."""
    node = getattr(parent, field) if index is None else getattr(parent, field)[index]
    statement = node if isinstance(node, ast.stmt) else statement
    yield statement, parent, field, index, node
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            for position, child in enumerate(value):
                if isinstance(child, ast.AST):
                    yield from _places(statement, node, name, position)
        elif isinstance(value, ast.AST):
            yield from _places(statement, node, name, None)


def _first_line(statement: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(statement)).partition("\n")[0]


def _replacements(node: Any) -> Iterator[ast.AST]:
    """Yield what a node can be replaced by."""
    match node:
        case ast.Constant(value=bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(value=int() | float() as number):
            yield ast.Constant(number + 1)
            yield ast.Constant(number - 1)
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


def _slices(node: Any) -> Any:
    for name in ("lower", "upper", "step"):
        if getattr(node, name) is not None:
            yield _with(node, **{name: None})


def _calls(node: Any) -> Any:
    if len(node.args) == 2:
        yield _with(node, args=node.args[::-1])
    for position in range(len(node.keywords)):
        yield _with(node, keywords=node.keywords[:position] + node.keywords[position + 1 :])
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    if owner is not None and not (isinstance(owner, ast.Name) and owner.id in MODULES):
        yield owner


def _with(node: Any, **changes: Any) -> Any:
    changed = copy.copy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


class Late(BaseException):
    """The mutant took too long."""


@contextmanager
def _limited(seconds: float) -> Any:
    def stop(signum: int, frame: Any) -> None:
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
    namespace: dict = {}
    try:
        with _limited(SECONDS):
            exec(compile(f"{PRACTICE_IMPORTS}\n{source}", "<mutant>", "exec"), namespace)
            return checker.smallest_failing(namespace[checker.exercise.name]) is None
    except (Late, Exception):
        return False


def measure(checker: Checker, equivalent: Collection[str], limit: int | None = None) -> tuple[int, list[Mutant]]:
    """Count the mutants of a checker's solution and list the survivors.

    Parameters
    ----------
    checker : Checker
    equivalent : collection of str
        Statements (`Mutant.after`) with which the solution computes the same; these mutants are left out.
    limit : int, optional
        Try a sample of this many, the same one every time.

    Returns
    -------
    (int, list of Mutant)
        How many mutants were tried, and those that survived.
    """
    tried = [mutant for mutant in mutants(checker.exercise.source) if mutant.after not in equivalent]
    if limit is not None and limit < len(tried):
        tried = random.Random(0).sample(tried, limit)
    return len(tried), [mutant for mutant in tried if survives(checker, mutant.source)]
