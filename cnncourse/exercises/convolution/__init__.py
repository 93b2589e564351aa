"""Exercises of *Convolution* and *Learning a kernel*: sizes, sliding products, edge kernels, and learning one."""
