"""What a row of 170 rates costs the processor, beside a bare loop over libcurl
and json-c, and aiohttp; the source answers at once."""

import pathlib
import subprocess

import harness
from peers import BARE, model
from report import Series

MATRIX = 170
ROUNDS = 5
REFRESHES = 4  # of the whole matrix in a round


def busy(pids):
    """ns on a processor (proc(5): schedstat)."""
    return sum(int((task / "schedstat").read_text().split()[0])
               for pid in pids
               for task in pathlib.Path(f"/proc/{pid}/task").iterdir())


def worker_cost(case):
    """ns of the workers for each row that they fetched and published."""
    pids = list(case.workers().values())
    done, spent = case.counter("jobs_done"), busy(pids)
    for _ in range(REFRESHES):
        case.ctl("refresh", "--wait")
    return (busy(pids) - spent) / (case.counter("jobs_done") - done)


def bare_cost(url):
    result = subprocess.run([BARE, url, str(REFRESHES * MATRIX)], check=True,
                            stdout=subprocess.PIPE, text=True, timeout=60)
    ns, numbers = result.stdout.split()
    harness.equal(int(numbers), MATRIX, "numbers of the bare loop")
    return float(ns)


def row_cost(report):
    case = harness.Case("rows")
    try:
        stub = case.start_stub("--synthetic", MATRIX, "--serial", "1")
        codes = stub.json("/codes")
        case.write_conf(codes, refresh="30m", workers=1, concurrency=16,
                        **{"max-jump": "off"})
        case.start("--log-level", "error")
        ours, bare = [], []
        for _ in range(ROUNDS):
            ours.append(worker_cost(case))
            bare.append(bare_cost(stub.url(f"/rates?base={codes[0]}")))
        peers = {name: model(name, stub.url(), 16, ROUNDS, codes)
                 for name in ("async", "pool")}
        harness.equal(case.stop(), 0, "exit status of ratesd")
    finally:
        case.close()
    name = f"processor time for a row of {MATRIX}"
    report.row(Series(name, ours), Series("bare loop", bare), times=1.2)
    for kind, shown, times in (("async", "aiohttp", 1 / 3),
                               ("pool", "requests, 16 threads", None)):
        if peers[kind] is None:
            report.note(f"{shown.split(',')[0]} for Python is not installed: "
                        "no cost of its rows")
        else:
            cost = [spent / MATRIX for _, spent in peers[kind]]
            report.row(Series(name, ours), Series(shown, cost), times=times)
