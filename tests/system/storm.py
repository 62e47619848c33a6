"""A storm of signals over a whole ratesd tree, under four readers.

Random SIGKILL, SIGSTOP and SIGCONT hit workers and supervisor, the source
fails a third of its answers in all its ways, requests come in between, and
waits at random fault points make the signals land in the middle of things.
Then the tree is let alone, and nothing may be lost, torn, stuck or left.

RATESD_STORM_SECONDS says how long (30), RATESD_STORM_SEED which storm: the
same seed makes the same choices, though not at the same moments.
"""

import ctypes
import errno
import json
import os
import re
import signal
import subprocess
import time

from harness import BUILD, PATIENCE, clean_environment, equal, run
from storm_signals import SECONDS, SEED, SETTLE, WAIT_MS, Storm


def queue_exists(instance):
    mq_open = ctypes.CDLL(None, use_errno=True).mq_open
    queue = mq_open(f"/ratesd.{instance}".encode(), os.O_RDONLY)
    if queue != -1:
        os.close(queue)
    else:
        equal(ctypes.get_errno(), errno.ENOENT, "errno of mq_open")
    return queue != -1


def overlap(begin, end, times):
    """How much of begin to end lies in times, which may overlap."""
    covered = 0.0
    for first, last in sorted(times):
        if last > begin and first < end:
            covered += min(last, end) - max(first, begin)
            begin = max(begin, min(last, end))
    return covered


def refresh_all(storm, before):
    """Waits for a later version of each row: the versions, how long."""
    began = time.monotonic()
    while True:
        now = storm.versions()
        took = time.monotonic() - began
        if took > SETTLE or all(now[base] > before[base] for base in now):
            return now, took
        time.sleep(0.05)


def not_later(now, before):
    return [base for base in sorted(before) if now[base] <= before[base]]


def unwritable(storm):
    """The longest time that a row's lock was held: all of it, and without
    the times when its holder or the supervisor was stopped or away."""
    longest = longest_net = 0.0
    for line in storm.figures_of(storm.probe).splitlines():
        pid, _, begin, end = line.split()
        begin, end = float(begin), float(end)
        times = storm.stops.get(int(pid), []) + storm.away
        longest = max(longest, end - begin)
        longest_net = max(longest_net, end - begin - overlap(begin, end,
                                                             times))
    return longest, longest_net


def serials_not_given(readers, given):
    return sum(serial > given.get(code, 0) for reader in readers
               for code, serial in reader["serials"].items())


def never_free(case):
    """Rows whose lock or job is with somebody who never lets go."""
    probe = subprocess.run(
        [BUILD / "tests/system/storm_probe", "free", case.instance,
         str(int(PATIENCE))], capture_output=True, text=True, check=False,
        timeout=SETTLE, env=clean_environment())
    return probe.stdout.splitlines() + probe.stderr.splitlines()


def leaked(case):
    objects = [name for name in os.listdir("/dev/shm")
               if case.instance in name]
    return objects + ["the queue"] * queue_exists(case.instance)


def strange_deaths(case):
    """Workers that nobody killed, and what a sanitizer says."""
    return re.findall(
        r"died(?: at [^:]*)?: (?!signal [69]\b).*|.*Sanitizer.*|"
        r".*giving up.*",
        case.log.read_text(errors="replace"))


def judge(storm, asked):
    """What must be nothing, by name; and the other figures."""
    case = storm.case
    before = storm.versions()
    versions, slowest = refresh_all(storm, before)
    stuck = never_free(case)
    status = case.status()
    readers = [json.loads(storm.figures_of(r)) for r in storm.readers]
    longest, longest_net = unwritable(storm)
    stats = case.stub.json("/stats")
    behind = [r for r in readers
              if r["generation"] != status["supervisor"]["generation"]]
    assert len(leaked(case)) == 2, "board and queue are there until --purge"
    equal(case.stop(), 0, "exit status after SIGTERM")
    orphans = storm.tree()
    equal(case.run("--purge").returncode, 0, "--purge")
    nothing = {
        "torn reads": sum(r["torn"] for r in readers),
        "reads that went back": sum(r["back"] for r in readers),
        "numbers of bad answers": sum(r["bad"] for r in readers),
        "serials never given": serials_not_given(readers, stats["serials"]),
        "readers of an old board": len(behind),
        "lost jobs": not_later(versions, before),
        "forgotten requests": not_later(versions, asked),
        "stuck locks and jobs": stuck,
        "orphans": orphans,
        "leaked IPC objects": leaked(case),
        "objects besides board and .new": sorted(
            storm.objects - {f"ratesd.{case.instance}",
                             f"ratesd.{case.instance}.new"}),
        "deaths that nobody caused": strange_deaths(case),
    }
    counters = status["counters"]
    good = stats["kinds"]["ok"]
    figures = {
        "reads": sum(r["reads"] for r in readers),
        "reads that found writers too busy": sum(r["busy"] for r in readers),
        "changes of a row seen": sum(r["news"] for r in readers),
        "answers": f"{stats['total']}, of them failing"
                   f" {stats['total'] - good}",
        "restarts of workers": counters["restarts"],
        "restarts of the supervisor": f"{storm.starts - storm.refused - 1},"
                                      f" starts refused {storm.refused}",
        "jobs put back": counters["jobs_requeued"],
        "locks repaired (lock_repairs)": counters["lock_repairs"],
        "all rows refreshed after the storm within": f"{slowest:.1f} s",
        "longest hold of a row's lock": f"{longest:.3f} s, sampled each ms",
        "the same without stops": f"{longest_net:.3f} s: less when its holder"
        f" or the supervisor was stopped or away; waits of {WAIT_MS} ms at"
        " fault points are in it",
        "longest time between two attempts of a row":
            f"{max(r['gap'] for r in readers):.1f} s: refresh is 1 s; stops,"
            " restarts, slow answers and 429 are in it",
    }
    return nothing, figures


def report(storm, nothing, figures):
    sent = ", ".join(
        f"{number.name} {workers} + {supervisor}"
        for number, (workers, supervisor) in storm.sent.items())
    print(f"# {'signals to workers + supervisor':45} {sent}")
    for name, value in figures.items():
        print(f"# {name:45} {value}")
    for name, value in nothing.items():
        print(f"# {name:45} {value or 0}", flush=True)


def test_storm(case):
    print(f"# storm of {SECONDS:g} s, RATESD_STORM_SEED={SEED}", flush=True)
    storm = Storm(case)
    try:
        storm.begin()
        asked = storm.rage()
        storm.calm()
        nothing, figures = judge(storm, asked)
    finally:
        storm.release_due(everything=True)
        if case.daemon.poll() is None:
            case.daemon.kill()
            case.daemon.wait()
        left = storm.tree()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        if left:
            print("# left behind, and killed:", *left)
    report(storm, nothing, figures)
    assert figures["reads"] > 0 and figures["changes of a row seen"] > 0
    equal({name: value for name, value in nothing.items() if value}, {},
          "what a storm must not leave")


def test_serials_of_the_stub(case):
    """The storm's readers believe in them."""
    stub = case.start_stub("--serial", 1)
    first, second = stub.rates("EUR"), stub.rates("EUR")
    equal({int(rate) for code, rate in first.items() if code != "EUR"}, {2})
    equal({int(rate) for code, rate in second.items() if code != "EUR"}, {4})
    equal(first["EUR"], 1)
    equal({round(second[code] - first[code], 6) for code in first}, {0, 2})
    equal(len({f"{rate:.6f}"[-6:] for rate in first.values()}), len(first))
    equal(int(stub.rates("USD")["EUR"]), 2, "serials go by base")
    stub.control("fail=huge:100")
    equal(int(stub.rates("EUR")["USD"]), 5, "the serial of a bad answer")
    equal(stub.json("/stats")["serials"], {"EUR": 5, "USD": 2})
    stub.control("serial=0&reset=1&fail=")
    published = stub.rates("EUR")["USD"]
    equal(stub.json("/stats")["serials"], {"EUR": 5, "USD": 2}, "after reset")
    stub.control("serial=1")
    equal(int(stub.rates("EUR")["USD"]), 6)
    assert published < 2, f"{published} is no published rate"


run(globals())
