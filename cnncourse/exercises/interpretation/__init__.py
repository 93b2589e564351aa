"""Exercises of the chapter *Interpretation*: look into a network, and find what it uses."""
