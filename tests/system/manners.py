"""What a source can ask of us: its rate, its quota, no repeated bytes, and
that its key is kept secret."""

import contextlib
import json
import os
import pathlib
import random
import re
import signal
import threading
import time
import urllib.parse

from harness import BOOK, children, contains, equal, run, wait_until
from scripted import Server, document, good, reload
from several import (await_source, begin_empty, error_of, failing, refresh,
                     section, write_chain)

# --- rate-limit --------------------------------------------------------------

RATE, BURST, SECONDS = 10, 5, 10
SEED = int(os.environ.get("RATESD_MANNERS_SEED", "1"))


class Pulse:
    """How late a thread of the server's process comes that wants to run each
    10 ms: by so much the times of requests can be wrong."""

    def __init__(self):
        self.longest = self.lost = 0.0  # seconds
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.beat, daemon=True)

    def beat(self):
        before = time.monotonic()
        while not self.ended.wait(0.01):
            now = time.monotonic()
            late = now - before - 0.01
            before = now
            self.longest = max(self.longest, late)
            self.lost += late if late > 0.1 else 0

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def most_in_a_second(times):
    most = first = 0
    for last, when in enumerate(times):
        while times[first] <= when - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def test_a_rate_limit_holds_and_is_used_while_workers_die(case):
    codes = [f"X{a}{b}" for a in "ABCDEFGH" for b in "STUVWXYZ"]
    dice = random.Random(SEED)
    with Server(codes) as server, Pulse() as pulse:
        write_chain(case, [section("slow", server.url(),
                                   rate_limit=f"{RATE}/s", burst=BURST)],
                    currencies=codes, refresh="100ms", concurrency=16)
        begin_empty(case)
        wait_until("the first request", lambda: server.requests)
        begin = server.requests[0][0]
        deaths = 0
        while time.monotonic() < begin + SECONDS:
            time.sleep(dice.uniform(0.2, 0.8))
            workers = list(case.workers().values())
            if workers:
                # One that has just ended may be listed yet.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(dice.choice(workers), signal.SIGKILL)
                    deaths += 1
        times = sorted(when for when, _ in list(server.requests))
    span = times[-1] - begin
    most = most_in_a_second(times)
    print(f"# {len(times)} requests in {span:.2f} s, {most} in the busiest"
          f" second, {deaths} deaths, {1000 * pulse.longest:.0f} ms late,"
          f" RATESD_MANNERS_SEED={SEED}")
    late = RATE * pulse.longest
    assert deaths > 5, deaths
    assert most <= RATE + BURST + late, f"{most} requests within a second"
    # A pause saves up no more than the burst.
    assert len(times) <= RATE * span + BURST + late, len(times)
    assert len(times) >= 0.95 * RATE * (span - pulse.lost), len(times)


# --- quota -------------------------------------------------------------------


def used_up(case):
    return [row for row in case.rows().values()
            if (row["error"] or "").startswith("quota: ")]


def test_a_quota_outlives_daemon_and_board(case):
    with Server(BOOK) as server:
        write_chain(case, [section("dear", server.url(), quota=3)])
        begin_empty(case)
        wait_until("the quota is used up", lambda: len(used_up(case)) == 2)
        for row in used_up(case):
            contains(row["error"], "quota of 3 requests is used up")
        refresh(case, status=1)
        reload(case)
        refresh(case, status=1)
        equal(len(server.requests), 3, "requests")
        filled = [row["base"] for row in case.rows().values()
                  if row["version"]]
        equal(len(filled), 3, "rows that have numbers")

        equal(case.stop(), 0)
        begin_empty(case)
        refresh(case, status=1)
        equal(len(server.requests), 3, "requests after a restart")

        equal(case.stop(), 0)
        case.board_file().unlink()
        begin_empty(case)
        refresh(case, status=1)
        equal(len(server.requests), 3, "requests with the saved board")
        equal([row["base"] for row in case.rows().values()
               if row["version"]], filled)

        case.daemon.kill()
        case.daemon.wait()
        begin_empty(case)
        refresh(case, status=1)
        equal(len(server.requests), 3, "requests after a crash")


def test_without_quota_the_next_source_serves(case):
    with Server(BOOK) as dear, Server(BOOK) as free:
        write_chain(case, [section("dear", dear.url(), quota=3),
                           section("free", free.url())])
        case.start()
        for _ in range(2):
            refresh(case)
        equal(len(dear.requests), 3, "requests")
        await_source(case, "free")


# --- conditional requests ----------------------------------------------------


def header(head, name):
    found = re.search(rf"^{name}: (.*?)\r$", head, re.IGNORECASE | re.M)
    return found and found[1]


def await_later_fetch(case, before):
    """All rows fetched anew; their times have whole seconds."""
    def later():
        return all(row["fetched"] > before[base]["fetched"]
                   for base, row in case.rows().items())
    wait_until("all rows are fetched again", later)
    return case.rows()


def check_unchanged(case, before):
    after = await_later_fetch(case, before)
    for base, row in after.items():
        equal(row["error"], None, base)
        equal(row["state"], "fresh", base)
        for key in ("changed", "rates", "source", "published"):
            equal(row[key], before[base][key], f"{base} {key}")
    return after


def test_what_has_not_changed_is_not_sent_again(case):
    with Server(BOOK) as server:
        tag, modified = '"v1"', "Mon, 13 Apr 2026 14:00:00 GMT"
        answers = {200: 0, 304: 0}

        def conditional(exchange):
            lines = [f"ETag: {tag}", f"Last-Modified: {modified}"]
            if header(exchange.request, "If-None-Match") == tag:
                answers[304] += 1
                exchange.head(*lines, status="304 Not Modified")
                return True
            answers[200] += 1
            return exchange.reply(*lines)

        server.default = conditional
        write_chain(case, [section("polite", server.url())], refresh="1s",
                    stale_after="60s")
        case.start()
        after = check_unchanged(case, case.rows())
        check_unchanged(case, after)
        equal(answers[200], len(BOOK), "answers with numbers")
        assert answers[304] >= 2 * len(BOOK), answers
        asked = [head for head in server.heads if header(
            head, "If-None-Match")]
        equal({header(head, "If-None-Match") for head in asked}, {tag})
        equal({header(head, "If-Modified-Since") for head in asked},
              {modified})
        # New bytes have a new tag, which is the one that is asked with then.
        tag = '"v2"'
        wait_until("they come", lambda: answers[200] == 2 * len(BOOK))
        count = answers[304]
        wait_until("the new tag is used", lambda: answers[304] > count)
        equal({row["error"] for row in case.rows().values()}, {None})


def test_the_same_bytes_are_no_change(case):
    with Server(BOOK) as server:
        write_chain(case, [section("plain", server.url())], refresh="1s",
                    stale_after="60s")
        case.start()
        check_unchanged(case, case.rows())
        equal([head for head in server.heads
               if header(head, "If-None-Match")], [])
        # And other numbers are one.
        before = case.rows()
        server.default = lambda exchange: exchange.reply(
            body=document(exchange.base, BOOK).replace(b": 1,", b": 1.0,"))
        await_later_fetch(case, before)
        server.codes = [*BOOK[1:], BOOK[0]]
        server.default = good
        wait_until("other numbers", lambda: all(
            row["rates"] != before[base]["rates"] and
            row["changed"] > before[base]["changed"]
            for base, row in case.rows().items()))


# --- keys --------------------------------------------------------------------

# What has to be escaped in a URL, in JSON and in a shell.
KEY = 'k3y+Se/cret=%41&"\\<~q>'
WAYS = {
    "query": ("query api_key", "/rates?base={base}"),
    "header": ("header X-Api-Key", "/rates?base={base}"),
    "bearer": ("bearer", "/rates?base={base}"),
    "token": ("token", "/rates?base={base}"),
    "path": ("path", "/{key}/rates?base={base}"),
}
ESCAPED = urllib.parse.quote(KEY, safe="")


def key_came(way, head):
    line = head.split("\r\n", 1)[0]
    return {"query": f"api_key={ESCAPED}" in line,
            "header": header(head, "X-Api-Key") == KEY,
            "bearer": header(head, "Authorization") == f"Bearer {KEY}",
            "token": header(head, "Authorization") == f"Token {KEY}",
            "path": line.startswith(f"GET /{ESCAPED}/rates?")}[way]


def telling(exchange):
    """An error that repeats all that it was sent, and the key in many ways."""
    text = f"bad key {KEY} {ESCAPED} {exchange.path}"
    return exchange.reply(status="422 No", body=json.dumps(
        {"message": text}).encode())


def leading_on(exchange):
    return exchange.reply(f"Location: http://127.0.0.1:9/?k={ESCAPED}",
                          status="302 Found")


def half_known(length):
    """Cut amid the key, where the text of an error ends."""
    def script(exchange):
        return exchange.reply(status="422 No", body=json.dumps(
            {"message": "x" * length + KEY}).encode())
    return script


def key_parts():
    return {KEY.encode(), ESCAPED.encode(), json.dumps(KEY)[1:-1].encode(),
            KEY[:8].encode(), KEY[-8:].encode()}


def check_secret(case, what, text):
    for part in key_parts():
        assert part not in text, f"{part!r} of the key is in {what}"


def tree(pid):
    return [pid, *(child for worker in children(pid)
                   for child in tree(worker))]


def check_no_key_is_out(case):
    check_secret(case, "the log", case.log.read_bytes())
    for pid in tree(case.daemon.pid):
        for name in ("cmdline", "environ"):
            try:
                text = pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                assert pid != case.daemon.pid
                continue  # who saved the board has ended
            check_secret(case, f"{name} of {pid}", text)
    for command in ("show", "status"):
        for form in ("table", "json"):
            asked = case.ctl(command, "--format", form)
            equal(asked.returncode, 0, asked.stderr)
            check_secret(case, f"{command} {form}",
                         (asked.stdout + asked.stderr).encode())
    # Everybody may read it.
    check_secret(case, "the board", case.board_file().read_bytes())


def write_keyed(case, server, way):
    auth, path = WAYS[way]
    key = case.directory / "key"
    key.write_text(KEY + "\n")
    key.chmod(0o600)
    write_chain(case, [section("keyed", server.url(path),
                               'errors = {"/message"}', auth=auth,
                               credential=key)], currencies=["EUR", "USD"])


def check_way(case, server, way, length):
    write_keyed(case, server, way)
    for script, part in ((telling, "bad key"), (leading_on, "302"),
                         (half_known(length), "xxxx"),
                         (half_known(length + 4), "xxxx")):
        reload(case)  # lest the breaker closes
        server.default = script
        asked = refresh(case, "EUR", status=1)
        error_of(case, "EUR", part)
        check_secret(case, "what refresh says", asked.stderr.encode())
        check_no_key_is_out(case)
    server.default = good
    reload(case)
    count = len(server.heads)
    refresh(case)
    for head in server.heads[count:]:
        assert key_came(way, head), f"{way}: {head!r}"
        equal(head.count(KEY) + head.count(ESCAPED), 1, f"{way}: keys")


def test_a_key_goes_to_its_source_and_nowhere_else(case):
    with Server(["EUR", "USD"]) as server:
        write_keyed(case, server, "query")
        case.start()
        for length, way in zip(range(90, 130, 8), WAYS, strict=True):
            print("#", way)
            check_way(case, server, way, length)
        equal(case.stop(), 0)
        check_secret(case, "the log", case.log.read_bytes())
        for path in (case.directory / "state").iterdir():
            check_secret(case, path.name, path.read_bytes())


def test_a_key_is_not_in_what_a_check_says(case):
    with Server(BOOK) as server:
        write_keyed(case, server, "header")
        key = case.directory / "key"
        for text, mode in ((KEY + " more\n", 0o600), (KEY, 0o644),
                           (KEY * 20, 0o600), (KEY + "\n", 0o600)):
            key.write_text(text)
            key.chmod(mode)
            checked = case.run("-t")
            equal(checked.returncode == 0, (text, mode) == (KEY + "\n", 0o600),
                  f"{text!r} {mode:o} {checked.stderr}")
            check_secret(case, "ratesd -t",
                         (checked.stdout + checked.stderr).encode())
        equal(len(server.requests), 0)


def test_another_source_does_not_get_the_key(case):
    with Server(["EUR", "USD"]) as keyed, Server(["EUR", "USD"]) as other:
        write_keyed(case, keyed, "bearer")
        key = case.directory / "key"
        keyed.default = failing("401 Unauthorized")
        write_chain(case, [section("keyed", keyed.url(), auth="bearer",
                                   credential=key),
                           section("other", other.url())],
                    currencies=["EUR", "USD"])
        case.start()
        await_source(case, "other")
        assert all(KEY in head for head in keyed.heads)
        assert other.heads
        for head in other.heads:
            check_secret(case, "a request to another source", head.encode())
            equal(header(head, "Authorization"), None)


run(globals())
