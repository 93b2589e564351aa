"""Exercises of the chapter *How libraries compute it*: convolution as one matrix product, and the way back."""
