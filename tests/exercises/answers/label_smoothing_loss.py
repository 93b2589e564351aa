"""Answers to the exercise `label_smoothing_loss`: right ones in several styles, and wrong ones."""

import torch
import torch.nn.functional as F

from cnncourse import training

from . import edited


def guarded(answer):
    """Refuse a smoothing outside its range, then call `answer`."""

    def label_smoothing_loss(logits, targets, smoothing):
        if smoothing < 0 or smoothing >= 1:
            raise ValueError("smoothing")
        return answer(logits, targets, smoothing)

    return label_smoothing_loss


def table(logits, targets, smoothing):
    wanted = F.one_hot(targets, logits.shape[1]) * (1 - smoothing) + smoothing / logits.shape[1]
    return -(wanted * F.log_softmax(logits, 1)).sum(1).mean()


def scattered(logits, targets, smoothing):
    wanted = torch.full_like(logits, smoothing / logits.size(1))
    wanted.scatter_add_(1, targets[:, None], torch.full_like(wanted[:, :1], 1 - smoothing))
    log_p = logits - logits.logsumexp(1, keepdim=True)
    return torch.mean(torch.sum(-wanted * log_p, dim=-1))


def loop(logits, targets, smoothing):
    total = 0.0
    for row, target in zip(logits, targets, strict=True):
        log_p = row.log_softmax(0)
        for k in range(len(row)):
            wanted = smoothing / len(row) + (1 - smoothing) * (k == target.item())
            total -= wanted * log_p[k].item()
    return total / len(logits)


def gathered(z, y, s):
    log_p = z.log_softmax(-1)
    return (1 - s) * -log_p.gather(1, y.unsqueeze(1)).mean() - s * log_p.mean()


RIGHT = [*map(guarded, (table, scattered, loop, gathered)), training.label_smoothing_loss]

WRONG = [
    table,
    guarded(lambda z, t, s: F.cross_entropy(z, t, label_smoothing=s)),
    guarded(lambda z, t, s: table(z, t, s / 2)),
    guarded(lambda z, t, s: table(z, t, s) + s),
    guarded(lambda z, t, s: table(z.softmax(1), t, s)),
    guarded(lambda z, t, s: table(z, t * 0, s)),
    guarded(lambda z, t, s: table(z, t, s) * len(z)),
    guarded(lambda z, t, s: table(z, t, s).round(decimals=1)),
    guarded(lambda z, t, s: (table(z, t, s), s)),
    guarded(lambda z, t, s: table(z, t, 0.25)),
    guarded(lambda z, t, s: None),
    guarded(lambda z, t, s: table(z.clamp(-50, 50), t, s)),
    edited("label_smoothing_loss", ("0 <= smoothing < 1", "0 <= smoothing")),
    edited("label_smoothing_loss", ("0 <= smoothing < 1", "0 < smoothing < 1")),
    edited("label_smoothing_loss", ("ValueError", "TypeError")),
    edited("label_smoothing_loss", ("(1 - smoothing)", "(1 + smoothing)")),
    edited("label_smoothing_loss", ("log_p.mean(dim=1)", "log_p.amax(dim=1)")),
]
