import pytest
import torch
from torch import nn

from cnncourse.training import classification_report, confusion_matrix, evaluate, ordered_batches, predict

SCORES = torch.tensor([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [5.0, 4.0, 0.0], [0.0, 1.0, 2.0], [1.0, 0.0, 0.0]])
TARGETS = torch.tensor([0, 1, 1, 2, 2])  # the first maximum of each row is 0, 1, 0, 2, 0: three right


def test_evaluate_counts_samples_and_not_batches():
    assert evaluate(nn.Identity(), ordered_batches(SCORES, TARGETS, batch_size=2)) == pytest.approx(3 / 5)


def test_evaluate_runs_in_eval_mode_without_a_graph_and_restores_every_mode():
    class Spy(nn.Module):
        def forward(self, input):
            assert not self.training
            assert not torch.is_grad_enabled()
            return input

    model = nn.Sequential(Spy(), nn.Dropout(0.9))
    model.train()
    model[0].eval()
    assert evaluate(model, [(SCORES, TARGETS)]) == pytest.approx(3 / 5)
    assert [module.training for module in model.modules()] == [True, False, True]
    assert torch.is_grad_enabled()


def test_evaluate_restores_the_mode_after_an_error():
    model = nn.Sequential(nn.Linear(99, 2)).train()
    with pytest.raises(RuntimeError):
        evaluate(model, [(SCORES, TARGETS)])
    assert model.training


def test_evaluate_refuses_an_empty_set():
    with pytest.raises(ValueError, match="`batches` must hold at least one sample, not 0"):
        evaluate(nn.Identity(), [])


def test_predict_keeps_the_order():
    logits, targets = predict(nn.Identity(), ordered_batches(SCORES, TARGETS, batch_size=2))
    assert torch.equal(logits, SCORES)
    assert torch.equal(targets, TARGETS)


def test_rows_of_the_confusion_matrix_are_true_classes():
    matrix = confusion_matrix(torch.tensor([1, 1, 0]), torch.tensor([0, 0, 0]), num_classes=3)
    assert matrix.tolist() == [[1, 2, 0], [0, 0, 0], [0, 0, 0]]
    assert matrix.dtype == torch.int64


def test_confusion_matrix_agrees_with_scikit_learn():
    from sklearn.metrics import confusion_matrix as oracle

    generator = torch.Generator().manual_seed(0)
    predictions, targets = torch.randint(5, (2, 200), generator=generator)
    expected = oracle(targets, predictions, labels=range(5))
    assert confusion_matrix(predictions, targets, 5).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("predictions", "targets", "num_classes", "message"),
    [
        ([0, 1], [0], 2, r"not \(2,\) and \(1,\)"),
        ([0, 2], [0, 1], 2, "`predictions` must be in 0..1 .* not from 0 to 2"),
        ([0, 1], [-1, 1], 2, "`targets` must be in 0..1"),
        ([0], [0], 0, "`num_classes` must be at least 1, not 0"),
    ],
)
def test_confusion_matrix_names_what_does_not_fit(predictions, targets, num_classes, message):
    with pytest.raises(ValueError, match=message):
        confusion_matrix(torch.tensor(predictions), torch.tensor(targets), num_classes)


def test_classification_report_agrees_with_scikit_learn():
    from sklearn.metrics import precision_recall_fscore_support

    report = classification_report(nn.Identity(), ordered_batches(SCORES, TARGETS, batch_size=2))
    expected = precision_recall_fscore_support(TARGETS, SCORES.argmax(dim=1), zero_division=0)
    for own, oracle in zip((report.precision, report.recall, report.f1, report.support), expected, strict=True):
        assert own.tolist() == pytest.approx(oracle.tolist())
    assert report.accuracy == pytest.approx(3 / 5)


def test_a_class_that_never_occurs_counts_as_zero():
    report = classification_report(nn.Identity(), [(SCORES[:1], TARGETS[:1])])
    assert report.recall.tolist() == [1, 0, 0]
    assert report.f1.tolist() == [1, 0, 0]


def test_the_report_prints_as_a_table():
    assert str(classification_report(nn.Identity(), [(SCORES, TARGETS)])).splitlines() == [
        "class precision recall    f1 support",
        "    0     0.333  1.000 0.500       1",
        "    1     1.000  0.500 0.667       2",
        "    2     1.000  0.500 0.667       2",
        "accuracy 0.600 over 5 samples",
    ]
