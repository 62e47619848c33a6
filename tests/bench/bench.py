"""How fast it is: each figure beside a yardstick of the same run.

Prints a table and writes bench.json to the build directory (environment:
srcdir, builddir, as make bench sets them).  A missed target is printed, never
a failure: other work on the machine moves every figure.  What is compared is
measured in turns; the ratios mean more than the times.  "met at best" says
that the middle missed the target and the quietest round met it.

Parts can be named as arguments: number, redis, snapshot, publish, meet, fill,
start_up, resident, replaced, memory, row_cost, book_models, many_models,
counting.  --page also puts the table into README.md here.
RATESD_BENCH_SECONDS is how long readers and a writer meet, 60 unless given.
"""

import collections
import http.client
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

import harness  # noqa: E402
from crew import memory, replaced  # noqa: E402
from engines import book_models, many_models, one_answer  # noqa: E402
from peers import READ, bench_read  # noqa: E402
from programs import redis, whole_program  # noqa: E402
from races import counting  # noqa: E402
from report import Report, Series, plain  # noqa: E402
from rows import row_cost  # noqa: E402

MS = 1e6
LATENCY = 50  # ms: how long the source takes for an answer
MATRIX = 170
BOARDS = [33, 170, 1000]
FILLS = 7
STARTS = 7
TURNS = 4  # of bench-read, so that a row is not all of one moment
IDLE_SECONDS = 10
MEET_SECONDS = int(os.environ.get("RATESD_BENCH_SECONDS", "60"))
# A process a processor; and no more than its share for each, or the first
# worker takes jobs that another one would have had time for.
WORKERS = min(max(os.cpu_count() or 1, 2), 4)
CREW = {"workers": WORKERS, "concurrency": -(-MATRIX // WORKERS)}


def turns(mode, sizes):
    """For each size the values of all turns."""
    found = {n: collections.defaultdict(list) for n in sizes}
    for _ in range(TURNS):
        for n in sizes:
            for name, values in bench_read(mode, n).items():
                found[n][name] += values
    return found


class Case(harness.Case):
    """A daemon that logs little, and can be started again from nothing."""

    def begin(self, **environment):
        self.start("--log-level", "error", wait=False, **environment)

    def end(self):
        harness.equal(self.stop(), 0, "exit status of ratesd")
        self.run("--purge")


# --- the board ---------------------------------------------------------------


def number(report):
    got = turns("number", BOARDS)
    for n in BOARDS:
        load = Series("bare load", got[n]["load"])
        report.row(Series(f"one number by index, N = {n}", got[n]["get"]),
                   load, at_most=5)
        report.row(Series(f"one number by codes, N = {n}",
                          got[n]["get-code"]), load, at_most=20)
    report.row(Series("by index, N = 1000: constant", got[1000]["get"]),
               Series("N = 33", got[33]["get"]), times=1.25)


def snapshot(report):
    got = turns("snapshot", [MATRIX])[MATRIX]
    for part, what in (("numbers", "numbers"), ("rows", "numbers and rows")):
        # The target is of a copy between caches; from memory it has none.
        for cache, text, times in (("", "", 1.5), ("-cold", ", cold", None)):
            report.row(
                Series(f"snapshot of {MATRIX} x {MATRIX}, {what}{text}",
                       got[f"snapshot-{part}{cache}"]),
                Series("memcpy", got[f"memcpy-{part}{cache}"]), times=times)


def slope(got, small, large):
    """What each further currency adds to a publication."""
    low, high = (statistics.median(got[n]["publish"]) for n in (small, large))
    return Series(f"a number more, {small} to {large}",
                  [(high - low) / (large - small)])


def publish(report):
    got = turns("publish", BOARDS)
    for n in BOARDS:
        report.row(Series(f"publish a row, N = {n}", got[n]["publish"]),
                   Series("memcpy of it", got[n]["memcpy-row"]))
    # Lock and wake-up cost the same for any N; linear is the rest.
    low, high = slope(got, 33, 170), slope(got, 170, 1000)
    high.name = "publish: " + high.name
    report.row(high, low, times=1.5)


def meet(report):
    """Rows as fast as they can be published, and two readers at full speed."""
    got = bench_read("meet", MATRIX, MEET_SECONDS,
                     timeout=60 + 2 * MEET_SECONDS)
    read = {name: int(got[name][0]) for name in
            ("gets", "rows", "snapshots", "busy", "torn")}
    report.row(Series(f"two readers for {MEET_SECONDS} s: torn reads",
                      [read["torn"]]), at_most=0, show=plain)
    report.row(Series("publish a row meanwhile", got["met"]),
               Series("without readers", got["alone"]))
    report.row(Series("the same in processor time", got["met-processor"]),
               Series("without readers", got["alone-processor"]))
    published = sum(MEET_SECONDS * 1e9 / len(got["met"]) / ns
                    for ns in got["met"])
    report.note(
        f"two readers for {MEET_SECONDS} s: {read['gets']:.3g} numbers, "
        f"{read['rows']:.3g} rows, {read['snapshots']:.3g} snapshots, "
        f"{read['busy']} of them busy, {read['torn']} torn; meanwhile "
        f"{published:.3g} rows published, "
        f"{1e9 / statistics.median(got['met']):.3g}/s, without readers "
        f"{1e9 / statistics.median(got['alone']):.3g}/s")


# --- the daemon --------------------------------------------------------------


def by_threads(stub, codes):
    """The whole matrix by one Python thread an item."""
    def fetch(code):
        client = http.client.HTTPConnection("127.0.0.1", stub.port)
        client.request("GET", f"/rates?base={code}")
        client.getresponse().read()
        client.close()

    threads = [threading.Thread(target=fetch, args=(code,)) for code in codes]
    start = time.monotonic_ns()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic_ns() - start


def by_curl(stub, codes):
    """The same by the curl program: libcurl without a daemon around it."""
    urls = "\n".join(f'url = "{stub.url(f"/rates?base={code}")}"\n'
                     "output = /dev/null" for code in codes)
    start = time.monotonic_ns()
    subprocess.run(
        ["curl", "--silent", "--parallel", "--parallel-immediate",
         "--parallel-max", str(len(codes)), "--config", "-"],
        input=urls, text=True, check=True, timeout=30,
        stderr=subprocess.DEVNULL, env=harness.clean_environment())
    return time.monotonic_ns() - start


def first_request(log, offset):
    """When the first request after offset came, by the stub's own log."""
    with log.open() as lines:
        lines.seek(offset)
        return int(lines.readline().split()[0])


def seen(case, version, log, cause):
    """From the first request that cause() leads to until a reader has seen
    all rows with that version; and from cause() itself."""
    offset = log.stat().st_size
    reader = subprocess.Popen(
        [READ, "filled", case.instance, str(version)],
        stdout=subprocess.PIPE, text=True)
    case.started.append(reader)
    start = time.monotonic_ns()
    cause()
    output = reader.communicate(timeout=60)[0]
    harness.equal(reader.returncode, 0, "bench-read filled")
    end = int(output.split()[1])
    return end - first_request(log, offset), end - start


def fill(report):
    """From nothing, then again with a daemon whose connections are open."""
    case = Case("fill")
    log = case.directory / "requests"
    cold, whole, warm, threads, curls = [], [], [], [], []
    try:
        stub = case.start_stub("--synthetic", MATRIX, "--latency", LATENCY,
                               "--log", log)
        codes = stub.json("/codes")
        case.write_conf(codes, refresh="30m", **CREW)
        answer = one_answer(stub, codes)
        for _ in range(FILLS):
            first, all_of_it = seen(case, 1, log, case.begin)
            cold.append(first)
            whole.append(all_of_it)
            warm.append(seen(case, 2, log, lambda: case.ctl("refresh"))[0])
            case.end()
            threads.append(by_threads(stub, codes))
            if shutil.which("curl"):
                curls.append(by_curl(stub, codes))
    finally:
        case.close()
    report.row(Series(f"{MATRIX} rows at {LATENCY} ms, from nothing", cold),
               answer, times=1.25)
    report.row(Series(f"{MATRIX} rows again, connections open", warm),
               answer, times=1.25)
    report.row(Series("the same from the daemon's start", whole), answer)
    if curls:
        report.row(Series("(curl --parallel)", curls), answer)
    report.row(Series("(Python, one thread an item)", threads), answer)


def until_ready(case, path):
    """From the start of ratesd until it says READY=1."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(harness.PATIENCE)
        start = time.monotonic_ns()
        case.begin(NOTIFY_SOCKET=str(path))
        while b"READY=1" not in listener.recv(4096).splitlines():
            pass
        end = time.monotonic_ns()
    path.unlink()
    return end - start


def start_up(report):
    case = Case("start")
    values = {}
    try:
        stub = case.start_stub("--synthetic", max(BOARDS), "--latency",
                               LATENCY)
        codes = stub.json("/codes")
        for n in BOARDS:
            case.write_conf(codes[:n], refresh="30m", **CREW)
            values[n] = []
            for _ in range(STARTS):
                values[n].append(until_ready(case, case.directory / "notify"))
                case.end()
        check = bench_read("spawn", harness.BUILD / "ratesd", "-t", "-c",
                           case.conf)["spawn"]
    finally:
        case.close()
    for n in BOARDS[:-1]:
        report.row(Series(f"start to READY, N = {n}", values[n]))
    report.row(Series("start to READY, N = 1000", values[1000]),
               Series("ratesd -t", check), at_most=100 * MS)


def tree(pid):
    """A process and all below it."""
    return [pid] + [p for child in harness.children(pid) for p in tree(child)]


def use(pids):
    """Of all threads of these processes: how often they went to sleep, and
    their time on a processor in ns (proc(5): status, schedstat)."""
    sleeps = busy = 0
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            fields = dict(line.split(":", 1) for line in
                          (task / "status").read_text().splitlines())
            sleeps += int(fields["voluntary_ctxt_switches"])
            busy += int((task / "schedstat").read_text().split()[0])
    return sleeps, busy


def idle(report, case):
    """Who never sleeps has no wake-ups: the time shows it."""
    pids = tree(case.daemon.pid)
    sleeps, busy = [], []
    time.sleep(1)
    before = use(pids)
    for _ in range(IDLE_SECONDS // 2):
        time.sleep(2)
        after = use(pids)
        sleeps.append((after[0] - before[0]) / 2)
        busy.append((after[1] - before[1]) / 2)
        before = after
    name = f"idle, {len(pids)} processes"
    report.row(Series(f"{name}: wake-ups a second", sleeps), at_most=2,
               show=plain)
    report.row(Series(f"{name}: processor time a second", busy),
               at_most=1 * MS)


def resident(report):
    """What is measured with a daemon that has nothing to do."""
    case = Case("idle")
    try:
        case.start_stub()
        case.write_conf(refresh="30m", **{"stale-after": "1h"})
        case.start("--log-level", "error")
        whole_program(report, case)
        idle(report, case)
        harness.equal(case.stop(), 0, "exit status of ratesd")
    finally:
        case.close()


PARTS = [number, redis, snapshot, publish, meet, fill, start_up, resident,
         replaced, memory, row_cost, book_models, many_models, counting]


def main():
    page = "--page" in sys.argv[1:]
    named = [word for word in sys.argv[1:] if word != "--page"]
    report = Report()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for part in PARTS:
        if not named or part.__name__ in named:
            part(report)
    report.show()
    report.save(harness.BUILD / "bench.json")
    if page:
        report.write_page(HERE / "README.md")


if __name__ == "__main__":
    main()
