"""When a source may be asked again, and whose its answer is."""

import contextlib
import os
import random
import signal
import struct
import time

from harness import BOOK, contains, equal, run, wait_until
from scripted import SHORT, Server, begin, good, http_date, tagged


# --- Retry-After -----------------------------------------------------------


class Source:
    """The board's words for the source, read where the workers keep them."""

    def __init__(self, case, name="stub"):
        self.path = case.board_file()
        # Sources stand before all rows, so the first such name is theirs.
        text = name.encode().ljust(32, b"\0")
        board = self.path.read_bytes()
        self.at = board.index(text)
        while self.at % 8:
            self.at = board.index(text, self.at + 1)
        # Its terms and when it publishes, then arrival and not_before.
        self.at += len(text) + 192 + 96 + 8

    def blocked(self):
        """For how many seconds from now; negative: no more."""
        with self.path.open("rb") as board:
            word = os.pread(board.fileno(), 8, self.at)
        return struct.unpack("=q", word)[0] / 1e9 \
            - time.clock_gettime(time.CLOCK_BOOTTIME)

    def free(self, case):
        """No more, and whoever waits for it looks again."""
        with self.path.open("rb+") as board:
            os.pwrite(board.fileno(), bytes(8), self.at)
        count = case.log.read_text().count("ready: ")
        case.daemon.send_signal(signal.SIGHUP)
        wait_until("it is reloaded", lambda: case.log.read_text().count(
            "ready: ") > count)


# The header, at least and at most how many seconds it asks for.
ASKED = {
    "100": (100, 100),
    " 100 ": (100, 100),
    "0": (1, 1),
    "1": (1, 1),
    "3600": (3600, 3600),
    "3601": (3600, 3600),
    "99999999999": (3600, 3600),
    "9" * 30: (1, 3600),  # to libcurl no number
    "-1": (1, 1),
    "-99999999999": (1, 1),
    "": (1, 1),
    "soon": (1, 1),
    "0x100": (1, 1),
    "\xff\xfe": (1, 1),
    "x" * 5000: (1, 1),
    "date +100": (98, 100),
    "date +86400": (3600, 3600),
    "date -100": (1, 1),
    "Thu, 01 Jan 1970 00:00:00 GMT": (1, 1),
    "Fri, 31 Dec 9999 23:59:59 GMT": (3600, 3600),
    "Mon, 32 Foo 2020 99:99:99 XYZ": (1, 1),
}


def retry_after(status, value):
    def script(exchange):
        text = value
        if text.startswith("date "):
            text = http_date(int(text[5:]))
        return exchange.reply(f"Retry-After: {text}", status=status)
    return script


def check_block(case, server, source, value, least, most):
    server.bad["EUR"] = retry_after("429 Too Many", value)
    before = len(server.asked("EUR"))
    asked = case.ctl("refresh", "EUR", "--wait")
    equal(asked.returncode, 1)
    contains(asked.stderr, "throttled: status 429")
    answered = server.asked("EUR")[before]
    left = source.blocked()
    spent = time.monotonic() - answered
    # From the answer on; by at most a tenth later.
    assert left + spent >= least, f"{left} s after {spent} s"
    assert left <= most * 1.1, f"{left} s"
    server.bad.clear()
    source.free(case)
    equal(case.ctl("refresh", "--wait").returncode, 0, "once it is free")


def test_every_retry_after_blocks_for_what_it_says(case):
    with Server(BOOK) as server:
        begin(case, server, workers=1)
        source = Source(case)
        for value, (least, most) in ASKED.items():
            print(f"# {value[:40]!r}")
            check_block(case, server, source, value, least, most)


def test_which_answers_block_a_source(case):
    with Server(BOOK) as server:
        begin(case, server, workers=1)
        source = Source(case)
        for status, header, why, blocks in (
                ("429 Too Many", "X: y", "throttled: status 429", 1),
                ("503 Away", "Retry-After: 50", "throttled: status 503", 50),
                ("503 Away", "Retry-After: x", "throttled: status 503", 1),
                ("503 Away", "X: y", "http: status 503", 0),
                ("500 Oops", "Retry-After: 50", "http: status 500", 0),
                ("302 Found", "Retry-After: 50", "http: status 302", 0)):
            before = len(server.asked("EUR"))
            server.bad["EUR"] = lambda exchange, s=status, h=header: \
                exchange.reply(h, status=s)
            equal(case.ctl("refresh", "EUR", "--wait").returncode, 1)
            left = source.blocked()
            spent = time.monotonic() - server.asked("EUR")[before]
            contains(case.rows()["EUR"]["error"], why)
            if blocks:
                assert left + spent >= blocks, (status, header, left, spent)
            else:
                assert left < 0, (status, header, left)
            server.bad.clear()
            source.free(case)
            equal(case.ctl("refresh", "--wait").returncode, 0)


def check_pause(case, server, value, least):
    """Nobody asks before the time that was told, and somebody after it."""
    server.bad["EUR"] = retry_after("429 Too Many", value)
    equal(case.ctl("refresh", "EUR", "--wait").returncode, 1)
    told = server.asked("EUR")[-1]
    count = len(server.requests)
    server.bad.clear()
    equal(case.ctl("refresh", "--wait", "--timeout", "20s").returncode, 0)
    after = [when for when, _ in server.requests[count:]]
    assert len(after) >= len(BOOK), after
    assert min(after) >= told + least, \
        f"{min(after) - told} s after {value!r}"


def test_no_worker_asks_before_the_time_that_was_told(case):
    with Server(BOOK) as server:
        begin(case, server, workers=4)
        check_pause(case, server, "2", 2)
        check_pause(case, server, "date +4", 3)
        # Of what is past, negative or no time at all a second is left.
        for value in ("date -100", "-5", "soon", "0"):
            check_pause(case, server, value, 1)


# --- whose answer ----------------------------------------------------------


def hurried(exchange):
    """Good answers late and early, on connections that come and go."""
    dice = random.random()
    if dice < 0.5:
        time.sleep(dice * 0.1)
    if dice > 0.9:
        exchange.reset()
        return False
    exchange.reply()
    return dice < 0.8


def thirty_codes():
    return [f"X{a}{b}" for a in "ABCDE" for b in "UVWXYZ"]


def check_matrix(case, codes):
    """How many rows have numbers, each of them its own."""
    count = 0
    for base, row in case.rows().items():
        if row["version"]:
            equal(row["rates"], tagged(base, codes), base)
            count += 1
    return count


def test_no_row_ever_has_another_ones_answer(case):
    codes = thirty_codes()
    with Server(codes, default=hurried) as server:
        case.stub = server
        case.write_conf(codes, refresh="500ms", concurrency=16, workers=4,
                        **SHORT)
        case.start(wait=False)
        wait_until("the daemon feeds the board", case.feeds)
        end = time.monotonic() + 5
        kills = 0
        while time.monotonic() < end or kills < 5:
            case.ctl("refresh", "--timeout", "1s")
            check_matrix(case, codes)
            victim = case.workers().get(kills % 4)
            if victim:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                    kills += 1
        wait_until("all rows have numbers",
                   lambda: check_matrix(case, codes) == len(codes))
        print(f"# {len(server.requests)} requests, {server.connections} "
              f"connections, {kills} kills")
        assert len(server.requests) > 2 * len(codes)
        # Of another base's answer the document is the second wall.
        assert not case.logged("from stub: base: "), "one came so far"
        server.default = good
        equal(case.ctl("refresh", "--wait").returncode, 0)


run(globals())
