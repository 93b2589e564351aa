"""The figures that the course promises to reproduce, one section a chapter.

Each test computes a figure with the package. What a figure means is told in the chapter of the same name.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnncourse import conv2d, layers, models, training
from cnncourse.convolution import convolve2d, corr2d, edge_kernel, im2col, laplacian_kernel
from cnncourse.data import load_digits, load_fashion_mnist
from cnncourse.exercises import solved
from cnncourse.geometry import output_shape
from cnncourse.interpretation import map_similarity, train_detector
from cnncourse.studies import load_study

# Convolution


@pytest.fixture
def square():
    """A white square of 4x4 pixels on a black image of 10x10."""
    image = torch.zeros(10, 10)
    image[3:7, 3:7] = 1
    return image


@pytest.fixture
def strip():
    """A 6x8 image: white, black from the third column to the sixth, white again."""
    image = torch.ones(6, 8)
    image[:, 2:6] = 0
    return image


def padded_answer(image, kernel):
    return conv2d(image[None, None], kernel[None, None], padding=1)[0, 0]


def test_corr2d_of_the_three_by_three_example():
    image, kernel = torch.arange(9).view(3, 3), torch.arange(4).view(2, 2)
    assert corr2d(image, kernel).tolist() == [[19, 25], [37, 43]]


def test_the_edge_of_a_six_by_six_image_answers_30_in_two_columns():
    image = torch.zeros(6, 6)
    image[:, :3] = 10
    assert corr2d(image, torch.tensor([[1.0, 0.0, -1.0]] * 3)).tolist() == [[0, 30, 30, 0]] * 4


def test_the_strip_answers_1_where_white_turns_black_and_minus_1_where_black_turns_white(strip):
    assert corr2d(strip, torch.tensor([[1.0, -1.0]])).tolist() == [[0, 1, 0, 0, 0, -1, 0]] * 6


def test_the_vertical_edge_kernel_marks_left_and_right_and_is_positive_where_brightness_rises(square):
    answer = padded_answer(square, edge_kernel("vertical"))
    assert answer[4].tolist() == [0, 0, 3, 3, 0, 0, -3, -3, 0, 0]
    assert torch.equal(answer, -answer.flip(1))
    assert torch.equal(padded_answer(square, edge_kernel("horizontal")), answer.T)


def test_the_kernel_with_rows_1_0_minus_1_is_positive_where_brightness_falls_downwards(square):
    answer = padded_answer(square, torch.tensor([[1.0] * 3, [0.0] * 3, [-1.0] * 3]))
    assert torch.equal(answer, -padded_answer(square, edge_kernel("horizontal")))
    assert answer[:, 4].tolist() == [0, 0, -3, -3, 0, 0, 3, 3, 0, 0]


def test_the_edge_detection_kernel_outlines_the_square(square):
    kernel = torch.full((3, 3), -1.0)
    kernel[1, 1] = 8
    answer = padded_answer(square, kernel)
    assert answer[3, 2:8].tolist() == [-2, 5, 3, 3, 5, -2]
    assert answer[4, 2:8].tolist() == [-3, 3, 0, 0, 3, -3]


def test_the_laplacian_answers_2_at_corners_but_also_1_along_edges(square):
    answer = padded_answer(square, laplacian_kernel())
    assert answer[3, 3:7].tolist() == [2, 1, 1, 2]
    assert answer[4, 3:7].tolist() == [1, 0, 0, 1]
    assert [int((padded_answer(bright * square, laplacian_kernel()) >= 2).sum()) for bright in (1, 2)] == [4, 12]


def test_a_digit_of_eight_by_eight_leaves_a_3x3_layer_as_six_by_six():
    digit = load_digits("train")[0][:1]
    assert digit.shape == (1, 8, 8)
    assert nn.Conv2d(1, 1, kernel_size=3)(digit[None]).shape == (1, 1, 6, 6)
    assert solved("calculate_output_shape")([8, 8], [3, 3], [1, 1], [0, 0]) == [6, 6]
    assert output_shape([8, 8], [3, 3], [1, 1], [0, 0]) == (6, 6)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1), ((2, 3), (1, 2))])
def test_two_loops_in_numpy_equal_the_package_for_square_and_other_strides_and_paddings(stride, padding):
    rng = np.random.default_rng(0)
    image, kernel = rng.normal(size=(7, 10)), rng.normal(size=(2, 3))
    (sh, sw), (ph, pw) = np.broadcast_to(stride, 2), np.broadcast_to(padding, 2)
    padded = np.pad(image, ((ph, ph), (pw, pw)))
    by_loops = [
        [(padded[i : i + 2, j : j + 3] * kernel).sum() for j in range(0, padded.shape[1] - 2, sw)]
        for i in range(0, padded.shape[0] - 1, sh)
    ]
    tensors = (torch.from_numpy(array)[None, None] for array in (image, kernel))
    np.testing.assert_allclose(conv2d(*tensors, stride=stride, padding=padding)[0, 0].numpy(), by_loops)


def test_learning_the_edge_kernel_repeats_the_losses_of_ten_steps(strip):
    losses, learned = descend(strip, steps=10, rate=0.03)
    assert [f"{loss:.3f}" for loss in losses[1::2]] == ["5.215", "1.196", "0.332", "0.110", "0.040"]
    assert [round(number, 4) for number in learned.flatten().tolist()] == [1.0097, -0.9698]


def test_the_rate_0_03_sits_just_under_the_stability_limit(strip):
    windows = im2col(strip[None, None], (1, 2))[0].T
    hessian = 2 * windows.T @ windows
    assert hessian.tolist() == [[36, 24], [24, 36]]
    torch.testing.assert_close(torch.linalg.eigvalsh(hessian), torch.tensor([12.0, 60.0]))
    falling, growing = (descend(strip, steps=100, rate=rate)[0] for rate in (0.033, 0.034))
    assert 0.033 < 2 / 60 < 0.034
    assert falling[-1] < 0.1 < 1000 < growing[-1]


def test_convolution_flips_an_asymmetric_kernel_and_cross_correlation_does_not():
    dot = torch.zeros(5, 5)
    dot[2, 2] = 1
    kernel = torch.arange(1.0, 10.0).view(3, 3)
    assert torch.equal(convolve2d(dot, kernel), kernel)
    assert torch.equal(corr2d(dot, kernel), kernel.flip(0, 1))


def test_convolution_moves_with_the_image_and_does_not_stay(square):
    still = padded_answer(square, edge_kernel("vertical"))
    moved = padded_answer(square.roll((2, 1), (0, 1)), edge_kernel("vertical"))
    assert torch.equal(moved, still.roll((2, 1), (0, 1)))
    assert not torch.equal(moved, still)


def descend(image, steps, rate):
    """Learn the kernel (1, -1) from the chapter's start: the summed squares before each step, and the result."""
    target = corr2d(image, torch.tensor([[1.0, -1.0]]))
    kernel, losses = torch.tensor([[0.2967, 0.0752]], requires_grad=True), []
    for _ in range(steps):
        loss = (F.conv2d(image[None, None], kernel[None, None])[0, 0] - target).square().sum()
        losses.append(loss.item())
        (gradient,) = torch.autograd.grad(loss, kernel)
        with torch.no_grad():
            kernel -= rate * gradient
    return losses, kernel.detach()


# Training


@pytest.fixture(scope="module")
def garments():
    """The first 1000 training images of Fashion-MNIST and their labels."""
    images, labels = load_fashion_mnist("train")
    return images[:1000], labels[:1000]


def number_of_parameters(model):
    return sum(parameter.numel() for parameter in model.parameters())


def test_the_nets_for_squares_and_circles_have_40_and_1538_parameters():
    assert number_of_parameters(models.one_kernel_net()) == 40
    assert number_of_parameters(models.shapes_net()) == 1538


def test_the_stack_ends_in_64_maps_of_one_pixel_and_the_class_in_ten_scores():
    images = torch.zeros(3, 1, 28, 28)
    assert solved("build_feature_stack")()(images).shape == (3, 64, 1, 1)
    assert solved("FashionCNN")()(images).shape == (3, 10)
    assert models.FashionCNN()(images[:1]).shape == (1, 10)


def test_the_net_with_batch_norm_has_maps_of_14_7_5_5_5_and_1_pixels():
    rows = models.shape_trace(models.batch_norm_net(), (1, 1, 28, 28))
    assert [row.output_shape[2] for row in rows if len(row.output_shape) == 4] == [14, 7, 5, 5, 5, 1]


def test_a_softmax_before_the_loss_keeps_it_above_0_313_for_two_classes_and_1_461_for_ten():
    for classes, floor in ((2, 0.313), (10, 1.461)):
        perfect = 1000 * torch.eye(classes)
        once, twice = (training.cross_entropy(z, torch.arange(classes)) for z in (perfect, training.softmax(perfect)))
        assert once == 0
        assert round(twice.item(), 3) == floor


def test_plain_softmax_overflows_and_the_log_of_its_zero_is_infinite_where_ours_are_finite():
    scores = torch.tensor([[1000.0, 999.0, 0.0]])
    assert (scores.exp() / scores.exp().sum()).isnan().any()
    torch.testing.assert_close(training.softmax(scores), torch.softmax(scores, dim=1))
    assert -training.softmax(scores)[0, 2].log() == torch.inf
    assert training.cross_entropy(scores, torch.tensor([2])).item() == pytest.approx(1000.313, abs=1e-3)


def test_one_hot_needs_the_number_of_classes_on_a_batch_without_class_9():
    assert F.one_hot(torch.tensor([3, 8])).shape == (2, 9)
    assert F.one_hot(torch.tensor([3, 8]), num_classes=10).shape == (2, 10)


def test_steps_by_our_layers_loss_and_descent_on_one_batch_of_128_equal_torchs(garments):
    images, labels = garments[0][:128], garments[1][:128]
    ours = models.two_conv_net(layers)
    torchs = models.build("two_conv", torch.Generator().manual_seed(0))
    ours.load_state_dict(torchs.state_dict())
    optimizer, losses = torch.optim.SGD(torchs.parameters(), lr=0.1), []
    for _ in range(3):
        losses.append(training.cross_entropy(ours(images), labels))
        losses[-1].backward()
        training.sgd_step(ours.parameters(), 0.1)
        optimizer.zero_grad()
        expected = F.cross_entropy(torchs(images), labels)
        expected.backward()
        optimizer.step()
        torch.testing.assert_close(losses[-1], expected)
    assert losses[2] < losses[1] < losses[0]
    for one, other in zip(ours.parameters(), torchs.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=0)


def test_weights_of_0_01_times_normal_are_still_guessing_when_the_default_start_has_learned(garments):
    last = {}
    for start in ("default", "small"):
        generator = torch.Generator().manual_seed(0)
        model = models.build("two_conv", generator)
        if start == "small":
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter.normal_(0, 0.01, generator=generator)
        optimizer = training.SGD(model.parameters(), learning_rate=0.1)
        for _ in range(2):
            batches = training.minibatches(*garments, 50, generator)
            last[start] = training.train_one_epoch(model, batches, F.cross_entropy, optimizer)
    assert last["default"] < 2
    assert last["small"] == pytest.approx(np.log(10), abs=0.01)


def test_relu_leaves_black_pixels_and_removes_negative_answers(garments):
    images = garments[0][:4]
    answers = conv2d(images, edge_kernel("vertical")[None, None])
    assert torch.equal(training.relu(images), images)
    assert torch.equal(training.relu(answers) != answers, answers < 0)
    assert (answers < 0).any()


def test_a_bias_before_batch_norm_does_nothing(garments):
    x = conv2d(garments[0][:8].double(), torch.arange(18.0).double().view(2, 1, 3, 3))
    plain, shifted = (
        training.batch_norm2d(maps, torch.ones(2), torch.zeros(2), torch.zeros(2), torch.ones(2), training=True)
        for maps in (x, x + torch.tensor([5.0, -3.0]).view(1, 2, 1, 1))
    )
    torch.testing.assert_close(shifted, plain)


def test_dropout_draws_anew_at_each_forward_pass():
    generator = torch.Generator().manual_seed(0)
    ones = torch.ones(100)
    first, second = (training.dropout(ones, 0.5, training=True, generator=generator) for _ in range(2))
    assert not torch.equal(first, second)
    assert set(first.tolist()) == {0.0, 2.0}


@pytest.mark.parametrize("net", ["one_kernel", "colour"])
def test_some_of_20_starts_are_stuck_and_the_best_of_eight_never_is(net):
    results = load_study("unlucky_starts")["results"]
    assert len(results) == 20
    stuck = {way: sum(row[f"{net}_{way}"] < 0.95 for row in results) for way in ("softmax", "logits", "best_of_8")}
    assert stuck["softmax"] >= 2
    assert stuck["logits"] >= 2
    assert stuck["best_of_8"] == 0


# Interpretation


@pytest.fixture(scope="module")
def digits():
    """Images and labels to learn from, then to judge by; pixels from 0 to 16."""
    (images, labels), (new_images, new_labels) = load_digits("train"), load_digits("test")
    return 16 * images, labels, 16 * new_images, new_labels


def says_three(kernel, bias, images):
    return (images * kernel).sum((1, 2)) + bias > 0


def test_swapped_arguments_target_3_and_threes_only_make_a_detector_of_everything(digits):
    images, labels, new_images, new_labels = digits
    weight, bias = torch.zeros(8, 8, requires_grad=True), torch.zeros((), requires_grad=True)
    optimizer = torch.optim.Adam([weight, bias], lr=0.001)
    slopes = []
    for image in images[labels == 3]:
        output = (image * weight).sum() + bias
        loss = F.binary_cross_entropy_with_logits(torch.tensor(3.0), output)
        optimizer.zero_grad()
        loss.backward()
        slopes.append(bias.grad.item())
        optimizer.step()
    assert slopes == pytest.approx([-3] * len(slopes), rel=1e-5)  # a straight line: there is nothing to reach
    assert loss < 0
    right = says_three(weight.detach(), bias.item(), new_images) == (new_labels == 3)
    assert right.double().mean() == pytest.approx(0.10, abs=0.01)


def test_a_right_detector_is_the_mean_3_minus_the_mean_of_the_rest(digits):
    images, labels, new_images, new_labels = digits
    mean_three, mean_rest = images[labels == 3].mean(0), images[labels != 3].mean(0)
    generator = torch.Generator().manual_seed(0)
    kernel, bias = train_detector(images, labels, 3, generator=generator, weight_decay=1e-2)
    assert (says_three(kernel, bias, new_images) == (new_labels == 3)).double().mean() > 0.95
    to_difference, to_three = (
        map_similarity(kernel[None], other[None]).item() for other in (mean_three - mean_rest, mean_three)
    )
    assert to_difference > 0.88
    assert to_three < 0.5


def test_red_objects_without_border_are_a_tendency_and_not_a_law():
    results = load_study("red_borders")["results"]
    weaker = sum(row["border_red"] < row["border_yellow"] for row in results)
    assert (len(results), weaker) == (20, 14)
    assert min(row["inside_red"] for row in results) > 0.85  # what all networks share: red is filled in
