"""What every chapter and page keeps to, read from their files."""

import itertools
import re
from pathlib import Path

import nbformat
import pytest
import yaml

import cnncourse
from cnncourse.exercises import exercises

ROOT = Path(__file__).parent.parent
BOOK = ROOT / "book"
NOTEBOOKS = sorted(BOOK.glob("*.ipynb"))
PAGES = sorted(BOOK.glob("*.md"))
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
PARTS = {part["caption"]: [page["file"] for page in part["chapters"]] for part in TOC["parts"]}
CHAPTERS = [path for path in NOTEBOOKS if f"book/{path.stem}" in PARTS["Chapters"]]
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
ORDER = [
    "why_convolutions",
    "convolution",
    "pooling",
    "im2col",
    "channels",
    "training",
    "architectures",
    "interpretation",
    "pitfalls",
]
LONGEST_CELL = 25
MODULES = {"im2col": "convolution/im2col", "architectures": "models"}  # taught from a module of another name
WITHOUT_MODULE = {"why_convolutions", "pitfalls"}

notebooks = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
chapters = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def prose(path):
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    return "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def shows_figure(cell):
    return any("<Figure size" in output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def listed():
    return [TOC["root"], *itertools.chain(*PARTS.values())]


def test_the_contents_list_every_page_once():
    assert sorted(listed()) == sorted(f"book/{path.stem}" for path in NOTEBOOKS + PAGES)


def test_chapters_come_in_the_order_of_the_course():
    stems = [Path(file).stem for file in listed() if (ROOT / f"{file}.ipynb").exists()]
    assert [stem for stem in stems if stem in ORDER] == [stem for stem in ORDER if stem in stems]


@notebooks
def test_a_notebook_is_stored_in_normal_form(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        assert "execution" not in cell.metadata
        for output in cell.get("outputs", ()):
            assert not any(kind.startswith("image/") for kind in output.get("data", {})), cell.source


@notebooks
def test_code_cells_ran_once_in_order_and_without_complaint(path):
    cells = code_cells(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", output.text


@notebooks
def test_every_figure_has_alternative_text(path):
    for cell in code_cells(path):
        if shows_figure(cell):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt) >= 20, f"no alt text: {cell.source}"


@notebooks
def test_code_cells_are_short(path):
    long = [cell.source for cell in code_cells(path) if len(cell.source.splitlines()) > LONGEST_CELL]
    assert not long, "\n\n".join(long)


@notebooks
def test_cell_ids_are_unique(path):
    ids = [cell.id for cell in read(path).cells]
    assert len(ids) == len(set(ids))


@notebooks
def test_stored_outputs_hold_no_path_address_or_progress_bar(path):
    text = "\n".join(str(output) for cell in code_cells(path) for output in cell.outputs)
    assert not re.search(r"0x[0-9a-f]{6,}|/home/|/tmp/|/Users/|it/s\]", text)


@chapters
def test_a_chapter_opens_with_its_aims_and_closes_with_its_sources(path):
    text = prose(path)
    assert text.startswith("# ")
    box = re.search(r":class: cnn-objectives\n(.*?)\n:::", text, re.DOTALL)
    assert box, "no box of class cnn-objectives"
    assert re.search(r"\*\*Time\*\* about \d+ minutes · \*\*Level\*\* (first steps|building|deeper) · ", box[1])
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert [heading for heading in headings if heading in ("Summary", "Exercises", "References")] == headings[-3:]
    assert len(headings) > 3


@chapters
def test_a_chapter_has_a_module_and_exercises_of_its_name(path):
    if path.stem in WITHOUT_MODULE:
        return
    package = Path(cnncourse.__file__).parent
    for place in (MODULES.get(path.stem, path.stem), f"exercises/{path.stem}"):
        assert (package / f"{place}.py").is_file() or (package / place / "__init__.py").is_file(), place


@chapters
def test_a_chapter_shows_the_box_of_each_of_its_exercises(path):
    shown = {cell.source.strip() for cell in code_cells(path)}
    for exercise in exercises():
        if exercise.chapter == path.stem:
            assert f'exercise("{exercise.name}")' in shown
            assert f'check("{exercise.name}", solved("{exercise.name}"))' in shown


@pytest.mark.parametrize("path", NOTEBOOKS + PAGES, ids=lambda path: path.stem)
def test_headings_skip_no_level(path):
    text = re.sub(r"^(`{3,}|:{3,}).*?^\1", "", prose(path), flags=re.DOTALL | re.MULTILINE)
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("path", NOTEBOOKS + PAGES, ids=lambda path: path.stem)
def test_terms_and_citations_exist(path):
    terms = set(re.findall(r"^([^\s`].*)\n  \S", (BOOK / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE))
    keys = set(re.findall(r"^@\w+\{(.*),$", (BOOK / "references.bib").read_text(encoding="utf-8"), re.MULTILINE))
    text = prose(path)
    used = {re.sub(r".*<(.*)>", r"\1", " ".join(term.split())) for term in re.findall(r"\{term\}`([^`]*)`", text)}
    assert {term.lower() for term in used} <= {term.lower() for term in terms}
    cited = {
        key.strip() for keys in re.findall(r"\{(?:foot)?cite(?::\w+)?\}`([^`]*)`", text) for key in keys.split(",")
    }
    assert cited <= keys


def test_glossary_terms_are_in_alphabetical_order():
    terms = re.findall(r"^([^\s`].*)\n  \S", (BOOK / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert terms == sorted(terms, key=str.lower)


def test_every_page_names_the_repository_that_the_configuration_names():
    address = CONFIG["repository"]["url"]
    for path in [*NOTEBOOKS, *PAGES, ROOT / "README.md", ROOT / "pyproject.toml", ROOT / "CITATION.cff"]:
        if path.exists():
            named = re.findall(r"https://github\.com/[\w-]+/cnncourse\b", path.read_text(encoding="utf-8"))
            assert set(named) <= {address}, path.name
