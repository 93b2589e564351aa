"""The files of practice: written whole or not at all, and none that is not needed."""

import base64
import gzip
import json
import zipfile
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

from extensions.practice import build, data, page
from extensions.practice.npm import MissingPackageError


@pytest.fixture
def app(tmp_path, monkeypatch):
    """What a build gives to the extension; the libraries are stand-ins, and two exercises are prepared."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(build, "libraries", lambda: {"pyodide/a.wasm.gz": b"wasm", "purify.js": b"export default 1"})
    monkeypatch.setattr(data, "exercises_on_page", lambda: {"corr2d": None, "edge_kernel": None, "far": "it is far"})
    return SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=str(tmp_path / "_build" / "html"))


def folder_of(app):
    return build.Path(app.outdir, "_static", "practice")


def test_everything_is_written(app):
    build.write_files(app)
    assert build.available(app)
    written = {path.relative_to(folder_of(app)).as_posix() for path in folder_of(app).rglob("*") if path.is_file()}
    own = {"course.zip", "sizes.json", "worker.js", "data/corr2d.json.gz", "data/edge_kernel.json.gz"}
    assert written == own | {"pyodide/a.wasm.gz", "purify.js"}
    sizes = json.loads((folder_of(app) / "sizes.json").read_text())
    assert sizes == {name: (folder_of(app) / name).stat().st_size for name in ("pyodide/a.wasm.gz", "course.zip")}


def test_without_the_libraries_nothing_is_written_and_the_build_goes_on(app, monkeypatch, caplog):
    build.write_files(app)

    def missing():
        raise MissingPackageError("npm, which fetches pyodide, is not installed")

    monkeypatch.setattr(build, "libraries", missing)
    app.cnncourse_practice = False
    build.write_files(app)
    assert not build.available(app)
    assert not folder_of(app).exists()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(ExtensionError, match="exercises cannot run on the pages: npm, which fetches pyodide, is not"):
        build.write_files(app)


def test_the_data_of_an_exercise_are_its_public_cases(app):
    build.write_files(app)
    packed = json.loads(gzip.decompress((folder_of(app) / "data" / "corr2d.json.gz").read_bytes()))
    from cnncourse.exercises.registry import checker_for

    assert page.with_repeats(**packed) == json.loads(json.dumps(checker_for("corr2d").prepare()))


def test_unchanged_exercises_are_not_prepared_again(app, monkeypatch):
    build.write_files(app)
    monkeypatch.setattr(data, "checker_for", None)
    build.write_files(app)
    assert (folder_of(app) / "data" / "corr2d.json.gz").is_file()


def test_what_the_worker_imports_has_neither_classroom_nor_tests(app):
    build.write_files(app)
    names = zipfile.ZipFile(folder_of(app) / "course.zip").namelist()
    assert "cnncourse/exercises/convolution/corr2d.md" in names
    assert "extensions/practice/page.py" in names
    assert not [name for name in names if "classroom" in name or "test" in name.rpartition("/")[2]]


def test_the_same_sources_give_the_same_archive():
    assert build.course() == build.course()


def test_a_folder_gets_the_same_bytes_as_scripts(app):
    build.write_files(app)
    scripts = build.scripts_for_a_folder(folder_of(app))
    assert set(scripts) == {"offline.js", "data/corr2d.js", "data/edge_kernel.js"}
    beginning, end = b"window.cnnPractice = ", b";\n"
    found = json.loads(scripts["data/corr2d.js"].removeprefix(beginning).removesuffix(end))
    assert base64.b64decode(found["corr2d"]) == (folder_of(app) / "data" / "corr2d.json.gz").read_bytes()
    assert "worker.js" in json.loads(scripts["offline.js"].removeprefix(beginning).removesuffix(end))


def test_a_site_without_practice_gives_no_scripts(tmp_path):
    assert build.scripts_for_a_folder(tmp_path / "absent") == {}


@pytest.mark.parametrize("material", [{"a": ["x" * 200, {"b": "x" * 200}], "c": 1.5}, [], "y" * 101, None])
def test_long_texts_are_written_once_and_put_back(material):
    packed = data.without_repeats(material)
    assert len(packed["texts"]) <= 1
    assert page.with_repeats(**json.loads(json.dumps(packed))) == material


def test_an_exercise_that_stays_out_has_a_reason():
    reasons = data.exercises_on_page()
    assert [name for name, reason in reasons.items() if reason] == ["train_detector"]
