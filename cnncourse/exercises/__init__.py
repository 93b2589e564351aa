"""The exercise bank: solved exercises, and checks that name the mistake.

>>> from cnncourse.exercises import check, solved
>>> check("corr2d", solved("corr2d")).passed
True
"""

from .api import check, exercise, exercises, hint, solution, solved

__all__ = ["check", "exercise", "exercises", "hint", "solution", "solved"]
