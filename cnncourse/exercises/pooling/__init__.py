"""Exercises of the chapter *Pooling*: the largest of a window, its mean, and the way back."""
