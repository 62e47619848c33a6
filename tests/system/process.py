"""Processes that die in numbers, are orphans or PID 1; clocks that jump."""

import contextlib
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import struct
import subprocess
import time

from harness import (BOOK, BUILD, PATIENCE, Skip, alive, children,
                     clean_environment, contains, equal, run, state,
                     wait_until)
from surroundings import (Notify, WallClock, blocks, need_root, preload, script,
                          unshare)

YEAR = 365 * 24 * 3600


def zombies(pid):
    """The children of a process that wait to be reaped."""
    return [child for child in children(pid) if not alive(child)]


def processor_ticks(pid):
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return sum(map(int, stat.rpartition(")")[2].split()[11:13]))


# --- one supervisor -------------------------------------------------------

def image(case):
    """The board's file and bytes, but for what beats: header and slots."""
    path = case.board_file()
    board = path.read_bytes()
    currencies, slots, sources, index = struct.unpack_from("<4I", board, 40)

    def up(size):
        return (size + 63) // 64 * 64

    # src/board/layout.c: header, codes, index, sources, slots, locks, rows
    header = struct.unpack_from("<Q", board, 16)[0]
    slots_at = up(up(up(header) + 8 * currencies) + 2 * index) + 960 * sources
    # The header's first 72 bytes are fixed once the board is published.
    return (path.stat().st_ino, path.stat().st_mode, board[:72],
            board[up(header):slots_at], board[slots_at + 128 * slots:])


def test_a_refused_start_changes_no_byte(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    pid_file = case.directory / "run" / f"{case.instance}.pid"
    # A row is fresh before its worker has done with it.
    wait_until("no job is under way", lambda: not any(
        worker["jobs"] for worker in case.status()["workers"]))
    before = image(case), pid_file.read_text(), crew(case)
    assert len(before[0][4]) > 5 * 2 * 8 * 30, "rows are in the image"
    for options in ([], ["--runtime-dir", case.directory / "other"]):
        for _ in range(3):
            second = case.run("-f", *options)
            equal(second.returncode, 1)
            contains(second.stderr, f"already running, pid {case.daemon.pid}")
    after = image(case), pid_file.read_text(), crew(case)
    equal(after == before, True, "all is as it was")
    equal(list((case.directory / "other").iterdir()), [])


def hold_lock(case, seconds, directory="run"):
    """An heir of the lock, as a worker that can't be killed would be."""
    holder = subprocess.Popen(
        script('exec 9<"$1"; flock 9; echo; exec sleep "$2"',
               case.directory / directory / f"{case.instance}.pid", seconds),
        stdout=subprocess.PIPE)
    case.started.append(holder)
    holder.stdout.readline()
    return holder


def test_a_start_waits_for_the_last_of_the_old_workers(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    case.stop(signal.SIGKILL)
    holder = hold_lock(case, 60)
    before = image(case)
    began = time.monotonic()
    refused = case.run("-f")
    assert time.monotonic() - began > 1, "it did not wait"
    equal(refused.returncode, 1)
    contains(refused.stderr, f"a worker of the dead supervisor "
             f"{case.daemon.pid} is still alive")
    equal(image(case) == before, True, "the board is as it was")
    second = subprocess.Popen(case.arguments("-f"), stderr=subprocess.DEVNULL,
                              env=clean_environment())
    case.started.append(second)
    wait_until("it has begun", lambda: blocks(second.pid, signal.SIGHUP))
    holder.kill()
    case.daemon = second
    wait_until("it starts then", case.feeds)


def orphans_end(case, workers):
    """The workers of a supervisor that is killed do; none is left by us."""
    try:
        case.stop(signal.SIGKILL)
        wait_until("no worker is left",
                   lambda: not any(alive(pid) for pid in workers))
    finally:
        for pid in filter(alive, workers):
            os.kill(pid, signal.SIGKILL)


def test_the_life_line_alone_ends_orphans(case):
    library = preload(case, "nodeathsig")
    case.start_stub()
    case.write_conf()
    case.start(LD_PRELOAD=library)
    orphans_end(case, case.workers().values())


def test_the_death_signal_alone_ends_orphans(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    workers = case.workers().values()
    for pid in workers:  # none of them reads its line
        os.kill(pid, signal.SIGSTOP)
    orphans_end(case, workers)
    equal(case.ctl("show").returncode, 0, "the board stays")
    wait_until("nobody feeds it", lambda: case.ctl("status").returncode == 3)
    contains(case.ctl("status").stdout, "nobody feeds this board")


# --- many deaths ----------------------------------------------------------

def crew(case, count=4):
    """All the workers' pids, or None if one is missing or has none yet."""
    pids = case.workers()
    return pids if len(pids) == count and None not in pids.values() else None


def test_all_workers_killed_at_once_again_and_again(case):
    rounds, count = 100, 4
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    before = case.counter("restarts")
    for done in range(1, rounds + 1):
        for pid in wait_until("all are back", lambda: crew(case)).values():
            os.kill(pid, signal.SIGKILL)
        wait_until("each death is counted", lambda: case.counter("restarts")
                   == before + done * count)
    # Each 30 s one more saves the board.
    wait_until("none but them, and no zombie", lambda: (now := crew(case))
               and sorted(children(case.daemon.pid)) == sorted(now.values())
               and zombies(case.daemon.pid) == [])
    print(f"# {rounds} rounds, {rounds * count} deaths")
    equal(case.ctl("refresh", "--wait").returncode, 0, "and they work")
    equal({w["last_exit"] for w in case.status()["workers"]}, {"signal 9"})


class Container:
    """ratesd -f as PID 1 of a PID namespace."""

    def __init__(self, case):
        # Not the case's own: its pid file will say 1.
        self.options = ["--runtime-dir", case.directory / "inner"]
        self.case = case
        command = unshare("--pid", "--fork", "--mount-proc", "--kill-child")
        with case.log.open("a") as log:
            self.outer = subprocess.Popen(
                [*command, *case.arguments("-f", *self.options)], stderr=log,
                env=clean_environment())
        case.started.append(self.outer)
        wait_until("it is there", lambda: children(self.outer.pid)
                   or self.outer.poll() is not None)
        self.pid = children(self.outer.pid)[0]

    def wait(self):
        case = self.case
        wait_until("it runs", lambda: self.outer.poll() is not None
                   or case.ctl("status").returncode == 0)
        equal(self.outer.poll(), None, "exit status")
        equal(case.ctl("wait", "--timeout", "20s").returncode, 0, "wait")

    def run(self, text):
        """A shell script in there: its standard output and error."""
        command = ["nsenter", f"--target={self.pid}", "--pid", "--mount"]
        if os.geteuid() != 0:
            command += ["--user", "--preserve-credentials"]
        done = subprocess.run([*command, "--", *script(text)],
                              capture_output=True, text=True, timeout=60,
                              check=False, env=clean_environment())
        return done.stdout + done.stderr

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        return self.outer.wait(timeout=PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.outer.poll() is None:
            self.stop()


def reaps_and_replaces(case, container):
    equal(case.status()["supervisor"]["pid"], 1, "its pid in there")
    container.run("i=0; while test $i -lt 300; do (sleep 0.0$((i % 10)) &); "
                  "i=$((i + 1)); done")
    wait_until("only workers are left", lambda: len(children(container.pid))
               == 4 and not zombies(container.pid))
    equal(case.counter("restarts"), 0, "no stranger was taken for a worker")
    before = children(container.pid)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_until("they are replaced", lambda: crew(case)
               and case.counter("restarts") == 4)
    assert not set(children(container.pid)) & set(before)
    # Whoever asks in there is told so.
    second = container.run(" ".join(
        f"'{word}'" for word in case.arguments("-f", *container.options)))
    contains(second, "already running, pid 1")
    began = time.monotonic()
    equal(container.stop(), 0, "exit status")
    assert time.monotonic() - began < 10, "not within 10 s"


def test_as_pid_1_it_reaps_strangers_and_replaces_workers(case):
    case.start_stub()
    case.write_conf(refresh="200ms")
    with Container(case) as container:
        container.wait()
        reaps_and_replaces(case, container)


def test_as_pid_1_it_reads_its_configuration_again(case):
    case.start_stub()
    case.write_conf()
    with Container(case) as container:
        container.wait()
        case.write_conf([*BOOK, "GBP"])
        os.kill(container.pid, signal.SIGHUP)
        wait_until("the new currency is there", lambda: case.ctl(
            "get", "EUR", "GBP").returncode == 0)
        equal(case.status()["supervisor"]["pid"], 1)
        equal(container.stop(), 0, "exit status")


def held_start(case, directory):
    """The lock of a daemon to come, which tries for two seconds to get it."""
    (case.directory / directory).mkdir(exist_ok=True)
    lock = case.directory / directory / f"{case.instance}.pid"
    lock.write_text("4194303")  # of nobody
    lock.chmod(0o600)
    return hold_lock(case, 60, directory)


def test_as_pid_1_it_stops_if_told_so_before_it_listens(case):
    case.start_stub()
    case.write_conf()
    for number in (signal.SIGTERM, signal.SIGINT):
        holder = held_start(case, "inner")
        with Container(case) as container:
            wait_until("it has begun",
                       lambda c=container: blocks(c.pid, signal.SIGHUP))
            os.kill(container.pid, number)
            holder.kill()
            equal(container.outer.wait(timeout=10), 0, "exit status")
        assert case.logged("info: stopped"), "it never came to listen"
        case.log.unlink()


def test_a_start_is_ended_by_a_terminal(case):
    case.start_stub()
    case.write_conf()
    holder = held_start(case, "run")
    daemon = case.start(wait=False)
    wait_until("it has begun", lambda: blocks(daemon.pid, signal.SIGHUP))
    daemon.send_signal(signal.SIGINT)
    equal(daemon.wait(timeout=PATIENCE), -signal.SIGINT, "exit status")
    equal(holder.poll(), None, "the lock's holder")
    equal(case.board_file().exists(), False, "a board")


def reuses_pids(case, container):
    last = "/proc/sys/kernel/ns_last_pid"
    if container.run(f"test -w {last} || echo no"):
        raise Skip(f"{last} can't be written")
    same = 0
    for number in range(30):
        before = wait_until("all have pids", lambda: crew(case))
        slot = number % 4
        # The shell forks nothing: the next process is the replacement.
        container.run(f"echo $(({before[slot]} - 1)) >{last}; "
                      f"kill -9 {before[slot]}")
        # A status is read word by word, while they are written.
        after = wait_until("it is replaced", lambda: (
            lambda s: s["counters"]["restarts"] == number + 1
            and s["workers"][slot]["restarts"] == number // 4 + 1
            and crew(case) and s)(case.status()))
        equal(after["workers"][slot]["last_exit"], "signal 9")
        now = wait_until("all have pids", lambda: crew(case))
        same += now[slot] == before[slot]
        equal({s: p for s, p in now.items() if s != slot},
              {s: p for s, p in before.items() if s != slot}, "the others")
    print(f"# {same} of 30 replacements had the pid of the dead")
    assert same >= 10, "hardly a pid was used again"
    versions = {base: row["version"] for base, row in case.rows().items()}
    wait_until("every row goes on", lambda: all(
        row["version"] > versions[base] + 2
        for base, row in case.rows().items()))
    equal(case.status()["rows"]["fresh"], 5)
    equal(container.stop(), 0)


def test_a_replacement_with_the_pid_of_the_dead(case):
    case.start_stub()
    case.write_conf(refresh="200ms")
    with Container(case) as container:
        container.wait()
        reuses_pids(case, container)


# --- what the kernel may refuse or take -------------------------------------

def test_workers_go_first_when_memory_is_short(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()

    def score(pid):
        return int(pathlib.Path(f"/proc/{pid}/oom_score_adj").read_text())

    own = score(case.daemon.pid)
    if own >= 500:
        raise Skip(f"we ourselves have {own}")
    for pid in case.workers().values():
        assert score(pid) > own, f"{score(pid)}, the supervisor's is {own}"


def start_as(case, user, **limits):
    """ratesd -f as a user whom the build directory may be closed to."""
    case.directory.chmod(0o755)
    for name in ("run", "state"):
        (case.directory / name).mkdir()
        os.chown(case.directory / name, user, -1)
    shutil.copy(BUILD / "ratesd", case.directory)
    arguments = case.arguments("-f")
    arguments[0] = case.directory / "ratesd"
    with case.log.open("a") as log:
        case.daemon = subprocess.Popen(
            arguments, stderr=log, env=clean_environment(), user=user,
            extra_groups=[], **limits)
    case.started.append(case.daemon)
    wait_until("it feeds the board", case.feeds)


def test_fork_fails_and_is_tried_again_in_peace(case):
    need_root()
    user = 60000 + os.getpid() % 5000
    case.start_stub()
    case.write_conf(refresh="200ms")
    # Room for the supervisor and four workers, and no more.
    start_as(case, user, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_NPROC, (5, 5)))
    wait_until("four workers", lambda: crew(case))
    # One that the limit does not stop, and that counts.
    guest = subprocess.Popen(["sleep", "60"], user=user, extra_groups=[])
    case.started.append(guest)
    began, since = processor_ticks(case.daemon.pid), time.monotonic()
    os.kill(case.workers()[0], signal.SIGKILL)
    text = "worker 0: fork: Resource temporarily unavailable"
    wait_until("it is logged", lambda: case.logged(text))
    time.sleep(3)
    tries = case.log.read_text().count(text)
    ticks = processor_ticks(case.daemon.pid) - began
    took = time.monotonic() - since
    print(f"# {tries} tries and {ticks} ticks in {took:.1f} s")
    assert tries <= 2 * took, f"{tries} tries in {took:.1f} s"
    assert ticks <= 2 * os.sysconf("SC_CLK_TCK"), f"{ticks} ticks"
    equal(case.ctl("status").returncode, 0, "it runs on")
    equal(len(case.workers()), 3, "with the other workers")
    version = case.rows()["EUR"]["version"]
    wait_until("rows go on", lambda: case.rows()["EUR"]["version"] > version)
    guest.kill()
    guest.wait()
    wait_until("four workers again", lambda: crew(case))


# --- the service manager and the end --------------------------------------

def test_ready_is_said_when_it_is_true_and_not_before(case):
    notify = Notify(case)
    case.start_stub()
    case.program = "ratesd-fault"
    case.write_conf(refresh="1h")
    case.start(wait=False, NOTIFY_SOCKET=notify.path,
               RATESD_FAULT="worker.start:1:stop")

    def all_held():
        pids = children(case.daemon.pid)
        return [*map(state, pids)] == ["T"] * 4 and pids

    held = wait_until("all workers are held at their start", all_held)
    time.sleep(0.7)
    equal(case.status()["supervisor"]["pid"], case.daemon.pid)
    equal([m for m in notify.all() if "READY=1" in m], [],
          "before a worker is in its loop")
    for pid in held:
        os.kill(pid, signal.SIGCONT)
    while "READY=1" not in (message := notify.message(PATIENCE) or [""]):
        assert message != [""], "no READY=1"
    equal(case.ctl("status").returncode, 0, "at READY=1")
    wait_until("a worker is in its loop", case.workers)
    case.stop()
    messages = notify.all()
    assert any("STOPPING=1" in message for message in messages), messages
    equal([m for m in messages if "READY=1" in m], [], "said again")


def test_ready_is_said_once_there_is_room(case):
    notify = Notify(case)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other, \
            contextlib.suppress(BlockingIOError):
        other.setblocking(False)
        while True:
            other.sendto(b"STATUS=full", notify.path)
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start(NOTIFY_SOCKET=notify.path)
    wait_until("it is ready", lambda: case.logged("ready: "))
    seen = []
    wait_until("all is said", lambda: (
        seen.extend(line for message in notify.all() for line in message),
        "READY=1" in seen
        and "STATUS=5 of 5 rows fresh, 4 workers" in seen)[1])
    equal(seen.count("READY=1"), 1)


def test_a_start_that_fails_is_never_ready(case):
    notify = Notify(case)
    case.start_stub()
    case.program = "ratesd-fault"
    case.write_conf(**{"restart-limit": 2})
    daemon = case.start(wait=False, NOTIFY_SOCKET=notify.path,
                        RATESD_FAULT="worker.start:1:exit=1")
    equal(daemon.wait(timeout=30), 1, "exit status")
    equal([m for m in notify.all() if "READY=1" in m], [])


def test_the_watchdog_is_pinged_by_a_loop_that_runs(case):
    notify = Notify(case)
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start(NOTIFY_SOCKET=notify.path, WATCHDOG_USEC="500000")
    notify.all()

    def pings(seconds):
        time.sleep(seconds)
        return sum("WATCHDOG=1" in message for message in notify.all())

    # One each 250 ms; without the variable it would be one a second.
    got = pings(5)
    assert got >= 10, f"{got} pings in 5 s"
    case.daemon.send_signal(signal.SIGSTOP)
    pings(0.3)
    equal(pings(1.5), 0, "pings of a stopped supervisor")
    case.daemon.send_signal(signal.SIGCONT)
    assert notify.message(PATIENCE), "it goes on"
    equal(case.stop(), 0)


def test_a_stop_leaves_whole_rows(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    before = case.rows()
    for control in ("hold=1", "hold=0"):
        case.stub.control(control)
        case.ctl("refresh")
        if control == "hold=1":
            wait_until("all of them hang",
                       lambda: case.stub.json("/stats")["held"] == 5)
        began = time.monotonic()
        equal(case.stop(), 0, "exit status")
        assert time.monotonic() - began < 10, "not within 10 s"
        for base, row in case.rows().items():
            equal(row["rates"], before[base]["rates"], base)
        case.stub.control("hold=0")
        case.start()


# --- time -----------------------------------------------------------------

def goes_on(case, clock):
    """Rows are refreshed, at their interval and not faster."""
    before = case.rows()["EUR"]["version"]
    began = time.monotonic()
    wait_until("rows go on",
               lambda: case.rows()["EUR"]["version"] >= before + 4)
    row = case.rows()["EUR"]
    most = (time.monotonic() - began) / 0.5 * 2 + 4
    assert row["version"] - before <= most, "they come in a burst"
    equal(row["fetched"][:4], str(clock.year()), "the clock that was set")
    equal({row["state"] for row in case.rows().values()}, {"fresh"})


def ages_are_right(case, environment):
    for command in (["get", "EUR", "USD", "--max-age", "30s"],
                    ["show", "--max-age", "30s"], ["status"],
                    ["show", "-f", "json", "--max-age", "30s"],
                    ["status", "-f", "json"], ["wait", "--timeout", "10s"]):
        got = case.ctl(*command, **environment)
        equal(got.returncode, 0, f"{command}: {got.stderr}")
        if "json" not in command:
            words = got.stdout.split()
            equal([w for w in words if w[0] == "-" and w != "-"], [],
                  "negative")
    # The right answer to a question with another outcome.
    equal(case.ctl("get", "EUR", "USD", "--max-age", "0s",
                   **environment).returncode, 5)


def test_the_wall_clock_jumps_by_years(case):
    clock = WallClock(case)
    case.start_stub()
    case.write_conf(refresh="500ms")
    case.start(**clock.environment)
    goes_on(case, clock)
    restarts = 0
    for shift in (YEAR, -YEAR, 0):
        clock.jump(shift)
        goes_on(case, clock)
        ages_are_right(case, {})
        ages_are_right(case, clock.environment)
        equal(case.ctl("refresh", "EUR", "--wait", "--timeout", "10s",
                       **clock.environment).returncode, 0, "refresh")
        os.kill(case.workers()[0], signal.SIGKILL)
        restarts += 1
        wait_until("a worker is replaced", lambda: crew(case)
                   and case.counter("restarts") == restarts)
    readers = WallClock(case, "reader's shift")
    for shift in (YEAR, -YEAR):
        readers.jump(shift)
        ages_are_right(case, readers.environment)
    case.stub.control("fail=500:20")
    clock.jump(-YEAR)
    case.ctl("refresh")
    wait_until("failures end",
               lambda: not any(r["error"] for r in case.rows().values()))
    # Across a restart too: what is adopted has times of the other clock.
    clock.jump(YEAR)
    equal(case.stop(), 0)
    clock.jump(0)
    case.start(**clock.environment)
    goes_on(case, clock)


def test_waits_keep_their_length_when_the_wall_clock_jumps(case):
    clock = WallClock(case)
    case.start_stub()
    case.write_conf([*BOOK, "XXX"], refresh="1h")
    case.start(wait=False, **clock.environment)
    wait_until("the board is there", lambda: case.board_file().exists()
               and case.rows()["EUR"]["version"])
    for shift in (YEAR, -YEAR):
        clock.jump(0)
        began = time.monotonic()
        waiter = subprocess.Popen(
            [BUILD / "ratesctl", "-i", case.instance, "wait", "--timeout",
             "3s"], stderr=subprocess.PIPE,
            env=clean_environment(**clock.environment))
        case.started.append(waiter)
        time.sleep(1)
        clock.jump(shift)
        equal(waiter.wait(timeout=PATIENCE), 1)
        waiter.stderr.close()
        took = time.monotonic() - began
        assert took >= 2.9, f"a wait of 3 s took {took} s"


def test_numbers_are_the_same_under_a_decimal_comma(case):
    places = case.directory / "locales"
    places.mkdir()
    made = subprocess.run(
        ["localedef", "-i", "de_DE", "-f", "UTF-8", places / "de_DE.UTF-8"],
        capture_output=True, text=True, check=False) \
        if shutil.which("localedef") else None
    if made is None or not (places / "de_DE.UTF-8").exists():
        raise Skip("no locale de_DE can be made")
    german = clean_environment(LOCPATH=str(places))
    german["LC_ALL"] = "de_DE.UTF-8"
    comma = subprocess.run(["printf", "%.1f", "0,5"], capture_output=True,
                           text=True, check=False, env=german)
    if shutil.which("printf") and comma.stdout != "0,5":
        raise Skip("the locale has no decimal comma")
    case.start_stub("--date", "2026-04-13")
    case.write_conf(refresh="1h")
    with case.log.open("a") as log:
        case.daemon = subprocess.Popen(case.arguments("-f"), stderr=log,
                                       env=german)
    case.started.append(case.daemon)
    wait_until("it feeds the board", case.feeds)
    equal(case.ctl("wait", "--timeout", "20s").returncode, 0)
    for base, row in case.rows().items():
        served = case.stub.rates(base)
        equal(row["rates"], {quote: served[quote] for quote in BOOK}, base)

    def both(*arguments):
        """What is printed in German, and in no language."""
        got = subprocess.run(
            [BUILD / "ratesctl", "-i", case.instance, *arguments],
            capture_output=True, text=True, check=True, env=german)
        return got.stdout, case.ctl(*arguments).stdout

    equal(*both("get", "EUR", "USD"))
    equal(both("get", "EUR", "USD")[0], "1.1684\n")
    for form in ("lines", "csv", "table"):
        mine, plain = both("show", "-f", form)
        # Ages in the table move on.
        if form == "table":
            mine, plain = ([line.split()[:6] for line in text.splitlines()]
                           for text in (mine, plain))
        equal(mine, plain, form)
    mine, plain = both("show", "-f", "json")
    equal(json.loads(mine)["rows"], json.loads(plain)["rows"], "json")


run(globals())
