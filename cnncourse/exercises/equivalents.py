"""Mutants that compute what the solution computes, each with the reason: they cannot be caught and need not be."""

EQUIVALENT = {}
