"""A mark is made of rules: what cases vary. One slip costs one rule."""

import pytest

from cnncourse.checking.checker import Checker
from cnncourse.checking.marking import broken_rules, mark, weights
from cnncourse.exercises.registry import bank, find

QUICK = [name for name in bank() if name not in ("learn_kernel", "train_detector", "build_feature_stack", "FashionCNN")]


@pytest.mark.parametrize(
    ("wrong", "broken"),
    [
        ([], set()),
        ([("padding",)], {"padding"}),
        ([("padding",), ("padding", "stride", "bias")], {"padding"}),
        ([("padding", "stride")], {"padding", "stride"}),
        ([("padding",), ("bias", "stride")], {"padding", "bias", "stride"}),
        ([("padding",), ("stride",), ("bias", "stride")], {"padding", "stride"}),
    ],
)
def test_a_wrong_case_of_several_rules_breaks_them_all_unless_one_broke_alone(wrong, broken):
    assert broken_rules(wrong) == broken


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        ("padding-ignored", "7 of 8 rules: right without padding."),
        ("stride-ignored", "7 of 8 rules: right without strides."),
        ("bias-per-channel", "7 of 8 rules: right without the bias."),
        ("bias-ignored", "7 of 8 rules: right without the bias."),
        ("first-image-for-all", "7 of 8 rules: right without batches."),
        ("flipped-kernel", "0 of 8 rules."),
    ],
)
def test_one_slip_in_conv2d_costs_one_rule(mistake, sentence):
    checker = Checker(find("conv2d"), 5)
    behaviour = next(observed for known, observed in checker.behaviours if known.id == mistake)
    assert mark(checker.report(behaviour)).sentence == sentence


@pytest.mark.parametrize("name", QUICK)
def test_the_solution_earns_everything_and_a_constant_next_to_nothing(name):
    checker = Checker(find(name), 5)
    assert mark(checker.report(checker.expected)).share == 1

    def raises(*args, **kwargs):
        raise ValueError("never")

    for constant in (lambda *args, **kwargs: None, lambda *args, **kwargs: 0, lambda *args, **kwargs: 1, raises):
        assert mark(checker.report(checker.observe(constant))).share == 0


def test_the_weights_name_every_rule():
    text = weights(Checker(find("softmax")).cases)
    assert text.startswith("These 4 rules count equally:\n\n- the plain case: the idea on a small input\n- batches")
    assert text.count("\n- ") == 4
