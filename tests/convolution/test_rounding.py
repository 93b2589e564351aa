"""method="auto" stays close to the definition for all data: NaN, infinity, very bright and very dark pixels."""

import warnings

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse import max_pool2d
from cnncourse.convolution import choose_method, conv2d
from cnncourse.convolution.rounding import largest_in_tiles, transforms_are_safe

# (input, weight, options): "auto" chooses fft, fft, fft, winograd and im2col for them
SHAPES = [
    ((2, 1, 24, 26), (2, 1, 11, 11), {}),
    ((1, 3, 20, 19), (3, 1, 9, 9), {"groups": 3, "padding": 4}),
    ((1, 1, 40, 37), (1, 1, 13, 13), {"dilation": 2, "padding": (3, 0)}),
    ((1, 64, 9, 10), (64, 64, 3, 3), {"padding": 1}),
    ((2, 2, 8, 8), (3, 2, 3, 3), {"stride": 2}),
]
ODD = [float("nan"), float("inf"), -float("inf"), 1e8, -1e30, 3e38, 0.0]


def random_tensors(shape, seed):
    generator = torch.Generator().manual_seed(seed)
    input_shape, weight_shape, options = SHAPES[shape]
    return torch.randn(input_shape, generator=generator), torch.randn(weight_shape, generator=generator), options


def assert_close_to_definition(ours, input, weight, options):
    """Compare with float64, relative to what each window holds; NaN and infinity must be where the loops have them.

    torch's are elsewhere where padding meets a NaN in the weight: it leaves the product of zero and NaN out.
    """
    loops = conv2d(input, weight, **options, method="direct")
    assert torch.equal(ours.isnan(), loops.isnan())
    assert torch.equal(ours.isinf(), loops.isinf())
    exact = F.conv2d(input.double(), weight.double(), **options)
    window = {name: options.get(name, 1 if name == "dilation" else 0) for name in ("padding", "dilation")}
    peak = F.max_pool2d(input.double().abs(), weight.shape[2:], 1, **window).unflatten(
        1, (options.get("groups", 1), -1)
    )
    size = weight.double().abs().sum((1, 2, 3)).view(len(peak[0]), -1, 1, 1)
    bound = (peak.amax(2, keepdim=True) * size).flatten(1, 2)  # (N, O, H, W)
    finite = loops.isfinite()
    assert ((ours.double() - exact).abs()[finite] <= 2**-13 * bound[finite]).all()


@pytest.mark.parametrize(("shape", "method"), list(enumerate(["fft", "fft", "fft", "winograd", "im2col"])))
def test_the_shapes_below_try_every_transform(shape, method):
    input, weight, options = random_tensors(shape, 0)
    assert choose_method(input.shape, weight.shape, **options).method == method
    assert torch.equal(conv2d(input, weight, **options), conv2d(input, weight, **options, method=method))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(shape=st.integers(0, 3), seed=st.integers(0, 99), odd=st.sampled_from(ODD), in_weight=st.booleans())
def test_one_odd_number_changes_only_the_outputs_that_see_it(shape, seed, odd, in_weight):
    input, weight, options = random_tensors(shape, seed)
    changed = weight if in_weight else input
    place = torch.randint(changed.numel(), (1,), generator=torch.Generator().manual_seed(seed))
    changed.view(-1)[place] = odd
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = conv2d(input, weight, **options)
    assert_close_to_definition(ours, input, weight, options)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    shape=st.integers(0, 3),
    seed=st.integers(0, 99),
    contrast=st.sampled_from([1.0, 1e2, 1e4, 1e9, 1e20]),
    dark=st.sampled_from(["half", "frame", "spot", "noise"]),
    scale=st.sampled_from([1.0, 1e-30, 1e15]),
)
def test_dark_regions_keep_their_digits(shape, seed, contrast, dark, scale):
    input, weight, options = random_tensors(shape, seed)
    region = torch.zeros(input.shape[2:], dtype=torch.bool)
    if dark == "half":
        region[: len(region) // 2] = True
    elif dark == "frame":
        region[:] = True
        region[4:-4, 4:-4] = False
    elif dark == "spot":
        region[:] = True
        region[3, 4] = False
    else:
        region = torch.rand(region.shape, generator=torch.Generator().manual_seed(seed)) < 0.9
    input = torch.where(region, input / contrast, input) * scale
    assert_close_to_definition(conv2d(input, weight, **options), input, weight, options)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(shape=st.integers(0, 4), seed=st.integers(0, 99), odd=st.sampled_from(ODD[:5]), where=st.sampled_from("iwg"))
def test_gradients_of_odd_data_are_those_of_the_loops(shape, seed, odd, where):
    input, weight, options = random_tensors(shape, seed)
    above = torch.randn(F.conv2d(input, weight, **options).shape, generator=torch.Generator().manual_seed(seed))
    changed = {"i": input, "w": weight, "g": above}[where]
    changed.view(-1)[torch.randint(changed.numel(), (1,), generator=torch.Generator().manual_seed(seed))] = odd
    tensors = input.requires_grad_(), weight.requires_grad_()
    ours = torch.autograd.grad(conv2d(*tensors, **options), tensors, above)
    theirs = torch.autograd.grad(conv2d(*tensors, **options, method="direct"), tensors, above)
    doubles = [tensor.detach().double().requires_grad_() for tensor in tensors]
    exact = torch.autograd.grad(F.conv2d(*doubles, **options), doubles, above.double())
    for our, their, right in zip(ours, theirs, exact, strict=True):
        assert torch.equal(our.isnan(), their.isnan())
        assert torch.equal(our.isinf(), their.isinf())
        finite = their.isfinite()
        error, loops_error = ((each.double() - right).abs().masked_fill(~finite, 0) for each in (our, their))
        assert (error <= 1e-3 + 1e-4 * right.abs() + 30 * loops_error.max())[finite].all()


def test_the_reports_numbers():
    for bad in (float("nan"), float("inf")):
        image = torch.ones(1, 1, 30, 30)
        image[0, 0, 0, 0] = bad
        assert (~conv2d(image, torch.ones(1, 1, 11, 11)).isfinite()).sum() == 1
    image = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    image[0, 0, 0, 0] = 1e8
    kernel = torch.rand(1, 1, 11, 11, generator=torch.Generator().manual_seed(1))
    exact = F.conv2d(image.double(), kernel.double())
    assert (conv2d(image, kernel) - exact).abs()[..., 20:, 20:].max() < 1e-4


def test_a_gradient_of_few_numbers_is_computed_by_the_definition():
    image = torch.rand(1, 1, 40, 40, generator=torch.Generator().manual_seed(0), requires_grad=True)
    kernel = torch.rand(1, 1, 11, 11, generator=torch.Generator().manual_seed(1))
    pooled = max_pool2d(conv2d(image, kernel), 30)  # the gradient of one output
    (grad,) = torch.autograd.grad(pooled, image, torch.ones_like(pooled))
    assert grad.count_nonzero() == 121


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_every_type_has_its_own_bound(dtype):
    image, kernel = torch.ones(1, 1, 20, 20, dtype=dtype), torch.ones(1, 1, 9, 9, dtype=dtype)
    image[0, 0, 0, 0] = 1000
    assert transforms_are_safe(image, kernel, (9, 9), (0, 0), (1, 1), 1) == (dtype == torch.float64)


def test_tiles_of_every_second_pixel_are_those_that_a_dilated_window_sees():
    image = torch.zeros(1, 1, 8, 8)
    image[0, 0, ::2, ::2] = 1
    assert largest_in_tiles(image[:, None], (2, 2), (2, 2)).tolist() == [[[[1, 0, 1, 0], [0] * 4] * 2]]
    assert not transforms_are_safe(image, torch.ones(1), (3, 3), (0, 0), (2, 2), 1)
    assert transforms_are_safe(image, torch.ones(1), (3, 3), (0, 0), (1, 1), 1)


def test_a_window_of_padding_alone_forbids_transforms():
    assert not transforms_are_safe(torch.ones(1, 1, 20, 20), torch.ones(1), (3, 3), (3, 0), (1, 1), 1)
