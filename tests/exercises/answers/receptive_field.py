"""Answers to the exercise `receptive_field`: right ones in several styles, and wrong ones."""

import torch

from cnncourse import geometry


def backwards(layers):
    field = 1
    for kernel, stride, *dilation in layers[::-1]:
        field = (field - 1) * stride + (kernel - 1) * (dilation[0] if dilation else 1) + 1
    return field


def by_positions(layers):
    first = last = 0
    for layer in reversed(layers):
        kernel, stride, dilation = layer if len(layer) == 3 else (*layer, 1)
        first, last = first * stride, last * stride + (kernel - 1) * dilation
    return last - first + 1


def recursive(layers):
    if len(layers) == 0:
        return 1
    (kernel, stride, *dilation), *rest = layers
    return (recursive(rest) - 1) * stride + (kernel - 1) * (dilation or [1])[0] + 1


def by_products(layers):
    total = torch.tensor(1)
    for index, layer in enumerate(layers):
        jump = torch.tensor([stride for _, stride, *_ in layers[:index]]).prod()
        total = total + (layer[0] - 1) * (layer[2] if len(layer) > 2 else 1) * jump.long()
    return int(total)


def full(layers):
    return [(*layer, 1)[:3] for layer in layers]


def loop(widen, move, start=1, end=lambda field, jump: field):
    """Make an answer from the two rules of the loop."""

    def answer(layers):
        field, jump = start, 1
        for k, s, d in full(layers):
            field, jump = widen(field, jump, k, s, d), move(field, jump, k, s, d)
        return end(field, jump)

    return answer


def right(field, jump, k, s, d):
    return field + (k - 1) * d * jump


def times_stride(field, jump, k, s, d):
    return jump * s


RIGHT = [backwards, by_positions, recursive, by_products, geometry.receptive_field]

WRONG = [
    loop(right, lambda f, j, k, s, d: j * s * d),
    loop(right, lambda f, j, k, s, d: j + s),
    loop(right, lambda f, j, k, s, d: j * k),
    loop(right, lambda f, j, k, s, d: 1),
    loop(lambda f, j, k, s, d: f + k * d * j, times_stride),
    loop(lambda f, j, k, s, d: f + (k - 1) * j, times_stride),
    loop(lambda f, j, k, s, d: f + (k - 1) * d * s, times_stride),
    loop(lambda f, j, k, s, d: f * s + (k - 1) * d, times_stride),
    loop(lambda f, j, k, s, d: (f - 1) * s + k, times_stride),
    loop(lambda f, j, k, s, d: max(f, k * d), times_stride),
    loop(lambda f, j, k, s, d: f + k // 2 * d * j, times_stride),
    loop(right, times_stride, start=0),
    loop(right, times_stride, start=2),
    loop(right, times_stride, end=lambda field, jump: field * jump),
    loop(right, times_stride, end=lambda field, jump: jump),
    loop(right, times_stride, end=lambda field, jump: float(field)),
    loop(right, times_stride, end=lambda field, jump: str(field)),
    loop(right, times_stride, end=lambda field, jump: (field, field)),
    loop(right, times_stride, end=lambda field, jump: torch.tensor(field)),
    lambda layers: backwards(layers) if layers else 0,
    lambda layers: backwards(layers) if layers else None,
    lambda layers: backwards(layers[:-1]),
    lambda layers: backwards(layers[1:]),
    lambda layers: backwards([(k, s, d + 1) for k, s, d in full(layers)]),
    lambda layers: backwards([(k, d, s) for k, s, d in full(layers)]),
    lambda layers: backwards([(s, k, d) for k, s, d in full(layers)]),
    lambda layers: backwards(sorted(layers)),
    lambda layers: backwards([layers.pop() for _ in range(len(layers))][::-1]),
]
