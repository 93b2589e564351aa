"""Experiments over many seeds that chapters quote: ``python -m studies`` runs them all, or those that it names.

A study is a module here with a docstring that says what is asked, ``SEEDS``, and ``run(seed)``, which returns
the figures of one seed as a dict. The results are a small file in ``cnncourse/studies``, with everything that the
figures depend on: ``study``, ``question``, ``date``, ``versions`` and ``results``, a list of one dict per seed
(``seed`` and the figures). `cnncourse.studies.load_study` reads it.
"""
