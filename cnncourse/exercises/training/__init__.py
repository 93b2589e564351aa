"""Exercises of the chapter *Training*: losses, steps, batches, the loop, the network, batch norm and dropout."""
