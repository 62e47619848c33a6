"""What a storm does to a ratesd tree: storm.py judges what is left of it."""

import os
import pathlib
import random
import signal
import subprocess
import time

from harness import (BUILD, PATIENCE, alive, children, clean_environment,
                     equal, wait_until)

SECONDS = float(os.environ.get("RATESD_STORM_SECONDS", "30"))
SEED = int(os.environ.get("RATESD_STORM_SEED", "0")) or random.getrandbits(31)

CURRENCIES = 24
READERS = 4
FAILING = 33            # percent
PAUSE = (0.02, 0.2)     # seconds between two signals to workers
PAUSE_SUPERVISOR = (0.5, 4.0)
STOPPED = 2.0           # the longest that a process stays stopped
EARLY = 1 / 4           # of the restarts are killed within a tenth of a second
# A new supervisor makes a new board, and with it new locks: at the end it is
# spared for so long, or what is stuck would not be seen.
SPARED = min(15.0, SECONDS / 2)
SIGNALS = {signal.SIGKILL: 50, signal.SIGSTOP: 35, signal.SIGCONT: 15}
SETTLE = 90.0           # a worker that was never ready may wait for its turn
# The key of that name; some of those that are stopped stay so for good.
WATCHDOG = "3s"

# Where a process waits, at most once, and within how many of its passages.
POINTS = {
    "worker.start": 1, "worker.received": 12, "worker.claimed": 12,
    "lock.before-token": 12, "lock.token": 12, "publish.locked": 12,
    "publish.word": 12 * CURRENCIES, "publish.written": 12,
    "publish.published": 12, "lock.cleared": 12, "worker.finished": 12,
    "recover.lock": 12 * CURRENCIES, "recover.done": 12,
    "supervisor.buried": 12,
}
WAITS = 12              # at so many of them in each supervisor's tree
WAIT_MS = 60            # at most


def waits(rng):
    """RATESD_FAULT for one supervisor and its workers."""
    points = [rng.choice(list(POINTS)) for _ in range(WAITS)]
    return ",".join(f"{point}:{rng.randint(1, POINTS[point])}"
                    f":sleep={rng.randint(5, WAIT_MS)}" for point in points)


def failures(stub):
    """fail= for each kind that the stub knows, FAILING percent in all."""
    kinds = [kind for kind in stub.json("/stats")["kinds"] if kind != "ok"]
    each, more = divmod(FAILING, len(kinds))
    # What keeps the whole source or a transfer waiting comes last.
    kinds.sort(key=lambda kind: kind in ("429", "hang", "slow", "huge"))
    return "&".join(f"fail={kind}:{each + (i < more)}"
                    for i, kind in enumerate(kinds))


def parent(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(stat.rpartition(")")[2].split()[1])


class Worker:
    """A worker that is stopped; the descriptor is it and no other process."""

    def __init__(self, pid, descriptor, until, then):
        self.pid = pid
        self.descriptor = descriptor
        self.since = time.monotonic()
        self.until = until
        self.then = then


class Storm:
    def __init__(self, case):
        self.case = case
        self.rng = random.Random(SEED)
        self.sent = {number: [0, 0] for number in SIGNALS}
        self.starts = self.refused = 0
        self.stopped = {}         # worker pid -> Worker
        self.stops = {}           # worker pid -> [(from, to)]
        self.away = []            # when no supervisor went round: [(from, to)]
        self.away_since = None
        self.supervisor_until = None
        self.early = None
        self.spare_from = float("inf")
        self.log_read = 0
        self.requests = []
        self.objects = set()
        self.codes = []
        self.readers = []
        self.probe = None
        self.next_strike = self.next_request = self.next_look = 0.0
        self.next_on_supervisor = 0.0

    # --- the tree ----------------------------------------------------------

    def tree(self):
        """All processes of the instance, whoever their parent is."""
        pids = []
        for path in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                command = (path / "cmdline").read_bytes()
            except OSError:
                continue
            if (command.startswith(b"ratesd: ")
                    and f"[{self.case.instance}]".encode() in command) or (
                    command.partition(b"\0")[0].endswith(b"/ratesd-fault")
                    and f"-i\0{self.case.instance}\0".encode() in command):
                pids.append(int(path.name))
        return [pid for pid in pids if alive(pid)]

    def start(self):
        self.starts += 1
        self.log_read = (self.case.log.stat().st_size
                         if self.case.log.exists() else 0)
        self.case.start(wait=False, RATESD_FAULT=waits(self.rng))
        if self.away_since is None:
            self.away_since = time.monotonic()

    def mind_supervisor(self):
        """What systemd does: starts it again once it ended."""
        status = self.case.daemon.poll()
        if status is None:
            if self.away_since and not self.supervisor_until \
                    and children(self.case.daemon.pid):
                self.away.append((self.away_since, time.monotonic()))
                self.away_since = None
            return
        with self.case.log.open(errors="replace") as log:
            log.seek(self.log_read)
            said = log.read()
        if status == 1 and "is still alive" in said:
            self.refused += 1
            if time.monotonic() - self.away_since > PATIENCE:
                raise AssertionError("orphans keep it from starting:"
                                     f" {self.tree()}")
        elif status != -signal.SIGKILL:
            raise AssertionError(f"the supervisor ended by itself: {status}")
        self.supervisor_until = None
        self.start()
        if self.rng.random() < EARLY and not self.spared():
            self.early = time.monotonic() + self.rng.uniform(0, 0.1)

    # --- signals -----------------------------------------------------------

    def spared(self):
        return time.monotonic() >= self.spare_from

    def choose(self):
        """A signal; for SIGSTOP, until when and what ends it."""
        number = self.rng.choices(list(SIGNALS), SIGNALS.values())[0]
        until = time.monotonic() + self.rng.uniform(0, STOPPED)
        then = self.rng.choice([signal.SIGCONT, signal.SIGCONT,
                                signal.SIGKILL])
        return number, until, then

    def strike(self):
        index, choice = self.rng.random(), self.choose()
        workers = sorted(children(self.case.daemon.pid))
        if workers:
            self.strike_worker(workers[int(index * len(workers))], *choice)

    def strike_supervisor(self, number, until, then):
        if self.case.daemon.poll() is not None:
            return
        self.case.daemon.send_signal(number)
        self.sent[number][1] += 1
        if number == signal.SIGCONT:
            self.supervisor_until = None
            return
        if self.away_since is None:
            self.away_since = time.monotonic()
        self.supervisor_until = (until, then) if number == signal.SIGSTOP \
            else None

    def strike_worker(self, pid, number, until, then):
        if pid in self.stopped:
            if number != signal.SIGSTOP:
                self.release(self.stopped[pid], number)
            return
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        # The number may have gone to another process before it was opened.
        if parent(pid) != self.case.daemon.pid:
            os.close(descriptor)
            return
        if self.send(descriptor, number) and number == signal.SIGSTOP:
            if then == signal.SIGKILL:
                until = float("inf")
            self.stopped[pid] = Worker(pid, descriptor, until, then)
        else:
            os.close(descriptor)

    def send(self, descriptor, number):
        try:
            signal.pidfd_send_signal(descriptor, number)
        except ProcessLookupError:
            return False
        self.sent[number][0] += 1
        return True

    def release(self, worker, number):
        self.send(worker.descriptor, number)
        os.close(worker.descriptor)
        self.stops.setdefault(worker.pid, []).append(
            (worker.since, time.monotonic()))
        del self.stopped[worker.pid]

    def release_due(self, everything=False):
        now = time.monotonic()
        for worker in list(self.stopped.values()):
            if everything or not alive(worker.pid):
                self.release(worker, signal.SIGCONT)
            elif worker.until <= now:
                self.release(worker, worker.then)
        if self.supervisor_until and (
                everything or self.supervisor_until[0] <= now):
            self.strike_supervisor(signal.SIGCONT if everything
                                   else self.supervisor_until[1], 0, None)

    # --- what goes on besides ----------------------------------------------

    def request(self, *codes):
        self.requests = [r for r in self.requests if self.still_asking(r)]
        if len(self.requests) < 4:
            self.requests.append(subprocess.Popen(
                [BUILD / "ratesctl", "-i", self.case.instance, "refresh",
                 "--timeout", "3s", *codes], stderr=subprocess.DEVNULL,
                env=clean_environment()))
            self.case.started.append(self.requests[-1])

    def still_asking(self, request):
        status = request.poll()
        if status is not None:
            self.case.started.remove(request)
            assert status >= 0, f"ratesctl refresh: signal {-status}"
        return status is None

    def look(self):
        """No more objects than the board, and the next one in passing."""
        self.objects |= {name for name in os.listdir("/dev/shm")
                         if self.case.instance in name}

    def turn(self):
        """One time round the loop, with what is due."""
        now = time.monotonic()
        self.mind_supervisor()
        self.release_due()
        if now >= self.next_strike:
            self.next_strike = now + self.rng.uniform(*PAUSE)
            self.strike()
        if now >= self.next_on_supervisor and not self.spared():
            self.next_on_supervisor = now + self.rng.uniform(*PAUSE_SUPERVISOR)
            self.strike_supervisor(*self.choose())
        if self.early and now >= self.early:
            self.early = None
            self.strike_supervisor(signal.SIGKILL, 0, None)
        if now >= self.next_request:
            self.next_request = now + self.rng.uniform(0.1, 0.3)
            self.request(*self.rng.sample(self.codes, 3))
        if now >= self.next_look:
            self.next_look = now + 0.1
            self.look()
        time.sleep(0.005)

    # --- from start to end -------------------------------------------------

    def watcher(self, *command):
        out = (self.case.directory / f"out{len(self.case.started)}").open("w+")
        process = subprocess.Popen(
            [BUILD / "tests/system" / command[0], *command[1:]], stdout=out,
            env=clean_environment())
        self.case.started.append(process)
        return process, out

    def begin(self):
        case = self.case
        case.program = "ratesd-fault"
        stub = case.start_stub("--serial", 1, "--latency", 10, "--for",
                               int(SECONDS) + 600)
        self.codes = stub.json("/codes")[:CURRENCIES]
        case.write_conf(self.codes, refresh="1s", timeout="1s",
                        watchdog=WATCHDOG, **{
                            "connect-timeout": "1s",
                            # The numbers tell serials: each one jumps.
                            "max-jump": "off"})
        self.start()
        wait_until("the board is there", case.board_file().exists)
        wait_until("the first rows", lambda: case.feeds() and case.status()
                   ["rows"]["fresh"] == CURRENCIES, timeout=SETTLE)
        stub.control(f"seed={SEED}&{failures(stub)}")
        self.readers = [self.watcher("storm_reader", case.instance)
                        for _ in range(READERS)]
        self.probe = self.watcher("storm_probe", "watch", case.instance)

    def rage(self):
        end = time.monotonic() + SECONDS
        self.spare_from = end - SPARED
        while time.monotonic() < end - 1:
            self.turn()
        # In the last second, so that they fall among the signals.
        asked = self.rng.sample(self.codes, 3)
        versions = self.versions()
        self.next_request = end - 0.5
        self.request(*asked)
        while time.monotonic() < end:
            self.turn()
        return {code: versions[code] for code in asked}

    def versions(self):
        return {base: row["version"] for base, row in self.case.rows().items()}

    def calm(self):
        """The signals end, and what is stopped goes on."""
        self.release_due(everything=True)
        self.case.stub.control("fail=")
        wait_until("the supervisor is there again", self.is_back,
                   timeout=SETTLE)

    def is_back(self):
        self.mind_supervisor()
        return (self.case.daemon.poll() is None and self.case.status()
                ["supervisor"]["pid"] == self.case.daemon.pid
                and self.away_since is None)

    def figures_of(self, watcher):
        process, out = watcher
        assert process.poll() is None, \
            f"{process.args[0]} ended: {process.returncode}"
        process.terminate()
        equal(process.wait(timeout=PATIENCE), 0, str(process.args[0]))
        out.seek(0)
        return out.read()
