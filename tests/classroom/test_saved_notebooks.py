"""Notebooks as six editors save them and as students leave them: what ran in Jupyter is graded, nothing is lost."""

import copy
import csv
import json
import textwrap

import pytest

from cnncourse.classroom.cells import flags
from cnncourse.classroom.verdict import FAILED, GRADED, PERSON

pytestmark = pytest.mark.slow

CORR = '''\
import torch
def corr2d(image, kernel):
    """Mine."""
    kh, kw = kernel.shape
    height, width = image.shape[0] - kh + 1, image.shape[1] - kw + 1
    out = torch.zeros(height, width, dtype=torch.float64)
    for i in range(height):
        for j in range(width):
            out[i, j] = (image[i:i+kh, j:j+kw].double() * kernel.double()).sum()
    return out
'''
POOL = """\
def max_pool2d(input, kernel_size, stride=None, padding=0):
    pair = lambda value: tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    (kh, kw), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = (kh, kw) if stride is None else pair(stride)
    padded = F.pad(input.double(), (pw, pw, ph, ph), value=float("-inf"))
    return padded.unfold(2, kh, sh).unfold(3, kw, sw).amax((-2, -1)).to(input.dtype)
"""
SOFTMAX = """\
def softmax(logits):
    e = torch.exp(logits - logits.max(dim=1, keepdim=True).values)
    return e / e.sum(dim=1, keepdim=True)
"""
ALL = {"corr2d": CORR, "max_pool2d": POOL, "softmax": SOFTMAX}
BODY = CORR.split('"""Mine."""\n')[1]
PIXELS = "image[i:i+kh, j:j+kw].double()"
WINDOW = f"def window(image, i, j, kh, kw):\n    return {PIXELS}\n"
USES_WINDOW = CORR.replace(PIXELS, "window(image, i, j, kh, kw)")
BLANK = "def blank(*shape, **how):\n    return torch.zeros(*shape, **how)\n"
USES_BLANK = CORR.replace("torch.zeros", "blank")
HINTED = CORR.replace("(image, kernel):", "(image: Tensor, kernel: Tensor) -> Tensor:")
FULL = (4, 6, 3)


def place_of(notebook, name):
    return next(place for place, cell in enumerate(notebook["cells"]) if flags(cell).get("grade_id") == name)


def code(source):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def answers(added=(), **sources):
    """Replace answers (None: by the stub), then insert cells: ((before which cell, source), ...)."""

    def change(notebook, stubs):
        for name, source in sources.items():
            notebook["cells"][place_of(notebook, name)]["source"] = stubs[name] if source is None else source
        for before, source in added:
            place = place_of(notebook, before) if isinstance(before, str) else before
            notebook["cells"].insert(place, code(source))

    return change


def corr2d(source, *added):
    return answers(added, corr2d=source)


def edited(change):
    """Apply a change to every cell."""

    def edit(notebook, stubs):
        for number, cell in enumerate(notebook["cells"]):
            change(cell, number)

    return edit


def as_lines(cell):
    cell["source"] = cell["source"].splitlines(keepends=True)


def colab(cell, number):
    as_lines(cell)
    cell["metadata"]["id"] = cell.pop("id")


def colab_stripped(cell, number):
    cell["metadata"] = {"id": cell.pop("id"), "colab": {"base_uri": "https://localhost:8080/"}, "outputId": "4f"}


def colab_new(cell, number):
    cell["metadata"] = {"id": f"xYz{number:04d}AbC"}
    del cell["id"]


def vscode(cell, number):
    as_lines(cell)
    cell["metadata"]["vscode"] = {"languageId": "python"}


def kaggle(cell, number):
    as_lines(cell)
    cell["metadata"] |= {"trusted": True, "execution": {"iopub.execute_input": "2026-11-20T10:00:00Z"}}
    del cell["id"]


def deepnote(cell, number):
    cell["metadata"] |= {"cell_id": f"{number:05d}-ecf67c49", "deepnote_cell_type": cell["cell_type"]}
    del cell["id"]


def nbclassic(cell, number):
    as_lines(cell)
    cell["metadata"] |= {"collapsed": False, "scrolled": True}
    del cell["id"]


def jupyterlab(cell, number):
    cell["metadata"] |= {"editable": True, "slideshow": {"slide_type": ""}, "tags": []}


def crlf(cell, number):
    cell["source"] = cell["source"].replace("\n", "\r\n")


def tabs(cell, number):
    cell["source"] = cell["source"].replace("    ", "\t")


def ids_lost_and_one_leaves(notebook, stubs):
    edited(colab_new)(notebook, stubs)
    cell = next(cell for cell in notebook["cells"] if "def softmax" in cell["source"])
    cell["source"] = f"import sys\n{cell['source']}\nprint(softmax(torch.ones(1, 2)))\nsys.exit()"


def ids_lost_softmax_untouched(notebook, stubs):
    answers(softmax=None)(notebook, stubs)
    edited(colab_new)(notebook, stubs)


def reversed_order(notebook, stubs):
    notebook["cells"].reverse()


def twin(source, above=True):
    """Put a copy of corr2d's cell, with its ids, beside it."""

    def change(notebook, stubs):
        place = place_of(notebook, "corr2d")
        copied = copy.deepcopy(notebook["cells"][place]) | {"source": source, "id": "twin"}
        notebook["cells"].insert(place if above else place + 1, copied)

    return change


def split(notebook, stubs):
    twin("import torch\n" + WINDOW)(notebook, stubs)
    notebook["cells"][place_of(notebook, "corr2d") + 1]["source"] = USES_WINDOW


def split_in_the_middle(notebook, stubs):
    head, tail = CORR.split("    out = ")
    twin(head)(notebook, stubs)
    notebook["cells"][place_of(notebook, "corr2d") + 1]["source"] = "    out = " + tail


def in_check_cell(source, answer):
    def change(notebook, stubs):
        answers(corr2d=answer)(notebook, stubs)
        cell = notebook["cells"][place_of(notebook, "corr2d-check")]
        cell["source"] = source + cell["source"]

    return change


def in_imports_cell(notebook, stubs):
    answers(corr2d=USES_BLANK.replace("import torch\n", ""))(notebook, stubs)
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    cell["source"] += f"\nfrom functools import reduce\n{BLANK}"


def without_imports(notebook, stubs):
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["cell_type"] != "code" or flags(cell)]


def raw(notebook, stubs):
    notebook["cells"][place_of(notebook, "corr2d")]["cell_type"] = "raw"


def merged(delete):
    def change(notebook, stubs):
        together = "\n\n".join(ALL.values())
        answers(corr2d=together, max_pool2d=None, softmax=None)(notebook, stubs)
        if delete:
            for name in ("max_pool2d", "softmax"):
                del notebook["cells"][place_of(notebook, name)]

    return change


PLOT = """\
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
ax.imshow(np.random.rand(5, 5)); plt.show()
from IPython.display import HTML, clear_output, Image
clear_output()
"""
DRIVE = f"from google.colab import drive\ndrive.mount('/content/drive')\nimport os, sys\n{WINDOW}"
SAVED = {
    # name: (change, (points of corr2d, max_pool2d, softmax), status, words of a note or a sentence)
    # tools
    "colab": (edited(colab), FULL, GRADED, ""),
    "colab, all metadata but its own id lost": (edited(colab_stripped), FULL, GRADED, ""),
    "colab, with new ids": (edited(colab_new), FULL, GRADED, ""),
    "ids lost, and one cell leaves": (ids_lost_and_one_leaves, FULL, GRADED, ""),
    "ids lost, one answer untouched": (ids_lost_softmax_untouched, (4, 6, 0), GRADED, ""),
    "vscode": (edited(vscode), FULL, GRADED, ""),
    "kaggle": (edited(kaggle), FULL, GRADED, ""),
    "deepnote": (edited(deepnote), FULL, GRADED, ""),
    "jupyterlab": (edited(jupyterlab), FULL, GRADED, ""),
    "nbclassic": (edited(nbclassic), FULL, GRADED, ""),
    "crlf": (edited(crlf), FULL, GRADED, ""),
    "tabs": (edited(tabs), FULL, GRADED, ""),
    # where an answer is
    "cells reversed": (reversed_order, FULL, GRADED, ""),
    "split by JupyterLab": (split, FULL, GRADED, "the cell of corr2d is in 2 parts; they were run in order"),
    "split inside the definition": (split_in_the_middle, (0, 6, 3), PERSON, "split in the middle of a definition"),
    "helper in a new cell at the end": (corr2d(USES_WINDOW, (99, WINDOW)), FULL, GRADED, ""),
    "an earlier try above": (
        twin("def corr2d(image, kernel):\n    return image"), (0, 6, 3), PERSON, "2 times with different content",
    ),
    "an empty twin": (twin("", above=False), FULL, GRADED, ""),
    "a twin with other line ends": (twin(CORR.replace("\n", "\r\n")), FULL, GRADED, ""),
    "answer above the stub": (corr2d(None, ("corr2d", CORR)), FULL, GRADED, "a cell of the student's own"),
    "answer below the stub": (corr2d(None, ("corr2d-check", CORR)), FULL, GRADED, "a cell of the student's own"),
    "answer below the check cell": (
        corr2d(None, ("max_pool2d-prompt", CORR)), FULL, GRADED, "a cell of the student's own",
    ),
    "answers in each other's cells": (answers(corr2d=POOL, max_pool2d=CORR), FULL, GRADED, "in the cell of corr2d"),
    "answer in the check cell": (in_check_cell(CORR, None), FULL, GRADED, "the check cell of corr2d"),
    "helper in the check cell": (in_check_cell(BLANK, USES_BLANK), FULL, GRADED, ""),
    "helper in the imports' cell": (in_imports_cell, FULL, GRADED, ""),
    "imports deleted": (without_imports, FULL, GRADED, ""),
    "a raw cell": (raw, FULL, GRADED, "not a code cell any more"),
    "all in one cell, the others deleted": (merged(True), FULL, GRADED, "softmax was found in the cell of corr2d"),
    "all in one cell, the others stubs": (merged(False), FULL, GRADED, "softmax was found in the cell of corr2d"),
    "another name": (
        corr2d(CORR.replace("corr2d", "correlate")), (0, 6, 3), PERSON, "was written but does not define corr2d",
    ),
    "a trial below takes the name": (
        corr2d(CORR, ("max_pool2d-prompt", "corr2d = corr2d(torch.ones(3, 3), torch.ones(2, 2))")),
        FULL, GRADED, "corr2d is defined again",
    ),
    # what Jupyter runs
    "drive mounted above": (corr2d(USES_WINDOW, (1, DRIVE)), FULL, GRADED, ""),
    "drive mounted in the cell": (corr2d(f"from google.colab import drive\n{CORR}"), FULL, GRADED, ""),
    "packages installed": (
        corr2d(f"!pip install -q \\\n   torch\n%pip install a\n{CORR}pip install b\n", (1, "!pip -q install c")),
        FULL, GRADED, "",
    ),
    "timed": (
        corr2d(f"%%time\n{CORR}", ("softmax-check", "%%timeit -n 3\nsoftmax(1)\n"), (9, "t = %timeit -o 1\nt.a")),
        FULL, GRADED, "",
    ),
    "written to a file and imported": (
        corr2d(f"%%writefile mine.py\n{CORR}", ("corr2d-check", "from mine import corr2d")),
        FULL, GRADED, "a cell of the student's own",
    ),
    "written to a file only": (
        corr2d(f"%%writefile mine.py\n{CORR}"), (0, 6, 3), PERSON, "was written but does not define corr2d",
    ),
    "plots and displays": (
        corr2d(f"{CORR}\ndisplay(corr2d(torch.ones(4, 4), torch.ones(2, 2)))\n", (4, PLOT)), FULL, GRADED, "",
    ),
    "get_ipython": (corr2d(f"get_ipython().run_line_magic('matplotlib', 'inline')\n{CORR}"), FULL, GRADED, ""),
    "progress bars": (
        corr2d(f"from tqdm.auto import tqdm\n{CORR.replace('range(height)', 'tqdm(range(height))')}"), FULL, GRADED, "",
    ),
    "hints without an import": (corr2d(HINTED), (0, 6, 3), FAILED, "Its cell raised NameError"),
    "hints imported in a later cell": (
        answers(corr2d=HINTED, softmax=f"from torch import Tensor\n{SOFTMAX}"), FULL, GRADED, "",
    ),
    "annotations from the future": (corr2d(f"from __future__ import annotations\n{HINTED}"), FULL, GRADED, ""),
    "the future in the first cell": (corr2d(HINTED, (0, "from __future__ import annotations")), FULL, GRADED, ""),
    "await": (corr2d(f"import asyncio\nawait asyncio.sleep(0)\n{CORR}"), FULL, GRADED, ""),
    "main guard": (
        corr2d(f"{CORR}\nif __name__ == '__main__':\n    print(corr2d(torch.ones(3, 3), torch.ones(2, 2)))\n"),
        FULL, GRADED, "",
    ),
    "defined in a main guard": (
        corr2d("if __name__ == '__main__':\n" + textwrap.indent(CORR, "    ")), FULL, GRADED, "",
    ),
    "seeds": (corr2d(f"torch.manual_seed(0)\nnp.random.seed(0)\n{CORR}"), FULL, GRADED, ""),
    "cuda if there is one": (
        corr2d(
            "device = 'cuda' if torch.cuda.is_available() else 'cpu'\n"
            + CORR.replace("torch.float64)", "torch.float64, device=device)")
        ),
        FULL, GRADED, "",
    ),
    "cuda": (
        corr2d("device = torch.device('cuda')\n" + CORR.replace("torch.float64)", "torch.float64, device=device)")),
        FULL, GRADED, "",
    ),
    "cuda in another cell": (corr2d(CORR, (1, "import torch\nx = torch.ones(3).cuda()\ny = 1")), FULL, GRADED, ""),
    "warnings as errors": (
        corr2d(f"import warnings\nwarnings.filterwarnings('error')\n{CORR.replace('    kh,', '    print(1); kh,')}"),
        FULL, GRADED, "",
    ),
    "prints and warns": (
        corr2d(CORR.replace("    kh,", "    import warnings; print(image.shape); warnings.warn('hm')\n    kh,")),
        FULL, GRADED, "",
    ),
    "asks for a name": (corr2d(f"name = input('your name? ')\n{CORR}"), FULL, GRADED, ""),
    "reads a file first": (corr2d(f"image = torch.load('cat.pt')\n{CORR}"), FULL, GRADED, ""),
    "an assertion that fails below": (
        corr2d(f"{CORR}\nassert corr2d(torch.ones(3, 3), torch.ones(2, 2)).sum() == 99\n"), FULL, GRADED, "",
    ),
    "a leftover line above a helper": (
        corr2d(USES_WINDOW, (1, f"result = old_result + 1   # of a cell that I deleted\n{WINDOW}")), FULL, GRADED, "",
    ),
    "a package that is not there": (
        answers(softmax=f"from a_package_of_mine import rearrange\n{SOFTMAX}"), FULL, GRADED, "",
    ),
    "a package that is not there, and used": (
        answers(softmax="import a_package_of_mine as p\ndef softmax(logits):\n    return p.softmax(logits)"),
        (4, 6, 0), GRADED, "It imports a package that is not there when it is graded.",
    ),
    "a download, and a wrong answer": (
        answers(softmax=f"!wget https://example.org/x\n{SOFTMAX.replace('/ e.sum', '* e.sum')}"),
        (4, 6, 0), GRADED, "Not run, since it is not Python: !wget https://example.org/x.",
    ),
    # kinds of answers
    "a callable object": (
        corr2d(
            "class Corr:\n    def __call__(self, image, kernel):\n"
            + textwrap.indent(BODY, "    ") + "corr2d = Corr()\n"
        ),
        FULL, GRADED, "",
    ),
    "a static method": (
        corr2d(
            "class Ops:\n    @staticmethod\n    def corr2d(image, kernel):\n"
            + textwrap.indent(BODY, "    ") + "corr2d = Ops.corr2d\n"
        ),
        FULL, GRADED, "",
    ),
    "a module": (
        answers(
            softmax="class Soft(nn.Module):\n    def forward(self, x):\n        e = torch.exp(x - x.amax(1, True))\n"
            "        return e / e.sum(1, keepdim=True)\nsoftmax = Soft()\n"
        ),
        FULL, GRADED, "",
    ),
    "a compiled script": (
        answers(softmax="@torch.jit.script\n" + SOFTMAX.replace(".values", "[0]")), FULL, GRADED, "",
    ),
    "cached": (answers(softmax=f"from functools import lru_cache\n@lru_cache\n{SOFTMAX}"), FULL, GRADED, ""),
    "a lambda with a walrus": (
        answers(softmax="softmax = lambda x: (e := torch.exp(x - x.amax(1, True))) / e.sum(1, keepdim=True)"),
        FULL, GRADED, "",
    ),
    "recursive": (
        answers(
            softmax="def softmax(x):\n    if len(x) > 1:\n        return torch.cat([softmax(x[:1]), softmax(x[1:])])\n"
            "    e = torch.exp(x - x.max())\n    return e / e.sum()\n"
        ),
        FULL, GRADED, "",
    ),
    "its own names of arguments": (
        corr2d(CORR.replace("image", "X").replace("kernel", "K")), FULL, GRADED, "",
    ),
    "a NumPy array": (
        answers(softmax="def softmax(x):\n    e = np.exp(x.numpy() - x.numpy().max(1, keepdims=True))\n    return e"),
        (4, 6, 0), GRADED, "NumPy array",
    ),
    "a pasted session": (
        answers(softmax="".join(f">>> {line}\n" for line in SOFTMAX.splitlines())), FULL, GRADED, "",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory, run, bubblewrap):
    course = tmp_path_factory.mktemp("course")
    create = ("assignment", "create", "ps1", "--exercises", ",".join(ALL), "--seed", "17", "--course", course)
    assert run(*create) == 0
    release = json.loads((course / "release" / "ps1" / "ps1.ipynb").read_text())
    for cell in release["cells"]:
        cell["source"] = "".join(cell["source"])
    stubs = {name: release["cells"][place_of(release, name)]["source"] for name in ALL}
    for name, (change, *_) in SAVED.items():
        notebook = copy.deepcopy(release)
        answers(**ALL)(notebook, stubs)
        change(notebook, stubs)
        folder = course / "submitted" / name / "ps1"
        folder.mkdir(parents=True)
        mark = "\ufeff" if name == "nbclassic" else ""
        (folder / "ps1.ipynb").write_text(mark + json.dumps(notebook, indent=1), encoding="utf-8")
    assert run("grade", "ps1", "--jobs", "2", "--course", course) == 0
    assert run("gradebook", "ps1", "--csv", course / "marks.csv", "--course", course) == 0
    with open(course / "marks.csv", newline="", encoding="utf-8") as file:
        return course, {row["student"]: row for row in csv.DictReader(file)}


@pytest.mark.sandbox
@pytest.mark.parametrize("name", SAVED)
def test_a_notebook_gets_what_it_earned_or_goes_to_a_person(graded, name):
    course, rows = graded
    _, points, status, words = SAVED[name]
    verdict = json.loads((course / "autograded" / name / "ps1" / "verdict.json").read_text())
    said = [*verdict["notes"], *(record["sentence"] for record in verdict["exercises"].values())]
    assert (tuple(float(rows[name][exercise]) for exercise in ALL), rows[name]["status"]) == (points, status), said
    assert words in " ".join(said)
    if not words:
        assert verdict["notes"] == []
