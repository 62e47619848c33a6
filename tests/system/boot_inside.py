"""What boot.py has run by the systemd of a container: the installed service.

The tests follow each other on one service, as an operator's day would.  Each
leaves it running.
"""

import contextlib
import ctypes
import http.server
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
import urllib.request

import paths  # written by boot.py
from harness import Skip, alive, children, contains, equal, wait_until

CTL = f"{paths.bindir}/ratesctl"
CONF = pathlib.Path(paths.sysconfdir) / "ratesd"
BOARD = pathlib.Path("/dev/shm/ratesd.default")
QUEUE = pathlib.Path("/dev/mqueue/ratesd.default")
UNIT = "ratesd.service"
SCORE = 1.3
BOOK = ["EUR", "USD", "PLN", "NOK", "CZK"]
# A name, so that the resolver works in the sandbox too.
STUB = "http://rates.test:8099"


# --- parts -----------------------------------------------------------------

def run(*command, **options):
    return subprocess.run([str(word) for word in command], text=True,
                          capture_output=True, timeout=60, check=False,
                          **options)


def systemctl(*arguments):
    done = run("systemctl", *arguments)
    equal(done.returncode, 0, f"systemctl {arguments}: {done.stderr}"
          f"{run('systemctl', 'status', '-n30', UNIT).stdout}")


def prop(name, unit=UNIT):
    return run("systemctl", "show", "-P", name, unit).stdout.strip()


def main_pid(unit=UNIT):
    return int(prop("MainPID", unit))


def journal(unit=UNIT):
    run("journalctl", "--sync")
    return run("journalctl", "-o", "cat", "-u", unit).stdout


def ctl(*arguments, user=None, instance="default"):
    become = [] if user is None else [
        "setpriv", f"--reuid={user}", f"--regid={user_group(user)}",
        "--init-groups"]
    return run(*become, CTL, "-i", instance, *arguments)


def user_group(user):
    return run("id", "-g", user).stdout.strip()


def status(instance="default"):
    return json.loads(ctl("status", "--format", "json",
                          instance=instance).stdout)


def rows():
    shown = json.loads(ctl("show", "--format", "json").stdout)
    return {row["base"]: row for row in shown["rows"]}


def workers():
    return [w["pid"] for w in status()["workers"]
            if w["state"] in ("idle", "busy")]


def control(query):
    with urllib.request.urlopen(f"{STUB}/control?{query}", timeout=10):
        pass


def write_conf(name, currencies=BOOK, url=STUB + "/rates?base={base}",
               source="", extra=""):
    names = ", ".join(f'"{code}"' for code in currencies)
    (CONF / f"{name}.conf").write_text(
        f"currencies = {{{names}}}\n{extra}\n"
        'sources = {"stub"}\nrefresh = "1s"\n'
        f'source "stub" {{ url = "{url}" {source} }}\n')


def drop_in(unit, text):
    directory = pathlib.Path(f"/etc/systemd/system/{unit}.d")
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "check.conf").write_text("[Service]\n" + text)
    systemctl("daemon-reload")


def landlock_is_here():
    create_ruleset, version_only = 444, 1
    return ctypes.CDLL(None).syscall(create_ruleset, None, 0,
                                     version_only) > 0


def fresh(instance="default"):
    equal(ctl("wait", "--timeout", "20s", instance=instance).returncode, 0,
          "ratesctl wait")


def runs(unit=UNIT):
    equal(prop("ActiveState", unit), "active", unit)


class Readers:
    """Readers that must not notice: a program that stays, and ratesctl."""

    def __init__(self):
        self.faults, self.reads, self.calls = [], 0, 0
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.stay),
                        threading.Thread(target=self.call)]

    def stay(self):
        library = ctypes.CDLL(f"{paths.libdir}/librates.so.0")
        library.rates_strerror.restype = ctypes.c_char_p
        handle, rate = ctypes.c_void_p(), ctypes.c_double()
        result = library.rates_open(None, ctypes.byref(handle))
        while result == 0 and not self.ended.is_set():
            result = library.rates_get_code(handle, b"EUR", b"USD",
                                            ctypes.byref(rate))
            self.reads += 1
            if rate.value != 1.1684:
                self.faults.append(rate.value)
        if result != 0:
            self.faults.append(library.rates_strerror(result))

    def call(self):
        while not self.ended.is_set():
            done = ctl("get", "EUR", "USD", user="nobody")
            self.calls += 1
            if done.returncode != 0 or done.stdout != "1.1684\n":
                self.faults.append((done.stdout, done.stderr))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        wait_until("they read", lambda: self.reads and self.calls)
        return self

    def more(self):
        """Reads that began after this call."""
        reads, calls = self.reads, self.calls
        wait_until("they go on", lambda: self.reads > reads + 1
                   and self.calls > calls + 1 or self.faults)

    def __exit__(self, *error):
        if error[0] is None:
            self.more()
        self.ended.set()
        for thread in self.threads:
            thread.join()
        if error[0] is None:
            equal(self.faults[:3], [], "what readers saw")
            print(f"# {self.reads} reads, {self.calls} of ratesctl")


# --- the tests -------------------------------------------------------------

def test_sysusers_makes_a_system_user():
    equal(run("systemd-sysusers").returncode, 0, "systemd-sysusers")
    uid = int(run("id", "-u", "ratesd").stdout)
    assert 0 < uid < 1000, f"uid {uid}"
    equal(user_group("ratesd"), run("getent", "group", "ratesd")
          .stdout.split(":")[2], "its group")
    for command in (["useradd", "--create-home", "--groups=ratesd", "alice"],
                    ["useradd", "--create-home", "bob"]):
        equal(run(*command).returncode, 0, command)


def test_start_ends_when_it_is_ready():
    with open("/etc/hosts", "a", encoding="ascii") as hosts:
        hosts.write("\n127.0.0.1 rates.test\n")
    systemctl("start", "stub")
    write_conf("ratesd")
    systemctl("enable", "--now", UNIT)
    equal(prop("SubState"), "running")
    assert workers(), "no worker is in its loop"
    fresh()
    equal({base: row["state"] for base, row in rows().items()},
          {base: "fresh" for base in BOOK})
    equal(rows()["EUR"]["rates"]["USD"], 1.1684)
    equal((BOARD.owner(), BOARD.stat().st_mode & 0o777), ("ratesd", 0o644))
    equal((QUEUE.owner(), QUEUE.group(), QUEUE.stat().st_mode & 0o777),
          ("ratesd", "ratesd", 0o660))
    wait_until("the status says it", lambda: "5 of 5 rows fresh"
               in prop("StatusText"))


def test_score_of_the_running_unit():
    for unit in (UNIT, "ratesd-wait.service"):
        text = run("systemd-analyze", "--no-pager", "security", unit).stdout
        line = [x for x in text.splitlines() if "Overall exposure" in x][0]
        print("#", line)
        score = float(line.split(": ")[1].split()[0])
        assert score <= SCORE, line


def test_sandbox_of_every_process():
    # Each 30 s one more saves the board.
    pids = wait_until("a supervisor and its four workers", lambda: len(
        found := [main_pid(), *children(main_pid())]) == 5 and found)
    filters = []
    for pid in pids:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
        state = dict(line.split(":\t", 1) for line in text.splitlines())
        equal((state["NoNewPrivs"], state["Seccomp"], state["CapBnd"]),
              ("1", "2", "0" * 16), f"process {pid}")
        filters.append(int(state.get("Seccomp_filters", 0)))
    # The workers' own, which the unit has to let them enter.
    said = [line for line in journal().splitlines()
            if "the workers' sandbox: " in line][-1]
    print("#", said)
    if landlock_is_here():
        contains(said, "Landlock")
    if "seccomp" in said and filters[0]:
        equal(filters[1:], [filters[0] + 1] * 4, "filters of the workers")
    equal(prop("WatchdogUSec"), "30s")


def test_wait_orders_behind_a_filled_board():
    systemctl("start", "ratesd-wait.service")
    runs("ratesd-wait.service")
    drop = pathlib.Path("/etc/systemd/system/needs-rates.service")
    drop.write_text("[Unit]\nWants=ratesd-wait.service\n"
                    "After=ratesd-wait.service\n[Service]\nType=oneshot\n"
                    f"ExecStart={CTL} get EUR USD\n")
    systemctl("stop", UNIT)
    BOARD.unlink()
    for saved in pathlib.Path("/var/lib/ratesd").glob("default.*"):
        saved.unlink()
    control("hold=1")
    done = run("systemctl", "--no-block", "start", UNIT,
               "needs-rates.service")
    equal(done.returncode, 0, done.stderr)
    wait_until("the daemon is ready", lambda: prop("ActiveState") == "active")
    wait_until("it is waited for", lambda: prop(
        "ActiveState", "ratesd-wait.service") == "activating")
    equal(prop("ActiveState", "needs-rates.service"), "inactive")
    control("hold=0")
    wait_until("what needs rates has run", lambda: "1.1684"
               in journal("needs-rates.service"))
    runs("ratesd-wait.service")


def test_root_group_and_others():
    for user in (None, "alice", "nobody"):
        shown = ctl("get", "EUR", "USD", user=user)
        equal((shown.returncode, shown.stdout, shown.stderr),
              (0, "1.1684\n", ""), f"get as {user}")
        equal(ctl("status", user=user).returncode, 0, f"status as {user}")
    for user in (None, "alice"):
        asked = ctl("refresh", "--wait", "EUR", user=user)
        equal((asked.returncode, asked.stderr), (0, ""), f"refresh as {user}")
    refused = ctl("refresh", "EUR", user="nobody")
    equal(refused.returncode, 1, "refresh as nobody")
    contains(refused.stderr, "group 'ratesd' may")


def test_reload_changes_currencies():
    pid = main_pid()
    with Readers() as readers:
        write_conf("ratesd", [*BOOK, "GBP"])
        systemctl("reload", UNIT)
        wait_until("the new one has a rate", lambda: ctl(
            "get", "EUR", "GBP").returncode == 0)
        readers.more()
        write_conf("ratesd")
        systemctl("reload", UNIT)
        wait_until("it is gone again", lambda: ctl(
            "get", "EUR", "GBP").returncode == 4)
    equal(main_pid(), pid, "its pid")
    fresh()


def test_reload_of_an_error_fails_and_changes_nothing():
    pid = main_pid()
    write_conf("ratesd", extra="no-such-key = 1")
    failed = run("systemctl", "reload", UNIT)
    assert failed.returncode != 0, "systemctl reload did not fail"
    contains(journal(), f"{CONF}/ratesd.conf:2: ")
    equal((main_pid(), prop("ActiveState")), (pid, "active"))
    write_conf("ratesd")
    systemctl("reload", UNIT)
    fresh()


def test_restart_is_not_seen_by_readers():
    pid = main_pid()
    with Readers() as readers:
        for _ in range(3):
            systemctl("restart", UNIT)
            readers.more()
    assert main_pid() != pid
    fresh()


def test_worker_that_is_killed():
    pid, before = main_pid(), status()["counters"]["restarts"]
    victim = workers()[0]
    with Readers():
        os.kill(victim, signal.SIGKILL)
        wait_until("it is replaced", lambda: status()["counters"]["restarts"]
                   == before + 1 and len(workers()) == 4)
    equal((main_pid(), prop("NRestarts")), (pid, "0"))
    contains(journal(), f"{victim}")


def queues_of_roots(room):
    """Queues of root's that take room bytes and some: how many."""
    librt = ctypes.CDLL("librt.so.1", use_errno=True)
    sizes = (ctypes.c_long * 8)(0, 10, 1024)
    count = 0
    while count * 10 * 1024 <= room:
        if librt.mq_open(b"/check.%d" % count, os.O_RDWR | os.O_CREAT,
                         0o600, ctypes.byref(sizes)) == -1:
            raise OSError(ctypes.get_errno(), "mq_open")
        count += 1
    return count


def test_queues_of_others_take_no_room():
    # Not all that root may have: the machine outside has the same root.
    room = 32768
    systemctl("stop", UNIT)
    QUEUE.unlink()
    drop_in(UNIT, f"LimitMSGQUEUE={room}\n")
    count = queues_of_roots(room)
    try:
        systemctl("start", UNIT)
        fresh()
    finally:
        for number in range(count):
            os.unlink(f"/dev/mqueue/check.{number}")
        drop_in(UNIT, "")
    systemctl("restart", UNIT)
    fresh()
    print(f"# {count} queues of root's")


def start_anew():
    """So that systemd counts restarts from 0."""
    systemctl("restart", UNIT)
    fresh()
    equal(prop("NRestarts"), "0")


def restarted(pid):
    wait_until("systemd starts it again", lambda: prop("NRestarts") == "1"
               and prop("SubState") == "running")
    assert main_pid() not in (0, pid)


def test_supervisor_that_is_killed():
    start_anew()
    pid, crew = main_pid(), workers()
    control("hold=1")
    # What was on its way may still come.
    wait_until("nothing changes", lambda: (a := rows(), time.sleep(0.5),
                                           a == rows())[-1])
    before, board = rows(), BOARD.stat().st_ino
    with Readers():
        os.kill(pid, signal.SIGKILL)
        wait_until("its workers are gone", lambda: not any(map(alive, crew)))
        assert BOARD.exists(), "the board went with it"
        restarted(pid)
        for base, row in rows().items():
            for name in ("fetched", "changed", "rates"):
                equal(row[name], before[base][name], f"{base} {name}")
    assert BOARD.stat().st_ino != board, "it went on with the old board"
    control("hold=0")
    fresh()


def test_supervisor_that_hangs():
    drop_in(UNIT, "WatchdogSec=4s\n")
    start_anew()
    pid = main_pid()
    with Readers():
        os.kill(pid, signal.SIGSTOP)
        restarted(pid)
    contains(journal(), "Watchdog timeout")
    (pathlib.Path(f"/etc/systemd/system/{UNIT}.d") / "check.conf").unlink()
    systemctl("daemon-reload")
    start_anew()


def test_stop():
    control("hold=1")
    wait_until("requests are under way", lambda: any(
        w["jobs"] for w in status()["workers"]))
    begin = time.monotonic()
    systemctl("stop", UNIT)
    took = time.monotonic() - begin
    control("hold=0")
    equal((prop("Result"), prop("ExecMainStatus")), ("success", "0"))
    assert took < 10, f"{took} s"
    print(f"# {took:.1f} s, with requests under way")
    equal(run("pgrep", "-u", "ratesd").stdout, "", "what is left of it")
    assert BOARD.exists() and QUEUE.exists(), "RemoveIPC"
    equal(ctl("get", "EUR", "USD", user="nobody").stdout, "1.1684\n")
    equal(ctl("status").returncode, 3, "nobody feeds it, says status")
    assert pathlib.Path("/var/lib/ratesd/default.board").exists()
    systemctl("start", UNIT)
    fresh()


def test_error_in_the_configuration():
    unit = "ratesd@broken.service"
    write_conf("broken", extra="no-such-key = 1")
    assert run("systemctl", "start", unit).returncode != 0
    # Longer than RestartSec=, were there to be another start.
    time.sleep(2)
    equal((prop("ActiveState", unit), prop("Result", unit),
           prop("ExecMainStatus", unit), prop("NRestarts", unit)),
          ("failed", "exit-code", "78", "0"))
    contains(journal(unit), f"{CONF}/broken.conf:2: ")
    equal(journal(unit).count("broken.conf:2: "), 1, "how often it says so")


def test_second_instance():
    unit = "ratesd@second.service"
    write_conf("second", ["EUR", "USD", "JPY"])
    systemctl("start", unit, "ratesd-wait@second.service")
    runs("ratesd-wait@second.service")
    equal(ctl("get", "EUR", "USD", instance="second").stdout, "1.1684\n")
    equal(status("second")["supervisor"]["pid"], main_pid(unit))
    systemctl("stop", unit)
    lock = pathlib.Path("/run/ratesd/default.pid")
    equal(int(lock.read_text()), main_pid(), "the first one's lock file")
    runs()
    # One instance by two names is still one.
    (CONF / "default.conf").write_text((CONF / "ratesd.conf").read_text())
    assert run("systemctl", "start", "ratesd@default").returncode != 0
    contains(journal("ratesd@default.service"),
             f"already running, pid {main_pid()}")
    systemctl("stop", "ratesd@default")
    runs()
    fresh()


class Keyed(http.server.BaseHTTPRequestHandler):
    """A source that wants a key, in front of the stub."""

    keys = set()
    fails = False

    def do_GET(self):
        key = self.headers.get("X-Key")
        self.keys.add(key)
        if Keyed.fails:  # and tells everybody
            self.send_response(500, f"for {key}")
            self.end_headers()
            self.wfile.write(f'{{"error": "for {key}"}}'.encode())
            return
        with urllib.request.urlopen(STUB + self.path, timeout=10) as answer:
            body = answer.read()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def keyed_source():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keyed)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://rates.test:{server.server_port}/rates?base={{base}}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def places_of(unit):
    """What others can see of a service, by name."""
    seen = {"journal": run("journalctl", "-o", "json").stdout.encode(),
            "systemctl show": run("systemctl", "show", unit).stdout.encode(),
            "ps": run("ps", "-eo", "args").stdout.encode()}
    for pid in [main_pid(unit), *children(main_pid(unit))]:
        for name in ("environ", "cmdline"):
            path = pathlib.Path(f"/proc/{pid}/{name}")
            seen[str(path)] = path.read_bytes()
    for path in [pathlib.Path("/dev/shm/ratesd.keyed"),
                 pathlib.Path("/var/lib/ratesd/keyed.board")]:
        seen[str(path)] = path.read_bytes()
    for name in ("status", "sources", "show"):
        shown = ctl(name, "--format", "json", instance="keyed")
        seen[name] = (shown.stdout + shown.stderr).encode()
    return seen


def test_key_by_credential_is_nowhere_to_be_seen():
    unit, key = "ratesd@keyed.service", "K" + secrets.token_hex(16)
    store = pathlib.Path("/etc/credstore")
    store.mkdir(exist_ok=True, mode=0o700)
    (store / "stub").write_text(key + "\n")
    (store / "stub").chmod(0o600)
    drop_in(unit, "LoadCredential=stub:/etc/credstore/stub\n"
            "ExecStart=\n"
            f"ExecStart={paths.sbindir}/ratesd -f -i keyed --log-level debug\n")
    with keyed_source() as url:
        write_conf("keyed", ["EUR", "USD"], url, 'auth = "header X-Key"')
        systemctl("start", unit)
        fresh("keyed")
        systemctl("reload", unit)
        Keyed.fails = True
        wait_until("a row fails", lambda: "status 500"
                   in journal(unit))
        Keyed.fails = False
        equal(Keyed.keys, {key}, "what the source was sent")
        # The board is saved at a stop.
        systemctl("restart", unit)
        fresh("keyed")
        seen = places_of(unit)
        systemctl("stop", unit)
    equal([name for name, text in seen.items() if key.encode() in text], [],
          "where the key is")
    # Where it would have been, had nobody taken care.
    assert b"status 500: for ***" in seen["journal"]
    assert b"ratesd: worker 0 [keyed]" in seen["ps"]


def test_logout_leaves_the_board():
    """logind takes the shared memory of whom logs out: that of alice."""
    mine = pathlib.Path("/dev/shm/alice")
    equal(run("setpriv", "--reuid=alice", f"--regid={user_group('alice')}",
              "--init-groups", "touch", mine).returncode, 0)
    uid = run("id", "-u", "alice").stdout.strip()
    equal(run("loginctl", "enable-linger", "alice").returncode, 0, "linger")
    wait_until("alice is there", lambda: run(
        "loginctl", "show-user", uid).returncode == 0)
    with Readers():
        equal(run("loginctl", "disable-linger", "alice").returncode, 0)
        run("loginctl", "terminate-user", "alice")
        wait_until("what alice had is gone", lambda: not mine.exists())
        # The service's own user is asked about too, if somebody becomes it.
        run("loginctl", "enable-linger", "ratesd")
        run("loginctl", "disable-linger", "ratesd")
        wait_until("nobody is there", lambda: "ratesd" not in run(
            "loginctl", "list-users").stdout)
    assert BOARD.exists() and QUEUE.exists()
    equal(ctl("refresh", "--wait", "EUR", user="alice").returncode, 0)


def test_sandbox_was_in_no_way():
    for unit in (UNIT, "ratesd@second.service", "ratesd-wait.service"):
        text = journal(unit)
        for word in ("not permitted", "denied", "Read-only file system",
                     "status=31/SYS", "less of a sandbox", "signal 31"):
            assert word not in text, f"{unit}: {word}: {text[-2000:]}"


# --- without systemd -------------------------------------------------------

def examples(name, program):
    """A copy of an example's service directory, to be run."""
    if not shutil.which(program):
        raise Skip(f"needs {program}")
    if str(paths.sbindir) not in ("/usr/local/sbin", "/usr/sbin", "/sbin"):
        raise Skip(f"{paths.sbindir} is in no usual PATH")
    directory = pathlib.Path("/run/services") / name
    shutil.copytree(pathlib.Path(paths.docdir) / "examples/init" / name,
                    directory, ignore=shutil.ignore_patterns("log"))
    return directory


@contextlib.contextmanager
def without_systemd(log):
    """The service is another supervisor's, and its log is that file."""
    systemctl("stop", UNIT)
    try:
        yield
    except AssertionError:
        for line in log.read_text().splitlines() if log.exists() else ():
            print("# log:", line)
        raise
    finally:
        write_conf("ratesd")
        systemctl("start", UNIT)
        fresh()


@contextlib.contextmanager
def supervised(program, directory):
    """The service under a supervisor that is a program of its own."""
    log = directory / "output"
    with without_systemd(log):
        with log.open("w") as output:
            supervisor = subprocess.Popen([program, directory], stdout=output,
                                          stderr=output)
        try:
            yield
        finally:
            supervisor.terminate()
            supervisor.wait(timeout=20)


def fed():
    return ctl("-q", "status").returncode == 0


def lives_under(hup):
    """What holds whoever starts it: reload, death, a faulty configuration."""
    pid = wait_until("it feeds the board", lambda: fed()
                     and status()["supervisor"]["pid"])
    equal(pathlib.Path(f"/proc/{pid}").owner(), "ratesd")
    write_conf("ratesd", [*BOOK, "GBP"])
    equal(run(*hup).returncode, 0, hup)
    wait_until("it has read it again", lambda: ctl(
        "get", "EUR", "GBP").returncode == 0)
    os.kill(pid, signal.SIGKILL)
    again = wait_until("it is started again", lambda: fed() and (
        now := status()["supervisor"]["pid"]) != pid and now)
    write_conf("ratesd", extra="no-such-key = 1")
    os.kill(again, signal.SIGKILL)
    wait_until("nobody feeds the board", lambda: not fed())


def test_under_runit():
    directory = examples("runit", "runsv")
    with supervised("runsv", directory):
        lives_under(["sv", "hup", directory])
        wait_until("it stays down", lambda: (
            state := run("sv", "status", directory).stdout).startswith(
                "down:") and "want up" not in state)
        write_conf("ratesd")
        equal(run("sv", "up", directory).returncode, 0, "up")
        wait_until("it feeds the board", fed)
        equal(run("sv", "-w10", "down", directory).returncode, 0, "down")
        equal(run("pgrep", "-u", "ratesd").stdout, "", "what is left of it")


def test_under_s6():
    directory = examples("s6", "s6-supervise")
    with supervised("s6-supervise", directory):
        wait_until("s6 knows it", (directory / "supervise/control").exists)
        equal(run("s6-svwait", "-U", "-t", "20000", directory).returncode, 0,
              "ready")
        assert fed()
        lives_under(["s6-svc", "-h", directory])
        wait_until("it stays down", lambda: "exitcode 78" in (
            state := run("s6-svstat", directory).stdout) and
            "want up" not in state)
        write_conf("ratesd")
        equal(run("s6-svc", "-uwU", "-T", "20000", directory).returncode, 0,
              "up")
        equal(run("s6-svc", "-dwD", "-T", "10000", directory).returncode, 0,
              "down")
        equal(run("pgrep", "-u", "ratesd").stdout, "", "what is left of it")


def openrc(*arguments, name="ratesd"):
    return run("rc-service", name, *arguments)


@contextlib.contextmanager
def openrc_service():
    """The example as /etc/init.d/ratesd, and a link to it, where OpenRC
    seems to have booted."""
    directory = examples("openrc", "openrc-run")
    script = pathlib.Path("/etc/init.d/ratesd")
    link = script.with_name("ratesd.second")
    shutil.copy(directory / "ratesd", script)
    link.symlink_to(script.name)
    run("rc-update", "--update")  # it makes what a boot would
    pathlib.Path("/run/openrc/softlevel").write_text("default\n")
    try:
        yield
    finally:
        for name in (script.name, link.name):
            openrc("stop", name=name)
        link.unlink()
        script.unlink()


def openrc_refuses_errors(log):
    write_conf("ratesd", extra="no-such-key = 1")
    for word in ("reload", "start"):
        refused = openrc(word)
        assert refused.returncode != 0, word
        contains(refused.stdout + refused.stderr, f"{CONF}/ratesd.conf:2: ")
        if word == "reload":
            assert fed(), "it ended"
            equal(openrc("stop").returncode, 0, "stop")
    equal(run("pgrep", "-u", "ratesd", "ratesd").stdout, "", "what is left")
    contains(log.read_text(), "info: stopped")


def test_under_openrc():
    log = pathlib.Path("/var/log/ratesd.log")
    with without_systemd(log), openrc_service():
        started = openrc("start")
        equal(started.returncode, 0, started.stdout + started.stderr)
        lives_under(["rc-service", "ratesd", "reload"])
        contains(log.read_text(), f"{CONF}/ratesd.conf:2: ")
        equal((log.owner(), log.stat().st_mode & 0o777), ("ratesd", 0o640))
        write_conf("ratesd")
        wait_until("it feeds the board", fed)
        equal(openrc("status").returncode, 0, "status")
        write_conf("second", ["EUR", "USD", "JPY"])
        equal(openrc("start", name="ratesd.second").returncode, 0, "second")
        fresh("second")
        equal(openrc("stop", name="ratesd.second").returncode, 0, "second")
        fresh()
        openrc_refuses_errors(log)


# --- the report ------------------------------------------------------------

def check(function):
    begin = time.monotonic()
    try:
        function()
        print(f"# {time.monotonic() - begin:.1f} s")
        return True, ""
    except Skip as why:
        return True, f" # SKIP {why}"
    except Exception:  # a failing test must not end the others
        for line in traceback.format_exc().splitlines():
            print("#", line)
        for line in run("journalctl", "-o", "short-precise",
                        "-n40").stdout.splitlines():
            print("# log:", line)
        # The next one is to find it running.
        if "active" != prop("ActiveState"):
            run("systemctl", "reset-failed", UNIT)
            run("systemctl", "start", UNIT)
        return False, ""


def main(names):
    tests = [value for name, value in names.items()
             if name.startswith("test_")]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, function in enumerate(tests, 1):
        ok, note = check(function)
        failed += not ok
        print("ok" if ok else "not ok", number, "-", function.__name__ + note,
              flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(globals()))
