"""One reader of notebooks: cells, formats and encodings; IPython's additions become what they run."""

import ast
import json

import pytest

from cnncourse.checking import notebooks
from cnncourse.checking.notebooks import UnreadableError, left_out, read_answer, read_cells, source_of, to_python

ANSWER = "def f(x):\n    return 2 * x\n"


LINE = "get_ipython().run_line_magic"


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("%matplotlib inline\nx = 1", f"{LINE}('matplotlib', 'inline')\nx = 1"),
        ("!pip install torch\nx = 1", "get_ipython().system('pip install torch')\nx = 1"),
        ("!pip install -q \\\n   torch\nx = 1", "get_ipython().system('pip install -q     torch')\nx = 1"),
        ("%pip install torch\nx = 1", f"{LINE}('pip', 'install torch')\nx = 1"),
        ("x = 1\npip install numpy\n", f"x = 1\n{LINE}('pip', 'install numpy')\n"),
        ("!echo 'it is (not closed'\nx = 1", "get_ipython().system(\"echo 'it is (not closed'\")\nx = 1"),
        ("?f\nx = 1", f"{LINE}('pinfo', 'f')\nx = 1"),
        ("f??\nx = 1", f"{LINE}('pinfo2', 'f')\nx = 1"),
        ("torch.nn?\nx = 1", f"{LINE}('pinfo', 'torch.nn')\nx = 1"),
        ("files = !ls\nx = 1", "files = get_ipython().getoutput('ls')\nx = 1"),
        ("t = %timeit -o f(1)", f"t = {LINE}('timeit', '-o f(1)')"),
        ("y = %time f(1)", "y = f(1)"),
        ("%time y = f(1)\nx = 1", "y = f(1)\nx = 1"),
        ("%time %time f('it\\'s')", "f('it\\'s')"),
        ("%prun -l 4 f(1)", f"{LINE}('prun', '-l 4 f(1)')"),
        ("try:\n    %load_ext x\nfinally:\n    y = 1", f"try:\n    {LINE}('load_ext', 'x')\nfinally:\n    y = 1"),
        ("%%time\nx = 1", "x = 1"),
        ("\n%%capture out\n%%time\n%x\ny = 1", f"{LINE}('x', '')\ny = 1"),
        ("%%time", ""),
        ("%%bash\nrm -rf /", "get_ipython().run_cell_magic('bash', '', 'rm -rf /')\n"),
        ("%%timeit -n 3\nf(1)", "get_ipython().run_cell_magic('timeit', '-n 3', 'f(1)')\n"),
        ("%%writefile mine.py\nx = 1\n", "get_ipython().run_cell_magic('writefile', 'mine.py', 'x = 1\\n')\n"),
        ("    x = 1\n    if x:\n        y = 2", "x = 1\nif x:\n    y = 2"),
        (">>> x = 1\n>>> y = 2", "x = 1\ny = 2"),
        ("In [3]: x = 1\n   ...: y = 2", "x = 1\ny = 2"),
        ("x = 1\r\nif x:\r    y = 2\r\n", "x = 1\nif x:\n    y = 2\n"),
        ("!" + "a" * 2_000 + "\nx = 1", "pass\nx = 1"),
    ],
)
def test_what_ipython_adds_becomes_python(source, python):
    assert to_python(source) == python
    ast.parse(python)


@pytest.mark.parametrize(
    "source",
    [
        "x = (7\n     % 4)",
        "x = 7 \\\n  % 4",
        "x = [1,\n!0]",
        'text = """\n%matplotlib\n"""',
        "text = '''\n!ls\n''' + \"'\"",
        "s = '%d (' % 3\n",
        "# what (is this?\ny = 1\n",
        "x = f(a,  # a comment with a quote ' and (\n      b)\n",
        "a = b if c else d\n",
        "x = {'a': 1}['a']\n",
        "assert x != 1\n",
        "d['%'] = 4 % 3\n",
        "",
    ],
)
def test_python_stays_as_it_is(source):
    assert to_python(source) == source


def test_only_what_nothing_stands_in_for_is_called_left_out():
    source = (
        "%matplotlib inline\n!pip install torch\nf?\n!wget x\nfiles = !ls\n%run mine.py\ny = %time f(1)\n%timeit f(1)"
    )
    assert left_out(source) == ["!wget x", "files = !ls", "%run mine.py"]
    assert left_out("%%time\n%%bash\nls") == ["%%bash"]
    assert left_out("%%writefile mine.py\n!ls") == []


BLANKS = " " * 60_000


@pytest.mark.parametrize(
    "source",
    [
        "(" * 100_000,
        "'''" + "a" * 100_000,
        "[" * 5 + "\n%x" * 10_000,
        "\\\n" * 50_000,
        f"%matplotlib{BLANKS}inline",
        f"x = 1{BLANKS}!ls\n%x",
        f"%x\nx ={BLANKS}$ 1",
        f"{BLANKS}%x",
        f"a{BLANKS}?",
        f"x{BLANKS}= %t",
        "!" + "\\'" * 60_000,
        "%%time\n" * 30_000,
    ],
)
def test_ipython_sees_short_lines_only_of_odd_sources(source, monkeypatch):
    transformer, seen = notebooks._transformer(), []

    def transform_cell(code):
        seen.append(len(code))
        return type(transformer).transform_cell(transformer, code)

    monkeypatch.setattr(transformer, "transform_cell", transform_cell)
    assert isinstance(to_python(source), str)
    assert max(seen, default=0) <= notebooks.MAX_MAGIC


def notebook(cells, **fields):
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | fields).encode()


def code(source):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}


def test_a_source_may_be_text_or_lines():
    cells = read_cells(notebook([code("a\nb"), code(["a\n", "b"]), {"cell_type": "markdown"}]))
    assert [source_of(cell) for cell in cells] == ["a\nb", "a\nb", ""]


def test_format_3_and_a_byte_order_mark_are_read():
    old = json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": ["a\n", "b"]}]}], "nbformat": 3})
    assert [source_of(cell) for cell in read_cells(b"\xef\xbb\xbf" + old.encode())] == ["a\nb"]


@pytest.mark.parametrize("content", [b"", b"[]", b"3", b"{}", b'{"cells": 3}', b"\xff\xfe{", b"[" * 100_000])
def test_what_is_no_notebook_is_refused(content):
    with pytest.raises(UnreadableError, match="it is not a notebook: "):
        read_cells(content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mine.py", ANSWER.encode()),
        ("mine.py", b"\xef\xbb\xbf" + ANSWER.encode()),
        ("mine.py", b"# -*- coding: latin-1 -*-\n# M\xfcller\n" + ANSWER.encode()),
        ("mine.ipynb", notebook([code(ANSWER)])),
        ("MINE.IPYNB", b"\xef\xbb\xbf" + notebook([code("%%time\n" + ANSWER)])),
    ],
)
def test_an_answer_is_read_from_any_file(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    (source,) = read_answer(tmp_path / name)
    assert source.endswith(ANSWER)
    compile(source, name, "exec")


def test_a_python_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "mine.py").write_bytes(b"x = '\xff'\n")
    with pytest.raises(UnreadableError, match="it is not Python: "):
        read_answer(tmp_path / "mine.py")
