"""For instructors: make an assignment, collect, grade in a sandbox, give feedback, keep the marks (extra: classroom).

`fork_server` runs in the sandbox, beside submitted code; everything else runs outside and executes nothing that was
submitted.
"""
