"""The command line: parse, dispatch, exit code. 0 is fine, 1 a check that failed, 2 wrong usage."""

from __future__ import annotations

import contextlib
import errno
import io
import sys

import click

from . import __version__
from .classroom import commands as classroom_commands
from .exercises import commands as exercise_commands
from .files import file_fault
from .training import commands as training_commands

NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


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
    _replace_what_the_streams_cannot_write()
    try:
        code = app.main(arguments or ["--help"], prog_name="cnncourse", standalone_mode=False)
    except click.Abort:
        code = 130
    except click.ClickException as error:
        code = _complain(f"{error.format_message().rstrip('.')}; see cnncourse --help", error.exit_code)
    except OSError as error:
        full = error.filename is None and error.errno in NO_SPACE  # about no file: it is the output itself
        sentence = f"the output cannot be written ({error.strerror}); free some space or send it elsewhere"
        code = _complain(sentence if full else file_fault(error), 2)
    sys.exit(code or 0)


def _complain(sentence: str, code: int) -> int:
    with contextlib.suppress(OSError):  # standard error may be full, too
        click.echo(f"cnncourse: {sentence}", err=True)
    return code


def _replace_what_the_streams_cannot_write() -> None:
    """Let a terminal or file in another encoding than UTF-8 show "?" for the characters that it lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")
