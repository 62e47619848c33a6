"""What a row of 170 rates costs the processor, beside a bare loop over libcurl
and json-c, and aiohttp; the source answers at once."""

import pathlib
import subprocess

import harness
from report import Series

BARE = harness.BUILD / "bench-bare"
MODELS = harness.SOURCE / "tests/bench/models.py"
PEERS = "/usr/bin/python3"  # Debian's, for which the packages are
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


def peer_cost(template, codes):
    """Of aiohttp, or None where it isn't installed."""
    probe = subprocess.run([PEERS, "-c", "import aiohttp"],
                           stderr=subprocess.DEVNULL)
    if probe.returncode != 0:
        return None
    result = subprocess.run(
        [PEERS, MODELS, "async", template, "16", str(ROUNDS + 1), *codes],
        check=True, stdout=subprocess.PIPE, text=True, timeout=120)
    # The first round also imports it all.
    return [float(line.split()[1]) * 1e9 / len(codes)
            for line in result.stdout.splitlines()[1:]]


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
        peer = peer_cost(stub.url("/rates?base={base}"), codes)
        harness.equal(case.stop(), 0, "exit status of ratesd")
    finally:
        case.close()
    name = f"processor time for a row of {MATRIX}"
    report.row(Series(name, ours), Series("bare loop", bare), times=1.2)
    if peer is None:
        report.note("python3-aiohttp is not installed: no cost of its rows")
    else:
        report.row(Series(name, ours), Series("aiohttp", peer), times=1 / 3)
