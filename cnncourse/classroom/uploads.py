"""Find the notebooks in a download, and whose each is: by its platform's names, else by its folders."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from cnncourse.checking.wording import counted

from .archives import Entry, entries_within
from .course import CourseError, parse_time
from .names import comparable, is_valid_name, normalized
from .people import People
from .platforms import canvas, gradescope, moodle, nbgrader
from .platforms.origin import FOLDERS, Origin
from .submission import MAX_BYTES

NOISE = ("__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini")
NOTEBOOK = re.compile(r"\.ipynb(\.txt|\.json)?$", re.IGNORECASE)  # some browsers append the second
COPY = r"(?:[ _-]*copy[ _-]*\(?(?P<lab>\d*)\)?|[ _-]*\((?P<browser>\d+)\)|[ _-]+(?P<canvas>\d+))?"


@dataclass(frozen=True)
class Upload:
    """A notebook and whose it is."""

    entry: Entry
    origin: Origin
    exact: bool  # whether the file has the assignment's name
    copy: int  # the number that a platform, a browser or an editor appended
    stamp: bytes = b""  # nbgrader's timestamp.txt


def find_uploads(files: Sequence[Entry], name: str, people: People) -> tuple[list[Upload], list[str]]:
    """Find the notebooks of an assignment in a download.

    Parameters
    ----------
    files : sequence of Entry
    name : str
        The assignment's.
    people : People
        A folder that is called as one of them is that student's.

    Returns
    -------
    uploads : list of Upload
    messages : list of str
        Sentences: what was not taken, and why.
    """
    messages: list[str] = []
    metadata = _metadata(files, messages)
    platform_files = (nbgrader.TIMESTAMP, gradescope.METADATA)
    noise = [entry for entry in files if _is_noise(entry.path)]
    if noise:
        messages.append(
            f"not taken, since systems add them: {counted(len(noise), 'file')}, such as {str(noise[0].path)!r}"
        )
    stamps = {entry.path.parent: entry for entry in files if entry.path.name == nbgrader.TIMESTAMP}
    notebooks = []
    for entry in files:
        if NOTEBOOK.search(entry.path.name) and not _is_noise(entry.path):
            notebooks.append(entry)
        elif entry.path.suffix.lower() == ".zip" and not _is_noise(entry.path):
            notebooks += _unpacked(entry, name, {file.path for file in files}, messages)
        elif not _is_noise(entry.path) and entry.path.name not in platform_files:
            messages.append(f"{str(entry.path)!r} is no notebook; not taken")
    owners = _owners([entry.path for entry in notebooks], name, people, metadata, messages)
    uploads = []
    for entry in notebooks:
        if not owners[entry.path]:
            messages.append(f"{str(entry.path)!r} does not tell whose it is; not taken")
        for origin in owners[entry.path]:
            copy = copy_number(origin.file or entry.path.name, name)
            stamp = stamps.get(entry.path.parent) if origin.platform == FOLDERS else None  # elsewhere students write it
            upload = Upload(entry, origin, copy is not None, copy or 0)
            uploads.append(_stamped(upload, stamp, messages) if stamp else upload)
    return uploads, messages


def copy_number(file: str, name: str) -> int | None:
    """Tell whether a file has the assignment's name, whatever a platform, a browser or an editor appended.

    Returns
    -------
    int or None
        The number of the copy; None for another name.

    Examples
    --------
    >>> copy_number("ps1.ipynb", "ps1"), copy_number("ps1-Copy2.ipynb", "ps1"), copy_number("ps12.ipynb", "ps1")
    (0, 2, None)
    """
    found = re.fullmatch(rf"(copy of )?{re.escape(name)}{COPY}{NOTEBOOK.pattern}", file, re.IGNORECASE)
    return int(found["lab"] or found["browser"] or found["canvas"] or 0) if found else None


def _is_noise(path: PurePosixPath) -> bool:
    return any(part in NOISE or part.startswith("._") for part in path.parts)


def _unpacked(entry: Entry, name: str, beside: Set[PurePosixPath], messages: list[str]) -> list[Entry]:
    """Take the notebook in a zip that a student handed in, if it is clear which; it is called as the zip is."""
    path = entry.path.with_suffix(".ipynb")
    try:
        notebooks = [
            file for file in entries_within(entry) if NOTEBOOK.search(file.path.name) and not _is_noise(file.path)
        ]
        meant = [file for file in notebooks if copy_number(file.path.name, name) == 0] or notebooks
        if path in beside:
            why = f"a zip beside {path.name!r}"
        elif len(meant) != 1:
            why = f"a zip with {counted(len(meant), 'notebook')}"
        else:
            meant[0].read()  # a damaged one must not stop the collection of the others later
            messages.append(f"{str(entry.path)!r} is a zip; {str(meant[0].path)!r} in it is taken as {path.name!r}")
            return [replace(meant[0], path=path)]
    except ValueError as error:
        why = f"a zip that is {error}"
    messages.append(f"{str(entry.path)!r} is {why}; not taken")
    return []


def _metadata(files: Sequence[Entry], messages: list[str]) -> dict[str, list[Origin]]:
    known: dict[str, list[Origin]] = {}
    for entry in files:
        within = any(gradescope.FOLDER.fullmatch(part) for part in entry.path.parts)  # of a student's making
        if entry.path.name != gradescope.METADATA or entry.size > MAX_BYTES or within:
            continue
        try:
            known |= gradescope.read_metadata(entry.read())
        except ValueError as error:
            if isinstance(error, CourseError):
                raise
            messages.append(
                f"{str(entry.path)!r} cannot be read: {error}; the folders are taken as the students' names"
            )
    for folder, origins in known.items():
        if len(origins) > 1:
            names = ", ".join(origin.number or origin.name for origin in origins)
            messages.append(f"{folder} is the work of {len(origins)} people, {names}; each of them gets it")
    return known


def _stamped(upload: Upload, stamp: Entry, messages: list[str]) -> Upload:
    """Take over the time in nbgrader's timestamp.txt."""
    content = stamp.read()
    try:
        time = parse_time(content.decode("utf-8").strip())
    except ValueError:
        messages.append(f"{str(stamp.path)!r} holds no time; when {upload.origin.name!r} handed in is unknown")
        return upload
    return replace(upload, origin=replace(upload.origin, time=time), stamp=content)


def _owners(
    paths: Sequence[PurePosixPath],
    name: str,
    people: People,
    metadata: Mapping[str, list[Origin]],
    messages: list[str],
) -> dict[PurePosixPath, list[Origin]]:
    """Tell whose each notebook is: one student's, several students' who worked together, or nobody's."""
    recognised = {path: _recognise(path, metadata) for path in paths}
    everywhere = all(origins for _, origins in recognised.values())
    owners: dict[PurePosixPath, list[Origin]] = {}
    for path, (depth, origins) in recognised.items():  # within another student's folder a platform's name tells nothing
        around = path.parts[:depth]
        owners[path] = origins if everywhere or all(other.parts[:depth] == around for other in paths) else []
    others = {path: [part for part in path.parts[:-1] if part != name] for path in paths if not owners[path]}
    known = {comparable(text) for each in people.persons.values() for text in (each.student, each.name, each.email)}
    depth = _depth_of_students(list(others.values()))
    flat = len({path.parent for path in others}) == 1
    guessed = []

    def is_expected(file: str) -> bool:
        return copy_number(file, name) is not None

    for path, folders in others.items():
        student = next((part for part in folders if comparable(part) in known - {""}), "")
        by_name = canvas.identify(path, is_expected) if not student and (flat or len(path.parts) == 1) else None
        if by_name:
            owners[path] = [by_name]
        elif student or len(folders) > depth:
            if not student and (len(folders) > depth + 1 or (flat and depth)):
                guessed.append(path)
            student = normalized(student or folders[depth])
            owners[path] = [Origin(FOLDERS, student)] if is_valid_name(student) else []
    if guessed:
        messages.append(
            f"taken by their folders: {counted(len(guessed), 'notebook')}, such as {str(guessed[0])!r} as of "
            f"{others[guessed[0]][depth]!r}; if that is wrong, add --roster"
        )
    return owners


def _recognise(path: PurePosixPath, metadata: Mapping[str, list[Origin]]) -> tuple[int, list[Origin]]:
    """Find the outermost part of a path that a platform's exporter wrote: its depth, and whose the file is."""
    for depth, part in enumerate(path.parts):
        alone = moodle.identify(part, path.name) or nbgrader.identify(part, path.name)
        if found := [alone] if alone else gradescope.identify(part, metadata):
            return depth, found
    return 0, []


def _depth_of_students(places: Sequence[Sequence[str]]) -> int:
    """Tell how many folders lie around those of the students: all notebooks share them."""
    places = [place for place in places if place]
    shared = 0
    while places and all(len(place) > shared and place[shared] == places[0][shared] for place in places):
        shared += 1
    within = {place[shared] for place in places if len(place) > shared}
    return shared if len(within) > 1 else max(0, shared - 1)
