"""Look into what a learning platform gives: a zip or a folder. A hostile or broken archive is refused whole."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timezone, tzinfo
from pathlib import Path, PurePosixPath

from .course import CourseError
from .encodings import decoded_names
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
        Of the file; platforms write the time of the download.
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
    messages : list of str
        Sentences: what a folder holds besides, how the names in a zip were read.

    Raises
    ------
    CourseError
        If the archive is hostile or broken.
    """
    if place.is_dir():
        return _folder_entries(place)
    try:
        return _zip_entries(place, zone)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        if isinstance(error, CourseError):
            raise
        raise refused(place, f"it cannot be read ({error})") from error


def entries_within(entry: Entry) -> list[Entry]:
    """List the files of a zip that a student handed in; they have its time, since their own may be set at will.

    Parameters
    ----------
    entry : Entry

    Returns
    -------
    list of Entry
        Their paths are those within the zip. Each opens the zip anew to read, so that it is not kept in memory.

    Raises
    ------
    ValueError
        If it is too large, hostile or broken; so do the entries when they are read.
    """

    def reader(path: PurePosixPath) -> Callable[[], bytes]:
        def read() -> bytes:
            try:
                return next(file for file in _within(entry) if file.path == path).read()
            except CourseError as error:
                raise ValueError("damaged") from error

        return read

    return [replace(file, time=entry.time, read=reader(file.path)) for file in _within(entry)]


def _within(entry: Entry) -> list[Entry]:
    content = entry.read()
    if len(content) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES // 1_000_000} MB")
    try:
        return _zip_entries(Path(entry.path.name), timezone.utc, io.BytesIO(content))[0]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise ValueError("hostile" if isinstance(error, CourseError) else "damaged") from error


def refused(place: Path, why: str) -> CourseError:
    """Say that an archive is refused whole."""
    return CourseError(f"{place} is refused: {why}; nothing was collected, download it again")


def _zip_entries(place: Path, zone: tzinfo, content: io.BytesIO | None = None) -> tuple[list[Entry], list[str]]:
    archive = zipfile.ZipFile(content or place)
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES or sum(info.file_size for info in infos) > MAX_TOTAL:
        raise refused(place, "it holds more than a class can hand in")
    names, guess = decoded_names(infos)
    seen: set[str] = set()
    end = 0
    for info, name in sorted(zip(infos, names, strict=True), key=lambda pair: pair[0].header_offset):
        _check_entry(place, info, name)
        if name in seen:
            raise refused(place, f"it holds {name!r} twice")
        if info.header_offset < end:
            raise refused(place, "its entries overlap")
        seen.add(name)
        end = info.header_offset + info.compress_size
    files = [
        Entry(PurePosixPath(name), info.file_size, _time(info, zone), _reader(archive, place, info, name))
        for info, name in zip(infos, names, strict=True)
        if not name.endswith("/")
    ]
    messages = [f"{place.name} does not say how names are encoded; they were read as {guess}, check them"]
    return files, messages if guess else []


def _check_entry(place: Path, info: zipfile.ZipInfo, name: str) -> None:
    parts = name.split("/")
    if "\0" in name or name.startswith("/") or ".." in parts or parts[0].endswith(":"):
        raise refused(place, f"the entry {name[:80]!r} points outside")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise refused(place, f"the entry {name[:80]!r} is a link or a device")
    if info.flag_bits & 1:
        raise refused(place, f"the entry {name[:80]!r} is encrypted")
    if info.file_size > 1_000_000 and info.file_size > BOMB_RATIO * max(1, info.compress_size):
        raise refused(place, f"the entry {name[:80]!r} unpacks to {info.file_size // 1_000_000} MB, a zip bomb")


def _reader(archive: zipfile.ZipFile, place: Path, info: zipfile.ZipInfo, name: str) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with archive.open(info) as file:
                content = file.read(MAX_BYTES + 1)
                file.read(1)  # past the end, where the checksum is compared
            return content
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
            raise refused(place, f"the entry {name[:80]!r} is damaged ({error})") from error

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
