"""The checker engine: it runs an answer beside a probe, compares plain values, and names the mistake.

An exercise is a record (`record`). A `Checker` observes an answer on the record's cases through the `runner`, compares
(`compare`) and reports (`report`). The bank in :mod:`cnncourse.exercises` holds the records.
"""

from .checker import Checker
from .compare import Mismatch, Observation, agree, compare_conduct, compare_values, conduct_agrees, difference
from .record import Case, Exercise, Mistake, Variant, case, exercise

__all__ = [
    "Case",
    "Checker",
    "Exercise",
    "Mismatch",
    "Mistake",
    "Observation",
    "Variant",
    "agree",
    "case",
    "compare_conduct",
    "compare_values",
    "conduct_agrees",
    "difference",
    "exercise",
]
