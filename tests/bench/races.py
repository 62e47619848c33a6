"""The race of the book: 100 threads that add one to one counter 100,000
times, and 8 processes a million times, in four ways."""

import collections
import subprocess

import harness
from report import Series, plain

COUNT = harness.BUILD / "bench-count"
ROUNDS = 3


def counting(report):
    took, lost = collections.defaultdict(list), collections.defaultdict(list)
    for _ in range(ROUNDS):
        result = subprocess.run([COUNT], stdout=subprocess.PIPE, text=True,
                                check=True, timeout=120)
        for line in result.stdout.splitlines():
            name, ns, missing = line.split()
            took[name].append(float(ns))
            lost[name].append(int(missing))
    for who in ("threads", "processes"):
        bare = Series("plain", took[f"{who}-plain"])
        report.row(Series(f"counting by {who}, plain: counts lost",
                          lost[f"{who}-plain"]), show=plain)
        for way in ("mutex", "semaphore", "atomic"):
            name = f"{who}-{way}"
            report.row(Series(f"counting by {who}, {way}", took[name]), bare)
            report.row(Series(f"counting by {who}, {way}: counts lost",
                              lost[name]), at_most=0, show=plain)
