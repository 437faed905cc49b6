#!/usr/bin/env python3
"""The peers' side of the comparison: answers the protocol of README.md."""
import sys

import device
import training

try:
    import shallow
except ImportError:  # a machine with PyTorch alone
    shallow = None


def names():
    kinds = shallow.JOBS if shallow else {}
    return [*training.JOBS, *(f"{kind}-{size}" for kind, (sizes, _) in kinds.items() for size in sizes)]


def prepare(name):
    """Makes a job's data; one with a size can be had at every size."""
    if name in training.JOBS:
        return training.JOBS[name]()
    if job := device.prepare(name):
        return job
    kind, _, size = name.rpartition("-")
    return shallow.JOBS[kind][1](int(size))


def main():
    ready = {}
    for line in sys.stdin:
        command, _, job = line.strip().partition(" ")
        if command == "jobs":
            print(" ".join(names()), flush=True)
        elif command == "prepare":
            ready[job] = prepare(job)
            print("ready", flush=True)
        elif command == "run":
            print(f"{ready[job]():.6f}", flush=True)


if __name__ == "__main__":
    main()
