"""The models of ratesfetch, each beside the model of the same name in Python."""

import collections
import contextlib
import json
import pathlib
import subprocess
import tempfile
import time

import harness
from peers import bench_read, model
from report import Series

MS = 1e6
BOOK, BOOK_LATENCY = 5, 200  # rows, ms of an answer
MANY, MANY_LATENCY = 170, 50
ROUNDS = 5
MANY_ROUNDS = 3  # sync takes its time
NAMES = ["sync", "threads", "pool", "procs", "async", "executor"]


@contextlib.contextmanager
def source(rows, latency):
    """A stub, and its first rows' codes."""
    with tempfile.TemporaryDirectory(prefix="ratesd-bench-") as directory:
        stub = harness.Stub(pathlib.Path(directory), "--synthetic", MANY,
                            "--latency", latency)
        try:
            yield stub, stub.json("/codes")[:rows]
        finally:
            stub.process.terminate()
            stub.process.wait()


def one_answer(stub, codes):
    """How long the source takes for one answer, by a plain client."""
    values = []
    for code in codes[:5]:
        start = time.monotonic_ns()
        stub.get(f"/rates?base={code}")
        values.append(time.monotonic_ns() - start)
    return Series("one answer", values)


def ours(stub, codes, jobs, rounds):
    """model -> (ns, ns of processor time) of each round."""
    found = collections.defaultdict(list)
    for _ in range(rounds):
        result = subprocess.run(
            [harness.BUILD / "ratesfetch", "--compare", "--repeat", "1",
             "--format", "json", "--quiet", "--url", stub.url(), "--bases",
             ",".join(codes), "-j", str(jobs)], check=True, timeout=120,
            stdout=subprocess.PIPE, text=True,
            env=harness.clean_environment())
        for of in json.loads(result.stdout)["models"]:
            harness.equal(of["lost"], 0, f"rows that {of['model']} lost")
            found[of["model"]].append(
                (1e9 * of["median"], 1e9 * of["cpu"]))
    return found


def theirs(stub, codes, jobs, names):
    """The same of Python; None for what can't run here."""
    return {name: model(name, stub.url(), jobs, ROUNDS, codes)
            for name in names}


def beside(report, what, us, python, **target):
    """A row for the time; what it costs the processor is in the next."""
    peer = python and Series("Python", [took for took, _ in python])
    report.row(Series(what, [took for took, _ in us]), peer, **target)


def cost(report, what, us, python):
    peer = python and Series("Python", [spent for _, spent in python])
    report.row(Series(f"{what}: processor time", [spent for _, spent in us]),
               peer)


def book_models(report):
    """The book's matrix by each model; and by a pool that is one too small."""
    with source(BOOK, BOOK_LATENCY) as (stub, codes):
        answer = one_answer(stub, codes)
        us = ours(stub, codes, BOOK, ROUNDS)
        small = ours(stub, codes, BOOK - 1, ROUNDS)
        them = theirs(stub, codes, BOOK, NAMES)
        peer = theirs(stub, codes, BOOK - 1, ["pool"])["pool"]
    what = f"{BOOK} rows at {BOOK_LATENCY} ms"
    beside(report, f"{what}: sync", us["sync"], them["sync"],
           at_least=BOOK * BOOK_LATENCY * MS)
    for name in NAMES[1:]:
        beside(report, f"{what}: {name}", us[name], them[name], times=1.1,
               of=answer)
    beside(report, f"{what}: pool -j{BOOK - 1}, two rounds", small["pool"],
           peer, times=2.2, of=answer)
    for name in NAMES:
        cost(report, f"{what}: {name}", us[name], them[name])
    if None in them.values():
        report.note("python3-requests or python3-aiohttp is not installed: "
                    "some models have no peer")


def many_models(report):
    """Many rows at once, as far as the source itself can."""
    with source(MANY, MANY_LATENCY) as (stub, codes):
        answer = one_answer(stub, codes)
        sockets = [bench_read("sockets", stub.port, *codes)["sockets"][0]
                   for _ in range(ROUNDS)]
        us = ours(stub, codes, MANY, MANY_ROUNDS)
        them = theirs(stub, codes, MANY, ["threads", "async"])
    what = f"{MANY} rows at {MANY_LATENCY} ms"
    least = Series("bare sockets", sockets)
    beside(report, f"{what}: async", us["async"], them["async"], times=1.25,
           of=answer)
    report.row(Series(f"{what}: async", [took for took, _ in us["async"]]),
               least)
    beside(report, f"{what}: threads", us["threads"], them["threads"])
    for name in ("pool", "procs", "executor"):
        beside(report, f"{what}: {name}", us[name], None)
    for name in ("async", "threads"):
        cost(report, f"{what}: {name}", us[name], them[name])
