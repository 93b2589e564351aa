import importlib
import json
import re

import pytest
import torch

from cnncourse.studies import load_study, study_names
from studies import chapter_bounds
from studies.__main__ import main, names

TOLERANCE = 0.005  # half a point: another processor rounds differently
FIGURES = [(chapter, figure) for chapter, bounds in chapter_bounds.BOUNDS.items() for figure in bounds]


@pytest.fixture
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def recorded(name):
    return load_study(name)


@pytest.mark.parametrize("name", names())
def test_a_recorded_study_says_what_it_depends_on(name):
    record = recorded(name)
    assert record["study"] == name
    assert record["question"].endswith("?")
    assert set(record["versions"]) == {"python", "torch", "cnncourse"}
    assert [row["seed"] for row in record["results"]] == list(importlib.import_module(f"studies.{name}").SEEDS)


TIMED = [name for name in names() if hasattr(importlib.import_module(f"studies.{name}"), "TIMED")]


@pytest.mark.slow
@pytest.mark.parametrize("name", TIMED)
def test_a_study_of_times_runs_and_gives_its_figures(name):
    figures = importlib.import_module(f"studies.{name}").run(0, seconds=0.01)
    assert set(figures) == set(recorded(name)["results"][0]) - {"seed"}
    assert all(value > 0 for value in figures.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*names()} - {"chapter_bounds", *TIMED}))
def test_one_seed_again_lies_inside_the_recorded_spread(name, one_thread):
    results = recorded(name)["results"]
    seed = results[0]["seed"]
    figures = importlib.import_module(f"studies.{name}").run(seed)
    assert set(figures) == set(results[0]) - {"seed"}
    for figure, value in figures.items():
        spread = [row[figure] for row in results]
        assert min(spread) - TOLERANCE <= value <= max(spread) + TOLERANCE, figure


@pytest.mark.slow
def test_a_chapter_again_lies_inside_the_recorded_spread(one_thread):
    results = recorded("chapter_bounds")["results"]
    assert set(results[0]) == {"seed", *(figure for _, figure in FIGURES)}
    for figure, value in chapter_bounds.run(1, chapters=["architectures"]).items():  # nbval runs the others, as seed 0
        spread = [row[figure] for row in results]
        assert min(spread) - TOLERANCE <= value <= max(spread) + TOLERANCE, figure


@pytest.mark.parametrize(("chapter", "figure"), FIGURES)
def test_a_printed_number_is_held_to_its_study_by_the_hidden_cell_that_follows(chapter, figure):
    notebook = json.loads((chapter_bounds.BOOK / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    ids = [cell["id"] for cell in notebook["cells"]]
    following = notebook["cells"][ids.index(chapter_bounds.BOUNDS[chapter][figure].cell) + 1]
    assert following["metadata"].get("tags") == ["remove-cell"]
    assert 'assert within_study("chapter_bounds", ' in "".join(following["source"])


@pytest.mark.parametrize("name", names())
def test_every_figure_of_a_study_stands_in_its_table(name, capsys):
    assert main(["--show", name]) == 0
    table = capsys.readouterr().out
    assert "…" not in table
    record = recorded(name)
    words = set(re.findall(r"[-.\w]+", table))
    for figure in set(record["results"][0]) - {"seed"}:
        for value in (min(row[figure] for row in record["results"]), max(row[figure] for row in record["results"])):
            assert f"{value:.3g}" in words, figure


def test_the_table_of_methods_tells_localisation_sanity_check_and_cost(capsys):
    assert main(["--show", "planted_evidence"]) == 0
    table = capsys.readouterr().out
    assert re.search(r"planted_evidence\W+mark\W+distractor\W+shuffled\W+forward\W+backward", table)
    costs = {"activations": "1 .* 0", "patches": "1 .* 0", "occlusion": "170 .* 0", "saliency": "1 .* 1"}
    for method, cost in {**costs, "grad cam": "1 .* 1", "picture": "0 .* 0"}.items():
        assert re.search(rf"{method} .* {cost} ", table), method


def test_an_unknown_study_is_answered_with_the_known_ones(capsys):
    assert main(["unlucky"]) == 2
    assert "no study unlucky; choose from" in capsys.readouterr().err


def test_every_study_is_recorded_in_the_package():
    assert study_names() == names()


def test_a_study_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"`name` must be one of augmentations, .*, why_convolutions, not 'nothing'"):
        load_study("nothing")


@pytest.mark.parametrize("path", sorted(chapter_bounds.BOOK.glob("*.ipynb")), ids=lambda path: path.stem)
def test_no_chapter_reads_a_file_of_the_checkout(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    assert not re.search(r"\.\./|\bopen\(|read_text|read_bytes|Path\(", code)
