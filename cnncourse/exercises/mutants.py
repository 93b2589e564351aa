"""Measure the bank's checks with mutants: ``python -m cnncourse.exercises.mutants [NAME ...]``."""

import sys

from cnncourse.checking.mutation import measure

from .equivalents import EQUIVALENT
from .registry import bank, checker_for


def main() -> None:
    """Print the share of mutants that the checks catch, exercise by exercise, and the survivors."""
    total = caught = 0
    for name in sys.argv[1:] or bank():
        equivalent = EQUIVALENT.get(name, {})
        tried, survivors = measure(checker_for(name), equivalent)
        total, caught = total + tried, caught + tried - len(survivors)
        print(f"{name:<24} {tried - len(survivors):>4} of {tried:<4} caught, {len(equivalent)} equivalent", flush=True)
        for mutant in survivors:
            print(f"    survives: {mutant.before} -> {mutant.after}", flush=True)
    print(f"{'all':<24} {caught:>4} of {total:<4} caught ({caught / total:.1%})")


if __name__ == "__main__":
    main()
