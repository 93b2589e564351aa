"""Answers to batch_norm2d, written from its prompt alone."""

import torch

from cnncourse.exercises.answers import answer


@answer("batch_norm2d", "right")
def var_mean_and_lerp(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if training:
        var, mean = torch.var_mean(input, dim=(0, 2, 3), correction=0)
        n = input.numel() // input.shape[1]
        with torch.no_grad():
            running_mean.lerp_(mean, momentum)
            running_var.lerp_(var * n / (n - 1), momentum)
    else:
        mean, var = running_mean, running_var
    scale = gamma * torch.rsqrt(var + eps)
    return torch.einsum("nchw,c->nchw", input, scale) + (beta - mean * scale)[:, None, None]


@answer("batch_norm2d", "right")
def matrix_of_pixels(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    """cs231n: spatial batch norm is batch norm of an (N*H*W, C) matrix."""
    N, C, H, W = input.shape
    x = input.permute(0, 2, 3, 1).reshape(-1, C)

    def normalise(mu, var):
        return gamma * (x - mu) / torch.sqrt(var + eps) + beta

    if training:
        mu = x.sum(0) / len(x)
        squares = ((x - mu) ** 2).sum(0)
        out = normalise(mu, squares / len(x))
        running_mean[:] = (1 - momentum) * running_mean + momentum * mu.detach()
        running_var[:] = (1 - momentum) * running_var + momentum * squares.detach() / (len(x) - 1)
    else:
        out = normalise(running_mean, running_var)
    return out.reshape(N, H, W, C).permute(0, 3, 1, 2)


@answer("batch_norm2d", "right")
def channel_by_channel(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    planes = []
    for c in range(input.shape[1]):
        x = input[:, c]
        if training:
            m, v = x.mean(), x.var(unbiased=False)
            with torch.no_grad():
                running_mean[c] += momentum * (x.mean() - running_mean[c])
                running_var[c] += momentum * (x.var() - running_var[c])
        else:
            m, v = running_mean[c], running_var[c]
        planes.append(gamma[c] * (x - m) / (v + eps) ** 0.5 + beta[c])
    return torch.stack(planes, dim=1)


@answer("batch_norm2d", "the running variance takes the biased variance", "biased-in-the-running-variance")
def d2l_batch_norm(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    shape = (1, -1, 1, 1)
    if not training:
        X_hat = (input - running_mean.view(shape)) / torch.sqrt(running_var.view(shape) + eps)
    else:
        mean = input.mean(dim=(0, 2, 3), keepdim=True)
        var = ((input - mean) ** 2).mean(dim=(0, 2, 3), keepdim=True)
        X_hat = (input - mean) / torch.sqrt(var + eps)
        running_mean.copy_((1 - momentum) * running_mean + momentum * mean.detach().flatten())
        running_var.copy_((1 - momentum) * running_var + momentum * var.detach().flatten())
    return gamma.view(shape) * X_hat + beta.view(shape)


@answer("batch_norm2d", "divides the batch by the unbiased variance, torch.var's default", "unbiased-in-the-fraction")
def torch_var_default(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if training:
        mean = input.mean(dim=[0, 2, 3])
        var = input.var(dim=[0, 2, 3])
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean = running_mean
        var = running_var
    out = (input - mean[None, :, None, None]) / torch.sqrt(var[None, :, None, None] + eps)
    return out * gamma[None, :, None, None] + beta[None, :, None, None]


@answer("batch_norm2d", "uses momentum the wrong way round: it weighs the old statistics", "momentum-swapped")
def keras_momentum(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    n = input.shape[0] * input.shape[2] * input.shape[3]
    b = lambda v: v.reshape(1, -1, 1, 1)
    if training:
        mu = input.mean((0, 2, 3))
        sigma2 = input.var((0, 2, 3), unbiased=False)
        running_mean.data = momentum * running_mean + (1 - momentum) * mu.detach()
        running_var.data = momentum * running_var + (1 - momentum) * sigma2.detach() * n / (n - 1)
        return b(gamma) * (input - b(mu)) / (b(sigma2) + eps).sqrt() + b(beta)
    return b(gamma) * (input - b(running_mean)) / (b(running_var) + eps).sqrt() + b(beta)


@answer(
    "batch_norm2d", "binds new running statistics to the names, so the caller's do not change", "running-not-updated"
)
def not_in_place(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    gamma, beta = gamma.view(1, -1, 1, 1), beta.view(1, -1, 1, 1)
    if training:
        mean = input.mean(dim=(0, 2, 3))
        var = input.var(dim=(0, 2, 3), unbiased=False)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * input.var(dim=(0, 2, 3), unbiased=True)
    else:
        mean, var = running_mean, running_var
    x_hat = (input - mean.view(1, -1, 1, 1)) / torch.sqrt(var.view(1, -1, 1, 1) + eps)
    return gamma * x_hat + beta


@answer("batch_norm2d", "normalises each image by itself in training, as instance norm does", "per-image")
def per_image(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if training:
        mean = input.mean(dim=(2, 3), keepdim=True)
        var = input.var(dim=(2, 3), keepdim=True, unbiased=False)
        with torch.no_grad():
            running_mean.copy_((1 - momentum) * running_mean + momentum * input.mean((0, 2, 3)))
            running_var.copy_((1 - momentum) * running_var + momentum * input.var((0, 2, 3)))
    else:
        mean, var = running_mean.view(1, -1, 1, 1), running_var.view(1, -1, 1, 1)
    return (input - mean) / torch.sqrt(var + eps) * gamma.view(1, -1, 1, 1) + beta.view(1, -1, 1, 1)


@answer("batch_norm2d", "takes one mean and variance over all channels", "over-channels-too")
def over_all_channels(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    g, b = gamma.reshape(1, -1, 1, 1), beta.reshape(1, -1, 1, 1)
    if training:
        mu, var = input.mean(), input.var(unbiased=False)
        with torch.no_grad():
            running_mean += momentum * (mu - running_mean)
            running_var += momentum * (input.var() - running_var)
        return g * (input - mu) / torch.sqrt(var + eps) + b
    rm, rv = running_mean.reshape(1, -1, 1, 1), running_var.reshape(1, -1, 1, 1)
    return g * (input - rm) / torch.sqrt(rv + eps) + b


@answer("batch_norm2d", "adds eps to the standard deviation, outside the root", "eps-outside-the-root")
def eps_outside(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    x = input.transpose(0, 1).flatten(1)  # (C, N*H*W)
    if training:
        mean, std = x.mean(1), x.std(1, unbiased=False)
        with torch.no_grad():
            running_mean.copy_(running_mean * (1 - momentum) + momentum * mean)
            running_var.copy_(running_var * (1 - momentum) + momentum * x.var(1))
    else:
        mean, std = running_mean, running_var.sqrt()
    y = (x - mean[:, None]) / (std[:, None] + eps)
    y = y * gamma[:, None] + beta[:, None]
    return y.reshape(input.transpose(0, 1).shape).transpose(0, 1)


@answer("batch_norm2d", "uses the running statistics in training too", "running-in-training")
def running_in_training(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    view = (1, input.shape[1], 1, 1)
    if training:
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(input.mean(dim=(0, 2, 3)), alpha=momentum)
            running_var.mul_(1 - momentum).add_(input.var(dim=(0, 2, 3)), alpha=momentum)
    inv_std = 1.0 / torch.sqrt(running_var + eps)
    return (input - running_mean.view(view)) * inv_std.view(view) * gamma.view(view) + beta.view(view)


@answer("batch_norm2d", "uses the batch's statistics in evaluation too", "batch-in-evaluation")
def batch_in_evaluation(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean = input.mean(dim=(0, 2, 3), keepdim=True)
    var = input.var(dim=(0, 2, 3), keepdim=True, unbiased=False)
    if training:
        m = input.numel() / input.size(1)
        running_mean.data.mul_(1 - momentum).add_(momentum * mean.detach().view(-1))
        running_var.data.mul_(1 - momentum).add_(momentum * var.detach().view(-1) * m / (m - 1))
    normed = (input - mean) / (var + eps).sqrt()
    return gamma.view(1, -1, 1, 1) * normed + beta.view(1, -1, 1, 1)


@answer("batch_norm2d", "updates the running statistics in evaluation too", "running-updated-in-evaluation")
def updates_in_evaluation(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    s = lambda v: v[:, None, None]
    batch_mean = input.mean(dim=(0, 2, 3))
    batch_var = input.var(dim=(0, 2, 3), unbiased=False)
    mean, var = (batch_mean, batch_var) if training else (running_mean.clone(), running_var.clone())
    out = s(gamma) * (input - s(mean)) / torch.sqrt(s(var) + eps) + s(beta)
    with torch.no_grad():
        running_mean.copy_((1 - momentum) * running_mean + momentum * batch_mean)
        running_var.copy_((1 - momentum) * running_var + momentum * input.var(dim=(0, 2, 3)))
    return out


@answer("batch_norm2d", "takes the statistics over the samples only, separately for every pixel", "over-the-batch-only")
def per_pixel(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    g, b = gamma.view(1, -1, 1, 1), beta.view(1, -1, 1, 1)
    if training:
        mu = input.mean(dim=0, keepdim=True)
        var = input.var(dim=0, keepdim=True, unbiased=False)
        running_mean.copy_((1 - momentum) * running_mean + momentum * input.detach().mean(dim=(0, 2, 3)))
        running_var.copy_((1 - momentum) * running_var + momentum * input.detach().var(dim=(0, 2, 3)))
    else:
        mu, var = running_mean.view(1, -1, 1, 1), running_var.view(1, -1, 1, 1)
    return g * (input - mu) / torch.sqrt(var + eps) + b


@answer(
    "batch_norm2d",
    "two mistakes: momentum the wrong way round; the running variance takes the biased variance",
    "momentum-swapped biased-in-the-running-variance",
)
def cs231n_momentum(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    N, C, H, W = input.shape
    x = input.permute(0, 2, 3, 1).reshape(N * H * W, C)
    if training:
        sample_mean = x.mean(dim=0)
        sample_var = x.var(dim=0, unbiased=False)
        out = gamma * (x - sample_mean) / torch.sqrt(sample_var + eps) + beta
        running_mean.copy_(momentum * running_mean + (1 - momentum) * sample_mean.detach())
        running_var.copy_(momentum * running_var + (1 - momentum) * sample_var.detach())
    else:
        out = gamma * (x - running_mean) / torch.sqrt(running_var + eps) + beta
    return out.reshape(N, H, W, C).permute(0, 3, 1, 2)


@answer(
    "batch_norm2d",
    "two mistakes: divides by the unbiased variance; running statistics are not changed in place",
    "unbiased-in-the-fraction running-not-updated",
)
def unbiased_and_rebound(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if training:
        mean = torch.mean(input, dim=(0, 2, 3))
        var = torch.var(input, dim=(0, 2, 3))
        running_mean = running_mean * (1 - momentum) + mean * momentum
        running_var = running_var * (1 - momentum) + var * momentum
    else:
        mean, var = running_mean, running_var
    w = gamma / torch.sqrt(var + eps)
    return input * w.view(1, -1, 1, 1) + (beta - mean * w).view(1, -1, 1, 1)


@answer(
    "batch_norm2d",
    "two mistakes: forgets gamma and beta; uses the batch's statistics in evaluation too",
    "batch-in-evaluation no-scale-and-shift",
)
def only_normalises(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean = input.mean(dim=(0, 2, 3), keepdim=True)
    var = input.var(dim=(0, 2, 3), keepdim=True, unbiased=False)
    if training:
        with torch.no_grad():
            running_mean += momentum * (mean.flatten() - running_mean)
            running_var += momentum * (input.var(dim=(0, 2, 3)) - running_var)
    return (input - mean) / torch.sqrt(var + eps)
