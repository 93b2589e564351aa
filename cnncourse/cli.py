"""The command line: parse, dispatch, exit code. 0 is fine, 1 a check that failed, 2 wrong usage."""

import sys

import click
import typer

from .exercises import commands as exercise_commands

app = typer.Typer(
    name="cnncourse",
    help="Convolutional neural networks, taught: practise, train, and teach.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
exercise_commands.register(app)


def main():
    """Run the command line; a fault is one sentence on standard error."""
    try:
        code = app(standalone_mode=False)
    except click.Abort:
        code = 130
    except click.ClickException as error:
        print(f"cnncourse: {error.format_message()}; see cnncourse --help", file=sys.stderr)
        code = error.exit_code
    sys.exit(code or 0)
