import pytest
import torch

from cnncourse.training import Callback, Checkpoint, EarlyStopping, fit


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
