"""Known mistakes are named if they explain what is wrong, two at a time if need be, and never beside the point."""

import pytest
import torch
import torch.nn.functional as F

from cnncourse.checking.compare import alike
from cnncourse.checking.record import case
from cnncourse.checking.report_html import prose
from cnncourse.exercises.registry import bank, checker_for


def report(name, answer):
    checker = checker_for(name)
    return checker.report(checker.observe(answer))


def edited(name, *edits):
    return bank()[name].edited(*edits)


@pytest.mark.parametrize(
    ("name", "edits", "ids"),
    [
        (
            "conv2d",
            ("patch, weight", "patch, weight.flip(2, 3)", "sh, sw = ", "sw, sh = "),
            "flipped-kernel swapped-stride",
        ),
        ("softmax", (" - logits.max(dim=1, keepdim=True).values", "", "dim=1", "dim=0"), "over-samples overflow"),
        ("sgd_step", ("-=", "+=", "parameter.grad = None", "pass"), "gradients-not-cleared uphill"),
        (
            "conv2d_backward",
            ("[:, :, ph : ph + height, pw : pw + width]", "", "grad_output.sum", "grad_output.mean"),
            "bias-mean not-cropped",
        ),
    ],
)
def test_two_mistakes_are_both_named(name, edits, ids):
    found = report(name, edited(name, *edits))
    assert sorted(found.misconceptions) == ids.split()
    assert found.misconception == found.misconceptions[0]
    assert found.more[0].startswith("There is a second mistake: ")
    assert found.more[0] in str(found)
    assert prose(found.more[0]) in found._repr_html_()


def test_a_mistake_that_explains_few_of_the_wrong_cases_is_not_named():
    def wrong_and_overflowing(logits, targets):
        exponentials = (2 * logits).exp()
        return -(exponentials / exponentials.sum(1, keepdim=True))[torch.arange(len(targets)), targets].log().mean()

    assert report("cross_entropy", wrong_and_overflowing).misconceptions == ()


def test_the_case_that_is_shown_is_one_where_the_first_mistake_shows_alone():
    edits = ("[:, :, ph : ph + height, pw : pw + width]", "", "grad_output.sum", "grad_output.mean")
    found = report("conv2d_backward", edited("conv2d_backward", *edits))
    assert found.misconceptions == ("bias-mean", "not-cropped")
    assert found.failing.first
    assert found.failing.case.inputs.get("padding", 0) == 0


def test_a_buffer_of_floats_hides_no_mistake():
    def flipped(image, kernel):
        output = torch.zeros(image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1)
        for row in range(output.shape[0]):
            for column in range(output.shape[1]):
                window = image[row : row + kernel.shape[0], column : column + kernel.shape[1]]
                output[row, column] = (window * kernel.flip(0, 1)).sum()
        return output

    assert report("corr2d", flipped).misconceptions == ("flipped-kernel",)


def test_beside_an_enormous_number_small_ones_still_differ():
    assert not alike(case("one"), torch.tensor([1e20, 0.0]), torch.tensor([1e20, -1e9]))
    assert alike(case("one"), torch.tensor([1e20, 1.0]), torch.tensor([1e20 * (1 + 1e-7), 1.0 + 1e-7]))


def test_another_missing_part_is_not_the_part_that_is_missing():
    assert report("conv2d_backward", lambda grad_output, input, weight, stride=1, padding=0: input).misconceptions == ()


def test_an_input_that_was_changed_excuses_no_name():
    def in_place(input, p, training, generator=None):
        if not training:
            return input
        input *= torch.rand(input.shape, generator=generator) >= p
        return input / (1 - p) if p < 1 else input

    assert report("dropout", in_place).misconceptions == ()


def test_other_causes_are_counted():
    def flipped_and_off(image, kernel):
        return bank()["corr2d"].solved(image, kernel.flip(0, 1)) + (image.shape == (1, 1))

    found = report("corr2d", flipped_and_off)
    assert found.misconceptions == ("flipped-kernel",)
    assert found.more == ("Of the 13 wrong cases, 1 has another cause as well.",)


@pytest.mark.parametrize(
    ("name", "answer", "sentence"),
    [
        (
            "conv2d",
            lambda input, weight, bias=None, stride=1, padding=0: (
                bank()["conv2d"].solved(input, weight, bias, stride, padding) + (padding != 0)
            ),
            "It is right for padding 0, and wrong as soon as there is padding.",
        ),
        (
            "corr2d",
            lambda image, kernel: bank()["corr2d"].solved(image, kernel) + (kernel.shape[0] != kernel.shape[1]),
            "It is right for square kernels only, and wrong for others.",
        ),
        ("corr2d", lambda image, kernel: F.pad(image, (3, 3)), "It is wrong in every case."),
    ],
)
def test_an_unnamed_failure_says_what_sets_its_cases_apart(name, answer, sentence):
    found = report(name, answer)
    assert found.misconceptions == ()
    assert found.more == (sentence,)
    assert sentence in str(found)


def test_numbers_have_enough_digits_to_see_the_difference():
    found = report("softmax", lambda logits: torch.softmax(logits.double(), 1) * (1 + 1e-4))
    assert found.misconceptions == ()
    texts = dict(found.call)
    assert texts.get("returned") != texts.get("expected")


def test_a_part_of_a_tuple_is_called_by_its_name():
    assert bank()["conv2d_backward"].parts == ("grad_input", "grad_weight", "grad_bias")
    found = report("conv2d_backward", edited("conv2d_backward", "dim=(0, 2, 3))", "dim=(0, 2, 3), keepdim=True)"))
    assert "grad_bias has shape (1, 1, 1, 1), expected (1,)." in str(found)
