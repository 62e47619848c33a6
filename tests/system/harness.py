"""A real daemon against the stub, each in a scratch directory of its own.

A test file defines functions test_*(case) and ends with run(globals()): each
gets a fresh Case, results are TAP lines, and whatever a test started is ended
by pid.  Environment: builddir, srcdir (make check sets both).
"""

import fcntl
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request

BUILD = pathlib.Path(os.environ.get("builddir", ".")).resolve()
SOURCE = pathlib.Path(os.environ.get("srcdir", ".")).resolve()
DATA = SOURCE / "tests/data/ecb-rates.csv"
# Sanitized builds and loaded machines are slow; nothing here measures speed.
PATIENCE = 20.0
BOOK = ["EUR", "USD", "PLN", "NOK", "CZK"]

# What a shell's "&" and nohup(1) ignore, all that is started would ignore.
for heard in signal.SIGINT, signal.SIGQUIT, signal.SIGHUP:
    if signal.getsignal(heard) == signal.SIG_IGN:
        signal.signal(heard, signal.default_int_handler
                      if heard == signal.SIGINT else signal.SIG_DFL)


class Skip(Exception):
    """Raised by a test that can't run here; says why."""


def wait_until(what, condition, timeout=PATIENCE, pause=0.02):
    """The first true value of condition(), or a failure that says what."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(pause)


def equal(got, wanted, what="value"):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, wanted {wanted!r}")


def contains(text, part):
    if part not in text:
        raise AssertionError(f"{part!r} is not in {text!r}")


def state(pid):
    """A process's letter of proc(5); None if it isn't there."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return stat.rpartition(")")[2].split()[0]


def alive(pid):
    """True for a process that is there and no zombie."""
    return state(pid) not in (None, "Z", "X")


def children(pid):
    """The pids of a process's children."""
    path = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(word) for word in path.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def clean_environment(**more):
    env = {k: v for k, v in os.environ.items()
           if not k.lower().endswith("_proxy")
           and k not in ("NOTIFY_SOCKET", "RATESD_INSTANCE", "COLUMNS",
                         "RUNTIME_DIRECTORY", "STATE_DIRECTORY")}
    env.update(LC_ALL="C", **more)
    return env


def engine_key():
    """The engine that tests are run with, if not the usual one."""
    engine = os.environ.get("RATESD_TEST_ENGINE")
    return {"engine": engine} if engine else {}


class Stub:
    """A running ratesd-stub."""

    def __init__(self, directory, *options, name="port"):
        port_file = directory / name
        self.process = subprocess.Popen(
            [BUILD / "ratesd-stub", "--data", DATA, "--port-file", port_file,
             "--for", "300", "--seed", "1", *map(str, options)])
        wait_until("the stub listens", port_file.exists)
        self.port = int(port_file.read_text())

    def url(self, path="/rates?base={base}"):
        return f"http://127.0.0.1:{self.port}{path}"

    def get(self, path):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.url(path), timeout=10) as answer:
            return answer.read().decode()

    def json(self, path):
        return json.loads(self.get(path))

    def control(self, query):
        self.get("/control?" + query)

    def rates(self, base):
        return self.json(f"/rates?base={base}")["rates"]


class Case:
    """One test's world: directory, instance name, stub, daemon."""

    def __init__(self, name):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ratesd-test-"))
        self.instance = f"t{os.getpid()}-{name}"[:32]
        self.conf = self.directory / "ratesd.conf"
        self.log = self.directory / "log"
        self.program = "ratesd"
        self.keys = {}  # of its configurations, unless they have others
        self.daemon = None
        self.started = []
        self.stub = None

    # --- parts ---------------------------------------------------------

    def start_stub(self, *options):
        self.stub = Stub(self.directory, *options)
        self.started.append(self.stub.process)
        return self.stub

    def write_conf(self, currencies=BOOK, source="", extra="", **keys):
        """A configuration with one source, the stub, and the keys given."""
        keys = {"workers": 4, "refresh": "1s", "restart-limit": 1000,
                **engine_key(), **self.keys, **keys}
        names = ", ".join(f'"{code}"' for code in currencies)
        url = self.stub.url() if self.stub else "http://127.0.0.1:9/{base}"
        lines = [f"currencies = {{{names}}}", 'sources = {"stub"}']
        lines += [f'{key} = "{value}"' for key, value in keys.items()]
        lines += [f'source "stub" {{ url = "{url}" {source} }}', extra]
        new = self.conf.with_name("new.conf")
        new.write_text("\n".join(lines) + "\n")
        new.rename(self.conf)

    def arguments(self, *options):
        return [BUILD / self.program, "-i", self.instance, "-c", self.conf,
                "--runtime-dir", self.directory / "run",
                "--state-dir", self.directory / "state",
                "--log-level", "debug", *options]

    def start(self, *options, wait=True, **environment):
        """Starts ratesd -f, and waits until its rows are fresh and its
        workers in their loop: one of them may have filled all rows before
        another has begun."""
        if self.daemon and self.daemon.poll() == -signal.SIGKILL:
            wait_until("its workers are gone", self.unlocked)
        with self.log.open("a") as log:
            self.daemon = subprocess.Popen(
                self.arguments("-f", *options), stderr=log,
                env=clean_environment(**environment))
        self.started.append(self.daemon)
        if wait:
            # An earlier daemon's board would be fresh at once.
            wait_until("the daemon feeds the board", self.feeds)
            equal(self.ctl("wait", "--timeout", "20s").returncode, 0, "wait")
            wait_until("its workers are in their loop", lambda: len(
                self.workers()) == len(self.status()["workers"]))
        return self.daemon

    def run(self, *options, **environment):
        """ratesd to its end."""
        return subprocess.run(
            self.arguments(*options), capture_output=True, text=True,
            timeout=PATIENCE, env=clean_environment(**environment))

    def stop(self, number=signal.SIGTERM):
        self.daemon.send_signal(number)
        return self.daemon.wait(timeout=PATIENCE)

    # --- what is seen ---------------------------------------------------

    def ctl_arguments(self, *arguments):
        return [BUILD / "ratesctl", "-i", self.instance,
                *map(str, arguments)]

    def ctl(self, *arguments, **environment):
        return subprocess.run(
            self.ctl_arguments(*arguments), capture_output=True, text=True,
            timeout=60, env=clean_environment(**environment))

    def show(self, *arguments):
        result = self.ctl("show", "--format", "json", *arguments)
        equal(result.returncode, 0, "show: " + result.stderr)
        return json.loads(result.stdout)

    def rows(self):
        return {row["base"]: row for row in self.show()["rows"]}

    def status(self):
        """Of a daemon that is late for a moment it would say that it is not
        there: it is looked at again."""
        end = time.monotonic() + 5
        while True:
            result = self.ctl("status", "--format", "json")
            assert result.returncode in (0, 3), result.stderr
            status = json.loads(result.stdout)
            if status["running"] or not self.is_up() or \
                    time.monotonic() > end:
                return status
            time.sleep(0.1)

    def is_up(self):
        """True if the daemon lives and nobody has stopped it."""
        return self.daemon is not None and self.daemon.poll() is None and \
            alive(self.daemon.pid) and state(self.daemon.pid) != "T"

    def unlocked(self):
        """True if no process of a daemon is left."""
        try:
            with (self.directory / "run" / f"{self.instance}.pid").open() as \
                    lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except FileNotFoundError:
            pass
        return True

    def feeds(self):
        if self.daemon.poll() is not None:
            raise AssertionError(f"ratesd ended: {self.daemon.returncode}")
        status = self.ctl("status", "--format", "json")
        return status.returncode == 0 and json.loads(
            status.stdout)["supervisor"]["pid"] == self.daemon.pid

    def workers(self):
        """slot -> pid, of the workers that are in their loop."""
        return {w["slot"]: w["pid"] for w in self.status()["workers"]
                if w["state"] in ("idle", "busy")}

    def counter(self, name):
        return self.status()["counters"][name]

    def logged(self, text):
        return text in self.log.read_text()

    # --- end ------------------------------------------------------------

    def end_daemon(self):
        """One that went into the background is no child of ours."""
        try:
            pid = int((self.directory / "run" / f"{self.instance}.pid")
                      .read_text())
            if pid <= 1:  # of a daemon in a container
                return
            os.kill(pid, signal.SIGTERM)
        except (OSError, ValueError):
            return
        wait_until("the daemon stops", lambda: not alive(pid))

    def board_file(self):
        return pathlib.Path("/dev/shm") / f"ratesd.{self.instance}"

    def close(self):
        for process in reversed(self.started):
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
                try:
                    process.wait(timeout=12)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self.end_daemon()
        if self.conf.exists():
            subprocess.run(self.arguments("--purge"), capture_output=True,
                           check=False)
        shutil.rmtree(self.directory, ignore_errors=True)


def check(function):
    """Runs one test: (ok, what to say)."""
    case = Case(function.__name__.removeprefix("test_"))
    try:
        function(case)
        return True, ""
    except Skip as why:
        return True, f" # SKIP {why}"
    except Exception:  # a failing test must not end the others
        for line in traceback.format_exc().splitlines():
            print("#", line)
        if case.log.exists():
            for line in case.log.read_text(errors="replace").splitlines()[-60:]:
                print("# log:", line)
        return False, ""
    finally:
        case.close()


def run(names):
    tests = [value for name, value in names.items()
             if name.startswith("test_") and
             (not sys.argv[1:] or name in sys.argv[1:])]
    failed = 0
    print(f"1..{len(tests)}")
    for number, function in enumerate(tests, 1):
        ok, note = check(function)
        failed += not ok
        print("ok" if ok else "not ok", number, "-", function.__name__ + note,
              flush=True)
    sys.exit(1 if failed else 0)
