"""Odd moments: deaths before their time, boards half made, strangers."""

import contextlib
import ctypes
import fcntl
import grp
import os
import pathlib
import pwd
import shutil
import signal
import struct
import subprocess
import time

from harness import (BOOK, PATIENCE, Skip, alive, children, clean_environment,
                     contains, equal, run, state, wait_until)


def faults(case, text, turns):
    """The environment for so many faults in all."""
    directory = case.directory / "faults"
    directory.mkdir()
    return {"RATESD_FAULT": text, "RATESD_FAULT_LIMIT": f"{directory}:{turns}"}


# --- births and deaths -----------------------------------------------------


def test_workers_that_die_before_they_are_in_the_table(case):
    case.start_stub()
    case.program = "ratesd-fault"
    case.write_conf(refresh="1h")
    text = "worker.start:1:exit=1," + ",".join(
        f"crew.forked:{number}:sleep=300" for number in range(1, 5))
    case.start(**faults(case, text, 8))
    status = wait_until("four workers", lambda: len(case.workers()) == 4
                        and case.status())
    equal(status["counters"]["restarts"], 4)
    # A replacement that is first has died in place of another one.
    for worker in status["workers"]:
        equal(worker["last_exit"], "exit 1" if worker["restarts"] else None)
    equal([state(pid) == "Z" for pid in children(case.daemon.pid)],
          [False] * 4, "zombies")
    equal(case.log.read_text().count(") died: exit 1"), 4, "deaths logged")


def test_worker_whose_supervisor_died_before_it_could_tell(case):
    case.start_stub()
    case.program = "ratesd-fault"
    case.write_conf(workers=1)
    daemon = case.start(wait=False, **faults(
        case, "crew.child:1:stop", 1))
    child = wait_until("a worker stops before its prctl", lambda: next(
        (pid for pid in children(daemon.pid) if state(pid) == "T"), None))
    equal(case.stop(signal.SIGKILL), -signal.SIGKILL)
    assert alive(child), "it died with the supervisor: nothing is shown"
    try:
        os.kill(child, signal.SIGCONT)
        wait_until("the worker is gone", lambda: not alive(child), timeout=12)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    with (case.directory / "run" / f"{case.instance}.pid").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    case.start()


# --- boards half made ------------------------------------------------------


def hold(case, point, count=1):
    """The environment of a supervisor that stops at the point."""
    case.program = "ratesd-fault"
    return {"RATESD_FAULT": f"{point}:{count}:stop"}


def wait_stopped(case):
    wait_until("the supervisor has stopped",
               lambda: state(case.daemon.pid) == "T")


def go_on(case):
    case.daemon.send_signal(signal.SIGCONT)
    wait_until("the daemon feeds the board", case.feeds)
    equal(case.ctl("wait", "--timeout", "20s").returncode, 0, "wait")


def names(case):
    """What there is of the instance in /dev/shm."""
    return sorted(path.name.removeprefix(f"ratesd.{case.instance}")
                  for path in pathlib.Path("/dev/shm").glob(
                      f"ratesd.{case.instance}*"))


def test_no_reader_attaches_to_a_board_that_is_being_made(case):
    case.start_stub()
    case.write_conf()
    case.start(wait=False, **hold(case, "board.adopted"))
    wait_stopped(case)
    equal(names(case), [".new"])
    for command in (("get", "EUR", "USD"), ("show",), ("status",),
                    ("refresh", "EUR")):
        got = case.ctl(*command)
        equal((got.returncode, got.stdout), (3, ""), " ".join(command))
        contains(got.stderr, "no board")
    equal(case.ctl("wait", "--timeout", "500ms").returncode, 1, "wait")
    # Nor by the name that it has meanwhile.
    half = case.ctl("-i", case.instance + ".new", "show")
    equal(half.returncode, 2, half.stderr)
    go_on(case)
    equal(names(case), [""])


def test_a_reader_that_waits_gets_the_board_once_it_is_made(case):
    case.start_stub()
    case.write_conf()
    case.start(wait=False, **hold(case, "board.adopted"))
    wait_stopped(case)
    with subprocess.Popen(case.ctl_arguments(
            "wait", "--timeout", "30s"), stderr=subprocess.DEVNULL) as waiter:
        time.sleep(0.3)
        go_on(case)
        equal(waiter.wait(timeout=40), 0, "wait")


def begin_wait(case, *options, number=""):
    """A ratesctl wait, and what it has said so far."""
    said = case.directory / f"said{number}"
    with said.open("wb") as errors:
        waiter = subprocess.Popen(case.ctl_arguments("wait", *options),
                                  stderr=errors, env=clean_environment())
    case.started.append(waiter)
    return waiter, said.read_text


def test_wait_without_a_limit_waits_for_a_board(case):
    case.start_stub()
    case.write_conf()
    line = (f"ratesctl: instance {case.instance}: waiting for a board, "
            "there is none yet")
    waiter, said = begin_wait(case)
    quiet, silence = begin_wait(case, "-q", number=2)
    wait_until("it says so", said)
    time.sleep(0.5)
    equal(len(said().splitlines()), 1, said())
    assert said().startswith(line), said()
    case.start()
    equal((waiter.wait(timeout=PATIENCE), quiet.wait(timeout=PATIENCE)),
          (0, 0), "statuses")
    equal(len(said().splitlines()), 1, said())
    equal(silence(), "", "with -q")


def test_wait_says_that_nobody_feeds_the_board(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.stub.control("hold-base=NOK")
    case.start(wait=False)
    wait_until("the others are there", lambda: case.board_file().exists()
               and all(row["version"] for base, row in case.rows().items()
                       if base != "NOK"))
    case.stop()
    line = (f"ratesctl: instance {case.instance}: nobody feeds this board; "
            "4 of 5 rows, waiting for NOK\n")
    got = case.ctl("wait", "-t", "4s")
    equal((got.returncode, got.stderr), (1, line + "ratesctl: still empty or "
          "stale after 4s: NOK; nobody feeds this board\n"))
    waiter, said = begin_wait(case)
    wait_until("it says so", said)
    case.stub.control("hold-base=")
    case.start()
    equal(waiter.wait(timeout=PATIENCE), 0, "status")
    equal(said(), line)


def replaced_at(case, point):
    """At a reload to other currencies, which needs another board."""
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start(**hold(case, point, 2 if point == "board.adopted" else 1))
    case.write_conf(BOOK[:3] + ["GBP"], refresh="1h")
    before = case.rows()
    case.daemon.send_signal(signal.SIGHUP)
    wait_stopped(case)
    rows = case.rows()
    equal(list(rows), BOOK)
    for base, row in before.items():
        for key in ("rates", "version", "fetched", "source", "error"):
            equal(rows[base][key], row[key], f"{base} {key}")
    equal(case.ctl("get", "EUR", "GBP").returncode, 4)
    equal(names(case), ["", ".new"])
    case.daemon.send_signal(signal.SIGCONT)
    # Until then the old one is fed, and fresh.
    wait_until("the next board is there",
               lambda: list(case.rows()) == BOOK[:3] + ["GBP"])
    go_on(case)
    equal(list(case.rows()), BOOK[:3] + ["GBP"])
    equal(names(case), [""])


def test_the_old_board_is_read_while_the_next_is_made(case):
    replaced_at(case, "board.adopted")


def test_the_old_board_is_read_while_it_is_retired(case):
    replaced_at(case, "board.retired")


def test_the_old_board_is_read_until_the_next_start_has_its_own(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    before = case.rows()
    case.stop()
    for point in ("board.adopted", "board.retired"):
        case.start(wait=False, **hold(case, point))
        wait_stopped(case)
        equal({b: r["rates"] for b, r in case.rows().items()},
              {b: r["rates"] for b, r in before.items()}, point)
        equal(case.ctl("status").returncode, 3, "nobody feeds it")
        equal(case.ctl("refresh", "EUR").returncode, 3, "refresh")
        go_on(case)
        equal(case.stop(), 0)


# --- strangers -------------------------------------------------------------

# Run as another user; prints what each attempt came to.
STRANGER = r"""
import ctypes, errno, mmap, os, sys
board, queue = sys.argv[1:3]
librt = ctypes.CDLL("librt.so.1", use_errno=True)

def attempt(name, function):
    try:
        function()
        print(name, "done")
    except OSError as error:
        print(name, errno.errorcode[error.errno])
    except ValueError as error:  # mmap, of a file without a length
        print(name, type(error).__name__)

def mq(flags):
    fd = librt.mq_open(queue.encode(), flags)
    if fd == -1:
        raise OSError(ctypes.get_errno(), "mq_open")

def mq_unlink():
    if librt.mq_unlink(queue.encode()) == -1:
        raise OSError(ctypes.get_errno(), "mq_unlink")

def replace():
    own = board + ".stranger"
    os.close(os.open(own, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
    try:
        os.rename(own, board)
    finally:
        os.unlink(own)

def map_to_write():
    fd = os.open(board, os.O_RDONLY)
    mmap.mmap(fd, 4096, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)

attempt("read", lambda: os.open(board, os.O_RDONLY))
attempt("write", lambda: os.open(board, os.O_RDWR))
attempt("truncate", lambda: os.open(board, os.O_WRONLY | os.O_TRUNC))
attempt("truncate by name", lambda: os.truncate(board, 0))
attempt("map to write", map_to_write)
attempt("unlink", lambda: os.unlink(board))
attempt("replace", replace)
attempt("rename", lambda: os.rename(board, board + ".stranger"))
attempt("chmod", lambda: os.chmod(board, 0o666))
attempt("utime", lambda: os.utime(board))
attempt("queue read", lambda: mq(os.O_RDONLY))
attempt("queue write", lambda: mq(os.O_WRONLY))
attempt("queue both", lambda: mq(os.O_RDWR))
attempt("queue unlink", mq_unlink)
"""


def nobody(*arguments):
    """A command run as nobody."""
    if os.geteuid() != 0:
        raise Skip("needs root, to be another user")
    user = pwd.getpwnam("nobody")
    return subprocess.run(
        list(map(str, arguments)), capture_output=True, text=True, timeout=60,
        user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd="/",
        env=clean_environment(), check=False)


def test_a_stranger_reads_the_board_and_changes_nothing(case):
    case.start_stub()
    case.write_conf()
    case.start()
    before = case.board_file().stat()
    # Ours may lie where nobody may not look.
    python = shutil.which("python3", path="/usr/bin:/bin")
    if not python or nobody(python, "-c", "import ctypes").returncode != 0:
        raise Skip("nobody has no python3")
    got = nobody(python, "-c", STRANGER, case.board_file(),
                 f"/ratesd.{case.instance}")
    results = dict(line.rsplit(" ", 1) for line in got.stdout.splitlines())
    equal(len(results), 14, got.stderr)
    equal(results.pop("read"), "done")
    for name, result in results.items():
        assert result in ("EACCES", "EPERM"), f"{name}: {result}"
    after = case.board_file().stat()
    for key in ("st_ino", "st_mode", "st_size", "st_uid", "st_nlink"):
        equal(getattr(after, key), getattr(before, key), key)
    equal(after.st_mode & 0o7777, 0o644)
    ctl = case.ctl_arguments("get", "EUR", "USD")
    # The build directory may be where nobody may not look.
    if nobody("/usr/bin/test", "-x", ctl[0]).returncode == 0:
        for command in (["get", "EUR", "USD"], ["show"], ["status"],
                        ["sources", "-v"], ["explain", "EUR", "USD"],
                        ["wait", "--timeout", "10s"]):
            shown = nobody(*case.ctl_arguments(*command))
            equal((shown.returncode, shown.stderr), (0, ""), command)
        group = grp.getgrgid(os.getegid()).gr_name
        asked = nobody(*case.ctl_arguments("refresh", "EUR"))
        equal(asked.returncode, 1)
        contains(asked.stderr, "no permission to write the queue "
                 f"/ratesd.{case.instance}: members of the group '{group}'")
    equal(case.status()["running"], True)
    equal(case.counter("messages_dropped"), 0)


def test_a_stranger_signals_nobody(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    for pid in (case.daemon.pid, *case.workers().values()):
        got = nobody("/bin/sh", "-c", f"kill -TERM {pid}")
        assert got.returncode != 0, "it could"
    equal(case.status()["running"], True)


# --- the queue -------------------------------------------------------------


def message(base):
    """A request as ratesctl sends it (jobs/message.h)."""
    return struct.pack("=4sHHHHI8sqq24x", b"ratj", 1, 1, 2, 0, 0,
                       base.encode(), 0, 0)


@contextlib.contextmanager
def queue_of(case):
    librt = ctypes.CDLL("librt.so.1", use_errno=True)
    queue = librt.mq_open(f"/ratesd.{case.instance}".encode(),
                          os.O_WRONLY | os.O_NONBLOCK)
    assert queue != -1, os.strerror(ctypes.get_errno())
    try:
        yield lambda text: librt.mq_send(queue, text, len(text), 2)
    finally:
        os.close(queue)


def ticks(pid):
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return sum(map(int, stat.rpartition(")")[2].split()[11:13]))


def test_a_full_queue_is_told_and_waited_for(case):
    case.start_stub()
    # So that the supervisor has jobs that it can't put on the queue.
    case.write_conf(refresh="1s", watchdog="1h")
    case.start()
    dropped = case.counter("messages_dropped")
    workers = wait_until("all workers are in their loops", lambda: len(
        case.workers()) == 4 and case.workers())
    for pid in workers.values():
        os.kill(pid, signal.SIGSTOP)
    wait_until("they have stopped", lambda: all(
        state(pid) == "T" for pid in workers.values()))
    with queue_of(case) as send:
        for _ in range(10):
            send(message("EUR"))
        equal(send(message("EUR")), -1, "the queue takes an eleventh")
    equal(case.status()["queue"]["depth"], 10)
    began, spent = time.monotonic(), ticks(case.daemon.pid)
    asked = case.ctl("refresh", "--timeout", "2s")
    took = time.monotonic() - began
    equal(asked.returncode, 1)
    contains(asked.stderr,
             "the queue was still full after 2s: asked for 0 of 5 rows")
    assert took >= 2, f"it gave up after {took} s"
    time.sleep(1)
    limit = os.sysconf("SC_CLK_TCK") / 2
    assert ticks(case.daemon.pid) - spent < limit, "the supervisor spins"
    # One that is patient gets through.
    with subprocess.Popen(case.ctl_arguments(
            "refresh", "--wait", "--timeout", "30s")) as patient:
        time.sleep(0.5)
        equal(patient.poll(), None, "it waits")
        versions = {b: r["version"] for b, r in case.rows().items()}
        for pid in workers.values():
            os.kill(pid, signal.SIGCONT)
        equal(patient.wait(timeout=40), 0, "refresh --wait")
    for base, row in case.rows().items():
        assert row["version"] > versions[base], base
    equal(case.workers().keys(), workers.keys())
    equal(case.counter("messages_dropped"), dropped)
    equal(case.counter("restarts"), 0)


run(globals())
