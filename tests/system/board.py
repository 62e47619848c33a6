"""From the stub to the board to the reader: the numbers, and who may read."""

import json
import os
import pathlib
import socket
import subprocess
import time

import harness
from harness import BOOK, Case, Stub, contains, equal, run, wait_until

DAY = "2026-04-13"


def test_thirty_currencies_equal_what_was_served(case):
    stub = case.start_stub("--date", DAY, "--latency", 50)
    codes = stub.json("/codes")
    equal(len(codes), 30, "currencies of the day")
    case.write_conf(codes, refresh="60s")
    case.start(wait=False)
    equal(case.ctl("wait", "--timeout", "20s").returncode, 0, "wait")
    rows = case.rows()
    equal(sorted(rows), sorted(codes), "bases")
    for base in codes:
        equal(rows[base]["rates"], stub.rates(base), f"rates of {base}")
        equal(rows[base]["published"], DAY)
        equal(rows[base]["state"], "fresh")
        equal(rows[base]["source"], "stub")
        equal(rows[base]["error"], None)


def test_published_text_comes_out_as_published(case):
    case.start_stub("--date", DAY)
    case.write_conf(["EUR", "USD", "JPY", "IDR"])
    case.start()
    equal(case.ctl("get", "EUR", "USD").stdout, "1.1684\n")
    equal(case.ctl("get", "EUR", "JPY").stdout, "186.75\n")
    equal(case.ctl("get", "EUR", "IDR").stdout, "20082.05\n")
    equal(case.ctl("get", "EUR", "EUR").stdout, "1\n")


def test_lines_have_the_layout_of_the_book(case):
    case.start_stub("--date", DAY)
    case.write_conf()
    case.start()
    order = "USD,EUR,PLN,NOK,CZK"
    got = case.ctl("show", *order.split(","), "--symbols", order,
                   "--format", "lines").stdout
    rates = {base: case.stub.rates(base) for base in BOOK}
    wanted = "".join(
        f"1 {base} = " + ", ".join(
            f"{float(rates[base][quote]):7.03} {quote}"
            for quote in order.split(",")) + "\n"
        for base in order.split(","))
    equal(got, wanted, "lines")
    contains(got, "1 USD =     1.0 USD,   0.856 EUR,    3.64 PLN,")


def test_csv_and_json_agree(case):
    case.start_stub("--date", DAY)
    case.write_conf()
    case.start()
    lines = case.ctl("show", "--format", "csv").stdout.splitlines()
    equal(lines[0], "base,state,source,published,fetched,changed,version,"
          + ",".join(BOOK))
    rows = case.rows()
    for line in lines[1:]:
        fields = line.split(",")
        equal([float(text) for text in fields[7:]],
              [rows[fields[0]]["rates"][quote] for quote in BOOK])


def test_exit_statuses(case):
    equal(case.ctl("get", "EUR", "USD").returncode, 3, "no board")
    equal(case.ctl("status").returncode, 3, "no board for status")
    case.start_stub("--date", DAY)
    case.write_conf()
    case.start()
    equal(case.ctl("get", "EUR", "USD").returncode, 0)
    equal(case.ctl("get", "EUR", "GBP").returncode, 4, "not on the board")
    equal(case.ctl("get", "EUR").returncode, 2)
    equal(case.ctl("nonsense").returncode, 2)
    equal(case.ctl("get", "EUR", "USD", "--max-age", "1h").returncode, 0)
    old = case.ctl("get", "EUR", "USD", "--max-age", "0s")
    equal((old.returncode, old.stdout), (5, ""), "too old")
    equal(case.ctl("--version").returncode, 0)
    case.stop()
    equal(case.ctl("get", "EUR", "USD").returncode, 0, "the board stays")
    equal(case.ctl("status").returncode, 3, "nobody feeds it")
    equal(case.ctl("refresh").returncode, 3, "nobody to ask")


def test_no_number_for_a_currency_the_source_lacks(case):
    case.start_stub("--date", DAY)
    case.write_conf(["EUR", "USD", "XXX"])
    case.start(wait=False)
    wait_until("EUR is fetched", lambda: case.board_file().exists()
               and case.rows()["EUR"]["version"])
    equal(case.ctl("get", "EUR", "XXX").returncode, 4)
    equal(case.rows()["EUR"]["rates"]["XXX"], None)
    row = wait_until("XXX was tried",
                     lambda: case.rows()["XXX"]["error"] and case.rows()["XXX"])
    contains(row["error"], "422")
    equal((row["state"], row["version"]), ("empty", 0))


def test_refresh_asks_at_once_and_waits(case):
    case.start_stub("--date", "2026-04-10")
    case.write_conf(refresh="1h")
    case.start()
    equal(case.ctl("get", "EUR", "USD").stdout, "1.1711\n")
    case.stub.control("date=" + DAY)
    equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
    equal(case.ctl("get", "EUR", "USD").stdout, "1.1684\n")
    equal(case.rows()["USD"]["published"], "2026-04-10", "another row")
    equal(case.ctl("refresh", "--wait").returncode, 0)
    equal(case.rows()["USD"]["published"], DAY)
    case.stub.control("fail=500:100")
    failed = case.ctl("refresh", "EUR", "--wait")
    equal(failed.returncode, 1)
    contains(failed.stderr, "EUR")
    equal(case.ctl("get", "EUR", "USD").stdout, "1.1684\n")


def test_two_instances_side_by_side(case):
    other = Case("other")
    try:
        case.start_stub("--date", DAY)
        case.write_conf()
        case.start()
        other.stub = Stub(other.directory, "--date", "2019-04-09")
        other.started.append(other.stub.process)
        other.write_conf(["EUR", "USD", "HRK"])
        other.start()
        equal(case.ctl("get", "EUR", "USD").stdout, "1.1684\n")
        equal(float(other.ctl("get", "EUR", "USD").stdout),
              other.stub.rates("EUR")["USD"])
    finally:
        other.close()


def test_a_reader_without_rights(case):
    if os.geteuid() != 0:
        raise harness.Skip("needs root to become nobody")
    case.start_stub("--date", DAY)
    case.write_conf()
    case.start()

    def as_nobody(*arguments):
        # The build directory may be closed to others: a copy is not.
        return subprocess.run(
            [copy, "-i", case.instance, *arguments], user=65534, group=65534,
            extra_groups=[], capture_output=True, text=True, timeout=30)

    place = pathlib.Path(case.directory)
    place.chmod(0o755)
    copy = place / "ratesctl"
    copy.write_bytes((harness.BUILD / "ratesctl").read_bytes())
    copy.chmod(0o755)
    equal(as_nobody("get", "EUR", "USD").stdout, "1.1684\n")
    denied = as_nobody("refresh", "EUR")
    equal(denied.returncode, 1)
    contains(denied.stderr, "group")


def test_notifies_the_service_manager(case):
    path = case.directory / "notify"
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(path))
    listener.settimeout(harness.PATIENCE)
    case.start_stub("--date", DAY)
    case.write_conf()
    case.start(wait=False, NOTIFY_SOCKET=str(path), WATCHDOG_USEC="500000")
    got = []

    def seen(text):
        end = time.monotonic() + harness.PATIENCE
        while not any(text in message for message in got):
            assert time.monotonic() < end, f"no {text!r} in {got}"
            got.append(listener.recv(4096).decode())

    seen("READY=1")
    seen("STATUS=5 of 5 rows fresh")
    seen("WATCHDOG=1")
    case.daemon.send_signal(1)
    seen("RELOADING=1\nMONOTONIC_USEC=")
    got.clear()
    seen("READY=1")
    case.stop()
    seen("STOPPING=1")


def test_a_board_of_another_version_is_refused_by_name(case):
    case.start_stub("--date", DAY)
    case.write_conf()
    case.start()
    case.stop()
    whole = case.board_file().read_bytes()
    for change, why in (
            (b"XXXXXXXX" + whole[8:], "magic"),
            (whole[:8] + b"\x63" + whole[9:], "version"),
            (whole[:-64], "size"),
            (whole[:100], "small")):
        case.board_file().write_bytes(change)
        refused = case.ctl("show")
        assert refused.returncode != 0 and refused.stdout == "", why
        contains(refused.stderr, why)
    case.board_file().write_bytes(whole)
    equal(case.ctl("get", "EUR", "USD").stdout, "1.1684\n")


def test_status_json_has_the_shape_of_the_contract(case):
    case.start_stub("--date", DAY)
    case.write_conf()
    case.start()
    status = case.status()
    equal(list(status), ["schema", "instance", "read", "running", "supervisor",
                         "workers", "sandbox", "queue", "rows", "counters",
                         "set_aside"])
    equal(status["set_aside"], [])
    equal(status["running"], True)
    equal(status["supervisor"]["pid"], case.daemon.pid)
    equal(list(status["workers"][0]),
          ["slot", "pid", "state", "since", "jobs", "done", "failed",
           "restarts", "last_exit", "sandbox"])
    equal(status["queue"]["max"], 10)
    equal(status["rows"], {"total": 5, "fresh": 5, "closed": 0, "late": 0,
                           "frozen": 0, "stale": 0, "empty": 0})
    show = json.loads(case.ctl("show", "--format", "json").stdout)
    equal(list(show), ["schema", "instance", "read", "currencies", "rows"])
    equal(list(show["rows"][0]),
          ["base", "state", "source", "published", "fetched", "changed",
           "version", "error", "rates"])


def test_stale_rows_say_so(case):
    case.start_stub("--date", DAY)
    case.write_conf(**{"stale-after": "1s", "refresh": "1h"})
    case.start(wait=False)
    wait_until("rows are stale", lambda: case.board_file().exists()
               and case.status()["rows"]["stale"] == 5)
    equal({row["state"] for row in case.rows().values()}, {"stale"})
    table = case.ctl("show").stdout
    contains(table, " S ")
    equal(case.ctl("wait", "--timeout", "100ms").returncode, 1)
    for command in (["get", "EUR", "USD"], ["convert", "5", "EUR", "USD"]):
        got = case.ctl(*command)
        equal(got.returncode, 0)
        contains(got.stderr, "EUR/USD: warning: the row is stale: published "
                 f"{DAY}, fetched ")
        equal(case.ctl("-q", *command).stderr, "")


run(globals())
