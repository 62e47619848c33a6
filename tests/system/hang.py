"""Workers that hang, that can't start, and jobs on which workers die."""

import os
import signal
import time

from harness import BOOK, alive, contains, equal, run, wait_until


def hung_worker(case, number, **keys):
    """A worker that has EUR and got the signal, with a watchdog of 4 s."""
    stub = case.start_stub()
    case.write_conf(refresh="1h", watchdog="4s", timeout="3900ms",
                    **{"connect-timeout": "3900ms", **keys})
    case.start()
    stub.control("hold-base=EUR")
    case.ctl("refresh", "EUR")
    victim = wait_until("a worker has EUR", lambda: next(
        (w for w in case.status()["workers"] if "EUR" in w["jobs"]), None))
    os.kill(victim["pid"], number)
    return victim


def test_stopped_worker_is_killed_and_its_job_done(case):
    victim = hung_worker(case, signal.SIGSTOP)
    version = case.rows()["EUR"]["version"]
    name = f"worker {victim['slot']} (pid {victim['pid']})"
    wait_until("it is named with its job", lambda: case.logged(
        f"{name} made no progress for 4s at EUR: aborted"))
    # A stopped process takes no SIGABRT.
    wait_until("it is killed",
               lambda: case.logged(f"{name} did not end: killed"))
    case.stub.control("hold-base=")
    wait_until("its job is done",
               lambda: case.rows()["EUR"]["version"] > version)
    equal(case.status()["workers"][victim["slot"]]["last_exit"], "signal 9")
    equal(case.counter("restarts"), 1)
    equal(len(wait_until("four workers", lambda: len(
        case.workers()) == 4 and case.workers())), 4)


def test_idle_stopped_worker_is_replaced(case):
    case.start_stub()
    case.write_conf(refresh="1h", watchdog="1s", timeout="900ms",
                    **{"connect-timeout": "900ms"})
    case.start()
    pid = case.workers()[2]
    os.kill(pid, signal.SIGSTOP)
    wait_until("it is replaced",
               lambda: case.workers().get(2, pid) != pid)
    assert not alive(pid), "it lives"


def test_worker_that_hangs_in_the_lock_is_aborted(case):
    case.start_stub()
    case.program = "ratesd-fault"
    case.write_conf(refresh="1h", watchdog="1s", timeout="900ms",
                    **{"connect-timeout": "900ms"})
    limit = case.directory / "faults"
    limit.mkdir()
    case.start(RATESD_FAULT="publish.locked:1:sleep=600000",
               RATESD_FAULT_LIMIT=f"{limit}:1")
    status = case.status()
    equal(status["rows"]["fresh"], 5)
    equal(status["counters"]["lock_repairs"], 1)
    contains([w["last_exit"] for w in status["workers"]], "signal 6")
    assert not case.logged("did not end"), "SIGABRT was not enough"


def test_quiet_workers_are_not_taken_for_hung(case):
    case.start_stub()
    case.write_conf(refresh="1h", watchdog="3s", timeout="2900ms",
                    **{"connect-timeout": "2900ms"})
    case.start()
    workers = wait_until("all are in their loop", lambda: (
        lambda all_: len(all_) == 4 and all_)(case.workers()))
    time.sleep(8)
    equal(case.workers(), workers)
    equal(case.counter("restarts"), 0)


def test_pause_of_the_whole_tree_harms_no_worker(case):
    case.start_stub()
    case.write_conf(refresh="1h", watchdog="10s", timeout="5s")
    case.start()
    workers = case.workers()
    for pid in workers.values():
        os.kill(pid, signal.SIGSTOP)
    time.sleep(1.5)  # the supervisor has seen them stand still
    os.kill(case.daemon.pid, signal.SIGSTOP)
    time.sleep(12)
    os.kill(case.daemon.pid, signal.SIGCONT)
    time.sleep(0.3)  # and sees it again before they can move
    for pid in workers.values():
        os.kill(pid, signal.SIGCONT)
    wait_until("it is fed again", case.feeds)
    time.sleep(1.5)
    equal(case.workers(), workers)
    equal(case.counter("restarts"), 0)


def test_worker_that_cannot_start_ends_the_daemon_at_once(case):
    case.start_stub()
    case.program = "ratesd-fault"
    case.write_conf(workers=1)
    case.start(wait=False, RATESD_FAULT="worker.start:1:exit=78")
    equal(case.daemon.wait(timeout=20), 1, "exit status")
    log = case.log.read_text()
    equal(log.count("died"), 1, "deaths")
    contains(log, "worker 0 can't start, and would not the next time")


def test_worker_that_keeps_dying_waits_longer_each_time(case):
    case.start_stub()
    case.program = "ratesd-fault"
    case.write_conf(workers=1)
    case.start(wait=False, RATESD_FAULT="worker.start:1:abort")

    def deaths():
        return case.log.read_text().count("died: signal 6")

    # At 0, about 1, 3 and 7 seconds, each wait up to a quarter more or less.
    wait_until("it is tried again", lambda: deaths() >= 2)
    wait_until("it waits", lambda: case.status()["workers"][0]["state"]
               == "waiting")
    time.sleep(3)
    assert deaths() <= 4, f"{deaths()} deaths: a tight loop"
    wait_until("and again", lambda: deaths() >= 3)


def poisoned(case):
    """Three workers died while they had CZK."""
    case.start_stub("--hold-base", "CZK")
    case.write_conf(refresh="1h", concurrency=1)
    case.start(wait=False)
    wait_until("the board is there", case.board_file().exists)
    killed = {None}

    def another_has_czk():
        # Who has it and has not asked yet is not to blame.
        if case.stub.json("/stats")["bases"].get("CZK", 0) < len(killed):
            return None
        return next((w["pid"] for w in case.status()["workers"]
                     if "CZK" in w["jobs"] and w["pid"] not in killed), None)

    for _ in range(3):
        pid = wait_until("another worker has CZK", another_has_czk)
        killed.add(pid)
        os.kill(pid, signal.SIGKILL)
    wait_until("it is set aside", lambda: case.status()["set_aside"])


def test_poison_job_is_named_in_status(case):
    poisoned(case)
    wait_until("the rest is fresh",
               lambda: case.status()["rows"]["fresh"] == len(BOOK) - 1)
    aside = case.status()["set_aside"]
    equal([job["base"] for job in aside], ["CZK"])
    hour = time.strftime("%Y-%m-%dT%H:%M:%SZ",
                         time.gmtime(time.time() + 3600))
    early = time.strftime("%Y-%m-%dT%H:%M:%SZ",
                          time.gmtime(time.time() + 3500))
    assert early < aside[0]["until"] <= hour, aside
    contains(case.ctl("status").stdout, "set aside   CZK until ")

    # It stays aside over a crash of the supervisor.
    os.kill(case.daemon.pid, signal.SIGKILL)
    case.daemon.wait()
    case.start(wait=False)
    wait_until("the daemon feeds the board", case.feeds)
    time.sleep(0.5)
    equal([job["base"] for job in case.status()["set_aside"]], ["CZK"])
    equal([w["jobs"] for w in case.status()["workers"]], [[]] * 4)

    # Asked for by hand it is tried at once.
    case.stub.control("hold-base=")
    equal(case.ctl("refresh", "CZK", "--wait", "--timeout", "10s").returncode,
          0)
    wait_until("it is no more aside",
               lambda: case.status()["set_aside"] == [])


run(globals())
