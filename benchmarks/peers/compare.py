#!/usr/bin/env python3
"""Runs the library's jobs and the peers' in turn, and prints one line a job. See README.md for the protocol."""
import argparse
import pathlib
import statistics
import subprocess
import sys


class Side:
    """One process that answers the protocol."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"compare.py: {self.process.args[0]} ended at '{command}'")
        return answer.strip()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(job, ours, peer, rounds, patience):
    """Alternates the two sides until the rounds are done or the job has had its time, at least three times."""
    ours.ask(f"run {job}"), peer.ask(f"run {job}")
    times = {ours: [], peer: []}
    spent = 0
    for turn in range(rounds):
        for side in (ours, peer) if turn % 2 == 0 else (peer, ours):
            times[side].append(float(side.ask(f"run {job}")))
        spent += times[ours][-1] + times[peer][-1]
        if turn >= 2 and spent > patience * 1e3:
            break
    ratios = [mine / other for mine, other in zip(times[ours], times[peer])]
    print(
        f"{job} ours {statistics.median(times[ours]):.4g} peer {statistics.median(times[peer]):.4g} "
        f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--filter", default="", help="only jobs whose name contains this")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--patience", type=float, default=20, help="seconds of measured work after which a job has enough rounds")
    parser.add_argument("ours", nargs="+", help="the command that starts the library's side")
    arguments = parser.parse_args()

    ours = Side(arguments.ours)
    peer = Side([sys.executable, str(pathlib.Path(__file__).with_name("peer.py"))])
    known = set(peer.ask("jobs").split())
    for job in ours.ask("jobs").split():
        if arguments.filter in job and job in known:
            compare(job, ours, peer, arguments.rounds, arguments.patience)
    ours.close()
    peer.close()


if __name__ == "__main__":
    main()
