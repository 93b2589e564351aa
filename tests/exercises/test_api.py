"""The check: whatever an answer does, a report comes back, and it names what is wrong."""

import json
import sys
from contextlib import ExitStack

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnncourse.checking.runner import Opaque
from cnncourse.checking.source import PRACTICE_IMPORTS
from cnncourse.exercises import check, exercise, exercises, hint, solution, solved
from cnncourse.exercises.registry import checker_for


def right(image, kernel):
    return solved("corr2d")(image, kernel)


class EqualToEverything:
    def __eq__(self, other):
        return True

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self


class DisguisedTensor(torch.Tensor):
    pass


class UnprintableError(Exception):
    def __str__(self):
        raise RuntimeError("no message")


def raises_unprintable(image, kernel):
    raise UnprintableError


def exits(image, kernel):
    sys.exit(0)


def recurses(image, kernel):
    return recurses(image, kernel)


def prints(image, kernel):
    print(right(image, kernel))


def changes_its_argument(image, kernel):
    result = right(image, kernel)
    image += 1
    return result


def switches_grad_mode_off(image, kernel):
    torch.set_grad_enabled(False)
    return right(image, kernel)


def switches_the_default_dtype(image, kernel):
    torch.set_default_dtype(torch.float64)
    return right(image, kernel)


WRONG = {
    "raises an exception": lambda image, kernel: 1 / 0,
    "raises an exception without a readable message": raises_unprintable,
    "exits": exits,
    "never stops calling itself": recurses,
    "returns None": lambda image, kernel: None,
    "returns a string": lambda image, kernel: "19 25 37 43",
    "returns NaN": lambda image, kernel: right(image, kernel) * float("nan"),
    "returns infinity": lambda image, kernel: right(image, kernel).double() + float("inf"),
    "prints instead of returning": prints,
    "returns an object equal to everything": lambda image, kernel: EqualToEverything(),
    "returns a subclass of Tensor": lambda image, kernel: right(image, kernel).as_subclass(DisguisedTensor),
    "returns a sparse tensor": lambda image, kernel: right(image, kernel).to_sparse(),
    "returns a tensor without data": lambda image, kernel: right(image, kernel).to("meta"),
    "returns complex numbers": lambda image, kernel: right(image, kernel).to(torch.complex64),
    "returns a NumPy array": lambda image, kernel: right(image, kernel).numpy(),
    "returns nested lists": lambda image, kernel: right(image, kernel).tolist(),
    "returns the function itself": lambda image, kernel: right,
    "takes no arguments": lambda: None,
    "takes too many arguments": lambda image, kernel, stride: right(image, kernel),
    "changes its argument in place": changes_its_argument,
    "leaves grad mode off": switches_grad_mode_off,
    "leaves another default dtype": switches_the_default_dtype,
}


@pytest.mark.parametrize("behaviour", WRONG)
def test_a_wrong_answer_fails_and_raises_nothing(behaviour):
    report = check("corr2d", WRONG[behaviour])
    assert report.status == "failed"
    assert not report.passed
    assert report.score < 1
    assert report.sentence
    assert str(report)
    assert report._repr_html_()
    json.dumps(report.to_dict(), allow_nan=False)


@pytest.mark.parametrize("answer", [3, "corr2d", [], EqualToEverything(), object()], ids=lambda a: type(a).__name__)
def test_an_answer_that_is_no_function_fails(answer):
    assert check("corr2d", answer).status == "failed"


def loop_over_numbers(image, kernel):
    output = []
    for row in range(len(image) - len(kernel) + 1):
        output.append([])
        for column in range(image.shape[1] - kernel.shape[1] + 1):
            patch = image[row : row + len(kernel), column : column + kernel.shape[1]]
            output[-1].append(sum(float(a) * float(b) for a, b in zip(patch.flatten(), kernel.flatten(), strict=True)))
    return torch.tensor(output)


def by_einsum(image, kernel):
    kh, kw = kernel.shape
    return torch.einsum("rcij,ij->rc", image.unfold(0, kh, 1).unfold(1, kw, 1), kernel)


def noisy(image, kernel):
    print("working on it", file=sys.stderr)
    return right(image, kernel)


RIGHT = {
    "loops over numbers": loop_over_numbers,
    "einsum over a strided view": by_einsum,
    "double precision": lambda image, kernel: right(image.double(), kernel.double()),
    "single precision": lambda image, kernel: right(image.float(), kernel.float()),
    "noise on the streams": noisy,
    "a result that requires a gradient": lambda image, kernel: right(image, kernel).float().requires_grad_(),
    "other parameter names": lambda X, K: right(X, K),
    "a result that is a strided view": lambda image, kernel: right(image, kernel).T.contiguous().T,
}


@pytest.mark.parametrize("style", RIGHT)
def test_a_right_answer_passes_in_any_honest_style(style):
    report = check("corr2d", RIGHT[style])
    assert report.passed, str(report)
    assert report.score == 1
    assert report.misconception is None


@pytest.mark.parametrize(
    "call",
    [
        lambda image, kernel: F.conv2d(image[None, None], kernel[None, None])[0, 0],
        lambda image, kernel: torch.conv2d(image[None, None], kernel[None, None])[0, 0],
        lambda image, kernel: torch.ops.aten.convolution(
            image[None, None], kernel[None, None], None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1
        )[0, 0],
        lambda image, kernel: F.conv_transpose2d(image[None, None], kernel[None, None])[0, 0],
    ],
)
def test_a_refused_call_is_told_so(call):
    report = check("corr2d", call)
    assert not report.passed
    assert "asks you to build" in report.sentence


def test_an_unwritten_stub_is_not_attempted():
    def corr2d(image, kernel):
        raise NotImplementedError

    report = check(corr2d)
    assert report.status == "not attempted"
    assert report.score == 0
    assert "Write its body" in str(report)


def test_a_missing_answer_is_not_attempted():
    assert check("corr2d").status == "not attempted"


def test_a_known_mistake_is_named():
    report = check("corr2d", lambda image, kernel: right(image, kernel.flip(0, 1)))
    assert report.misconception == "flipped-kernel"
    assert "flipped" in str(report)


def test_the_smallest_failing_call_is_shown_as_called_returned_expected():
    report = check("corr2d", lambda image, kernel: right(image, kernel) + 1)
    assert [label for label, _ in report.call] == ["called", "returned", "expected"]
    assert report.failing.case.size == min(result.case.size for result in report.results)


def test_the_shape_is_told_before_the_values():
    report = check("corr2d", lambda image, kernel: torch.zeros(7, 9))
    assert report.sentence == "It has shape (7, 9), expected (1, 1)."


def test_the_same_answer_gets_the_same_report():
    def guess(image, kernel):
        return right(image, kernel).float() + torch.randn(()) + np.random.rand()  # noqa: NPY002

    assert str(check("corr2d", guess)) == str(check("corr2d", guess))


def test_fresh_cases_come_from_the_seed():
    inputs = [[r.case.inputs for r in check("corr2d", right, seed=seed).results][-1]["image"] for seed in (1, 1, 2)]
    assert torch.equal(inputs[0], inputs[1])
    assert inputs[0].shape != inputs[2].shape or not torch.equal(inputs[0], inputs[2])


def test_a_check_leaves_the_global_random_state_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    check("corr2d", lambda image, kernel: torch.rand(1))
    assert torch.equal(torch.rand(3), expected)


def test_a_check_leaves_grad_mode_and_default_dtype_alone():
    check("corr2d", switches_grad_mode_off)
    check("corr2d", switches_the_default_dtype)
    assert torch.is_grad_enabled()
    assert torch.get_default_dtype() is torch.float32


def test_ctrl_c_passes_through():
    def interrupted(image, kernel):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("corr2d", interrupted)


@pytest.mark.parametrize(
    "name", ["corr3d", "", 3, None, lambda image: image, EqualToEverything()], ids=lambda name: type(name).__name__
)
def test_an_unknown_name_is_a_key_error(name):
    with pytest.raises(KeyError, match="there is no exercise"):
        check(name)


def test_an_unknown_name_hears_the_nearest_ones():
    with pytest.raises(KeyError, match="corr2d"):
        check("cor2d", right)


def test_a_hint_beyond_the_last_is_refused():
    with pytest.raises(ValueError, match="`level` must be 1 to 3 for corr2d, not 9"):
        hint("corr2d", 9)


def test_the_box_shows_prompt_stub_hints_and_solution_from_the_record():
    (record,) = [known for known in exercises() if known.name == "corr2d"]
    shown = exercise("corr2d")._repr_markdown_()
    assert record.prompt.strip() in shown
    assert record.stub() in shown
    assert record.source in shown
    assert all(text in shown for text in record.hints)


def test_a_solution_shows_its_source():
    assert "def corr2d(image, kernel)" in str(solution("corr2d"))


def test_progress_is_kept_unless_told_otherwise(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("CNNCOURSE_NO_PROGRESS", raising=False)
    check("corr2d", solved("corr2d"))
    assert list(tmp_path.iterdir()) == []
    check("corr2d", lambda image, kernel: None)
    assert "corr2d" in str(exercises())
    statuses = {row[1]: row[4] for row in exercises().rows}
    assert statuses["corr2d"] == "failed"
    check("corr2d", right)
    check("corr2d", lambda image, kernel: None)
    assert {row[1]: row[4] for row in exercises().rows}["corr2d"] == "passed"
    monkeypatch.setenv("CNNCOURSE_NO_PROGRESS", "1")
    check("convolve2d", lambda image, kernel: None)
    assert {row[1]: row[4] for row in exercises().rows}["convolve2d"] == "open"


def test_an_opaque_value_equals_no_plain_one():
    assert Opaque("an object") != torch.zeros(1)


SETTINGS = {
    "another default dtype": lambda stack: (
        stack.callback(torch.set_default_dtype, torch.float32),
        torch.set_default_dtype(torch.float64),
    ),
    "another default device": lambda stack: (
        stack.callback(torch.set_default_device, None),
        torch.set_default_device("meta"),
    ),
    "a device for a while": lambda stack: stack.enter_context(torch.device("meta")),
    "inference mode": lambda stack: stack.enter_context(torch.inference_mode()),
    "no gradients": lambda stack: stack.enter_context(torch.no_grad()),
    "autocast": lambda stack: stack.enter_context(torch.autocast("cpu")),
    "errors for overflow": lambda stack: stack.enter_context(np.errstate(all="raise")),
    "quick matrix products": lambda stack: (
        stack.callback(torch.set_float32_matmul_precision, "highest"),
        torch.set_float32_matmul_precision("medium"),
    ),
}


@pytest.mark.parametrize("name", ["corr2d", "learn_kernel", "build_feature_stack", "softmax"])
@pytest.mark.parametrize("change", SETTINGS)
def test_the_settings_of_a_session_decide_nothing(name, change):
    namespace = {}
    exec(f"{PRACTICE_IMPORTS}\n{solution_source(name)}", namespace)
    checker_for.cache_clear()  # the cases are made under these settings, too
    with ExitStack() as stack:
        SETTINGS[change](stack)
        before = settings_now()
        accepted, refused = check(name, namespace[name]), check(name, lambda *args, **kwargs: torch.zeros(3))
        assert settings_now() == before
        assert accepted.passed, str(accepted)
        assert str(refused)
        assert refused._repr_html_()
    assert refused.status == "failed"


def solution_source(name):
    return next(known for known in exercises() if known.name == name).source


def settings_now():
    return (
        torch.get_default_dtype(),
        torch.zeros(1).device,
        torch.is_inference_mode_enabled(),
        torch.is_grad_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.get_float32_matmul_precision(),
        np.geterr(),
    )


@pytest.mark.parametrize("change", ["another default dtype", "another default device"])
def test_an_answer_that_leaves_settings_behind_is_still_noticed(change):
    def corr2d(image, kernel):
        result = right(image, kernel)
        torch.set_default_dtype(torch.float16)
        return result

    with ExitStack() as stack:
        SETTINGS[change](stack)
        assert check(corr2d).status == "failed"
