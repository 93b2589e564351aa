"""When chapters are executed again and pages made anew, and under which conditions."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import zmq
from jupyter_client import KernelManager
from sphinx.application import Sphinx
from sphinx.config import Config

import cnncourse

PACKAGE = Path(cnncourse.__file__).parent
EXTENSIONS = Path(__file__).parent
DEPENDS_ON = ("torch", "numpy", "matplotlib", "scikit-learn")  # besides the package itself
NOT_COMPUTING = ("classroom/", "cli.py")  # no chapter computes with these
NO_OUTPUT = (".pyc", ".js", ".css")  # scripts of the figures reach the pages by another way than through outputs


def source_digest(package: Path = PACKAGE) -> str:
    """Return a short hash of all that a chapter's output can depend on, the chapter itself left out.

    Parameters
    ----------
    package : pathlib.Path
        The folder whose files count, besides the versions of the libraries that draw and compute.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    digest = _digest(package, lambda name: name.endswith(NO_OUTPUT) or name.startswith(NOT_COMPUTING))
    for name in DEPENDS_ON:
        digest.update(f"{name} {version(name)}\n".encode())
    return digest.hexdigest()[:16]


def _digest(folder: Path, left_out: Callable[[str], bool]) -> hashlib._Hash:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not left_out(name):
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest


def configure(app: Sphinx, config: Config) -> None:
    """Name the cache of outputs after what they depend on, and fix what else could change them."""
    os.environ["CNNCOURSE_SITE"] = "1"  # figures are drawn for the site, see plotting.use_style
    os.environ["OMP_NUM_THREADS"] = "1"  # sums in one order on every machine
    os.environ.pop("MPLBACKEND", None)  # with another backend than the kernels' own, pages would have no pictures
    encrypt_kernels()
    caches = Path(app.outdir).parent / "executed"
    cache = caches / source_digest()
    for stale in caches.glob("*"):
        if stale != cache:
            shutil.rmtree(stale)
    config.nb_execution_cache_path = str(cache)  # Sphinx reads all chapters again when this changes
    digests = (_digest(folder, _compiled) for folder in (PACKAGE, EXTENSIONS, Path(app.srcdir) / "book" / "static"))
    config.cnncourse_looks = "".join(digest.hexdigest() for digest in digests)


def encrypt_kernels() -> None:
    """Let the kernels that this process starts encrypt what they say, which ipykernel asks for, where zmq can do it.

    jupyter_client reads the setting from its configuration, which MyST-NB gives no access to.
    """
    policy = KernelManager.class_traits().get("transport_encryption")  # since jupyter_client 8.9
    if policy is not None and zmq.has("curve"):
        policy.default_value = "auto"


def _compiled(name: str) -> bool:
    return name.endswith(".pyc")


def read_again_after_warnings(app: Sphinx, exception: Exception | None) -> None:
    """Forget what was read if it gave warnings, so that the next build warns again."""
    if getattr(app, "_warncount", 0):
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_config_value("cnncourse_looks", "", "env")  # when it changes, all pages are made anew
    app.connect("config-inited", configure, priority=100)
    app.connect("build-finished", read_again_after_warnings)
