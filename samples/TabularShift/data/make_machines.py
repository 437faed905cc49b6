#!/usr/bin/env python3
"""Makes the files of samples/TabularShift/data: made-up machines, so that anybody may use them for anything.

    python3 samples/TabularShift/data/make_machines.py

Four readings of a machine (load, age, vibration, heat, all centered) and whether it failed within a month. Plant A is
labeled. Plant B runs its machines at high load (other rows, the same rule); plant C reads the same things by sensors
that mix and stretch them (the same rows, another scale). Two runs give the same bytes.
"""
import csv
import pathlib
import random

OUTPUT = pathlib.Path(__file__).resolve().parent
ROWS = 400
# What plant C's sensors make of the readings: a symmetric matrix, so that the mixing is a stretch along other axes.
SENSORS = [[0.7, 0.0, 0.0, 0.5], [0.0, 1.5, 1.2, 0.0], [0.0, 1.2, 1.5, 0.0], [0.5, 0.0, 0.0, 0.7]]


def machine(chance, load_mean, load_spread):
    """One row of readings and whether the machine fails: with age, and the more the further load is from its best."""
    load = chance.gauss(load_mean, load_spread)
    age, vibration, heat = (chance.gauss(0, 1) for _ in range(3))
    risk = 1.2 * age + 0.6 * (load * load - 1) - 0.8 * vibration + chance.gauss(0, 0.3)
    return [load, age, vibration, heat], int(risk > 0)


def write(name, chance, load_mean=0.0, load_spread=1.0, sensors=None):
    """Writes one plant."""
    with open(OUTPUT / f"{name}.csv", "w", newline="", encoding="ascii") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["load", "age", "vibration", "heat", "failed"])
        for _ in range(ROWS):
            row, failed = machine(chance, load_mean, load_spread)
            if sensors:
                row = [sum(weight * value for weight, value in zip(line, row)) for line in sensors]
            table.writerow([f"{value:.4f}" for value in row] + [failed])


def main():
    OUTPUT.mkdir(parents=True, exist_ok=True)
    write("plant-a", random.Random(1))
    write("plant-b", random.Random(2), load_mean=1.2, load_spread=0.4)
    write("plant-c", random.Random(3), sensors=SENSORS)


if __name__ == "__main__":
    main()
