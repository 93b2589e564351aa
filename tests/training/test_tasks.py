import json
from types import SimpleNamespace

import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from cnncourse.data import make_colour_shapes, make_shapes
from cnncourse.training import Callback, commands, tasks
from cnncourse.training.fashion import (
    GarmentClassifier,
    ManyLooks,
    RandomShiftAndMirror,
    StopShifting,
    fit_garments,
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def two_starts(monkeypatch):
    """Two starts instead of eight, for speed."""
    monkeypatch.setattr(tasks, "NUM_STARTS", 2)


def weights(folder):
    return torch.load(folder / "model.pt", weights_only=True)["weights"]


def test_a_training_leaves_a_folder_with_everything(two_starts, tmp_path):
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


def test_an_interrupted_training_resumes_to_the_same_weights(two_starts, tmp_path, monkeypatch):
    class Interrupt(Callback):
        def epoch_end(self, run):
            if run.epoch == 2:
                raise KeyboardInterrupt

    whole = tasks.train("shapes", tmp_path / "whole", epochs=3)
    fit_starts = tasks.fit_starts
    with monkeypatch.context() as patched:
        patched.setattr(
            tasks,
            "fit_starts",
            lambda *args, callbacks, **named: fit_starts(*args, callbacks=[*callbacks, Interrupt()], **named),
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


def test_a_budget_ends_the_training(two_starts, tmp_path):
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
        ({"task": "shape"}, "task must be one of shapes, colour-shapes, fashion, but is 'shape'"),
        ({"task": "shapes", "epochs": 1, "budget": 1.0}, "give epochs or budget, not both"),
        ({"task": "shapes", "seed": -1}, "seed must be at least 0, but is -1"),
        ({"task": "shapes", "budget": -1.0}, r"budget must be above 0 seconds, but is -1\.0"),
    ],
)
def test_train_names_what_does_not_fit_before_it_writes(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        tasks.train(out=tmp_path / "run", **arguments)
    assert not (tmp_path / "run").exists()


@pytest.fixture
def shapes_folder(two_starts, tmp_path):
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


def test_predict_reads_colour_images_of_any_size(two_starts, tmp_path):
    tasks.train("colour-shapes", tmp_path / "run", epochs=1)
    images, _ = make_colour_shapes(1, generator=seeded())
    picture = Image.fromarray((images[0].permute(1, 2, 0) * 255).byte().numpy())
    picture.resize((56, 56)).save(tmp_path / "shape.png")
    assert sum(tasks.predict(tmp_path / "run", tmp_path / "shape.png").probabilities.values()) == pytest.approx(1)


def test_the_commands_train_and_predict(two_starts, tmp_path):
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


def test_shift_and_mirror_act_in_training_only_and_move_whole_images():
    layer = RandomShiftAndMirror(pixels=1)
    images = torch.zeros(64, 1, 5, 7)
    images[:, :, 2, 3] = 1
    assert torch.equal(layer.eval()(images), images)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        moved = layer.train()(images)
    assert moved.shape == images.shape
    assert torch.equal(moved.sum(dim=(1, 2, 3)), torch.ones(64))
    assert torch.equal(moved[:, :, 1:4, 2:5].sum(dim=(1, 2, 3)), torch.ones(64))
    assert len({tuple(place.tolist()) for place in moved.nonzero()[:, 2:]}) == 9


def test_mirroring_happens_to_about_half_of_the_images():
    layer = RandomShiftAndMirror(pixels=0).train()
    images = torch.arange(3.0).expand(200, 1, 1, 3)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        mirrored = (layer(images)[:, 0, 0, 0] == 2).sum()
    assert 70 < mirrored < 130


def test_the_garment_classifier_looks_twice():
    model = GarmentClassifier(seeded()).eval()
    images = torch.rand(3, 1, 28, 28, generator=seeded())
    logits = model(images)
    assert logits.shape == (3, 10)
    assert logits.dtype == torch.float32
    assert torch.allclose(logits, model(images.flip(3)), atol=1e-4)


def test_many_looks_average_the_image_and_its_four_neighbours():
    images = torch.rand(2, 1, 4, 5, generator=seeded())
    looks = ManyLooks(torch.nn.Flatten())(images).view(2, 1, 4, 5)
    padded = torch.nn.functional.pad(images, (1, 1, 1, 1))
    middle, up, down = padded[:, :, 1:5, 1:6], padded[:, :, 0:4, 1:6], padded[:, :, 2:6, 1:6]
    left, right = padded[:, :, 1:5, 0:5], padded[:, :, 1:5, 2:7]
    torch.testing.assert_close(looks, (middle + up + down + left + right) / 5)


def test_shifting_stops_after_its_share_of_the_training_and_a_checkpoint_knows():
    layer = RandomShiftAndMirror()
    stop = StopShifting(layer, share=0.5)
    stop.batch_end(SimpleNamespace(progress=0.49))
    assert layer.state_dict()["pixels"] == 1
    stop.batch_end(SimpleNamespace(progress=0.5))
    assert layer.state_dict()["pixels"] == 0
    images = torch.eye(5)[None, None].expand(40, 1, 5, 5)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        assert {tuple(image.flatten().tolist()) for image in layer.train()(images)} == {
            tuple(look.flatten().tolist()) for look in (torch.eye(5), torch.eye(5).flip(1))
        }


def test_the_garment_recipe_learns():
    generator = seeded()
    labels = torch.arange(60) % 3
    images = torch.rand(60, 1, 28, 28, generator=generator) * 0.2
    for label in range(3):
        images[labels == label, :, 8 * label : 8 * label + 8] += 0.8
    model, history = fit_garments((images, labels), epochs=4, batch_size=10, generator=generator)
    assert history["train_loss"][-1] < history["train_loss"][0] / 2
    assert model.augment.pixels == 0  # the last images stood where they stand
    assert not model.training


def test_the_fashion_task_trains_what_predict_builds():
    images, labels = torch.rand(20, 1, 28, 28, generator=seeded()), torch.arange(20) % 10
    task = tasks.TASKS["fashion"]
    model, _ = task.fit((images, labels), None, generator=seeded(), epochs=1, callbacks=(), progress=False)
    built = task.build().eval()
    built.load_state_dict(model.state_dict())
    assert torch.equal(built(images), model(images))
