"""Answers to evaluate, written from its prompt alone."""

import torch

from cnncourse.exercises.answers import answer


@answer("evaluate", "right")
def remembers_every_module(model, batches):
    modes = {m: m.training for m in model.modules()}
    model.eval()
    try:
        with torch.inference_mode():
            hits = [(model(x).argmax(dim=1) == y) for x, y in batches]
        return torch.cat(hits).double().mean().item()
    finally:
        for m, mode in modes.items():
            m.training = mode


@answer("evaluate", "right")
def was_training(model, batches):
    was_training = model.training
    model.eval()
    correct = total = 0
    with torch.no_grad():
        for inputs, targets in batches:
            _, predicted = torch.max(model(inputs), 1)
            correct += (predicted == targets).sum().item()
            total += targets.size(0)
    model.train(was_training)
    return correct / total


@answer("evaluate", "leaves the model in eval mode", "left-in-eval-mode")
def stays_in_eval(model, batches):
    model.eval()
    num_correct = 0
    num_samples = 0
    with torch.no_grad():
        for x, y in batches:
            scores = model(x)
            _, preds = scores.max(1)
            num_correct += (preds == y).sum()
            num_samples += preds.size(0)
    return float(num_correct) / num_samples


@answer("evaluate", "always switches to train mode at the end", "always-back-to-train-mode")
@torch.no_grad()
def always_train(model, batches):
    model.eval()
    correct, total = 0, 0
    for images, labels in batches:
        outputs = model(images)
        predicted = outputs.argmax(-1)
        total += labels.numel()
        correct += int((predicted == labels).sum())
    model.train()
    return correct / total


@answer("evaluate", "does not switch to eval mode", "not-in-eval-mode")
def no_eval(model, batches):
    right, n = 0, 0
    with torch.no_grad():
        for inputs, targets in batches:
            for logits, t in zip(model(inputs), targets):
                right += int(logits.argmax() == t)
                n += 1
    return right / n


@answer("evaluate", "records a graph", "graph-recorded")
def with_graph(model, batches):
    mode = model.training
    model.eval()
    acc, count = 0, 0
    for X, y in batches:
        y_hat = model(X)
        acc += (torch.argmax(y_hat, dim=1) == y).sum().item()
        count += len(y)
    model.train(mode)
    return acc / count


@answer(
    "evaluate",
    "averages the batches' accuracies, so a short last batch weighs as much as a full one",
    "mean-of-batch-accuracies",
)
def mean_of_accuracies(model, batches):
    training = model.training
    model.eval()
    accs = []
    with torch.no_grad():
        for x, y in batches:
            accs.append((model(x).argmax(1) == y).float().mean().item())
    model.train(training)
    return sum(accs) / len(accs)


@answer("evaluate", "returns per cent", "percent")
def per_cent(model, batches):
    before = model.training
    model.eval()
    correct, total = 0, 0
    with torch.no_grad():
        for data, target in batches:
            pred = model(data).max(1, keepdim=True)[1]
            correct += pred.eq(target.view_as(pred)).sum().item()
            total += len(target)
    if before:
        model.train()
    return 100.0 * correct / total


@answer("evaluate", "takes the largest logit over the samples instead of the classes", "unknown")
def wrong_axis(model, batches):
    mode = model.training
    model.eval()
    ok, n = 0, 0
    with torch.no_grad():
        for x, y in batches:
            out = model(x)
            pred = out.argmax(0)
            for i in range(len(y)):
                if i < len(pred) and pred[i] == y[i]:
                    ok += 1
            n += len(y)
    model.train(mode)
    return ok / n


@answer("evaluate", "returns a tensor instead of a float", "tensor")
def tensor_result(model, batches):
    flag = model.training
    model.eval()
    with torch.no_grad():
        good = torch.tensor(0.0)
        size = 0
        for x, y in batches:
            good += (model(x).argmax(1) == y).sum()
            size += y.shape[0]
    model.train(flag)
    return good / size


@answer("evaluate", "asks for the number of batches with len, which a generator does not have", "needs-a-length")
def len_times_batch_size(model, batches):
    state = model.training
    model.eval()
    correct = 0
    with torch.no_grad():
        for i in range(len(batches)):
            x, y = batches[i]
            correct += (model(x).argmax(1) == y).sum().item()
    model.train(state)
    return correct / sum(len(b[1]) for b in batches)


@answer("evaluate", "takes the first batch's size for all batches when it counts the samples", "unknown")
def first_batch_size(model, batches):
    was = model.training
    model.eval()
    correct, n_batches, batch_size = 0, 0, None
    with torch.no_grad():
        for x, y in batches:
            if batch_size is None:
                batch_size = len(x)
            correct += (model(x).argmax(1) == y).sum().item()
            n_batches += 1
    model.train(was)
    return correct / (n_batches * batch_size)


@answer(
    "evaluate",
    "two mistakes: averages the batches' accuracies; leaves the model in eval mode",
    "mean-of-batch-accuracies left-in-eval-mode",
)
def accuracies_in_eval(model, batches):
    model.eval()
    total_acc, n = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            predictions = torch.softmax(model(x), dim=1).argmax(dim=1)
            total_acc += torch.mean((predictions == y).float()).item()
            n += 1
    return total_acc / n


@answer("evaluate", "two mistakes: does not switch to eval mode; records a graph", "not-in-eval-mode graph-recorded")
def d2l_accuracy(model, batches):
    metric = [0.0, 0.0]
    for X, y in batches:
        y_hat = model(X)
        cmp = y_hat.argmax(axis=1).type(y.dtype) == y
        metric[0] += float(cmp.type(y.dtype).sum())
        metric[1] += y.numel()
    return metric[0] / metric[1]


@answer(
    "evaluate",
    "two mistakes: returns per cent; always switches to train mode at the end",
    "always-back-to-train-mode percent",
)
def per_cent_then_train(model, batches):
    model.eval()
    correct, total = 0, 0
    with torch.no_grad():
        for inputs, labels in batches:
            _, predicted = torch.max(model(inputs).data, 1)
            total += labels.size(0)
            correct += (predicted == labels).sum().item()
    model.train()
    return 100 * correct / total
