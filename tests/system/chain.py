"""A chain of sources: whose numbers the rows have when some of them fail."""

import json
import threading
import time

from harness import BOOK, Stub, contains, equal, run, wait_until
from scripted import Server, good, reload
from several import (DAY, await_source, begin_empty, dated, error_of, failing,
                     own_port, refresh, refused_url, section, served_by,
                     write_chain)

# In flight at once when the breaker closes there may be every other row's.
BEFORE_CLOSED = 4 + len(BOOK)


def states(case):
    return {row["state"] for row in case.rows().values()}


def test_the_first_source_goes_down_and_comes_back(case):
    first = case.start_stub("--port", own_port())  # to be had again
    with Server(BOOK) as second:
        write_chain(case, [section("first", first.url()),
                           section("second", second.url())],
                    refresh="500ms", stale_after="5s", max_jump="off")
        second.default = dated("2026-04-13")
        case.start()
        await_source(case, "first")
        equal(len(second.requests), 0, "requests to the second")
        first.process.terminate()
        first.process.wait(timeout=10)
        end = time.monotonic() + 7  # or a row that nobody serves isn't stale
        while time.monotonic() < end:
            equal(states(case), {"fresh"}, "states, without the first")
            time.sleep(0.1)
        await_source(case, "second")
        back = Stub(case.directory, "--port", first.port, name="back")
        case.started.append(back.process)
        while not served_by(case, "first"):
            equal(states(case), {"fresh"}, "states, until it is back")
            assert time.monotonic() < end + 30, "it doesn't return"
            time.sleep(0.1)
        equal(case.counter("restarts"), 0)


def test_when_all_are_down_everything_is_readable(case):
    with Server(BOOK) as first, Server(BOOK) as second:
        write_chain(case, [section("first", first.url()),
                           section("second", second.url())],
                    refresh="500ms", stale_after="1s")
        case.start()
        first.default = second.default = failing("500 Oops")
        wait_until("all rows are stale", lambda: states(case) == {"stale"})
        # Not each is asked for before both are left alone.
        before = wait_until("some say why", lambda: {
            base: row for base, row in case.rows().items() if row["error"]})
        asked = len(second.requests)
        wait_until("it goes on asking", lambda: len(second.requests) > asked,
                   timeout=80)
        after = case.rows()
        for base, row in before.items():
            for key in ("rates", "fetched", "changed", "version"):
                equal(after[base][key], row[key], f"{base} {key}")
            error_of(case, base, "http: status 500")
        equal(case.ctl("get", "EUR", "USD").returncode, 0, "get")
        equal(case.ctl("get", "EUR", "USD", "--max-age", "1s").returncode, 5,
              "get --max-age")
        first.default = good
        wait_until("all rows are from the first",
                   lambda: served_by(case, "first"), timeout=80)
        wait_until("all rows are fresh", lambda: states(case) == {"fresh"})


def test_a_dead_source_is_asked_little_and_taken_back_by_one_probe(case):
    with Server(BOOK) as first, Server(BOOK) as second:
        probe, go_on = threading.Event(), threading.Event()

        def hold(exchange):
            probe.set()
            go_on.wait(8)
            return exchange.reply()

        write_chain(case, [section("first", first.url()),
                           section("second", second.url())],
                    refresh="300ms", timeout="10s")
        first.default = failing("500 Oops")
        case.start()
        wait_until("the second serves", lambda: len(second.requests) > 40)
        asked = len(first.requests)
        print(f"# {asked} requests to the dead one")
        # Probes come after 0.75 s at least, then after twice as long.
        assert 5 <= asked <= BEFORE_CLOSED + 6, asked
        first.default = hold
        wait_until("a probe", probe.is_set, timeout=80)
        probes = len(first.requests)
        served = len(second.requests)
        wait_until("others go on", lambda: len(second.requests) > served + 20)
        equal(len(first.requests), probes, "requests during the probe")
        equal(go_on.is_set(), False)
        go_on.set()
        await_source(case, "first")
        served = len(second.requests)
        refresh(case)
        refresh(case)
        equal(len(second.requests), served, "requests to the second, after it")


def test_mirrors_are_tried_before_the_next_source(case):
    with Server(BOOK) as bad, Server(BOOK) as mirror, Server(BOOK) as second:
        bad.default = failing("502 Bad Gateway")
        write_chain(case, [
            section("first", refused_url(),
                    f'mirrors = {{"{bad.url()}", "{mirror.url()}"}}'),
            section("second", second.url())])
        case.start()
        await_source(case, "first")
        equal(len(bad.requests), len(BOOK), "requests to the first mirror")
        equal(len(mirror.requests), len(BOOK), "requests to the last one")
        equal(len(second.requests), 0, "requests to the next source")
        # An answer that says no is the source's, whoever of them gives it.
        bad.default = failing("404 Not Found")
        refresh(case)
        await_source(case, "second")
        equal(len(mirror.requests), len(BOOK), "requests after a 404")
        equal(len(second.requests), len(BOOK))


def test_a_worse_source_does_not_bring_back_older_rates(case):
    with Server(BOOK) as first, Server(BOOK) as second:
        first.default = dated("2026-04-13")
        second.default = dated("2026-04-10", 1.01)
        write_chain(case, [section("first", first.url()),
                           section("second", second.url())])
        case.start()
        await_source(case, "first")
        before = case.rows()
        first.default = failing("500 Oops")
        refresh(case, status=1)
        equal(len(second.requests), len(BOOK), "requests to the second")
        for base, row in case.rows().items():
            for key in ("rates", "source", "published", "fetched", "version"):
                equal(row[key], before[base][key], f"{base} {key}")
            error_of(case, base, "date: published 2026-04-10, before")
        # It may bring later ones, and then those of the better one are old.
        second.default = dated("2026-04-14", 1.01)
        refresh(case)
        await_source(case, "second")
        first.default = dated("2026-04-13")
        reload(case)
        refresh(case)
        equal({row["published"] for row in case.rows().values()},
              {"2026-04-14"}, "published")


def check_key_refused(case, first, second):
    """One request, whatever the rows ask for, until a reload."""
    case.start()
    for asked in (1, 2):
        for _ in range(3):
            refresh(case)
            equal(len(first.requests), asked, "requests with a bad key")
        await_source(case, "second")
        if asked == 2:
            first.default = good
        reload(case)
    refresh(case)
    await_source(case, "first")
    assert len(second.requests) >= 7


def test_a_source_that_refuses_the_key_is_left_alone(case):
    with Server(BOOK) as first, Server(BOOK) as second:
        first.default = failing("401 Unauthorized")
        # Of more at a time each may be on its way before the first comes back.
        write_chain(case, [section("first", first.url()),
                           section("second", second.url())],
                    workers=1, concurrency=1)
        check_key_refused(case, first, second)


def test_a_shared_source_that_refuses_the_key_is_left_alone(case):
    with Server(BOOK) as first, Server(BOOK) as second:
        first.default = failing("401 Unauthorized")
        write_chain(case, [section("first", first.url(), base="EUR"),
                           section("second", second.url(), base="EUR")])
        check_key_refused(case, first, second)


def test_an_answer_that_says_too_often_has_us_wait(case):
    """By its text alone: the status is 200, and no time is named."""
    with Server(BOOK) as server:
        server.default = failing("200 OK", "slow down")
        write_chain(case, [section("first", server.url(),
                                   'errors = {"/message"}',
                                   'error-classes = {"slow down=throttled"}')],
                    workers=1, concurrency=1)
        begin_empty(case)
        wait_until("it is asked often", lambda: len(server.requests) >= 4)
        error_of(case, "EUR", "throttled: slow down")
        times = [when for when, _ in server.requests[:4]]
        pauses = [late - early for early, late in zip(times, times[1:])]
        # From the answer on, which is a little later than the request.
        assert min(pauses) >= 1, pauses


def test_alone_it_says_why_it_is_left_alone(case):
    with Server(BOOK) as server:
        server.default = failing("401 Unauthorized", "no such key")
        write_chain(case, [section("first", server.url(), base="EUR")])
        begin_empty(case)
        wait_until("every row says why", lambda: all(
            "auth: " in (row["error"] or "") for row in case.rows().values()))
        refresh(case, status=1)
        equal(len(server.requests), 1, "requests")
        assert any("left alone for" in row["error"]
                   for row in case.rows().values())


def throttled(seconds):
    return lambda exchange: exchange.reply(
        f"Retry-After: {seconds}", status="429 Too Many", body=b"")


def refresh_in_vain(case, *options):
    """Why a refresh gave up, and after how long."""
    began = time.monotonic()
    asked = case.ctl("refresh", "--wait", *options)
    equal(asked.returncode, 1, "status")
    equal(case.ctl("refresh", "--wait", "-q", *options).stderr, "", "with -q")
    equal(len(asked.stderr.splitlines()), 1, asked.stderr)
    return asked.stderr, time.monotonic() - began


def test_refresh_does_not_wait_for_who_may_not_be_asked(case):
    with Server(BOOK) as first, Server(BOOK) as second:
        first.default = dated(DAY)
        second.default = throttled(50)
        write_chain(case, [section("first", first.url(), quota="5",
                                   rate_limit="off"),
                           section("second", second.url(),
                                   rate_limit="off")])
        case.start()
        await_source(case, "first")
        refresh(case, status=1)
        for options in ([], ["--timeout", "25s"]):
            why, took = refresh_in_vain(case, *options)
            assert took < 15, f"{took} s with {options}"
            contains(why, "ratesctl: no answer for EUR, USD, PLN, NOK, CZK: "
                     "no source may be asked now (first: quota used up until "
                     "the month ends; second: throttled until 20")
            contains(why, "Z, after throttled 429)\n")


def test_refresh_waits_for_who_may_be_asked_soon(case):
    with Server(BOOK) as server:
        server.default = dated(DAY)
        write_chain(case, [section("only", server.url(), rate_limit="off")])
        case.start()
        await_source(case, "only")
        server.default = throttled(4)
        refresh(case, status=1)
        server.default = dated(DAY)
        equal(case.ctl("refresh", "--wait").returncode, 0, "status")


def test_refresh_waits_for_the_probe_of_who_is_left_alone(case):
    with Server(BOOK) as server:
        server.default = dated(DAY)
        write_chain(case, [section("only", server.url(), rate_limit="off")],
                    timeout="25s", concurrency=1, workers=1)
        case.start()
        await_source(case, "only")
        server.default = failing("500 Oops")
        refresh(case, status=1)
        good = dated(DAY)

        def slow(exchange):
            time.sleep(2.5)
            return good(exchange)

        server.default = slow
        wait_until("it is tried", lambda: json.loads(
            case.ctl("sources", "-f", "json").stdout)["sources"][0]["state"]
            == "left alone")
        equal(case.ctl("refresh", "EUR", "--wait").returncode, 0, "status")


run(globals())
