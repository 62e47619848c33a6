"""What users of rate services complain of, each as a test of its name.

The row keeps its good numbers, says why it got no others, and recovers.
"""

import calendar
import json
import math
import time

from harness import BOOK, Skip, equal, run, wait_until
from scripted import (PATIENT, SHORT, WORTH, Publication, Server, accept, begin,
                      good, http_date, kept, moved_to, published, refuse,
                      refuse_each, reload)
from surroundings import (CERTIFICATES, WallClock, certificate,
                          start_with_file)
from words import Words

DAY = 24 * 3600


def sends(change):
    """A script: the document with its text changed."""
    return lambda exchange: exchange.reply(
        body=change(exchange.document().decode()).encode())


def answer(rates, base="EUR", **more):
    """A script: an answer with these rates, as text or numbers."""
    if not isinstance(rates, str):
        rates = json.dumps(rates)
    return lambda exchange: exchange.reply(body=(
        f'{{"base": "{base}", "rates": {rates}'
        + "".join(f', "{key}": {json.dumps(value)}'
                  for key, value in more.items()) + "}").encode())


def refused(case, script, why, **keys):
    """By a daemon of its own, which counts it and whose workers live."""
    with Server(BOOK) as server:
        begin(case, server, **keys)
        failed, workers = case.counter("jobs_failed"), case.workers()
        refuse(case, server, script, why)
        assert case.counter("jobs_failed") > failed, "it is not counted"
        equal(case.workers(), workers, "workers")


# --- what is no answer -------------------------------------------------------


def test_200_and_an_error_envelope(case):
    body = {"success": False, "error": {
        "code": 104, "info": "Your monthly usage limit\nhas been reached."}}
    with Server(BOOK) as server:
        case.stub = server
        case.write_conf(refresh="1h", source='errors = {"/error/info"}')
        case.start()
        refuse(case, server,
               lambda exchange: exchange.reply(body=json.dumps(body).encode()),
               "refused: Your monthly usage limit has been reached.")
        # And with rates beside it, if it is said what success is.
        case.write_conf(refresh="1h", source='errors = {"/error/info"} '
                        'success = "/success=true"')
        server.default = sends(lambda text: text.replace(
            "{", '{"success": true, ', 1))
        reload(case)
        refuse(case, server, sends(lambda text: text.replace(
            "{", '{"success": false, ', 1)), "refused: /success is not true")


def test_200_and_an_empty_body(case):
    refused(case, lambda exchange: exchange.reply(body=b""),
            "document: empty answer")


def test_200_and_an_html_block_page(case):
    page = b"<!DOCTYPE html><html><title>Just a moment...</title></html>"
    refused(case, lambda exchange: exchange.reply(
        "Content-Type: text/html", body=page), "document: not JSON")


def test_301_to_https(case):
    context, made = certificate(case)
    if not CERTIFICATES.exists():
        raise Skip(f"no {CERTIFICATES}")
    with Server(BOOK, tls=context) as secure, Server(BOOK) as server:
        case.stub = server
        server.default = moved_to(secure)
        case.write_conf(refresh="1h", **PATIENT)
        start_with_file(case, made, CERTIFICATES)
        equal(case.ctl("wait", "--timeout", "20s").returncode, 0, "wait")
        equal({path for _, path in secure.requests},
              {f"/rates?base={code}" for code in BOOK})
        # A way back to where everybody may listen is none.
        secure.bad["EUR"] = moved_to(server)
        kept(case, "EUR", case.rows()["EUR"],
             "http: status 301: redirect refused, to http:")
        del secure.bad["EUR"]
        equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)


def wants_a_name(exchange):
    """Nobody without a User-Agent and an Accept is let in."""
    head = exchange.server.heads[-1].lower()
    if "\r\nuser-agent: ratesd/" in head and "\r\naccept: " in head:
        return exchange.reply()
    return exchange.reply(status="403 Forbidden", body=b"error code: 1020")


def test_403_without_a_user_agent(case):
    with Server(BOOK, default=wants_a_name) as server:
        begin(case, server, workers=1)
        before = case.rows()["EUR"]
        server.default = lambda exchange: exchange.reply(
            status="403 Forbidden", body=b"error code: 1020")
        kept(case, "EUR", before, "http: status 403")
        server.default = wants_a_name
        reload(case)
        equal(case.ctl("refresh", "--wait").returncode, 0)


# --- too many requests -------------------------------------------------------


def throttled(case, header, least, status="429 Too Many Requests", body=b"",
              why="throttled: status 429"):
    """Left alone for so long, and asked by itself after it."""
    with Server(BOOK) as server:
        case.stub = server
        case.write_conf(refresh="1h", source='errors = {"/error"} '
                        'error-classes = {"too_many=throttled"}')
        case.start()
        before = case.rows()["EUR"]
        server.bad["EUR"] = lambda exchange: exchange.reply(
            *header(), status=status, body=body)
        kept(case, "EUR", before, why)
        told = server.asked("EUR")[-1]
        count = len(server.requests)
        server.bad.clear()
        # Nobody is asked for another row either.
        case.ctl("refresh")
        wait_until("it recovers", lambda: not case.rows()["EUR"]["error"])
        first = min(when for when, _ in server.requests[count:])
        assert first >= told + least, f"asked after {first - told} s"


def test_429_with_seconds(case):
    throttled(case, lambda: ["Retry-After: 2"], 2)


def test_429_with_a_date(case):
    # A date has no parts of a second.
    throttled(case, lambda: ["Retry-After: " + http_date(3)], 2)


def test_429_without_retry_after(case):
    throttled(case, lambda: [], 1)


def test_429_without_retry_after_again_and_again(case):
    with Server(BOOK) as server:
        begin(case, server)
        before = case.rows()
        server.default = lambda exchange: exchange.reply(
            status="429 Too Many Requests", body=b"")
        case.ctl("refresh")
        wait_until("it is left alone for longer",
                   lambda: Words(case).source()["closed_till"])
        for base, row in case.rows().items():
            equal(row["rates"], before[base]["rates"], base)
        server.default = good
        # It may be for 16 s: four more had been asked by then.
        asked = case.ctl("refresh", "--wait", "--timeout", "40s")
        equal((asked.returncode, asked.stderr), (0, ""), "refresh")


def test_200_with_words_for_429(case):
    throttled(case, lambda: [], 1, "200 OK", b'{"error": "too_many"}',
              "throttled: too_many")


MAY = calendar.timegm((2024, 5, 1, 0, 0, 0))


def until_may(clock, seconds):
    """So many seconds, and one less at most."""
    clock.jump(math.ceil(MAY - time.time() - seconds))


def quota_error(case, status, why):
    """No use in asking again before May."""
    clock = WallClock(case)

    def used_up(exchange):
        return exchange.reply(status=status,
                              body=b'{"error": {"code": "all_used"}}')

    with Server(BOOK, default=Publication("2024-04-29")) as server:
        case.stub = server
        case.write_conf(refresh="1h", source='errors = {"/error/code"} '
                        'error-classes = {"all_used=quota"}')
        until_may(clock, DAY)
        case.start(**clock.environment)
        server.default = used_up
        until_may(clock, 9)
        kept(case, "EUR", case.rows()["EUR"], why)
        count = len(server.requests)
        server.default = Publication("2024-04-30")
        equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
        asked = server.requests[count][0] - time.monotonic() + time.time()
        assert asked + clock.shift() > MAY - 0.01, "asked in April"
        published(case, server.default)
        # A source that is wrong about that is asked after hours.
        server.default = used_up
        before = case.rows()["EUR"]
        kept(case, "EUR", before, why)
        count = len(server.requests)
        kept(case, "EUR", before, "quota: left alone for 21")
        equal(len(server.requests), count, "requests meanwhile")


def test_quota_error_and_recovery_next_month(case):
    quota_error(case, "200 OK", "quota: all_used")


def test_quota_error_with_429_and_recovery_next_month(case):
    quota_error(case, "429 Too Many", "quota: status 429: all_used")


def test_own_quota_and_recovery_next_month(case):
    clock = WallClock(case)
    with Server(BOOK, default=Publication("2024-04-29")) as server:
        case.stub = server
        case.write_conf(refresh="1h", source="quota = 6")
        until_may(clock, DAY)
        case.start(**clock.environment)
        equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
        server.default = Publication("2024-04-30")
        before = case.rows()["EUR"]
        kept(case, "EUR", before,
             "quota: the month's quota of 6 requests is used up")
        equal(len(server.requests), 6, "requests in April")
        until_may(clock, -1)
        equal(case.ctl("refresh", "EUR", "--wait").returncode, 0, "in May")
        published(case, server.default)


# --- dates -------------------------------------------------------------------


def jump_to(clock, day, hour):
    clock.jump(int(calendar.timegm((*day, hour, 0, 0)) - time.time()))


def text_of(day):
    return "-".join(f"{part:02}" for part in day)


def days_later(case, clock, day, hour):
    """Some days on, with the same date: it is fetched, and no change."""
    before = case.rows()["EUR"]
    jump_to(clock, day, hour)
    equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
    row = case.rows()["EUR"]
    for key in ("rates", "changed", "published", "error"):
        equal(row[key], before[key], key)
    equal(row["fetched"][:10], text_of(day))


def state_is(case, clock, wanted):
    """What a reader is told whose clock is that one."""
    def state():
        shown = case.ctl("show", "EUR", "--format", "json",
                         **clock.environment)
        return json.loads(shown.stdout)["rows"][0]["state"]
    wait_until(f"it is {wanted}", lambda: state() == wanted)


def start_with_calendar(case, clock, day):
    """A source of Europe's working days, an hour after it has published."""
    case.write_conf(refresh="1h", source='publishes = '
                    '"16:00 Europe/Berlin mon-fri target"',
                    **{"stale-after": "3650d"})
    jump_to(clock, day, 15)
    case.start(**clock.environment)
    state_is(case, clock, "fresh")


def same_date(case, start, *looks):
    """A date that stays, until the next one comes."""
    clock = WallClock(case)
    with Server(BOOK, default=Publication(text_of(start))) as server:
        case.stub = server
        start_with_calendar(case, clock, start)
        for day, hour, state in looks:
            days_later(case, clock, day, hour)
            state_is(case, clock, state)
        server.default = Publication(text_of(day))
        server.default.jumps["EUR", "USD"] = 1.01
        equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
        published(case, server.default)
        state_is(case, clock, "fresh")


def test_same_date_for_four_days_with_a_weekend(case):
    # Friday to Monday: nothing else is expected before its afternoon.
    same_date(case, (2024, 4, 19), ((2024, 4, 20), 10, "closed"),
              ((2024, 4, 21), 20, "closed"), ((2024, 4, 22), 10, "fresh"),
              ((2024, 4, 22), 17, "late"))


def test_same_date_for_four_days_without_a_weekend(case):
    # Monday to Thursday.
    same_date(case, (2024, 4, 15), ((2024, 4, 16), 10, "fresh"),
              ((2024, 4, 16), 17, "late"), ((2024, 4, 18), 10, "late"))


def test_identical_values_with_a_new_date(case):
    clock = WallClock(case)
    with Server(BOOK, default=Publication("2024-04-15")) as server:
        case.stub = server
        start_with_calendar(case, clock, (2024, 4, 15))
        before = case.rows()["EUR"]
        for day, state in ((16, "fresh"), (17, "frozen"), (18, "frozen")):
            server.default = Publication(f"2024-04-{day}")
            jump_to(clock, (2024, 4, day), 17)
            equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
            published(case, server.default)
            equal(case.rows()["EUR"]["changed"], before["changed"])
            state_is(case, clock, state)
        server.default.jumps["EUR", "USD"] = 1.01
        equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
        equal(case.rows()["EUR"]["changed"][:10], "2024-04-18")
        state_is(case, clock, "fresh")


def test_date_going_back(case):
    with Server(BOOK, default=Publication("2024-04-15")) as server:
        begin(case, server)
        before = case.rows()["EUR"]
        server.default = Publication("2024-04-12")
        server.default.jumps["EUR", "USD"] = 1.01
        kept(case, "EUR", before, "date: published 2024-04-12, before the "
             "2024-04-15 of the row")
        server.default = Publication("2024-04-16")
        equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
        published(case, server.default)


def test_date_30_days_ahead(case):
    with Server(BOOK, default=Publication()) as server:
        begin(case, server)
        before = case.rows()["EUR"]
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 30 * DAY))
        server.default = Publication(day)
        kept(case, "EUR", before, f"date: published {day}, in the future")
        # What was never taken is in nobody's way.
        server.default = Publication("2024-04-16")
        equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
        published(case, server.default)


# --- numbers and codes -------------------------------------------------------


def test_missing_quote(case):
    with Server(BOOK, default=Publication("2024-04-15")) as server:
        begin(case, server)
        before = case.rows()["EUR"]
        server.default = Publication("2024-04-16")
        server.default.missing = {("EUR", "PLN")}
        kept(case, "EUR", before, "held: PLN is missing, the row has it: "
             "held until confirmed")
        equal(case.ctl("refresh", "USD", "--wait").returncode, 0, "others")
        server.default.missing = set()
        equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
        published(case, server.default)


def test_zero_and_negative_rate(case):
    refuse_each(case, {text: (answer(f'{{"USD": {text}, "PLN": 4}}'),
                              f"value: rates/USD: {text} is not above zero")
                       for text in ("0", "0.0", "-0.0", "-1.17", "-1e-9")})


def taken(case, rates, wanted):
    with Server(BOOK, default=answer(rates)) as server:
        case.stub = server
        case.write_conf(refresh="1h")
        case.start(wait=False)
        wait_until("the row is there", lambda: case.board_file().exists()
                   and case.rows()["EUR"]["version"])
        row = case.rows()["EUR"]
        equal(row["error"], None)
        for code, number in wanted.items():
            equal(row["rates"][code], number, code)


def test_rate_as_a_string(case):
    taken(case, '{"USD": "1.17", "PLN": "4.2500", "NOK": "1.12e1", "CZK": 24}',
          {"USD": 1.17, "PLN": 4.25, "NOK": 11.2, "CZK": 24})


def test_rate_in_exponent_form(case):
    taken(case, '{"USD": 7.1e-5, "PLN": 7.1E-05, "NOK": 1.12e+1, "CZK": 2e0}',
          {"USD": 0.000071, "PLN": 0.000071, "NOK": 11.2, "CZK": 2})


def test_rate_with_17_digits(case):
    taken(case, '{"USD": 1.1700000000000002, "PLN": 4.2499999999999991, '
          '"NOK": "0.10000000000000001", "CZK": 24.399999999999999}',
          {"USD": 1.1700000000000002, "PLN": 4.249999999999999,
           "NOK": 0.1, "CZK": 24.4})


def test_lower_case_codes(case):
    lower = sends(lambda text: text.lower())
    with Server(BOOK) as server:
        begin(case, server)
        refuse(case, server, answer('{"usd": 1.17, "pln": 4.25}'),
               "document: rates: none of the board's currencies")
        refuse(case, server, lower, 'base: ')
        # With word of it they are what they mean.
        case.write_conf(refresh="1h", source='keys = "upper"')
        reload(case)
        accept(case, server, lower)


def test_wrong_base_answered(case):
    refused(case, sends(lambda text: text.replace('"base": "EUR"',
                                                  '"base": "USD"')),
            'base: asked for EUR, got "USD"')


def test_base_against_base_is_not_1(case):
    refused(case, answer('{"EUR": 1.001, "USD": 1.17}'),
            "base: rates/EUR: the base against itself is not 1")


def test_jump_by_82(case):
    with Server(BOOK, default=Publication("2024-04-15")) as server:
        begin(case, server)
        before = case.rows()["EUR"]
        server.default = Publication("2024-04-16")
        server.default.jumps["EUR", "USD"] = 82
        kept(case, "EUR", before, "held: USD: 1.17 jumped to "
             f"{WORTH['USD'] * 82!r} (x82): held until confirmed")
        server.default.jumps.clear()
        equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
        published(case, server.default)


def test_currency_retired_mid_run(case):
    codes = [*BOOK, "BGN"]
    with Server(codes, default=Publication("2024-04-15")) as server:
        begin(case, server, codes)
        before = case.rows()
        retired = Publication("2024-04-16")
        retired.missing = {(code, "BGN") for code in codes}
        server.default = retired
        server.bad["BGN"] = lambda exchange: exchange.reply(
            status="422 Unprocessable", body=b'{"base":["unknown currency"]}')
        for code in BOOK:
            kept(case, code, before[code], "held: BGN is missing")
        kept(case, "BGN", before["BGN"],
             "http: status 422: base: unknown currency")
        # The next day is without it too, so it is meant.
        retired.day = "2024-04-17"
        equal(case.ctl("refresh", *BOOK, "--wait").returncode, 0)
        for code in BOOK:
            published(case, retired, code)
            equal(case.rows()[code]["rates"]["BGN"], None)
        kept(case, "BGN", before["BGN"], "unknown currency")
        equal(case.counter("restarts"), 0)


# --- bytes -------------------------------------------------------------------


def test_body_over_the_size_cap(case):
    refused(case, sends(lambda text: text + " " * 262144),
            "size: more than 256 KiB")


def test_truncated_json(case):
    refused(case, sends(lambda text: text[:len(text) // 2]),
            "document: not JSON: ")


def test_duplicate_keys(case):
    refuse_each(case, {
        text: (answer(text), "document: ") for text in (
            '{"USD": 1.17, "USD": 1.18}', '{"USD": 1.17, "USD": 1.17}',
            '{"USD": 1.17, "\\u0055SD": 1.18}',
            '{"USD": 1.17}, "rates": {"USD": 1.18}')})


def trickle(exchange):
    exchange.head("Content-Length: 5000")
    exchange.repeat(b" ", 4000, 0.01)


def test_slow_trickle(case):
    refused(case, trickle, "timeout: ", **SHORT)


def test_no_name_is_found_at_boot_and_a_board_was_saved(case):
    with Server(BOOK, default=Publication()) as server:
        begin(case, server)
        before = case.rows()
        equal(case.stop(), 0)
        case.board_file().unlink()  # as a boot does
        here = case.conf.read_text()
        # A part of a name that is longer than DNS has is not looked for.
        case.conf.write_text(here.replace("127.0.0.1", "x" * 64 + ".invalid"))
        case.start(wait=False)
        wait_until("it feeds the board", case.feeds)
        wait_until("rows are taken over",
                   lambda: case.logged("5 rows taken over"))
        kept(case, "EUR", before["EUR"], "connect: ")
        for base, row in case.rows().items():
            equal(row["rates"], before[base]["rates"], base)
        case.conf.write_text(here)
        reload(case)
        equal(case.ctl("refresh", "--wait").returncode, 0)
        published(case, server.default)


run(globals())
