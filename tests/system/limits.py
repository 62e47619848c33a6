"""Memory, files and queues that are short, taken, foreign or cut off."""

import os
import pathlib
import random
import resource
import select
import signal
import stat
import subprocess
import threading
import time

from harness import (BOOK, BUILD, Case, Skip, alive, clean_environment,
                     contains, equal, run, wait_until)
from surroundings import (NOBODY, Notify, has_queue, make_queue, need_root,
                          open_queue, remove_queue, script, unshare)

MANY = [f"{a}{b}X" for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJ"]


def refused(case, result, *parts):
    """A start that failed with one line, which has all these parts."""
    equal(result.returncode, 1, result.stderr)
    equal(len(result.stderr.splitlines()), 1, result.stderr)
    for part in parts:
        contains(result.stderr, part)


def run_in(case, command, *options, **environment):
    """ratesd -f to its end, with another command before it."""
    return subprocess.run(
        [*command, *case.arguments("-f", *options)], capture_output=True,
        text=True, timeout=30, check=False,
        env=clean_environment(**environment))


# --- memory ---------------------------------------------------------------

SMALL_SHM = "mount -t tmpfs -o size=64k none /dev/shm || exit 99\n"


def test_a_board_that_does_not_fit(case):
    notify = Notify(case)
    left = case.directory / "left"
    case.write_conf(MANY)
    command = unshare("--mount") + script(
        SMALL_SHM + '"$@"; status=$?; ls -A /dev/shm >"$LEFT"; exit $status')
    result = run_in(case, command, LEFT=str(left), NOTIFY_SOCKET=notify.path)
    refused(case, result, "No space left on device", "/dev/shm", "KiB")
    equal(left.read_text(), "", "left in /dev/shm")
    equal([m for m in notify.all() if "READY=1" in m], [], "READY=1")
    equal(has_queue(case), False, "the queue is left behind")


def test_a_reload_that_does_not_fit_keeps_the_old_board(case):
    case.start_stub()
    case.write_conf(refresh="200ms")
    command = unshare("--mount") + script(SMALL_SHM + 'exec "$@"')
    with case.log.open("a") as log:
        case.daemon = subprocess.Popen(
            [*command, *case.arguments("-f")], stderr=log,
            env=clean_environment())
    case.started.append(case.daemon)
    wait_until("it is ready", lambda: case.logged("ready: 4 workers"))
    if os.geteuid() != 0:
        raise Skip("only root enters the namespace again")

    def version():
        shown = subprocess.run(
            ["nsenter", f"--target={case.daemon.pid}", "--mount", "--",
             BUILD / "ratesctl", "-i", case.instance, "show", "-f", "csv"],
            capture_output=True, text=True, check=True,
            env=clean_environment())
        return int(shown.stdout.splitlines()[1].split(",")[6])

    wait_until("it fetches", lambda: version() > 0)
    case.write_conf(MANY, refresh="200ms")
    case.daemon.send_signal(signal.SIGHUP)
    wait_until("it is refused",
               lambda: case.logged("No space left on device"))
    before = version()
    wait_until("the old rows go on", lambda: version() > before + 2)
    equal(case.stop(), 0, "exit status")


# --- the board's name -----------------------------------------------------

def squat(case, path, kind):
    """Puts something of that kind there; a function that finds it again."""
    target = case.directory / "target"
    target.write_text("not yours\n")
    if kind == "file":
        path.write_text("not yours\n")
    elif kind == "symlink":
        path.symlink_to(target)
    elif kind == "directory":
        path.mkdir()
    else:
        os.mkfifo(path)
    if os.geteuid() == 0:
        os.lchown(path, NOBODY, NOBODY)
    before = os.lstat(path)

    def untouched():
        now = os.lstat(path)
        same = [(s.st_ino, s.st_mode, s.st_uid, s.st_size) for s in
                (before, now)]
        equal(same[1], same[0], kind)
        equal(target.read_text(), "not yours\n", "the symlink's target")
        if stat.S_ISREG(now.st_mode):
            equal(path.read_text(), "not yours\n", kind)

    return untouched


def new_file(case):
    return case.board_file().with_name(case.board_file().name + ".new")


def remove(path):
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def squatted(case, path, kind):
    if kind == "file" or path == new_file(case):
        need_root()  # what is ours, is ours to replace
    case.write_conf()
    untouched = squat(case, path, kind)
    try:
        result = case.run("-f")
        refused(case, result, path.name)
        untouched()
        equal(has_queue(case), False, "the queue is left behind")
        # Nor does a reader hang, or take it for a board.
        shown = case.ctl("show")
        assert shown.returncode in (1, 3), shown
        equal(len(shown.stderr.splitlines()), 1, shown.stderr)
    finally:
        remove(path)
    case.start_stub()
    case.write_conf()
    case.start()


def test_a_file_of_another_user_has_the_boards_name(case):
    squatted(case, case.board_file(), "file")


def test_a_symlink_has_the_boards_name(case):
    squatted(case, case.board_file(), "symlink")


def test_a_directory_has_the_boards_name(case):
    squatted(case, case.board_file(), "directory")


def test_a_fifo_has_the_boards_name(case):
    squatted(case, case.board_file(), "fifo")


def test_a_file_of_another_user_has_the_new_boards_name(case):
    squatted(case, new_file(case), "file")


def test_a_symlink_has_the_new_boards_name(case):
    squatted(case, new_file(case), "symlink")


def test_a_directory_has_the_new_boards_name(case):
    squatted(case, new_file(case), "directory")


def test_a_fifo_has_the_new_boards_name(case):
    squatted(case, new_file(case), "fifo")


# --- whose board it is ----------------------------------------------------

def test_a_strangers_board_is_shown_with_a_warning(case):
    need_root()
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    case.stop()
    equal(case.ctl("show").stderr.count("warning"), 0, "one's own")
    os.chown(case.board_file(), NOBODY, NOBODY)
    try:
        for command in (["show"], ["get", "EUR", "USD"], ["status"],
                        ["wait", "--timeout", "1s"]):
            got = case.ctl(*command)
            assert got.returncode in (0, 3), got
            contains(got.stderr, "warning: its board was made by nobody")
            equal(case.ctl("-q", *command).stderr, "", "with --quiet")
        contains(case.ctl("status").stdout, ", made by nobody")
    finally:
        os.chown(case.board_file(), 0, 0)


def test_a_strangers_board_stops_no_start_by_its_beat(case):
    need_root()
    case.start_stub()
    case.write_conf()
    case.start()
    other = Case("squat")
    try:
        # It beats, and names a pid that is alive.
        other.write_conf()
        other.board_file().write_bytes(case.board_file().read_bytes())
        os.chown(other.board_file(), NOBODY, NOBODY)
        refused(other, other.run("-f"), "is not ours")
    finally:
        remove(other.board_file())
        other.close()


def test_a_board_that_others_may_write_is_refused(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    case.stop()
    for mode in (0o664, 0o646, 0o666):
        case.board_file().chmod(mode)
        got = case.ctl("show")
        equal(got.returncode, 1, oct(mode))
        contains(got.stderr, "others than its owner may write it")
    # Nor is it taken over: anyone may have written the rows.
    (case.directory / "state" / f"{case.instance}.board").unlink()
    case.stub.control("fail=500:100")
    case.start(wait=False)
    wait_until("it runs", lambda: case.ctl("status").returncode == 0)
    equal(case.status()["rows"]["empty"], 5, "rows")


# --- the queue --------------------------------------------------------------

def test_a_queue_of_other_sizes_is_refused(case):
    case.write_conf()
    for maxmsg, msgsize in ((5, 64), (10, 128)):
        queue = make_queue(case, maxmsg, msgsize)
        try:
            refused(case, case.run("-f"), f"/ratesd.{case.instance}",
                    "its sizes are not ours", "remove it")
            equal(has_queue(case), True, "it is still there")
        finally:
            os.close(queue)
            remove_queue(case)
    assert not case.board_file().exists(), "a board was left"


def test_a_queue_of_another_user_is_refused(case):
    need_root()
    case.write_conf()
    os.seteuid(NOBODY)
    try:
        queue = make_queue(case)
    finally:
        os.seteuid(0)
    try:
        refused(case, case.run("-f"), f"/ratesd.{case.instance}",
                "it belongs to another user")
        equal(os.fstat(queue).st_uid, NOBODY, "its owner")
        equal(has_queue(case), True, "it is still there")
    finally:
        os.close(queue)
        remove_queue(case)


def test_a_queue_of_another_mode_gets_the_right_one(case):
    case.start_stub()
    case.write_conf(**{"queue-mode": "0620"})
    os.close(make_queue(case, mode=0o666))
    os.umask(0o077)  # the environment's must not matter either
    case.start()
    queue = open_queue(case)
    equal(oct(os.fstat(queue).st_mode & 0o777), oct(0o620), "mode")
    os.close(queue)


def test_the_limit_of_queue_bytes_is_named(case):
    case.write_conf()
    limit = resource.RLIMIT_MSGQUEUE
    result = subprocess.run(
        case.arguments("-f"), capture_output=True, text=True, timeout=30,
        check=False, env=clean_environment(),
        preexec_fn=lambda: resource.setrlimit(limit, (100, 100)))
    refused(case, result, "RLIMIT_MSGQUEUE", "LimitMSGQUEUE=", "ulimit -q")
    assert not case.board_file().exists(), "a board was left"


# Root passes the limits with this capability, and so does no plain user.
PLAIN = ("exec setpriv --bounding-set=-sys_resource "
         '--inh-caps=-sys_resource "$@"')


def test_the_limits_of_queues_are_named_and_stock_ones_do(case):
    case.write_conf()
    for name, value, part in (("queues_max", 0, "queues_max"),
                              ("msg_max", 9, "msg_max")):
        command = unshare("--ipc") + script(
            f"echo {value} >/proc/sys/fs/mqueue/{name} || exit 99\n" + PLAIN)
        result = run_in(case, command)
        if result.returncode == 99:
            raise Skip("the limits can't be set here")
        refused(case, result, f"/proc/sys/fs/mqueue/{part}")
    case.start_stub()
    case.write_conf()
    command = unshare("--ipc") + script(
        "echo 10 >/proc/sys/fs/mqueue/msg_max\n" + PLAIN)
    with case.log.open("a") as log:
        case.daemon = subprocess.Popen([*command, *case.arguments("-f")],
                                       stderr=log, env=clean_environment())
    case.started.append(case.daemon)
    wait_until("it feeds the board", case.feeds)
    equal(case.ctl("wait", "--timeout", "20s").returncode, 0)


# --- a board cut off under its readers -----------------------------------

def stopped_board(case):
    """The bytes of a board whose last row is empty, with no daemon."""
    case.start_stub()
    case.write_conf(BOOK + MANY[:40] + ["XXX"], refresh="1h")
    case.start(wait=False)
    wait_until("the first row is there", lambda: case.board_file().exists()
               and case.rows()["EUR"]["version"])
    case.stop()
    return case.board_file().read_bytes()


COMMANDS = (["show"], ["show", "-f", "json"], ["get", "EUR", "USD"],
            ["status"], ["status", "-f", "json"],
            ["wait", "--timeout", "50ms"])


def test_readers_refuse_a_truncated_board(case):
    size = len(stopped_board(case))
    for length in (size - 1, size // 2, 4096, 100, 0):
        os.truncate(case.board_file(), length)
        for command in COMMANDS:
            got = case.ctl(*command)
            equal(got.returncode, 1, f"{command} of {length} bytes")
            equal(len(got.stderr.splitlines()), 1, got.stderr)
            contains(got.stderr, "its size is wrong" if length >= 4096
                     else "it is too small")


def test_a_board_truncated_while_readers_wait(case):
    board = stopped_board(case)
    for length in (0, 4096, len(board) // 2):
        case.board_file().write_bytes(board)
        waiters = [subprocess.Popen(
            [BUILD / "ratesctl", "-i", case.instance, *options, "wait",
             "--timeout", "20s"], stderr=subprocess.PIPE, text=True,
            env=clean_environment()) for options in ([], ["-q"])]
        case.started += waiters
        for waiter in waiters:
            wait_until("it sleeps on the board", lambda pid=waiter.pid: str(
                case.board_file()) in pathlib.Path(
                    f"/proc/{pid}/maps").read_text() and "futex" in
                pathlib.Path(f"/proc/{pid}/wchan").read_text())
        os.truncate(case.board_file(), length)
        for waiter, line in zip(waiters, (
                "ratesctl: no board: it was truncated while it was read\n",
                "")):
            # Who waits for a second is told that nobody feeds it, too.
            equal("".join(waiter.communicate(timeout=30)[1]
                          .splitlines(keepends=True)[-1:]), line)
            equal(waiter.returncode, 3, f"status after {length} bytes")


def test_a_board_truncated_at_any_moment(case):
    board = stopped_board(case)
    chance = random.Random(1)
    codes = {}
    began = time.monotonic()
    case.ctl("show")
    took = time.monotonic() - began
    for _ in range(60):
        case.board_file().write_bytes(board)
        command = chance.choice(COMMANDS)
        reader = subprocess.Popen(
            [BUILD / "ratesctl", "-i", case.instance, *command],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=clean_environment())
        case.started.append(reader)
        time.sleep(chance.uniform(0, 2 * took))
        os.truncate(case.board_file(), chance.randrange(len(board)))
        words = reader.communicate(timeout=30)[1]
        assert reader.returncode in (0, 1, 3), (command, reader, words)
        codes[reader.returncode] = codes.get(reader.returncode, 0) + 1
    print("# exit statuses:", codes)


def test_another_board_truncated_at_any_moment(case):
    """Who looks for a board that isn't there is told which are, and no more:
    anyone may make one."""
    other = pathlib.Path("/dev/shm") / f"ratesd.t{os.getpid()}-other"
    whole = stopped_board(case)
    ended = threading.Event()

    def truncate():
        with other.open("xb", buffering=0) as board:
            while not ended.is_set():
                board.truncate(0)
                board.write(whole)
                board.seek(0)

    truncating = threading.Thread(target=truncate)
    truncating.start()
    try:
        for _ in range(200):
            done = case.ctl("-i", f"t{os.getpid()}-none", "get", "EUR", "USD")
            equal((done.returncode, done.stdout), (3, ""))
            contains(done.stderr, "does not run under this name")
    finally:
        ended.set()
        truncating.join()
        other.unlink()


def test_a_start_over_a_truncated_board(case):
    size = len(stopped_board(case))
    case.write_conf()
    for length in (size // 2, 4096, 0):
        os.truncate(case.board_file(), length)
        case.start()
        equal(case.status()["rows"]["fresh"], 5)
        case.stop()


# --- standard error -------------------------------------------------------

def bad_conf(case, errors=150):
    case.conf.write_text("".join(f"nonsense{i} = 1\n" for i in range(errors)))


def start_with_stderr(case, stderr):
    """ratesd -f whose stderr is a descriptor of ours."""
    case.daemon = subprocess.Popen(case.arguments("-f"), stderr=stderr,
                                   env=clean_environment())
    case.started.append(case.daemon)
    wait_until("it feeds the board", case.feeds)
    equal(case.ctl("wait", "--timeout", "20s").returncode, 0, "wait")
    wait_until("its workers are in their loop",
               lambda: len(case.workers()) == 4)


def fill(pipe):
    os.set_blocking(pipe, False)
    try:
        while True:
            os.write(pipe, b"f" * 4096)
    except BlockingIOError:
        pass
    os.set_blocking(pipe, True)


def drain(pipe, until, what):
    """Reads until the text has come; all that was read."""
    text = ""
    end = time.monotonic() + 20
    while until not in text:
        assert time.monotonic() < end, f"{what}: {text[-2000:]}"
        if select.select([pipe], [], [], 0.1)[0]:
            text += os.read(pipe, 65536).decode()
    return text


def test_nobody_reads_a_full_stderr(case):
    reader, writer = os.pipe()
    case.start_stub()
    case.write_conf(refresh="200ms")
    start_with_stderr(case, writer)
    fill(writer)
    # 150 lines, which cost 15 s at 100 ms each; a beat is due each second.
    bad_conf(case)
    version = case.rows()["EUR"]["version"]
    case.daemon.send_signal(signal.SIGHUP)
    end = time.monotonic() + 6
    while time.monotonic() < end:
        equal(case.ctl("status").returncode, 0, "it stands still")
        time.sleep(0.1)
    assert case.rows()["EUR"]["version"] > version + 5, "rows stand still"
    # A worker's death is one more line, now that there is room.
    read = drain(reader, "f" * 100, "the pipe")
    os.kill(case.workers()[0], signal.SIGKILL)
    read = drain(reader, "log lines were lost here", "the count") + read
    os.close(reader)
    os.close(writer)


def test_stderr_is_closed_by_its_reader(case):
    reader, writer = os.pipe()
    case.start_stub()
    case.write_conf(refresh="200ms")
    start_with_stderr(case, writer)
    os.close(writer)
    os.close(reader)
    bad_conf(case)
    case.daemon.send_signal(signal.SIGHUP)
    os.kill(case.workers()[0], signal.SIGKILL)
    wait_until("the worker is replaced", lambda: case.counter("restarts") == 1
               and len(case.workers()) == 4)
    equal(alive(case.daemon.pid), True)
    equal(case.stop(), 0)


run(globals())
