"""Rows that are asked for while a request for them is under way."""

import signal
import subprocess
import threading
import time

from harness import BOOK, contains, equal, run, wait_until
from scripted import PATIENT, WORTH, Publication, Server, begin
from words import Words

WAIT = 20.0


def failure(exchange):
    return exchange.reply(status="500 Internal Server Error", body=b"")


def fails_after(gate):
    """A script: an answer that comes once somebody lets it."""
    def script(exchange):
        gate.wait(WAIT)
        return failure(exchange)
    return script


def ask_while_under_way(case, server, gate, then, base="EUR"):
    """Two ask for a row: the second one while the first is asked for."""
    count = len(server.asked(base))
    server.default = fails_after(gate)
    case.ctl("refresh", base)
    wait_until("it is asked for", lambda: len(server.asked(base)) > count)
    server.default = then
    case.ctl("refresh", base)
    # The one worker has the job before it has the answer.
    wait_until("the job is taken",
               lambda: case.status()["queue"]["depth"] == 0)
    gate.set()


def test_what_fails_from_before_one_asked_is_no_answer(case):
    with Server(BOOK) as server:
        begin(case, server, workers=1, **PATIENT)
        before = Words(case).row("EUR")
        count = len(server.asked("EUR"))
        ask_while_under_way(case, server, threading.Event(), server.default)
        wait_until("the row has an attempt", lambda: Words(case).row(
            "EUR")["attempts"] > before["attempts"])
        after = Words(case).row("EUR")
        equal(after["attempts"], before["attempts"] + 1, "attempts")
        equal(after["version"], before["version"] + 1, "version")
        equal(case.rows()["EUR"]["error"], None)
        equal(len(server.asked("EUR")) - count, 2, "requests")


def test_nor_is_it_while_nobody_has_the_request(case):
    gate = threading.Event()
    with Server(BOOK) as server:
        # One that takes no message while it asks.
        begin(case, server, workers=1, engine="sync", **PATIENT)
        good, count = server.default, len(server.asked("EUR"))
        server.default = fails_after(gate)
        case.ctl("refresh", "EUR")
        wait_until("it is asked for", lambda: len(server.asked("EUR")) > count)
        server.default = good
        with subprocess.Popen(case.ctl_arguments(
                "refresh", "EUR", "--wait")) as asker:
            wait_until("it has asked",
                       lambda: case.status()["queue"]["depth"] == 1)
            gate.set()
            equal(asker.wait(timeout=40), 0, "refresh")
        equal(case.counter("jobs_failed"), 1)


def test_nor_where_all_rows_share_it(case):
    publication = Publication()
    gate = threading.Event()
    with Server(list(WORTH), default=publication) as server:
        case.stub = server
        case.write_conf(list(WORTH), refresh="1h", workers=1,
                        source='base = "EUR"', **PATIENT)
        case.start()
        before = {base: Words(case).row(base) for base in ("PLN", "USD")}
        count = len(server.requests)
        server.default = fails_after(gate)
        case.ctl("refresh", "PLN", "USD")
        wait_until("it is asked", lambda: len(server.requests) > count)
        server.default = Publication("2024-04-16")
        case.ctl("refresh", "PLN", "USD")
        wait_until("the jobs are taken",
                   lambda: case.status()["queue"]["depth"] == 0)
        gate.set()
        for base, row in before.items():
            wait_until("a new version", lambda base=base, row=row: Words(
                case).row(base)["version"] > row["version"])
            after = Words(case).row(base)
            equal(after["attempts"], row["attempts"] + 1, base)
            equal(case.rows()[base]["error"], None, base)
        equal(len(server.requests) - count, 2, "requests")


def test_a_second_failure_is_told(case):
    with Server(BOOK) as server:
        begin(case, server, workers=1, **PATIENT)
        ask_while_under_way(case, server, threading.Event(), failure)
        row = wait_until("it says why", lambda: {
            base: row for base, row in case.rows().items() if row["error"]})
        equal(list(row), ["EUR"], "rows that failed")
        contains(row["EUR"]["error"], "http: status 500")


def test_who_never_stops_asking_is_told(case):
    def script(exchange):
        time.sleep(0.3)
        return failure(exchange)

    with Server(BOOK) as server:
        begin(case, server, workers=1, **PATIENT)
        server.default = script

        def ask_and_look():
            case.ctl("refresh", "EUR")
            return case.rows()["EUR"]["error"]

        contains(wait_until("it says why", ask_and_look, timeout=15),
                 "http: status 500")


def test_a_source_that_proves_well_is_asked_before_its_time(case):
    """Twelve failures in a row close it for the better part of a minute; then
    an answer comes that was under way."""
    codes = ["EUR", *(f"XA{letter}" for letter in "BCDEFGHIJKLM")]
    slow, together = threading.Event(), threading.Event()
    with Server(codes) as server:
        begin(case, server, codes, **PATIENT)
        good, count = server.default, len(server.requests)

        def script(exchange):
            if exchange.base == "EUR":
                slow.wait(WAIT)
                return good(exchange)
            return fails_after(together)(exchange)

        server.default = script
        case.ctl("refresh")
        wait_until("all are asked for",
                   lambda: len(server.requests) == count + len(codes))
        together.set()
        wait_until("twelve have failed", lambda: sum(
            row["error"] is not None for row in case.rows().values()) == 12)
        version = case.rows()["XAB"]["version"]
        case.ctl("refresh", "XAB")
        wait_until("it waits for the source", lambda: any(
            "XAB" in worker["jobs"] for worker in case.status()["workers"]))
        server.default = good
        slow.set()
        wait_until("it is asked", lambda: case.rows()["XAB"]["version"]
                   > version, timeout=15)


def test_a_machine_that_stood_still_is_no_daemon_that_ended(case):
    gate = threading.Event()
    with Server(BOOK) as server:
        begin(case, server, **PATIENT)
        count, good = len(server.asked("EUR")), server.default

        def script(exchange):
            gate.wait(WAIT)
            return good(exchange)

        server.default = script
        asker = subprocess.Popen(case.ctl_arguments("refresh", "EUR", "--wait"))
        case.started.append(asker)
        wait_until("it is asked for", lambda: len(server.asked("EUR")) > count)
        for process in (asker, case.daemon):
            process.send_signal(signal.SIGSTOP)
        wait_until("no beat was seen", lambda: case.ctl(
            "status").returncode == 3)
        # Who wakes first sees the old beat.
        asker.send_signal(signal.SIGCONT)
        time.sleep(0.2)
        case.daemon.send_signal(signal.SIGCONT)
        gate.set()
        equal(asker.wait(timeout=40), 0, "refresh")


def test_one_that_ended_is_told(case):
    gate = threading.Event()
    with Server(BOOK) as server:
        begin(case, server, **PATIENT)
        count = len(server.asked("EUR"))
        server.default = fails_after(gate)
        asker = subprocess.Popen(
            case.ctl_arguments("refresh", "EUR", "--wait"),
            stderr=subprocess.PIPE, text=True)
        case.started.append(asker)
        wait_until("it is asked for", lambda: len(server.asked("EUR")) > count)
        case.stop(signal.SIGKILL)
        _, complaint = asker.communicate(timeout=40)
        equal(asker.returncode, 3, complaint)
        contains(complaint, "nobody feeds")
        gate.set()


run(globals())
