"""Rows that share a source, and not what comes of it."""

import json
import os
import time

from harness import equal, run, wait_until
from scripted import SHORT, Server, document

CODES = ["EUR", "USD", "PLN", "CZK"]
BEFORE = {"USD": 1.1, "PLN": 4.2, "CZK": 25.0}
# Each within a fifth of what it was, and not so the one against the other.
AFTER = {"USD": 1.25, "PLN": 3.7, "CZK": 25.0}


def begin(case, server, workers=1, **environment):
    names = ", ".join(f'"{code}"' for code in CODES)
    case.conf.write_text("\n".join([
        f"currencies = {{{names}}}", 'sources = {"fixed"}', 'refresh = "1h"',
        f"workers = {workers}", 'max-jump = "20%"',
        f'source "fixed" {{ url = "{server.url()}" base = "EUR" }}']) + "\n")
    case.start(**environment)


def test_each_row_has_its_own_reason(case):
    rates, answered = dict(BEFORE), []

    def script(exchange):
        time.sleep(0.5)  # all rows wait for this one
        answered.append(time.monotonic())
        return exchange.reply(body=json.dumps(
            {"base": "EUR", "rates": rates}).encode())

    with Server(CODES, default=script) as server:
        begin(case, server)
        before = case.rows()
        asked, before_it = len(server.requests), len(answered)
        rates.update(AFTER)
        case.ctl("refresh", "--wait", "--timeout", "10s")
        rows = case.rows()
        equal(rows["EUR"]["error"], None, "EUR")
        equal(rows["CZK"]["error"], None, "CZK")
        for base in ("USD", "PLN"):
            equal(rows[base]["rates"], before[base]["rates"], base)
            assert "held until confirmed" in rows[base]["error"], \
                rows[base]["error"]
        # What is held is asked for again after 0.1 s at the earliest.
        until = answered[before_it] + 0.1
        equal(len([when for when, _ in server.requests[asked:]
                   if when < until]), 1, "requests")


def test_bases_that_are_lacking_keep_no_other_from_the_source(case):
    lacking = [f"ZZ{letter}" for letter in "ABCDEFGHIJKLMNOPQRST"]

    def script(exchange):
        if exchange.base in lacking:
            return exchange.reply(status="404 Not Found", body=b"{}")
        return exchange.reply(body=document(exchange.base, CODES))

    with Server(CODES, default=script) as server:
        case.stub = server
        case.write_conf(CODES + lacking, refresh="1s", **SHORT)
        case.start(wait=False)
        wait_until("the daemon feeds the board", case.feeds)
        for version in (1, 6):
            wait_until(f"version {version} of all that there are",
                       lambda: all(case.rows()[base]["version"] >= version
                                   for base in CODES))


def test_who_is_asked_for_while_an_answer_is_published_asks_anew(case):
    rates = dict(BEFORE)

    def script(exchange):
        return exchange.reply(body=json.dumps(
            {"base": "EUR", "rates": rates}).encode())

    def versions():
        return {base: row["version"] for base, row in case.rows().items()}

    # Whoever publishes all rows again is held up after the first of them.
    turns = f"{case.directory}/faults"
    os.mkdir(turns)
    case.program = "ratesd-fault"
    with Server(CODES, default=script) as server:
        begin(case, server, workers=2,
              RATESD_FAULT=f"publish.published:{len(CODES) + 1}:sleep=6000",
              RATESD_FAULT_LIMIT=f"{turns}:1")
        while not os.listdir(turns):
            before = versions()
            case.ctl("refresh", "EUR")
            wait_until("all rows again, or it is held up", lambda:
                       os.listdir(turns) or all(
                           now > before[base]
                           for base, now in versions().items()))
        equal(versions()["USD"], before["USD"], "USD meanwhile")
        asked = len(server.requests)
        done = case.ctl("refresh", "USD", "--wait", "--timeout", "15s")
        equal((done.returncode, done.stderr), (0, ""), "refresh")
        row = case.rows()["USD"]
        equal((row["error"], row["version"]), (None, before["USD"] + 2))
        equal(len(server.requests) - asked, 1, "requests")


run(globals())
