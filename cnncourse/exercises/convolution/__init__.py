"""Exercises of the chapter *Convolution*: sizes, sliding products, edge kernels, and learning one."""
