"""Exercises of the chapter *Architectures*: how far a stack of layers sees."""

from . import receptive_field

EXERCISES = (receptive_field.EXERCISE,)
