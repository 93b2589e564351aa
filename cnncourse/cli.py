"""The command line: parse, dispatch, exit code. 0 is fine, 1 a check that failed, 2 wrong usage."""

from __future__ import annotations

import sys

import click

from . import __version__
from .classroom import commands as classroom_commands
from .exercises import commands as exercise_commands
from .training import commands as training_commands


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cnncourse")
def app() -> None:
    """Convolutional neural networks, taught: practise, train, and teach."""


for command in (*exercise_commands.COMMANDS, *training_commands.COMMANDS, *classroom_commands.COMMANDS):
    app.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; a fault is one sentence on standard error.

    Parameters
    ----------
    arguments : sequence of str, optional
        Of the command line without the program's name; those of this process by default.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = app.main(arguments or ["--help"], prog_name="cnncourse", standalone_mode=False)
    except click.Abort:
        code = 130
    except click.ClickException as error:
        click.echo(f"cnncourse: {error.format_message().rstrip('.')}; see cnncourse --help", err=True)
        code = error.exit_code
    sys.exit(code or 0)
