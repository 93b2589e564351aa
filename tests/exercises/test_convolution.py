"""The convolution exercises agree with torch and the package; their checks tell right from wrong in any style."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import cnncourse
from cnncourse import convolution, geometry
from cnncourse.exercises import check, solved
from cnncourse.exercises.registry import find

SEEDS = (0, 3, 11)


def pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def by_layer(image_size, kernel, stride, padding):
    layer = torch.nn.Conv2d(1, 1, kernel, stride, padding, device="meta")
    return list(layer(torch.empty(1, 1, *image_size, device="meta")).shape[2:])


def by_torch(image, kernel):
    return F.conv2d(image.double()[None, None], kernel.double()[None, None])[0, 0].to(image.dtype)


def by_torch_flipped(image, kernel):
    return by_torch(image, kernel.flip(0, 1))


def test_the_output_size_of_a_digit():
    assert solved("calculate_output_shape")([8, 8], [3, 3], [1, 1], [0, 0]) == [6, 6]


def test_corr2d_by_hand():
    image, kernel = torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2)
    assert solved("corr2d")(image, kernel).tolist() == [[19, 25], [37, 43]]


def test_a_bright_pixel_paints_a_copy_of_the_kernel():
    image = torch.zeros(3, 3)
    image[1, 1] = 1
    kernel = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert torch.equal(solved("convolve2d")(image, kernel), kernel)
    assert torch.equal(solved("corr2d")(image, kernel), kernel.flip(0, 1))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("corr2d", by_torch),
        ("corr2d", convolution.corr2d),
        ("convolve2d", by_torch_flipped),
        ("convolve2d", convolution.convolve2d),
        ("conv2d", F.conv2d),
        ("conv2d", cnncourse.conv2d),
    ],
    ids=["corr2d torch", "corr2d package", "convolve2d torch", "convolve2d package", "conv2d torch", "conv2d package"],
)
def test_the_solution_agrees_with(name, oracle, seed):
    for case in find(name).cases(seed):
        torch.testing.assert_close(solved(name)(**case.inputs), oracle(**case.inputs), msg=case.note)


@pytest.mark.parametrize("seed", SEEDS)
def test_output_sizes_are_torchs_and_the_packages(seed):
    for case in find("calculate_output_shape").cases(seed):
        sizes = list(case.inputs.values())
        try:
            answer = solved("calculate_output_shape")(*sizes)
        except ValueError:
            with pytest.raises(ValueError, match=r"\d"):
                geometry.output_shape(*sizes)
            continue
        assert answer == list(geometry.output_shape(*sizes)) == by_layer(*sizes)


def test_same_padding_is_the_packages_and_keeps_its_promise():
    for size in range(1, 12):
        for kernel in range(1, 8):
            for stride in range(1, 5):
                before, after = solved("same_padding")(size, kernel, stride)
                assert (before, after) == geometry.same_padding(size, kernel, stride)
                assert (size + before + after - kernel) // stride + 1 == math.ceil(size / stride)
                assert 0 <= after - before <= 1


@pytest.mark.parametrize("direction", ["vertical", "horizontal"])
def test_the_edge_kernel_is_the_packages(direction):
    assert torch.equal(solved("edge_kernel")(direction), convolution.edge_kernel(direction))


def test_a_planted_kernel_is_found():
    image = torch.randn(12, 15, generator=torch.Generator().manual_seed(1))
    image = (image - image.mean()) / image.std()
    planted = torch.tensor([[1.0, -2.0, 0.5]])
    learned = solved("learn_kernel")(image, by_torch(image, planted), (1, 3))
    torch.testing.assert_close(learned, planted, atol=0.05, rtol=0)


def sizes_by_numpy(image_size, kernel, stride, padding):
    image_size, kernel, stride, padding = map(np.array, (image_size, kernel, stride, padding))
    room = image_size + 2 * padding - kernel
    if (room < 0).any() or (stride < 1).any() or (padding < 0).any():
        raise ValueError
    return tuple(int(n) for n in room // stride + 1)


def corr2d_by_shifts(image, kernel):
    (height, width), (kh, kw) = image.shape, kernel.shape
    rows, columns = height - kh + 1, width - kw + 1
    return sum(kernel[i, j] * image[i : i + rows, j : j + columns] for i in range(kh) for j in range(kw))


def corr2d_by_strides(image, kernel):
    windows = image.as_strided(
        (*(a - b + 1 for a, b in zip(image.shape, kernel.shape, strict=True)), *kernel.shape), image.stride() * 2
    )
    return torch.tensordot(windows.double(), kernel.double(), dims=2)


def conv2d_by_shifts(input, weight, bias=None, stride=1, padding=0):
    (sh, sw), (ph, pw), (kh, kw) = pair(stride), pair(padding), weight.shape[2:]
    x = torch.zeros(*input.shape[:2], input.shape[2] + 2 * ph, input.shape[3] + 2 * pw, dtype=torch.float64)
    x[:, :, ph : ph + input.shape[2], pw : pw + input.shape[3]] = input
    rows, columns = (x.shape[2] - kh) // sh + 1, (x.shape[3] - kw) // sw + 1
    output = 0 if bias is None else bias.double().reshape(1, -1, 1, 1)
    for i in range(kh):
        for j in range(kw):
            part = x[:, :, i : i + sh * rows : sh, j : j + sw * columns : sw][:, :, :rows, :columns]
            output = output + torch.einsum("nchw,oc->nohw", part, weight[:, :, i, j].double())
    return output


def conv2d_by_fft(input, weight, bias=None, stride=1, padding=0):
    (sh, sw), (ph, pw), (kh, kw) = pair(stride), pair(padding), weight.shape[2:]
    x = F.pad(input.double(), (pw, pw, ph, ph))
    size = x.shape[2:]
    spectrum = torch.einsum("nchw,ochw->nohw", torch.fft.rfft2(x), torch.fft.rfft2(weight.double(), s=size).conj())
    output = torch.fft.irfft2(spectrum, s=size)[:, :, : size[0] - kh + 1 : sh, : size[1] - kw + 1 : sw]
    return output if bias is None else output + bias.view(-1, 1, 1)


def same_padding_by_search(input_size, kernel_size, stride):
    total = 0
    while (input_size + total - kernel_size) // stride + 1 < -(-input_size // stride):
        total += 1
    return [total // 2, (total + 1) // 2]


def sobel(direction):
    kernel = torch.outer(torch.tensor([1.0, 2, 1]), torch.tensor([-1.0, 0, 1])).double()
    return {"vertical": kernel, "horizontal": kernel.T}[direction] if direction in ("vertical", "horizontal") else no()


def no():
    raise ValueError("neither vertical nor horizontal")


def neighbours(direction):
    kernel = torch.tensor([[0.0, 0, 0], [0, -1, 1], [0, 0, 0]])
    return kernel if direction == "vertical" else kernel.T if direction == "horizontal" else no()


def learn_with_adam(image, target, kernel_size, learning_rate=0.03, steps=200):
    layer = torch.nn.Conv2d(1, 1, kernel_size, bias=False)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.1)
    for _ in range(400):
        optimizer.zero_grad()
        F.mse_loss(layer(image[None, None])[0, 0], target).backward()
        optimizer.step()
    return layer.weight[0, 0]


RIGHT = [
    ("calculate_output_shape", sizes_by_numpy),
    ("corr2d", corr2d_by_shifts),
    ("corr2d", corr2d_by_strides),
    ("convolve2d", lambda image, kernel: corr2d_by_shifts(image, kernel.flip([0, 1]))),
    ("convolve2d", lambda image, kernel: corr2d_by_shifts(image, torch.rot90(kernel, 2))),
    ("conv2d", conv2d_by_shifts),
    ("conv2d", conv2d_by_fft),
    ("same_padding", same_padding_by_search),
    ("edge_kernel", sobel),
    ("edge_kernel", neighbours),
    ("learn_kernel", learn_with_adam),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT, ids=[f"{name}-{number}" for number, (name, _) in enumerate(RIGHT)])
def test_a_right_answer_in_another_style_passes(name, answer):
    report = check(name, answer)
    assert report.passed, str(report)


def sizes(rule):
    def answer(image_size, kernel, stride, padding):
        solved("calculate_output_shape")(image_size, kernel, stride, padding)
        return [rule(n, k, s, p) for n, k, s, p in zip(image_size, kernel, stride, padding, strict=True)]

    return answer


def sizes_with_other_errors(image_size, kernel, stride, padding):
    assert min(stride) >= 1
    return solved("calculate_output_shape")(image_size, kernel, stride, padding)


def layer(change):
    def answer(input, weight, bias=None, stride=1, padding=0):
        return conv2d_by_shifts(*change(input, weight, bias, pair(stride), pair(padding)))

    return answer


def same(rule):
    def answer(n, k, s):
        total = max((math.ceil(n / s) - 1) * s + k - n, 0)
        return rule(total, k)

    return answer


def learn_with_summed_errors(image, target, kernel_size, learning_rate=0.03, steps=200):
    kernel = torch.nn.Parameter(torch.ones(kernel_size))
    optimizer = torch.optim.SGD([kernel], learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        (corr2d_by_shifts(image, kernel) - target).square().sum().backward()
        optimizer.step()
    return kernel


WRONG = [
    ("calculate_output_shape", sizes(lambda n, k, s, p: (n + 2 * p - k + 1) // s + 1), None),
    ("calculate_output_shape", sizes(lambda n, k, s, p: round((n + 2 * p - k) / s) + 1), None),
    ("calculate_output_shape", sizes(lambda n, k, s, p: (n - k) // s + 1), None),
    ("calculate_output_shape", sizes(lambda n, k, s, p: n + 2 * p - k + 1), None),
    ("calculate_output_shape", sizes(lambda n, k, s, p: (n + p - k) // s + 1), "one-sided-padding"),
    ("calculate_output_shape", sizes(lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1), "rounds-up"),
    ("calculate_output_shape", sizes_with_other_errors, None),
    ("calculate_output_shape", lambda *sizes: torch.tensor(solved("calculate_output_shape")(*sizes)), None),
    ("corr2d", lambda image, kernel: corr2d_by_shifts(image, kernel.flip([0, 1])), "flipped-kernel"),
    ("corr2d", lambda image, kernel: corr2d_by_shifts(image, kernel.flip([0])), None),
    ("corr2d", lambda image, kernel: corr2d_by_shifts(image, kernel.flip([1])), None),
    ("corr2d", lambda image, kernel: corr2d_by_shifts(image, kernel).T, None),
    ("corr2d", lambda image, kernel: corr2d_by_shifts(image, kernel) / kernel.numel(), "mean"),
    ("corr2d", lambda image, kernel: corr2d_by_shifts(image, kernel).relu(), None),
    ("corr2d", lambda image, kernel: corr2d_by_shifts(image, kernel)[None], None),
    ("corr2d", lambda image, kernel: corr2d_by_shifts(image, kernel)[:-1, :-1], "missing-last-position"),
    ("convolve2d", corr2d_by_shifts, "not-flipped"),
    ("convolve2d", lambda image, kernel: corr2d_by_shifts(image, kernel.flip([0])), "flipped-rows-only"),
    ("convolve2d", lambda image, kernel: corr2d_by_shifts(image.flip([0, 1]), kernel), None),
    ("conv2d", F.conv2d, None),
    ("conv2d", layer(lambda x, w, b, s, p: (x, w, None, s, p)), "bias-ignored"),
    ("conv2d", layer(lambda x, w, b, s, p: (x, w, b, s[::-1], p)), "swapped-stride"),
    ("conv2d", layer(lambda x, w, b, s, p: (x, w, b, s, p[::-1])), "swapped-padding"),
    ("conv2d", layer(lambda x, w, b, s, p: (x, w, b, (s[0], s[0]), p)), None),
    ("conv2d", layer(lambda x, w, b, s, p: (x, w, b, s, (p[0], p[0]))), None),
    ("conv2d", layer(lambda x, w, b, s, p: (x, w.flip([2, 3]), b, s, p)), "flipped-kernel"),
    ("conv2d", layer(lambda x, w, b, s, p: (x, w, b if b is None else b[:1].expand_as(b), s, p)), None),
    ("conv2d", layer(lambda x, w, b, s, p: (x, w[:1].expand_as(w), b, s, p)), None),
    ("conv2d", layer(lambda x, w, b, s, p: (x.mean(0, keepdim=True).expand_as(x), w, b, s, p)), None),
    ("same_padding", same(lambda total, k: (total - total // 2, total // 2)), "odd-pixel-before"),
    ("same_padding", same(lambda total, k: (total // 2, total // 2)), "odd-pixel-lost"),
    ("same_padding", same(lambda total, k: (k // 2, k // 2)), None),
    ("same_padding", same(lambda total, k: (0, total)), None),
    ("same_padding", same(lambda total, k: total), None),
    ("same_padding", same(lambda total, k: (total / 2, total / 2)), None),
    ("edge_kernel", lambda direction: sobel(direction).T, "directions-swapped"),
    ("edge_kernel", lambda direction: -sobel(direction), "sign"),
    ("edge_kernel", lambda direction: sobel(direction).abs(), None),
    ("edge_kernel", lambda direction: sobel(direction)[:2], None),
    ("edge_kernel", lambda direction: sobel(direction).numpy(), None),
    ("edge_kernel", lambda direction: sobel("vertical") + sobel(direction), None),
    ("edge_kernel", lambda direction: sobel("vertical" if direction[0] == "v" else "horizontal"), "no-refusal"),
    ("learn_kernel", lambda image, target, size, **more: learn_with_adam(image, target, size).flip(0, 1), "flipped"),
    ("learn_kernel", learn_with_summed_errors, "summed-loss"),
    ("learn_kernel", lambda image, target, size, **more: torch.randn(size), None),
    ("learn_kernel", lambda image, target, size, **more: learn_with_adam(image, target, size)[None], None),
]


@pytest.mark.parametrize(
    ("name", "answer", "known"), WRONG, ids=[f"{name}-{number}" for number, (name, _, _) in enumerate(WRONG)]
)
def test_a_wrong_answer_in_another_style_fails(name, answer, known):
    report = check(name, answer)
    assert report.status == "failed"
    if known:
        assert report.misconception == known, str(report)
