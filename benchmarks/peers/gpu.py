#!/usr/bin/env python3
"""Times on a GPU: training steps beside plain PyTorch, shallow methods beside the same ones on this machine's CPU.

Writes gpu.md, the table, and gpu.jsonl, one comparison a line, into a folder; both grow as the work goes on. See
README.md for the protocol that the processes speak.
"""
import argparse
import json
import pathlib
import platform
import select
import statistics
import sys
import time

import torch

import compare

NO_FIGURE = (TimeoutError, EOFError)


class Patient(compare.Side):
    """A process whose answers are waited for until a moment."""

    until = float("inf")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        left = max(0, self.until - time.monotonic())
        ready, _, _ = select.select([self.process.stdout], [], [], left)
        if not ready:
            raise TimeoutError(f"no answer to '{command}' in time")
        answer = self.process.stdout.readline()
        if not answer:
            raise EOFError(f"the process ended at '{command}'")
        return answer.strip()


class Comparison:
    """What is compared: two jobs, which side runs each, and how far the one may be slower than the other."""

    def __init__(self, title, ours, other, bar, seconds=20, sides=("ours", "torch"), rounds=9):
        self.title, self.jobs, self.bar, self.seconds = title, (ours, other), bar, seconds
        self.sides, self.rounds = sides, rounds

    def measure(self, commands):
        """Rounds in which every second time the other begins; the first of each is not counted."""
        with Patient(commands[self.sides[0]]) as ours, Patient(commands[self.sides[1]]) as other:
            both = list(zip((ours, other), self.jobs))
            begun = time.monotonic()
            end = begun + self.seconds
            # One run each is worth more time than further rounds are.
            ours.until = other.until = begun + 2 * self.seconds + 20
            firsts = []
            for side, job in both:
                kind, _, place = job.partition("-")
                if self.sides == ("ours", "ours"):  # loads the code and the device's libraries
                    small = f"{kind}-100-{place.partition('-')[2]}"
                    side.ask(f"prepare {small}")
                    side.ask(f"run {small}")
                side.ask(f"prepare {job}")
                firsts.append(side.run(job))
            rounds = []
            while len(rounds) < self.rounds and time.monotonic() < end - sum(firsts) * 1.5e-3:
                order = both if len(rounds) % 2 == 0 else both[::-1]
                times = {id(side): side.run(job) for side, job in order}
                rounds.append((times[id(ours)], times[id(other)]))
        # Where one run takes all the time, the only one tells.
        return rounds or [tuple(firsts)]


def comparisons(device, dry):
    """The most telling first: what comes last may find no time."""
    batch, images, rows = (2, 2, 200) if dry else (64, 64, 10_000)
    trained = [
        Comparison(f"DANN step, ResNet-18, {images} + {images} images 3x224x224", f"resnet-{images}-{device}", None, 1.05, 35),
        Comparison(f"DANN step, LeNet, {batch} + {batch} images", f"lenet-{batch}-{device}", None, 0.9),
        Comparison("one addition of [64, 64]", f"add-64-{device}", None, 1.0, 10),
        Comparison(f"DANN step, LeNet, {batch} + {batch} images, CPU", f"lenet-{batch}-cpu", None, 1.0),
        Comparison("one addition of [64, 64], CPU", "add-64-cpu", None, 1.0, 10),
    ]
    shallow = [
        Comparison(f"{title}, {rows:,} rows a domain, GPU beside CPU", f"{kind}-{rows}-{device}", f"{kind}-{rows}-cpu", 0.1, seconds, ("ours", "ours"), 3)
        for kind, title, seconds in (("sinkhorn", "Sinkhorn", 25), ("kmm", "kernel mean matching", 40), ("tca", "transfer components", 30))
    ]
    others = [
        Comparison(f"DANN step, ResNet-18, {title}", f"resnet.{kind}-{images}-{device}", None, 1.05, 20, rounds=5)
        for kind, title in (
            ("bfloat16", "bfloat16"), ("float16", "float16 with loss scaling"),
            ("channelslast", "channels last"), ("bfloat16.channelslast", "bfloat16, channels last"),
        )
    ]
    every = [*trained[:2], *shallow[:1], *trained[2:], *shallow[1:], *others]
    for one in every:
        one.jobs = (one.jobs[0], one.jobs[1] or one.jobs[0])
    return every


def line(one, rounds):
    ratios = [ours / other for ours, other in rounds]
    ours, other = (statistics.median(times) for times in zip(*rounds))
    ratio = statistics.median(ratios)
    return {
        "what": one.title, "jobs": one.jobs, "beside": " beside ".join(one.sides), "ours_ms": ours, "other_ms": other,
        "ratio": ratio, "least": min(ratios), "greatest": max(ratios), "rounds": len(rounds), "bar": one.bar,
        "met": ratio <= one.bar,
    }


def row(found):
    if "fault" in found:
        return f"| {found['what']} | {found['fault']} | | | {found['bar']} |"
    ratio = f"{found['ratio']:.3g} ({found['least']:.3g} .. {found['greatest']:.3g}, {found['rounds']} rounds)"
    ratio = ratio if found["met"] else f"**{ratio}**"
    return f"| {found['what']} | {found['ours_ms']:.4g} | {found['other_ms']:.4g} | {ratio} | {found['bar']} |"


def machine():
    name = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no GPU"
    return f"{name}, {platform.machine()} with {torch.get_num_threads()} threads, torch {torch.__version__}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the folder of the results")
    parser.add_argument("--limit", type=float, default=330, help="seconds after which no comparison begins")
    parser.add_argument("--dry", action="store_true", help="small sizes and the CPU in the device's place")
    parser.add_argument("--filter", default="", help="only comparisons whose jobs contain this")
    parser.add_argument("ours", nargs="+", help="the command that starts the library's side")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    commands = {"ours": arguments.ours, "torch": compare.PEER}
    started, found = time.monotonic(), []
    for one in comparisons("cpu" if arguments.dry else "cuda", arguments.dry):
        if arguments.filter not in " ".join(one.jobs):
            continue
        begun = time.monotonic()
        if begun - started > arguments.limit:
            found.append({"what": one.title, "fault": "no time left", "bar": one.bar})
        else:
            try:
                found.append(line(one, one.measure(commands)))
            except NO_FIGURE as fault:
                found.append({"what": one.title, "fault": str(fault), "bar": one.bar})
        found[-1]["seconds"] = round(time.monotonic() - begun, 1)
        print(row(found[-1]), f"{found[-1]['seconds']} s", flush=True)
        table = ["| what | ours, ms | beside it, ms | ratio (least .. greatest) | bar |", "|---|---|---|---|---|"]
        (arguments.out / "gpu.md").write_text("\n".join([machine(), "", *table, *map(row, found), ""]))
        (arguments.out / "gpu.jsonl").write_text("".join(json.dumps(each) + "\n" for each in found))


if __name__ == "__main__":
    sys.exit(main())
