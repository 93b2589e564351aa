import json

import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from cnncourse.data import make_colour_shapes, make_shapes
from cnncourse.training import Callback, commands, tasks


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def two_restarts(monkeypatch):
    """Two restarts instead of eight, for speed."""
    monkeypatch.setattr(tasks, "NUM_RESTARTS", 2)


def weights(folder):
    return torch.load(folder / "model.pt", weights_only=True)["weights"]


def test_a_training_leaves_a_folder_with_everything(two_restarts, tmp_path):
    report = tasks.train("shapes", tmp_path / "run", seed=3, epochs=1)
    names = {file.name for file in (tmp_path / "run").iterdir()}
    assert names == {"model.pt", "history.png", "report.json", "checkpoint.pt"}
    assert report == json.loads((tmp_path / "run" / "report.json").read_text())
    assert report["task"] == "shapes"
    assert report["seed"] == 3
    assert report["epochs"] == 1
    assert 0 <= report["test_accuracy"] <= 1
    assert report["cpu_seconds"] > 0
    assert report["wall_seconds"] > 0
    assert report["versions"]["torch"] == torch.__version__


def test_an_interrupted_training_resumes_to_the_same_weights(two_restarts, tmp_path, monkeypatch):
    class Interrupt(Callback):
        def epoch_end(self, run):
            if run.epoch == 2:
                raise KeyboardInterrupt

    whole = tasks.train("shapes", tmp_path / "whole", epochs=3)
    fit_with_restarts = tasks.fit_with_restarts
    with monkeypatch.context() as patched:
        patched.setattr(
            tasks,
            "fit_with_restarts",
            lambda *args, callbacks, **named: fit_with_restarts(*args, callbacks=[*callbacks, Interrupt()], **named),
        )
        interrupted = tasks.train("shapes", tmp_path / "run", epochs=3)
        (tmp_path / "run" / "checkpoint.pt").rename(tmp_path / "kept.pt")
    assert interrupted["epochs"] == 2
    assert interrupted["note"].startswith("interrupted")
    state = torch.load(tmp_path / "kept.pt", weights_only=True)
    state["callbacks"] = state["callbacks"][:-1]  # without the interrupter
    torch.save(state, tmp_path / "run" / "checkpoint.pt")
    resumed = tasks.train("shapes", tmp_path / "run", epochs=3, resume=True)
    for name, expected in weights(tmp_path / "whole").items():
        assert torch.equal(weights(tmp_path / "run")[name], expected), name
    assert resumed["test_accuracy"] == whole["test_accuracy"]
    assert resumed["epochs"] == 3
    assert resumed["note"] == ""


def test_a_budget_ends_the_training(two_restarts, tmp_path):
    report = tasks.train("colour-shapes", tmp_path / "run", budget=0.5)
    assert report["note"].endswith("the budget of 0.5 s is spent")


def test_test_images_are_not_training_images():
    for task in ("shapes", "colour-shapes"):
        train, _ = tasks.TASKS[task].load("train", 0)
        test, _ = tasks.TASKS[task].load("test", 0)
        assert (len(train), len(test)) == (1000, 2000)
        assert not torch.equal(train, test[:1000])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"task": "shape"}, "`task` must be one of shapes, colour-shapes, fashion, not 'shape'"),
        ({"task": "shapes", "epochs": 1, "budget": 1.0}, "`epochs` or `budget` must be given, not both"),
        ({"task": "shapes", "seed": -1}, "`seed` must be at least 0, not -1"),
        ({"task": "shapes", "budget": -1.0}, r"`budget` must be above 0 seconds, not -1\.0"),
    ],
)
def test_train_names_what_does_not_fit_before_it_writes(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        tasks.train(out=tmp_path / "run", **arguments)
    assert not (tmp_path / "run").exists()


@pytest.fixture
def shapes_folder(two_restarts, tmp_path):
    tasks.train("shapes", tmp_path / "run", epochs=1)
    return tmp_path / "run"


def test_predict_answers_as_the_network_does(shapes_folder, tmp_path):
    images, _ = make_shapes(1, generator=seeded())
    Image.fromarray((images[0, 0] * 255).byte().numpy()).save(tmp_path / "shape.png")
    prediction = tasks.predict(shapes_folder, tmp_path / "shape.png")
    model = tasks.TASKS["shapes"].build()
    model.load_state_dict(weights(shapes_folder))
    expected = model(images).softmax(dim=1)[0]
    assert prediction.probabilities["square"] == pytest.approx(expected[0].item(), abs=1e-6)
    assert prediction.label == ("square" if expected[0] > expected[1] else "circle")


def test_predict_reads_colour_images_of_any_size(two_restarts, tmp_path):
    tasks.train("colour-shapes", tmp_path / "run", epochs=1)
    images, _ = make_colour_shapes(1, generator=seeded())
    picture = Image.fromarray((images[0].permute(1, 2, 0) * 255).byte().numpy())
    picture.resize((56, 56)).save(tmp_path / "shape.png")
    assert sum(tasks.predict(tmp_path / "run", tmp_path / "shape.png").probabilities.values()) == pytest.approx(1)


def test_the_commands_train_and_predict(two_restarts, tmp_path):
    folder, image = tmp_path / "run", tmp_path / "grey.png"
    Image.new("L", (28, 28)).save(image)
    done = CliRunner().invoke(commands.train, ["shapes", "--epochs", "1", "--out", str(folder)])
    assert done.exit_code == 0, done.output
    assert "test accuracy" in done.output
    done = CliRunner().invoke(commands.predict, [str(folder), str(image)])
    assert done.exit_code == 0
    assert "circle" in done.output


def test_the_commands_name_the_next_thing_to_do(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    for arguments, message in (
        (["shapes", "--out", str(tmp_path / "full")], "not empty; choose another folder, or add --resume"),
        (["shapes", "--out", str(tmp_path / "a"), "--epochs", "1", "--budget", "1"], "--epochs or --budget, not both"),
        (["shapes", "--out", str(tmp_path / "a"), "--epochs", "0"], "--epochs"),
        (["shape", "--out", str(tmp_path / "a")], "shape"),
    ):
        done = CliRunner().invoke(commands.train, arguments)
        assert done.exit_code == 2
        assert message in done.output
    (tmp_path / "note.png").write_text("not a picture")
    done = CliRunner().invoke(commands.predict, [str(tmp_path / "full"), str(tmp_path / "note.png")])
    assert done.exit_code == 2
    assert "holds no model.pt: train one there first" in done.output


def test_predict_refuses_what_is_no_image(shapes_folder, tmp_path):
    (tmp_path / "note.png").write_text("not a picture")
    with pytest.raises(ValueError, match=r"note\.png is not an image that can be read"):
        tasks.predict(shapes_folder, tmp_path / "note.png")


def test_the_commands_know_the_tasks():
    assert tuple(tasks.TASKS) == commands.NAMES


def test_the_fashion_task_trains_what_predict_builds():
    images, labels = torch.rand(20, 1, 28, 28, generator=seeded()), torch.arange(20) % 10
    task = tasks.TASKS["fashion"]
    model, _ = task.fit((images, labels), None, generator=seeded(), epochs=1, callbacks=(), progress=False)
    built = task.build().eval()
    built.load_state_dict(model.state_dict())
    assert torch.equal(built(images), model(images))
