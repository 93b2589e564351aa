"""What runs inside the sandbox: a process that imports torch once, then forks for each exercise of each submission.

With `cnncourse.checking.runner` beside it (there under the name `probes`), this folder stands alone: standard library
and torch, nothing of the course. It knows no right answer and decides nothing.
"""
