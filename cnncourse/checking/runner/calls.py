"""The probes by name: each takes the answer and plain inputs and returns plain values.

A probe that needs more than one call (a model to train, a generator to exhaust) builds what it needs from plain data,
uses the answer, and returns what can be seen afterwards. Chapter-specific probes live in modules of their own.
"""

PROBES: dict = {}


def probe(function):
    """Register a probe under its own name."""
    PROBES[function.__name__] = function
    return function


@probe
def call(answer, args, kwargs):
    """Call the answer once and return what it returns."""
    return answer(*args, **kwargs)
