"""rates.py: the board from Python, as `ratesctl` has it and across all that
happens to it."""

import contextlib
import ctypes
import datetime
import decimal
import json
import math
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

import harness
from harness import (BOOK, BUILD, SOURCE, Skip, contains, equal, run, state,
                     wait_until)
from layout_facts import Facts

LIBRARY = BUILD / ".libs/librates.so.0"
MODULES = SOURCE / "src/python"
DAY = "2026-04-13"
EARLIER = "2026-04-10"
INTERPRETER = {"RATESD_LIBRATES": str(LIBRARY), "PYTHONPATH": str(MODULES),
               "PYTHONDONTWRITEBYTECODE": "1"}


def preload():
    """A sanitized librates wants its runtime loaded before all else."""
    wanted = re.findall(r"lib\w*san\.\S* => (\S+)", subprocess.run(
        ["ldd", LIBRARY], capture_output=True, text=True, check=True).stdout)
    if wanted and "RATES_TEST_PRELOAD" not in os.environ:
        os.environ.update(LD_PRELOAD=" ".join(wanted),
                          RATES_TEST_PRELOAD=" ".join(wanted),
                          ASAN_OPTIONS="detect_leaks=0")
        os.execv(sys.executable, [sys.executable, *sys.argv])
    # The interpreter's own leaks are not ours to find; the daemon's are.
    if os.environ.pop("LD_PRELOAD", None):
        INTERPRETER.update(LD_PRELOAD=os.environ["RATES_TEST_PRELOAD"],
                           ASAN_OPTIONS=os.environ.pop("ASAN_OPTIONS"))


if not LIBRARY.exists():
    print("1..0 # SKIP no shared librates")
    sys.exit(0)
preload()
os.environ["RATESD_LIBRATES"] = str(LIBRARY)
sys.path.insert(0, str(MODULES))
import rates  # noqa: E402
from rates import Board, Result  # noqa: E402


def raised(reason, function, *args, **more):
    """The exception of class reason that function(...) raises."""
    try:
        got = function(*args, **more)
    except reason as why:
        return why
    raise AssertionError(f"{got!r}, and no {reason.__name__}")


def begin(case, currencies=BOOK, **keys):
    case.start_stub("--date", EARLIER)
    case.write_conf(currencies, **{"refresh": "1h", **keys})
    case.start()
    return Board(case.instance)


def publish(case, base):
    """New numbers in a row."""
    case.stub.control(f"date={DAY}")
    done = case.ctl("refresh", "--wait", base)
    equal(done.returncode, 0, done.stderr)


def python(*arguments, instance="", **more):
    """An interpreter that has rates.py and knows of the library."""
    return subprocess.Popen(
        [sys.executable, *arguments], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**harness.clean_environment(RATESD_INSTANCE=instance),
             **INTERPRETER}, **more)


class Waiting(threading.Thread):
    """function(), elsewhere, asleep on the case's board; its answer or what it
    raised."""

    def __init__(self, case, function):
        super().__init__(daemon=True)
        self.name = f"/dev/shm/ratesd.{case.instance}"
        self.function = function
        self.answer = self.raised = None
        self.start()
        wait_until("it sleeps", self.sleeps)

    def run(self):
        try:
            self.answer = self.function()
        except Exception as why:
            self.raised = why

    def sleeps(self):
        """Whether the thread is in a system call on a word of the board."""
        path = pathlib.Path(f"/proc/self/task/{self.native_id}/syscall")
        try:
            words = path.read_text().split()
        except OSError as why:
            raise Skip("/proc says nothing of system calls") from why
        maps = pathlib.Path("/proc/self/maps").read_text().splitlines()
        return len(words) > 2 and any(
            int(begin, 16) <= int(words[1], 16) < int(end, 16)
            for line in maps if self.name in line
            for begin, end in [line.split()[0].split("-")])

    def end(self):
        self.join(harness.PATIENCE)
        assert not self.is_alive(), "it sleeps on"
        if self.raised:
            raise self.raised
        return self.answer


# --- what it is made of ------------------------------------------------------

def test_reasons_are_those_of_rates_h(_):
    wanted = [(value, name)
              for value, name, _ in Facts().enums["RATES_RESULTS"]]
    equal([(int(r), r.name) for r in Result], wanted, "Result")
    equal(sorted(rates.RatesError._classes), [v for v, _ in wanted[1:]],
          "reasons with a class")
    for value, reason in rates.RatesError._classes.items():
        equal(reason.result, Result(value), reason.__name__)
        contains(rates.__all__, reason.__name__)


def test_structs_are_those_of_rates_h(_):
    facts = Facts()
    for struct, ours in [("rates_row", rates._CRow),
                         ("rates_feed", rates._CFeed)]:
        got = {name: (getattr(ours, name).offset, getattr(ours, name).size)
               for name, _ in ours._fields_}
        equal(got, facts.fields[struct], struct)
        equal(ctypes.sizeof(ours), facts.structs[struct], struct)


def test_functions_are_those_of_rates_h(_):
    text = re.sub(r"/\*.*?\*/", "",
                  (SOURCE / "src/board/rates.h").read_text(), flags=re.S)
    widths = {"const char *": ctypes.c_char_p, "int64_t": ctypes.c_int64,
              "unsigned": ctypes.c_uint, "enum rates_result": ctypes.c_int}
    prototypes = dict(re.findall(r"\brates_(\w+)\(([^)]*)\);", text))
    for name, (_, *arguments) in rates._CALLS.items():
        wanted = [] if prototypes[name] == "void" else [
            widths.get(re.sub(r"\w+$", "", " ".join(argument.split())).strip(),
                       ctypes.c_void_p)
            for argument in prototypes[name].split(",")]
        equal([ctypes.c_char_p if a is ctypes.c_char_p else a
               for a in arguments], wanted, name)


# --- what it reads -----------------------------------------------------------

def test_all_is_as_ratesctl_has_it(case):
    board = begin(case)
    shown = case.show()
    equal(board.currencies, tuple(shown["currencies"]), "currencies")
    snapshot, rows = board.snapshot(), board.rows()
    equal(list(snapshot), BOOK, "bases")
    for told in shown["rows"]:
        base = told["base"]
        wanted = {q: r for q, r in told["rates"].items() if r is not None}
        row = board.row(base)
        for got in (row.rates, snapshot[base], rows[base].rates):
            equal(got, wanted, base)
        for quote, rate in wanted.items():
            equal(board.get(base, quote), rate, base + quote)
            equal(board.decimal(base, quote), decimal.Decimal(str(rate)))
        equal(row.source, told["source"], "source")
        equal(row.published, datetime.date.fromisoformat(told["published"]))
        for name in ("fetched", "changed"):
            moment = getattr(row, name)
            equal(moment.utcoffset(), datetime.timedelta(0), name)
            equal(f"{moment:%Y-%m-%dT%H:%M:%SZ}", told[name], name)
        equal(row.version, told["version"], "version")
        equal(row.attempt.outcome, "ok")
        equal((row.attempt.failed, row.attempt.failures, row.attempt.error,
               row.attempt.source), (False, 0, None, "stub"), "attempt")
        assert datetime.timedelta(0) <= row.age < datetime.timedelta(hours=1)
    status, feed = case.status(), board.feed(check=True)
    equal((feed.fed, feed.state, feed.supervisor, feed.generation),
          (True, "ready", status["supervisor"]["pid"],
           status["supervisor"]["generation"]), "feed")
    equal(f"{feed.since:%Y-%m-%dT%H:%M:%SZ}", status["supervisor"]["since"])
    equal(feed.stale_after, datetime.timedelta(hours=26), "stale-after")


def test_failed_attempts_and_empty_rows_are_told(case):
    case.start_stub("--date", DAY, "--base-fail", "PLN:500")
    case.write_conf(refresh="1h")
    case.start(wait=False)
    wait_until("the others are there", lambda: case.feeds() and all(
        row["version"] or row["error"] for row in case.rows().values()))
    board = Board(case.instance)
    row = board.row("PLN")
    equal((row.fetched, row.changed, row.age, row.published, row.source,
           row.version, row.rates),
          (None, None, None, None, None, 0, {}), "an empty row")
    equal((row.attempt.outcome, row.attempt.failed, row.attempt.http_status),
          ("http", True, 500), "its attempt")
    equal(board.snapshot()["PLN"], {})
    equal(raised(rates.NoNumber, board.get, "PLN", "EUR").result,
          Result.NO_NUMBER)


def test_times_of_publication_are_aware(case):
    row = rates._CRow(version=1, published_form=2,
                      published=1776088800 * 10**9 + 123456789)
    equal(rates._published(row), datetime.datetime(
        2026, 4, 13, 14, 0, 0, 123456, datetime.timezone.utc), "a time")
    # Whatever a stranger's board says has a date.
    for form in (0, 1, 2, 77, -1):
        for word in (2**63 - 1, -2**63, 0, -1):
            rates._published(rates._CRow(version=1, published_form=form,
                                         published=word))
    case.start_stub()


def test_each_reason_is_raised(case):
    equal(raised(rates.NoBoard, Board, case.instance).result, Result.NO_BOARD)
    for name in ("", "a/b", "x" * 33, "a\0b", "\udcff"):
        equal(raised(rates.BadName, Board, name).result, Result.BAD_NAME)
    case.board_file().write_bytes(b"no board" * 100)
    try:
        contains(str(raised(rates.BadBoard, Board, case.instance)), "magic")
        if os.geteuid() != 0:
            case.board_file().chmod(0)
            raised(rates.Denied, Board, case.instance)
    finally:
        case.board_file().unlink()

    board = begin(case)
    for code in ("eur", "XXX", "", "EUR\0", "EUR ", "€UR", None, 7,
                 "E" * 99):
        contains(str(raised(rates.NoCurrency, board.get, "EUR", code)),
                 repr(code))
        raised(rates.NoCurrency, board.row, code)
    raised(LookupError, board.get, "XXX", "EUR")
    time.sleep(0.01)
    raised(rates.TooOld, board.get, "EUR", "USD", max_age=0)
    raised(rates.TooOld, board.decimal, "EUR", "USD",
           datetime.timedelta(milliseconds=1))
    for age in (3600, datetime.timedelta(hours=1), 1e300, math.inf,
                datetime.timedelta.max, None):
        board.get("EUR", "USD", max_age=age)
    for age in (-1, math.nan, datetime.timedelta(-1)):
        raised(ValueError, board.get, "EUR", "USD", max_age=age)
    strict = Board(case.instance, max_age=0.001)
    raised(rates.TooOld, strict.get, "EUR", "USD")
    equal(strict.get("EUR", "USD", math.inf), board.get("EUR", "USD"))
    equal(strict.snapshot(), {base: {} for base in BOOK}, "all too old")
    equal(strict.snapshot(math.inf), board.snapshot(), "of any age")


# --- waiting -----------------------------------------------------------------

@contextlib.contextmanager
def long_sleeps():
    """So that only being woken ends one soon."""
    usual, rates._SLICE = rates._SLICE, 60 * 10**9
    try:
        yield
    finally:
        rates._SLICE = usual


@long_sleeps()
def test_waits_end_with_a_publication(case):
    board = begin(case)
    row, before = board.row("EUR"), board.snapshot()
    one = Waiting(case, lambda: board.wait("EUR", timeout=60))
    other = Waiting(case, lambda: board.wait(timeout=60))
    old = Waiting(case, lambda: board.wait("PLN", timeout=60))
    feed = Waiting(case, lambda: next(board.changes(timeout=60)))
    publish(case, "EUR")
    new = one.end()
    equal((new.base, new.version), ("EUR", row.version + 1), "the new row")
    assert new.rates != row.rates
    equal(board.snapshot()["EUR"], new.rates)
    equal(board.snapshot()["PLN"], before["PLN"])
    other.end()
    equal(feed.end(), "EUR", "what changed")
    assert old.is_alive(), "another row's change ended the wait"
    publish(case, "PLN")
    equal(old.end().base, "PLN")


def test_no_change_is_missed_between_two_waits(case):
    board = begin(case)
    row, mark, changes = board.row("EUR"), board.mark(), board.changes(0.1)
    raised(rates.Timeout, board.wait, "EUR", timeout=0)
    raised(TimeoutError, board.wait, timeout=0.01, since=mark)
    publish(case, "EUR")
    publish(case, "USD")
    equal(board.wait("EUR", since=row, timeout=0).version, row.version + 1)
    raised(rates.Timeout, board.wait, "EUR", timeout=0.3)
    mark = board.wait(since=mark, timeout=0)
    equal(sorted(changes), ["EUR", "USD"], "since changes()")
    # A failed attempt is a change, too.
    row = board.row("EUR")
    case.stub.control("base-fail=EUR:500")
    case.ctl("refresh", "--wait", "EUR")
    row = board.wait("EUR", since=row, timeout=harness.PATIENCE)
    assert row.attempt.failed and row.rates, "its numbers stay"
    for wrong in (mark, board.row("USD")):
        raised(TypeError, board.wait, "EUR", since=wrong)
    raised(TypeError, board.wait, since=row)


def test_a_change_is_told_though_who_made_it_died(case):
    """Between the row and the word to those who sleep."""
    limit = case.directory / "faults"
    limit.mkdir()
    case.start_stub("--date", EARLIER)
    case.program = "ratesd-fault"
    case.write_conf(refresh="1h", timeout="60s", workers=1, concurrency=1)
    case.start(RATESD_FAULT=f"publish.published:{len(BOOK) + 1}:stop",
               RATESD_FAULT_LIMIT=f"{limit}:1")
    board = Board(case.instance)
    row, mark = board.row("EUR"), board.mark()
    equal(case.ctl("refresh", "EUR").returncode, 0, "refresh")
    worker = wait_until("the worker stopped", lambda: next(
        (pid for pid in case.workers().values() if state(pid) == "T"), None))
    new = board.row("EUR")
    equal(new.version, row.version + 1, "it is published")
    raised(rates.Timeout, board.wait, since=mark, timeout=0)
    # Its job is done again; but nothing comes of that meanwhile.
    case.stub.control("hold-base=EUR")
    os.kill(worker, signal.SIGKILL)
    board.wait(since=mark, timeout=harness.PATIENCE)
    equal(board.row("EUR").seq, new.seq, "the row when it was told")
    case.stub.control("hold-base=")


WAITER = """
import signal, sys
from rates import Board
board = Board(sys.argv[1])
def handler(*_):
    print(board.get("EUR", "USD"), flush=True)
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGUSR1, handler)
signal.signal(signal.SIGALRM, handler)
try:
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    {wait}
except KeyboardInterrupt:
    print("interrupted", board.get("EUR", "USD"))
"""


def test_ctrl_c_ends_a_wait_and_handlers_run(case):
    number = begin(case).get("EUR", "USD")
    for wait in ('board.wait("EUR")', "board.wait()",
                 "list(board.changes())", 'board.wait(timeout=300)'):
        process = python("-c", WAITER.format(wait=wait), case.instance)
        case.started.append(process)
        equal(process.stdout.readline(), f"{number}\n", wait)
        for _ in range(3):
            process.send_signal(signal.SIGUSR1)
            equal(process.stdout.readline(), f"{number}\n", wait)
        process.send_signal(signal.SIGINT)
        out, complaint = process.communicate(timeout=harness.PATIENCE)
        equal(out, f"interrupted {number}\n", wait + complaint)


# --- what happens to boards --------------------------------------------------

def test_restarts_are_followed(case):
    board = begin(case)
    row, mark = board.row("EUR"), board.mark()
    generation = board.feed().generation
    waiting = Waiting(case, lambda: board.wait("EUR", timeout=60, since=row))
    case.stop()
    equal(board.feed().fed, False, "after the stop")
    equal(board.get("EUR", "USD"), row.rates["USD"])
    case.start()
    equal(board.feed(check=True).supervisor, case.daemon.pid)
    equal(board.feed().generation, generation + 1, "generation")
    board.wait(since=mark, timeout=harness.PATIENCE)
    equal(board.row("EUR").rates, row.rates, "numbers are taken over")
    publish(case, "EUR")
    assert waiting.end().version > row.version
    assert board.row("EUR").rates != row.rates
    # And one that is made anew, for its object is gone.
    case.board_file().unlink()
    wait_until("a new board", case.board_file().exists)
    equal(board.get("EUR", "USD"), board.row("EUR").rates["USD"])


def test_currencies_come_go_and_change_places(case):
    board = begin(case)
    numbers = board.snapshot()
    changes = board.changes(timeout=60)
    others = [Board(case.instance) for _ in range(6)]
    for other in others:
        equal(other.snapshot(), numbers)
    waiting = Waiting(case, lambda: board.wait(timeout=60))
    new = ["JPY", "CZK", "USD", "EUR"]
    case.write_conf(new, refresh="1h")
    case.daemon.send_signal(signal.SIGHUP)
    waiting.end()
    wait_until("the new currencies", lambda: board.currencies == tuple(new))
    equal(board.get("EUR", "USD"), numbers["EUR"]["USD"], "by another index")
    raised(rates.NoCurrency, board.get, "EUR", "PLN")
    raised(rates.NoCurrency, board.wait, "PLN", timeout=1)
    # Whatever is asked first.
    equal(others[0].get("EUR", "USD"), numbers["EUR"]["USD"], "get")
    equal(others[1].get("EUR", "USD", 3600), numbers["EUR"]["USD"], "fresh")
    equal(others[2].row("EUR").rates["USD"], numbers["EUR"]["USD"], "row")
    equal(list(others[3].snapshot()), new, "snapshot")
    equal(list(others[4].rows()), new, "rows")
    equal(others[5].currencies, tuple(new), "currencies")
    row = board.row("JPY")
    if not row.version:
        row = board.wait("JPY", since=row, timeout=harness.PATIENCE)
    equal(sorted(board.row("JPY").rates), sorted(new))
    while next(changes) != "JPY":
        pass
    # The others are asked again for the currency that they lack.
    wait_until("all of them", lambda: all(
        len(rates) == len(new) for rates in board.snapshot().values()))
    equal(board.snapshot(), {base: row["rates"]
                             for base, row in case.rows().items()})


def test_an_interrupt_leaves_no_index_of_another_board(case):
    board = begin(case)
    number = board.get("EUR", "USD")
    case.write_conf(["CZK", "USD", "EUR"], refresh="1h")
    case.daemon.send_signal(signal.SIGHUP)
    wait_until("another board", lambda: case.show()["currencies"][0] == "CZK")
    (handle,) = board._idle.values()
    library = handle.library

    class Interrupting:
        """The library, in which Ctrl-C comes while codes are read."""
        def __getattr__(self, name):
            if name == "code":
                raise KeyboardInterrupt
            return getattr(library, name)

    handle.library = Interrupting()
    try:
        board.get("EUR", "USD")
        raise AssertionError("it was not interrupted")
    except KeyboardInterrupt:
        handle.library = library
    equal(list(board._idle.values()), [handle], "handles")
    equal(board.get("EUR", "USD"), number)


def test_a_killed_daemon_leaves_numbers_and_their_age(case):
    board = begin(case)
    row = board.row("EUR")
    case.stop(signal.SIGKILL)
    wait_until("it is not fed", lambda: not board.feed().fed)
    equal(raised(rates.NotFed, board.feed, check=True).result, Result.NOT_FED)
    equal(board.get("EUR", "USD"), row.rates["USD"])
    equal(board.get("EUR", "USD", max_age=3600), row.rates["USD"])
    raised(rates.TooOld, board.get, "EUR", "USD", max_age=0.5)
    assert board.row("EUR").age > row.age
    raised(rates.Timeout, board.wait, timeout=0.01)
    equal(Board(case.instance).snapshot(), board.snapshot(), "opened later")
    case.start()
    equal(board.feed(check=True).supervisor, case.daemon.pid)


def test_both_sides_of_a_fork_read_on(case):
    board = begin(case)
    # A thread that is in a call, and is not in the child.
    waiting = Waiting(case, lambda: board.wait("USD", timeout=60))
    pipe, answer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            row = board.row("EUR")
            os.write(answer, b"ready\n")
            new = board.wait("EUR", timeout=60, since=row)
            board.close()
            os.write(answer, json.dumps(new.rates).encode() + b"\n")
        finally:
            os._exit(0)
    os.close(answer)
    with open(pipe, encoding="utf-8") as told:
        equal(told.readline(), "ready\n")
        publish(case, "EUR")
        publish(case, "USD")
        equal(json.loads(told.readline()), board.row("EUR").rates, "child")
    os.waitpid(child, 0)
    equal(waiting.end().base, "USD")


def test_threads_share_a_board(case):
    board = begin(case)
    wanted = board.snapshot()
    done = threading.Event()
    wrong = []

    def work(base):
        try:
            while not done.is_set() and not wrong:
                got = {quote: board.get(base, quote) for quote in BOOK}
                if not got == board.row(base).rates == wanted[base]:
                    wrong.append(got)
        except Exception as why:
            wrong.append(why)

    threads = [threading.Thread(target=work, args=(base,)) for base in BOOK]
    waiting = Waiting(case, lambda: board.wait("EUR", timeout=60))
    equal(len(board._idle), 0, "handles besides the one that waits")
    for thread in threads:
        thread.start()
    try:
        case.stop()
        case.write_conf(refresh="1s")
        case.start()
        version = board.row("EUR").version
        wait_until("rows go on under them", lambda:
                   wrong or board.row("EUR").version > version + 1)
    finally:
        done.set()
    for thread in threads:
        thread.join()
    equal(wrong, [], "what threads saw")
    waiting.end()


def test_a_closed_board_says_so(case):
    with begin(case) as board:
        waiting = Waiting(case, lambda: raised(ValueError, board.wait, "EUR"))
    waiting.end()
    for call in (lambda: board.get("EUR", "USD"), board.feed, board.mark,
                 board.snapshot, lambda: board.currencies, board.__enter__):
        contains(str(raised(ValueError, call)), "closed")
    board.close()
    # Nothing of it is mapped any more.
    equal(board._idle, None)
    maps = pathlib.Path("/proc/self/maps").read_text()
    assert f"/dev/shm/ratesd.{case.instance}" not in maps


# --- around it ---------------------------------------------------------------

def test_a_library_that_is_missing_or_another_is_named(case):
    for library, words in [("/nowhere/librates.so.0", "/nowhere/"),
                           ("libm.so.6", "no librates")]:
        why = raised(OSError, Board, case.instance, library=library)
        assert not isinstance(why, rates.RatesError)
        contains(str(why), words)
        contains(str(why), "RATESD_LIBRATES")
    process = python("-c", "import rates, os\n"
                     "os.environ['RATESD_LIBRATES'] = '/nowhere/x'\n"
                     "rates.Board()")
    contains(process.communicate(timeout=60)[1], "OSError: librates can't be")
    raised(rates.NoBoard, Board, case.instance, library=LIBRARY)


def test_without_a_name_it_is_that_of_the_environment(case):
    board = begin(case)
    told = board.get("EUR", "USD")
    text = ("import rates\n"
            "print(rates.Board().get('EUR', 'USD'))\n"
            "print(rates.Board('none-such'))")
    for instance, words in ((case.instance, "instance none-such: "),
                            ("a/b", "instance a/b: ")):
        process = python("-c", text, instance=instance)
        got, why = process.communicate(timeout=60)
        equal(got, f"{told}\n" if instance == case.instance else "")
        contains(why, words)
    for name in ("", "none-such"):
        process = python("-c", f"import rates; rates.Board({name!r})",
                         instance=case.instance)
        contains(process.communicate(timeout=60)[1], f"instance {name}: ")


def test_command_line(case):
    begin(case)
    interpreters = {sys.executable, "/usr/bin/python3"}
    for path in filter(os.path.exists, interpreters):
        def cli(*arguments):
            return subprocess.run(
                [path, "-m", "rates", "-i", case.instance, *arguments],
                capture_output=True, text=True, timeout=60,
                env={**harness.clean_environment(), **INTERPRETER})

        for pair in (["EUR", "USD"], ["EUR", "EUR"], ["CZK", "USD"]):
            equal(cli(*pair).stdout, case.ctl("get", *pair).stdout, path)
        equal(cli("--max-age", "1h", "EUR", "USD").returncode, 0)
        for status, *arguments in [
                (2, "EUR"), (2, "--max-age", "1", "EUR", "USD"),
                (4, "EUR", "XXX"), (5, "--max-age", "0ms", "EUR", "USD"),
                (3, "-i", "none-such", "EUR", "USD"),
                (1, "-i", "a/b", "EUR", "USD")]:
            result = cli(*arguments)
            equal((result.returncode, result.stdout), (status, ""),
                  f"{path} {arguments}")
            assert result.stderr
        # Nothing is lost in silence, nor is the status another one.
        for redirection in (">&-", ">/dev/full"):
            result = subprocess.run(
                ["sh", "-c", f'exec "$@" {redirection}', "sh", path, "-m",
                 "rates", "-i", case.instance, "EUR", "USD"],
                capture_output=True, text=True, timeout=60,
                env={**harness.clean_environment(), **INTERPRETER,
                     "PYTHONUNBUFFERED": ""})
            equal(result.returncode, 1, f"{path} {redirection}")
            equal(result.stderr.count("\n"), 1, result.stderr)
        # As ratesctl has it, that is none.
        result = subprocess.run(
            [path, "-m", "rates", "EUR", "USD"], capture_output=True,
            text=True, timeout=60, env={
                **harness.clean_environment(), **INTERPRETER,
                "RATESD_INSTANCE": ""})
        assert "not an instance name" not in result.stderr, result.stderr


run(globals())
