"""The audit of the bank: every record, every misconception and every variant keeps its promise."""

import ast
import builtins
import inspect
import json
import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from cnncourse.checking.checker import Checker
from cnncourse.checking.runner import decode
from cnncourse.checking.source import PRACTICE_IMPORTS
from cnncourse.exercises.registry import CHAPTERS, bank, checker_for

SEEDS = (0, 1, 2)
CONTRACT = {
    "calculate_output_shape": ("convolution", "(image_size, kernel, stride, padding)"),
    "corr2d": ("convolution", "(image, kernel)"),
    "convolve2d": ("convolution", "(image, kernel)"),
    "conv2d": ("convolution", "(input, weight, bias=None, stride=1, padding=0)"),
    "same_padding": ("convolution", "(input_size, kernel_size, stride)"),
    "edge_kernel": ("convolution", "(direction)"),
    "learn_kernel": ("convolution", "(image, target, kernel_size, learning_rate=0.03, steps=200)"),
    "count_parameters": ("channels", "(in_channels, out_channels, kernel_size, bias=True, groups=1)"),
    "pointwise_conv": ("channels", "(input, weight, bias=None)"),
    "channel_sums": ("channels", "(weight)"),
    "to_channels_first": ("channels", "(images)"),
    "max_pool2d": ("pooling", "(input, kernel_size, stride=None, padding=0)"),
    "avg_pool2d": ("pooling", "(input, kernel_size, stride=None, padding=0, count_include_pad=True)"),
    "max_pool2d_backward": ("pooling", "(grad_output, input, kernel_size, stride=None)"),
    "im2col": ("im2col", "(input, kernel_size, stride=1, padding=0)"),
    "conv2d_im2col": ("im2col", "(input, weight, bias=None, stride=1, padding=0)"),
    "col2im": ("im2col", "(columns, input_shape, kernel_size, stride=1, padding=0)"),
    "conv2d_backward": ("im2col", "(grad_output, input, weight, stride=1, padding=0)"),
    "softmax": ("training", "(logits)"),
    "cross_entropy": ("training", "(logits, targets)"),
    "label_smoothing_loss": ("training", "(logits, targets, smoothing)"),
    "sgd_step": ("training", "(parameters, learning_rate)"),
    "kaiming_std": ("training", "(weight_shape, nonlinearity)"),
    "minibatches": ("training", "(inputs, targets, batch_size, generator=None)"),
    "train_one_epoch": ("training", "(model, batches, loss_fn, optimizer)"),
    "evaluate": ("training", "(model, batches)"),
    "confusion_matrix": ("training", "(predictions, targets, num_classes)"),
    "build_feature_stack": ("training", "()"),
    "FashionCNN": ("training", "()"),
    "batch_norm2d": (
        "training",
        "(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-05)",
    ),
    "dropout": ("training", "(input, p, training, generator=None)"),
    "ResidualBlock": ("architectures", "(in_channels, out_channels, stride=1)"),
    "DepthwiseSeparable": ("architectures", "(in_channels, out_channels, kernel_size=3, stride=1)"),
    "receptive_field": ("architectures", "(layers)"),
    "random_shift": ("better_training", "(images, max_shift, generator)"),
    "ema_update": ("better_training", "(averaged, current, decay)"),
    "expected_calibration_error": ("better_training", "(probabilities, targets, num_bins)"),
    "activation_maps": ("interpretation", "(model, image, layer_name)"),
    "occlusion_map": ("interpretation", "(model, image, target, patch_size, stride, fill=0.0)"),
    "grad_cam": ("interpretation", "(activations, gradients)"),
    "train_detector": ("interpretation", "(images, labels, digit, epochs=20, generator=None)"),
}
REFUSES = {
    **dict.fromkeys(("corr2d", "convolve2d", "conv2d_im2col", "conv2d_backward", "pointwise_conv"), ("convolution",)),
    "conv2d": ("convolution", "unfold"),
    "im2col": ("unfold",),
    "col2im": ("fold",),
    "softmax": ("softmax",),
    "cross_entropy": ("cross_entropy",),
    "label_smoothing_loss": ("cross_entropy",),
}

each_exercise = pytest.mark.parametrize("exercise", bank().values(), ids=bank())
each_mistake = pytest.mark.parametrize(
    ("exercise", "known"),
    [
        pytest.param(exercise, known, id=f"{exercise.name}-{known.id}")
        for exercise in bank().values()
        for known in exercise.mistakes
    ],
)
each_variant = pytest.mark.parametrize(
    ("exercise", "variant"),
    [
        pytest.param(exercise, variant, id=f"{exercise.name}-{variant.id}")
        for exercise in bank().values()
        for variant in exercise.variants
    ],
)
each_seed = pytest.mark.parametrize("seed", SEEDS)


def run(source, name):
    """Run a source as a learner's notebook would, and return what it defines."""
    namespace = {}
    exec(f"{PRACTICE_IMPORTS}\n\n{source}", namespace)
    return namespace[name]


def report(exercise, answer, seed=0):
    checker = checker_for(exercise.name, seed)
    return checker.report(checker.observe(answer))


IDS = json.loads(Path(__file__).with_name("ids_of_version_0_1.json").read_text())


@pytest.mark.parametrize("name", IDS)
def test_ids_of_version_0_1_are_still_there(name):
    record = bank()[name]
    assert {known.id for known in record.mistakes} >= set(IDS[name]["mistakes"])
    assert {variant.id for variant in record.variants} >= set(IDS[name]["variants"])


def parameters(answer):
    return list(inspect.signature(answer).parameters)


def test_the_bank_holds_the_contract_in_order():
    assert {name: (record.chapter, record.signature.removeprefix(name)) for name, record in bank().items()} == CONTRACT
    assert list(bank()) == list(CONTRACT)
    assert list(dict.fromkeys(record.chapter for record in bank().values())) == list(CHAPTERS)


@each_exercise
def test_the_record_is_in_the_folder_of_its_chapter(exercise):
    assert exercise.solved.__module__.startswith(f"cnncourse.exercises.{exercise.chapter}.")


@each_exercise
def test_what_is_to_be_built_is_refused(exercise):
    assert exercise.refuses == REFUSES.get(exercise.name, ())


@each_seed
@each_exercise
def test_the_solution_stands_alone_and_passes(exercise, seed):
    result = report(exercise, run(exercise.source, exercise.name), seed)
    assert result.passed, str(result)


@each_exercise
def test_the_stub_is_not_attempted(exercise):
    assert report(exercise, run(exercise.stub(), exercise.name)).status == "not attempted"


@each_exercise
def test_the_stub_shows_the_signature_and_nothing_of_the_solution(exercise):
    stub = run(exercise.stub(), exercise.name)
    assert parameters(stub) == parameters(exercise.solved)
    functions = [node for node in ast.walk(ast.parse(exercise.stub())) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        *documented, last = function.body
        assert isinstance(last, ast.Raise)
        assert len(documented) == (ast.get_docstring(function) is not None)


@each_exercise
def test_the_docstring_describes_the_parameters_in_order(exercise):
    documentation = inspect.getdoc(exercise.solved)
    section = re.search(r"Parameters\n-+\n(.*?)(?:\n\n[A-Z]\w+\n-+\n|\Z)", documentation, re.DOTALL)
    described = re.findall(r"^(\w[\w, ]*) :", section[1], re.MULTILINE) if section else []
    assert [name for line in described for name in line.split(", ")] == parameters(exercise.solved)


@each_exercise
def test_the_prompt_names_only_what_there_is(exercise):
    namespace = {"Tensor": torch.Tensor, **vars(builtins), **vars(F)}
    exec(PRACTICE_IMPORTS, namespace)
    known = {*parameters(exercise.solved), *bank(), *dir(torch.Tensor)}
    for name in re.findall(r"`([A-Za-z_][\w.]*)`", "\n".join([exercise.prompt, *exercise.out_of_scope])):
        head, *rest = name.split(".")
        if head not in known:
            value = namespace[head]
            for attribute in rest:
                value = getattr(value, attribute)


@each_exercise
def test_there_are_hints_misconceptions_and_facts(exercise):
    assert len(exercise.hints) >= 3
    assert len({hint.strip() for hint in exercise.hints} - {""}) == len(exercise.hints)
    assert len(exercise.mistakes) >= 3
    assert exercise.prompt.strip()
    assert exercise.objectives
    assert 2 <= exercise.points <= 10
    assert 3 <= exercise.minutes <= 60
    earlier = list(bank())[: list(bank()).index(exercise.name)]
    assert set(exercise.prerequisites) <= set(earlier)


@each_exercise
def test_visible_cases_come_first_and_every_case_has_a_note(exercise):
    cases = exercise.cases(0)
    assert cases[: len(exercise.visible)] == list(exercise.visible)
    assert all(case.note for case in cases)


@each_exercise
def test_cases_depend_on_the_seed_alone(exercise):
    def material(seed):
        return [exercise.material(case) for case in exercise.cases(seed)]

    assert material(1) == material(1)


@each_exercise
def test_misconceptions_are_named_and_written_for_the_learner(exercise):
    ids = [known.id for known in exercise.mistakes]
    assert len(set(ids)) == len(ids)
    for known in exercise.mistakes:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", known.id)
        assert re.match(r"[A-Z`]", known.sentence)
        assert known.sentence.endswith((".", ".)"))
        assert len(known.sentence) < 220


@each_exercise
def test_a_mistake_takes_the_calls_that_the_solution_takes(exercise):
    for case in exercise.cases(0):
        if case.probe == "call":
            call = decode(exercise.material(case))
            for known in exercise.mistakes:
                for way in filter(inspect.isfunction, known.ways):
                    inspect.signature(way).bind(*call["args"], **call["kwargs"])


@each_seed
@each_mistake
def test_a_mistake_is_caught_and_named_as_itself(exercise, known, seed):
    checker = checker_for(exercise.name, seed)
    for behind, observed in checker.behaviours:
        if behind is known:
            result = checker.report(observed)
            assert result.status == "failed"
            assert result.misconception == known.id, str(result)
            assert known.sentence in str(result)


@each_seed
@each_exercise
def test_no_two_mistakes_behave_alike(exercise, seed):
    checker = checker_for(exercise.name, seed)
    for index, (known, behaviour) in enumerate(checker.behaviours):
        for other, other_behaviour in checker.behaviours[:index]:
            pairs = zip(checker.cases, behaviour, other_behaviour, strict=True)
            alike = all(exercise.agree(case, one, another) for case, one, another in pairs)
            assert known is other or not alike, f"{known.id} and {other.id}"


def failing_with(error):
    def answer(*args, **kwargs):
        raise error

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        *(failing_with(kind("no")) for kind in (RuntimeError, TypeError, ValueError, IndexError, AttributeError)),
        lambda *args, **kwargs: None,
        lambda *args, **kwargs: 1 + 1j,
    ],
    ids=["RuntimeError", "TypeError", "ValueError", "IndexError", "AttributeError", "None", "complex"],
)
@each_exercise
def test_an_answer_that_is_no_answer_is_wrong_and_gets_no_name(exercise, answer):
    result = report(exercise, answer)
    assert result.status == "failed"
    does_nothing = exercise.name == "sgd_step" and result.failing.observed.outcome == "returned"
    assert result.misconceptions == (("gradients-not-cleared", "does-not-move") if does_nothing else ()), str(result)


def takes_tensors(exercise):
    """Whether an exercise is a plain call with tensors among its arguments."""
    values = [value for case in exercise.visible for value in case.inputs.values()]
    return any(map(torch.is_tensor, values)) and all(case.probe == "call" for case in exercise.visible)


@pytest.mark.parametrize("exercise", list(filter(takes_tensors, bank().values())), ids=lambda exercise: exercise.name)
def test_a_right_answer_that_changes_its_argument_is_told_so(exercise):
    def answer(*args, **kwargs):
        result = exercise.solved(*args, **kwargs)
        for value in (*args, *kwargs.values()):
            if torch.is_tensor(value):
                value += 1
        return result

    result = report(exercise, answer)
    assert result.status == "failed"
    assert {found.mismatch.kind for found in result.results if found.mismatch} == {"changed"}


@each_exercise
def test_the_same_answer_gets_the_same_report(exercise):
    wrong = exercise.mistakes[0].ways[0]
    assert str(report(exercise, wrong)) == str(report(exercise, wrong))


@each_exercise
def test_variants_have_names_and_rules(exercise):
    ids = [variant.id for variant in exercise.variants]
    assert len(set(ids)) == len(ids)
    for variant in exercise.variants:
        assert variant.rule.endswith(".")
        assert parameters(variant.solved) == parameters(exercise.solved)


@each_seed
@each_variant
def test_a_variants_solution_stands_alone_and_passes_under_its_rule(exercise, variant, seed):
    checker = Checker(exercise, seed, variant)
    result = checker.report(checker.observe(run(exercise.solution(variant), exercise.name)))
    assert result.passed, str(result)


@each_seed
@each_variant
def test_the_published_solution_fails_a_variant(exercise, variant, seed):
    checker = Checker(exercise, seed, variant)
    assert any(checker.mismatches(checker.observe(exercise.solved)))


@each_variant
def test_a_variants_solution_fails_the_published_rule(exercise, variant):
    assert not report(exercise, variant.solved).passed


@each_variant
def test_a_variants_stub_is_not_attempted(exercise, variant):
    checker = Checker(exercise, 0, variant)
    stub = run(exercise.stub(variant), exercise.name)
    assert checker.report(checker.observe(stub)).status == "not attempted"


@each_variant
def test_a_variants_stub_has_the_variants_docstring_and_describes_every_parameter(exercise, variant):
    documentation = ast.get_docstring(ast.parse(exercise.stub(variant)).body[0])
    summary = " ".join(documentation.partition("\n\n")[0].split())
    assert summary == " ".join(inspect.getdoc(variant.solved).partition("\n\n")[0].split())
    assert exercise.stub(variant) != exercise.stub()
    assert all(re.search(rf"^{name}\b|, {name}\b", documentation, re.MULTILINE) for name in parameters(exercise.solved))


def test_docstrings_of_stubs_are_at_most_72_characters_wide():
    for record in bank().values():
        for variant in (None, *record.variants):
            lines = record.stub(variant).splitlines()
            wide = [line for line in lines if len(line) > 72 and not line.lstrip().startswith("def ")]
            assert wide == [], record.name
