import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnncourse.training import (
    SGD,
    Callback,
    constant,
    evaluate,
    fit,
    minibatches,
    one_cycle,
    ordered_batches,
    train_one_epoch,
)


def weights(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


class Note(Callback):
    """Remembers what it was told."""

    def __init__(self):
        self.heard = []
        self.rates = []

    def start(self, run):
        self.heard.append("start")

    def batch_end(self, run):
        self.heard.append("batch")
        self.rates.append(run.optimizer.param_groups[0]["lr"])

    def epoch_end(self, run):
        self.heard.append(f"epoch {run.epoch}")

    def end(self, run):
        self.heard.append("end")


class Raise(Callback):
    """Raises an error after the batch of that number."""

    def __init__(self, error, batch):
        self.error, self.left = error, batch

    def batch_end(self, run):
        self.left -= 1
        if self.left == 0:
            raise self.error


def test_the_loss_of_an_epoch_is_a_mean_over_samples():
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    batches = [(torch.zeros(3, 1), torch.full((3, 1), 2.0)), (torch.zeros(1, 1), torch.full((1, 1), 6.0))]
    loss = train_one_epoch(model, batches, F.l1_loss, SGD(model.parameters(), 0.0))
    assert loss == pytest.approx((3 * 2 + 6) / 4)


def test_an_epoch_takes_one_step_a_batch_from_zeroed_gradients_in_train_mode():
    model = nn.Linear(1, 1, bias=False).eval()
    nn.init.ones_(model.weight)
    model.weight.grad = torch.full((1, 1), 1000.0)
    batches = [(torch.ones(1, 1), torch.zeros(1, 1))] * 2
    train_one_epoch(model, batches, lambda outputs, targets: outputs.sum(), SGD(model.parameters(), 0.25))
    assert model.weight.item() == 0.5
    assert model.training


def test_an_epoch_over_nothing_is_an_error(build_net):
    model = build_net()
    with pytest.raises(ValueError, match="`batches` must hold at least one sample, not 0"):
        train_one_epoch(model, [], F.cross_entropy, SGD(model.parameters(), 0.1))


def test_fit_learns_and_records(build_net, clouds):
    model = build_net()
    history = fit(model, clouds, clouds, epochs=30, batch_size=10, generator=seeded())
    assert evaluate(model, ordered_batches(*clouds)) > 0.95
    assert history["epoch"] == list(range(1, 31))
    assert history["train_loss"][-1] < history["train_loss"][0]
    assert history["validation_accuracy"][-1] == pytest.approx(evaluate(model, ordered_batches(*clouds)))
    assert not model.training
    assert history.note == ""


def test_fit_is_train_one_epoch_repeated(build_net, clouds):
    by_fit, by_hand = build_net(), build_net()
    fit(by_fit, clouds, epochs=3, optimizer=SGD(by_fit.parameters(), 0.1), generator=seeded())
    generator, optimizer = seeded(), SGD(by_hand.parameters(), 0.1)
    for _ in range(3):
        torch.randint(2**62, (), generator=generator)  # fit's seed for dropout
        train_one_epoch(by_hand, minibatches(*clouds, 50, generator), F.cross_entropy, optimizer)
    assert torch.equal(weights(by_fit), weights(by_hand))


def test_the_generator_decides_everything_dropout_included(build_net, clouds):
    runs = []
    for seed in (0, 0, 1):
        model = build_net(p=0.5)
        before = torch.get_rng_state()
        fit(model, clouds, epochs=2, generator=seeded(seed))
        assert torch.equal(torch.get_rng_state(), before)
        runs.append(weights(model))
    assert torch.equal(runs[0], runs[1])
    assert not torch.equal(runs[0], runs[2])


def test_without_a_generator_fit_follows_torchs_global_seed(build_net, clouds):
    runs = []
    with torch.random.fork_rng():
        for _ in range(2):
            torch.manual_seed(5)
            model = build_net()
            fit(model, clouds, epochs=1, batch_size=7)
            runs.append(weights(model))
    assert torch.equal(*runs)


def test_an_optimiser_of_yours_keeps_its_rate_unless_you_choose_a_schedule(build_net, clouds):
    rates = []
    for schedule in (None, constant, one_cycle):
        model, note = build_net(), Note()
        optimizer = SGD(model.parameters(), learning_rate=0.1)
        fit(model, clouds, epochs=2, batch_size=15, optimizer=optimizer, schedule=schedule, callbacks=[note])
        assert optimizer.param_groups[0]["lr"] == 0.1
        rates.append(note.rates)
    assert rates[0] == rates[1] == [0.1] * 8
    assert rates[2] == pytest.approx([0.1 * one_cycle(step / 8) for step in range(8)])


def test_callbacks_hear_of_everything_in_order(build_net, clouds):
    note = Note()
    fit(build_net(), clouds, epochs=2, batch_size=30, callbacks=[note])
    assert note.heard == ["start", "batch", "batch", "epoch 1", "batch", "batch", "epoch 2", "end"]


def test_a_callback_can_stop_the_training(build_net, clouds):
    class Stop(Callback):
        def epoch_end(self, run):
            run.stop = "enough"

    history = fit(build_net(), clouds, epochs=9, callbacks=[Stop()])
    assert len(history) == 1
    assert history.note == "enough"


def test_ctrl_c_keeps_the_last_finished_epoch(build_net, clouds):
    interrupted, whole, note = build_net(), build_net(), Note()
    optimizer = SGD(interrupted.parameters(), 0.1)
    callbacks = [Raise(KeyboardInterrupt(), batch=5), note]  # in the middle of epoch 3
    history = fit(
        interrupted, clouds, epochs=9, batch_size=30, optimizer=optimizer, generator=seeded(), callbacks=callbacks
    )
    fit(whole, clouds, epochs=2, batch_size=30, optimizer=SGD(whole.parameters(), 0.1), generator=seeded())
    assert torch.equal(weights(interrupted), weights(whole))
    assert len(history) == 2
    assert history.note == "interrupted in epoch 3: the weights are those after epoch 2"
    assert note.heard[-1] == "end"


def test_a_loss_that_is_no_number_stops_with_what_to_try(clouds):
    model = nn.Sequential(nn.Linear(2, 4), nn.Linear(4, 3))
    start = weights(model)
    optimizer = SGD(model.parameters(), learning_rate=1e12)
    with pytest.raises(FloatingPointError, match=r"diverged in epoch 1: .*Try a smaller learning rate .*1e\+12"):
        fit(model, clouds, epochs=3, batch_size=5, optimizer=optimizer)
    assert torch.equal(weights(model), start)


def test_nothing_is_written_when_nobody_watches(build_net, clouds, capfd):
    fit(build_net(), clouds, epochs=2)
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"epochs": 0}, "`epochs` must be at least 1, not 0"), ({"epochs": 1, "batch_size": 0}, "`batch_size` must be")],
)
def test_fit_names_the_number_that_is_out_of_range(build_net, clouds, arguments, message):
    with pytest.raises(ValueError, match=message):
        fit(build_net(), clouds, **arguments)
