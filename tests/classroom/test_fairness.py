"""Answers of partial quality: each row has the answer, the marks that it deserves, and what its feedback says."""

import json

import pytest

from cnncourse.checking.checker import Checker
from cnncourse.checking.marking import mark
from cnncourse.checking.report import Report, Result
from cnncourse.checking.source import PRACTICE_IMPORTS
from cnncourse.classroom.course import Course
from cnncourse.exercises.registry import find

PAIR = "(padding, padding) if isinstance(padding, int) else padding"
RETURNED = "return output if bias is None else output + bias[:, None, None]"
FORMULA = "int((size + 2 * p - k) / s + 1)"
TABLE = [  # exercise, edits of its solution, least and largest share, words
    ("conv2d", (), 1, 1, "8 of 8 rules."),
    ("conv2d", ("kh, kw = weight.shape[2:]", "kh = kw = weight.shape[2]"), 0.7, 0.9, "right without kernel sizes"),
    ("conv2d", ("F.pad(input, (pw, pw, ph, ph))", "input"), 0.7, 0.9, "right without padding"),
    ("conv2d", ("    kh, kw = weight", "    sh = sw = 1\n    kh, kw = weight"), 0.7, 0.9, "right without strides"),
    ("conv2d", ("output + bias[:, None, None]", "output"), 0.7, 0.9, "right without the bias"),
    ("conv2d", ("F.pad(input,", "F.pad(input.double(),", "patch, weight)", "patch, weight.double())"), 1, 1, "8 of 8"),
    ("conv2d", ("F.pad(input,", "F.pad(input[:1],"), 0.7, 0.9, "right without batches"),
    ("conv2d", (PAIR, "(padding + 0, padding + 0)"), 0.7, 0.9, "right without padding"),
    ("conv2d", ("ph, pw = ", "pw, ph = ", "sh, sw = ", "sw, sh = "), 0.6, 0.8, "right without padding, strides"),
    ("conv2d", (RETURNED, f"print({RETURNED.removeprefix('return ')})"), 0, 0, "0 of 8 rules"),
    ("conv2d", (RETURNED, f"{RETURNED.replace('return ', 'return (')}).permute(0, 2, 3, 1)"), 0, 0, "0 of 8 rules"),
    ("corr2d", ("kh, kw = kernel.shape", "kh, _ = kernel.shape; kw = kh"), 0.6, 0.8, "right without unequal axes"),
    ("corr2d", ("* kernel)", "* kernel.flip(0, 1))"), 0, 0, "0 of 4 rules"),
    ("corr2d", ("return output", "return output.long()"), 0.6, 0.8, "right without number types"),
    ("max_pool2d", (), 1, 1, "9 of 9 rules."),
    ("max_pool2d", ("value=-torch.inf", "value=0"), 0.6, 0.9, "padding"),
    ("max_pool2d", ("stride = (kh, kw) if", "stride = 1 if"), 0.7, 0.9, "right without defaults"),
    ("softmax", (" - logits.max(dim=1, keepdim=True).values", ""), 0.6, 0.8, "right without extreme numbers"),
    ("softmax", ("dim=1", "dim=0"), 0, 0.3, "of 4 rules"),
    ("cross_entropy", (".mean()", ".sum()"), 0.6, 0.8, "right without batches"),
    ("sgd_step", ("parameter.grad = None", "pass"), 0.7, 0.9, "right without state"),
    ("sgd_step", ("parameter.grad is not None", "True"), 0.7, 0.9, "right without zeros"),
    ("batch_norm2d", (" * count / (count - 1)", ""), 0.7, 0.9, "right without state"),
    ("calculate_output_shape", ("room < 0", "False", "s < 1 or p < 0", "s == 0"), 0.7, 0.9, "right without refusals"),
    ("calculate_output_shape", ("room // s + 1", FORMULA), 1, 1, "6 of 6 rules."),
    ("calculate_output_shape", ("return output", "return [output[0]] * 2"), 0.7, 0.9, "right without unequal axes"),
    ("calculate_output_shape", ("return output", "raise ValueError"), 0, 0, "0 of 6 rules"),
    ("im2col", ("(pw, pw, ph, ph)", "(0, 0, 0, 0)"), 0.7, 0.9, "right without padding"),
    ("ResidualBlock", ("stride != 1 or ", ""), 0.7, 0.9, "right without strides"),
    ("ResidualBlock", (" + self.shortcut(input)", ""), 0, 0.2, "of 6 rules"),
    ("DepthwiseSeparable", ("kernel_size // 2", "1"), 0.7, 0.9, "right without kernel sizes"),
    ("DepthwiseSeparable", ("groups=in_channels, ", ""), 0, 0, "0 of 6 rules"),
    ("kaiming_std", ("5 / 3", "1.0"), 0.7, 0.9, "right without settings"),
    ("label_smoothing_loss", (".mean()\n", ".sum()\n"), 0.8, 0.9, "right without batches"),
    ("random_shift", ("2, count)", "2, 1)", ").tolist()", ").expand(2, count).tolist()"), 0.8, 0.9, "without batches"),
    ("random_shift", (", generator=generator", ""), 0.8, 0.9, "right without randomness"),
    ("random_shift", ("2 * max_shift + 1", "max(1, 2 * max_shift)"), 0.8, 0.9, "right without settings"),
    ("random_shift", ("torch.empty_like(images)", "images"), 0.8, 0.9, "right without state"),
    ("random_shift", ("top : top + height, left : left + width", ":height, :width"), 0.4, 0.6, "unequal axes, batches"),
    ("ema_update", ("values.is_floating_point()", "True"), 0.8, 0.9, "right without number types"),
    ("ema_update", ("no_grad", "enable_grad"), 0.8, 0.9, "right without modes"),
    ("ema_update", ("result = {}", "result = averaged"), 0.8, 0.9, "right without state"),
    ("ema_update", ("(1 - decay) * values", "values"), 0, 0, "0 of 7 rules"),
    ("expected_calibration_error", ("if inside.any():", "if True:"), 0.8, 0.9, "right without zeros"),
    ("expected_calibration_error", (").abs()", ")"), 0, 0.2, "of 8 rules"),
    ("expected_calibration_error", ("inside.sum().item() / len(targets)", "1 / num_bins"), 0.7, 0.8, "batches, zeros"),
    ("im2col", ("kw].reshape", "kw].permute(0, 2, 3, 1).reshape"), 0.7, 0.9, "right without channels"),
    ("conv2d", ("+ bias[", "+ input.shape[1] * bias["), 0.7, 0.9, "right without the bias"),
    ("evaluate", ("model.eval()", "pass"), 0.7, 0.9, "right without modes"),
    ("evaluate", ("model.train(was_training)", "pass"), 0.7, 0.9, "right without modes"),
    ("evaluate", ("no_grad", "enable_grad"), 0.7, 0.9, "right without modes"),
    ("evaluate", ("right / count", "torch.tensor(right / count)"), 0.7, 0.9, "right without number types"),
    ("evaluate", ("==", "!="), 0, 0, "0 of 6 rules"),
    ("activation_maps", ("hook.remove()", "pass"), 0.7, 0.9, "right without state"),
    ("activation_maps", (".clone()", ""), 0.7, 0.9, "right without state"),
    ("activation_maps", (".detach()", "", "no_grad", "enable_grad"), 0.7, 0.9, "right without modes"),
    ("activation_maps", ("hook.remove()", "hook.remove(); model.train()"), 0.7, 0.9, "right without modes"),
    ("activation_maps", ("model.get_submodule(layer_name)", "getattr(model, layer_name)"), 0.7, 0.9, "without layers"),
    ("activation_maps", ("output.detach()", "inputs[0].detach()"), 0, 0, "0 of 5 rules"),
    ("to_channels_first", (".float()", ".double()"), 0.7, 0.9, "right without number types"),
    ("to_channels_first", (" / 255", ""), 0, 0, "0 of 5 rules"),
    ("dropout", (" / (1 - p)", ""), 0.7, 0.9, "right without settings"),
    ("dropout", (", generator=generator", ""), 0.7, 0.9, "right without randomness"),
    ("dropout", ("if not training:", "if False:"), 0.7, 0.9, "right without modes"),
    ("dropout", ("if p == 1:", "if False:"), 0.7, 0.9, "right without extreme numbers"),
    ("dropout", ("return input * kept / (1 - p)", "return input"), 0.3, 0.45, "randomness, settings"),
]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("name", "edits", "least", "largest", "words"), TABLE)
def test_an_answer_earns_what_it_deserves(name, edits, least, largest, words, seed):
    checker = Checker(find(name), seed)
    namespace = {}
    exec(PRACTICE_IMPORTS + _edited(name, *edits), namespace)
    results = checker.observe(namespace[name])
    mismatches = checker.mismatches(results)
    marking = mark(_report(checker, results, mismatches))
    assert least <= marking.share <= largest, marking
    assert words in marking.sentence


@pytest.mark.sandbox
def test_a_slow_answer_earns_everything_and_a_syntax_slip_is_shown(tmp_path, run, bubblewrap):
    names = "conv2d", "corr2d", "softmax"
    assert run("assignment", "create", "ps1", "--exercises", ",".join(names), "--seed", "1", "--course", tmp_path) == 0
    answers = {
        "conv2d": _edited("conv2d", "    kh, kw = weight", "    import time; time.sleep(0.3)\n    kh, kw = weight"),
        "corr2d": _edited("corr2d", "* kernel).sum()", "* kernel.sum()"),  # a bracket is missing
        "softmax": find("softmax").source,
    }
    course = Course(tmp_path)
    notebook = json.loads((course.release("ps1") / "ps1.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = answers.get(cell["metadata"].get("nbgrader", {}).get("grade_id"), cell["source"])
    place = course.handed_in("student17", "ps1")
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps(notebook), encoding="utf-8")
    assert run("grade", "ps1", "--course", tmp_path) == 0
    verdict = json.loads((tmp_path / "autograded" / "student17" / "ps1" / "verdict.json").read_text(encoding="utf-8"))
    marks = {name: about["mark"] for name, about in verdict["exercises"].items()}
    assert marks == {"conv2d": 8, "corr2d": 0, "softmax": 3}
    assert verdict["status"] == "failed to run"  # and named in the list of those that need a look
    assert "SyntaxError" in " ".join(verdict["notes"])


def _edited(name, *edits):
    source = find(name).source
    for old, new in zip(edits[::2], edits[1::2], strict=True):
        assert old in source
        source = source.replace(old, new)
    return source


def _report(checker, observed, mismatches):
    """Make a report without naming the mistake, which takes a run of every known one."""
    quadruples = zip(checker.cases, observed, checker.expected, mismatches, strict=True)
    return Report(checker.exercise, tuple(Result(*each) for each in quadruples))
