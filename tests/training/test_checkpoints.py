import copy
import io
import math
import re
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnncourse.training import Budget, Callback, Checkpoint, EarlyStopping, fit
from cnncourse.training.checkpoints import KEYS, load_file


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


class StopAfter(Callback):
    def __init__(self, epoch):
        self.epoch = epoch

    def epoch_end(self, run):
        if run.epoch == self.epoch:
            run.stop = "enough"


def same_weights(first, second):
    return all(
        torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )


def test_a_resumed_run_computes_the_same_numbers(build_net, clouds, tmp_path):
    whole, broken = build_net(p=0.3), build_net(p=0.3)
    expected = fit(whole, clouds, clouds, epochs=6, batch_size=8, generator=seeded())
    path = tmp_path / "run.pt"
    arguments = {"epochs": 6, "batch_size": 8}
    fit(broken, clouds, clouds, **arguments, generator=seeded(), callbacks=[StopAfter(2), Checkpoint(path)])
    resumed = build_net(p=0.3)
    history = fit(
        resumed,
        clouds,
        clouds,
        **arguments,
        generator=seeded(99),
        callbacks=[StopAfter(6), Checkpoint(path, resume=True)],
    )
    assert history.records == expected.records
    assert same_weights(resumed, whole)
    assert not same_weights(broken, whole)


def test_early_stopping_remembers_its_best_epoch_through_a_checkpoint(build_net, clouds, tmp_path):
    noise = (clouds[0], clouds[1].roll(1))  # wrong labels: validation gets worse from the start
    path = tmp_path / "run.pt"
    model = build_net()
    fit(model, clouds, noise, epochs=2, generator=seeded(), callbacks=[EarlyStopping(2), Checkpoint(path)])
    history = fit(build_net(), clouds, noise, epochs=9, callbacks=[EarlyStopping(2), Checkpoint(path, resume=True)])
    assert len(history) == 3
    assert "validation_loss was best in epoch 1" in history.note


def test_a_finished_run_is_resumed_by_doing_nothing(build_net, clouds, tmp_path):
    path, model, again = tmp_path / "run.pt", build_net(), build_net()
    fit(model, clouds, epochs=2, callbacks=[Checkpoint(path)])
    history = fit(again, clouds, epochs=2, callbacks=[Checkpoint(path, resume=True)])
    assert len(history) == 2
    assert same_weights(model, again)


def test_resuming_without_a_file_starts_from_the_beginning(build_net, clouds, tmp_path):
    history = fit(build_net(), clouds, epochs=1, callbacks=[Checkpoint(tmp_path / "run.pt", resume=True)])
    assert len(history) == 1


def test_nothing_is_overwritten_unasked(build_net, clouds, tmp_path):
    path = tmp_path / "run.pt"
    path.write_text("precious")
    with pytest.raises(FileExistsError, match=r"run\.pt exists: continue from it with resume=True"):
        fit(build_net(), clouds, epochs=1, callbacks=[Checkpoint(path)])
    assert path.read_text() == "precious"


def test_every_second_epoch_and_the_last_one_are_saved(build_net, clouds, tmp_path):
    path = tmp_path / "run.pt"

    class Look(Callback):
        saved = ()

        def epoch_end(self, run):
            epoch = torch.load(path, weights_only=True)["epoch"] if path.exists() else 0
            self.saved = (*self.saved, epoch)

    look = Look()
    fit(build_net(), clouds, epochs=5, callbacks=[Checkpoint(path, every=2), look])
    assert look.saved == (0, 2, 2, 4, 5)
    assert [file.name for file in tmp_path.iterdir()] == ["run.pt"]


def test_early_stopping_goes_back_to_the_best_weights(build_net, clouds):
    noise = (clouds[0], clouds[1].roll(1))
    stopped, one_epoch = build_net(), build_net()
    optimizers = [torch.optim.SGD(model.parameters(), lr=0.1) for model in (stopped, one_epoch)]
    history = fit(
        stopped, clouds, noise, epochs=9, optimizer=optimizers[0], generator=seeded(), callbacks=[EarlyStopping(2)]
    )
    fit(one_epoch, clouds, noise, epochs=1, optimizer=optimizers[1], generator=seeded())
    assert len(history) == 3
    assert history.note.startswith("stopped early after epoch 3: validation_loss was best in epoch 1")
    assert same_weights(stopped, one_epoch)


def test_early_stopping_waits_while_accuracy_grows(build_net, clouds):
    history = fit(build_net(), clouds, clouds, epochs=4, callbacks=[EarlyStopping(4, "validation_accuracy")])
    assert len(history) == 4


def test_early_stopping_needs_the_column_it_monitors(build_net, clouds):
    with pytest.raises(
        ValueError,
        match=r"`monitor` must be a column of the history, one of epoch, train_loss, .*not 'validation_loss'",
    ):
        fit(build_net(), clouds, epochs=2, callbacks=[EarlyStopping()])


def test_callbacks_refuse_numbers_out_of_range():
    with pytest.raises(ValueError, match="`patience` must be at least 1, not 0"):
        EarlyStopping(patience=0)
    with pytest.raises(ValueError, match="`every` must be at least 1, not 0"):
        Checkpoint("run.pt", every=0)


# A file that does not fit is named and changes nothing


@pytest.fixture
def checkpoint(build_net, clouds, tmp_path):
    """A checkpoint of two epochs."""
    fit(
        build_net(), clouds, clouds, epochs=2, batch_size=20, generator=seeded(), callbacks=[Checkpoint(tmp_path / "a")]
    )
    return tmp_path / "a"


def resume(model, path, data, validation=None, **arguments):
    callbacks = [*arguments.pop("callbacks", ()), Checkpoint(path, resume=True, settings=arguments.pop("settings", {}))]
    arguments = {"epochs": 4, "batch_size": 20, "generator": seeded()} | arguments
    return fit(model, data, validation, callbacks=callbacks, **arguments)


def packed(value):
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


class Foreign:
    """What weights_only refuses to load."""


FOREIGN_ARCHIVE = io.BytesIO()
with zipfile.ZipFile(FOREIGN_ARCHIVE, "w") as archive:
    archive.writestr("word/document.xml", "<xml/>")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"hello", "it is cut short or something else"),
        (b"\x80\x02}q\x00.", "it is cut short or something else"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "it is cut short or something else"),
        (FOREIGN_ARCHIVE.getvalue(), "RuntimeError while reading it"),
        (packed(Foreign()), "UnpicklingError while reading it"),
        (packed(torch.zeros(3)), "it holds something else"),
        (packed({"task": "shapes", "weights": {}}), "it holds something else"),
        (packed([1, 2]), "it holds something else"),
    ],
    ids=["empty", "text", "a pickle", "a picture", "an archive", "an object", "a tensor", "a model", "a list"],
)
def test_what_is_no_checkpoint_is_said_to_be_none(build_net, clouds, tmp_path, content, reason):
    path, model, fresh = tmp_path / "run.pt", build_net(), build_net()
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"run\.pt is no checkpoint of this course: {reason}"):
        resume(model, path, clouds)
    assert same_weights(model, fresh)
    assert path.read_bytes() == content


def read_or_refused(path):
    try:
        return load_file(path, "checkpoint", KEYS)
    except ValueError as error:
        return str(error)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), cut=st.booleans())
def test_a_checkpoint_cut_or_changed_anywhere_is_refused_or_means_the_same(checkpoint, place, cut):
    content = checkpoint.read_bytes()
    index = int(place * len(content))
    damaged = content[:index] if cut else content[:index] + bytes([content[index] ^ 0xFF]) + content[index + 1 :]
    path = checkpoint.with_name("damaged")
    path.write_bytes(damaged)
    whole, read = read_or_refused(checkpoint), read_or_refused(path)
    if isinstance(read, str):
        assert read.startswith(f"{path} is no checkpoint of this course: ")
    else:  # a byte that decides nothing, as between two members of the archive
        assert all(torch.equal(read["model"][name], value) for name, value in whole["model"].items())
        assert (read["history"], read["settings"]) == (whole["history"], whole["settings"])


def optimised(name):
    def change(model):
        return {"optimizer": getattr(torch.optim, name)(model.parameters(), lr=0.1)}

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (optimised("SGD"), "with optimizer Adam, not SGD"),
        (optimised("AdamW"), "with optimizer Adam, not AdamW"),
        (lambda model: {"optimizer": torch.optim.Adam([*model.parameters()][:2])}, "another optimizer or generator"),
        (
            lambda model: {"callbacks": [EarlyStopping(2)]},
            "with the callbacks Checkpoint, not EarlyStopping, C",
        ),
        (lambda model: {"batch_size": 10}, "with batch_size 20, not 10"),
    ],
    ids=["SGD", "AdamW", "fewer parameters", "callbacks", "batch size"],
)
def test_other_arguments_than_those_of_the_checkpoint_are_refused(checkpoint, build_net, clouds, change, message):
    model, fresh = build_net(), build_net()
    with pytest.raises(ValueError, match=f"a was written with .*{message.removeprefix('with ')}"):
        resume(model, checkpoint, clouds, clouds, **change(model))
    assert same_weights(model, fresh)


def test_other_data_than_those_of_the_checkpoint_are_refused(checkpoint, build_net, clouds):
    inputs, targets = clouds
    for train, validation, name in (
        ((inputs, targets.roll(1)), clouds, "train"),
        (clouds, (inputs[:9], targets[:9]), "validation"),
    ):
        with pytest.raises(
            ValueError, match=f"a was written with {name} 60 samples with the targets .*, not .* samples"
        ):
            resume(build_net(), checkpoint, train, validation)


def test_another_model_is_refused_before_any_weight_is_changed(checkpoint, build_net, clouds):
    wider = torch.nn.Sequential(*build_net()[:3], torch.nn.Linear(8, 4))
    deeper = torch.nn.Sequential(*build_net(), torch.nn.Linear(3, 3))
    for model, message in (
        (wider, r"shape of 3\.bias is \(3,\), not \(4,\)"),
        (deeper, r"4\.bias is missing, not \(3,\)"),
    ):
        before = copy.deepcopy(model.state_dict())
        with pytest.raises(ValueError, match=f"a was written with another model: .*{message}"):
            resume(model, checkpoint, clouds, clouds)
        assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_settings_of_ones_own_must_be_the_same(build_net, clouds, tmp_path):
    path = tmp_path / "run.pt"
    fit(build_net(), clouds, epochs=1, batch_size=20, callbacks=[Checkpoint(path, settings={"seed": 0})])
    with pytest.raises(ValueError, match=r"run\.pt was written with seed 0, not 5"):
        resume(build_net(), path, clouds, settings={"seed": 5})
    assert len(resume(build_net(), path, clouds, settings={"seed": 0})) == 4


def test_without_the_validation_data_the_resumed_epochs_have_no_figures_of_them(checkpoint, build_net, clouds):
    history = resume(build_net(), checkpoint, clouds)
    assert [math.isnan(loss) for loss in history["validation_loss"]] == [False, False, True, True]
    assert [line.split()[2] == "-" for line in repr(history).splitlines()[1:]] == [False, False, True, True]
    history.plot()


# A run that had ended


def test_a_run_that_stopped_early_has_ended(build_net, clouds, tmp_path):
    noise = (clouds[0], clouds[1].roll(1))
    runs = []
    for _ in range(3):
        model = build_net()
        history = resume(model, tmp_path / "run.pt", clouds, noise, epochs=9, callbacks=[EarlyStopping(2)])
        runs.append((model, history.records, history.note))
    assert len(runs[0][1]) == 3
    for model, *figures in runs[1:]:
        assert figures == list(runs[0][1:])
        assert same_weights(model, runs[0][0])
    assert len(resume(build_net(), tmp_path / "run.pt", clouds, noise, epochs=9, callbacks=[EarlyStopping(4)])) == 5


def test_a_run_whose_budget_is_spent_has_ended(build_net, clouds, tmp_path):
    def go(seconds):
        return resume(build_net(), tmp_path / "run.pt", clouds, clouds, epochs=10**6, callbacks=[Budget(seconds)])

    first, again = go(0.3), go(0.3)
    assert first.records == again.records
    assert again.note == f"stopped in epoch {len(first)}: the budget of 0.3 s is spent"
    assert len(go(0.6)) > len(first)


# The folder is tried before the first epoch


def blocked(tmp_path):
    (tmp_path / "file").write_text("mine")
    return tmp_path / "file" / "run.pt", NotADirectoryError


def a_folder(tmp_path):
    (tmp_path / "run.pt").mkdir()
    return tmp_path / "run.pt", IsADirectoryError


def nowhere(tmp_path):
    return Path("/proc/cnncourse/run.pt"), OSError


@pytest.mark.parametrize(
    "place",
    [
        blocked,
        a_folder,
        pytest.param(nowhere, marks=pytest.mark.skipif(sys.platform != "linux", reason="a folder of Linux")),
    ],
)
def test_a_path_that_cannot_be_written_is_named_before_the_first_epoch(build_net, clouds, tmp_path, place):
    path, error = place(tmp_path)
    model, fresh = build_net(), build_net()
    with pytest.raises(error, match=re.escape(str(path))):
        resume(model, path, clouds)
    assert same_weights(model, fresh)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_leaves_the_last_checkpoint_and_no_other_file(checkpoint, build_net, clouds):
    import resource

    before = checkpoint.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    model = build_net()
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, hard))
    try:
        with pytest.raises(OSError, match=re.escape(f"File too large: '{checkpoint}'")):
            resume(model, checkpoint, clouds, clouds)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert checkpoint.read_bytes() == before
    assert [file.name for file in checkpoint.parent.iterdir()] == ["a"]
    assert not model.training
