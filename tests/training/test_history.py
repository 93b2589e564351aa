import pytest

from cnncourse.training import History


@pytest.fixture
def history():
    history = History()
    history.append(epoch=1, train_loss=0.75, validation_loss=0.8, validation_accuracy=0.5, learning_rate=0.01)
    history.append(epoch=2, train_loss=0.25, validation_loss=0.3, validation_accuracy=0.875, learning_rate=0.0)
    return history


def test_columns_and_rows_are_reached_by_name_and_number(history):
    assert history["train_loss"] == [0.75, 0.25]
    assert history[-1]["epoch"] == 2
    assert [record["epoch"] for record in history] == [1, 2]
    assert len(history) == 2


def test_an_unknown_column_is_answered_with_the_known_ones(history):
    with pytest.raises(KeyError, match="no column 'loss' in this history; it has epoch, train_loss"):
        history["loss"]


def test_html_is_a_table_that_is_the_same_every_time(history):
    html = history._repr_html_()
    assert html == history._repr_html_()
    assert html.count("<tr>") == 3
    assert "<td>0.8750</td>" in html
    assert '<th scope="col">validation accuracy</th>' in html


def test_the_note_is_shown_below_the_table(history):
    history.note = "interrupted"
    assert repr(history).splitlines()[-1] == "interrupted"
    assert history._repr_html_().endswith("<p>interrupted</p>")


def test_an_empty_history_says_so():
    assert repr(History()) == "History(no epochs yet)"


def test_plot_draws_losses_and_accuracy_in_two_panels(history):
    axes = history.plot()
    assert [ax.get_ylabel() for ax in axes] == ["loss", "accuracy"]
    assert [len(ax.get_lines()) for ax in axes] == [2, 1]
