"""ratesctl metrics: its format, its counts, its file."""

import fcntl
import os
import signal
import struct
import subprocess
import threading
import time

from exposition import Wrong, lint, promtool, read, table
from harness import (BOOK, Skip, clean_environment, contains, equal, run,
                     wait_until)
from perfdata import Output
from scripted import Publication, Server, begin
from several import (begin_empty, failing, refused_url, section,
                     write_chain)
from words import SIZES, SOURCE_SIZE, Words

FETCHES = "ratesd_provider_fetches_total"
FAILURES = "ratesd_provider_fetch_failures_total"
DURATION = "ratesd_provider_fetch_duration_seconds"
REJECTED = "ratesd_rejected_rates_total"


def text_of(case, *arguments, status=0):
    got = case.ctl("metrics", *arguments)
    equal(got.returncode, status, f"metrics: {got.stderr}")
    return got.stdout


def metrics(case, *arguments, status=0):
    return read(text_of(case, *arguments, status=status), case.instance)


def fill(case, **keys):
    case.start_stub()
    case.write_conf(refresh="1h", **keys)
    case.start()


def settled(case):
    """The last attempt of each row was good: none is asked for again."""
    def all_good():
        status = case.status()
        return not any(row["error"] for row in case.rows().values()) and \
            case.stub.json("/stats")["in_flight"] == 0 and \
            status["queue"]["depth"] == 0 and \
            not any(w["jobs"] for w in status["workers"])

    # Many failures in a row close a source for up to a minute.
    wait_until("all is answered", all_good, timeout=90)


def reason(case, name, which, provider="stub"):
    return metrics(case)[name].get(provider=provider, reason=which)


def test_the_format_refuses_what_is_wrong(case):
    head = "# HELP a b\n# TYPE a gauge\n"
    for text in ("a 1\n", head + "a 1", head + "b 1\n", head + 'a{x="1} 1\n',
                 head + "a 1 1700000000000\n", head + "a 1\na 2\n", head,
                 head + "a NaN\n", head + 'a{x="1",} 1\n',
                 head + 'a{x="\\q"} 1\n', head + "a 1\n" + head + "a 2\n",
                 "# HELP a_total b\n# TYPE a_total gauge\na_total 1\n"):
        try:
            read(text)
        except Wrong:
            continue
        raise AssertionError(f"{text!r} was read")
    equal(read(head + 'a{x="\\"\\\\\\n"} 1\n')["a"].get(x='"\\\n'), 1)


def test_a_filled_board_has_all_of_the_table(case):
    fill(case, source="quota = 100")
    got = metrics(case, "--rates", "EUR/USD,PLN/CZK,EUR/XTS,EUR/USD")
    wanted = table()
    equal(list(got), list(wanted), "names, in the table's order")
    for name, metric in got.items():
        kind, labels, told = wanted[name]
        equal((metric.type, metric.help), (kind, told), name)
        equal({tuple(key for key, _ in of if key != "le")
               for _, of in metric.samples}, {tuple(sorted(labels))}, name)
    rows = case.rows()
    rate = got["ratesd_rate"]
    equal(len(rate.samples), 2)
    equal(rate.get(base="PLN", quote="CZK"), rows["PLN"]["rates"]["CZK"])
    equal(got["ratesd_up"].get(), 1)
    equal(got["ratesd_rows"].get(state="fresh"), 5)
    equal(got["ratesd_workers"].sum(), 4)
    equal((got["ratesd_provider_quota_remaining"].get(
        provider="stub", window="month"), got[FETCHES].sum()), (95, 5))
    assert "ratesd_rate" not in metrics(case), "rates nobody asked for"


def test_promtool_finds_nothing_wrong(case):
    promtool()
    outputs = [text_of(case)]
    write_chain(case, [section("none", refused_url())])
    begin_empty(case)
    outputs.append(text_of(case, "--rates", "EUR/USD"))
    case.stop()
    fill(case, source="quota = 100")
    outputs.append(text_of(case, "--rates", "EUR/USD,USD/PLN"))
    case.stop(signal.SIGKILL)
    outputs.append(text_of(case))
    for text in outputs:
        lint(text)


def test_counts_are_those_of_the_stub(case):
    fill(case, workers=8)
    case.stub.control("fail=500:6&fail=garbage:6&fail=cut:6&fail=badbase:6"
                      "&fail=negative:6&seed=7")

    def ask():
        for _ in range(6):
            case.ctl("refresh", "--wait")

    # Rows of many workers, and askers of the same rows, at once.
    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    case.stub.control("fail=")  # or what failed is asked for again meanwhile
    settled(case)
    stats, got = case.stub.json("/stats"), metrics(case)
    kinds = stats["kinds"]
    assert stats["total"] > 20 and kinds["500"] > 0, stats
    equal(got[FETCHES].get(provider="stub"), stats["total"])
    equal(got[DURATION].get("_count", provider="stub"), stats["total"])
    failures = {name: got[FAILURES].get(provider="stub", reason=name)
                for name in ("http", "document", "transfer", "base", "value")}
    equal(failures, {"http": kinds.get("500", 0),
                     "document": kinds.get("garbage", 0),
                     "transfer": kinds.get("cut", 0),
                     "base": kinds.get("badbase", 0),
                     "value": kinds.get("negative", 0)})
    equal(got[FAILURES].sum(), sum(failures.values()))
    for name in ("base", "value"):
        equal(got[REJECTED].get(provider="stub", reason=name), failures[name])
    equal(got["ratesd_row_attempts_total"].sum(),
          got["ratesd_jobs_done_total"].get() +
          got["ratesd_jobs_failed_total"].get())


def test_a_time_has_its_bucket(case):
    fill(case)
    before = metrics(case)[DURATION]
    case.stub.control("latency=300")
    equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
    after = metrics(case)[DURATION]

    def more(suffix, **labels):
        return after.get(suffix, provider="stub", **labels) - \
            before.get(suffix, provider="stub", **labels)

    equal((more("_bucket", le="0.25"), more("_bucket", le="+Inf"),
           more("_count")), (0, 1, 1))
    assert more("_sum") >= 0.3, more("_sum")


def test_what_is_not_let_in_is_counted(case):
    publication = Publication("2024-04-16")
    with Server(BOOK, default=publication) as server:
        begin(case, server)
        equal(metrics(case)[REJECTED].sum(), 0)
        publication.jumps["EUR", "USD"] = 80
        case.ctl("refresh", "EUR", "--wait")
        equal(reason(case, REJECTED, "held"), 1)
        equal(metrics(case)["ratesd_row_held"].get(base="EUR"), 1)
        equal(metrics(case)["ratesd_row_held"].sum(), 1)
        publication.jumps.clear()
        publication.day = "2024-04-12"
        case.ctl("refresh", "USD", "--wait")
        equal((reason(case, REJECTED, "date"), reason(case, FAILURES, "date"),
               reason(case, FAILURES, "held")), (1, 1, 1))


def test_a_mirror_is_a_request_of_its_own(case):
    with Server(BOOK, default=failing("500 Broken")) as broken, \
            Server(BOOK) as good:
        name, text = section("stub", broken.url(),
                             f'mirrors = {{"{good.url()}"}}')
        write_chain(case, [(name, text)])
        case.start()
        got = metrics(case)
        asked = len(broken.requests) + len(good.requests)
        equal((got[FETCHES].sum(), got[DURATION].get(
            "_count", provider="stub")), (asked, asked))
        equal(reason(case, FAILURES, "http"), len(broken.requests))


def test_counts_go_on_over_restarts(case):
    def counts():
        got = metrics(case)
        return (got[FETCHES].sum(),
                got[DURATION].get("_count", provider="stub"),
                got[FAILURES].get(provider="stub", reason="http"))

    fill(case)
    case.stub.control("fail=500:100")
    case.ctl("refresh", "--wait")
    case.stub.control("fail=")
    settled(case)
    before, stats = counts(), case.stub.json("/stats")
    assert stats["kinds"]["500"] >= 5, stats
    equal(before, (stats["total"], stats["total"], stats["kinds"]["500"]))
    equal(case.stop(), 0)
    case.board_file().unlink()  # as after a boot: what is saved is left
    case.start()
    equal(counts(), before)


def test_a_worker_that_is_killed_loses_a_count_at_most(case):
    fill(case)
    for _ in range(5):
        case.stub.control("hold=1")
        case.ctl("refresh", "EUR")
        wait_until("it is asked", lambda: case.stub.json("/stats")["held"])
        busy = [w["pid"] for w in case.status()["workers"] if w["jobs"]]
        for pid in busy:
            os.kill(pid, signal.SIGKILL)
        case.stub.control("hold=0")
        wait_until("it is done", lambda: len(case.workers()) == 4 and not any(
            w["jobs"] for w in case.status()["workers"]))
    got, total = metrics(case), case.stub.json("/stats")["total"]
    equal(got[FETCHES].sum(), total)
    ended = got[DURATION].get("_count", provider="stub")
    assert total - 10 <= ended < total, (ended, total)


def test_the_default_instance_has_no_label(case):
    case.instance = "default"
    if case.board_file().exists():
        raise Skip("somebody's own ratesd runs here")
    equal(read(text_of(case))["ratesd_up"].get(), 0)


def test_without_a_board_it_is_down(case):
    got = metrics(case, "--rates", "EUR/USD")
    equal(sorted(got), ["ratesd_board_readable", "ratesd_build_info",
                        "ratesd_up"])
    equal((got["ratesd_up"].get(), got["ratesd_board_readable"].get()), (0, 0))
    case.board_file().write_bytes(b"nothing of ours" * 100)
    got = metrics(case, status=1)
    case.board_file().unlink()
    equal(got["ratesd_up"].get(), 0)


def test_a_dead_daemon_and_empty_rows(case):
    fill(case)
    case.stop(signal.SIGKILL)
    wait_until("it beats no more",
               lambda: metrics(case)["ratesd_up"].get() == 0)
    got = metrics(case, "--rates", "EUR/USD")
    equal((got["ratesd_board_readable"].get(),
           got["ratesd_row_current"].sum()), (1, 5))
    equal(got["ratesd_workers"].get(state="empty"), 4)
    equal(got["ratesd_sandboxed_workers"].sum(), 0)
    assert "ratesd_start_timestamp_seconds" not in got
    case.run("--purge")
    write_chain(case, [section("none", refused_url())])
    begin_empty(case)
    got = wait_until("each was tried", lambda: [
        m for m in [metrics(case, "--rates", "EUR/USD")]
        if m["ratesd_row_failures"].sum() >= 5])[0]
    equal((got["ratesd_rows"].get(state="empty"),
           got["ratesd_row_fetched_timestamp_seconds"].sum(),
           got["ratesd_row_currencies"].sum()), (5, 0, 0))
    assert "ratesd_rate" not in got
    assert "ratesd_row_published_timestamp_seconds" not in got


def test_a_stale_rate_is_not_told(case):
    case.start_stub()
    case.write_conf(refresh="1s", **{"stale-after": "2s"})
    case.start()
    wait_until("it is told", lambda: "ratesd_rate" in
               metrics(case, "--rates", "EUR/USD"))
    case.stub.control("fail=500:100")

    def all_stale():
        """Unless what was under way has come meanwhile."""
        got = metrics(case, "--rates", "EUR/USD")
        return got["ratesd_rows"].get(state="stale") == 5 and got

    got = wait_until("all is stale", all_stale)
    assert "ratesd_rate" not in got, "a number that is silently old"
    equal(got["ratesd_row_current"].sum(), 0)


def test_hostile_names_are_escaped(case):
    write_chain(case, [section("none", refused_url()),
                       section("other", refused_url())])
    begin_empty(case)
    case.stop()
    at = Words(case).sources_at
    for names in ((b'a"b\\c{}=', b"d'e f|g;"), (b"same", b"same"),
                  (b'\n# TYPE x', b"\xff\x01\x7f"), (b"'" * 31, b"\\" * 31)):
        with case.board_file().open("r+b") as board:
            for i, name in enumerate(names):
                board.seek(at + SOURCE_SIZE * i)
                board.write(name.ljust(SIZES["BOARD_SOURCE_MAX"], b"\0"))
        text = text_of(case)
        got = read(text, case.instance)[FETCHES]
        equal(len(got.samples), len(set(names)))
        if names[0][:1] == b"a":
            equal(got.get(provider='a"b\\c{}='), got.get(provider="d'e f|g;"))
        try:
            lint(text)
        except Skip:
            pass
        data = Output(case.ctl("check", "--mode", "source")).data
        equal(len(data), 1 + 2 * len(names) - 2 * (names[0] == names[1]))


def test_hostile_numbers_are_none(case):
    fill(case)
    case.stop()
    at = Words(case).sources_at
    with case.board_file().open("r+b") as board:
        board.seek(at + 320)
        board.write(struct.pack("=Q", 2**64 - 1) * 80)
    metrics(case)
    text = case.ctl("check", "--mode", "source")
    Output(text)


def test_a_file_is_replaced_whole_or_not_at_all(case):
    path = case.directory / "ratesd.prom"
    equal(text_of(case, "--textfile", path), "")
    equal(read(path.read_text(), case.instance)["ratesd_up"].get(), 0)
    fill(case)
    os.umask(0o077)
    equal(text_of(case, "--textfile", path, "--rates", "EUR/USD"), "")
    equal(path.stat().st_mode & 0o7777, 0o644)
    old = path.read_bytes()
    got = read(old.decode(), case.instance)
    equal((got["ratesd_up"].get(), len(got["ratesd_rate"].samples)), (1, 1))
    equal([p.name for p in case.directory.iterdir() if "prom" in p.name],
          ["ratesd.prom"], "what is left beside it")
    inode = path.stat().st_ino
    # Somebody else is in the middle of it.
    lock = os.open(case.directory, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    told = case.ctl("metrics", "--textfile", path)
    os.close(lock)
    equal((told.returncode, path.read_bytes() == old, path.stat().st_ino),
          (1, True, inode))
    contains(told.stderr, "somebody else")
    # Only a file is replaced: not what a device, say, is known by.
    link, pipe = case.directory / "link.prom", case.directory / "pipe.prom"
    link.symlink_to(path)
    os.mkfifo(pipe)
    for name in (link, pipe, case.directory):
        told = case.ctl("metrics", "--textfile", name)
        equal((told.returncode, path.read_bytes() == old), (1, True), name)
        contains(told.stderr, "no regular file")
    assert link.is_symlink() and pipe.is_fifo(), "they stay"
    # No place for the new one.
    (case.directory / "ratesd.prom.new").mkdir()
    told = case.ctl("metrics", "--textfile", path)
    equal((told.returncode, path.read_bytes() == old), (1, True))
    equal(case.ctl("metrics", "--textfile",
                   case.directory / "nowhere/x.prom").returncode, 1)
    assert not (case.directory / "nowhere").exists()


def test_those_that_come_at_once_wait_for_each_other(case):
    paths = [case.directory / f"{i % 4}.prom" for i in range(12)]
    lock = os.open(case.directory, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    running = [subprocess.Popen(
        case.ctl_arguments("-q", "metrics", "--textfile", path),
        env=clean_environment()) for path in paths]
    time.sleep(0.3)
    equal([process.poll() for process in running], [None] * 12, "they wait")
    os.close(lock)
    equal([process.wait(timeout=60) for process in running], [0] * 12)
    for path in paths:
        equal(read(path.read_text(), case.instance)["ratesd_up"].get(), 0)


def test_wrong_usage(case):
    for arguments in (("--rates", "EUR"), ("--rates", ""), ("--rates", "EUR/"),
                      ("--rates", "EUR/USD,"), ("--rates", "/USD"),
                      ("--rates", "EUR/USD/PLN"), ("--rates", "eur/usd"),
                      ("--textfile", ""), ("EUR",), ("-f", "json")):
        equal(case.ctl("metrics", *arguments).returncode, 2, str(arguments))
    told = case.ctl("metrics", "-q")
    equal((told.returncode, told.stderr), (0, ""))


run(globals())
