"""PyTorch's side of the jobs `kind-size-device`: one small addition, and DANN's steps with LeNet and ResNet-18."""
import contextlib
import time

import torch
from torch import nn
from torch.nn import functional

from training import Critic, Extractor, Predictor, ReverseGradient

WARM_UP = 3
GradScaler = torch.amp.GradScaler if hasattr(torch.amp, "GradScaler") else torch.cuda.amp.GradScaler


def wait(device):
    """Until the device has done what it was given."""
    if device == "cuda":
        torch.cuda.synchronize()


class Block(nn.Module):
    """A residual block of two 3x3 convolutions."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        out += shortcut
        return self.relu(out)


class ResNet18(nn.Sequential):
    """He et al. (2016), as TorchVision builds it, up to the 512 features."""

    def __init__(self):
        blocks, width = [], 64
        for outputs in (64, 128, 256, 512):
            blocks += [Block(width, outputs, 1 if outputs == 64 else 2), Block(outputs, outputs, 1)]
            width = outputs
        super().__init__(
            nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1),
            *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        )
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).reshape(3, 1, 1))
        self.register_buffer("deviation", torch.tensor([0.229, 0.224, 0.225]).reshape(3, 1, 1))

    def forward(self, images):
        return super().forward((images - self.mean) / self.deviation)


class Batches:
    """Draws the rows of one domain in a new random order every epoch, where the rows are."""

    def __init__(self, rows, batch):
        self.rows, self.batch, self.next = rows, batch, len(rows)

    def draw(self):
        if self.next + self.batch > len(self.rows):
            self.order, self.next = torch.randperm(len(self.rows), device=self.rows.device), 0
        chosen = self.order[self.next : self.next + self.batch]
        self.next += self.batch
        return chosen, self.rows.index_select(0, chosen)


def add(side, device):
    first, second = torch.ones(side, side, device=device), torch.ones(side, side, device=device)

    def run(repeats=20_000):
        wait(device)
        start = time.perf_counter()
        with torch.no_grad():
            for _ in range(repeats):
                torch.add(first, second)
        wait(device)
        return (time.perf_counter() - start) * 1e3 / repeats

    return run


def dann(batch, device, network, steps, dtype=None, channels_last=False):
    """Milliseconds a step of cross-entropy and an opposed critic, both domains in one pass."""
    torch.manual_seed(0)
    image, sources, targets = ((1, 28, 28), 5000, 1000) if network == "lenet" else ((3, 224, 224), 4 * batch, 2 * batch)
    extractor, predictor, critic = Extractor(), Predictor(), Critic()
    if network == "resnet":
        extractor, predictor = ResNet18(), nn.Linear(512, 10)
        critic = nn.Sequential(nn.Linear(512, 100), nn.ReLU(), nn.Linear(100, 1))
    modules = nn.ModuleList([extractor, predictor, critic]).to(device)
    source = Batches(torch.rand(sources, *image).to(device), batch)
    target = Batches(torch.rand(targets, *image).to(device), batch)
    labels = torch.randint(10, (sources,)).to(device)
    if channels_last:
        modules.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(modules.parameters(), lr=0.01, momentum=0.9)
    scaler = GradScaler(enabled=dtype is torch.float16 and device == "cuda")
    domains = torch.cat([torch.ones(batch), torch.zeros(batch)]).to(device)

    def rounded():
        return torch.autocast(device, dtype=dtype) if dtype else contextlib.nullcontext()

    def step():
        chosen, images = source.draw()
        images = torch.cat([images, target.draw()[1]])
        if channels_last:
            images = images.contiguous(memory_format=torch.channels_last)
        with rounded():
            features = extractor(images)
            scores = predictor(features[:batch])
            judged = critic(ReverseGradient.apply(features, 1.0)).squeeze(1)
        loss = functional.cross_entropy(scores.float(), labels.index_select(0, chosen))
        # The mean over all rows is half the sum of the domains' means.
        loss = loss + 2 * functional.binary_cross_entropy_with_logits(judged.float(), domains)
        optimizer.zero_grad(set_to_none=True)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()

    def run():
        for _ in range(WARM_UP):
            step()
        wait(device)
        start = time.perf_counter()
        for _ in range(steps):
            step()
        wait(device)
        return (time.perf_counter() - start) * 1e3 / steps

    return run


def lenet(batch, device):
    return dann(batch, device, "lenet", 50)


def resnet(dtype=None, channels_last=False):
    return lambda batch, device: dann(batch, device, "resnet", 20 if device == "cuda" else 2, dtype, channels_last)


KINDS = {
    "add": add,
    "lenet": lenet,
    "resnet": resnet(),
    "resnet.bfloat16": resnet(torch.bfloat16),
    "resnet.float16": resnet(torch.float16),
    "resnet.channelslast": resnet(channels_last=True),
    "resnet.bfloat16.channelslast": resnet(torch.bfloat16, channels_last=True),
}


def prepare(name):
    """Makes a job's data; None where the name is none of such a job."""
    kind, _, rest = name.partition("-")
    size, _, device = rest.partition("-")
    return KINDS[kind](int(size), device) if kind in KINDS and device in ("cpu", "cuda") else None
