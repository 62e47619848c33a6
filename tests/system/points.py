"""Killed at every fault point there is: nothing is lost, nothing stuck.

Each point is taken in a life of the daemon in which all of them are passed:
it fills the board, loses a worker, is reloaded, asked, stopped.  Whoever passes
the point is killed there, and the supervisor started again as a service
manager would.
"""

import os
import re
import signal
import subprocess
import time

from harness import (BOOK, SOURCE, alive, children, clean_environment,
                     equal, run, wait_until)

POINT = re.compile(r'FAULT_(?:POINT|FAILS)\("([^"]+)"\)')
# Points that are passed only after a death at another one.
AFTER = {"recover.cleared": "publish.locked", "lock.repair": "lock.token"}


def points():
    found = set()
    for path in (SOURCE / "src").rglob("*.c"):
        found.update(POINT.findall(path.read_text()))
    return sorted(found)


class Life:
    """A daemon that is started again whenever it has ended by a signal."""

    def __init__(self, case, faults, turns):
        self.case = case
        self.faults = faults
        self.limit = f"{case.directory}/faults:{turns}"
        self.starts = 0
        self.start()

    def start(self):
        case = self.case
        self.starts += 1
        assert self.starts < 5, "it does not stay alive"
        case.start(wait=False, RATESD_FAULT=self.faults,
                   RATESD_FAULT_LIMIT=self.limit)

    def keep(self):
        """True while the daemon lives; started again if it was killed."""
        status = self.case.daemon.poll()
        if status is None:
            return True
        equal(status, -signal.SIGKILL, "the daemon's end")
        self.start()
        return True

    def until(self, what, condition):
        return wait_until(what, lambda: self.keep() and condition())

    def fresh(self, currencies):
        def all_fresh():
            got = self.case.ctl("status", "--format", "json")
            return (got.returncode == 0 and f'"total": {len(currencies)}'
                    in got.stdout and self.case.status()["rows"]["fresh"]
                    == len(currencies))
        self.until("all rows are fresh", all_fresh)

    def ask(self):
        """Every row gets a new answer: no lock and no claim is stuck."""
        before = self.case.rows()

        def newer():
            self.case.ctl("refresh", "--timeout", "1s")
            return all(row["version"] > before[base]["version"]
                       for base, row in self.case.rows().items())
        self.until("each row is fetched anew", newer)


def ways(point):
    """What else the configuration needs, so that the point is passed."""
    return {"rows": "derive"} if point.startswith("source.") else {}


def expected(case, base, quotes, derive):
    if not derive:
        served = case.stub.rates(base)
        return {quote: served[quote] for quote in quotes}
    hub = case.stub.rates(quotes[0])
    return {quote: 1 if quote == base else hub[quote] / hub[base]
            for quote in quotes}


def one_life(case, life, keys):
    life.fresh(BOOK)
    # A worker that dies of a job, so that all of recovery is passed.
    version = case.rows()["EUR"]["version"]
    case.stub.control("hold-base=EUR")
    case.ctl("refresh", "EUR")
    victim = life.until("a worker has EUR", lambda: next(
        (w["pid"] for w in case.status()["workers"] if "EUR" in w["jobs"]),
        None))
    os.kill(victim, signal.SIGKILL)
    case.stub.control("hold-base=")
    life.until("the job that was cut short is done",
               lambda: case.rows()["EUR"]["version"] > version)
    life.fresh(BOOK)
    other = BOOK[:3] + ["GBP"]
    case.write_conf(other, refresh="1h", workers=3, **keys)
    life.until("the daemon listens", lambda: case.status()["supervisor"][
        "pid"] == case.daemon.pid)
    case.daemon.send_signal(signal.SIGHUP)
    life.fresh(other)
    life.until("three workers", lambda: len(case.workers()) == 3)
    life.ask()
    versions = {b: r["version"] for b, r in case.rows().items()}
    status = case.stop()
    if status != 0:
        equal(status, -signal.SIGKILL, "the end of the stop")
    after = case.rows()
    for base, version in versions.items():
        assert after[base]["version"] >= version, base
    for base, row in after.items():
        equal(row["rates"], expected(case, base, other, keys), base)


def check_point(case, point, number):
    case.instance = f"{case.instance[:26]}{number:03d}"
    (case.directory / "faults").mkdir()
    faults = [f"{name}:1:kill" for name in (AFTER.get(point), point) if name]
    keys = ways(point)
    case.write_conf(refresh="1h", workers=1 if point in AFTER else 4, **keys)
    one_life(case, Life(case, ",".join(faults), len(faults)), keys)
    assert (case.directory / f"faults/fault.{len(faults) - 1}").exists(), \
        f"{point}: nobody passed it"
    left = [pid for pid in children(os.getpid()) if not alive(pid)]
    equal([pid for pid in left if pid != case.stub.process.pid], [],
          "processes left")
    subprocess.run(case.arguments("--purge"), check=True,
                   env=clean_environment())
    for path in (case.directory / "faults").iterdir():
        path.unlink()
    (case.directory / "faults").rmdir()


def some_points(case, part):
    """Every third point from part on: three tests, for the report's sake."""
    case.start_stub()
    case.program = "ratesd-fault"
    names = points()[part::3]
    assert len(names) > 8, names
    base = case.instance
    for number, point in enumerate(names):
        case.instance = base
        try:
            check_point(case, point, number)
        except Exception:
            print(f"# at {point}")
            raise
    print(f"# killed at each of {len(names)} points: {' '.join(names)}")


def test_points_first_third(case):
    some_points(case, 0)


def test_points_second_third(case):
    some_points(case, 1)


def test_points_last_third(case):
    some_points(case, 2)


def reader_over_a_death_at(case, point):
    """One that sleeps on the old board must find the successor's."""
    case.start_stub("--hold-base", "EUR")
    case.program = "ratesd-fault"
    case.write_conf(refresh="1h")
    case.start(wait=False, RATESD_FAULT=f"{point}:1:kill")
    wait_until("the others are fresh", lambda: case.board_file().exists()
               and case.status()["rows"]["fresh"] == 4)
    with subprocess.Popen(case.ctl_arguments("wait", "--timeout",
                                             "30s")) as reader:
        time.sleep(0.3)
        case.write_conf(refresh="1h", workers=2)
        case.daemon.send_signal(signal.SIGHUP)
        equal(case.daemon.wait(timeout=20), -signal.SIGKILL, point)
        case.start(wait=False)
        case.stub.control("hold-base=")
        equal(reader.wait(timeout=40), 0, "wait")


def test_reader_survives_a_death_before_the_rename(case):
    reader_over_a_death_at(case, "board.retired")


def test_reader_survives_a_death_after_the_rename(case):
    reader_over_a_death_at(case, "board.renamed")


def test_every_point_is_documented(case):
    text = (SOURCE / "HACKING.md").read_text()
    missing = [point for point in points()
               if f"`{point}`" not in text]
    equal(missing, [], "points that HACKING.md lacks")


run(globals())
