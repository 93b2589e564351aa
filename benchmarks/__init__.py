"""Measurements beside PyTorch, each in one run: ``python -m benchmarks --help``."""
