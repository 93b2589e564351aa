"""The command line in this process."""

import pytest

from cnncourse.cli import main


def run(*arguments):
    """Run a command; return its exit code."""
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return left.value.code
