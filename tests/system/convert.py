"""What people who pay ask: an amount in another currency, exact and rounded."""

import csv
import io
import json

from harness import contains, equal, run, wait_until
from scripted import Server, begin

# As a source writes them; of EUR.
RATES = {"USD": "1.125", "JPY": "186.5", "BHD": "0.44125", "CLF": "0.0275",
         "XAU": "0.00025", "BTC": "0.0000153", "TINY": "1e-300",
         "HUGE": "1e300"}
CODES = ["EUR", *RATES]


def answer(exchange):
    """All of EUR; of another base, EUR alone."""
    rates = ", ".join(f'"{code}": {rate}' for code, rate in RATES.items()) \
        if exchange.base == "EUR" else '"EUR": 0.5'
    return exchange.reply(body=f'{{"base": "{exchange.base}", "rates": '
                          f'{{{rates}}}}}'.encode())


def converts(case, line, *, status=0, **environment):
    result = case.ctl("convert", *line.split(), **environment)
    equal(result.returncode, status, f"convert {line}: {result.stderr}")
    if status == 0:
        equal(result.stderr, "", line)
        return result.stdout.removesuffix("\n")
    equal(result.stdout, "", line)
    return result.stderr


def test_amounts_are_rounded_for_their_currency(case):
    with Server(CODES, default=answer) as server:
        begin(case, server, CODES)
        for line, wanted in {
                "100 EUR USD": "112.50",
                "1 EUR JPY": "186",  # 186.5, to the even one
                "3 EUR JPY": "560",  # 559.5
                "1 EUR BHD": "0.441",
                "100 EUR BHD": "44.125",
                "1 EUR CLF": "0.0275",
                "1 EUR USD": "1.12",  # 1.125
                "0.02 EUR USD": "0.02",  # 0.0225
                "0 EUR USD": "0.00",
                "0.001 EUR USD": "0.00",
                "999999999999999.999999 EUR USD": "1125000000000000.00",
                "1000000000000000 EUR JPY": "186500000000000000",
                "1 EUR USD --digits 0": "1",
                "1 EUR USD --digits 5": "1.12500",
                "1 EUR BTC --digits 8": "0.00001530",
                "1 EUR XAU --digits 4": "0.0002",
                "10.005 EUR EUR": "10.00",  # 1:1, and rounded as well
                "10.5 JPY JPY": "10",
                "1000000000000000 EUR TINY --digits 2": "0.00",
        }.items():
            equal(converts(case, line), wanted, line)


def test_roundings_have_names(case):
    with Server(CODES, default=answer) as server:
        begin(case, server, CODES)
        for rounding, wanted in {
                "half-even": ("186", "-186"), "half-up": ("187", "-187"),
                "half-down": ("186", "-186"), "up": ("187", "-187"),
                "down": ("186", "-186"), "ceiling": ("187", "-186"),
                "floor": ("186", "-187")}.items():
            equal((converts(case, f"1 EUR JPY --round {rounding}"),
                   converts(case, f"-1 EUR JPY --round {rounding}")),
                  wanted, rounding)
        contains(converts(case, "1 EUR JPY --round even", status=2),
                 "--round: unknown value 'even'; did you mean")


def test_raw_is_the_product(case):
    with Server(CODES, default=answer) as server:
        begin(case, server, CODES)
        for line, wanted in {
                "--raw 1 EUR USD": "1.125",
                "--raw 100 EUR USD": "112.5",
                "999999999999999.999999 EUR BHD --raw":
                    "441249999999999.99999955875",
                "0.1 EUR BTC --raw": "0.00000153",
                "1 EUR TINY --raw": "0." + "0" * 299 + "1",
                "-1000000000000000 EUR HUGE --raw": "-1" + "0" * 315,
        }.items():
            equal(converts(case, line), wanted, line)
        for option in ("--digits 2", "--round up"):
            contains(converts(case, f"--raw {option} 1 EUR USD", status=2),
                     "--raw doesn't round")


def test_amounts_below_zero_are_no_options(case):
    with Server(CODES, default=answer) as server:
        begin(case, server, CODES)
        for line in ("-5 EUR USD", "-- -5 EUR USD", "-5 -- EUR USD",
                     "-q -5 EUR USD", "-5 EUR --round half-even USD",
                     "--round half-even -- -5 EUR USD"):
            equal(converts(case, line), "-5.62", line)
            equal(converts(case, line, POSIXLY_CORRECT="1"), "-5.62", line)
        equal(converts(case, "-.5 EUR USD --raw"), "-0.5625")
        equal(converts(case, "-0.001 EUR USD"), "0.00", "no minus zero")
        contains(converts(case, "-x EUR USD", status=2), "unknown option '-x'")
        contains(case.ctl("get", "-5", "USD").stderr, "unknown option '-5'")


def test_what_is_no_amount_is_refused(case):
    """Before there is a board to look at."""
    for amount, why in {
            "1,000": "separators between digits and decimal commas",
            "1.000,50": "separators between digits and decimal commas",
            "-1,5": "separators between digits and decimal commas",
            "1'000": "separators between digits", "1e3": "exponents",
            "x": "no decimal number", "": "no digits", "1.5x": "no decimal",
            "1000000000000000.000001": "above 1000000000000000 (10^15)",
            "1.1234567890123456789": "more than 18 decimals",
            "123456.1234567890123456": "more than 21 digits",
    }.items():
        result = case.ctl("convert", amount, "EUR", "USD")
        equal((result.returncode, result.stdout), (2, ""), amount)
        contains(result.stderr, why)
        contains(result.stderr, f"amount '{amount}': ")


def test_where_no_minor_unit_is_known_nothing_is_guessed(case):
    with Server(CODES, default=answer) as server:
        begin(case, server, CODES)
        contains(converts(case, "1 EUR XAU", status=1),
                 "no minor unit of XAU to round to: it has none in ISO 4217; "
                 "use --digits N or --raw")
        contains(converts(case, "1 EUR BTC", status=1),
                 "no minor unit of BTC to round to: it is no code of ISO 4217")
        equal(converts(case, "1 EUR XAU --raw"), "0.00025")


def test_a_pair_without_number_and_one_too_old(case):
    with Server(CODES, default=answer) as server:
        begin(case, server, CODES)
        contains(converts(case, "1 USD JPY", status=4),
                 "no number for USD/JPY: stub gives none")
        contains(converts(case, "1 EUR XXX", status=4),
                 "no currency 'XXX' on the board")
        converts(case, "1 XXX XXX", status=4)
        wait_until("it is a second old",
                   lambda: case.ctl("get", "EUR", "USD", "--max-age",
                                    "1s").returncode == 5)
        contains(converts(case, "1 EUR USD --max-age 1s", status=5),
                 "older than 1s")
        equal(converts(case, "1 EUR USD --max-age 1s -q", status=5), "")
        equal(converts(case, "1 EUR USD --max-age 1h"), "1.12")
        equal(converts(case, "7 EUR EUR --max-age 1ms"), "7.00",
              "1:1 is of no age")


def test_a_row_that_was_never_fetched(case):
    case.write_conf(["EUR", "USD"], refresh="1h")
    case.start(wait=False)
    wait_until("there is a board", case.board_file().exists)
    contains(converts(case, "1 EUR USD", status=4), "was never fetched")
    equal(converts(case, "1.5 USD USD"), "1.50", "1:1 needs no number")


def test_programs_get_exact_texts(case):
    with Server(CODES, default=answer) as server:
        begin(case, server, CODES)
        line = "-999999999999999.999999 EUR BHD --round half-up --format "
        told = json.loads(converts(case, line + "json"))
        row = case.rows()["EUR"]
        equal({key: told[key] for key in (
            "schema", "instance", "amount", "from", "to", "rate", "result",
            "raw", "digits", "rounding")}, {
                "schema": 1, "instance": case.instance,
                "amount": "-999999999999999.999999", "from": "EUR",
                "to": "BHD", "rate": "0.44125",
                "result": "-441250000000000.000",
                "raw": "-441249999999999.99999955875", "digits": 3,
                "rounding": "half-up"})
        for key in ("source", "published", "fetched", "changed", "state",
                    "version"):
            equal(told[key], row[key], key)
        assert told["read"] and 0 <= told["age"] < 3600, told
        lines = converts(case, line + "keyvalue").splitlines()
        flat = dict(line.split("=", 1) for line in lines)
        equal(list(flat), list(told))
        equal(flat["raw"], told["raw"])
        table = list(csv.reader(io.StringIO(converts(case, line + "csv"))))
        equal(table[0], ["key", "value"])
        equal([key for key, _ in table[1:]], list(told))
        told = json.loads(converts(case, "1 EUR USD --raw -f json"))
        equal((told["result"], told["raw"], told["digits"], told["rounding"]),
              ("1.125", "1.125", None, None))
        told = json.loads(converts(case, "1 EUR EUR -f json"))
        equal((told["rate"], told["result"], told["source"], told["age"],
               told["state"]), ("1", "1.00", None, None, None))


run(globals())
