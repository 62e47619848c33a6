"""ratesctl check: each verdict, and its output by the guideline's grammar."""

import os
import signal
import subprocess
import time

from harness import (BOOK, BUILD, clean_environment, contains, equal, run,
                     wait_until)
from perfdata import Output, Wrong, alerts, read_data, read_range
from scripted import Server, begin
from several import begin_empty, dated, failing, section, write_chain
from surroundings import WallClock

DAY = 86400
MODES = ("age", "coverage", "frozen", "source", "workers")


def look(case, *arguments):
    """One run, while the state moves."""
    return Output(case.ctl("check", *arguments))


def check(case, *arguments, status=None, **environment):
    """The output; in each run also the same by the plugin's own name."""
    got = Output(case.ctl("check", *arguments, **environment))
    link = case.directory / "check_rates"
    if not link.exists():
        link.symlink_to(BUILD / "ratesctl")
    same = Output(subprocess.run(
        [link, "-i", case.instance, *map(str, arguments)], text=True,
        capture_output=True, timeout=60, check=False,
        env=clean_environment(**environment)))
    equal((same.status, same.data.keys()), (got.status, got.data.keys()))
    if status is not None:
        equal(got.status, status, f"status of {arguments}: {got.text}")
    for datum in got.data.values():
        assert datum.status() <= got.status, (datum.label, got.text)
    return got


def each_mode(case, **wanted):
    """All modes: name -> output, with the status wanted of each."""
    got = {mode: check(case, "--mode", mode, "-v") for mode in MODES}
    equal({mode: out.status for mode, out in got.items()}, wanted)
    return got


def day(ago):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - DAY * ago))


def clock(ago):
    return time.strftime("%H:%M", time.gmtime(time.time() - ago))


def test_the_grammar_refuses_what_is_none(case):
    for text in ("'a=1", "a b=1", "a=1x", "a=1,5", "a=1e5", "a=", "=1",
                 "'a'b'=1", "a=1;x", "a=1;5:3", "a=1 a=2", "a=1;2;3;4;5;6",
                 "a=3;;;;2", "a=Us", "a=1.5c", "a=+1", "a=1;@"):
        try:
            read_data(text)
        except Wrong:
            continue
        raise AssertionError(f"{text!r} was read")
    data = read_data("a=1 'b c'=2.5s;~:3;@4:5;0;9 'd''e'=U c=12c;;;0")
    equal(list(data), ["a", "b c", "d'e", "c"])
    equal(read_range("@-5:"), (True, -5, float("inf")))
    equal([alerts(text, 10) for text in
           ("10", "9", "10:", "11:", "~:10", "@10", "@11:", "@5:15", "5:9")],
          [False, True, False, True, False, True, False, True, True])


def test_a_good_board_is_ok_in_each_mode(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    # The rows may be there before the last worker is.
    wait_until("all workers live", lambda: len(case.workers()) == 4)
    got = each_mode(case, age=0, coverage=0, frozen=0, source=0, workers=0)
    age = got["age"].data
    equal((age["age"].unit, age["age"].min, age["rows"].value,
           age["fresh"].value, age["stale"].value), ("s", 0, 5, 5, 0))
    equal(len(got["age"].details), 5)
    coverage = got["coverage"].data
    equal((coverage["coverage"].value, coverage["coverage"].unit,
           coverage["numbers"].value, coverage["numbers"].max),
          (100, "%", 20, 20))
    source = got["source"].data
    equal((source["unusable"].value, source["stub requests"].value,
           source["stub requests"].unit),
          (0, case.stub.json("/stats")["total"], "c"))
    workers = got["workers"].data
    equal((workers["live"].value, workers["live"].max,
           workers["queue"].value is None, workers["set_aside"].value),
          (4, 4, False, 0))
    equal(check(case, status=0).data.keys(), age.keys(), "the default")
    equal(check(case, "EUR", "USD/PLN", status=0).data["rows"].value, 2)


def test_ranges_are_judged_as_the_guideline_has_them(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    for ranges, status, warn, crit in (
            (("-w", "26h", "-c", "74h"), 0, "93600", "266400"),
            (("-w", "26h"), 0, "93600", ""),
            (("-w", "0:1ms", "-c", "3d"), 1, "0.001", "259200"),
            (("-w", "0", "-c", "0"), 2, "0", "0"),
            (("-c", "3600:"), 2, "", "3600:"),
            (("-c", "~:1h"), 0, "", "~:3600"),
            (("-w", "@0:1h", "-c", "1d"), 1, "@3600", "86400"),
            (("-w", "@1h:", "-c", "1d"), 0, "@3600:", "86400"),
            (("-w", "90s:3d",), 1, "90:259200", ""),
            (("-w", "-5:0.001", "-c", "9999"), 1, "-5:0.001", "9999")):
        datum = check(case, *ranges, status=status).data["age"]
        equal((datum.warn, datum.crit), (warn, crit), str(ranges))
        equal(datum.status(), status, str(ranges))
    for mode, ranges, status in (
            ("coverage", ("-c", "100:"), 0), ("coverage", ("-w", "99"), 1),
            ("workers", ("-w", "5:", "-c", "4:"), 1),
            ("workers", ("-c", "5:"), 2), ("workers", ("-w", "1:4"), 0),
            ("source", ("-w", "0", "-c", "1"), 0),
            ("source", ("-c", "@0"), 2),
            ("frozen", ("-w", "10d"), 0), ("frozen", ("-c", "1ms"), 2)):
        check(case, "--mode", mode, *ranges, status=status)


def test_wrong_usage_is_unknown_in_one_line(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    for arguments in (
            ("--mode", "ages"), ("--mode",), ("-w", "x"), ("-w", ""),
            ("-w", "5:3"), ("-c", "@"), ("-c", "1e400"), ("-w", "1:2:3"),
            ("--mode", "workers", "-w", "26h"), ("--mode", "workers", "EUR"),
            ("--nonsense",), ("-x",), ("XXX",), ("EUR/XXX",), ("EUR/",),
            ("-t", "0"), ("-t", "soon"), ("--clock", "wall"),
            ("--format", "json"), ("--mode", "source", "other"),
            ("-i", "no such/name"), ("--timeout=-1",)):
        got = check(case, *arguments, status=3)
        equal((got.details, arguments[:2] != ("--mode", "source") and
               got.data), ([], arguments[:2] != ("--mode", "source") and {}))
    # No bar of a user's word begins data.
    for arguments in (("-w", "a|b=1"), ("--|x=1",), ("--mode", "|x=1"),
                      ("E|x=1",), ("--mode", "workers", "a|b=1")):
        equal(check(case, *arguments, status=3).data, {})
    check(case, "-t", "5", status=0)
    check(case, "-t", "9500ms", status=0)


def test_help_and_version_of_the_plugin_are_unknown(case):
    link = case.directory / "check_rates"
    link.symlink_to(BUILD / "ratesctl")
    for option in ("-h", "--help", "-V", "--version"):
        got = subprocess.run([link, option], capture_output=True, text=True,
                             check=False)
        equal((got.returncode, got.stderr), (3, ""), option)
        contains(got.stdout, "check_rates")
        assert "ratesctl" not in got.stdout, got.stdout
        equal(case.ctl("check", option).returncode, 0, option)


def test_the_plugin_speaks_of_itself(case):
    link = case.directory / "check_rates"
    link.symlink_to(BUILD / "ratesctl")
    for words, told in {
            "-H localhost": "unknown option '-H'; see 'check_rates --help'",
            "--host=x": "unknown option '--host'; see 'check_rates --help'",
            "--warn 5 --publishd": "unknown option '--publishd'; see",
            "--wide": "check_rates takes no --wide",
            "--tops": "unknown option '--tops'; see 'check_rates --help'",
            "--modes age": "did you mean '--mode'?"}.items():
        got = subprocess.run([link, *words.split()], capture_output=True,
                             text=True, check=False)
        equal((got.returncode, got.stderr), (3, ""), words)
        contains(got.stdout, f"RATES UNKNOWN - {told}"
                 if "?" not in told else told)
        assert "ratesctl" not in got.stdout, got.stdout


def test_no_board_and_nobody_who_feeds_it_are_critical(case):
    for mode in MODES:
        got = check(case, "--mode", mode, status=2)
        contains(got.text, "no board")
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    case.stop()
    got = each_mode(case, age=2, coverage=2, frozen=2, source=2, workers=2)
    for out in got.values():
        contains(out.text, "nobody feeds this board")
    equal(got["workers"].data["live"].value, 0)


def test_a_board_of_another_kind_is_unknown(case):
    case.board_file().write_bytes(b"nothing of ours" * 100)
    try:
        check(case, status=3)
    finally:
        case.board_file().unlink()


def test_empty_rows_and_sources_left_alone(case):
    with Server(BOOK, default=failing("402 Payment Required")) as server:
        write_chain(case, [section("none", server.url())])
        begin_empty(case)
        wait_until("each row was tried", lambda: all(
            row["error"] for row in case.rows().values()))
        wait_until("all workers are in their loop",
                   lambda: len(case.workers()) == 4)
        got = each_mode(
            case, age=2, coverage=2, frozen=0, source=2, workers=0)
    equal((got["age"].data["age"].value, got["age"].data["empty"].value),
          (None, 5))
    contains(got["age"].text, "empty: EUR, USD")
    equal(got["coverage"].data["coverage"].value, 0)
    equal(got["coverage"].data["rows_without"].value, 5)
    contains(got["source"].text, "none: left alone")
    check(case, "EUR/USD", status=2)


def test_stale_rows_are_critical_unless_ranges_say_else(case):
    case.start_stub()
    case.write_conf(refresh="1s", **{"stale-after": "2s"})
    case.start()
    case.stub.control("fail=500:100")
    wait_until("all is stale", lambda: look(case).data["stale"].value == 5)
    contains(check(case, status=2).text, "stale: EUR, USD")
    check(case, "-w", "1d", status=0)
    # Of a source that is left alone by then not each row was asked for.
    details = check(case, "-v", "-w", "1d").details
    assert any("then http: " in line for line in details), details


def test_missing_numbers_and_pairs(case):
    case.start_stub()
    case.write_conf(currencies=[*BOOK, "XTS"], refresh="1h")
    begin_empty(case)
    wait_until("the others are there", lambda: all(
        row["version"] > 0 for base, row in case.rows().items()
        if base != "XTS"))
    got = check(case, "--mode", "coverage", status=2)
    equal((got.data["numbers"].value, got.data["numbers"].max,
           got.data["coverage"].value, got.data["rows_without"].value),
          (20, 30, 66.66, 1))
    check(case, "--mode", "coverage", "EUR", status=1)
    check(case, "--mode", "coverage", "EUR/USD", status=0)
    check(case, "--mode", "coverage", "EUR/XTS", status=2)
    check(case, "--mode", "coverage", "-w", "60:", "-c", "50:", status=0)
    check(case, "EUR/USD", status=0)
    contains(check(case, "EUR/XTS", status=2).text, "no number: EUR/XTS")


def test_what_is_held_back_is_a_warning(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    check(case, status=0)
    # Another day of the data, with numbers far from those.
    case.stub.control("serial=1")
    case.ctl("refresh", "EUR", "--wait")
    contains(check(case, status=1).text, "held back: EUR; ")
    check(case, "USD", status=0)


def test_a_late_publication_is_a_warning(case):
    with Server(BOOK, default=dated(day(4))) as server:
        begin(case, server, source=f'publishes = "{clock(7200)} UTC"',
              **{"late-after": "1m"})
        contains(check(case, status=1).text, "late: EUR")
        check(case, "--clock", "published", "-w", "10d", status=1)
        check(case, "--clock", "published", "-w", "3d", "-c", "10d", status=1)
        check(case, "--clock", "published", "-c", "3d", status=2)
        server.default = dated(day(0))
        equal(case.ctl("refresh", "--wait").returncode, 0)
        # A day begins up to 24 hours before what is published on it.
        got = check(case, "--clock", "published", "-c", "1ms", status=0)
        equal(got.data["age"].crit, "", "nothing was judged")


def test_a_closed_row_is_no_alert_by_its_own_age(case):
    gone = time.strftime("%a", time.gmtime(time.time() - 3 * DAY)).lower()
    with Server(BOOK, default=dated(day(3))) as server:
        begin(case, server, source=f'publishes = "10:00 UTC {gone}"',
              **{"late-after": "1m"})
        got = check(case, "--clock", "published", "-w", "1h", "-c", "2h",
                    status=0)
        equal(got.data["closed"].value, 5)
        assert got.data["age"].value > 2 * DAY, got.text
        check(case, "--mode", "frozen", "-c", "1ms", status=0)
        # By the other clock it is as old as its last answer.
        check(case, "-c", "1ms", status=2)


def test_frozen_numbers_are_a_warning(case):
    wall = WallClock(case)
    wall.jump(-5 * DAY)
    with Server(BOOK, default=dated(day(5))) as server:
        case.start_stub()
        write_chain(case, [section(
            "stub", server.url(), publishes=f"{clock(7200)} UTC")],
            refresh="1h", late_after="1m")
        case.start(**wall.environment)
        wall.jump(0)
        server.default = dated(day(0))
        equal(case.ctl("refresh", "--wait").returncode, 0)
        # The supervisor looks at the calendar again after a while.
        got = wait_until("its calendar is of today", lambda: [
            out for out in [look(case, "--mode", "frozen")]
            if out.status == 1 and out.data["frozen"].value == len(BOOK)])[0]
        contains(got.text, "frozen: EUR, USD")
        equal(got.data["frozen"].value, 5)
        contains(check(case, status=1).text, "frozen: EUR")
        # Its age is by a clock that nobody sets.
        check(case, "--mode", "frozen", "-c", "1h", status=0)


def throttle(exchange):
    return exchange.reply("Retry-After: 600", status="429 Slow Down")


def test_sources_throttled_and_used_up(case):
    case.start_stub()
    with Server(BOOK) as first:
        write_chain(case, [
            section("first", first.url()),
            section("second", case.stub.url(), quota=5)], refresh="1h")
        case.start()
        first.default = throttle
        case.ctl("refresh", "USD", "--wait")
        got = check(case, "--mode", "source", status=1)
        contains(got.text, "first: throttled until")
        equal(got.data["unusable"].value, 1)
        check(case, "--mode", "source", "second", status=0)
        check(case, "--mode", "source", "first", status=2)
        equal((got.data["second quota used"].value,
               got.data["second quota used"].max), (1, 5))
        for _ in range(2):
            case.ctl("refresh", "--wait")
        contains(check(case, "--mode", "source", status=2).text,
                 "second: quota used up")


def test_workers_that_are_not_in_their_loops(case):
    case.program = "ratesd-fault"
    case.start_stub()
    case.write_conf(refresh="1h")
    # Some take their time to begin.
    case.start(wait=False, RATESD_FAULT="worker.start:1:sleep=6000",
               RATESD_FAULT_LIMIT=f"{case.directory}:3")
    got = wait_until("all but three are there", lambda: [
        out for out in [look(case, "--mode", "workers", "-v")]
        if out.data and out.data["live"].value == 1])[0]
    equal((got.status, got.data["live"].max), (1, 4))
    contains(got.text, "1 of 4 workers live")
    equal(sum(": starting for" in line for line in got.details), 3)
    down = [line.split(":")[0] for line in got.details if "starting" in line]
    for worker in down:
        contains(got.text, f"{worker}: starting for")
    assert ": idle" not in got.text, got.text
    wait_until("they are there", lambda: look(
        case, "--mode", "workers").status == 0)
    pid = case.workers()[0]
    os.kill(pid, signal.SIGKILL)
    wait_until("another one is there", lambda: case.workers().get(
        0, pid) != pid)
    got = check(case, "--mode", "workers", "-v", status=0)
    equal(got.data["restarts"].value, 1)
    assert "worker" not in got.text.split("4 of 4")[0], got.text
    contains("\n".join(got.details), ", last exit signal 9, 1 restarts")


run(globals())
