"""What sources really send: the row keeps its numbers and says why."""

import time

from harness import Stub, contains, equal, run, wait_until
from scripted import reload

# What the stub sends, and what the row's last attempt then says.
FAULTS = {
    "500": "http: status 500",
    "503": "status 503",
    "404": "http: status 404",
    "cut": "transfer: ",
    "garbage": "document: not JSON",
    "empty": "document: ",
    "html": "document: not JSON",
    "huge": "size: more than 256 KiB",
    "badbase": "base: ",
    "negative": "value: ",
    "zero": "value: ",
    "nan": "document: not JSON",
    "inf": "document: not JSON",
    "norates": "document: ",
    "hang": "timeout: ",
    "slow": "timeout: ",
}


def keep_numbers(case, kind, why):
    before = case.rows()["EUR"]
    failed = case.counter("jobs_failed")
    case.stub.control(f"fail={kind}:100")
    asked = case.ctl("refresh", "EUR", "--wait")
    equal(asked.returncode, 1, f"refresh --wait with {kind}")
    row = case.rows()["EUR"]
    for key in ("rates", "version", "fetched", "changed", "published"):
        equal(row[key], before[key], f"{key} after {kind}")
    contains(row["error"], why)
    wait_until("status counts it",
               lambda: case.counter("jobs_failed") > failed)
    case.stub.control("fail=")
    equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
    equal(case.rows()["EUR"]["error"], None)


def test_every_bad_answer_leaves_the_row(case):
    case.start_stub()
    case.write_conf(refresh="1h", timeout="3s", **{"connect-timeout": "3s"})
    case.start()
    for kind, why in FAULTS.items():
        print("#", kind)
        keep_numbers(case, kind, why)


def test_a_rate_may_be_a_string(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    before = case.rows()["EUR"]
    case.stub.control("fail=string:100")
    equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
    row = case.rows()["EUR"]
    equal(row["rates"], before["rates"])
    equal(row["error"], None)


def test_429_is_obeyed_by_all_workers(case):
    case.start_stub("--retry-after", 8)
    case.write_conf(refresh="1h")
    case.start()
    case.stub.control("fail=429:100")
    equal(case.ctl("refresh", "EUR", "--wait").returncode, 1)
    contains(case.rows()["EUR"]["error"], "throttled: status 429")
    case.stub.control("fail=")
    asked = case.stub.json("/stats")["total"]
    equal(case.ctl("refresh", "--wait", "--timeout", "1s").returncode, 1)
    equal(case.stub.json("/stats")["total"], asked, "requests meanwhile")
    equal(case.ctl("refresh", "--wait", "--timeout", "20s").returncode, 0)


def test_rate_limit_holds_across_workers(case):
    case.start_stub()
    case.write_conf(case.stub.json("/codes"), refresh="1h",
                    source='rate-limit = "10/s" burst = 2')
    began = time.monotonic()
    case.start(wait=False)
    wait_until("all rows are there",
               lambda: case.board_file().exists()
               and case.status()["rows"]["fresh"] == 30)
    # Not how many came within a second: they may be held up on their way.
    took = time.monotonic() - began
    assert took >= (30 - 2) / 10, f"30 requests in {took:.2f} s"


def test_failures_back_off(case):
    case.start_stub("--fail", "500=100")
    case.write_conf(["EUR"], refresh="1h")
    case.start(wait=False)
    wait_until("three attempts",
               lambda: case.stub.json("/stats")["total"] >= 3)
    total = case.stub.json("/stats")["total"]
    assert total < 20, f"{total} requests: a tight loop"
    case.stub.control("fail=")
    equal(case.ctl("wait", "--timeout", "20s").returncode, 0, "it comes back")


def test_the_second_source_steps_in(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    text = case.conf.read_text().replace(
        'sources = {"stub"}', 'sources = {"dead", "stub"}')
    case.conf.write_text(
        text + 'source "dead" { url = "http://127.0.0.1:9/{base}" }\n')
    case.start()
    row = case.rows()["EUR"]
    equal((row["source"], row["error"]), ("stub", None))


def test_a_blocked_source_is_passed_over(case):
    case.start_stub("--fail", "429=100", "--retry-after", 900)
    other = Stub(case.directory, name="port2")
    case.started.append(other.process)
    case.write_conf(refresh="1h", workers=1, concurrency=1)
    case.conf.write_text(case.conf.read_text().replace(
        'sources = {"stub"}', 'sources = {"stub", "other"}')
        + f'source "other" {{ url = "{other.url()}" }}\n')
    case.start()
    equal({row["source"] for row in case.rows().values()}, {"other"})
    equal(case.stub.json("/stats")["total"], 1, "requests while blocked")


def test_an_answer_of_the_base_alone_is_none(case):
    case.start_stub()
    case.write_conf(["EUR", "USD"], refresh="1h")
    case.start()
    before = case.rows()["EUR"]["rates"]
    case.conf.write_text(case.conf.read_text().replace(
        "base={base}", "base={base}&symbols={base}"))
    reload(case)
    equal(case.ctl("refresh", "EUR", "--wait").returncode, 1)
    equal(case.rows()["EUR"]["rates"], before)
    contains(case.rows()["EUR"]["error"], "none of the board's currencies")


def test_nobody_listens(case):
    case.write_conf(["EUR", "USD"], refresh="1h")
    case.start(wait=False)
    row = wait_until("the attempt shows",
                     lambda: case.board_file().exists()
                     and case.rows()["EUR"]["error"] and case.rows()["EUR"])
    contains(row["error"], "connect: ")
    equal((row["state"], row["rates"]["USD"]), ("empty", None))


run(globals())
