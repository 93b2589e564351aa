"""Look into what a learning platform gives: a zip or a folder. A hostile or broken archive is refused whole."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from pathlib import Path, PurePosixPath

from .course import CourseError
from .submission import MAX_BYTES

MAX_ENTRIES = 50_000
MAX_TOTAL = 4_000_000_000  # bytes of all entries
BOMB_RATIO = 200  # a notebook with pictures is hardly compressed, one of text about tenfold
UNIX_TIMES = 0x5455  # extra field that says when, in UTC


@dataclass(frozen=True)
class Entry:
    """A file in an archive or folder.

    Parameters
    ----------
    path : pathlib.PurePosixPath
        Relative.
    size : int
    time : datetime.datetime
    read : callable
        Returns the bytes.
    """

    path: PurePosixPath
    size: int
    time: datetime
    read: Callable[[], bytes]


def entries(place: Path, zone: tzinfo = timezone.utc) -> tuple[list[Entry], list[str]]:
    """List the files of a zip or folder.

    Parameters
    ----------
    place : pathlib.Path
    zone : datetime.tzinfo
        The zone of times in a zip that gives none: that of the due time.

    Returns
    -------
    files : list of Entry
    passed_over : list of str
        Sentences about what a folder holds besides.

    Raises
    ------
    CourseError
        If the archive is hostile or broken.
    """
    if place.is_dir():
        return _folder_entries(place)
    try:
        return _zip_entries(place, zone), []
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        if isinstance(error, CourseError):
            raise
        raise refused(place, f"it cannot be read ({error})") from error


def refused(place: Path, why: str) -> CourseError:
    """Say that an archive is refused whole."""
    return CourseError(f"{place} is refused: {why}; nothing was collected, download it again")


def _zip_entries(place: Path, zone: tzinfo) -> list[Entry]:
    archive = zipfile.ZipFile(place)
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES or sum(info.file_size for info in infos) > MAX_TOTAL:
        raise refused(place, "it holds more than a class can hand in")
    seen: set[str] = set()
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        _check_entry(place, info)
        if info.filename in seen:
            raise refused(place, f"it holds {info.filename!r} twice")
        if info.header_offset < end:
            raise refused(place, "its entries overlap")
        seen.add(info.filename)
        end = info.header_offset + info.compress_size
    return [
        Entry(PurePosixPath(info.filename), info.file_size, _time(info, zone), _reader(archive, place, info))
        for info in infos
        if not info.is_dir()
    ]


def _check_entry(place: Path, info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    parts = name.replace("\\", "/").split("/")
    if "\0" in name or name.startswith(("/", "\\")) or ".." in parts or (parts and parts[0].endswith(":")):
        raise refused(place, f"the entry {name[:80]!r} points outside")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise refused(place, f"the entry {name[:80]!r} is a link or a device")
    if info.flag_bits & 1:
        raise refused(place, f"the entry {name[:80]!r} is encrypted")
    if info.file_size > 1_000_000 and info.file_size > BOMB_RATIO * max(1, info.compress_size):
        raise refused(place, f"the entry {name[:80]!r} unpacks to {info.file_size // 1_000_000} MB, a zip bomb")


def _reader(archive: zipfile.ZipFile, place: Path, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with archive.open(info) as file:
                content = file.read(MAX_BYTES + 1)
                file.read(1)  # past the end, where the checksum is compared
            return content
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
            raise refused(place, f"the entry {info.filename[:80]!r} is damaged ({error})") from error

    return read


def _time(info: zipfile.ZipInfo, zone: tzinfo) -> datetime:
    extra = info.extra
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        if kind == UNIX_TIMES and length >= 5 and extra[4] & 1:
            return datetime.fromtimestamp(struct.unpack("<i", extra[5:9])[0], timezone.utc)
        extra = extra[4 + length :]
    try:
        return datetime(*info.date_time).replace(tzinfo=zone)
    except ValueError:
        return datetime(1980, 1, 1, tzinfo=zone)


def _folder_entries(place: Path) -> tuple[list[Entry], list[str]]:
    files, passed_over = [], []
    for folder, folders, names in os.walk(place):
        for name in sorted(folders + names):
            path = Path(folder, name)
            status = path.lstat()
            shown = path.relative_to(place).as_posix()
            if stat.S_ISREG(status.st_mode):
                time = datetime.fromtimestamp(int(status.st_mtime), timezone.utc)
                files.append(Entry(PurePosixPath(shown), status.st_size, time, _file_reader(path)))
            elif not stat.S_ISDIR(status.st_mode):
                passed_over.append(f"{shown!r} is a link or a device; links are never copied")
    return files, passed_over


def _file_reader(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return file.read(MAX_BYTES + 1)

    return read
