"""One answer for the whole board: its numbers, and how often it is asked."""

import contextlib
import decimal
import json
import os
import pathlib
import re
import signal
import subprocess
import threading

from harness import (BOOK, clean_environment, contains, equal, run,
                     wait_until)
from scripted import Server, reload
from several import (ANSWERS, DAY, SHIPPED, asker, await_source, begin_empty,
                     dated, error_of, failing, file_answer, refresh,
                     refused_url, section, write_chain)

ECB = ANSWERS / "ecb.xml"
PUBLISHED = {"EUR": "1", **dict(re.findall(
    r"currency='(\w+)' rate='([^']+)'", ECB.read_text()))}
CODES = list(PUBLISHED)
# src/source/derive.h: two readings and a division, or one and a division.
CROSS, INVERSE = decimal.Decimal(3) / 2 ** 53, decimal.Decimal(2) / 2 ** 53
PATH = "/stats/eurofxref/eurofxref-daily.xml"


def begin_ecb(case, server, **keys):
    server.default = file_answer(ECB, "Content-Type: text/xml")
    # What is recorded is late for ever: see presets.py.
    write_chain(case, [section("ecb", server.url(PATH), rate_limit="off",
                               publishes="")],
                currencies=CODES, rows="derive", **keys)
    case.start("--source-dir", SHIPPED)


def check_numbers(rows):
    decimal.getcontext().prec = 50
    exact = {code: decimal.Decimal(text) for code, text in PUBLISHED.items()}
    worst = 0
    for base, row in rows.items():
        equal(list(row["rates"]), CODES, f"{base} has")
        for code, number in row["rates"].items():
            wanted = exact[code] / exact[base]
            off = abs(decimal.Decimal(number) / wanted - 1)
            if base == code:
                equal(number, 1)
            elif base == "EUR":
                equal(number, float(PUBLISHED[code]), code)
            else:
                assert off <= (INVERSE if code == "EUR" else CROSS), \
                    f"{base} {code}: {number}, {wanted}, off by {off}"
                worst = max(worst, off)
                # Within the bound there is room for a rounding too many.
                equal(number, float(PUBLISHED[code]) / float(PUBLISHED[base]),
                      f"{base} {code}")
    print(f"# worst relative error: {worst:.3}")


def test_all_crosses_of_the_published_rates(case):
    equal(len(CODES), 30)
    with Server(CODES) as server:
        begin_ecb(case, server)
        rows = case.rows()
        equal(len(rows), 30)
        equal({row["source"] for row in rows.values()}, {"ecb"})
        equal({row["published"] for row in rows.values()}, {DAY})
        check_numbers(rows)
    equal([path for _, path in server.requests], [PATH])


def test_one_request_for_each_refresh_of_the_board(case):
    with Server(CODES) as server:
        begin_ecb(case, server, workers=4)
        whole = server.default
        equal(len(server.requests), 1, "requests of the start")
        for count in range(2, 6):
            asked, go_on = threading.Event(), threading.Event()

            def hold(exchange, asked=asked, go_on=go_on):
                asked.set()
                go_on.wait(20)
                return whole(exchange)

            # Until all rows have been asked for: a later wish is a new one.
            server.default = hold
            before = case.rows()
            equal(case.ctl("refresh").returncode, 0, "refresh")
            wait_until("it is asked", asked.is_set)
            wait_until("all rows are claimed or wait", lambda: sum(
                len(worker["jobs"]) for worker in case.status()["workers"])
                == len(CODES))
            go_on.set()
            wait_until("all rows are done", lambda: not any(
                worker["jobs"] for worker in case.status()["workers"]))
            equal(len(server.requests), count, "requests")
            after = case.rows()
            for base, row in after.items():
                equal(row["error"], None, base)
                equal(row["changed"], before[base]["changed"], base)
            server.default = whole
        check_numbers(after)


def test_a_quick_answer_is_enough_for_all_that_asked(case):
    """Even if it comes before the last row's job is on the queue."""
    with Server(CODES) as server:
        begin_ecb(case, server, workers=4)
        for count in range(2, 8):
            refresh(case)
            equal(len(server.requests), count, "requests")


def test_one_304_is_for_all_rows(case):
    with Server(CODES) as server:
        begin_ecb(case, server)
        whole = file_answer(ECB, 'ETag: "one"')
        asked = []

        def conditional(exchange):
            asked.append('If-None-Match: "one"' in exchange.request)
            if not asked[-1]:
                return whole(exchange)
            exchange.head('ETag: "one"', status="304 Not Modified")
            return True

        server.default = conditional
        refresh(case)
        before = case.rows()
        refresh(case)
        equal(asked, [False, True], "requests that name the tag")
        for base, row in case.rows().items():
            equal(row["version"], before[base]["version"] + 1, base)
            for key in ("changed", "rates", "source", "published", "error"):
                equal(row[key], before[base][key], f"{base} {key}")
        # A row that is new has not got that answer.
        write_chain(case, [section("ecb", server.url(PATH), rate_limit="off",
                                   publishes="")],
                    currencies=[*CODES, "XAU"], rows="derive")
        reload(case)
        refresh(case, status=1)
        equal(asked[2], False, "the tag with a new currency")
        check_numbers({base: {**row, "rates": {
            code: number for code, number in row["rates"].items()
            if code != "XAU"}} for base, row in case.rows().items()
            if base != "XAU"})


def test_any_base_source_is_asked_once_when_rows_are_derived(case):
    with Server(BOOK) as server:
        server.default = dated(DAY)
        write_chain(case, [section("any", server.url(), exact_base="PLN")],
                    rows="derive")
        case.start()
        equal(server.asked("PLN"), [when for when, _ in server.requests])
        equal(len(server.requests), 1, "requests")
        await_source(case, "any")
        numbers = case.rows()["PLN"]["rates"]
        for base, row in case.rows().items():
            equal(row["rates"][base], 1)
            for code, number in row["rates"].items():
                wanted = numbers[code] / numbers[base]
                assert abs(number / wanted - 1) < 1e-15, (base, code)


def test_after_the_death_of_who_asks_another_one_does(case):
    with Server(CODES) as server:
        begin_ecb(case, server, workers=4)
        whole = server.default
        deaths = []

        def kill(exchange):
            if len(deaths) == 2:
                return whole(exchange)
            deaths.append(asker(case, exchange))
            os.kill(deaths[-1], signal.SIGKILL)
            exchange.wait_for_close()
            return False

        server.default = kill
        before = case.rows()
        count = len(server.requests)
        refresh(case)
        wait_until("all rows are done", lambda: not any(
            worker["jobs"] for worker in case.status()["workers"]))
        equal(len(set(deaths)), 2, "workers that died")
        assert len(server.requests) <= count + 5, server.requests
        for base, row in case.rows().items():
            equal((row["error"], row["state"]), (None, "fresh"), base)
            assert row["fetched"] >= before[base]["fetched"], base
        check_numbers(case.rows())
        wait_until("they are replaced",
                   lambda: case.counter("restarts") == 2)


def test_a_start_that_loses_who_asks_fills_all_rows(case):
    """No row has anything yet."""
    with Server(CODES) as server:
        whole = file_answer(ECB)
        deaths = []

        def kill(exchange):
            if deaths:
                return whole(exchange)
            deaths.append(asker(case, exchange))
            with contextlib.suppress(ProcessLookupError):
                os.kill(deaths[0], signal.SIGKILL)
            exchange.wait_for_close()
            return False

        server.default = kill
        write_chain(case, [section("ecb", server.url(PATH),
                                   rate_limit="off")], currencies=CODES)
        case.start("--source-dir", SHIPPED)
        equal(len(deaths), 1)
        check_numbers(case.rows())


def test_a_shared_source_that_fails_gives_way_for_all_rows(case):
    with Server(BOOK) as first, Server(BOOK) as second:
        first.default = failing("500 Oops")
        second.default = dated(DAY)
        write_chain(case, [section("first", first.url(), base="EUR"),
                           section("second", second.url(), base="EUR")])
        case.start()
        await_source(case, "second")
        equal((len(first.requests), len(second.requests)), (1, 1), "requests")
        equal({refused(case, base) for base in BOOK},
              {("first", "http", 500, "status 500: nothing today")})


def refused(case, base):
    told = case.ctl("explain", base, base, "-f", "json")
    why = json.loads(told.stdout)["refused"]
    return why and (why["source"], why["class"], why["http"], why["text"])


def begin_watch(case):
    """The file with what it tells."""
    told = case.directory / "told"
    with told.open("wb") as out:
        watch = subprocess.Popen(
            case.ctl_arguments("watch", "-f", "json"), stdout=out,
            env=clean_environment())
    case.started.append(watch)
    wait_until("it sleeps on the board", lambda: "futex" in pathlib.Path(
        f"/proc/{watch.pid}/wchan").read_text())
    return told


def first_told(told, count):
    """The first event of each of so many rows."""
    def first():
        lines = told.read_text().rpartition("\n")[0].splitlines()
        events = {event["base"]: event
                  for event in reversed(list(map(json.loads, lines)))}
        return len(events) == count and events

    return wait_until("all rows are told of", first)


def test_all_rows_say_why_the_one_request_failed(case):
    with Server(BOOK) as server:
        server.default = dated(DAY)
        write_chain(case, [section("only", server.url(), base="EUR",
                                   publishes="")], rows="derive")
        case.start()
        await_source(case, "only")
        count = len(server.requests)
        server.default = failing("500 Oops", "back at noon")
        watch = begin_watch(case)
        told = refresh(case, status=1).stderr.splitlines()
        why = "status 500: back at noon"
        equal(len(told), len(BOOK), "rows told of")
        for line in told:
            contains(line, f"http: {why}, from only")
        equal({refused(case, base) for base in BOOK},
              {("only", "http", 500, why)})
        for base, event in first_told(watch, len(BOOK)).items():
            equal(event["event"], "failed", base)
            contains(event["text"], why)

        def counted():
            """Unless a request has begun and not ended."""
            [source] = json.loads(
                case.ctl("sources", "-f", "json").stdout)["sources"]
            return source["failures"] == source["failures_in_row"] == \
                len(server.requests) - count and source

        source = wait_until("each request is a failure", counted)
        equal((source["failure_class"], source["failure_http"]),
              ("http", 500))
        assert source["last_failure"] >= source["last_good"], source


def test_a_row_says_what_the_answer_for_all_lacks_for_it(case):
    """Also if another row's job was what it was asked for."""
    with Server(BOOK) as server:
        write_chain(case, [section("only", server.url(), base="EUR",
                                   publishes="")], rows="derive",
                    currencies=[*BOOK, "XAU", "XAG"])
        server.default = dated(DAY)
        begin_empty(case)
        wait_until("all rows were tried", lambda: all(
            row["version"] or row["error"] for row in case.rows().values()))
        refresh(case, status=1)
        for base in ("XAU", "XAG"):
            error_of(case, base, f"unsupported: the source has no {base}")


def test_a_job_that_had_to_wait_for_room_is_no_later_wish(case):
    """What came since it fell due is its answer, and a failure too."""
    with Server(CODES) as server:
        go_on = threading.Event()
        refusing = failing("401 No")

        def hold(exchange):
            go_on.wait(20)
            return refusing(exchange)

        server.default = hold
        write_chain(case, [section("only", server.url(), base="EUR")],
                    currencies=CODES, workers=1, concurrency=2,
                    timeout="14s")
        begin_empty(case)
        queue = case.status()["queue"]
        wait_until("the queue is full, or has all", lambda: case.status()
                   ["queue"]["depth"] >= min(queue["max"], len(CODES) - 2))
        watch = begin_watch(case)
        go_on.set()
        first = first_told(watch, len(CODES))
        # Before the others could be told of, they were tried again.
        seen = [event for event in first.values() if event["failures"] == 1]
        assert len(seen) > len(CODES) // 3, first
        for event in seen:
            contains(event["text"], "auth: ")
            assert "left alone" not in event["text"], event
        equal(len(server.requests), 1, "requests")


def test_a_dead_one_gives_way_as_well(case):
    with Server(BOOK) as second:
        second.default = dated(DAY)
        write_chain(case, [section("first", refused_url(), base="EUR"),
                           section("second", second.url())], rows="derive")
        case.start()
        await_source(case, "second")
        equal(len(second.requests), 1, "requests")


run(globals())
