"""Exercises of the chapter *Training*: losses, steps, batches, the loop, the network, and what keeps it steady."""
