"""Exercises of the chapter *Architectures*: how far a stack of layers sees."""
