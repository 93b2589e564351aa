"""An archive is listed without unpacking it; a hostile or broken one is refused whole."""

import io
import os
import stat
import struct
import zipfile
import zlib
from datetime import datetime, timedelta, timezone

import pytest

from cnncourse.classroom import archives
from cnncourse.classroom.archives import entries
from cnncourse.classroom.course import CourseError

WHEN = (2026, 11, 30, 12, 0, 0)


def zipped(path, *files):
    """Write a zip of (name, content, change of the entry or None)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, change in files:
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            if change:
                change(info)
            archive.writestr(info, content)
    return path


def of_kind(kind):
    def change(info):
        info.external_attr = (kind | 0o777) << 16

    return change


HOSTILE = {
    "a path outside": ("../ada/ps1.ipynb", b"", None, "points outside"),
    "a path outside in the middle": ("ada/../../ps1.ipynb", b"", None, "points outside"),
    "an absolute path": ("/ada/ps1.ipynb", b"", None, "points outside"),
    "a path of another system": ("..\\ada\\ps1.ipynb", b"", None, "points outside"),
    "a drive": ("C:/ada/ps1.ipynb", b"", None, "points outside"),
    "a link": ("ada/ps1.ipynb", b"/etc/passwd", of_kind(stat.S_IFLNK), "link or a device"),
    "a pipe": ("ada/ps1.ipynb", b"", of_kind(stat.S_IFIFO), "link or a device"),
    "a bomb": ("ada/ps1.ipynb", bytes(30_000_000), None, "unpacks to 30 MB, a zip bomb"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_entry_refuses_the_archive(tmp_path, name):
    *hostile, why = HOSTILE[name]
    place = zipped(tmp_path / "d.zip", ("bob/ps1.ipynb", b"{}", None), hostile)
    with pytest.raises(CourseError, match=f"{why}.*; nothing was collected, download it again"):
        entries(place)


def test_a_name_that_ends_at_a_null_byte_refuses_the_archive(tmp_path):
    place = zipped(tmp_path / "d.zip", ("ada/ps1.ipynb_x", b"{}", None))
    place.write_bytes(place.read_bytes().replace(b"ipynb_x", b"ipynb\0x"))
    with pytest.raises(CourseError, match="points outside"):
        entries(place)


def test_an_encrypted_entry_refuses_the_archive(tmp_path):
    place = zipped(tmp_path / "d.zip", ("ada/ps1.ipynb", b"{}", None))
    content = bytearray(place.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1  # the flag in the central directory
    place.write_bytes(content)
    with pytest.raises(CourseError, match="encrypted"):
        entries(place)


def test_entries_that_overlap_refuse_the_archive(tmp_path):
    place = zipped(tmp_path / "d.zip", ("ada/a.ipynb", b"{}", None), ("ada/b.ipynb", b"{}", None))
    content = bytearray(place.read_bytes())
    second = content.rindex(b"PK\1\2")
    content[second + 42 : second + 46] = struct.pack("<I", 1)  # it begins within the first
    place.write_bytes(content)
    with pytest.raises(CourseError, match="overlap"):
        entries(place)


def test_an_entry_that_is_there_twice_refuses_the_archive(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("ada/ps1.ipynb", "{}")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("ada/ps1.ipynb", "{}")
    (tmp_path / "d.zip").write_bytes(stream.getvalue())
    with pytest.raises(CourseError, match=r"'ada/ps1\.ipynb' twice"):
        entries(tmp_path / "d.zip")


def test_more_entries_or_bytes_than_a_class_hands_in_are_refused(tmp_path, monkeypatch):
    place = zipped(tmp_path / "d.zip", ("a/ps1.ipynb", b"{}", None), ("b/ps1.ipynb", b"{}", None))
    for limit in ("MAX_ENTRIES", "MAX_TOTAL"):
        with monkeypatch.context() as changed:
            changed.setattr(archives, limit, 1)
            with pytest.raises(CourseError, match="more than a class can hand in"):
                entries(place)
    assert len(entries(place)[0]) == 2


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\5\6" + bytes(10), b"PK\3\4" + bytes(200)])
def test_what_is_no_zip_is_refused(tmp_path, content):
    (tmp_path / "d.zip").write_bytes(content)
    with pytest.raises(CourseError, match="it cannot be read"):
        entries(tmp_path / "d.zip")


def test_a_damaged_entry_is_refused_when_it_is_read(tmp_path):
    place = zipped(tmp_path / "d.zip", ("ada/ps1.ipynb", os.urandom(5000), None))
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 0xFF
    place.write_bytes(content)
    (entry,), _ = entries(place)
    with pytest.raises(CourseError, match=r"the entry 'ada/ps1\.ipynb' is damaged"):
        entry.read()


def test_no_more_of_an_entry_is_read_than_a_notebook_may_have(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 10)
    place = zipped(tmp_path / "d.zip", ("ada/ps1.ipynb", b"0123456789and more", None))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "ps1.ipynb").write_bytes(b"0123456789and more")
    for source in (place, tmp_path / "folder"):
        (entry,), _ = entries(source)
        assert entry.read() == b"0123456789a"


def test_odd_names_stay_as_they_are(tmp_path):
    names = ["Jos\u00e9 \u2603/ps1.ipynb", "a b (2)/ps1.ipynb", "...dots/ps1.ipynb", "-rf/ps1.ipynb", "~/ps1.ipynb"]
    files, passed_over = entries(zipped(tmp_path / "d.zip", *((name, b"{}", None) for name in names)))
    assert [str(entry.path) for entry in files] == names
    assert passed_over == []
    assert [path.name for path in tmp_path.iterdir()] == ["d.zip"]  # nothing was unpacked


def test_a_time_in_utc_counts_before_one_of_a_zone(tmp_path):
    moment = datetime(2026, 12, 1, 11, 30, tzinfo=timezone.utc)

    def with_time(info):
        info.extra = struct.pack("<HHBi", archives.UNIX_TIMES, 5, 1, int(moment.timestamp()))

    place = zipped(tmp_path / "d.zip", ("a.ipynb", b"", with_time), ("b.ipynb", b"", None))
    zone = timezone(timedelta(hours=1))
    first, second = entries(place, zone)[0]
    assert first.time == moment
    assert second.time == datetime(*WHEN, tzinfo=zone)


def test_a_time_that_no_calendar_has_is_the_earliest_of_a_zip(tmp_path):
    place = zipped(tmp_path / "d.zip", ("a.ipynb", b"", None))
    content = bytearray(place.read_bytes())
    for mark, offset in ((b"PK\3\4", 12), (b"PK\1\2", 14)):
        content[content.index(mark) + offset : content.index(mark) + offset + 2] = b"\0\0"  # day 0 of month 0
    place.write_bytes(content)
    assert entries(place)[0][0].time == datetime(1980, 1, 1, tzinfo=timezone.utc)


def test_links_and_pipes_in_a_folder_are_named_and_not_followed(tmp_path):
    download = tmp_path / "download"
    (download / "ada").mkdir(parents=True)
    (download / "ada" / "ps1.ipynb").write_text("{}")
    (download / "bob").symlink_to(download / "ada")
    (download / "eve.ipynb").symlink_to(tmp_path / "secret")
    os.mkfifo(download / "pipe.ipynb")
    files, passed_over = entries(download)
    assert [str(entry.path) for entry in files] == ["ada/ps1.ipynb"]
    assert passed_over == [
        f"{name!r} is a link or a device; links are never copied" for name in ("bob", "eve.ipynb", "pipe.ipynb")
    ]


def test_a_file_that_becomes_a_link_before_it_is_read_is_not_followed(tmp_path):
    download = tmp_path / "download"
    download.mkdir()
    (download / "ps1.ipynb").write_text("{}")
    (entry,), _ = entries(download)
    (tmp_path / "secret").write_text("hidden")
    (download / "ps1.ipynb").unlink()
    (download / "ps1.ipynb").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match="symbolic links"):
        entry.read()


def zipped_with_raw_names(path, *names, extra=b""):
    """Write a zip whose names are bytes in some encoding, without the flag for UTF-8."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(names):
            info = zipfile.ZipInfo("x" * len(name), WHEN)
            info.filename = info.orig_filename = "\x01" * len(name) + str(number)
            info.extra = extra
            archive.writestr(info, b"{}")
    content = path.read_bytes()
    for number, name in enumerate(names):
        content = content.replace(b"\x01" * len(name) + str(number).encode(), name + str(number).encode())
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("names", "encoding", "guess"),
    [
        (["M\u00fcller", "\u738b\u4f1f"], "utf-8", ""),  # macOS, Info-ZIP
        (["M\u00fcller", "Stra\u00dfe"], "cp437", "cp437"),  # Windows, old
        (["M\u00fcller", "\u00c5ngstr\u00f6m"], "cp1252", "cp1252"),
        (["\u738b\u4f1f", "\u5f20\u4f1f", "ada"], "gbk", "gbk"),
    ],
)
def test_names_without_a_declared_encoding_are_read_as_all_of_them_suggest(tmp_path, names, encoding, guess):
    place = zipped_with_raw_names(tmp_path / "d.zip", *(name.encode(encoding) + b"/ps1.ipynb" for name in names))
    files, messages = entries(place)
    assert [entry.path.parts[0] for entry in files] == names
    assert [entry.read() for entry in files] == [b"{}"] * len(names)
    said = [f"d.zip does not say how names are encoded; they were read as {guess}, check them"]
    assert messages == (said if guess else [])


def test_a_name_that_info_zip_gives_in_unicode_counts(tmp_path):
    raw, shown = b"M?ller/ps1.ipynb0\x81", "M\u00fcller/ps1.ipynb".encode()
    field = struct.pack("<HHBI", 0x7075, 5 + len(shown), 1, zlib.crc32(raw + b"0")) + shown
    (entry,), messages = entries(zipped_with_raw_names(tmp_path / "d.zip", raw, extra=field))
    assert (str(entry.path), messages) == ("M\u00fcller/ps1.ipynb", [])


def test_a_backslash_separates_folders_as_old_programs_on_windows_write_it(tmp_path):
    files, _ = entries(zipped_with_raw_names(tmp_path / "d.zip", b"ada\\ps1.ipynb"))
    assert files[0].path.parts == ("ada", "ps1.ipynb0")
