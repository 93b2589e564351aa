import json
import shutil
import sys

import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from cnncourse.cli import main
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
    data = torch.rand(20, 1, 28, 28, generator=seeded()), torch.arange(20) % 10
    task = tasks.TASKS["fashion"]
    model, _ = task.fit(data, data, generator=seeded(), epochs=1, callbacks=(), progress=False)
    built = task.build().eval()
    built.load_state_dict(model.state_dict())
    assert torch.equal(built(data[0]), model(data[0]))


# Whatever is in the folder, a fault is one sentence and nothing is overwritten


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder of a finished training; copy it before you change it."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tasks, "NUM_RESTARTS", 2)
        tasks.train("shapes", folder, epochs=1, progress=False)
    return folder


@pytest.fixture
def copied(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "run")


def cut(path):
    path.write_bytes(path.read_bytes()[:500])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def folder_instead(path):
    path.unlink()
    path.mkdir()


def swap(path):
    """Put the other of the two files in its place."""
    other = {"model.pt": "checkpoint.pt", "checkpoint.pt": "model.pt"}[path.name]
    shutil.copy(path.with_name(other), path)


def rename_task(path):
    state = torch.load(path, weights_only=True)
    torch.save(state | {"task": "cooking"}, path)


def use_another_network(path):
    state = torch.load(path, weights_only=True)
    torch.save(state | {"task": "colour-shapes"}, path)


DAMAGES = {
    "cut": (cut, "is no {} of this course: it is"),
    "flipped": (flip, "is no {} of this course: it is damaged"),
    "empty": (lambda path: path.write_bytes(b""), "is no {} of this course: it is empty"),
    "text": (lambda path: path.write_bytes(b"hello"), "is no {} of this course: it is"),
    "a folder": (folder_instead, "cannot be used (Is a directory)"),
    "the other file": (swap, "is no {} of this course: it holds something else"),
}


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def run(capsys):
    """Return `run(*arguments)`: the exit code and the error of the command line."""

    def call(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        return ended.value.code, capsys.readouterr().err

    return call


def assert_one_sentence(code, err, told):
    assert code == 2
    assert err.startswith("cnncourse: ")
    assert err.count("\n") == 1
    assert told in err


@pytest.mark.parametrize(("damage", "told"), DAMAGES.values(), ids=DAMAGES)
def test_predict_refuses_a_damaged_model(copied, run, damage, told, tmp_path):
    damage(copied / "model.pt")
    Image.new("L", (28, 28)).save(tmp_path / "a.png")
    assert_one_sentence(*run("predict", copied, tmp_path / "a.png"), told.format("model"))


@pytest.mark.parametrize(
    ("damage", "told"),
    [(rename_task, "its task must be one of shapes, "), (use_another_network, "was written with another model")],
)
def test_predict_refuses_a_model_of_another_kind(copied, run, damage, told, tmp_path):
    damage(copied / "model.pt")
    Image.new("L", (28, 28)).save(tmp_path / "a.png")
    assert_one_sentence(*run("predict", copied, tmp_path / "a.png"), told)


@pytest.mark.parametrize(("damage", "told"), DAMAGES.values(), ids=DAMAGES)
def test_resuming_from_a_damaged_checkpoint_overwrites_nothing(two_restarts, copied, run, damage, told):
    damage(copied / "checkpoint.pt")
    before = files_of(copied)
    code, err = run("train", "shapes", "--out", copied, "--epochs", 2, "--resume", "--quiet")
    assert_one_sentence(code, err, told.format("checkpoint"))
    assert files_of(copied) == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["colour-shapes"], "was written with task shapes, not colour-shapes"),
        (["shapes", "--seed", 5], "was written with seed 0, not 5"),
        (["shapes", "--budget", 1], "was written with mode epochs, not a budget"),
    ],
    ids=["task", "seed", "mode"],
)
def test_resuming_with_other_arguments_is_refused_and_overwrites_nothing(two_restarts, copied, run, arguments, told):
    before = files_of(copied)
    assert_one_sentence(*run("train", *arguments, "--out", copied, "--resume", "--quiet"), told)
    assert files_of(copied) == before


def test_resuming_among_other_files_is_refused_and_overwrites_nothing(two_restarts, tmp_path, run):
    (tmp_path / "report.json").write_text("mine")
    code, err = run("train", "shapes", "--out", tmp_path, "--resume", "--quiet")
    assert_one_sentence(code, err, "holds no checkpoint.pt to continue from")
    assert files_of(tmp_path) == {"report.json": b"mine"}


def test_resuming_a_finished_training_changes_neither_the_model_nor_the_figures(two_restarts, copied):
    before = weights(copied)
    report = tasks.train("shapes", copied, epochs=1, resume=True, progress=False)
    assert report["epochs"] == 1
    assert all(torch.equal(before[name], value) for name, value in weights(copied).items())


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--budget", "nan", "`budget` must be above 0 seconds, not nan"),
        ("--budget", "inf", "`budget` must be above 0 seconds and finite, not inf"),
        ("--budget", "-1", "--budget"),
        ("--epochs", "1.5", "--epochs"),
        ("--seed", "-1", "--seed"),
        ("--seed", str(2**70), "`seed` must be below 9223372036854775808, not 1180591620717411303424"),
    ],
)
def test_numbers_that_cannot_be_used_are_one_sentence(tmp_path, run, option, value, told):
    code, err = run("train", "shapes", "--out", tmp_path / "run", option, value)
    assert_one_sentence(code, err, told)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_is_one_sentence_and_leaves_the_files_that_were_there(two_restarts, copied, run):
    import resource

    before = files_of(copied)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        code, err = run("train", "shapes", "--out", copied, "--epochs", 2, "--resume", "--quiet")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert_one_sentence(code, err, "checkpoint.pt cannot be used (File too large)")
    assert files_of(copied) == before


def test_a_place_that_cannot_be_written_is_one_sentence(two_restarts, tmp_path, run):
    (tmp_path / "file").write_text("mine")
    code, err = run("train", "shapes", "--out", tmp_path / "file" / "run", "--epochs", 1)
    assert_one_sentence(code, err, "run cannot be used (Not a directory)")


def test_a_damaged_image_is_one_sentence(copied, run, tmp_path):
    Image.new("L", (280, 280)).save(tmp_path / "a.jpg")
    cut(tmp_path / "a.jpg")
    assert_one_sentence(*run("predict", copied, tmp_path / "a.jpg"), "a.jpg cannot be read as an image")
