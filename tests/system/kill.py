"""Workers and supervisors killed: nothing is lost, nothing stands still."""

import os
import signal
import subprocess
import threading
import time

from harness import (BOOK, BUILD, alive, children, clean_environment, contains,
                     equal, run, state, wait_until)


def numbers(case):
    return {base: row["rates"] for base, row in case.rows().items()}


def slot_of(status, base):
    return next((w for w in status["workers"] if base in w["jobs"]), None)


def test_worker_killed_in_the_middle_of_a_held_answer(case):
    stub = case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    before = numbers(case)
    workers = case.workers()
    stub.control("hold-base=EUR")
    case.ctl("refresh", "EUR")
    wait_until("the stub holds it", lambda: stub.json("/stats")["held"] == 1)
    victim = wait_until("a worker has EUR",
                        lambda: slot_of(case.status(), "EUR"))
    os.kill(victim["pid"], signal.SIGKILL)

    # While its job is held anew, by another worker or by the replacement.
    after = wait_until("the worker is replaced and EUR taken again", lambda: (
        lambda s: s["counters"]["restarts"] == 1
        and s["workers"][victim["slot"]]["last_exit"] and slot_of(s, "EUR")
        and len(case.workers()) == 4 and s)(case.status()))
    equal(numbers(case), before, "matrix")
    for slot, pid in workers.items():
        now = case.workers()[slot]
        if slot == victim["slot"]:
            assert now != pid, "the replacement has the pid of the dead"
        else:
            equal(now, pid, f"pid of worker {slot}")
    equal(after["workers"][victim["slot"]]["last_exit"], "signal 9")
    equal(after["counters"]["jobs_requeued"], 1)
    version = case.rows()["EUR"]["version"]
    stub.control("hold-base=")
    wait_until("the job is done",
               lambda: case.rows()["EUR"]["version"] == version + 1)
    equal(numbers(case), before, "matrix")


def die_in_lock(case, point):
    """A worker of the fault build that stops at point, and is killed there."""
    case.start_stub()
    case.program = "ratesd-fault"
    case.write_conf(refresh="1h", concurrency=1)
    limit = case.directory / "faults"
    limit.mkdir()
    case.start(wait=False, RATESD_FAULT=f"{point}:1:stop",
               RATESD_FAULT_LIMIT=f"{limit}:1")
    wait_until("the board is there", case.board_file().exists)
    stopped = wait_until("a worker stopped in the lock", lambda: next(
        (w for w in case.status()["workers"]
         if w["pid"] and state(w["pid"]) == "T"), None))
    wait_until("the others fetch their rows",
               lambda: case.status()["rows"]["fresh"] == 4)
    before = case.workers()
    time.sleep(0.3)
    equal(case.status()["rows"]["fresh"], 4, "rows while one is held")
    began = time.monotonic()
    os.kill(stopped["pid"], signal.SIGKILL)
    equal(case.ctl("wait", "--timeout", "20s").returncode, 0)
    print(f"# all rows fresh {time.monotonic() - began:.3f} s after the kill")
    now = case.workers()
    for slot, pid in before.items():
        if slot != stopped["slot"]:
            equal(now[slot], pid, f"pid of worker {slot}")
    for base, row in case.rows().items():
        served = case.stub.rates(base)
        equal(row["rates"], {quote: served[quote] for quote in BOOK}, base)
    return case.status()["counters"]


def test_worker_killed_while_it_holds_a_lock(case):
    counters = die_in_lock(case, "publish.locked")
    equal(counters["lock_repairs"], 1)
    assert counters["jobs_requeued"] >= 1


def test_worker_killed_in_the_middle_of_a_row(case):
    equal(die_in_lock(case, "publish.word")["lock_repairs"], 1)


def test_worker_killed_with_the_token_and_no_claim(case):
    equal(die_in_lock(case, "lock.token")["lock_repairs"], 0)


def test_worker_killed_between_release_and_token(case):
    case.start_stub()
    case.program = "ratesd-fault"
    case.write_conf(refresh="200ms")
    limit = case.directory / "faults"
    limit.mkdir()
    case.start(RATESD_FAULT="lock.cleared:1:kill",
               RATESD_FAULT_LIMIT=f"{limit}:3")
    wait_until("three deaths", lambda: case.counter("restarts") == 3)
    versions = {b: r["version"] for b, r in case.rows().items()}
    wait_until("every row goes on", lambda: all(
        row["version"] > versions[base] + 2
        for base, row in case.rows().items()))


def test_worker_killed_between_queue_and_claim(case):
    case.start_stub()
    case.program = "ratesd-fault"
    case.write_conf(refresh="1h")
    limit = case.directory / "faults"
    limit.mkdir()
    case.start(RATESD_FAULT="worker.received:1:kill",
               RATESD_FAULT_LIMIT=f"{limit}:2")
    equal(case.status()["rows"]["fresh"], 5, "the lost jobs were done")


def test_a_lost_job_is_found_behind_a_backlog(case):
    """A source slower than the refresh keeps the queue filled for ever."""
    case.start_stub("--latency", 100)
    case.program = "ratesd-fault"
    codes = case.stub.json("/codes")[:30]
    case.write_conf(codes, refresh="1s", workers=1, concurrency=1)
    limit = case.directory / "faults"
    limit.mkdir()
    case.start(RATESD_FAULT="worker.received:40:kill",
               RATESD_FAULT_LIMIT=f"{limit}:1")
    wait_until("a worker dies", lambda: case.counter("restarts") == 1)
    versions = {base: row["version"] for base, row in case.rows().items()}
    wait_until("every row goes on", lambda: all(
        row["version"] > versions[base] + 1
        for base, row in case.rows().items()), timeout=120, pause=0.5)


def test_a_request_survives_the_death_of_who_took_it(case):
    case.start_stub()
    case.program = "ratesd-fault"
    case.write_conf(refresh="1h", workers=1)
    limit = case.directory / "faults"
    limit.mkdir()
    case.start(RATESD_FAULT=f"worker.noted:{len(BOOK) + 1}:kill",
               RATESD_FAULT_LIMIT=f"{limit}:1")
    version = case.rows()["EUR"]["version"]
    # The schedule knows nothing of it, and its worker dies before the claim.
    equal(case.ctl("refresh", "EUR", "--wait", "--timeout", "15s").returncode,
          0)
    equal(case.counter("restarts"), 1)
    equal(case.rows()["EUR"]["version"], version + 1)


def test_a_request_at_the_very_end_of_an_attempt_is_done(case):
    case.start_stub()
    case.program = "ratesd-fault"
    case.write_conf(["EUR"], refresh="1h")
    case.start(RATESD_FAULT="worker.finished:1:sleep=1500")
    # Published, but its worker has not let go of the job yet.
    version = case.rows()["EUR"]["version"]
    equal(case.ctl("refresh", "EUR", "--wait", "--timeout", "10s").returncode,
          0)
    assert case.rows()["EUR"]["version"] > version


def test_fifty_kills_under_a_reader(case):
    case.start_stub("--latency", 20)
    case.write_conf(refresh="500ms", **{"restart-limit": 1000})
    case.start()
    start = {base: row["version"] for base, row in case.rows().items()}
    reads, bad, stop = [0], [], threading.Event()

    def read():
        while not stop.is_set():
            show = case.ctl("show", "--format", "lines")
            reads[0] += 1
            if show.returncode != 0 or len(show.stdout.splitlines()) != 5 \
                    or " - " in show.stdout:
                bad.append((show.returncode, show.stdout, show.stderr))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for kill in range(50):
            pid = wait_until("the worker is in its loop",
                             lambda slot=kill % 4: case.workers().get(slot))
            os.kill(pid, signal.SIGKILL)
            wait_until("it is replaced", lambda slot=kill % 4, old=pid:
                       case.workers().get(slot, old) != old)
    finally:
        stop.set()
        reader.join()
    equal(bad[:3], [], "failed reads")
    print(f"# {reads[0]} reads, none failed")
    wait_until("all rows were refreshed", lambda: all(
        row["version"] > start[base] + 3
        for base, row in case.rows().items()))
    equal(case.counter("restarts"), 50)
    equal(sum(w["restarts"] for w in case.status()["workers"]), 50)
    # Each 30 s one more saves the board.
    wait_until("no child but the workers, zombies among them",
               lambda: len(children(case.daemon.pid)) == 4)


def test_supervisor_killed_takes_its_workers_along(case):
    case.start_stub()
    case.write_conf()
    case.start()
    workers = list(case.workers().values())
    os.kill(workers[0], signal.SIGSTOP)
    before = numbers(case)
    case.stop(signal.SIGKILL)
    try:
        wait_until("no worker is left",
                   lambda: not any(alive(pid) for pid in workers))
    finally:
        for pid in filter(alive, workers):
            os.kill(pid, signal.SIGKILL)
    equal(numbers(case), before, "the board stays")
    wait_until("nobody feeds it", lambda: not case.status()["running"])
    equal(case.ctl("status").returncode, 3)
    equal({(worker["pid"], worker["state"])
           for worker in case.status()["workers"]}, {(None, "empty")})
    case.start()
    status = case.status()
    equal(status["running"], True)
    equal(status["supervisor"]["generation"], 2)


def test_restart_keeps_the_rows_and_their_age(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    before = case.rows()
    case.stop()
    case.stub.control("fail=500:100")
    case.start()
    after = case.rows()
    for base, row in before.items():
        for key in ("rates", "fetched", "changed", "version", "source"):
            equal(after[base][key], row[key], f"{base} {key}")


def test_reader_follows_restarts(case):
    case.start_stub()
    case.write_conf()
    case.start()
    watcher = subprocess.Popen(
        [BUILD / "ratesctl", "-i", case.instance, "refresh", "EUR", "--wait",
         "--timeout", "20s"], env=clean_environment())
    watcher.wait(timeout=30)
    for _ in range(5):
        case.stop()
        equal(case.ctl("get", "EUR", "USD").returncode, 0)
        case.start()
        equal(case.ctl("get", "EUR", "USD").returncode, 0)
    equal(case.status()["supervisor"]["generation"], 6)


def test_second_start_is_refused_and_changes_nothing(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    second = case.run("-f")
    equal(second.returncode, 1)
    contains(second.stderr, f"already running, pid {case.daemon.pid}")
    elsewhere = case.run("-f", "--runtime-dir", case.directory / "other")
    equal(elsewhere.returncode, 1)
    contains(elsewhere.stderr, f"already running, pid {case.daemon.pid}")
    purge = case.run("--purge")
    equal(purge.returncode, 1)
    equal(case.status()["supervisor"]["generation"], 1)
    equal(case.status()["running"], True)


def test_no_start_while_an_old_worker_lives(case):
    case.start_stub()
    case.program = "ratesd-fault"
    case.write_conf()
    case.start()
    # An orphan that the kernel does not kill: it holds the lock file's flock.
    holder = subprocess.Popen(
        ["sh", "-c", "exec 9<\"$1\"; flock 9; echo; exec sleep 60", "sh",
         case.directory / "run" / f"{case.instance}.pid"],
        stdout=subprocess.PIPE)
    case.started.append(holder)
    case.stop(signal.SIGKILL)
    holder.stdout.readline()
    refused = case.run("-f")
    equal(refused.returncode, 1)
    contains(refused.stderr, "is still alive")
    holder.kill()
    holder.wait()
    case.start()


def test_crash_loop_backs_off_and_gives_up(case):
    case.start_stub()
    case.program = "ratesd-fault"
    case.write_conf(**{"restart-limit": 3})
    daemon = case.start(wait=False, RATESD_FAULT="worker.start:1:abort")
    equal(daemon.wait(timeout=20), 1, "exit status")
    assert case.logged("giving up (restart-limit)")
    until = case.log.read_text().partition("giving up (restart-limit)")[0]
    equal(until.count(") died: signal 6"), 4, "deaths")


def test_a_job_that_kills_while_it_is_published_is_set_aside(case):
    case.start_stub()
    case.program = "ratesd-fault"
    case.write_conf(["EUR"], refresh="2s")
    limit = case.directory / "faults"
    limit.mkdir()
    case.start(wait=False, RATESD_FAULT="publish.locked:1:kill",
               RATESD_FAULT_LIMIT=f"{limit}:3")
    wait_until("it is named", lambda: case.logged("job EUR is set aside"))
    equal(case.ctl("wait", "--timeout", "20s").returncode, 0, "its next turn")


def test_poison_job_is_set_aside_and_the_rest_goes_on(case):
    case.start_stub("--hold-base", "CZK")
    case.write_conf(refresh="2s", concurrency=1)
    case.start(wait=False)
    wait_until("the board is there", case.board_file().exists)
    killed = {None}

    def another_has_czk():
        worker = slot_of(case.status(), "CZK")
        # Who has it and has not asked yet is not to blame.
        if case.stub.json("/stats")["bases"].get("CZK", 0) < len(killed):
            return None
        return worker and worker["pid"] not in killed and worker["pid"]

    for _ in range(3):
        pid = wait_until("another worker has CZK", another_has_czk)
        killed.add(pid)
        os.kill(pid, signal.SIGKILL)
    wait_until("it is named",
               lambda: case.logged("job CZK is set aside"))
    wait_until("the others are fresh",
               lambda: case.status()["rows"]["fresh"] == 4)
    case.stub.control("hold-base=")
    wait_until("its next turn comes",
               lambda: case.status()["rows"]["fresh"] == 5)


run(globals())
