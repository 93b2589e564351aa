"""Reverse-mode differentiation: every operation leaves a node that knows how to hand a gradient back."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .gaps import gap, refuse

_enabled = [True]
_counter = itertools.count()
FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been "
    "freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify "
    "retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors "
    "after calling backward."
)
MODIFIED = "one of the variables needed for gradient computation has been modified by an inplace operation"


class Node:
    """One operation in the graph.

    Parameters
    ----------
    name : str
    inputs : sequence of Tensor
    backward : callable
        From the gradient of the result to the gradients of the inputs, in their order; None where there is none.
    saved : sequence of Tensor
        Whose values `backward` needs; they must not have been changed since.
    """

    def __init__(self, name: str, inputs: Sequence[Any], backward: Callable, saved: Sequence[Any]) -> None:
        self.name, self.backward, self.number = name, backward, next(_counter)
        self.edges = [edge_of(each) for each in inputs]
        self.saved = [(each, each._versions[0]) for each in saved]
        self.hooks: list[Callable] = []
        self.freed = False

    def __repr__(self) -> str:
        return f"<{self.name}Backward0>"


def edge_of(tensor: Any) -> Any:
    """Return where a tensor's gradient goes: its node, itself if it is a leaf, None if it needs none."""
    return (tensor._node or tensor) if tensor.requires_grad else None


def is_enabled() -> bool:
    """Tell whether operations are recorded."""
    return _enabled[0]


def set_enabled(enabled: bool) -> None:
    """Switch the recording of operations on or off."""
    _enabled[0] = bool(enabled)


@contextmanager
def enabled(mode: bool) -> Iterator[None]:
    """Record operations inside the block, or do not."""
    before = _enabled[0]
    _enabled[0] = mode
    try:
        yield
    finally:
        _enabled[0] = before


def record(result: Any, name: str, inputs: Sequence[Any], backward: Callable, saved: Sequence[Any] = ()) -> Any:
    """Note how a result was computed, if anything that it depends on needs a gradient.

    Returns
    -------
    Tensor
        `result`.
    """
    if _enabled[0] and any(each.requires_grad for each in inputs):
        if any(each._stale for each in inputs):
            gap("the gradient of a tensor that was changed through a view")
        if result.dtype.is_floating_point:
            result.requires_grad = True
            result._node = Node(name, inputs, backward, saved)
    return result


def gradients(roots: Sequence[tuple[Any, Any]], retain_graph: bool, wanted: Sequence[Any] | None) -> dict[int, Any]:
    """Walk the graph from results to leaves.

    Parameters
    ----------
    roots : sequence of (Tensor, Tensor)
        Results and their gradients.
    retain_graph : bool
        Whether the graph may be walked again.
    wanted : sequence of Tensor or None
        Whose gradients to return; None adds up gradients in the leaves' ``grad`` instead.

    Returns
    -------
    dict
        From the id of an edge (see `edge_of`) to its gradient, for `wanted`.
    """
    pending: dict[int, Any] = {}
    edges: dict[int, Any] = {}
    order: list[tuple[int, int]] = []
    leaves: dict[int, Any] = {}
    kept: dict[int, Any] = {}
    keep = {id(edge_of(each)) for each in wanted or ()}

    def hand_on(edge: Any, gradient: Any) -> None:
        key = id(edge)
        if key in pending:
            pending[key] = pending[key] + gradient
            return
        pending[key], edges[key] = gradient, edge
        if isinstance(edge, Node):
            heapq.heappush(order, (-edge.number, key))
        else:
            leaves[key] = edge

    with enabled(False):
        for root, gradient in roots:
            hand_on(edge_of(root), gradient)
        while order:
            _, key = heapq.heappop(order)
            node, gradient = edges[key], pending.pop(key)
            for hook in node.hooks:
                changed = hook(gradient)
                gradient = gradient if changed is None else changed
            if key in keep:
                kept[key] = gradient
            if node.freed:
                refuse(RuntimeError, FREED)
            if any(each._versions[0] != version for each, version in node.saved):
                refuse(RuntimeError, MODIFIED)
            for edge, part in zip(node.edges, node.backward(gradient), strict=True):
                if edge is not None and part is not None:
                    hand_on(edge, part)
            node.freed = bool(node.saved) and not retain_graph
        for key, leaf in leaves.items():
            gradient = pending[key].to(leaf.dtype)
            for hook in leaf._hooks:
                changed = hook(gradient)
                gradient = gradient if changed is None else changed
            if key in keep:
                kept[key] = gradient
            if wanted is None:
                leaf.grad = gradient.clone() if leaf.grad is None else leaf.grad + gradient
    return kept


def seeds(results: Sequence[Any], given: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Pair results with their gradients: 1 for a single number that none is given for."""
    pairs = []
    for result, gradient in zip(results, given, strict=True):
        if not result.requires_grad:
            refuse(RuntimeError, "element 0 of tensors does not require grad and does not have a grad_fn")
        if gradient is None:
            if result.numel() != 1:
                refuse(RuntimeError, "grad can be implicitly created only for scalar outputs")
            gradient = result.new_ones(tuple(result.shape))
        elif tuple(gradient.shape) != tuple(result.shape):
            refuse(
                RuntimeError,
                f"Mismatch in shape: grad_output[0] has a shape of {gradient.shape} and output[0] has a shape of "
                f"{result.shape}.",
            )
        pairs.append((result, gradient))
    return pairs
