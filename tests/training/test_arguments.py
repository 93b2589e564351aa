"""What `fit` is given is checked before anything is trained; an error in between leaves finished weights."""

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnncourse.training import Callback, Checkpoint, EarlyStopping, fit, fit_with_restarts
from cnncourse.training.arguments import described

X = torch.randn(20, 1, 8, 8, generator=torch.Generator().manual_seed(0))
Y = torch.arange(20) % 3


def net(*layers):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 3), *layers)


def state(model):
    return copy.deepcopy(model.state_dict()), [module.training for module in model.modules()]


def same(one, other):
    return one[1] == other[1] and all(torch.equal(one[0][name], value) for name, value in other[0].items())


DATASET = torch.utils.data.TensorDataset(X, Y)

WRONG_DATA = {
    "a dataset": (DATASET, TypeError, r"be a pair \(inputs, targets\) of tensors, not TensorDataset .*\.tensors"),
    "a loader": (torch.utils.data.DataLoader(DATASET), TypeError, "be a pair .* not DataLoader"),
    "images alone": (X, TypeError, "be a pair .* not Tensor"),
    "three tensors": ((X, Y, Y), TypeError, "be a pair .* not tuple"),
    "a dict": ({"x": X, "y": Y}, TypeError, "be a pair .* not dict"),
    "arrays": ((X.numpy(), Y.numpy()), TypeError, "not of ndarray and ndarray: torch.as_tensor converts"),
    "a list of labels": ((X, Y.tolist()), TypeError, "not of Tensor and list"),
    "no targets": ((X, None), TypeError, "not of Tensor and NoneType"),
    "uint8 images": ((X.to(torch.uint8), Y), TypeError, r"dtype float32, not uint8: convert them with .to\(torch"),
    "float64 images": ((X.double(), Y), TypeError, "dtype float32, not float64"),
    "half precision": ((X.half(), Y), TypeError, "dtype float32, not float16"),
    "complex images": ((X + 0j, Y), TypeError, "dtype float32, not complex64"),
    "int32 targets": ((X, Y.int()), TypeError, r"targets of dtype int64, not int32: .* with .long\(\)"),
    "float targets": ((X, Y.float()), TypeError, "targets of dtype int64, not float32"),
    "bool targets": ((X, Y > 0), TypeError, "targets of dtype int64, not bool"),
    "a column of targets": ((X, Y[:, None]), ValueError, r"targets of shape \(20,\), not \(20, 1\)"),
    "one-hot targets": ((X, F.one_hot(Y)), ValueError, r"targets of shape \(20,\), not \(20, 3\)"),
    "targets from 1": ((X, Y + 1), ValueError, "targets from 0 to 2, one number for each .* 3 logits, not 3"),
    "a negative target": ((X, Y - 1), ValueError, "targets from 0 to 2, .* not -1"),
    "fewer targets": ((X, Y[:19]), ValueError, r"one target for each input, .* \(20, 1, 8, 8\) and \(19,\)"),
    "a single target": ((X, Y[0]), ValueError, r"one target for each input, .* and \(\)"),
    "nothing": ((X[:0], Y[:0]), ValueError, "at least one sample, not 0"),
    "another size": (
        (X[..., :7], Y),
        ValueError,
        r"inputs that the model takes, not of shape \(20, 1, 8, 7\): S.*56",
    ),
}


@pytest.mark.parametrize("name", ["train", "validation"])
@pytest.mark.parametrize(("data", "error", "message"), WRONG_DATA.values(), ids=WRONG_DATA)
def test_data_that_do_not_fit_are_refused_before_anything_is_trained(name, data, error, message):
    model = net()
    before = state(model)
    train, validation = (data, None) if name == "train" else ((X, Y), data)
    with pytest.raises(error, match=f"`{name}` must .*{message}"):
        fit(model, train, validation, epochs=1)
    assert same(state(model), before)


class Chatty(nn.Module):
    """Returns whatever it was given."""

    def __init__(self, output):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(3))
        self.output = output

    def forward(self, input):
        return self.output


FOREIGN = nn.Linear(2, 2)
WRONG_ARGUMENTS = [
    ({"epochs": "3"}, TypeError, "`epochs` must be an integer, not '3'"),
    ({"epochs": 2.5}, TypeError, "`epochs` must be an integer, not 2.5"),
    ({"epochs": float("nan")}, TypeError, "`epochs` must be an integer, not nan"),
    ({"epochs": True}, TypeError, "`epochs` must be an integer, not True"),
    ({"epochs": -1}, ValueError, "`epochs` must be at least 1, not -1"),
    ({"batch_size": 2.0}, TypeError, "`batch_size` must be an integer, not 2.0"),
    ({"batch_size": None}, TypeError, "`batch_size` must be an integer, not None"),
    ({"batch_size": 0}, ValueError, "`batch_size` must be at least 1, not 0"),
    ({"generator": 0}, TypeError, "`generator` must be a torch.Generator, not 0"),
    ({"optimizer": "adam"}, TypeError, "`optimizer` must be a torch.optim.Optimizer, not 'adam'"),
    ({"optimizer": torch.optim.Adam}, TypeError, "`optimizer` must be .*, not the class Adam"),
    ({"optimizer": torch.optim.Adam(FOREIGN.parameters())}, ValueError, r"must be built on model.parameters\(\)"),
    ({"schedule": 0.1}, TypeError, "`schedule` must be a function .* not 0.1"),
    ({"device": "cua"}, ValueError, "`device` must be one that torch can use here, not 'cua'"),
    ({"device": 1.5}, ValueError, "`device` must be one that torch can use here, not 1.5"),
    ({"callbacks": EarlyStopping()}, TypeError, "`callbacks` must be a list of Callback objects, not EarlyStopping"),
    ({"callbacks": [EarlyStopping]}, TypeError, "`callbacks` must be a list of Callback objects, not list"),
    ({"model": net}, TypeError, "`model` must be a torch.nn.Module, not function"),
    ({"model": nn.Flatten()}, ValueError, "`model` must have parameters that require a gradient; Flatten has none"),
    ({"model": net().requires_grad_(False)}, ValueError, "`model` must have parameters that require a gradient"),
    ({"model": Chatty((1, 2))}, ValueError, r"`model` must return logits of shape \(n, K\), not a tuple for 2 inputs"),
    ({"model": Chatty(torch.zeros(2))}, ValueError, r"logits of shape \(n, K\), not the shape \(2,\)"),
    ({"model": Chatty(torch.zeros(1, 3))}, ValueError, r"logits of shape \(n, K\), not the shape \(1, 3\)"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), WRONG_ARGUMENTS)
def test_arguments_that_do_not_fit_are_named_before_anything_is_trained(arguments, error, message):
    arguments = {"model": net(), "epochs": 1} | arguments
    with pytest.raises(error, match=message):
        fit(train=(X, Y), **arguments)


def test_integers_of_numpy_and_lists_instead_of_tuples_are_taken():
    assert len(fit(net(), [X, Y], [X, Y], epochs=np.int64(2), batch_size=np.int32(7))) == 2


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8])
def test_targets_of_the_types_of_the_loss_are_taken(dtype):
    assert len(fit(net(), (X, Y.to(dtype)), (X, Y.to(dtype)), epochs=1)) == 1


def test_inputs_of_any_type_are_taken_if_the_model_takes_them():
    model = nn.Sequential(nn.Embedding(5, 4), nn.Flatten(), nn.Linear(8, 3))
    assert len(fit(model, (torch.randint(5, (20, 2)), Y), epochs=1)) == 1


def test_an_error_in_the_model_itself_is_not_blamed_on_the_data():
    class Broken(nn.Linear):
        def forward(self, input):
            return self.undefined

    with pytest.raises(AttributeError, match="undefined"):
        fit(Broken(8, 3), (X, Y), epochs=1)


def test_trying_the_model_changes_neither_its_state_nor_the_random_numbers():
    class Noisy(nn.Module):
        def forward(self, input):
            return input + torch.rand(1)

    class Look(Callback):
        def start(self, run):
            self.seen, self.random = state(run.model), torch.get_rng_state()

    model, look = net(nn.BatchNorm1d(3), Noisy()), Look()
    before, random = state(model), torch.get_rng_state()
    generator = torch.Generator().manual_seed(0)
    fit(model, (X, Y), (X, Y), epochs=1, generator=generator, callbacks=[look])
    assert same(look.seen, before)
    assert torch.equal(look.random, random)


@pytest.mark.parametrize(("samples", "batch_size"), [(9, 4), (9, 8), (1, 4), (5, 1)])
def test_a_batch_of_one_under_batch_norm_is_refused_at_the_start(samples, batch_size):
    model = net(nn.BatchNorm1d(3))
    before = state(model)
    told = f"`batch_size` must not leave a batch of one sample, as {batch_size} does with {samples} samples"
    with pytest.raises(ValueError, match=told):
        fit(model, (X[:samples], Y[:samples]), epochs=1, batch_size=batch_size)
    assert same(state(model), before)


@pytest.mark.parametrize(
    ("layers", "samples", "batch_size"),
    [((nn.BatchNorm1d(3),), 10, 4), ((nn.BatchNorm1d(3),), 8, 4), ((), 9, 4), ((nn.Dropout(),), 1, 1)],
)
def test_other_batches_are_trained(layers, samples, batch_size):
    assert len(fit(net(*layers), (X[:samples], Y[:samples]), epochs=1, batch_size=batch_size)) == 1


def test_batch_norm_over_pixels_is_trained_on_a_single_image():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(72, 3))
    assert len(fit(model, (X[:9], Y[:9]), epochs=1, batch_size=4)) == 1


@pytest.mark.parametrize("error", [OSError("the disk is full"), RuntimeError("out of memory"), SystemExit(1)])
def test_an_error_during_training_leaves_the_last_finished_epoch_in_eval_mode(error):
    class Raise(Callback):
        batches = 0

        def batch_end(self, run):
            self.batches += 1
            if self.batches == 5:  # two batches an epoch: in the middle of the third
                raise error

    broken, whole = net(nn.Dropout(0.5)), net(nn.Dropout(0.5))
    whole.load_state_dict(broken.state_dict())
    optimizers = [torch.optim.SGD(model.parameters(), lr=0.1) for model in (broken, whole)]
    with pytest.raises(type(error)):
        fit(
            broken,
            (X, Y),
            epochs=9,
            batch_size=10,
            optimizer=optimizers[0],
            generator=torch.Generator().manual_seed(0),
            callbacks=[Raise()],
        )
    seeded = torch.Generator().manual_seed(0)
    fit(whole, (X, Y), epochs=2, batch_size=10, optimizer=optimizers[1], generator=seeded)
    assert same(state(broken), state(whole))
    assert not broken.training
    assert optimizers[0].param_groups[0]["lr"] == 0.1


@pytest.mark.parametrize("name", ["train", "validation"])
def test_restarts_name_the_argument_too(name):
    data = {"train": (X, Y), "validation": (X, Y)} | {name: (X.numpy(), Y.numpy())}
    with pytest.raises(TypeError, match=f"`{name}` must be a pair of tensors, not of ndarray and ndarray"):
        fit_with_restarts([net()], **data, epochs=1)


def test_restarts_need_a_network():
    with pytest.raises(ValueError, match="`networks` must hold at least one network, not 0"):
        fit_with_restarts([], (X, Y), (X, Y), epochs=1)


def test_the_description_of_data_tells_other_targets_apart():
    assert described((X, Y)) == described((X, Y.to(torch.uint8)))
    assert len({described((X, Y)), described((X[1:], Y[1:])), described((X, Y.flip(0)))}) == 3


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_early_stopping_without_a_finite_figure_says_that_no_epoch_was_best(value):
    history = fit(net(), (X, Y), (X * value, Y), epochs=9, callbacks=[EarlyStopping(2)])
    assert len(history) == 2
    assert history.note.endswith("was never a finite number; the weights are those of the last epoch")


def test_early_stopping_asks_for_validation_data_before_anything_is_trained(tmp_path):
    with pytest.raises(ValueError, match=r"`monitor` must be a column of the history.* not 'validation_loss'"):
        fit(net(), (X, Y), epochs=1, callbacks=[EarlyStopping(), Checkpoint(tmp_path / "run.pt")])
    assert list(tmp_path.iterdir()) == []
