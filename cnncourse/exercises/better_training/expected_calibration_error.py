"""Exercise: the expected calibration error."""

from dataclasses import replace

import torch

from cnncourse.checking.compare import agree, compare_values
from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer


@exercise(points=5, minutes=15, after="softmax")
def expected_calibration_error(probabilities, targets, num_bins):
    """Average the gap between confidence and accuracy over bins of equal width.

    Parameters
    ----------
    probabilities : torch.Tensor, shape (N, K)
        Each row sums to 1.
    targets : torch.Tensor, shape (N,)
        True classes, integers in 0 .. K - 1.
    num_bins : int

    Returns
    -------
    float
    """
    confidence, predictions = probabilities.max(dim=1)
    right = (predictions == targets).to(probabilities.dtype)
    error = 0.0
    for number in range(num_bins):
        inside = (confidence > number / num_bins) & (confidence <= (number + 1) / num_bins)
        if inside.any():
            gap = (right[inside].mean() - confidence[inside].mean()).abs()
            error += inside.sum().item() / len(targets) * gap.item()
    return error


def answers(note, varies, confidences, right, num_bins=2, classes=5, generator=None, dtype=torch.float32):
    """Make a case of samples with these confidences, of which some are right."""
    generator = generator or torch.Generator().manual_seed(0)
    samples = len(confidences)
    percent = (100 * torch.tensor(confidences, dtype=torch.float64)[:, None]).round()
    shares = 1 + torch.rand(samples, classes - 1, generator=generator, dtype=torch.float64) / 2
    others = ((100 - percent) * shares / shares.sum(dim=1, keepdim=True)).floor()
    others += torch.arange(classes - 1) < 100 - percent - others.sum(dim=1, keepdim=True)  # what rounding left over
    rows = torch.cat([percent, others], dim=1) / 100
    predicted = torch.randint(classes, (samples,), generator=generator)
    wrong = (predicted + torch.randint(1, classes, (samples,), generator=generator)) % classes
    places = (torch.arange(classes) - predicted[:, None]) % classes  # the confidence goes to the predicted class
    return case(
        note,
        varies=varies,
        probabilities=rows.gather(1, places).to(dtype),
        targets=torch.where(torch.tensor(right).bool(), predicted, wrong),
        num_bins=num_bins,
    )


UNSURE, SURE = [0.4, 0.46], [0.8, 0.9]  # confidences in the first and in the second of two bins

expected_calibration_error.add_visible(
    answers("two bins, one gap below 0 and one above", "basic", [*UNSURE, *SURE], [1, 1, 0, 0]),
    answers("three bins", "setting", [0.32, 0.45, 0.9], [1, 1, 0], 3),
    answers("one sample in one bin, three in the other", "batch", [0.4, 0.7, *SURE], [1, 0, 0, 1]),
    answers("an empty bin", "zero", SURE, [0, 1]),
    answers("a confidence of 1", "extreme", [*UNSURE, 0.7, 1.0], [1, 1, 0, 0]),
    answers("a confidence on the edge between two bins", "tie", [0.4, 0.5, *SURE], [1, 1, 0, 0]),
    answers("three classes", "classes", [*UNSURE, *SURE], [1, 1, 0, 0], classes=3),
)


@expected_calibration_error.random_cases
def fresh(generator):
    def drawn(note, varies, bins, right, num_bins=2, classes=5, **options):
        """Draw a confidence inside each of these bins, and take numbers that are no integers as they are."""
        offsets = (0.2 + 0.6 * torch.rand(len(bins), generator=generator)).tolist()
        least = 1.2 / classes + 0.05  # so that no other class has more
        confidences = [
            max(round((number + offset) / num_bins, 2), round(least, 2)) if isinstance(number, int) else number
            for number, offset in zip(bins, offsets, strict=True)
        ]
        return answers(note, varies, confidences, right, num_bins, classes, generator, **options)

    bins, right = [0, 0, 1, 1], [1, 1, 0, 0]
    yield drawn("two bins", "basic", bins, right)
    yield drawn("two bins of four samples", "basic", bins * 2, [1, 1, 0, 0, 1, 0, 1, 0])
    yield drawn("one bin", "setting", [0, 0, 0], [0, 0, 1], 1)
    yield drawn("three bins", "setting", [0, 1, 2], right[1:], 3)
    yield drawn("one sample in one bin, six in the other", "batch", [0, 1, 1, 1, 1, 1, 1], [1, 0, 0, 1, 1, 0, 0])
    yield drawn("three samples in one bin, one in the other", "batch", [0, 0, 0, 1], [1, 1, 1, 0])
    shift = integer(generator, 0, 3) / 100
    yield drawn("an empty bin", "zero", [0.6 + shift, 0.82 + shift], [0, 1])
    yield drawn("confidences of 1", "extreme", [0, 0, 1.0, 1.0], right)
    yield drawn("a confidence on an edge", "tie", [0, 0.5, 1, 1], right)
    yield drawn("four classes", "classes", bins, right, classes=4)
    yield drawn("many classes", "classes", bins, right, classes=integer(generator, 7, 9))
    yield drawn("float64", "dtype", bins, right, dtype=torch.float64)
    many = [integer(generator, 3, 9) for _ in range(30)]
    some = [integer(generator, 0, 1) for _ in many]
    yield drawn("everything at once", "setting batch zero classes dtype", many, some, 10, 6, dtype=torch.float64)


def number(observation):
    """Take a scalar tensor as a float."""
    value = observation.value
    scalar = isinstance(value, torch.Tensor) and value.ndim == 0
    return replace(observation, value=float(value)) if scalar else observation


expected_calibration_error.comparison(lambda case, observed, expected: compare_values(case, number(observed), expected))
expected_calibration_error.agreement(lambda case, one, other: agree(case, number(one), number(other)))

GAP = "(right[inside].mean() - confidence[inside].mean()).abs()"
WEIGHT = "inside.sum().item() / len(targets)"
LOW, HIGH = "(confidence > number / num_bins)", "(confidence <= (number + 1) / num_bins)"
LOOP = "    for number in range(num_bins):\n"
FIRST = "    error = 0.0\n"

expected_calibration_error.mistake(
    "Gaps above and below 0 cancel, as if all samples were in one bin: take the absolute value in each bin.",
    "gaps-cancel",
)(expected_calibration_error.edited(").abs()", ")", "return error", "return abs(error)"))
expected_calibration_error.same_mistake("gaps-cancel")(expected_calibration_error.edited(").abs()", ")"))
expected_calibration_error.same_mistake("gaps-cancel")(
    expected_calibration_error.edited(GAP, "confidence[inside].mean() - right[inside].mean()")
)
expected_calibration_error.mistake(
    "All bins count the same: weight each gap by the share of the samples in its bin.", "bins-not-weighted"
)(
    expected_calibration_error.edited(
        FIRST,
        f"{FIRST}    filled = 0\n",
        f"{WEIGHT} * gap.item()",
        "gap.item(); filled += 1",
        "error\n",
        "error / filled\n",
    )
)
expected_calibration_error.same_mistake("bins-not-weighted")(expected_calibration_error.edited(WEIGHT, "1 / num_bins"))
expected_calibration_error.mistake(
    "The gaps are weighted by numbers of samples: divide by the number of all samples.", "not-divided"
)(expected_calibration_error.edited(" / len(targets)", ""))
expected_calibration_error.mistake(
    "An empty bin gives NaN, the mean of no numbers: it adds nothing, so leave it out.", "empty-bin-nan"
)(expected_calibration_error.edited("if inside.any():", "if True:"))
expected_calibration_error.mistake(
    "A confidence of exactly 1 is in no bin: the last bin includes its upper edge.", "one-falls-out"
)(expected_calibration_error.edited("confidence > ", "confidence >= ", "confidence <= ", "confidence < "))
expected_calibration_error.same_mistake("one-falls-out")(
    expected_calibration_error.edited("confidence <= ", "confidence < ")
)
expected_calibration_error.mistake(
    "A confidence on an edge is in two bins: a bin includes its upper edge only.", "edge-in-both-bins"
)(expected_calibration_error.edited("confidence > ", "confidence >= "))
expected_calibration_error.mistake(
    "The confidence is the probability of the true class: take the largest probability.", "true-class-confidence"
)(
    expected_calibration_error.edited(
        FIRST, f"{FIRST}    confidence = probabilities[torch.arange(len(targets)), targets]\n"
    )
)
expected_calibration_error.mistake(
    "All probabilities are sorted into bins: each sample counts once, by its largest.", "all-classes"
)(
    expected_calibration_error.edited(
        "probabilities.max(dim=1)",
        "probabilities.flatten(), torch.arange(probabilities.shape[1]).repeat(len(targets))",
        "predictions == targets",
        "predictions == targets.repeat_interleave(probabilities.shape[1])",
        "/ len(targets)",
        "/ confidence.numel()",
    )
)
expected_calibration_error.mistake(
    "The middle of a bin stands for its samples: take the mean of their confidences.", "middle-of-the-bin"
)(expected_calibration_error.edited("confidence[inside].mean()", "(number + 0.5) / num_bins"))
expected_calibration_error.mistake("The gaps are squared: take absolute values.", "squared")(
    expected_calibration_error.edited(".abs()", " ** 2")
)
expected_calibration_error.mistake(
    "Every sample is a bin of its own: compare the means of all samples in a bin.", "no-bins"
)(expected_calibration_error.edited(GAP, "(right[inside] - confidence[inside]).abs().mean()"))
expected_calibration_error.mistake(
    "The softmax is taken of probabilities, which makes them nearly equal: use them as they are.", "softmax-again"
)(expected_calibration_error.edited("probabilities.max", "torch.softmax(probabilities, 1).max"))
expected_calibration_error.mistake(
    "There is one bin too few: n bins have n + 1 edges, linspace(0, 1, num_bins + 1).", "one-bin-too-few"
)(expected_calibration_error.edited("range(num_bins)", "range(num_bins - 1)", "/ num_bins)", "/ (num_bins - 1))"))
expected_calibration_error.mistake(
    "The bins hold equally many samples: they are equally wide.", "equally-many-samples"
)(
    expected_calibration_error.edited(
        LOOP,
        f"    order = confidence.argsort().tensor_split(num_bins)\n{LOOP}",
        f"{LOW} & {HIGH}",
        "torch.isin(torch.arange(len(targets)), order[number])",
    )
)
expected_calibration_error.mistake("The result is in percent: it is a share, from 0 to 1.", "percent")(
    expected_calibration_error.edited("return error", "return 100 * error")
)
expected_calibration_error.mistake(
    "The share of wrong samples is compared with the confidence: take the share of right ones.", "wrong-counted"
)(expected_calibration_error.edited("==", "!="))


@expected_calibration_error.mistake("The largest gap is returned: take the weighted mean of all.", "largest-gap")
@expected_calibration_error.variant(
    "Return the largest gap of all bins instead of their mean: the *maximum* calibration error.", "largest-gap"
)
def largest(probabilities, targets, num_bins):
    """Find the largest gap between confidence and accuracy over bins of equal width."""
    confidence, predictions = probabilities.max(dim=1)
    right = (predictions == targets).to(probabilities.dtype)
    error = 0.0
    for number in range(num_bins):
        inside = (confidence > number / num_bins) & (confidence <= (number + 1) / num_bins)
        if inside.any():
            gap = (right[inside].mean() - confidence[inside].mean()).abs()
            error = max(error, gap.item())
    return error


@expected_calibration_error.mistake(
    "A confidence on the edge of two bins belongs to the lower one: a bin includes its upper edge.", "lower-edge"
)
@expected_calibration_error.variant(
    "A bin includes its lower edge and not its upper one; only the last bin includes both.", "lower-edge"
)
def with_lower_edges(probabilities, targets, num_bins):
    """Average the gap between confidence and accuracy over bins of equal width that include their lower edges."""
    confidence, predictions = probabilities.max(dim=1)
    right = (predictions == targets).to(probabilities.dtype)
    places = (confidence * num_bins).long().clamp(max=num_bins - 1)
    error = 0.0
    for number in range(num_bins):
        inside = places == number
        if inside.any():
            gap = (right[inside].mean() - confidence[inside].mean()).abs()
            error += inside.sum().item() / len(targets) * gap.item()
    return error


@expected_calibration_error.variant(
    "Square the gaps, and return the root of their weighted mean: the *root mean square* calibration error.",
    "root-mean-square",
)
def root_mean_square(probabilities, targets, num_bins):
    """Take the root of the mean squared gap between confidence and accuracy over bins of equal width."""
    confidence, predictions = probabilities.max(dim=1)
    right = (predictions == targets).to(probabilities.dtype)
    error = 0.0
    for number in range(num_bins):
        inside = (confidence > number / num_bins) & (confidence <= (number + 1) / num_bins)
        if inside.any():
            gap = right[inside].mean() - confidence[inside].mean()
            error += inside.sum().item() / len(targets) * gap.item() ** 2
    return error**0.5
