"""A small, strict imitation of torch and NumPy in plain Python, for a page that has neither.

It computes what torch computes, refuses what torch refuses, and says so where it lacks something (see `gaps`).
"""
