"""Answers to FashionCNN, written from its prompt alone."""

import torch
import torch.nn.functional as F
from torch import nn

from cnncourse.exercises.answers import answer


@answer("FashionCNN", "right")
class FunctionalForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5)
        self.conv2 = nn.Conv2d(16, 64, 5)
        self.fc = nn.Linear(64, 10)

    def forward(self, input):
        x = F.max_pool2d(F.relu(self.conv1(input)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 8)
        return self.fc(x.view(x.size(0), -1))


@answer("FashionCNN", "right")
class IsASequential(nn.Sequential):
    def __init__(self):
        features = nn.Sequential(
            nn.Conv2d(1, 16, 5, padding=2), nn.MaxPool2d(4), nn.Conv2d(16, 64, 3, padding=1), nn.MaxPool2d(7)
        )
        super().__init__(features, nn.Flatten(), nn.Linear(64, 10))

    def forward(self, input):
        return super().forward(input)


@answer("FashionCNN", "right")
class TwoBlocks(nn.Module):
    def __init__(self):
        super(TwoBlocks, self).__init__()
        blocks = []
        for i, o, k, p in ((1, 16, 5, 4), (16, 64, 3, 4)):  # 28 -> 24 -> 6 -> 4 -> 1
            blocks += [nn.Conv2d(i, o, k), nn.MaxPool2d(p), nn.ReLU()]
        self.features = nn.Sequential(*blocks)
        self.classifier = nn.Linear(in_features=64, out_features=10)

    def forward(self, input):
        features = self.features(input)
        return self.classifier(torch.flatten(features, start_dim=1))


@answer("FashionCNN", "ends with a softmax, so the output is probabilities instead of logits", "softmax-at-the-end")
class WithSoftmax(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 64, 5), nn.ReLU(), nn.MaxPool2d(8)
        )
        self.out = nn.Linear(64, 10)

    def forward(self, input):
        x = self.features(input)
        x = torch.flatten(x, 1)
        return F.softmax(self.out(x), dim=1)


@answer(
    "FashionCNN", "squeezes the features, so a batch of one image gives (10,) instead of (1, 10)", "batch-axis-squeezed"
)
class Squeezes(nn.Module):
    def __init__(self):
        super().__init__()
        self.stack = nn.Sequential(nn.Conv2d(1, 16, 5), nn.MaxPool2d(2), nn.Conv2d(16, 64, 5), nn.MaxPool2d(8))
        self.linear = nn.Linear(64, 10)

    def forward(self, input):
        return self.linear(self.stack(input).squeeze())


@answer("FashionCNN", "creates the layers in forward, so the model registers no parameters", "layers-made-in-forward")
class LayersInForward(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, input):
        x = nn.Conv2d(1, 16, 5)(input)
        x = nn.MaxPool2d(2)(torch.relu(x))
        x = nn.Conv2d(16, 64, 5)(x)
        x = nn.MaxPool2d(8)(torch.relu(x))
        return nn.Linear(64, 10)(x.flatten(1))


@answer("FashionCNN", "keeps the layers in a plain list, so the model registers no parameters", "layers-in-a-list")
class PlainList(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [
            nn.Conv2d(1, 16, 5),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 64, 5),
            nn.MaxPool2d(8),
            nn.Flatten(),
            nn.Linear(64, 10),
        ]

    def forward(self, input):
        for layer in self.layers:
            input = layer(input)
        return input


@answer("FashionCNN", "applies a ReLU to the logits", "activation-at-the-end")
class ReluOnLogits(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5)
        self.conv2 = nn.Conv2d(16, 64, 5)
        self.pool1 = nn.MaxPool2d(2)
        self.pool2 = nn.MaxPool2d(8)
        self.fc1 = nn.Linear(64, 10)
        self.relu = nn.ReLU()

    def forward(self, input):
        x = self.pool1(self.relu(self.conv1(input)))
        x = self.pool2(self.relu(self.conv2(x)))
        x = x.reshape(-1, 64)
        return self.relu(self.fc1(x))


@answer("FashionCNN", "flattens the batch too, so more than one image crashes", "batch-flattened")
class FlattensBatch(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(1, 16, 5), nn.MaxPool2d(2), nn.Conv2d(16, 64, 5), nn.MaxPool2d(8))
        self.fc = nn.Linear(64, 10)

    def forward(self, input):
        return self.fc(self.net(input).flatten()).unsqueeze(0)


@answer("FashionCNN", "returns log-probabilities instead of logits", "log-softmax-at-the-end")
class LogSoftmax(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Conv2d(1, 16, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 64, 5),
            nn.ReLU(),
            nn.MaxPool2d(8),
            nn.Flatten(),
            nn.Linear(64, 10),
            nn.LogSoftmax(dim=1),
        )

    def forward(self, input):
        return self.model(input)


@answer(
    "FashionCNN",
    "two mistakes: squeezes away the batch of one; ends with a softmax",
    "batch-axis-squeezed softmax-at-the-end",
)
class SqueezeAndSoftmax(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 16, 5)
        self.c2 = nn.Conv2d(16, 64, 5)
        self.lin = nn.Linear(64, 10)

    def forward(self, input):
        x = F.max_pool2d(F.relu(self.c1(input)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 8).squeeze()
        return torch.softmax(self.lin(x), dim=-1)


@answer(
    "FashionCNN", "two mistakes: has a hidden linear layer; keeps the convolutions in a plain list", "layers-in-a-list"
)
class HiddenLayerAndList(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = [nn.Conv2d(1, 16, 5), nn.Conv2d(16, 64, 5)]
        self.pools = [nn.MaxPool2d(2), nn.MaxPool2d(8)]
        self.fc1 = nn.Linear(64, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, input):
        for conv, pool in zip(self.convs, self.pools):
            input = pool(F.relu(conv(input)))
        x = torch.flatten(input, 1)
        return self.fc2(F.relu(self.fc1(x)))
