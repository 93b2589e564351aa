"""Experiments over many seeds that chapters quote: ``python -m studies`` runs them all, or those that it names.

A study is a module here with a docstring that says what is asked, ``SEEDS``, and ``run(seed)``, which returns
the figures of one seed as a dict. What comes out is a small file beside it, with everything that the figures
depend on: ``studies/unlucky_starts.json`` has ``study``, ``question``, ``date``, ``versions`` and ``results``,
a list of one dict a seed (``seed`` and the figures).
"""
