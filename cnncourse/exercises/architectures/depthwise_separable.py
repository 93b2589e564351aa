"""Exercise: the block of a MobileNet."""

import torch
from torch import nn

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor


@exercise(points=5, minutes=15, after="count_parameters")
class DepthwiseSeparable(nn.Module):
    """Convolve each channel by itself, then mix the channels at each place.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int
        Of the depthwise convolution; odd.
    stride : int
        Of the depthwise convolution.
    """

    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        padding = kernel_size // 2
        self.layers = nn.Sequential(
            nn.Conv2d(in_channels, in_channels, kernel_size, stride, padding, groups=in_channels, bias=False),
            nn.BatchNorm2d(in_channels),
            nn.ReLU(),
            nn.Conv2d(in_channels, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
        )

    def forward(self, input):
        """Take maps (N, in_channels, H, W) to (N, out_channels, ceil(H / stride), ceil(W / stride))."""
        return self.layers(input)


def block(note, varies, arguments, images, **options):
    return case(note, varies=varies, probe="run_block", arguments=arguments, images=images, **options)


def channels(count, out, **options):
    return {"in_channels": count, "out_channels": out, **options}


def maps(count, generator=None, height=6, width=7):
    return tensor(generator or torch.Generator().manual_seed(count), 2, count, height, width)


DepthwiseSeparable.add_visible(
    block("2 to 4 channels", "basic", channels(2, 4), maps(2)),
    block("3 to 2 channels", "channels", channels(3, 2), maps(3)),
    block("3 to 3 channels", "channels", channels(3, 3), maps(3)),
    block("a 5x5 kernel", "kernel", channels(2, 4, kernel_size=5), maps(2)),
    block("stride 2", "stride", channels(2, 4, stride=2), maps(2)),
    block("evaluation", "mode", channels(2, 4), maps(2), training=False),
    case(
        "the parameters, 2 to 4 channels", varies="bias", probe="count_block", arguments=channels(2, 4), images=maps(2)
    ),
)


@DepthwiseSeparable.random_cases
def fresh(generator):
    few = integer(generator, 2, 4)
    twice, odd = 2 * few, 2 * few + 1
    yield block("twice as many channels", "basic", channels(few, twice), maps(few, generator))
    yield block("a 3x3 kernel is given", "basic", channels(few, twice, kernel_size=3), maps(few, generator))
    yield block("stride 1 is given", "basic", channels(few, twice, stride=1), maps(few, generator))
    yield block("a number of channels that is no multiple", "channels", channels(few, odd), maps(few, generator))
    yield block("fewer channels", "channels", channels(odd, few), maps(odd, generator))
    yield block("as many channels out as in", "channels", channels(few, few), maps(few, generator))
    yield block("a 5x5 kernel", "kernel", channels(few, twice, kernel_size=5), maps(few, generator))
    yield block("a 1x1 kernel", "kernel", channels(few, twice, kernel_size=1), maps(few, generator))
    yield block("stride 2", "stride", channels(few, twice, stride=2), maps(few, generator))
    yield block("stride 3", "stride", channels(few, twice, stride=3), maps(few, generator, 7, 8))
    yield block("evaluation", "mode", channels(few, twice), maps(few, generator), training=False)
    for note, tags, given in (
        ("twice as many channels", "bias", channels(few, twice)),
        ("fewer channels, a 5x5 kernel", "bias channels kernel", channels(odd, few, kernel_size=5)),
    ):
        images = maps(given["in_channels"], generator)
        yield case(f"the parameters, {note}", varies=tags, probe="count_block", arguments=given, images=images)
    given = channels(few, odd, kernel_size=5, stride=2)
    yield block("everything at once", "channels kernel stride mode", given, maps(few, generator, 8, 9), training=False)


DEPTHWISE = "nn.Conv2d(in_channels, in_channels, kernel_size, stride, padding, groups=in_channels, bias=False)"
POINTWISE = "nn.Conv2d(in_channels, out_channels, 1, bias=False)"
FIRST = "nn.BatchNorm2d(in_channels),\n            nn.ReLU(),"
LAST = "nn.BatchNorm2d(out_channels),\n            nn.ReLU(),"
DepthwiseSeparable.mistake(
    "The first convolution is an ordinary one: with `groups=in_channels` each channel is convolved by itself.",
    "groups-forgotten",
)(DepthwiseSeparable.edited("groups=in_channels, ", ""))
DepthwiseSeparable.mistake(
    "The first convolution changes the number of channels: a depthwise one gives as many as it takes.",
    "depthwise-makes-all-channels",
)(
    DepthwiseSeparable.edited(
        "in_channels, in_channels,",
        "in_channels, out_channels,",
        "BatchNorm2d(in_channels",
        "BatchNorm2d(out_channels",
        POINTWISE,
        "nn.Conv2d(out_channels, out_channels, 1, bias=False)",
    )
)
DepthwiseSeparable.mistake(
    "`groups` counts channels out: there is one group for each channel that comes in.", "groups-of-out-channels"
)(DepthwiseSeparable.edited("groups=in_channels", "groups=out_channels"))
DepthwiseSeparable.mistake(
    "The channels are mixed within groups only: the pointwise convolution has no groups.", "pointwise-grouped"
)(DepthwiseSeparable.edited("1, bias", "1, groups=math.gcd(in_channels, out_channels), bias"))
DepthwiseSeparable.mistake("There is no pointwise convolution: the channels are never mixed.", "pointwise-missing")(
    DepthwiseSeparable.edited(f"{POINTWISE},\n            {LAST}", "")
)
DepthwiseSeparable.mistake("The pointwise convolution has a larger kernel: it is 1x1.", "pointwise-too-large")(
    DepthwiseSeparable.edited("out_channels, 1, bias", "out_channels, kernel_size, 1, padding, bias")
)
DepthwiseSeparable.mistake(
    "There is nothing between the two convolutions: normalise and apply a ReLU there, too.", "nothing-between"
)(DepthwiseSeparable.edited(FIRST, ""))
DepthwiseSeparable.mistake("The ReLU between the two convolutions is missing.", "no-relu-between")(
    DepthwiseSeparable.edited(FIRST, "nn.BatchNorm2d(in_channels),")
)
DepthwiseSeparable.mistake(
    "The depthwise convolution is not normalised: put batch normalisation after each.", "first-norm-missing"
)(DepthwiseSeparable.edited(FIRST, "nn.ReLU(),"))
DepthwiseSeparable.mistake(
    "The pointwise convolution is not normalised: put batch normalisation after each.", "last-norm-missing"
)(DepthwiseSeparable.edited(LAST, "nn.ReLU(),"))
DepthwiseSeparable.mistake("The ReLUs come before the normalisations: normalise first.", "relu-before-the-norm")(
    DepthwiseSeparable.edited(
        FIRST, "nn.ReLU(), nn.BatchNorm2d(in_channels),", LAST, "nn.ReLU(), nn.BatchNorm2d(out_channels),"
    )
)
DepthwiseSeparable.mistake(
    "The pointwise convolution has the stride: it belongs to the depthwise one.", "stride-in-the-pointwise"
)(DepthwiseSeparable.edited("stride, padding", "1, padding", "1, bias", "1, stride, bias"))
DepthwiseSeparable.mistake("Both convolutions have the stride: only the depthwise one has it.", "stride-twice")(
    DepthwiseSeparable.edited("1, bias", "1, stride, bias")
)
DepthwiseSeparable.mistake("The stride is ignored: the depthwise convolution has it.", "stride-ignored")(
    DepthwiseSeparable.edited("stride, padding", "1, padding")
)
DepthwiseSeparable.mistake("The maps shrink at the border: pad by kernel_size // 2.", "padding-missing")(
    DepthwiseSeparable.edited("kernel_size // 2", "0")
)
DepthwiseSeparable.mistake("The padding fits a 3x3 kernel only: pad by kernel_size // 2.", "padding-for-3x3")(
    DepthwiseSeparable.edited("kernel_size // 2", "1")
)
DepthwiseSeparable.mistake("The kernel is always 3x3: use `kernel_size`.", "kernel-size-ignored")(
    DepthwiseSeparable.edited("padding =", "kernel_size = 3\n        padding =")
)
DepthwiseSeparable.mistake(
    "Convolutions have biases, which the normalisation removes: pass `bias=False`.", "useless-biases"
)(DepthwiseSeparable.edited(", bias=False", ""))


@DepthwiseSeparable.mistake("The layers are made anew at every call, with new weights: make them in `__init__`.")
class layers_made_in_forward(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        self.arguments = in_channels, out_channels, kernel_size, stride

    def forward(self, input):
        self.block = DepthwiseSeparable(*self.arguments)
        return self.block(input)


@DepthwiseSeparable.mistake(
    "Layers are in a plain list, where the block does not see their parameters and cannot learn them. "
    "Use nn.Sequential or nn.ModuleList."
)
class layers_in_a_list(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        self.layers = [DepthwiseSeparable(in_channels, out_channels, kernel_size, stride)]

    def train(self, mode=True):
        self.layers[0].train(mode)
        return super().train(mode)

    def forward(self, input):
        return self.layers[0](input)


@DepthwiseSeparable.mistake("The pointwise convolution comes first: the depthwise one does.", "pointwise-first")
@DepthwiseSeparable.variant("The pointwise convolution comes first, and the depthwise one second.", "pointwise-first")
class pointwise_first(nn.Module):
    """Mix the channels at each place, then convolve each new channel by itself."""

    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        padding = kernel_size // 2
        self.layers = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, kernel_size, stride, padding, groups=out_channels, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
        )

    def forward(self, input):
        """Take maps (N, in_channels, H, W) to (N, out_channels, ceil(H / stride), ceil(W / stride))."""
        return self.layers(input)


@DepthwiseSeparable.mistake("The ReLU after the pointwise convolution is missing.", "no-relu-at-the-end")
@DepthwiseSeparable.variant("No ReLU follows the pointwise convolution and its normalisation.", "linear-at-the-end")
class linear_at_the_end(nn.Module):
    """Convolve each channel by itself, then mix the channels at each place, without a ReLU at the end."""

    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        padding = kernel_size // 2
        self.layers = nn.Sequential(
            nn.Conv2d(in_channels, in_channels, kernel_size, stride, padding, groups=in_channels, bias=False),
            nn.BatchNorm2d(in_channels),
            nn.ReLU(),
            nn.Conv2d(in_channels, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )

    def forward(self, input):
        """Take maps (N, in_channels, H, W) to (N, out_channels, ceil(H / stride), ceil(W / stride))."""
        return self.layers(input)


@DepthwiseSeparable.mistake("Each channel has two kernels of its own: it gets one.", "two-kernels-for-each-channel")
@DepthwiseSeparable.variant(
    "The depthwise convolution gives each channel two kernels of its own, so twice as many channels come out of it.",
    "two-kernels-for-each-channel",
)
class two_kernels(nn.Module):
    """Convolve each channel with two kernels, then mix the channels at each place."""

    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        padding, middle = kernel_size // 2, 2 * in_channels
        self.layers = nn.Sequential(
            nn.Conv2d(in_channels, middle, kernel_size, stride, padding, groups=in_channels, bias=False),
            nn.BatchNorm2d(middle),
            nn.ReLU(),
            nn.Conv2d(middle, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
        )

    def forward(self, input):
        """Take maps (N, in_channels, H, W) to (N, out_channels, ceil(H / stride), ceil(W / stride))."""
        return self.layers(input)
