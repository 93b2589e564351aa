import importlib
import json

import pytest
import torch

from studies.__main__ import FOLDER, main, names

TOLERANCE = 0.005  # half a point: another processor rounds differently


@pytest.fixture
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def recorded(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", names())
def test_a_recorded_study_says_what_it_depends_on(name):
    record = recorded(name)
    assert record["study"] == name
    assert record["question"].endswith("?")
    assert set(record["versions"]) == {"python", "torch", "cnncourse"}
    assert [row["seed"] for row in record["results"]] == list(importlib.import_module(f"studies.{name}").SEEDS)


@pytest.mark.parametrize("name", names())
def test_one_seed_again_lies_inside_the_recorded_spread(name, one_thread):
    results = recorded(name)["results"]
    seed = results[0]["seed"]
    figures = importlib.import_module(f"studies.{name}").run(seed)
    assert set(figures) == set(results[0]) - {"seed"}
    for figure, value in figures.items():
        spread = [row[figure] for row in results]
        assert min(spread) - TOLERANCE <= value <= max(spread) + TOLERANCE, figure


def test_an_unknown_study_is_answered_with_the_known_ones(capsys):
    assert main(["unlucky"]) == 2
    assert "no study unlucky; choose from" in capsys.readouterr().err
