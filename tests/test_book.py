"""What every chapter and page keeps to, read from their files."""

import ast
import itertools
import re
from pathlib import Path

import nbformat
import pytest
import yaml

import cnncourse
from cnncourse.exercises import exercises
from cnncourse.exercises.sections import anchor, page
from cnncourse.figures.prediction_text import all_predictions

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
    "learning_kernels",
    "channels",
    "pooling",
    "im2col",
    "training",
    "architectures",
    "better_training",
    "interpretation",
    "pitfalls",
]
LONGEST_CELL = 25
MOST_TRUTH_VALUES = 5
MODULES = {  # where a chapter is taught from a module of another name
    "im2col": "convolution/im2col",
    "architectures": "models",
    "better_training": "training",
}
WITHOUT_MODULE = {"why_convolutions", "learning_kernels", "pitfalls"}

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


def only_imports(source):
    """Return whether a cell imports and does nothing else but choose the style."""
    statements = [line for line in ast.unparse(ast.parse(source)).splitlines() if line != "use_style()"]
    return bool(statements) and all(line.startswith(("import ", "from ")) for line in statements)


def predicted(path):
    """Return the names of the predictions that a chapter asks for."""
    source = "\n".join(cell.source for cell in code_cells(path))
    return re.findall(r'^predict\(\s*"([a-z0-9-]+)"', source, re.MULTILINE)


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


@notebooks
def test_few_lines_print_true_or_false(path):
    shown = [cell for cell in code_cells(path) if "remove-cell" not in cell.metadata.get("tags", [])]
    lines = "\n".join(output.get("text", "") for cell in shown for output in cell.outputs).splitlines()
    found = [line for line in lines if re.search(r"\b(True|False)\b", line)]
    assert len(found) <= MOST_TRUTH_VALUES, "print numbers instead:\n" + "\n".join(found)


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
        if page(exercise) == path.stem:
            assert f'exercise("{exercise.name}")' in shown
            assert f'check("{exercise.name}", solved("{exercise.name}"))' in shown


@chapters
def test_the_minutes_include_reading_and_exercises(path):
    stated = int(re.search(r"\*\*Time\*\* about (\d+) minutes", prose(path))[1])
    words, questions = len(prose(path).split()), len(re.findall(r"\{quiz\}|cnn-predict", prose(path)))
    reading = words / 200 + 0.7 * len(code_cells(path)) + questions
    exercising = sum(exercise.minutes for exercise in exercises() if page(exercise) == path.stem)
    assert 0.75 * reading <= stated - exercising <= 1.5 * reading, (reading, exercising)


@chapters
def test_a_chapter_builds_on_earlier_chapters_only(path):
    box = prose(path).partition("**Before**")[2].partition(":::")[0]
    before = re.findall(r"\((\w+)\.ipynb\)", box)
    assert all(ORDER.index(stem) < ORDER.index(path.stem) for stem in before)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_to_sections_of_chapters_lead_to_a_heading(path):
    for stem, anchor_id in re.findall(r"\]\((\w+)\.ipynb#([\w-]+)\)", prose(path)):
        text = prose(BOOK / f"{stem}.ipynb")
        ids = {anchor(heading) for heading in re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)}
        assert anchor_id in ids | set(re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE)), f"{stem}#{anchor_id}"


@chapters
def test_a_chapter_asks_for_at_least_four_predictions(path):
    assert len(predicted(path)) >= 4
    assert "cnn-predict" not in prose(path)


def test_every_prediction_is_asked_for_once():
    assert sorted(name for path in CHAPTERS for name in predicted(path)) == sorted(all_predictions())


@notebooks
def test_imports_and_plotting_are_folded_with_a_label_that_says_so(path):
    for cell in code_cells(path):
        tags = cell.metadata.get("tags", [])
        label = cell.metadata.get("mystnb", {}).get("code_prompt_show", "")
        if "remove-cell" in tags:
            continue
        if only_imports(cell.source):
            assert ("hide-input" in tags, label) == (True, "Show the imports"), cell.source
        elif shows_figure(cell) and len(cell.outputs) == 1 and cell.source.endswith("plt.show()"):
            assert ("hide-input" in tags, label) == (True, "Show the plotting code"), cell.source


@chapters
def test_no_check_of_a_solution_is_on_the_page(path):
    for cell in code_cells(path):
        if re.fullmatch(r'check\("(\w+)", solved\("\1"\)\)', cell.source):
            assert "remove-cell" in cell.metadata.get("tags", []), cell.source


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


def test_each_table_of_pitfalls_gives_symptom_cause_test_and_cure():
    text = prose(BOOK / "pitfalls.ipynb")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) > 40
    for row in rows:
        assert len(row) == 4
        assert all(row)
        for code in re.findall("`([^`]+)`", row[2]):
            ast.parse(code)
    assert rows.count(["Symptom", "Cause", "Test", "Cure"]) == text.count("|---|---|---|---|")
    headings = {anchor(heading) for heading in re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= headings
