"""Files: written whole or not at all, and the user's folders for caches and state."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

APPLICATION = "cnncourse"


def cache_folder() -> Path:
    """Return the user's folder for downloads: ``$XDG_CACHE_HOME/cnncourse`` or ``~/.cache/cnncourse`` on Linux.

    Returns
    -------
    pathlib.Path
        It need not exist; whoever writes into it makes it. Without a home folder, a folder among the temporary files.

    Examples
    --------
    >>> cache_folder().is_absolute(), "cnncourse" in cache_folder().parts
    (True, True)
    """
    return _folder(platformdirs.user_cache_dir, "cache")


def state_folder() -> Path:
    """Return the user's folder for progress: ``$XDG_STATE_HOME/cnncourse`` or ``~/.local/state/cnncourse`` on Linux.

    Returns
    -------
    pathlib.Path
        It need not exist; whoever writes into it makes it. Without a home folder, a folder among the temporary files.

    Examples
    --------
    >>> state_folder().is_absolute(), "cnncourse" in state_folder().parts
    (True, True)
    """
    return _folder(platformdirs.user_state_dir, "state")


def _folder(ask: Callable[..., str], kind: str) -> Path:
    """Return the platform's folder, or one of this user's own where nothing says what the home folder is."""
    try:
        folder = Path(ask(APPLICATION, appauthor=False))
    except RuntimeError:  # a user id without an account, and no HOME
        folder = Path()
    if folder.is_absolute():  # older versions of platformdirs return "~/..." then
        return folder
    return Path(tempfile.gettempdir(), f"{APPLICATION}-{os.getuid() if hasattr(os, 'getuid') else 0}", kind)


def atomic_write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all, and make its folder if need be.

    Parameters
    ----------
    path : pathlib.Path
        A file that exists is replaced and keeps its permissions; a new one gets those of the umask.
    content : str or bytes
        Text is encoded as UTF-8.

    Raises
    ------
    OSError
        If the file cannot be written; the error names it. What was there before is unchanged then, and no temporary
        file is left.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     atomic_write(Path(folder) / "notes.txt", "whole")
    ...     print((Path(folder) / "notes.txt").read_text())
    whole
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    with _temporary_beside(path) as temporary:
        with open(temporary, "xb") as file:
            file.write(data)
        with contextlib.suppress(FileNotFoundError):
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        os.replace(temporary, path)


def expect_writable(path: Path) -> None:
    """Make the folder of a file that is written later, and try whether `atomic_write` can write there.

    Parameters
    ----------
    path : pathlib.Path

    Raises
    ------
    OSError
        If it cannot; the error names `path`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     expect_writable(Path(folder) / "new" / "notes.txt")
    ...     [file.name for file in Path(folder).rglob("*")]
    ['new']
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    with _temporary_beside(path) as temporary:
        temporary.touch()


def file_fault(error: OSError) -> str:
    """Say in one sentence which file could not be used and why; an error with a sentence of its own keeps it.

    Examples
    --------
    >>> file_fault(PermissionError(13, "Permission denied", "a.txt"))
    'a.txt cannot be used (Permission denied); correct that or choose another place'
    >>> file_fault(FileNotFoundError("run holds no model.pt"))
    'run holds no model.pt'
    """
    if error.filename is None or error.strerror is None:
        return str(error)
    return f"{error.filename} cannot be used ({error.strerror}); correct that or choose another place"


@contextlib.contextmanager
def _temporary_beside(path: Path) -> Iterator[Path]:
    """Make the folder of `path` and name a file in it that is gone afterwards; errors name `path` instead."""
    temporary = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
    except OSError as error:
        number = errno.ENOTDIR if isinstance(error, FileExistsError) else error.errno
        raise OSError(number, os.strerror(number or errno.EIO), str(path)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
