"""Hostile, broken and odd files: what is in the submitted folder, before any code of it runs."""

import json
import os
import re
import socket
import stat
from pathlib import Path

import nbformat
import pytest

from cnncourse.exercises.registry import find

pytestmark = pytest.mark.slow

NAMES = ("corr2d", "max_pool2d", "sgd_step")
ALL, CORR_LOST, NONE = (4, 6, 4), (0, 6, 4), (0, 0, 0)
GRADED, PERSON, MISSING, FAILED = "graded", "needs a person", "missing", "failed to run"
SCRIPT = "<script>document.title = 'alive'</script>"


def encoded(encoding):
    """A right submission in another encoding."""

    def write(course, student, write_submission):
        path = write_submission(course, student)
        path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))

    return write


def timed(stamp):
    """A right submission with such a timestamp.txt, None for a link to one."""

    def write(course, student, write_submission):
        path = write_submission(course, student).with_name("timestamp.txt")
        path.symlink_to(course / "elsewhen") if stamp is None else path.write_bytes(stamp)

    return write


def edited(change):
    """A right submission whose notebook was changed."""

    def write(course, student, write_submission):
        path = write_submission(course, student)
        notebook = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(change(notebook) or notebook), encoding="utf-8")

    return write


def replaced(content):
    """The file holds these bytes."""

    def write(course, student, write_submission):
        write_submission(course, student).write_bytes(content)

    return write


def cell_of(notebook, name):
    return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name)


def in_added(source, place=3):
    """A right submission with a cell of the student's own."""
    return lambda course, student, write: write(course, student, added=[(place, source)])


def in_cells(added=(), **answers):
    return lambda course, student, write: write(course, student, answers, added)


def link_to_file(course, student, write):
    path = write(course, student)
    path.rename(course / "elsewhere.ipynb")
    path.symlink_to(course / "elsewhere.ipynb")


def link_to_secret(course, student, write):
    path = write(course, student)
    path.unlink()
    path.symlink_to(course / "source" / "ps1" / "ps1.ipynb")


def linked_folder(course, student, write):
    write(course, student)
    (course / "submitted" / student).rename(course / "moved")
    (course / "submitted" / student).symlink_to(course / "moved")


def pipe(course, student, write):
    path = write(course, student)
    path.unlink()
    os.mkfifo(path)


def folder_instead(course, student, write):
    path = write(course, student)
    path.unlink()
    path.mkdir()


def sparse(course, student, write):
    os.truncate(write(course, student), 30_000_000)


def unix_socket(course, student, write):
    path = write(course, student)
    path.unlink()
    with socket.socket(socket.AF_UNIX) as server:
        here = os.open(path.parent, os.O_RDONLY)  # the path may be too long for a socket's address
        server.bind(f"/proc/self/fd/{here}/{path.name}")
        os.close(here)


def device(course, student, write):
    path = write(course, student)
    path.unlink()
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero
    except PermissionError:  # for root alone
        os.mkfifo(path)


def hard_link(course, student, write):
    os.link(write(course, student), course / "second.ipynb")


def empty_folder(course, student, write):
    (course / "submitted" / student).mkdir()


def planted_modules(course, student, write):
    folder = write(course, student).parent
    for name in ("torch", "numpy", "nbformat", "sitecustomize", "fork_server", "runner"):
        (folder / f"{name}.py").write_text(f"open({str(course / 'planted')!r}, 'w')\nraise SystemExit(1)\n")


def duplicate(source):
    def change(notebook):
        copy = json.loads(json.dumps(cell_of(notebook, "corr2d")))
        copy["source"] = source or copy["source"]
        notebook["cells"].append(copy)

    return edited(change)


def missing(notebook):
    notebook["cells"].remove(cell_of(notebook, "corr2d"))


def moved(notebook):
    cell = cell_of(notebook, "corr2d")
    missing(notebook)
    notebook["cells"].append({"cell_type": "code", "source": cell["source"], "metadata": {}, "outputs": []})


def stripped(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def richer(notebook):
    for cell in notebook["cells"]:
        if "points" in cell["metadata"].get("nbgrader", {}):
            cell["metadata"]["nbgrader"]["points"] = 1000


def retyped(notebook):
    cell_of(notebook, "corr2d")["cell_type"] = "markdown"


def without_tests(notebook):
    notebook["cells"] = [c for c in notebook["cells"] if not c["metadata"].get("nbgrader", {}).get("grade")]


def old_format(notebook):
    cells = [{"cell_type": "code", "input": cell["source"], "outputs": []} for cell in notebook.pop("cells")]
    return notebook | {"nbformat": 3, "worksheets": [{"cells": cells}]}


def without_metadata(notebook):
    del notebook["metadata"]


def talkative(notebook):
    text = "x" * 15_000_000
    cell_of(notebook, "corr2d")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]


def odd_cells(notebook):
    notebook["cells"] += [None, 3, {"cell_type": "code", "source": 5}, {"metadata": []}, {"id": [], "source": [1]}]


def alive(notebook):
    cell_of(notebook, "corr2d")["outputs"] = [
        {"output_type": "display_data", "data": {"text/html": SCRIPT, "image/svg+xml": SCRIPT, "image/png": SCRIPT}},
        {"output_type": "stream", "name": "stdout", "text": SCRIPT},
    ]
    cell_of(notebook, "corr2d")["source"] = f'def corr2d(image, kernel):\n    return "{SCRIPT}"'


RIGHT = find("corr2d").source
USES_HELPER = "def corr2d(image, kernel):\n    return helper(image, kernel)"
HELPER = RIGHT.replace("corr2d", "helper")
FILES = {
    # name: (how it is written, points, status)
    "empty file": (replaced(b""), NONE, PERSON),
    "no JSON": (replaced(b"def corr2d(image, kernel): ..."), NONE, PERSON),
    "not UTF-8": (replaced(b"\xff\xfe\x00"), NONE, PERSON),
    "JSON of enormous depth": (replaced(b"[" * 10**6), NONE, PERSON),
    "JSON without cells": (replaced(b'{"nbformat": 4}'), NONE, PERSON),
    "cells that are no list": (replaced(b'{"cells": {"a": 1}}'), NONE, PERSON),
    "25 MB": (replaced(b" " * 25_000_000), NONE, PERSON),
    "an archive instead of a notebook": (replaced(b"PK\x03\x04" + bytes(100)), NONE, PERSON),
    "a link": (link_to_file, NONE, PERSON),
    "a link to the solutions": (link_to_secret, NONE, PERSON),
    "a linked folder": (linked_folder, NONE, PERSON),
    "a pipe": (pipe, NONE, PERSON),
    "a folder of that name": (folder_instead, NONE, PERSON),
    "an empty folder": (empty_folder, NONE, MISSING),
    "modules beside the notebook": (planted_modules, ALL, GRADED),
    "cells of odd types": (edited(odd_cells), ALL, GRADED),
    "a solution cell twice, alike": (duplicate(None), ALL, GRADED),
    "a solution cell twice, once the stub": (duplicate(find("corr2d").stub()), ALL, GRADED),
    "a solution cell twice, different": (duplicate("def corr2d(image, kernel): return image"), CORR_LOST, PERSON),
    "a missing solution cell": (edited(missing), CORR_LOST, PERSON),
    "an answer moved to a cell of one's own": (edited(moved), ALL, GRADED),
    "cells in another order": (edited(lambda nb: nb["cells"].reverse()), ALL, GRADED),
    "a solution cell made Markdown": (edited(retyped), ALL, GRADED),
    "ids without metadata": (edited(stripped), ALL, GRADED),
    "a thousand points a question": (edited(richer), ALL, GRADED),
    "checks deleted": (edited(without_tests), ALL, GRADED),
    "scripts in outputs and values": (edited(alive), CORR_LOST, GRADED),
    "untouched": (in_cells(**{name: find(name).stub() for name in NAMES}), NONE, GRADED),
    "magics": (in_added("%matplotlib inline\n!ls\nimport matplotlib.pyplot as plt\nplt.plot([1])"), ALL, GRADED),
    "an inert check": (in_added("from cnncourse.exercises import check\ncheck(corr2d)", place=6), ALL, GRADED),
    "a helper in a cell of one's own": (in_cells([(3, HELPER)], corr2d=USES_HELPER), ALL, GRADED),
    "a helper in another answer's cell": (
        in_cells(corr2d=USES_HELPER, max_pool2d=f"{HELPER}\n{find('max_pool2d').source}"), ALL, GRADED,
    ),
    "a helper before an error": (in_cells([(3, f"{HELPER}\n1 / 0\nhelper = None")], corr2d=USES_HELPER), ALL, GRADED),
    "a helper in a cell that loops": (
        in_cells(corr2d=f"{RIGHT}\nwhile True: pass", max_pool2d=find("max_pool2d").source), CORR_LOST, FAILED,
    ),
    "a trial of a looping answer": (
        in_cells([(9, "corr2d(torch.ones(3, 3), torch.ones(2, 2))")], corr2d="def corr2d(a, b):\n    while True: pass"),
        CORR_LOST, FAILED,
    ),
    "ünïcode, 'quotes' & <b>tags<b>, a comma": (in_cells(), ALL, GRADED),
    "=1+1": (in_cells(), ALL, GRADED),
    "UTF-8 with a mark at its start": (encoded("utf-8-sig"), ALL, GRADED),
    "UTF-16": (encoded("utf-16"), NONE, PERSON),
    "a number of 5,000 digits": (replaced(b'{"cells": [], "nbformat": ' + b"9" * 5000 + b"}"), NONE, PERSON),
    "numbers that JSON does not have": (edited(lambda nb: nb["metadata"].update(a=float("nan"), b=1e999)), ALL, GRADED),
    "cells of notebook format 3": (edited(old_format), ALL, GRADED),
    "no metadata at all": (edited(without_metadata), ALL, GRADED),
    "an output of 15 MB": (edited(talkative), ALL, GRADED),
    "30 MB that are not there": (sparse, NONE, PERSON),
    "a socket": (unix_socket, NONE, PERSON),
    "a device": (device, NONE, PERSON),
    "a second name of one file": (hard_link, ALL, GRADED),
    "a time that is none": (timed(b"the day after tomorrow"), ALL, PERSON),
    "a time that is a link": (timed(None), ALL, PERSON),
    "a time before all times": (timed(b"0001-01-01 00:00:00+14:00"), ALL, PERSON),
    "a cell that defines, then loops": (
        in_cells([(3, f"{HELPER}\nwhile True: pass")], corr2d=USES_HELPER), ALL, GRADED,
    ),
    "cell magics and assigned ones": (
        in_cells([(3, f"%%time\nfiles = !ls\n{HELPER}")], corr2d=USES_HELPER), ALL, GRADED,
    ),
    "one of several cells with a syntax error": (
        in_cells([(3, HELPER), (4, "def (")], corr2d=USES_HELPER), ALL, GRADED,
    ),
    "another answer spoils torch under a name that is needed": (
        in_cells(
            sgd_step=f"{find('sgd_step').source}\nspoilt",
            max_pool2d=f"{find('max_pool2d').source}\nspoilt = setattr(torch, 'no_grad', None)",
        ),
        ALL, GRADED,
    ),
    "CON": (in_cells(), ALL, GRADED),
    " spaces and trailing dots...": (in_cells(), ALL, GRADED),
    "Jose\u0301": (in_cells(), ALL, GRADED),
    "n" * 255: (in_cells(), ALL, GRADED),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(grade_table, write_submission):
    def writer(write):
        return lambda course, student: write(course, student, write_submission)

    return grade_table({name: writer(write) for name, (write, *_) in FILES.items()})


@pytest.mark.sandbox
@pytest.mark.parametrize("name", FILES)
def test_a_file_gets_its_mark_and_status(graded, name):
    _, points, status = FILES[name]
    row = graded[1][name]
    assert tuple(float(row[exercise]) for exercise in NAMES) == points
    assert float(row["total"]) == sum(points)
    assert (row["status"], row["max"]) == (status, "14")


@pytest.mark.sandbox
def test_nothing_of_a_submission_is_imported_copied_or_alive(graded):
    course, rows = graded
    assert rows.keys() == FILES.keys()
    assert not (course / "planted").exists()
    for page in course.glob("feedback/**/*.html"):
        assert "<script" not in page.read_text(encoding="utf-8").lower()
    for name in ("a link", "a link to the solutions", "a pipe"):
        assignment = course / "autograded" / name / "ps1" / "ps1.ipynb"
        assert not assignment.is_symlink()
        assert nbformat.read(assignment, as_version=4).cells
        assert not re.search(r"for row in range", assignment.read_text(encoding="utf-8"))


def shown(name):
    """A folder's name as the page's table writes it."""
    return "n, 255 times" if name == "n" * 255 else name.strip().replace("<", "&lt;")


def test_the_page_lists_every_file():
    page = Path(__file__).parents[2].joinpath("book", "attacks.md").read_text(encoding="utf-8")
    for name, (_, points, status) in FILES.items():
        assert f"| {shown(name)} | {', '.join(map(str, points))} | {status} |" in page
