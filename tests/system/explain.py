"""What an operator asks: where a number comes from, how the sources are."""

import json
import time

from harness import BOOK, contains, equal, run, wait_until
from scripted import Server, begin
from several import await_source, dated, failing, section, write_chain


def explain(case, base, quote):
    result = case.ctl("explain", base, quote, "--format", "json")
    assert result.returncode in (0, 4), result.stderr
    return json.loads(result.stdout)


def sources(case):
    result = case.ctl("sources", "--format", "json")
    equal(result.returncode, 0, "sources: " + result.stderr)
    return {s["name"]: s for s in json.loads(result.stdout)["sources"]}


def day(ago):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400 * ago))


class Book:
    """A source whose numbers and date a test sets."""

    def __init__(self, date=None, **rates):
        self.date = date
        self.rates = rates

    def __call__(self, exchange):
        rates = {code: rate if exchange.base == "EUR"
                 else rate / self.rates[exchange.base]
                 for code, rate in {"EUR": 1, **self.rates}.items()
                 if code != exchange.base}
        document = {"base": exchange.base, "rates": rates}
        if self.date:
            document["date"] = self.date
        return exchange.reply(body=json.dumps(document).encode())


def test_explain_agrees_with_show_and_get(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    row = case.rows()["EUR"]
    told = explain(case, "EUR", "USD")
    equal(told["rate"], row["rates"]["USD"])
    for key in ("state", "source", "published", "fetched", "changed",
                "version"):
        equal(told[key], row[key], key)
    equal((told["origin"], told["hub"], told["refused"], told["held"]),
          ("source", None, None, None))
    equal(explain(case, "EUR", "EUR")["origin"], "identity")
    text = case.ctl("explain", "EUR", "USD").stdout
    equal(text.splitlines()[0], "1 EUR = "
          + case.ctl("get", "EUR", "USD").stdout.strip() + " USD")
    contains(text, "as stub gave it")
    equal(case.ctl("explain", "EUR", "XXX").returncode, 4)
    equal(case.ctl("explain", "EUR").returncode, 2)


def test_explain_says_what_was_refused_and_why(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    before = explain(case, "EUR", "USD")
    case.stub.control("fail=500:100")
    equal(case.ctl("refresh", "EUR", "--wait").returncode, 1)
    told = explain(case, "EUR", "USD")
    equal(told["rate"], before["rate"], "the number stays")
    equal((told["refused"]["source"], told["refused"]["class"],
           told["refused"]["http"]), ("stub", "http", 500))
    assert told["failures"] >= 1, told
    equal(told["refused"]["over"], False)
    text = case.ctl("explain", "EUR", "USD").stdout
    contains(text, "from stub: http: status 500")
    assert "over" not in text, text
    case.stub.control("fail=")
    equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
    told = explain(case, "EUR", "USD")
    equal((told["failures"], told["refused"]["class"],
           told["refused"]["over"]), (0, "http", True),
          "what it was is still told")
    text = case.ctl("explain", "EUR", "USD").stdout
    contains(text, "from stub: http: status 500")
    contains(text, "\n            that is over: stub has answered since\n")


def test_explain_says_who_answered_instead(case):
    with Server(BOOK) as first, Server(BOOK) as second:
        first.default = failing("500 Oops")
        second.default = dated("2026-04-13")
        write_chain(case, [section("first", first.url()),
                           section("second", second.url())])
        case.start()
        await_source(case, "second")
        told = explain(case, "EUR", "USD")["refused"]
        equal((told["source"], told["over"]), ("first", True))
        contains(case.ctl("explain", "EUR", "USD").stdout,
                 "that is over: second has answered instead\n")


def test_explain_of_a_row_that_was_never_fetched(case):
    case.write_conf(["EUR", "USD"], refresh="1h")
    case.start(wait=False)
    wait_until("an attempt failed", lambda: case.board_file().exists()
               and explain(case, "EUR", "USD")["refused"])
    told = explain(case, "EUR", "USD")
    equal((told["rate"], told["origin"], told["state"], told["source"],
           told["published"], told["fetched"]),
          (None, "none", "empty", None, None, None))
    result = case.ctl("explain", "EUR", "USD")
    equal(result.returncode, 4)
    contains(result.stdout, "empty: it was never fetched")


def test_sources_counts_what_the_stub_counts(case):
    case.start_stub()
    case.write_conf(refresh="1h", source='rate-limit = "100/s" burst = 7')
    case.start()
    told = sources(case)["stub"]
    equal(told["state"], "ok")
    equal(told["requests"], case.stub.json("/stats")["total"])
    equal((told["failures"], told["last_failure"], told["failure_class"],
           told["base"], told["quota"]), (0, None, None, None, None))
    equal((told["interval"], told["burst"]), (0.01, 7))
    assert told["last_good"], told


def test_sources_says_who_is_left_alone(case):
    with Server(BOOK) as server:
        begin(case, server)
        server.bad["EUR"] = lambda exchange: exchange.reply(
            status="401 Unauthorized", body=b"{}")
        equal(case.ctl("refresh", "EUR", "--wait").returncode, 1)
        told = sources(case)["stub"]
        equal((told["state"], told["failure_class"], told["failure_http"]),
              ("left alone", "auth", 401))
        assert told["until"] > told["last_failure"], told
        contains(case.ctl("sources").stdout, "left alone until 2")


def test_sources_says_who_is_throttled(case):
    case.start_stub("--retry-after", 900)
    case.write_conf(refresh="1h")
    case.start()
    case.stub.control("fail=429:100")
    case.ctl("refresh", "EUR", "--wait")
    told = sources(case)["stub"]
    equal((told["state"], told["failure_class"]), ("throttled", "throttled"))


def test_explain_shows_the_division_of_a_derived_number(case):
    book = Book(USD=1.1684, PLN=4.2575, NOK=11.1, CZK=24.4)
    with Server(BOOK, default=book) as server:
        begin(case, server, source='base = "EUR"')
        told = explain(case, "USD", "PLN")
        equal((told["origin"], told["hub"], told["dividend"],
               told["divisor"], told["rate"]),
              ("cross", "EUR", 4.2575, 1.1684, 4.2575 / 1.1684))
        told = explain(case, "USD", "EUR")
        equal((told["origin"], told["dividend"], told["divisor"],
               told["rate"]), ("inverse", 1, 1.1684, 1 / 1.1684))
        equal(explain(case, "EUR", "USD")["origin"], "source")
        contains(case.ctl("explain", "USD", "PLN").stdout,
                 "derived from the EUR row of stub: EUR->PLN 4.2575 / "
                 "EUR->USD 1.1684 = 3.643871961656967, one division")
        equal(sources(case)["stub"]["base"], "EUR")


def test_what_is_held_is_explained_and_accepted(case):
    book = Book(USD=1.1684, PLN=4.2575, NOK=11.1, CZK=24.4)
    with Server(BOOK, default=book) as server:
        begin(case, server)
        book.rates["PLN"] = 42.575
        equal(case.ctl("refresh", "EUR", "--wait").returncode, 1)
        told = explain(case, "EUR", "PLN")
        equal((told["rate"], told["held"]["rate"], told["held"]["source"],
               told["held"]["accepted"], told["refused"]["class"]),
              (4.2575, 42.575, "stub", False, "held"))
        contains(told["held"]["text"], "PLN")
        contains(case.ctl("explain", "EUR", "PLN").stdout,
                 "or: ratesctl accept EUR\n")
        equal(case.ctl("accept", "EUR", "USD").returncode, 1, "USD has none")
        equal(explain(case, "EUR", "PLN")["rate"], 4.2575)
        equal(case.ctl("accept", "EUR", "--wait").returncode, 0)
        told = explain(case, "EUR", "PLN")
        equal((told["rate"], told["held"], told["failures"]),
              (42.575, None, 0))


def test_a_missed_publication_is_late(case):
    expected = time.time() - 7200
    at = time.strftime("%H:%M", time.gmtime(expected))
    old = day(4)
    book = Book(old, USD=1.1684, PLN=4.2575, NOK=11.1, CZK=24.4)
    with Server(BOOK, default=book) as server:
        begin(case, server, source=f'publishes = "{at} UTC daily"',
              **{"late-after": "1m"})
        told = explain(case, "EUR", "USD")
        equal((told["state"], told["published"], told["expected"]),
              ("late", old, time.strftime(
                  "%Y-%m-%dT%H:%M:00Z", time.gmtime(expected))))
        contains(case.ctl("explain", "EUR", "USD").stdout,
                 "late: a publication was expected at " + told["expected"])
        equal({row["state"] for row in case.rows().values()}, {"late"})
        equal(case.status()["rows"]["late"], 5)
        equal(case.ctl("wait", "--timeout", "1s").returncode, 0)
        contains(case.ctl("sources", "-v").stdout, f"publishes  {at} UTC")
        book.date = day(0)
        equal(case.ctl("refresh", "--wait").returncode, 0)
        equal(explain(case, "EUR", "USD")["state"], "fresh")


def test_nothing_is_accepted_where_nothing_is_held(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    asked = case.stub.json("/stats")["total"]
    result = case.ctl("accept", "USD")
    equal(result.returncode, 1)
    contains(result.stderr, "USD: nothing is held")
    equal(case.ctl("accept", "XXX").returncode, 4)
    equal(case.ctl("accept").returncode, 2)
    equal(case.stub.json("/stats")["total"], asked, "requests")


def test_the_board_explains_itself_when_nobody_feeds_it(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    case.stop()
    result = case.ctl("explain", "EUR", "USD")
    equal(result.returncode, 0)
    contains(result.stdout, "nobody feeds this board")
    equal(case.ctl("sources").returncode, 0)
    equal(case.ctl("accept", "EUR").returncode, 3)


run(globals())
