"""Packages of npm: fetched once, known by their checksum, and without npm or network a sentence."""

import hashlib
import io
import subprocess
import tarfile

import pytest

from extensions.practice import npm
from extensions.practice.npm import MissingPackageError, Package


def archive(**files):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


CONTENT = archive(one=b"1", two=b"22")
PACKAGE = Package("thing", "1.2.3", hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def fetched(tmp_path, monkeypatch):
    """Every call of npm, which puts `CONTENT` into the folder where it runs; `fetched.content` is put there instead."""

    class Calls(list):
        content = CONTENT
        code = 0

    calls = Calls()

    def run(command, cwd, **_):
        calls.append(command)
        if calls.code == 0:
            (tmp_path.__class__(cwd) / "thing-1.2.3.tgz").write_bytes(calls.content)
        return subprocess.CompletedProcess(command, calls.code, "", "a log\nnpm error network is unreachable")

    monkeypatch.setattr(npm, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(npm.shutil, "which", lambda name: "npm")
    monkeypatch.setattr(npm.subprocess, "run", run)
    return calls


def test_a_package_is_fetched_once(fetched):
    assert PACKAGE.files("one", "two") == {"one": b"1", "two": b"22"}
    assert PACKAGE.files("two") == {"two": b"22"}
    assert len(fetched) == 1
    assert fetched[0][-1] == "thing@1.2.3"


def test_a_damaged_archive_is_fetched_again(fetched):
    PACKAGE.files("one")
    PACKAGE.archive.write_bytes(b"damaged")
    assert PACKAGE.files("one") == {"one": b"1"}
    assert len(fetched) == 2


def test_another_checksum_is_refused_and_not_kept(fetched):
    fetched.content = archive(one=b"evil")
    with pytest.raises(MissingPackageError, match=r"thing 1\.2\.3 has another checksum than"):
        PACKAGE.files("one")
    assert not PACKAGE.archive.exists()


def test_without_a_network_the_last_line_of_npm_is_told(fetched):
    fetched.code = 1
    with pytest.raises(MissingPackageError, match=r"could not fetch thing 1\.2\.3: npm error network is unreachable"):
        PACKAGE.files("one")


def test_without_npm_a_sentence_says_so(fetched, monkeypatch):
    monkeypatch.setattr(npm.shutil, "which", lambda name: None)
    with pytest.raises(MissingPackageError, match="npm, which fetches thing, is not installed"):
        PACKAGE.files("one")
