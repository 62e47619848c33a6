"""The workers as processes: how soon a dead one is replaced, and what they
keep in memory while idle; beside those of nginx and of Python."""

import os
import pathlib
import signal
import subprocess
import tempfile
import time

import harness
from peers import PYTHON, bench_read, find, has
from report import Series

WORKERS = 4
DEATHS = 40
REST = 0.05  # s between deaths
NGINX = """daemon off; worker_processes {count}; pid {at}/pid;
error_log /dev/null crit; events {{ }}
http {{ access_log off; client_body_temp_path {at}/body;
proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/fastcgi;
uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;
server {{ listen unix:{at}/socket; }} }}
"""
POOL = """
import multiprocessing, sys
import requests
def fetch(url):
    return len(requests.get(url, timeout=30).json())
if __name__ == "__main__":
    with multiprocessing.Pool({count}) as pool:
        pool.map(fetch, [sys.argv[1]] * 8 * {count}, chunksize=1)
        print("ready", flush=True)
        sys.stdin.read()
"""


def new_children(master):
    """ns from a child's death to the next process of this master, each."""
    values = []
    for turn in range(DEATHS):
        before = harness.children(master)
        victim = before[turn % len(before)]
        start = time.monotonic_ns()
        os.kill(victim, signal.SIGKILL)
        while not set(harness.children(master)) - set(before):
            harness.equal(time.monotonic_ns() - start < 5e9, True,
                          f"a new child of {master} within 5 s")
        values.append(time.monotonic_ns() - start)
        time.sleep(REST)
    return values


def of_nginx():
    program = find("nginx")
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="ratesd-bench-") as directory:
        conf = pathlib.Path(directory) / "conf"
        conf.write_text(NGINX.format(at=directory, count=WORKERS))
        master = subprocess.Popen(
            [program, "-e", "/dev/null", "-p", directory, "-c", conf],
            stderr=subprocess.DEVNULL)
        try:
            harness.wait_until("nginx has its workers", lambda: len(
                harness.children(master.pid)) == WORKERS)
            return new_children(master.pid)
        finally:
            master.terminate()
            master.wait(timeout=10)


def begin(case):
    case.start_stub()
    case.write_conf(workers=WORKERS, refresh="30m",
                    **{"stale-after": "1h"})
    case.start("--log-level", "error")
    harness.wait_until("all workers are in their loop",
                       lambda: len(case.workers()) == WORKERS)


def replaced(report):
    case = harness.Case("replaced")
    try:
        begin(case)
        jobs = bench_read("replaced", case.instance, DEATHS)["replaced"]
        process = new_children(case.daemon.pid)
        harness.equal(case.stop(), 0, "exit status of ratesd")
    finally:
        case.close()
    nginx = of_nginx()
    peer = nginx and Series("nginx: a new process", nginx)
    if nginx is None:
        report.note("nginx is not installed: no replacement of its workers")
    report.row(Series("worker killed until the next one takes jobs", jobs),
               peer, at_most=5e6)
    report.row(Series("worker killed until there is a new process", process),
               peer)


def held(pids):
    """Bytes: what pages have of their own, and their share of the common
    ones (proc(5): Pss)."""
    return 1024 * sum(
        int(line.split()[1]) for pid in pids
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        .splitlines() if line.startswith("Pss:"))


def mebibytes(count):
    return f"{count / 2 ** 20:.3g} MiB"


def of_pool(url):
    """(the workers', all of it) of a pool that has fetched, and waits."""
    if not has("requests"):
        return None
    with subprocess.Popen(
            [PYTHON, "-c", POOL.format(count=WORKERS), url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=harness.clean_environment()) as pool:
        pool.stdout.readline()
        crew = harness.children(pool.pid)
        return held(crew), held([pool.pid, *crew])


def memory(report):
    case = harness.Case("memory")
    try:
        begin(case)
        case.ctl("refresh", "--wait")
        workers = list(case.workers().values())
        ours = held(workers), held([case.daemon.pid, *workers])
        pool = of_pool(case.stub.url("/rates?base=EUR"))
        harness.equal(case.stop(), 0, "exit status of ratesd")
    finally:
        case.close()
    if pool is None:
        report.note("python3-requests is not installed: no pool's memory")
    names = [f"memory of {WORKERS} idle workers", "with their supervisor"]
    for name, value, peer, times in zip(names, ours, pool or (None, None),
                                        (pool and 1 / 5, None)):
        report.row(Series(name, [value]),
                   peer and Series("Python pool", [peer]), times=times,
                   show=mebibytes)
