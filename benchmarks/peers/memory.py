#!/usr/bin/env python3
"""What PyTorch's training holds in memory: the same DANN steps as the library's `--memory few many rows`."""
import gc
import sys

import training


def resident():
    """The resident set, MB."""
    with open("/proc/self/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main():
    few, many, training.BATCH = (int(text) for text in (sys.argv[1:] + ["500", "5000", "64"][len(sys.argv) - 1 :]))
    training.STEPS = 100
    if few % training.STEPS or many % training.STEPS or not 0 < few <= many:
        sys.exit(f"memory.py: steps are multiples of {training.STEPS}, the few at most the many; got {few} and {many}")
    run = training.JOBS["step-dann"]()
    for step in range(training.STEPS, many + 1, training.STEPS):
        run()
        if step in (few, many):
            gc.collect()
            print(f"after {step} steps: {resident():.1f} MB", flush=True)


if __name__ == "__main__":
    main()
