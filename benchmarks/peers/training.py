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


def training_step(align):
    """A job that trains; `align` is None, or makes the term that is added to the cross-entropy."""

    def prepare():
        torch.manual_seed(0)
        source, target = Batches(torch.rand(5000, 1, 28, 28)), Batches(torch.rand(1000, 1, 28, 28))
        labels = torch.randint(10, (5000,))
        extractor, predictor, critic = Extractor(), Predictor(), Critic()
        modules = nn.ModuleList([extractor, predictor] + ([critic] if align is adversarial else []))
        optimizer = torch.optim.SGD(modules.parameters(), lr=0.01, momentum=0.9)

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
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()

        return lambda: milliseconds(work, STEPS)

    return prepare


def discrepancy(features, _):
    return multi_kernel_mmd(features[:BATCH], features[BATCH:])


def adversarial(features, critic):
    domains = torch.cat([torch.ones(BATCH), torch.zeros(BATCH)])
    judged = critic(ReverseGradient.apply(features, 1.0)).squeeze(1)
    return functional.binary_cross_entropy_with_logits(judged, domains)


JOBS = {
    "add": add,
    "step-source": training_step(None),
    "step-dan": training_step(discrepancy),
    "step-dann": training_step(adversarial),
}
