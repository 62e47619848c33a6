"""ratesctl watch and what else is for people: lines, screen, progress."""

import contextlib
import csv
import io
import json
import os
import pathlib
import re
import signal
import subprocess

from harness import (BOOK, PATIENCE, Stub, alive, clean_environment, contains,
                     equal, run, wait_until)
from scripted import Publication, Server
from terminal import Terminal

DAYS = ["2026-04-01", "2026-04-07", "2026-04-10", "2026-04-13"]


class Watch:
    """A running ratesctl watch, its lines in a file."""

    def __init__(self, case, *arguments, form="json"):
        self.out = case.directory / f"watch{len(case.started)}"
        self.errors = self.out.with_suffix(".err")
        with self.out.open("wb") as out, self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                case.ctl_arguments("watch", "-f", form, *arguments),
                stdout=out, stderr=errors, env=clean_environment())
        case.started.append(self.process)
        # It waits on the board once it has read all of it.
        wait_until("it sleeps", self.sleeps)

    def sleeps(self):
        if self.process.poll() is not None:
            return True
        try:
            return "futex" in pathlib.Path(
                f"/proc/{self.process.pid}/wchan").read_text()
        except OSError:
            return True

    def text(self):
        return self.out.read_text()

    def events(self, *names):
        whole = self.text().rpartition("\n")[0].splitlines()
        return [event for event in map(json.loads, whole)
                if not names or event["event"] in names]

    def until(self, what, condition):
        return wait_until(what, lambda: condition(self))

    def end(self, number=None):
        if number is not None:
            self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)


def started(case, day=DAYS[0], **keys):
    case.start_stub("--date", day)
    case.write_conf(**{"refresh": "200ms", **keys})
    case.start()


def next_day(case, day):
    case.stub.control(f"date={day}")


def bases(events):
    return sorted(event["base"] for event in events)


# --- lines -------------------------------------------------------------------


def test_each_change_is_told_with_what_it_was(case):
    started(case)
    old = {base: case.stub.rates(base) for base in BOOK}
    watch = Watch(case, "-n", len(BOOK))
    next_day(case, DAYS[1])
    equal(watch.end(), 0)
    events = watch.events()
    equal(bases(events), sorted(BOOK))
    for event in events:
        new = case.stub.rates(event["base"])
        equal({c["quote"] for c in event["changes"]},
              set(BOOK) - {event["base"]})
        for change in event["changes"]:
            before, after = (rates[change["quote"]]
                             for rates in (old[event["base"]], new))
            equal((change["old"], change["new"]), (before, after))
            equal(change["percent"], (after - before) / before * 100)
        equal((event["event"], event["published"], event["source"]),
              ("numbers", DAYS[1], "stub"))


def test_the_same_numbers_are_told_only_when_asked_for(case):
    started(case)
    quiet, loud = Watch(case), Watch(case, "-v", "-n", "20")
    equal(loud.end(), 0)
    equal({event["event"] for event in loud.events()}, {"fetched"})
    equal(quiet.text(), "", "without -v")


def test_each_event_of_one_answer_counts(case):
    started(case, refresh="1h")
    case.stub.control("fail=500:100")
    equal(case.ctl("refresh", "EUR", "--wait").returncode, 1)
    one, two, three = (Watch(case, "EUR", "-n", count, "--timeout", "10s")
                       for count in (1, 2, 3))
    next_day(case, DAYS[1])
    case.stub.control("fail=")
    case.ctl("refresh", "EUR")  # it may not be due for longer than that
    equal((one.end(), two.end()), (0, 0), "statuses")
    equal([event["event"] for event in one.events()], ["numbers"])
    equal([event["event"] for event in two.events()],
          ["numbers", "recovered"])
    equal(three.end(), 1, "status")
    equal(three.errors.read_text(), "ratesctl: 2 of 3 events after 10s\n")


def test_only_what_was_asked_for_is_told(case):
    started(case)
    watch = Watch(case, "EUR", "NOK", "--symbols", "PLN,USD", "-n", "2")
    next_day(case, DAYS[1])
    equal(watch.end(), 0)
    equal(bases(watch.events()), ["EUR", "NOK"])
    for event in watch.events():
        equal({c["quote"] for c in event["changes"]}, {"PLN", "USD"})


def test_answers_that_were_not_seen_are_counted(case):
    started(case)
    watch = Watch(case, "-v", "EUR")
    watch.until("a line", lambda w: w.events())
    watch.process.send_signal(signal.SIGSTOP)
    version = case.rows()["EUR"]["version"]
    next_day(case, DAYS[1])
    wait_until("ten answers",
               lambda: case.rows()["EUR"]["version"] > version + 10)
    watch.process.send_signal(signal.SIGCONT)
    watch.until("a change", lambda w: w.events("numbers"))
    watch.end(signal.SIGTERM)
    events = watch.events()
    assert any(event["skipped"] >= 10 for event in events), events
    for one, two in zip(events, events[1:]):
        equal(two["version"] - one["version"], two["skipped"] + 1, "versions")


def test_what_may_have_changed_unseen_is_told(case):
    started(case)
    watch = Watch(case, "EUR", "--symbols", "EUR", form="table")
    watch.process.send_signal(signal.SIGSTOP)
    next_day(case, DAYS[1])
    wait_until("two answers", lambda: case.rows()["EUR"]["published"] ==
               DAYS[1])
    version = case.rows()["EUR"]["version"]
    wait_until("more", lambda: case.rows()["EUR"]["version"] > version + 2)
    watch.process.send_signal(signal.SIGCONT)
    watch.until("it is told", lambda w: "skipped: " in w.text())
    contains(watch.text(), "may have changed, and changed back")


@contextlib.contextmanager
def publishing(case):
    """A daemon that asks only when told to, and what its source says."""
    publication = Publication("2024-04-15")
    with Server(BOOK, default=publication) as server:
        case.stub = server
        case.write_conf(refresh="1h")
        case.start()
        yield publication


def test_a_change_there_and_back_is_told(case):
    with publishing(case) as publication:
        watch = Watch(case, "EUR")
        watch.process.send_signal(signal.SIGSTOP)
        for jumps in ({("EUR", "USD"): 1.001}, {}):
            publication.jumps = jumps
            equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
        watch.process.send_signal(signal.SIGCONT)
        watch.until("it is told", lambda w: w.events())
        (event,) = watch.events()
        equal((event["event"], event["changes"], event["skipped"]),
              ("numbers", [], 1))


def test_what_is_held_and_what_becomes_of_it_is_told(case):
    with publishing(case) as publication:
        watch = Watch(case, "EUR")
        publication.day = "2024-04-16"
        publication.jumps = {("EUR", "USD"): 82}
        equal(case.ctl("refresh", "EUR", "--wait").returncode, 1)
        watch.until("it is held", lambda w: w.events())
        equal([e["event"] for e in watch.events()], ["held"])
        contains(watch.events()[0]["text"], "jumped to")
        equal(case.ctl("accept", "EUR", "--wait").returncode, 0)
        watch.until("it is released", lambda w: w.events("released"))
        (event,) = watch.events("numbers")
        equal(event["published"], "2024-04-16")


def test_failures_are_told_once_and_their_end(case):
    started(case)
    watch = Watch(case)
    case.stub.control("base-fail=NOK:500")
    watch.until("a failure", lambda w: w.events("failed"))

    def failures():
        found = re.search(r"(\d+) failures", case.rows()["NOK"]["error"])
        return found and int(found[1]) >= 3

    wait_until("failures", failures)
    case.stub.control("base-fail=")
    watch.until("its end", lambda w: w.events("recovered"))
    equal([(e["event"], e["base"]) for e in watch.events()],
          [("failed", "NOK"), ("recovered", "NOK")])
    contains(watch.events("failed")[0]["text"], "500")


def test_a_row_that_time_makes_stale_is_told(case):
    started(case, **{"stale-after": "2s"})
    watch = Watch(case, "USD")
    case.stub.control("base-fail=USD:500")
    watch.until("it is stale", lambda w: w.events("state"))
    equal(watch.events("state")[0]["text"], "fresh -> stale")
    case.stub.control("base-fail=")
    watch.until("it is fresh", lambda w: len(w.events("state")) == 2)
    equal(watch.events("state")[1]["text"], "stale -> fresh")


def test_it_survives_the_daemon(case):
    started(case)
    watch = Watch(case)
    case.stop(signal.SIGKILL)
    watch.until("nobody feeds", lambda w: w.events("unfed"))
    next_day(case, DAYS[1])
    case.start()
    watch.until("all rows", lambda w: len(w.events("numbers")) == len(BOOK))
    assert watch.events("fed"), watch.text()
    equal(len(watch.events("unfed")), 1)


def test_it_follows_a_board_that_began_anew(case):
    started(case)
    watch = Watch(case)
    case.stop()
    equal(case.run("--purge").returncode, 0)
    next_day(case, DAYS[1])
    case.start()
    watch.until("all rows", lambda w: set(bases(w.events("numbers"))) ==
                set(BOOK))
    next_day(case, DAYS[2])
    watch.until("all again",
                lambda w: [e for e in w.events("numbers")
                           if e["published"] == DAYS[2]])


def test_other_currencies_are_told_and_watched(case):
    started(case)
    watch = Watch(case)
    case.write_conf(["NOK", "EUR", "USD", "HUF"], refresh="200ms")
    case.daemon.send_signal(signal.SIGHUP)
    watch.until("others", lambda w: w.events("currencies"))
    equal(watch.events("currencies")[0]["text"], "+HUF, -PLN, -CZK")
    watch.until("new numbers", lambda w: {"HUF", "NOK"} <= set(
        bases(w.events("numbers"))))
    changes = [change for event in watch.events("numbers")
               if event["base"] == "NOK" for change in event["changes"]]
    equal([(c["quote"], c["old"], c["percent"]) for c in changes],
          [("HUF", None, None)], "the others are the same")
    seen = len(watch.events())
    next_day(case, DAYS[1])
    watch.until("changes", lambda w: {"NOK", "EUR", "USD", "HUF"} ==
                set(bases(w.events()[seen:])))


def test_csv_and_keyvalue_are_for_programs(case):
    started(case)
    table, pairs = (Watch(case, "EUR", "-n", "1", form=form)
                    for form in ("csv", "keyvalue"))
    next_day(case, DAYS[1])
    equal((table.end(), pairs.end()), (0, 0))
    records = list(csv.DictReader(io.StringIO(table.text())))
    equal([r["quote"] for r in records], BOOK[1:])
    equal({(r["event"], r["base"], r["published"]) for r in records},
          {("numbers", "EUR", DAYS[1])})
    block = dict(line.split("=", 1)
                 for line in pairs.text().rstrip("\n").splitlines())
    assert pairs.text().endswith("\n\n"), "a block has an end"
    equal(float(block["changes.USD.new"]), case.stub.rates("EUR")["USD"])


def test_it_ends_quietly(case):
    started(case)
    for number in (signal.SIGINT, signal.SIGTERM):
        watch = Watch(case)
        equal(watch.end(number), -number)
        equal(watch.errors.read_text(), "")


def test_it_ends_when_its_reader_does(case):
    """At once, not with the next change."""
    started(case, refresh="1h")
    for form in ("json", "table"):
        with subprocess.Popen(
                case.ctl_arguments("watch", "-f", form),
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=clean_environment()) as process:
            case.started.append(process)
            process.stdout.close()
            equal(process.wait(timeout=PATIENCE), -signal.SIGPIPE)
            equal(process.stderr.read(), b"")


def test_time_ends_it(case):
    started(case)
    result = case.ctl("watch", "--timeout", "300ms")
    equal((result.returncode, result.stdout), (0, ""))
    result = case.ctl("watch", "-n", "3", "--timeout", "300ms")
    equal((result.returncode, result.stderr),
          (1, "ratesctl: 0 of 3 events after 300ms\n"))


def test_wrong_usage_is_told(case):
    started(case)
    for arguments, status in ((["-n", "0"], 2), (["-n", "x"], 2),
                              (["XXX"], 4), (["--symbols", "EUR,,USD"], 2),
                              (["--top", "-f", "json"], 2),
                              (["-f", "lines"], 2)):
        result = case.ctl("watch", *arguments)
        equal((result.returncode, result.stdout), (status, ""), arguments)
    result = case.ctl("watch", "--top")
    equal((result.returncode, result.stderr),
          (1, "ratesctl: watch --top: standard output is no terminal\n"))


# --- the screen --------------------------------------------------------------


@contextlib.contextmanager
def top(case, *arguments, columns=80, rows=24, **environment):
    terminal = Terminal(case, case.ctl_arguments("watch", "--top", *arguments),
                        columns, rows, **environment)
    try:
        terminal.shows("q quit" if columns >= 40 else "1 EUR")
        yield terminal
    finally:
        terminal.close()


def line_of(terminal, begin):
    return next((line for line in terminal.screen.lines()
                 if line.startswith(begin)), "")


def test_the_screen_shows_the_board_and_its_changes(case):
    started(case)
    for columns, colour in ((80, True), (200, False)):
        next_day(case, DAYS[0 if columns == 80 else 2])
        environment = {} if colour else {"NO_COLOR": "1"}
        with top(case, columns=columns, **environment) as terminal:
            lines = terminal.screen.lines()
            contains(lines[0], f"ratesd {case.instance}  fed by pid "
                               f"{case.daemon.pid} for ")
            contains(lines[1], "5 rows: 5 fresh  queue ")
            contains(lines[2], "workers  0 ")
            equal(lines[4].split()[:5], BOOK)
            next_day(case, DAYS[1 if columns == 80 else 3])
            eur = case.stub.rates("EUR")
            terminal.until("a new number", lambda: f"{eur['USD']:.5f}" in
                           line_of(terminal, "1 EUR"))
            # Marks are there with and without colour.
            terminal.until("what moved", lambda: any(
                mark in line_of(terminal, "1 USD") for mark in "^v"))
            equal(bool(terminal.screen.colours - {""}), colour, "colour")
            if columns == 200:
                contains(terminal.screen.text(), "TREND")
            terminal.type("q")
            equal(terminal.end(), 0)
            assert terminal.restored(), terminal.raw[-200:]


def test_numbers_are_blocks_only_in_utf8(case):
    started(case)
    with top(case, "EUR", "--symbols", "USD,PLN", LC_ALL="C.UTF-8") as utf8, \
            top(case, "EUR", "--symbols", "USD,PLN") as plain:
        for day in DAYS[1:]:
            next_day(case, day)
            for terminal in (utf8, plain):
                rate = case.stub.rates("EUR")["PLN"]
                terminal.shows(f"{rate:.5f}")
        utf8.until("blocks", lambda: "\u2581" in utf8.screen.text())
        plain.read(0.1)
        assert plain.raw.isascii(), "no blocks"
        contains(line_of(plain, "EUR/PLN"), "_")


def test_keys_move_pause_and_explain(case):
    started(case)
    with top(case, rows=10) as terminal:
        assert line_of(terminal, "1 EUR")
        terminal.type("\x1b[B")
        terminal.until("scrolled", lambda: not line_of(terminal, "1 EUR"))
        terminal.type("g")
        terminal.shows("1 EUR")
        terminal.type("?")
        terminal.shows("one row up")
        terminal.type("?\t")
        terminal.shows("EUR/USD")
        terminal.type("\t ")
        terminal.until("it pauses", lambda: "PAUSED" in terminal.screen.text()
                       and line_of(terminal, "1 EUR"))
        before = line_of(terminal, "1 EUR")
        version = case.rows()["EUR"]["version"]
        next_day(case, DAYS[1])
        wait_until("new numbers",
                   lambda: case.rows()["EUR"]["version"] > version + 1)
        terminal.read(0.2)
        equal(line_of(terminal, "1 EUR").split()[:6], before.split()[:6])
        terminal.type("+")
        rate = f"{case.stub.rates('EUR')['USD']:.5f}"
        terminal.until("it goes on",
                       lambda: rate in line_of(terminal, "1 EUR"))
        terminal.type("q")
        equal(terminal.end(), 0)


def test_it_takes_the_size_that_there_is(case):
    started(case)
    with top(case, columns=80) as terminal:
        contains(line_of(terminal, "1 EUR"), "stub")
        for columns, rows in ((20, 5), (200, 50), (1, 1), (8, 3), (80, 24)):
            terminal.screen.cells.clear()
            terminal.size(columns, rows)
            if rows >= 3:
                terminal.until(f"{columns}x{rows}", lambda: (
                    line_of(terminal, "1 EUR"[:columns])
                    and len(terminal.screen.lines()) <= rows))
            for line in terminal.screen.lines():
                assert len(line) <= columns, (columns, line)
            assert len(terminal.screen.lines()) <= rows, (rows, "lines")
        terminal.type("q")
        equal(terminal.end(), 0)


def test_any_end_leaves_the_terminal_as_it_was(case):
    started(case)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP,
                   signal.SIGQUIT, signal.SIGABRT, signal.SIGSEGV,
                   signal.SIGPIPE, signal.SIGUSR1):
        with top(case) as terminal:
            assert terminal.taken() and terminal.screen.alternate
            terminal.kill(number)
            status = terminal.end()
            # Sanitizers have a word in a crash.
            if number not in (signal.SIGABRT, signal.SIGSEGV):
                equal(status, -number)
            assert terminal.restored(), (number, terminal.raw[-200:])
    with top(case) as terminal:
        terminal.type("\x03")
        equal(terminal.end(), -signal.SIGINT)
        assert terminal.restored(), "Ctrl-C"


def test_a_truncated_board_is_told_on_the_usual_screen(case):
    started(case)
    with top(case) as terminal:
        os.truncate(case.board_file(), 0)
        equal(terminal.end(), 3)
        assert terminal.restored(), terminal.raw[-200:]
        equal(terminal.screen.text().count("truncated while it was read"), 1)


def test_stopped_it_gives_the_terminal_back_and_takes_it_again(case):
    started(case)
    with top(case) as terminal:
        for _ in range(2):
            terminal.type("\x1a")
            terminal.until("it stops", lambda: terminal.state() == "T")
            terminal.drain()
            assert terminal.restored(), terminal.raw[-200:]
            terminal.kill(signal.SIGCONT)
            terminal.until("it is back", lambda: terminal.screen.alternate
                           and line_of(terminal, "1 EUR"))
            assert terminal.taken() and not terminal.screen.cursor
        # Not by its own doing: whoever stops it so sees what there is.
        terminal.kill(signal.SIGSTOP)
        terminal.until("it stops", lambda: terminal.state() == "T")
        terminal.screen.cells.clear()
        terminal.kill(signal.SIGCONT)
        terminal.shows("1 EUR")
        terminal.type("q")
        equal(terminal.end(), 0)
        assert terminal.restored()


def test_it_ends_with_its_terminal(case):
    started(case)
    with top(case) as terminal:
        pid = terminal.pid
        os.close(terminal.slave)
    wait_until("it ends", lambda: not alive(pid))


def test_the_screen_survives_the_daemon(case):
    started(case)
    with top(case) as terminal:
        case.stop(signal.SIGKILL)
        terminal.shows("nobody feeds this board")
        next_day(case, DAYS[1])
        case.start()
        rate = f"{case.stub.rates('EUR')['USD']:.5f}"
        terminal.until("it goes on",
                       lambda: rate in line_of(terminal, "1 EUR"))
        case.write_conf(["HUF", "USD"], refresh="200ms")
        case.daemon.send_signal(signal.SIGHUP)
        terminal.shows("1 HUF")
        assert not line_of(terminal, "1 EUR")
        terminal.type("q")
        equal(terminal.end(), 0)


def test_a_terminal_that_can_not_place_text_is_refused(case):
    started(case)
    terminal = Terminal(case, case.ctl_arguments("watch", "--top"),
                        TERM="dumb")
    equal(terminal.end(), 1)
    contains(terminal.screen.text(), "TERM is unset or dumb")
    assert terminal.restored()
    terminal.close()


# --- progress, show, status --------------------------------------------------


def test_who_waits_at_a_terminal_sees_how_far_it_is(case):
    started(case, refresh="1h")
    case.stub.control("hold-base=NOK")
    terminal = Terminal(case, case.ctl_arguments("refresh", "--wait"))
    terminal.shows("4 of 5 rows, waiting for NOK ... ")
    case.stub.control("hold-base=")
    equal(terminal.end(), 0)
    equal(terminal.screen.text(), "", "it is taken away")
    terminal.close()


def test_who_waits_at_a_terminal_sees_that_there_is_no_board(case):
    terminal = Terminal(case, case.ctl_arguments("wait"))
    terminal.shows(f"instance {case.instance}: waiting for a board")
    started(case, refresh="1h")
    equal(terminal.end(), 0)
    equal(terminal.screen.text(), "", "it is taken away")
    terminal.close()


def test_progress_is_for_people_alone(case):
    started(case, refresh="1h")
    case.stub.control("hold-base=NOK")
    asked = case.ctl("refresh", "NOK", "--wait", "--timeout", "1s")
    equal((asked.returncode, asked.stderr),
          (1, "ratesctl: no answer after 1s: NOK\n"))
    terminal = Terminal(case, case.ctl_arguments(
        "refresh", "NOK", "-q", "--wait", "--timeout", "1s"))
    equal((terminal.end(), terminal.raw), (1, b""))
    terminal.close()


def test_tables_fit_the_terminal(case):
    case.stub = Stub(case.directory, "--synthetic", "170")
    case.started.append(case.stub.process)
    codes = case.stub.json("/codes")
    equal(len(codes), 170)
    for count in (1, 33, 170):
        case.write_conf(codes[:count], refresh="1h")
        case.start()
        for columns in (40, 80, 200):
            show = case.ctl("show", COLUMNS=str(columns)).stdout.splitlines()
            for line in show:
                assert len(line) <= columns, (columns, line)
            equal(len([s for s in show if s.startswith("1 ")]), count)
            hidden = [s for s in show if "not shown" in s]
            shown = len(show[0].split()) - 2
            equal(shown + sum(int(s.split()[0]) for s in hidden), count)
        wide = case.ctl("show", "--wide", COLUMNS="40").stdout.splitlines()
        equal(len(wide[0].split()) - 2, count, "--wide")
        # A few rows are shown whole.
        few = case.ctl("show", codes[0], COLUMNS="80").stdout
        assert "not shown" not in few
        for code in codes[:count]:
            contains(few, code)
        case.stop()


def test_colours_are_asked_for_or_left_out(case):
    started(case)
    for arguments, environment, wanted in (
            ([], {}, False), (["--color", "always"], {}, True),
            ([], {"CLICOLOR_FORCE": "1"}, True),
            ([], {"FORCE_COLOR": "1"}, True),
            ([], {"FORCE_COLOR": "0"}, False),
            ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
            (["--color", "never"], {"FORCE_COLOR": "1"}, False)):
        for command in ("show", "status"):
            got = case.ctl(command, *arguments, **environment).stdout
            equal("\x1b[" in got, wanted, (command, arguments, environment))


run(globals())
