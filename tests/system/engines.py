"""The daemon with each engine that it has: what the other files show of async
holds for pool and sync too.

They are run with RATESD_TEST_ENGINE, which harness.py puts into each
configuration: board.py whole, of others the tests that are about what engines
differ in.  Any of them can be run so by hand.
"""

import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time

from harness import (BUILD, Skip, clean_environment, contains, equal, run,
                     wait_until)
from surroundings import need_root

HERE = pathlib.Path(__file__).parent
LONGEST = 280
KILLS = ["test_worker_killed_in_the_middle_of_a_held_answer",
         "test_worker_killed_while_it_holds_a_lock",
         "test_worker_killed_between_queue_and_claim",
         "test_a_request_survives_the_death_of_who_took_it",
         "test_fifty_kills_under_a_reader",
         "test_supervisor_killed_takes_its_workers_along",
         "test_poison_job_is_set_aside_and_the_rest_goes_on"]
OTHERS = {
    "answers.py": ["test_429_is_obeyed_by_all_workers",
                   "test_rate_limit_holds_across_workers"],
    "hang.py": ["test_stopped_worker_is_killed_and_its_job_done",
                "test_quiet_workers_are_not_taken_for_hung"],
    "operate.py": ["test_stop_during_a_hanging_transfer",
                   "test_a_job_cut_short_by_a_reload_is_done",
                   "test_a_job_cut_short_by_a_crash_is_done_by_the_next_start",
                   "test_works_with_more_rows_than_the_queue_holds",
                   "test_idle_daemon_sleeps"],
    "process.py": ["test_the_life_line_alone_ends_orphans"],
}


def run_file(engine, name, tests=()):
    """A file's tests, their lines as comments; it fails if one does."""
    result = subprocess.run(
        [sys.executable, HERE / name, *tests], check=False, text=True,
        stdout=subprocess.PIPE, timeout=LONGEST,
        env={**os.environ, "RATESD_TEST_ENGINE": engine})
    lines = result.stdout.splitlines()
    for line in lines:
        if result.returncode or not line.startswith("#"):
            print("#", line)
    good = [line for line in lines if line.startswith("ok ")]
    equal(result.returncode, 0, f"{name} with {engine}")
    assert len(good) >= max(len(tests), 1), "they were not run"


def test_board_with_pool(case):
    run_file("pool", "board.py")


def test_board_with_sync(case):
    run_file("sync", "board.py")


def test_kills_with_pool(case):
    run_file("pool", "kill.py", KILLS)


def test_kills_with_sync(case):
    run_file("sync", "kill.py", KILLS)


def others(engine):
    for name, tests in OTHERS.items():
        run_file(engine, name, tests)


def test_others_with_pool(case):
    others("pool")


def test_others_with_sync(case):
    others("sync")


def threads(pid):
    """How many a process has; 0 if it is gone."""
    proc = pathlib.Path(f"/proc/{pid}")
    try:
        if "libtsan" in (proc / "maps").read_text():
            raise Skip("this build has threads of its own")
        return len(list((proc / "task").iterdir()))
    except (FileNotFoundError, ProcessLookupError):
        return 0


def in_flight(case, engine):
    """The most requests that one worker has at once, of 8 that it could."""
    case.start_stub()
    codes = case.stub.json("/codes")[:8]
    case.write_conf(codes, workers=1, concurrency=6, refresh="1h",
                    engine=engine)
    case.start()
    case.stub.control("hold=1")
    equal(case.ctl("refresh").returncode, 0)
    wanted = 1 if engine == "sync" else 6
    wait_until(f"{wanted} are in flight",
               lambda: case.stub.json("/stats")["held"] == wanted)
    time.sleep(0.3)
    equal(case.stub.json("/stats")["held"], wanted, "no more come")
    pid = case.workers()[0]
    found = threads(pid)
    case.stub.control("hold=0")
    equal(case.ctl("refresh", "--wait").returncode, 0)
    return found


def test_async_is_one_thread_with_many_in_flight(case):
    equal(in_flight(case, "async"), 1, "threads")


def test_pool_has_a_thread_for_each_in_flight(case):
    equal(in_flight(case, "pool"), 1 + 6, "threads")


def test_sync_has_one_in_flight(case):
    equal(in_flight(case, "sync"), 1, "threads")


def beats_while_it_waits(case, engine):
    """One transfer that takes longer than the watchdog's third is no hang."""
    case.start_stub()
    case.write_conf(workers=1, refresh="1h", engine=engine, watchdog="8s",
                    timeout="7900ms", **{"connect-timeout": "5s"})
    case.start()
    pid = case.workers()[0]
    case.stub.control("base-fail=EUR:hang")
    failed = case.ctl("refresh", "EUR", "--wait")
    equal(failed.returncode, 1)
    contains(case.rows()["EUR"]["error"], "timeout")
    equal(case.workers()[0], pid)
    equal(case.counter("restarts"), 0)


def test_pool_beats_while_it_waits(case):
    beats_while_it_waits(case, "pool")


def test_sync_beats_while_it_waits(case):
    beats_while_it_waits(case, "sync")


def test_a_reload_changes_the_engine(case):
    case.start_stub()
    case.write_conf(workers=1, concurrency=3, refresh="1h", engine="async")
    case.start()
    case.write_conf(workers=1, concurrency=3, refresh="1h", engine="pool")
    case.daemon.send_signal(1)
    wait_until("the worker has threads", lambda: [
        pid for pid in case.workers().values() if threads(pid) == 4])
    equal(case.ctl("refresh", "--wait").returncode, 0)


def test_a_pool_without_threads_waits_for_them(case):
    need_root()
    user = 60000 + os.getpid() % 5000
    case.start_stub()
    case.write_conf(workers=1, concurrency=4, refresh="1h", engine="pool")
    case.directory.chmod(0o755)
    for name in ("run", "state"):
        (case.directory / name).mkdir()
        os.chown(case.directory / name, user, -1)
    shutil.copy(BUILD / "ratesd", case.directory)
    arguments = case.arguments("-f")
    arguments[0] = case.directory / "ratesd"
    guest = subprocess.Popen(["sleep", "60"], user=user, extra_groups=[])
    case.started.append(guest)
    with case.log.open("a") as log:
        # Room for the guest, the supervisor and a worker, and no more.
        case.daemon = subprocess.Popen(
            arguments, stderr=log, env=clean_environment(), user=user,
            extra_groups=[], preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_NPROC, (3, 3)))
    case.started.append(case.daemon)
    wait_until("it is told", lambda: case.logged(
        "pool: a thread: Resource temporarily unavailable"))
    wait_until("and no more than that", lambda: case.logged("exit 1"))
    guest.kill()
    guest.wait()
    equal(case.ctl("wait", "--timeout", "20s").returncode, 0, "wait")


def test_an_engine_that_no_daemon_has_is_refused(case):
    case.write_conf(engine="procs")
    result = case.run("-t")
    equal(result.returncode, 78)
    contains(result.stderr, "engine: 'procs' is none of: sync pool async")


run(globals())
