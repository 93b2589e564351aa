"""Files of npm packages: fetched once by ``npm pack``, kept in the user's cache, known by their checksum."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cnncourse.files import atomic_write, cache_folder

SECONDS = 300  # for a download


class MissingPackageError(Exception):
    """A package cannot be had; the message says why."""


@dataclass(frozen=True)
class Package:
    """A package of the npm registry.

    Parameters
    ----------
    name, version : str
    sha256 : str
        Of the archive that ``npm pack`` fetches.
    """

    name: str
    version: str
    sha256: str

    @property
    def archive(self) -> Path:
        """Where the archive is kept."""
        return cache_folder() / "npm" / f"{self.name}-{self.version}.tgz"

    def files(self, *names: str) -> dict[str, bytes]:
        """Return files of the package, fetching it if need be.

        Parameters
        ----------
        *names : str
            Paths in the package.

        Returns
        -------
        dict of str to bytes

        Raises
        ------
        MissingPackageError
            Without npm or network, or if what came is not what is expected.
        """
        if not (self.archive.is_file() and _sha256(self.archive) == self.sha256):
            self._fetch()
        with tarfile.open(self.archive) as packed:
            found = {name: packed.extractfile(f"package/{name}") for name in names}
            return {name: file.read() for name, file in found.items() if file}

    def _fetch(self) -> None:
        npm = shutil.which("npm")
        if npm is None:
            raise MissingPackageError(f"npm, which fetches {self.name}, is not installed")
        with tempfile.TemporaryDirectory() as folder:
            once = ["--fetch-retries=0", "--silent"]  # without a network it ends at once
            command = [npm, "pack", *once, f"{self.name}@{self.version}"]
            try:
                done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
            except subprocess.TimeoutExpired:
                raise MissingPackageError(f"npm did not fetch {self.name} within {SECONDS} s") from None
            archives = list(Path(folder).glob("*.tgz"))
            if done.returncode or len(archives) != 1:
                last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
                raise MissingPackageError(f"npm could not fetch {self.name} {self.version}: {last}")
            if _sha256(archives[0]) != self.sha256:
                raise MissingPackageError(f"{self.name} {self.version} has another checksum than {self.sha256}")
            atomic_write(self.archive, archives[0].read_bytes())


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
