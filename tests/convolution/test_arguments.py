"""What conv2d and its backward function refuse, and in which words."""

import pytest
import torch

from cnncourse.convolution import conv2d, conv2d_backward

IMAGE, WEIGHT = torch.zeros(4, 1, 8, 8), torch.zeros(8, 1, 3, 3)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"input": [[1.0]]}, TypeError, "`input` must be a torch.Tensor, not list"),
        ({"input": IMAGE[0]}, ValueError, r"`input` must have the shape \(N, C, H, W\), not \(1, 8, 8\)"),
        (
            {"weight": WEIGHT[0]},
            ValueError,
            r"`weight` must have the shape \(O, C // groups, kh, kw\), not \(1, 3, 3\)",
        ),
        (
            {"weight": torch.zeros(8, 3, 3, 3)},
            ValueError,
            r"weight expects 3 input channels \(shape \(8, 3, 3, 3\), groups 1\) "
            r"but input has 1 \(shape \(4, 1, 8, 8\)\)",
        ),
        (
            {"input": IMAGE.double()},
            TypeError,
            "`weight` must have the dtype of `input`, torch.float64, not torch.float32",
        ),
        ({"input": IMAGE.bool()}, TypeError, "`input` must be of a real number type, not torch.bool"),
        ({"input": IMAGE.to(torch.complex64)}, TypeError, "`input` must be of a real number type, not torch.complex64"),
        ({"input": IMAGE.to("meta")}, ValueError, "`weight` must be on the device of `input`, meta, not cpu"),
        (
            {"weight": torch.zeros(0, 1, 3, 3)},
            ValueError,
            r"`weight` must have at least one number along every axis, not the shape \(0, 1, 3, 3\)",
        ),
        ({"bias": torch.zeros(3)}, ValueError, r"`bias` must have the shape \(8,\), not \(3,\)"),
        (
            {"bias": torch.zeros(8).double()},
            TypeError,
            "`bias` must have the dtype of `weight`, torch.float32, not torch",
        ),
        (
            {"input": torch.zeros(1, 3, 8, 8), "groups": 3},
            ValueError,
            "`groups` must be a divisor of the 8 output channels of `weight`, not 3",
        ),
        ({"groups": 0}, ValueError, "`groups` must be at least 1, not 0"),
        ({"stride": 0}, ValueError, "`stride` must be at least 1, not 0"),
        ({"stride": 1.5}, TypeError, "`stride` must be an integer, not 1.5"),
        ({"dilation": (1, 2, 3)}, ValueError, "`dilation` must be one int or a pair of ints"),
        ({"padding": -1}, ValueError, "`padding` must be at least 0, not -1"),
        ({"padding": "full"}, ValueError, '`padding` must be "same", "valid", an int or a pair of ints, not \'full\''),
        ({"padding": "same", "stride": 2}, ValueError, r'`stride` must be 1 with padding "same", not \(2, 2\)'),
        ({"dilation": 4}, ValueError, "the kernel must cover at most the 8 pixels .*, not 9"),
        ({"method": "fast"}, ValueError, "`method` must be one of direct, .*, auto, not 'fast'"),
        (
            {"method": "winograd", "stride": 2},
            ValueError,
            r"`method` must be 'im2col', 'shifted', 'fft' or 'direct' for kernel \(3, 3\), stride \(2, 2\), "
            r"dilation \(1, 1\), not 'winograd'",
        ),
        (
            {"method": "fft", "input": IMAGE.long(), "weight": WEIGHT.long()},
            ValueError,
            "`method` must be 'im2col', 'shifted' or 'direct' for torch.int64, not 'fft'",
        ),
    ],
)
def test_conv2d_names_the_argument_that_is_wrong(changes, error, message):
    with pytest.raises(error, match=message):
        conv2d(**{"input": IMAGE, "weight": WEIGHT} | changes)


def test_the_backward_function_refuses_a_gradient_of_another_shape():
    with pytest.raises(ValueError, match=r"`grad_output` must have the output's shape \(4, 8, 6, 6\), not"):
        conv2d_backward(torch.zeros(4, 8, 8, 8), IMAGE, WEIGHT)
