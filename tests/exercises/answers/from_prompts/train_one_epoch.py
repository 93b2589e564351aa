"""Answers to train_one_epoch, written from its prompt alone."""

import numpy as np
import torch

from cnncourse.exercises.answers import answer


@answer("train_one_epoch", "right")
def weighted_by_batch_size(model, batches, loss_fn, optimizer):
    model.train()
    total, n = 0.0, 0
    for x, y in batches:
        optimizer.zero_grad(set_to_none=True)
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
        n += len(x)
    return total / n


@answer("train_one_epoch", "right")
def generator_of_losses(model, batches, loss_fn, optimizer):
    def steps():
        for inputs, targets in batches:
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            yield loss.detach().double(), targets.shape[0]

    model.train(True)
    optimizer.zero_grad()  # nothing may be left from before
    losses, sizes = zip(*steps())
    return float(np.average([l.item() for l in losses], weights=sizes))


@answer("train_one_epoch", "right")
def closure_for_the_optimiser(model, batches, loss_fn, optimizer):
    model.train()
    losses = []
    for inputs, targets in batches:

        def closure():
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            return loss

        loss = optimizer.step(closure)
        losses += [float(loss)] * inputs.size(0)
    return sum(losses) / len(losses)


@answer(
    "train_one_epoch",
    "averages the batches' losses, so a short last batch weighs as much as a full one",
    "mean-of-batch-means",
)
def mean_of_means(model, batches, loss_fn, optimizer):
    model.train()
    losses = []
    for images, labels in batches:
        optimizer.zero_grad()
        outputs = model(images)
        loss = loss_fn(outputs, labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return float(np.mean(losses))


@answer("train_one_epoch", "does not clear the gradients", "gradients-pile-up")
def no_zero_grad(model, batches, loss_fn, optimizer):
    model.train()
    running_loss, seen = 0.0, 0
    for X, y in batches:
        pred = model(X)
        loss = loss_fn(pred, y)
        loss.backward()
        optimizer.step()
        running_loss += loss.item() * X.size(0)
        seen += X.size(0)
    return running_loss / seen


@answer("train_one_epoch", "does not switch to train mode", "not-in-train-mode")
def no_train_mode(model, batches, loss_fn, optimizer):
    sum_loss = 0
    count = 0
    for inputs, targets in batches:
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = loss_fn(outputs, targets)
        loss.backward()
        optimizer.step()
        sum_loss += loss.item() * targets.size(0)
        count += targets.size(0)
    return sum_loss / count


@answer("train_one_epoch", "asks for the number of batches with len, which a generator does not have", "needs-a-length")
def len_of_batches(model, batches, loss_fn, optimizer):
    model.train()
    epoch_loss = 0.0
    for i in range(len(batches)):
        inputs, targets = batches[i]
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item() * len(targets)
    return epoch_loss / sum(len(t) for _, t in batches)


@answer(
    "train_one_epoch", "counts the samples in a first loop, so a generator is used up before training", "loops-twice"
)
def counts_first(model, batches, loss_fn, optimizer):
    n_samples = sum(len(targets) for _, targets in batches)
    model.train()
    loss_sum = 0.0
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(targets)
    return loss_sum / n_samples


@answer(
    "train_one_epoch",
    "clears the gradients between backward and step, so the model does not learn",
    "steps-without-gradients",
)
def zero_grad_too_late(model, batches, loss_fn, optimizer):
    model.train()
    total, n = 0.0, 0
    for x, y in batches:
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        total += loss.item() * len(y)
        n += len(y)
    return total / n


@answer("train_one_epoch", "takes the step before the backward pass", "steps-without-gradients")
def step_before_backward(model, batches, loss_fn, optimizer):
    model.train()
    total = n = 0
    for inputs, targets in batches:
        optimizer.zero_grad()
        output = model(inputs)
        loss = loss_fn(output, targets)
        optimizer.step()
        loss.backward()
        total += loss.item() * inputs.shape[0]
        n += inputs.shape[0]
    return total / n


@answer("train_one_epoch", "takes one step at the end of the epoch instead of one per batch", "one-step-an-epoch")
def one_step_per_epoch(model, batches, loss_fn, optimizer):
    model.train()
    optimizer.zero_grad()
    total_loss, total = 0.0, 0
    for inputs, targets in batches:
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        total_loss += float(loss) * len(inputs)
        total += len(inputs)
    optimizer.step()
    return total_loss / total


@answer("train_one_epoch", "returns a tensor that still carries the graph instead of a float", "tensor")
def returns_tensor(model, batches, loss_fn, optimizer):
    model.train()
    total_loss = 0
    samples = 0
    for data, target in batches:
        optimizer.zero_grad()
        loss = loss_fn(model(data), target)
        loss.backward()
        optimizer.step()
        total_loss += loss * data.size(0)
        samples += data.size(0)
    return total_loss / samples


@answer("train_one_epoch", "measures the loss after the step", "loss-after-the-step")
def loss_after_step(model, batches, loss_fn, optimizer):
    model.train()
    total, n = 0.0, 0
    for x, y in batches:
        optimizer.zero_grad()
        loss_fn(model(x), y).backward()
        optimizer.step()
        with torch.no_grad():
            total += loss_fn(model(x), y).item() * len(x)
        n += len(x)
    return total / n


@answer("train_one_epoch", "returns the loss of the last batch", "last-loss")
def last_loss(model, batches, loss_fn, optimizer):
    model.train()
    for batch in batches:
        x, y = batch[0], batch[1]
        optimizer.zero_grad()
        out = model(x)
        loss = loss_fn(out, y)
        loss.backward()
        optimizer.step()
    return loss.item()


@answer(
    "train_one_epoch",
    "two mistakes: does not clear the gradients; averages the batches' losses",
    "gradients-pile-up mean-of-batch-means",
)
def no_zero_grad_mean_of_means(model, batches, loss_fn, optimizer):
    model.train()
    total, num = 0.0, 0
    for i, (x, y) in enumerate(batches):
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
        num = i + 1
    return total / num


@answer(
    "train_one_epoch",
    "two mistakes: trains in eval mode; sums the batches' losses without dividing",
    "not-in-train-mode sum-of-batch-means",
)
def eval_mode_sum(model, batches, loss_fn, optimizer):
    model.eval()
    train_loss = 0.0
    for x, y in batches:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        train_loss += loss.item()
    return train_loss


@answer(
    "train_one_epoch",
    "two mistakes: does not switch to train mode; averages the batches' losses",
    "mean-of-batch-means not-in-train-mode",
)
def keras_history(model, batches, loss_fn, optimizer):
    history = []
    for x_batch, y_batch in batches:
        optimizer.zero_grad()
        y_pred = model(x_batch)
        loss = loss_fn(y_pred, y_batch)
        loss.backward()
        optimizer.step()
        history.append(loss.detach())
    return torch.stack(history).mean().item()
