#!/usr/bin/env python3
"""Runs the library's jobs and the peers' in turn, and prints two lines a job. See README.md for the protocol."""
import argparse
import pathlib
import statistics
import subprocess
import sys

PROGRAM = "TransferLearning.Benchmarks"
BUILT = pathlib.Path(__file__).resolve().parents[1] / PROGRAM / "bin" / "Release" / "net10.0" / f"{PROGRAM}.dll"
PEER = [sys.executable, str(pathlib.Path(__file__).with_name("peer.py"))]
SMALL = 100  # rows that load a job's code and weigh nothing


class Side:
    """One process that answers the protocol."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"compare.py: {self.process.args[0]} ended at '{command}'")
        return answer.strip()

    def prepare(self, job):
        """Has the job's data made, when a small one of its kind has loaded the code."""
        kind, _, size = job.rpartition("-")
        if size.isdigit():
            self.ask(f"prepare {kind}-{SMALL}")
            self.ask(f"run {kind}-{SMALL}")
        self.ask(f"prepare {job}")

    def run(self, job):
        return float(self.ask(f"run {job}"))

    def first_run(self, job):
        """Its milliseconds, and the megabytes by which it raises what is resident."""
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")  # the peak starts anew
        before = self.resident("VmRSS")
        time = self.run(job)
        return time, self.resident("VmHWM") - before

    def resident(self, line):
        """Megabytes of 'VmRSS', what is resident now, or of 'VmHWM', its peak."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(text.split()[1]) for text in status.splitlines() if text.startswith(line)) / 1024


def compare(job, commands, rounds, patience):
    """One job in two fresh processes: its first runs for the memory, then rounds in turn for the times."""
    with Side(commands[0]) as ours, Side(commands[1]) as peer:
        firsts, memory = {}, {}
        for side in (ours, peer):
            side.prepare(job)
            firsts[side], memory[side] = side.first_run(job)
        rounds_of = alternate(job, ours, peer, firsts, rounds, patience)
    times = [statistics.median(times) for times in zip(*rounds_of)]
    ratios = [mine / other for mine, other in rounds_of]
    print(
        f"{job} ours {times[0]:.4g} peer {times[1]:.4g} "
        f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})\n"
        f"{job} memory ours {memory[ours]:.1f} peer {memory[peer]:.1f}",
        flush=True,
    )


def alternate(job, ours, peer, firsts, rounds, patience):
    """Rounds until there are enough or the job has had its time, at least three; the first runs alone where those took that time by themselves."""
    if rounds == 0 or sum(firsts.values()) > patience * 1e3:
        return [(firsts[ours], firsts[peer])]
    taken = []
    while len(taken) < rounds and (len(taken) < 3 or sum(map(sum, taken)) <= patience * 1e3):
        if len(taken) % 2 == 0:
            mine, other = ours.run(job), peer.run(job)
        else:
            other, mine = peer.run(job), ours.run(job)
        taken.append((mine, other))
    return taken


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--filter", default="", help="only jobs whose name contains this")
    parser.add_argument("--rounds", type=int, default=15, help="0 for the memory, with the first runs' times")
    parser.add_argument("--patience", type=float, default=20, help="seconds of measured work after which a job has enough rounds")
    parser.add_argument("ours", nargs="*", help="the command that starts the library's side; default: the built benchmarks")
    arguments = parser.parse_args()
    if not arguments.ours and not BUILT.exists():
        sys.exit(f"compare.py: build the benchmarks first: dotnet build -c Release {BUILT.parents[3]}")
    arguments.ours = arguments.ours or ["dotnet", str(BUILT), "--jobs"]

    commands = (arguments.ours, PEER)
    with Side(arguments.ours) as ours, Side(PEER) as peer:
        known = set(peer.ask("jobs").split())
        jobs = [job for job in ours.ask("jobs").split() if arguments.filter in job and job in known]
    if not jobs:
        sys.exit(f"compare.py: no job of both sides has '{arguments.filter}' in its name")
    for job in jobs:
        compare(job, commands, arguments.rounds, arguments.patience)


if __name__ == "__main__":
    main()
