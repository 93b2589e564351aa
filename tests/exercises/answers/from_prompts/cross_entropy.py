"""Answers to cross_entropy, written from its prompt alone."""

import numpy as np
import torch
import torch.nn.functional as F

from cnncourse.exercises.answers import answer


@answer("cross_entropy", "right")
def mean_of_differences(logits, targets):
    total = sum(torch.logsumexp(z, dim=0) - z[t] for z, t in zip(logits, targets))
    return total / len(targets)


@answer("cross_entropy", "right")
def one_hot_and_sum(logits, targets):
    log_p = F.log_softmax(logits, dim=-1)
    one_hot = torch.eye(logits.shape[1], dtype=logits.dtype)[targets]
    return -(one_hot * log_p).sum(dim=1).mean()


@answer("cross_entropy", "right")
def softplus_of_margins(logits, targets):
    """Shift by the true class's score first: log(sum exp(z - z_t))."""
    margins = logits - logits[torch.arange(targets.numel()), targets].unsqueeze(1)
    m = margins.max(dim=1, keepdim=True).values
    return (m.squeeze(1) + (margins - m).exp().sum(1).log()).mean()


@answer(
    "cross_entropy",
    "adds 1e-9 inside the logarithm, so a very wrong sample costs 20.7 instead of thousands",
    "log-clipped",
)
def epsilon_in_log(logits, targets):
    z = logits - logits.max(dim=1, keepdim=True).values
    probs = z.exp() / z.exp().sum(dim=1, keepdim=True)
    picked = probs[range(len(targets)), targets]
    return -torch.log(picked + 1e-9).mean()


@answer(
    "cross_entropy",
    "takes the logarithm of the softmax, which is infinite where the probability rounds to 0",
    "log-of-zero",
)
def log_of_softmax(logits, targets):
    y_hat = F.softmax(logits, dim=1)
    return (-torch.log(y_hat.gather(1, targets.view(-1, 1)))).mean()


@answer("cross_entropy", "sums over the samples instead of averaging", "sum")
def sum_reduction(logits, targets):
    logp = logits - torch.logsumexp(logits, dim=1, keepdim=True)
    loss = 0
    for i in range(logits.shape[0]):
        loss = loss - logp[i, targets[i]]
    return loss


@answer("cross_entropy", "averages over samples and classes, so the loss is K times too small", "divided-by-classes")
def mean_over_one_hot(logits, targets):
    y = F.one_hot(targets, num_classes=logits.shape[1])
    return torch.mean(-y * torch.log_softmax(logits, dim=1))


@answer("cross_entropy", "applies the softmax over the samples instead of the classes", "over-samples")
def dim_zero(logits, targets):
    logprobs = torch.log_softmax(logits, 0)
    return -logprobs[torch.arange(len(logits)), targets].mean()


@answer(
    "cross_entropy",
    "indexes with [:, targets], which picks every target's column for every sample",
    "every-target-for-every-sample",
)
def all_pairs(logits, targets):
    return -torch.log_softmax(logits, dim=1)[:, targets].mean()


@answer("cross_entropy", "forgets the minus sign", "sign")
def no_minus(logits, targets):
    log_probs = torch.log_softmax(logits, dim=1)
    return log_probs.gather(1, targets[:, None]).squeeze(1).mean()


@answer("cross_entropy", "applies the softmax twice", "softmax-twice")
def softmax_twice(logits, targets):
    probs = F.softmax(logits, dim=1)
    logp = F.log_softmax(probs, dim=1)
    return -logp[torch.arange(targets.shape[0]), targets].mean()


@answer("cross_entropy", "does not subtract the maximum, so large scores overflow", "overflow")
def naive_exponentials(logits, targets):
    n = logits.shape[0]
    correct = logits[torch.arange(n), targets]
    return (torch.log(torch.exp(logits).sum(dim=1)) - correct).mean()


@answer(
    "cross_entropy",
    "two mistakes: clips the probabilities at 1e-12; sums over the samples instead of averaging",
    "log-clipped sum",
)
def clipped_sum(logits, targets):
    scores = logits.detach().numpy().astype(np.float64)
    scores = scores - scores.max(axis=1, keepdims=True)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    p = np.clip(p, 1e-12, 1.0)
    return torch.tensor(-np.log(p[np.arange(len(p)), targets.numpy()]).sum(), dtype=logits.dtype)


@answer(
    "cross_entropy", "two mistakes: forgets the minus sign; averages over the classes too", "divided-by-classes sign"
)
def positive_mean(logits, targets):
    onehot = torch.zeros_like(logits)
    onehot.scatter_(1, targets.unsqueeze(1), 1.0)
    return (onehot * torch.log_softmax(logits, dim=1)).mean()
