"""Exercise: the block of a residual network."""

import torch
from torch import nn

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor


@exercise(points=6, minutes=20, after="FashionCNN")
class ResidualBlock(nn.Module):
    """Add the input to the result of two normalised 3x3 convolutions.

    Parameters
    ----------
    in_channels, out_channels : int
    stride : int
        Of the first convolution, and of the shortcut.
    """

    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, input):
        """Take maps (N, in_channels, H, W) to (N, out_channels, ceil(H / stride), ceil(W / stride))."""
        output = torch.relu(self.norm1(self.conv1(input)))
        output = self.norm2(self.conv2(output))
        return torch.relu(output + self.shortcut(input))


def block(note, varies, arguments, images, **options):
    """Make a case whose block runs on `images`, which are small and, unless the case says so, as after a ReLU."""
    images = images / 4 if "negative" in varies.split() else images.abs() / 4
    return case(note, varies=varies, probe="run_block", arguments=arguments, images=images, **options)


def channels(count, out=None, **stride):
    return {"in_channels": count, "out_channels": out or count, **stride}


def maps(count, generator=None, height=5, width=6):
    return tensor(generator or torch.Generator().manual_seed(count), 2, count, height, width)


ResidualBlock.add_visible(
    block("2 channels", "basic", channels(2), maps(2)),
    block("2 to 3 channels", "channels", channels(2, 3), maps(2)),
    block("stride 2", "stride", channels(2, stride=2), maps(2)),
    block("negative numbers in the input", "negative", channels(2), maps(2)),
    block("evaluation", "mode", channels(2), maps(2), training=False),
    case("the parameters of 2 channels", varies="bias", probe="count_block", arguments=channels(2), images=maps(2)),
)


@ResidualBlock.random_cases
def fresh(generator):
    few, many = integer(generator, 2, 4), integer(generator, 5, 6)
    yield block("as many channels out as in", "basic", channels(few), maps(few, generator))
    yield block("stride 1 is given", "basic", channels(few, stride=1), maps(few, generator))
    yield block("more channels", "channels", channels(few, many), maps(few, generator))
    yield block("fewer channels", "channels", channels(many, few), maps(many, generator))
    yield block("stride 2", "stride", channels(few, stride=2), maps(few, generator, 7, 8))
    yield block("stride 3", "stride", channels(few, stride=3), maps(few, generator, 7, 8))
    yield block("evaluation", "mode", channels(few), maps(few, generator), training=False)
    yield block("negative numbers in the input", "negative", channels(few), maps(few, generator))
    for note, given in (("equal channels", channels(few)), ("another shape", channels(few, many, stride=2))):
        tags = "bias" if note == "equal channels" else "bias channels stride"
        yield case(
            f"the parameters, {note}",
            varies=tags,
            probe="count_block",
            arguments=given,
            images=maps(few, generator),
        )
    everything = "channels stride mode negative"
    images = maps(few, generator, 6, 9)
    yield block("everything at once", everything, channels(few, many, stride=2), images, training=False)


LAST = "torch.relu(output + self.shortcut(input))"
CONDITION = "stride != 1 or in_channels != out_channels"
ResidualBlock.mistake("The input is not added: add the shortcut to the result.", "sum-forgotten")(
    ResidualBlock.edited(LAST, "torch.relu(output)")
)
ResidualBlock.mistake("The ReLU comes before the sum: add the shortcut first.", "relu-before-the-sum")(
    ResidualBlock.edited(LAST, "torch.relu(output) + self.shortcut(input)")
)
ResidualBlock.mistake("The ReLU between the two convolutions is missing.", "no-relu-between")(
    ResidualBlock.edited("torch.relu(self.norm1(self.conv1(input)))", "self.norm1(self.conv1(input))")
)
ResidualBlock.mistake(
    "What is added is the first convolution's result, not the block's input: keep the input under its own name.",
    "input-overwritten",
)(ResidualBlock.edited("output = torch.relu", "output = input = torch.relu"))
ResidualBlock.mistake(
    "The result is added to itself, not to the block's input: keep the input under its own name.", "added-to-itself"
)(ResidualBlock.edited("output", "input"))
ResidualBlock.mistake("The second convolution is not normalised: normalise before the sum.", "second-norm-missing")(
    ResidualBlock.edited("self.norm2(self.conv2(output))", "self.conv2(output)")
)
ResidualBlock.mistake("The first convolution is not normalised: normalise before the ReLU.", "first-norm-missing")(
    ResidualBlock.edited("self.norm1(self.conv1(input))", "self.conv1(input)")
)
ResidualBlock.mistake("The sum is normalised: normalise the second convolution's result alone.", "sum-normalised")(
    ResidualBlock.edited(
        "self.norm2(self.conv2(output))",
        "self.conv2(output)",
        LAST,
        "torch.relu(self.norm2(output + self.shortcut(input)))",
    )
)
ResidualBlock.mistake(
    "Both convolutions share one batch normalisation: each needs its own, with its own statistics.", "one-norm-for-both"
)(ResidualBlock.edited("self.norm2(", "self.norm1("))
ResidualBlock.mistake("One convolution is used twice: the second has weights of its own.", "one-convolution-twice")(
    ResidualBlock.edited("self.conv2(", "self.conv1(")
)
ResidualBlock.mistake("The input is concatenated to the result: add it.", "concatenated")(
    ResidualBlock.edited("output + self.shortcut(input)", "torch.cat([output, self.shortcut(input)], 1)")
)
ResidualBlock.mistake("The convolutions shrink the maps: give the 3x3 ones padding 1.", "padding-missing")(
    ResidualBlock.edited("padding=1", "padding=0")
)
ResidualBlock.mistake(
    "The shortcut is always a convolution: where the shape does not change, add the input itself.",
    "shortcut-always-a-convolution",
)(ResidualBlock.edited(CONDITION, "True"))
ResidualBlock.mistake(
    "The shortcut is always the input itself: where the shape changes, it must be a 1x1 convolution with the stride.",
    "shortcut-never-a-convolution",
)(ResidualBlock.edited(CONDITION, "False"))
ResidualBlock.mistake(
    "A stride alone changes the shape as well: the shortcut needs its convolution then, too.", "stride-alone-forgotten"
)(ResidualBlock.edited("stride != 1 or ", ""))
ResidualBlock.mistake(
    "Other channels alone change the shape as well: the shortcut needs its convolution then, too.",
    "channels-alone-forgotten",
)(ResidualBlock.edited(" or in_channels != out_channels", ""))
ResidualBlock.mistake("The shortcut has no stride: give its convolution the block's.", "shortcut-without-stride")(
    ResidualBlock.edited("1, stride, bias", "1, bias")
)
ResidualBlock.mistake("Both 3x3 convolutions have the stride: only the first one has it.", "stride-twice")(
    ResidualBlock.edited("out_channels, 3, padding", "out_channels, 3, stride, padding")
)
ResidualBlock.mistake("The stride is ignored: the first convolution and the shortcut have it.", "stride-ignored")(
    ResidualBlock.edited("3, stride,", "3,", "1, stride,", "1,")
)
ResidualBlock.mistake("The shortcut's kernel is 3x3: a 1x1 convolution fits the channels.", "shortcut-3x3")(
    ResidualBlock.edited("1, stride, bias", "3, stride, 1, bias")
)
ResidualBlock.mistake(
    "The shortcut's convolution is not normalised: put batch normalisation after it.", "shortcut-not-normalised"
)(ResidualBlock.edited("bias=False), nn.BatchNorm2d(out_channels)\n", "bias=False)\n"))
ResidualBlock.mistake("There is a ReLU in the shortcut: add the input as it is.", "relu-in-the-shortcut")(
    ResidualBlock.edited("self.shortcut(input)", "self.shortcut(torch.relu(input))")
)
ResidualBlock.mistake(
    "Convolutions have biases, which the normalisation removes: pass `bias=False`.", "useless-biases"
)(ResidualBlock.edited(", bias=False", ""))
ResidualBlock.mistake(
    "In evaluation the normalisations use the batch's statistics: keep running ones, as nn.BatchNorm2d does.",
    "no-running-statistics",
)(ResidualBlock.edited("BatchNorm2d(out_channels", "BatchNorm2d(out_channels, track_running_stats=False"))


@ResidualBlock.mistake("The layers are made anew at every call, with new weights: make them in `__init__`.")
class layers_made_in_forward(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.arguments = in_channels, out_channels, stride

    def forward(self, input):
        self.block = ResidualBlock(*self.arguments)
        return self.block(input)


@ResidualBlock.mistake(
    "Layers are in a plain list, where the block does not see their parameters and cannot learn them. "
    "Use attributes, nn.Sequential or nn.ModuleList."
)
class layers_in_a_list(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.layers = [ResidualBlock(in_channels, out_channels, stride)]

    def train(self, mode=True):
        self.layers[0].train(mode)
        return super().train(mode)

    def forward(self, input):
        return self.layers[0](input)


@ResidualBlock.mistake("There is no ReLU after the sum: apply one to it.", "no-relu-at-the-end")
@ResidualBlock.variant("No ReLU comes after the sum: the block ends with it.", "ends-with-the-sum")
class ends_with_the_sum(nn.Module):
    """Add the input to the result of two normalised 3x3 convolutions, without a ReLU after the sum."""

    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, input):
        """Take maps (N, in_channels, H, W) to (N, out_channels, ceil(H / stride), ceil(W / stride))."""
        output = torch.relu(self.norm1(self.conv1(input)))
        return self.norm2(self.conv2(output)) + self.shortcut(input)


@ResidualBlock.mistake("The second convolution has the stride: it belongs to the first.", "stride-in-the-second")
@ResidualBlock.variant("The second 3x3 convolution has the stride, not the first.", "stride-in-the-second")
class stride_in_the_second(nn.Module):
    """Add the input to the result of two normalised 3x3 convolutions, of which the second has the stride.

    Parameters
    ----------
    stride : int
        Of the second convolution, and of the shortcut.
    """

    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, stride, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, input):
        """Take maps (N, in_channels, H, W) to (N, out_channels, ceil(H / stride), ceil(W / stride))."""
        output = torch.relu(self.norm1(self.conv1(input)))
        output = self.norm2(self.conv2(output))
        return torch.relu(output + self.shortcut(input))
