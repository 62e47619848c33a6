"""What a number costs from a shell, as a whole process; and Redis, where a
program keeps the connection."""

import shlex
import subprocess

import harness
from peers import bench_read, find, redis_server
from report import Series

TURNS = 8
MATRIX = 170
PEER_TURNS = 2


def redis(report):
    """One number of a program's own, beside a GET on a kept connection."""
    with redis_server() as path:
        if path is None:
            report.note("redis-server is not installed: no Redis GET beside "
                        "the numbers")
            return
        values = []
        for _ in range(5):
            result = subprocess.run(
                [find("redis-benchmark"), "-s", path, "-c", "1", "-n",
                 "10000", "--csv", "GET", "EURUSD"], capture_output=True,
                text=True, check=True, timeout=30)
            row = result.stdout.splitlines()[-1].split(",")
            values.append(1e9 / float(row[1].strip('"')))
    got = bench_read("number", MATRIX)
    yardstick = Series("Redis GET, unix socket", values)
    for name, how in (("get", "by index"), ("get-code", "by codes")):
        report.row(Series(f"one number {how}, N = {MATRIX}", got[name]),
                   yardstick)


def by_redis():
    with redis_server() as path:
        if path is None:
            return None
        return bench_read("spawn", find("redis-cli"), "-s", path, "get",
                          "EURUSD")["spawn"]


def by_curl(url):
    """curl and jq, from a source that answers at once."""
    if None in (find("curl"), find("jq")):
        return None
    line = f"curl -s {shlex.quote(url)} | jq .rates.USD"
    return bench_read("spawn", "/bin/sh", "-c", line)["spawn"]


def whole_program(report, case):
    get, true = [], []
    for _ in range(TURNS):
        true += bench_read("spawn", "/bin/true")["spawn"]
        get += bench_read("spawn", harness.BUILD / "ratesctl", "-i",
                          case.instance, "get", "EUR", "USD")["spawn"]
    report.row(Series("ratesctl get, whole process", get),
               Series("/bin/true", true), times=2)
    for name, values in (
            ("redis-cli get", by_redis()),
            ("curl | jq", by_curl(case.stub.url("/rates?base=EUR")))):
        if values is None:
            report.note(f"{name} is not installed: nothing beside "
                        "ratesctl get")
        else:
            report.row(Series("ratesctl get, whole process", get),
                       Series(name, values))
