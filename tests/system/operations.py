"""The figures of ratesd-operations(7), against the daemon that they are of."""

import json
import pathlib
import re
import subprocess
import time

from harness import (BUILD, SOURCE, Skip, children, clean_environment,
                     contains, equal, run, wait_until)
from scripted import Server, tagged
from surroundings import unshare

PAGE = (SOURCE / "man/ratesd-operations.7").read_text()
SLOW = 1.0  # seconds for an answer, so that all transfers are under way


def table(name):
    """The rows below a mark in the page, each a list of cells."""
    part = PAGE.partition(f'.\\" figures: {name}\n')[2].partition(".El")[0]
    rows = [line.removeprefix(".It ").split(" Ta ")
            for line in part.splitlines()]
    assert rows, f"no figures of {name}"
    return rows


def figure(name):
    return int(PAGE.partition(f'.\\" figure: {name}\n')[2].split()[0])


def value(formula, **variables):
    return eval(formula, {"__builtins__": {}}, variables)


def codes(count):
    return [f"X{number:04d}" for number in range(count)]


# --- the board and the queue -----------------------------------------------

def size_of_board(case, currencies, sources, workers):
    names = [f"s{number}" for number in range(sources)]
    quoted = [", ".join(f'"{word}"' for word in words)
              for words in (codes(currencies), names)]
    case.conf.write_text(
        f"currencies = {{{quoted[0]}}}\nsources = {{{quoted[1]}}}\n"
        f'workers = {workers}\nrefresh = "1h"\n' + "".join(
            f'source "{name}" {{ url = "http://127.0.0.1:9/{{base}}" '
            'rate-limit = "1/d" }\n' for name in names))
    case.start(wait=False)
    wait_until("the board is there", case.board_file().exists)
    size = case.board_file().stat().st_size
    wait_until("it is ready", lambda: case.logged("ready: "))
    equal(case.stop(), 0)
    case.log.write_text("")
    case.board_file().unlink()
    return size


def test_bytes_of_the_board(case):
    formula = re.search(r"^\.D1 (24 \* n.*)$", PAGE, re.M)[1]
    for cells in table("board"):
        n, s, w, told = map(int, cells)
        size = size_of_board(case, n, s, w)
        print(f"# {n} currencies, {s} sources, {w} workers: {size}, "
              f"{size / value(formula, n=n, s=s, w=w):.3f} of the formula")
        equal(told, size, f"bytes for {n}, {s}, {w}")
        assert 0.95 < size / value(formula, n=n, s=s, w=w) < 1.05, formula


def test_bytes_of_the_queue(case):
    """In a user namespace, where no other queue is counted."""
    told = figure("queue")
    equal(819200 // told, int(re.search(r"room for (\d+) inst", PAGE)[1]))
    case.start_stub()
    case.write_conf(refresh="1h")

    def with_bytes(limit):
        return [*unshare("--user", "--map-root-user", "--ipc"), "prlimit",
                f"--msgqueue={limit}", *case.arguments("-f")]
    done = subprocess.run(
        with_bytes(told - 1), capture_output=True, text=True, timeout=30,
        check=False, env=clean_environment())
    equal(done.returncode, 1, done.stderr)
    contains(done.stderr, "RLIMIT_MSGQUEUE is used up")
    with case.log.open("a") as log:
        case.daemon = subprocess.Popen(with_bytes(told), stderr=log,
                                       env=clean_environment())
    case.started.append(case.daemon)
    wait_until("it is ready", lambda: case.logged("ready: "))
    equal(case.stop(), 0)


# --- processes --------------------------------------------------------------

def count(pid, what):
    try:
        return len(list(pathlib.Path(f"/proc/{pid}/{what}").iterdir()))
    except FileNotFoundError:
        return 0


def own_memory(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(kib) for kib in re.findall(
        r"^Private_(?:Clean|Dirty): +(\d+) kB$", text, re.M)) * 1024


def slow(exchange):
    time.sleep(SLOW)
    return exchange.reply(body=json.dumps(
        {"base": exchange.base,
         "rates": tagged(exchange.base, exchange.server.codes)}).encode())


def watch(pids, seconds):
    """The most descriptors and threads that one of them had."""
    end, descriptors, threads = time.monotonic() + seconds, 0, 0
    while time.monotonic() < end:
        descriptors = max(descriptors, *(count(pid, "fd") for pid in pids))
        threads = max(threads, *(count(pid, "task") for pid in pids))
        time.sleep(0.01)
    return descriptors, threads


def sanitized():
    linked = subprocess.run(["ldd", BUILD / "ratesd"], capture_output=True,
                            text=True, check=False).stdout
    return "san.so" in linked


def observe(case, engine, concurrency):
    """A worker with all its transfers under way: what it holds."""
    with Server(codes(200), default=slow) as server:
        case.stub = server
        case.write_conf(server.codes, refresh="1h", engine=engine, workers=1,
                        concurrency=concurrency)
        case.start(wait=False)
        workers = wait_until("it works", lambda: children(case.daemon.pid))
        most = watch(workers, 3 * SLOW)
        memory = [own_memory(pid) for pid in workers]
        equal(case.stop(), 0)
    return most, memory


def test_descriptors_and_threads_of_workers(case):
    told = {cells[0]: cells[1:] for cells in table("descriptors")}
    usual = re.search(r"^has (\d+ \+ c);$", PAGE, re.M)[1]
    for engine, concurrency in (("async", 4), ("async", 64), ("pool", 32),
                                ("sync", 16)):
        (descriptors, threads), memory = observe(case, engine, concurrency)
        print(f"# {engine}, {concurrency}: {descriptors} descriptors, "
              f"{threads} threads, {memory[0] // 1024} KiB")
        limits = [value(each, c=concurrency) for each in told[engine]]
        assert descriptors <= limits[0], f"{engine}: more than {limits}"
        assert threads <= limits[1] or sanitized(), f"{engine}: {limits}"
        if engine == "async":
            equal(descriptors, value(usual, c=concurrency), usual)
        if engine == "pool":
            assert threads > concurrency, "they were not all at work"


def test_supervisor_with_many_workers(case):
    told = next(cells for cells in table("descriptors")
                if cells[0] == "supervisor")
    case.start_stub()
    for workers in (4, 40):
        case.write_conf(workers=workers, refresh="1h")
        case.start()
        wait_until("all are there", lambda: len(case.workers()) == workers)
        had = count(case.daemon.pid, "fd"), count(case.daemon.pid, "task")
        print(f"# {workers} workers: {had}")
        equal(case.stop(), 0)
        assert had[0] <= value(told[1], w=workers), told
        assert had[0] > workers, "it has a line to each"
        equal(had[1], int(told[2]), "threads")


def test_memory_of_each_process(case):
    if sanitized():
        raise Skip("a sanitizer's memory is not the daemon's")
    told = figure("memory") << 20
    with Server(codes(200), default=slow) as server:
        case.stub = server
        case.write_conf(server.codes, refresh="1h")
        case.start()
        for pid in [case.daemon.pid, *children(case.daemon.pid)]:
            own = own_memory(pid)
            print(f"# {own // 1024} KiB")
            assert own < told, f"{own} bytes"
        equal(case.stop(), 0)
        saved = case.directory / "state" / f"{case.instance}.board"
        assert saved.stat().st_size < case.board_file().stat().st_size


# --- what it refers to ------------------------------------------------------

def test_alerts_are_those_of_the_rules(_):
    rules = (SOURCE / "etc/examples/prometheus-rules.yml").read_text()
    part = PAGE.partition(".Sh WHAT TO ALERT ON")[2].partition(".Sh ")[0]
    equal(sorted(re.findall(r"\b(Ratesd[A-Z]\w+)", part)),
          sorted(re.findall(r"- alert: (\w+)", rules)))


def test_limits_are_those_of_the_unit(_):
    unit = (SOURCE / "systemd/ratesd.service.in").read_text()
    for name, number in re.findall(r"^\.Va (Limit\w+|TasksMax)=(\d+)", PAGE,
                                   re.M):
        contains(unit, f"\n{name}={number}\n")
    files = int(re.search(r"\nLimitNOFILE=(\d+)\n", unit)[1])
    for cells in table("descriptors"):
        assert value(cells[1], c=256, w=64) < files, cells


run(globals())
