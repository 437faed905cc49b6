"""PyTorch's side: the overhead of one operation, and training steps of a LeNet-type network."""
import time

import torch
from torch import nn
from torch.nn import functional

BATCH, STEPS = 64, 20


def milliseconds(work, repeats):
    """Mean time of one repeat."""
    start = time.perf_counter()
    work(repeats)
    return (time.perf_counter() - start) * 1e3 / repeats


def add():
    first, second = torch.ones(1), torch.ones(1)

    def work(repeats):
        with torch.no_grad():
            for _ in range(repeats):
                torch.add(first, second)

    return lambda: milliseconds(work, 20_000)


class Extractor(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 48, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(),
        )


class Predictor(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(768, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10))


class Critic(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(768, 100), nn.ReLU(), nn.Linear(100, 1))


class ReverseGradient(torch.autograd.Function):
    @staticmethod
    def forward(context, features, weight):
        context.weight = weight
        return features.view_as(features)

    @staticmethod
    def backward(context, gradient):
        return -context.weight * gradient, None


def multi_kernel_mmd(source, target):
    """Quadratic unbiased estimator; the bandwidth is the mean squared distance, not differentiated."""
    rows = torch.cat([source, target])
    count = len(source)
    squares = (rows * rows).sum(1)
    distances = (squares[:, None] + squares[None, :] - 2 * rows @ rows.T).clamp_min(0)
    with torch.no_grad():
        bandwidth = distances.sum() / (len(rows) * (len(rows) - 1))
    kernel = sum(torch.exp(-distances / (bandwidth * scale)) for scale in (0.25, 0.5, 1, 2, 4))
    within_source, within_target = kernel[:count, :count], kernel[count:, count:]
    pairs = count * (count - 1)
    return (
        (within_source.sum() - within_source.diagonal().sum()) / pairs
        + (within_target.sum() - within_target.diagonal().sum()) / pairs
        - 2 * kernel[:count, count:].mean()
    )


class Batches:
    """Draws the rows of one domain in a new random order every epoch."""

    def __init__(self, rows):
        self.rows, self.order, self.next = rows, torch.randperm(len(rows)), 0

    def draw(self):
        if self.next + BATCH > len(self.rows):
            self.order, self.next = torch.randperm(len(self.rows)), 0
        chosen = self.order[self.next : self.next + BATCH]
        self.next += BATCH
        return chosen, self.rows.index_select(0, chosen)


def fresh():
    """Batches of both domains, the source's labels, and the two halves of the network."""
    torch.manual_seed(0)
    source, target = Batches(torch.rand(5000, 1, 28, 28)), Batches(torch.rand(1000, 1, 28, 28))
    return source, target, torch.randint(10, (5000,)), Extractor(), Predictor()


def descent(*modules):
    return torch.optim.SGD(nn.ModuleList(modules).parameters(), lr=0.01, momentum=0.9)


def update(optimizer, loss):
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def training_step(align):
    """A job that trains; `align` is None, or makes the term that is added to the cross-entropy."""

    def prepare():
        source, target, labels, extractor, predictor = fresh()
        critic = Critic()
        optimizer = descent(extractor, predictor, *([critic] if align is adversarial else []))

        def work(repeats):
            for _ in range(repeats):
                chosen, images = source.draw()
                if align is None:
                    scores = predictor(extractor(images))
                    loss = functional.cross_entropy(scores, labels.index_select(0, chosen))
                else:
                    features = extractor(torch.cat([images, target.draw()[1]]))
                    loss = functional.cross_entropy(predictor(features[:BATCH]), labels.index_select(0, chosen))
                    loss = loss + align(features, critic)
                update(optimizer, loss)

        return lambda: milliseconds(work, STEPS)

    return prepare


def discrepancy(features, _):
    return multi_kernel_mmd(features[:BATCH], features[BATCH:])


def adversarial(features, critic):
    domains = torch.cat([torch.ones(BATCH), torch.zeros(BATCH)])
    judged = critic(ReverseGradient.apply(features, 1.0)).squeeze(1)
    return functional.binary_cross_entropy_with_logits(judged, domains)


def conditional():
    """CDAN: the critic sees the features times the class probabilities."""
    source, target, labels, extractor, predictor = fresh()
    critic = nn.Sequential(nn.Linear(7680, 100), nn.ReLU(), nn.Linear(100, 1))
    optimizer = descent(extractor, predictor, critic)
    domains = torch.cat([torch.ones(BATCH), torch.zeros(BATCH)])

    def work(repeats):
        for _ in range(repeats):
            chosen, images = source.draw()
            features = extractor(torch.cat([images, target.draw()[1]]))
            scores = predictor(features)
            loss = functional.cross_entropy(scores[:BATCH], labels.index_select(0, chosen))
            shares = scores.detach().softmax(1)
            reversed = ReverseGradient.apply(features, 1.0)
            joint = (shares.unsqueeze(2) * reversed.unsqueeze(1)).flatten(1)
            loss = loss + functional.binary_cross_entropy_with_logits(critic(joint).squeeze(1), domains)
            update(optimizer, loss)

    return lambda: milliseconds(work, STEPS)


def two_classifiers():
    """MCD: all learn the source; the classifiers part on the target; four times the extractor brings them together."""
    source, target, labels, extractor, first = fresh()
    second = Predictor()
    of_features, of_classifiers = descent(extractor), descent(first, second)
    everything = descent(extractor, first, second)

    def supervised(features, classes):
        return functional.cross_entropy(first(features), classes) + functional.cross_entropy(second(features), classes)

    def apart(features):
        return (first(features).softmax(1) - second(features).softmax(1)).abs().mean()

    def work(repeats):
        for _ in range(repeats):
            chosen, images = source.draw()
            others, classes = target.draw()[1], labels.index_select(0, chosen)
            update(everything, supervised(extractor(images), classes))
            with torch.no_grad():
                features = extractor(torch.cat([images, others]))
            update(of_classifiers, supervised(features[:BATCH], classes) - apart(features[BATCH:]))
            for classifier in (first, second):
                classifier.requires_grad_(False)
            for _ in range(4):
                update(of_features, apart(extractor(others)))
            for classifier in (first, second):
                classifier.requires_grad_(True)

    return lambda: milliseconds(work, STEPS)


def margin_disparity():
    """MDD: behind the reversed gradient a second classifier agrees on the source, by the margin 4, and not on the target."""
    source, target, labels, extractor, predictor = fresh()
    adversary = Predictor()
    optimizer = descent(extractor, predictor, adversary)

    def work(repeats):
        for _ in range(repeats):
            chosen, images = source.draw()
            features = extractor(torch.cat([images, target.draw()[1]]))
            scores = predictor(features)
            other = adversary(ReverseGradient.apply(features, 0.1))
            read = scores.detach().argmax(1)
            loss = functional.cross_entropy(scores[:BATCH], labels.index_select(0, chosen))
            agreed = other[BATCH:].softmax(1).gather(1, read[BATCH:, None])
            loss = loss + 4 * functional.cross_entropy(other[:BATCH], read[:BATCH])
            loss = loss - (1 - agreed + 1e-6).clamp_max(1).log().mean()
            update(optimizer, loss)

    return lambda: milliseconds(work, STEPS)


def noisy_views():
    """FixMatch, its views the images with little and with much noise."""
    source, target, labels, extractor, predictor = fresh()
    optimizer = descent(extractor, predictor)

    def view(images, level):
        return images + level * torch.randn_like(images)

    def work(repeats):
        for _ in range(repeats):
            chosen, images = source.draw()
            others = target.draw()[1]
            loss = functional.cross_entropy(predictor(extractor(images)), labels.index_select(0, chosen))
            with torch.no_grad():
                sure, classes = predictor(extractor(view(others, 0.02))).softmax(1).max(1)
            losses = functional.cross_entropy(predictor(extractor(view(others, 0.2))), classes, reduction="none")
            update(optimizer, loss + (losses * (sure >= 0.95)).mean())

    return lambda: milliseconds(work, STEPS)


JOBS = {
    "add": add,
    "step-source": training_step(None),
    "step-dan": training_step(discrepancy),
    "step-dann": training_step(adversarial),
    "step-cdan": conditional,
    "step-mcd": two_classifiers,
    "step-mdd": margin_disparity,
    "step-fixmatch": noisy_views,
}
