"""Answers to build_feature_stack, written from its prompt alone."""

from collections import OrderedDict

from torch import nn

from cnncourse.exercises.answers import answer


@answer("build_feature_stack", "right")
def named_layers():
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 16, kernel_size=5, padding=2),
            relu1=nn.ReLU(inplace=True),
            pool1=nn.MaxPool2d(kernel_size=2),
            conv2=nn.Conv2d(16, 64, kernel_size=3, stride=2, padding=1),
            relu2=nn.ReLU(inplace=True),
            pool2=nn.MaxPool2d(kernel_size=7),
        )
    )


@answer("build_feature_stack", "right")
def shrinks_by_convolution():
    # 28 -> 24 -> 8 -> 2 -> 1
    stack = nn.Sequential()
    stack.append(nn.Conv2d(1, 16, 5))
    stack.append(nn.MaxPool2d(3))
    stack.append(nn.Conv2d(16, 64, 7))
    stack.append(nn.MaxPool2d((2, 2), stride=(2, 2)))
    return stack


@answer("build_feature_stack", "ends with a map of 4x4 instead of 1x1", "not-1x1")
def lenet_numbers():
    return nn.Sequential(
        nn.Conv2d(1, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 64, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
    )


@answer("build_feature_stack", "the first kernel is 3x3 instead of 5x5", "other-kernel-first")
def three_by_three():
    layers = [nn.Conv2d(1, 16, 3), nn.MaxPool2d(2)]  # 28 -> 26 -> 13
    layers += [nn.Conv2d(16, 64, 3), nn.MaxPool2d(11)]  # 13 -> 11 -> 1
    return nn.Sequential(*layers)


@answer("build_feature_stack", "flattens at the end: the result is (N, 64)", "flattened")
def flattens():
    return nn.Sequential(
        nn.Conv2d(1, 16, kernel_size=5),
        nn.ReLU(),
        nn.MaxPool2d(2, 2),
        nn.Conv2d(16, 64, kernel_size=5),
        nn.ReLU(),
        nn.MaxPool2d(8, 8),
        nn.Flatten(),
    )


@answer("build_feature_stack", "both convolutions come before both poolings", "second-pooling-missing")
def conv_conv_pool_pool():
    return nn.Sequential(
        nn.Conv2d(1, 16, 5),
        nn.Conv2d(16, 64, 5),
        nn.MaxPool2d(4),
        nn.MaxPool2d(5),
    )


@answer("build_feature_stack", "uses average pooling", "average-pooling")
def average_pooling():
    return nn.Sequential(
        nn.Conv2d(1, 16, (5, 5)),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.Conv2d(16, 64, (5, 5)),
        nn.Tanh(),
        nn.AvgPool2d(8),
    )


@answer(
    "build_feature_stack",
    "the second convolution expects 1 channel instead of 16, so the stack crashes",
    "channels-do-not-fit",
)
def channels_do_not_fit():
    return nn.Sequential(
        nn.Conv2d(in_channels=1, out_channels=16, kernel_size=5),
        nn.MaxPool2d(2),
        nn.Conv2d(in_channels=1, out_channels=64, kernel_size=5),
        nn.MaxPool2d(8),
    )


@answer(
    "build_feature_stack",
    "two mistakes: the first convolution has 32 channels; ends with 3x3 instead of 1x1",
    "not-1x1 other-kernel-first",
)
def keras_numbers():
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, stride=3),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=2, padding=1),
    )


@answer("build_feature_stack", "two mistakes: the first kernel is 3x3; the result is 7x7", "not-1x1 other-kernel-first")
def vgg_habit():
    def block(i, o):
        return [nn.Conv2d(i, o, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]

    return nn.Sequential(*block(1, 16), *block(16, 64))
