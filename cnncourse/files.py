"""Files: written whole or not at all, and the user's folders for caches and state."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

import platformdirs

APPLICATION = "cnncourse"


def cache_folder() -> Path:
    """Return the user's folder for downloads: ``$XDG_CACHE_HOME/cnncourse`` or ``~/.cache/cnncourse`` on Linux."""
    return Path(platformdirs.user_cache_dir(APPLICATION, appauthor=False))


def state_folder() -> Path:
    """Return the user's folder for progress: ``$XDG_STATE_HOME/cnncourse`` or ``~/.local/state/cnncourse`` on Linux."""
    return Path(platformdirs.user_state_dir(APPLICATION, appauthor=False))


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
        If the file cannot be written. What was there before is unchanged then, and no temporary file is left.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     atomic_write(Path(folder) / "notes.txt", "whole")
    ...     print((Path(folder) / "notes.txt").read_text())
    whole
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        with contextlib.suppress(FileNotFoundError):
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise
