"""Writes what a page needs to run answers into the site: Pyodide, the course's checker, the data of each exercise.

Pyodide and DOMPurify come from npm at fixed versions. Where they cannot be had, the pages have no practice and the
build says so; with ``CI`` in the environment it stops.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import minify
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging

from cnncourse.exercises.registry import bank

from . import data
from .data import exercises_on_page
from .imitation import namespaces
from .npm import MissingPackageError, Package

__all__ = ["available", "exercises_on_page"]
LOADED_BY_PAGES = ("practice.js", "practice.css")  # what `boxes` adds to the folder
FOLDER = "practice"  # beside the site's other static files
PYODIDE = Package("pyodide", "314.0.7", "66b7949e5a0cba2250b586d7e368bf12fb482800748d182c4618254b685ffaa0")
PURIFY = Package("dompurify", "3.5.0", "faa5f2bfe2814384b83d6edb4ed66812fbfdb2a654b4d59edd4b12304058ec20")
PYODIDE_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
SCRIPTS = Path(__file__).parent / "js"
_SCRIPT = "application/javascript"  # for the minifier
_LOGGER = logging.getLogger(__name__)


def available(app: Sphinx) -> bool:
    """Tell whether this site has what exercises need to run on its pages."""
    return bool(getattr(app, "cnncourse_practice", False))


def libraries() -> dict[str, bytes]:
    """Return the files of Pyodide and DOMPurify by their paths in the site's folder.

    Raises
    ------
    MissingPackageError
    """
    pyodide = PYODIDE.files(*PYODIDE_FILES)
    lock = json.loads(pyodide.pop("pyodide-lock.json"))
    pyodide["lock.json"] = json.dumps(lock | {"packages": {}}).encode()  # none is offered
    for name in ("pyodide.asm.mjs", "pyodide.asm.wasm"):  # not every host compresses what it sends
        pyodide[f"{name}.gz"] = gzip.compress(pyodide.pop(name), mtime=0)
    purify = PURIFY.files("dist/purify.es.mjs")["dist/purify.es.mjs"].decode()
    files = {f"pyodide/{name}": content for name, content in pyodide.items()}
    return files | {"purify.js": minify.string(_SCRIPT, purify).encode()}


def course() -> bytes:
    """Pack what the worker imports: the same sources give the same bytes."""
    modules = {name: exercise.solved.__module__ for name, exercise in bank().items()}
    facts = json.dumps({"modules": modules, "real names": namespaces.real_names()})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**data.sources(), "facts.json": facts.encode()}.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def write_files(app: Sphinx) -> None:
    """Write everything into the site's static files, or nothing."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", FOLDER)
    shutil.rmtree(target, ignore_errors=True)
    try:
        files = libraries()
    except MissingPackageError as error:
        if os.environ.get("CI"):
            raise ExtensionError(f"exercises cannot run on the pages: {error}") from error
        _LOGGER.info("exercises do not run on the pages: %s", error)
        return
    files["course.zip"] = course()
    waited_for = [name for name in files if name.endswith((".gz", ".zip"))]
    files["sizes.json"] = json.dumps({name: len(files[name]) for name in waited_for}).encode()
    files["worker.js"] = minify.string(_SCRIPT, (SCRIPTS / "worker.js").read_text(encoding="utf-8")).encode()
    cache = Path(app.outdir).parent / "practice"
    files |= {f"data/{name}.json.gz": content for name, content in data.prepared(cache).items()}
    for name, content in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    app.cnncourse_practice = True  # type: ignore[attr-defined]


def scripts_for_a_folder(folder: Path) -> dict[str, bytes]:
    """Return the practice folder of a site as classic scripts: pages that are opened from a folder may not fetch.

    Parameters
    ----------
    folder : pathlib.Path
        What `write_files` has written.

    Returns
    -------
    dict of str to bytes
        By their names in the folder; empty if the site has no practice.
    """

    def script(files: dict[str, Path]) -> bytes:
        texts = {name: base64.b64encode(path.read_bytes()).decode() for name, path in files.items()}
        return f"window.cnnPractice = {json.dumps(texts)};\n".encode()

    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    files = {name: path for name, path in paths.items() if name not in LOADED_BY_PAGES}
    data_files = {
        Path(name).name.partition(".")[0]: files.pop(name) for name in list(files) if name.startswith("data/")
    }
    scripts = {f"data/{name}.js": script({name: path}) for name, path in data_files.items()}
    return scripts | {"offline.js": script(files)} if files else {}


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("builder-inited", write_files)
