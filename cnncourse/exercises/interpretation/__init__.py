"""Exercises of the chapter *Interpretation*: looking into a network, and what may be concluded."""
