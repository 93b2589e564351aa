"""What runs inside the sandbox: a process that imports torch once, then forks for each exercise of each submission.

It needs `cnncourse.checking.runner` beside it (in the sandbox under the name `runner`) and torch, and nothing else of
the course. It knows no right answer and decides nothing.
"""
